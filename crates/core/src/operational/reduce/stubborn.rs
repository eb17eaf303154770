//! Which stores to branch on.
//!
//! In a state in which every load that could be performed has decided, only stores, SCs and AMOs go
//! on. Not every order of theirs matters: a *stubborn set* (Valmari) contains a store that can be
//! performed, everything that does not commute with it, and for each member that cannot be performed
//! yet something that must come first. Branching on its enabled members alone reaches every
//! final state that branching on all would.
//!
//! Two operations of different harts do not commute when both access a common byte and one writes
//! it, unless the other is a load that sleeps (it has decided to wait for just such a store; but a load
//! of more bytes than the store writes may also wake for the others), or both are stores to bytes that
//! nobody looks at any more, or both count (see `commuting_amos`). Nor does the final state look at what a store wrote that a younger one of its
//! hart overwrites (rule 1): while no hart reads its bytes, it may come before or after the stores of
//! others. An SC also depends on the stores to the bytes that its LR reserved. Ready stores of one hart
//! commute: they write different bytes (rule 1).
//!
//! A store to a cell that holds one that has to be read first (see `overwritten_stores`) waits for the loads of it.

use super::commuting_amos::{accumulation, not_commuting};
use super::twins::are_twins;
use crate::model::AccessKind;
use crate::operational::compile::{End, Set};
use crate::operational::state::{Cursor, EnabledStore, Summary, View};

/// Scratch of the closure.
#[derive(Debug, Default)]
pub(crate) struct Closure<S> {
    /// What it has of each hart.
    parts: Vec<HartPart<S>>,
    /// Members that can be performed.
    chosen: usize,
    pub(crate) best: Vec<EnabledStore<S>>,
}

/// The operations of one hart.
#[derive(Clone, Copy, Default, Debug)]
struct HartPart<S> {
    enabled: S,
    members: S,
    /// Members whose consequences are not drawn yet.
    todo: S,
    /// Are all that the fork waits for members?
    fork: bool,
}

/// Puts the smallest stubborn set found, one tried for each of `enabled`, into `closure.best`. No
/// store of `enabled` is one by itself.
pub(crate) fn smallest<S: Set>(
    view: View<'_, S>,
    state: &[u64],
    summary: &Summary<S>,
    enabled: &[EnabledStore<S>],
    closure: &mut Closure<S>,
) {
    closure.best.clear();
    closure.best.extend_from_slice(enabled);
    if enabled.len() < 2 || !view.machine.reductions.stubborn_sets {
        return;
    }
    closure.parts.clear();
    closure.parts.resize(view.machine.harts.len(), HartPart::default());
    for &(h, place, _) in enabled {
        closure.parts[h].enabled |= S::only(place);
    }
    let mut before = None;
    for &(h, place, _) in enabled {
        // The set of a twin's store is as large.
        let twin = |(other, its)| place == its && are_twins(view, state, other, h);
        if before.replace((h, place)).is_some_and(twin) {
            continue;
        }
        if close(view, state, summary, (h, place), enabled, closure) {
            let Closure { parts, best, .. } = closure;
            best.clear();
            best.extend(enabled.iter().filter(|e| parts[e.0].members.has(e.1)));
            if best.len() == 1 {
                return;
            }
        }
    }
}

/// Makes the stubborn set of one store, as long as it is smaller than the best one. Is it?
fn close<S: Set>(
    view: View<'_, S>,
    state: &[u64],
    summary: &Summary<S>,
    (h, place): (usize, usize),
    enabled: &[EnabledStore<S>],
    closure: &mut Closure<S>,
) -> bool {
    // Other stores that can be performed and do not commute with this one: most often that is enough to
    // see that its set is not smaller.
    let own = view.at(state, h);
    let seen = conflicting_cells(&own, place, own.cells_of(place), summary);
    let counts = accumulation(&own, place);
    let rivals = enabled.iter().filter(|(other, rival, cells)| {
        *other != h
            && cells.meets(seen)
            && (counts.is_none() || accumulation(&view.at(state, *other), *rival) != counts)
    });
    if rivals.clone().count() + 1 >= closure.best.len() {
        return false;
    }
    for part in &mut closure.parts {
        (part.members, part.todo, part.fork) = (S::EMPTY, S::EMPTY, false);
    }
    closure.chosen = 0;
    closure.add(h, S::only(place));
    rivals.for_each(|(other, store, _)| closure.add(*other, S::only(*store)));
    loop {
        if closure.chosen >= closure.best.len() {
            return false;
        }
        let mut parts = closure.parts.iter().enumerate();
        let next = parts.find_map(|(h, part)| Some((h, part.todo.first()?)));
        let Some((h, place)) = next else { return true };
        let part = &mut closure.parts[h];
        part.todo = part.todo.without(place);
        if part.enabled.has(place) {
            add_conflicts(view, state, summary, (h, place), closure);
        } else {
            add_enabler(view, state, summary, (h, place), closure);
        }
    }
}

/// Everything of other harts that does not commute with a store that can be performed.
fn add_conflicts<S: Set>(
    view: View<'_, S>,
    state: &[u64],
    summary: &Summary<S>,
    (h, place): (usize, usize),
    closure: &mut Closure<S>,
) {
    let own = view.at(state, h);
    let cells = own.cells_of(place);
    let seen = conflicting_cells(&own, place, cells, summary);
    let counts = accumulation(&own, place);
    for (other, hart_state) in view.all(state).enumerate() {
        let (reads, writes) = (hart_state.reads.meets(cells), hart_state.writes.meets(seen));
        let reserved = hart_state.reserved.meets(cells);
        if other == h || !(reads || writes || reserved) {
            continue;
        }
        let at = Cursor::new(view.machine, other, &hart_state.position);
        let (facts, open) = (at.facts, !hart_state.position.performed);
        if reads {
            let asleep = hart_state.position.asleep;
            // A load that sleeps waits for just such a store; but one of more bytes than the
            // store writes may also wake for another, as may one for another AMO that commutes.
            let reading = not_commuting(&at, at.reading(cells) & open, counts).members();
            let reading = reading.filter(|u| {
                !asleep.has(*u) || counts.is_some() || !at.possible_cells(*u).within(cells)
            });
            reading.for_each(|u| closure.add(other, S::only(u)));
        }
        if writes {
            closure.add(other, not_commuting(&at, at.writing(seen) & open, counts));
        }
        let reserves = |lr: usize| at.possible_cells(lr).meets(cells);
        if reserved {
            for u in (facts.conditionals & open).members() {
                if at.op(u).paired.is_some_and(|lr| reserves(lr.into())) {
                    closure.add(other, S::only(u));
                }
            }
        }
        if facts.reads_below.meets(cells)
            || facts.writes_below.meets(seen)
            || facts.reserved_below.members().any(reserves)
        {
            closure.add_fork(other, at);
        }
    }
}

/// Something that has to happen before an operation that cannot be performed now.
fn add_enabler<S: Set>(
    view: View<'_, S>,
    state: &[u64],
    summary: &Summary<S>,
    (h, place): (usize, usize),
    closure: &mut Closure<S>,
) {
    let hart_state = view.hart_state(state, h);
    let at = Cursor::new(view.machine, h, &hart_state.position);
    let done = hart_state.position.performed;
    if hart_state.position.asleep.has(place) {
        add_writers(view, state, h, at.cells_of(place), closure);
        // A sleeping load also wakes when an older store's address becomes known.
        closure.add(h, at.facts.computed & at.facts.writes & !done);
        return;
    }
    let open = at.place(place).predecessors & !done;
    if let Some(first) = open.first() {
        if !open.meets(closure.parts[h].members) {
            closure.add(h, S::only(first));
        }
        return;
    }
    if hart_state.enabled.stores.has(place) {
        return add_readers(view, state, at.cells_of(place) & summary.unread, closure);
    }
    // It waits for what only the execution tells: forwarding, computed addresses, conditions. All
    // of that is about older operations of its hart.
    closure.add(h, S::below(place) & !done);
}

/// Every load that may read one of `cells` before the next store to it.
fn add_readers<S: Set>(view: View<'_, S>, state: &[u64], cells: S, closure: &mut Closure<S>) {
    for (h, hart_state) in view.all(state).enumerate() {
        if !hart_state.reads.meets(cells) {
            continue;
        }
        let at = Cursor::new(view.machine, h, &hart_state.position);
        let reading = (at.reading(cells) & !hart_state.position.performed).members();
        let reading = reading.filter(|u| at.may_wake_otherwise(*u));
        reading.for_each(|u| closure.add(h, S::only(u)));
        if at.facts.reads_below.meets(cells) {
            closure.add_fork(h, at);
        }
    }
}

/// Every operation of another hart that may write one of `cells`.
fn add_writers<S: Set>(
    view: View<'_, S>,
    state: &[u64],
    h: usize,
    cells: S,
    closure: &mut Closure<S>,
) {
    for (other, hart_state) in view.all(state).enumerate() {
        if other == h || !hart_state.writes.meets(cells) {
            continue;
        }
        let at = Cursor::new(view.machine, other, &hart_state.position);
        closure.add(other, at.writing(cells) & !hart_state.position.performed);
        if at.facts.writes_below.meets(cells) {
            closure.add_fork(other, at);
        }
    }
}

/// Is the store a stubborn set by itself?
#[inline]
pub(crate) fn commutes_with_all<S: Set>(
    view: View<'_, S>,
    state: &[u64],
    summary: &Summary<S>,
    (h, place, cells): (usize, usize, S),
) -> bool {
    let hart_state = view.hart_state(state, h);
    let at = Cursor::new(view.machine, h, &hart_state.position);
    if summary.observed_by_others(hart_state).meets(cells) {
        return accumulation(&at, place)
            .is_some_and(|_| others_commute(view, state, (h, place, cells)));
    }
    let written = summary.written_by_others(hart_state);
    written.is_empty() || !written.meets(conflicting_cells(&at, place, cells, summary))
}

/// Does all that others may still do to the cells of an AMO that counts commute with it?
fn others_commute<S: Set>(
    view: View<'_, S>,
    state: &[u64],
    (h, place, cells): (usize, usize, S),
) -> bool {
    let counts = accumulation(&view.at(state, h), place);
    view.all(state).enumerate().all(|(other, hart_state)| {
        if other == h || !(hart_state.reads_or_reserves | hart_state.writes).meets(cells) {
            return true;
        }
        let at = Cursor::new(view.machine, other, &hart_state.position);
        let (open, below) = (at.open(), at.facts.reads_below | at.facts.writes_below);
        let using = (at.reading(cells) | at.writing(cells)) & open;
        !below.meets(cells)
            && !hart_state.reserved.meets(cells)
            && not_commuting(&at, using, counts).is_empty()
    })
}

/// Cells such that a store of another hart to them does not commute with the store at `place`.
pub(crate) fn conflicting_cells<S: Set>(
    at: &Cursor<'_, S>,
    place: usize,
    cells: S,
    summary: &Summary<S>,
) -> S {
    let op = at.op(place);
    let seen = match op.kind {
        AccessKind::Amo => cells,
        AccessKind::Store if at.place(place).overwritten => cells & summary.reads_or_reserves,
        _ => cells & summary.watched,
    };
    match op.paired {
        Some(lr) => seen | at.possible_cells(lr.into()),
        None => seen,
    }
}

impl<S: Set> Closure<S> {
    #[inline]
    fn add(&mut self, h: usize, places: S) {
        let part = &mut self.parts[h];
        let new = places & !part.members;
        part.members |= new;
        part.todo |= new;
        self.chosen += (new & part.enabled).len();
    }

    /// The fork of a hart is decided by something on its path.
    fn add_fork(&mut self, h: usize, at: Cursor<'_, S>) {
        if !self.parts[h].fork && matches!(at.node.end, End::Fork(_)) {
            self.parts[h].fork = true;
            self.add(h, at.open());
        }
    }
}
