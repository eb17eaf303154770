//! What a store that is performed means for the other harts, and what an operation means for younger
//! ones of its own hart that went first: rule 2, the load value axiom and the atomicity axiom.

use super::stop::Alive;
use crate::model::AccessKind;
use crate::operational::compile::Set;
use crate::operational::state::{Cursor, Position};

/// Cells such that a store of another hart to them changes where this one stands.
pub(crate) fn affected_by<S: Set>(at: &Cursor<'_, S>) -> S {
    let (done, asleep) = (at.position.performed, at.position.asleep);
    let loads = at.facts.reads & !at.facts.writes;
    let mut affected = S::EMPTY;
    for place in (loads & (done | asleep)).members() {
        let wakes_or_breaks = asleep.has(place)
            || (at.op(place).kind == AccessKind::LoadReserved
                && !at.position.broken.has(place)
                && at.pending_reservations().has(place));
        if !wakes_or_breaks && at.older_reads(place).within(done) {
            continue;
        }
        let cells = at.cells_of(place);
        // What is forwarded from a store of its own does not change until that store is performed.
        let cells = cells & !at.forwarded_cells(place, cells);
        if wakes_or_breaks || older_loads_to_come(at, place, cells).next().is_some() {
            affected |= cells;
        }
    }
    affected
}

/// A store of another hart to `cells` has just been performed: it wakes loads, breaks reservations
/// and makes the value that other loads returned an old one.
pub(crate) fn after_store_of_another<S: Set>(
    at: &Cursor<'_, S>,
    cells: S,
) -> Result<Position<S>, Alive> {
    let done = at.position.performed;
    let mut next = at.position.clone();
    let seeing = at.facts.reads & !at.facts.writes & (done | at.position.asleep);
    for place in seeing.members() {
        let hit = at.cells_of(place) & cells;
        let hit = hit & !at.forwarded_cells(place, hit);
        if hit.is_empty() {
            continue;
        }
        if !done.has(place) {
            next.asleep = next.asleep.without(place);
            continue;
        }
        if at.op(place).kind == AccessKind::LoadReserved {
            if has_conditional_to_come(at, place) {
                return Err(Alive::No);
            }
            next.broken |= S::only(place) & at.pending_reservations();
        }
        if outdates(at, place, hit, &mut next) == Alive::No {
            return Err(Alive::No);
        }
    }
    Ok(next)
}

/// Is the SC that is paired with the LR at `lr` on the path, and still to be performed?
fn has_conditional_to_come<S: Set>(at: &Cursor<'_, S>, lr: usize) -> bool {
    let open = at.facts.conditionals & !at.position.performed;
    open.members().any(|sc| at.op(sc).paired == Some(lr as u16))
}

/// Older loads still to come that may read one of `cells`, bytes of the performed load `b`, without
/// a store between.
fn older_loads_to_come<S: Set>(
    at: &Cursor<'_, S>,
    b: usize,
    cells: S,
) -> impl Iterator<Item = (usize, S)> {
    let pending = at.older_reads(b) & !at.position.performed;
    pending.members().filter_map(move |a| {
        let common = at.possible_cells(a) & cells;
        let open = common & !at.written_between(a, b, common);
        (!open.is_empty()).then_some((a, open))
    })
}

/// Rule 2: the value of the performed load `b` for `cells` is now an old one, so an older load of
/// one of these bytes that is still to come, without a store between, would return another
/// store's, and come too late.
fn outdates<S: Set>(at: &Cursor<'_, S>, b: usize, cells: S, next: &mut Position<S>) -> Alive {
    for (a, open) in older_loads_to_come(at, b, cells) {
        if at.address(a).is_some() {
            return Alive::No;
        }
        next.computed[a].forbidden |= open;
    }
    Alive::Yes
}

/// The operation `a`, not performed yet, has just turned out to access `cells`: is that possible
/// after what younger operations already did? Then `next` is where the hart stands.
pub(crate) fn fits_what_happened<S: Set>(
    at: &Cursor<'_, S>,
    a: usize,
    cells: S,
    next: &mut Position<S>,
) -> Alive {
    let writes = at.facts.writes.has(a);
    let younger = S::since(a + 1);
    for b in (at.position.performed & younger).members() {
        let common = at.cells_of(b) & cells;
        if common.is_empty() {
            continue;
        }
        if at.op(b).kind.is_store() {
            return Alive::No;
        }
        // Load value axiom: b would have had to return this store's value.
        if writes && !at.facts.writes.has(b) && !common.within(at.written_between(a, b, common)) {
            return Alive::No;
        }
    }
    if writes {
        for b in (at.position.asleep & younger).members() {
            if at.cells_of(b).meets(cells) {
                next.asleep = next.asleep.without(b);
            }
        }
    }
    if !writes || at.facts.reads.has(a) {
        next.computed[a].forbidden = S::EMPTY;
        if at.position.computed[a].forbidden.meets(cells) {
            return Alive::No;
        }
    }
    Alive::Yes
}
