//! Which stores to branch on.
//!
//! In a state in which every load that could be performed has decided, only stores, SCs and AMOs go
//! on. Not every order of theirs matters: a *stubborn set* (Valmari) contains a store that can be
//! performed, everything that does not commute with it, and for each member that cannot be performed
//! yet something that must come first. Branching on its performable members alone reaches every
//! final state that branching on all would.
//!
//! Two operations of different harts do not commute when both access a common byte and one writes
//! it, unless the other is a load that sleeps (it has decided to wait for just such a store; but a load
//! of more bytes than the store writes may also wake for the others), or both are stores to bytes that
//! nobody looks at any more. An SC also depends on the stores to the bytes
//! that its LR reserved. Ready stores of one hart commute: they write different bytes (rule 1).

use super::cells::CellSet;
use super::expr::{OpSet, members};
use super::machine::{ASLEEP, DONE, Machine, NODE};
use super::tree::End;
use crate::model::{AccessKind, Rule};

/// A store that can be performed: hart, place, cells.
pub(super) type Enabled = (usize, usize, CellSet);

/// Scratch of the closure: the members by hart, and those whose consequences are not drawn yet.
#[derive(Default, Debug)]
pub(super) struct Closure {
    members: Vec<OpSet>,
    forks: Vec<bool>,
    todo: Vec<(usize, usize)>,
    best: Vec<Enabled>,
}

impl Machine<'_> {
    /// The smallest stubborn set found, one tried for each of `enabled`.
    pub(super) fn stubborn<'c>(
        &self,
        state: &[u64],
        enabled: &[Enabled],
        closure: &'c mut Closure,
    ) -> &'c [Enabled] {
        let watched = self.watched_cells(state);
        closure.best.clear();
        closure.best.extend_from_slice(enabled);
        if !self.reductions.stubborn || !self.options.rules.contains(Rule::R1) {
            // Without rule 1 ready stores of one hart need not commute.
            return &closure.best;
        }
        for &seed in enabled {
            if closure.best.len() == 1 {
                break;
            }
            self.close(state, seed, enabled, watched, closure);
            let chosen = |e: &&Enabled| closure.members[e.0] >> e.1 & 1 != 0;
            if enabled.iter().filter(chosen).count() < closure.best.len() {
                let best: Vec<Enabled> = enabled.iter().filter(chosen).copied().collect();
                closure.best = best;
            }
        }
        &closure.best
    }

    /// Cells whose contents, or the order of the stores to which, may still be seen by someone.
    pub(super) fn watched_cells(&self, state: &[u64]) -> CellSet {
        let mut watched = self.observed_cells;
        for h in 0..self.harts.len() {
            let hart = &self.harts[h];
            let (node, facts) = hart.node(state[hart.base + NODE]);
            let done = state[hart.base + DONE];
            watched |= facts.reads_below;
            for place in members(facts.reads & !done) {
                watched |= self.possible_cells(state, h, place);
            }
            let pending = members(facts.conditionals & !done)
                .filter_map(|sc| hart.tree.op(node, sc).paired)
                .fold(facts.reserved_below, |lrs, lr| lrs | 1 << lr);
            for lr in members(pending) {
                watched |= self.possible_cells(state, h, lr);
            }
        }
        watched
    }

    fn close(
        &self,
        state: &[u64],
        seed: Enabled,
        enabled: &[Enabled],
        watched: CellSet,
        closure: &mut Closure,
    ) {
        closure.members.clear();
        closure.members.resize(self.harts.len(), 0);
        closure.forks.clear();
        closure.forks.resize(self.harts.len(), false);
        closure.todo.clear();
        closure.add(seed.0, seed.1);
        while let Some((h, place)) = closure.todo.pop() {
            match enabled.iter().find(|e| e.0 == h && e.1 == place) {
                Some(&(_, _, cells)) => {
                    self.add_conflicts(state, h, place, cells, watched, closure)
                }
                None => self.add_enabler(state, h, place, closure),
            }
        }
    }

    /// Everything of other harts that does not commute with a store to `cells`.
    fn add_conflicts(
        &self,
        state: &[u64],
        h: usize,
        place: usize,
        cells: CellSet,
        watched: CellSet,
        closure: &mut Closure,
    ) {
        let (op, _) = self.op(state, h, place);
        let mut seen = if op.kind == AccessKind::Amo { cells } else { cells & watched };
        if let Some(lr) = op.paired {
            seen |= self.possible_cells(state, h, lr as usize);
        }
        for other in (0..self.harts.len()).filter(|other| *other != h) {
            let hart = &self.harts[other];
            let (node, facts) = hart.node(state[hart.base + NODE]);
            let done = state[hart.base + DONE];
            let asleep = state[hart.base + ASLEEP];
            let reading = self.possible_readers(state, other, cells) & !done;
            for u in members(reading) {
                // A load that sleeps waits for just such a store; but one of more bytes than the
                // store writes may also wake for another.
                let touched = self.possible_cells(state, other, u);
                if asleep >> u & 1 == 0 || touched & !cells != 0 {
                    closure.add(other, u);
                }
            }
            for u in members(self.possible_writers(state, other, seen) & !done) {
                closure.add(other, u);
            }
            for u in members(facts.conditionals & !done) {
                let lr = hart.tree.op(node, u).paired;
                if lr.is_some_and(|lr| self.possible_cells(state, other, lr as usize) & cells != 0)
                {
                    closure.add(other, u);
                }
            }
            let reserved_below = members(facts.reserved_below)
                .any(|lr| self.possible_cells(state, other, lr) & cells != 0);
            if facts.reads_below & cells != 0 || facts.writes_below & seen != 0 || reserved_below {
                self.add_fork(state, other, closure);
            }
        }
    }

    /// Something that has to happen before an operation that cannot be performed now.
    fn add_enabler(&self, state: &[u64], h: usize, place: usize, closure: &mut Closure) {
        let hart = &self.harts[h];
        let done = state[hart.base + DONE];
        let (_, id) = self.op(state, h, place);
        if state[hart.base + ASLEEP] >> place & 1 != 0 {
            return self.add_writers(state, h, self.cells_of(state, h, place), closure);
        }
        let open = hart.before[id] & !done;
        if open != 0 {
            if open & closure.members[h] == 0 {
                closure.add(h, open.trailing_zeros() as usize);
            }
            return;
        }
        // It waits for what only the execution tells: forwarding, computed addresses, conditions. All
        // of that is about older operations of its hart.
        for p in members(!done & low(place)) {
            closure.add(h, p);
        }
    }

    /// Every operation of another hart that may write one of `cells`.
    fn add_writers(&self, state: &[u64], h: usize, cells: CellSet, closure: &mut Closure) {
        for other in (0..self.harts.len()).filter(|other| *other != h) {
            let hart = &self.harts[other];
            for u in members(self.possible_writers(state, other, cells) & !state[hart.base + DONE])
            {
                closure.add(other, u);
            }
            if self.facts(state, other).writes_below & cells != 0 {
                self.add_fork(state, other, closure);
            }
        }
        // A sleeping load also wakes when an older store's address becomes known.
        let (_, facts) = self.harts[h].node(state[self.harts[h].base + NODE]);
        for store in members(facts.computed & facts.writes & !state[self.harts[h].base + DONE]) {
            closure.add(h, store);
        }
    }

    /// The fork of a hart is decided by something on its path.
    fn add_fork(&self, state: &[u64], h: usize, closure: &mut Closure) {
        let hart = &self.harts[h];
        let (node, _) = hart.node(state[hart.base + NODE]);
        if closure.forks[h] || !matches!(node.end, End::Fork(_)) {
            return;
        }
        closure.forks[h] = true;
        for place in members(low(node.path.len()) & !state[hart.base + DONE]) {
            closure.add(h, place);
        }
    }
}

impl Closure {
    fn add(&mut self, h: usize, place: usize) {
        if self.members[h] >> place & 1 == 0 {
            self.members[h] |= 1 << place;
            self.todo.push((h, place));
        }
    }
}

/// All places below `count`.
fn low(count: usize) -> OpSet {
    if count >= 64 { OpSet::MAX } else { (1 << count) - 1 }
}
