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
//!
//! A store to a cell that holds one that has to be read first (see `silent`) waits for the loads of it.

use super::machine::Machine;
use super::set::Set;
use super::tree::End;
use crate::model::{AccessKind, Rule};

/// A store that can be performed: hart, place, cells.
pub(super) type Enabled<S> = (usize, usize, S);

/// Scratch of the closure: the members by hart, and those whose consequences are not drawn yet.
#[derive(Debug)]
pub(super) struct Closure<S> {
    members: Vec<S>,
    forks: Vec<bool>,
    todo: Vec<(usize, usize)>,
    best: Vec<Enabled<S>>,
    watched: S,
    unread: S,
}

impl<S: Set> Default for Closure<S> {
    fn default() -> Self {
        Closure {
            members: Vec::new(),
            forks: Vec::new(),
            todo: Vec::new(),
            best: Vec::new(),
            watched: S::EMPTY,
            unread: S::EMPTY,
        }
    }
}

impl<S: Set> Machine<'_, S> {
    /// The smallest stubborn set found, one tried for each of `enabled`.
    pub(super) fn stubborn<'c>(
        &self,
        state: &[u64],
        enabled: &[Enabled<S>],
        closure: &'c mut Closure<S>,
    ) -> &'c [Enabled<S>] {
        closure.best.clear();
        closure.best.extend_from_slice(enabled);
        // Without rule 1 ready stores of one hart need not commute.
        let commute = self.options.rules.contains(Rule::R1);
        if enabled.len() < 2 || !self.reductions.stubborn || !commute {
            return &closure.best;
        }
        closure.watched = self.watched_cells(state);
        closure.unread = self.unread(state);
        if let Some(alone) = enabled.iter().find(|e| self.commutes_with_all(state, e, closure)) {
            closure.best.clear();
            closure.best.push(*alone);
            return &closure.best;
        }
        for &(h, place, _) in enabled {
            self.close(state, h, place, closure);
            let chosen = |e: &&Enabled<S>| closure.members[e.0].has(e.1);
            let count = enabled.iter().filter(chosen).count();
            if count < closure.best.len() {
                let Closure { members, best, .. } = closure;
                best.clear();
                best.extend(enabled.iter().filter(|e| members[e.0].has(e.1)));
            }
            if count == 1 {
                break;
            }
        }
        &closure.best
    }

    /// Cells such that a store to them does not commute with the store at `place`.
    fn seen(&self, state: &[u64], h: usize, place: usize, cells: S, watched: S) -> S {
        let op = self.op(state, h, place);
        let seen = if op.kind == AccessKind::Amo { cells } else { cells & watched };
        match op.paired {
            Some(lr) => seen | self.possible_cells(state, h, lr.into()),
            None => seen,
        }
    }

    /// Is the store a stubborn set by itself?
    fn commutes_with_all(
        &self,
        state: &[u64],
        &(h, place, cells): &Enabled<S>,
        closure: &Closure<S>,
    ) -> bool {
        let seen = self.seen(state, h, place, cells, closure.watched);
        self.harts.iter().enumerate().all(|(other, hart)| {
            other == h
                || !(hart.reads_to_come(state) | hart.reserved(state)).meets(cells)
                    && !hart.writes_to_come(state).meets(seen)
        })
    }

    /// Can the store at `place` be performed now?
    fn enabled(&self, state: &[u64], h: usize, place: usize, unread: S) -> bool {
        self.harts[h].ready(state).has(place)
            && (unread.is_empty() || !self.cells_of(state, h, place).meets(unread))
    }

    fn close(&self, state: &[u64], h: usize, place: usize, closure: &mut Closure<S>) {
        closure.members.clear();
        closure.members.resize(self.harts.len(), S::EMPTY);
        closure.forks.clear();
        closure.forks.resize(self.harts.len(), false);
        closure.todo.clear();
        closure.add(h, place);
        while let Some((h, place)) = closure.todo.pop() {
            if self.enabled(state, h, place, closure.unread) {
                self.add_conflicts(state, h, place, closure);
            } else {
                self.add_enabler(state, h, place, closure);
            }
        }
    }

    /// Everything of other harts that does not commute with a store that can be performed.
    fn add_conflicts(&self, state: &[u64], h: usize, place: usize, closure: &mut Closure<S>) {
        let cells = self.cells_of(state, h, place);
        let seen = self.seen(state, h, place, cells, closure.watched);
        for other in (0..self.harts.len()).filter(|other| *other != h) {
            let hart = &self.harts[other];
            let reads = hart.reads_to_come(state).meets(cells);
            let writes = hart.writes_to_come(state).meets(seen);
            let reserved = hart.reserved(state).meets(cells);
            if !reads && !writes && !reserved {
                continue;
            }
            let (_, facts) = hart.node(state);
            let open = !hart.done(state);
            let asleep = hart.asleep(state);
            for u in self.possibly_touching(state, other, facts.reads & open, cells) {
                // A load that sleeps waits for just such a store; but one of more bytes than the
                // store writes may also wake for another.
                if !asleep.has(u) || !self.possible_cells(state, other, u).within(cells) {
                    closure.add(other, u);
                }
            }
            for u in self.possibly_touching(state, other, facts.writes & open, seen) {
                closure.add(other, u);
            }
            let reserves = |lr: usize| self.possible_cells(state, other, lr).meets(cells);
            for u in (facts.conditionals & open).members() {
                if self.op(state, other, u).paired.is_some_and(|lr| reserves(lr.into())) {
                    closure.add(other, u);
                }
            }
            if facts.reads_below.meets(cells)
                || facts.writes_below.meets(seen)
                || facts.reserved_below.members().any(reserves)
            {
                self.add_fork(state, other, closure);
            }
        }
    }

    /// Something that has to happen before an operation that cannot be performed now.
    fn add_enabler(&self, state: &[u64], h: usize, place: usize, closure: &mut Closure<S>) {
        let hart = &self.harts[h];
        let done = hart.done(state);
        if hart.asleep(state).has(place) {
            return self.add_writers(state, h, self.cells_of(state, h, place), closure);
        }
        let (_, facts) = hart.node(state);
        let open = hart.place_at(facts, place).before & !done;
        if let Some(first) = open.first() {
            if !open.meets(closure.members[h]) {
                closure.add(h, first);
            }
            return;
        }
        if hart.ready(state).has(place) {
            let unread = self.cells_of(state, h, place) & closure.unread;
            return self.add_readers(state, unread, closure);
        }
        // It waits for what only the execution tells: forwarding, computed addresses, conditions. All
        // of that is about older operations of its hart.
        for p in (S::below(place) & !done).members() {
            closure.add(h, p);
        }
    }

    /// Every load that may read one of `cells` before the next store to it.
    fn add_readers(&self, state: &[u64], cells: S, closure: &mut Closure<S>) {
        for h in 0..self.harts.len() {
            let hart = &self.harts[h];
            if !hart.reads_to_come(state).meets(cells) {
                continue;
            }
            let (_, facts) = hart.node(state);
            let open = facts.reads & !hart.done(state);
            for u in self.possibly_touching(state, h, open, cells) {
                if self.may_wake_otherwise(state, h, u) {
                    closure.add(h, u);
                }
            }
            if facts.reads_below.meets(cells) {
                self.add_fork(state, h, closure);
            }
        }
    }

    /// Every operation of another hart that may write one of `cells`.
    fn add_writers(&self, state: &[u64], h: usize, cells: S, closure: &mut Closure<S>) {
        for other in (0..self.harts.len()).filter(|other| *other != h) {
            let hart = &self.harts[other];
            if !hart.writes_to_come(state).meets(cells) {
                continue;
            }
            let (_, facts) = hart.node(state);
            let open = facts.writes & !hart.done(state);
            for u in self.possibly_touching(state, other, open, cells) {
                closure.add(other, u);
            }
            if facts.writes_below.meets(cells) {
                self.add_fork(state, other, closure);
            }
        }
        // A sleeping load also wakes when an older store's address becomes known.
        let (_, facts) = self.harts[h].node(state);
        for store in (facts.computed & facts.writes & !self.harts[h].done(state)).members() {
            closure.add(h, store);
        }
    }

    /// The fork of a hart is decided by something on its path.
    fn add_fork(&self, state: &[u64], h: usize, closure: &mut Closure<S>) {
        let hart = &self.harts[h];
        let (node, _) = hart.node(state);
        if closure.forks[h] || !matches!(node.end, End::Fork(_)) {
            return;
        }
        closure.forks[h] = true;
        for place in (S::below(node.path.len()) & !hart.done(state)).members() {
            closure.add(h, place);
        }
    }
}

impl<S: Set> Closure<S> {
    fn add(&mut self, h: usize, place: usize) {
        if !self.members[h].has(place) {
            self.members[h] |= S::only(place);
            self.todo.push((h, place));
        }
    }
}
