//! Stores that nobody reads before they are overwritten.
//!
//! *n* harts that store to one location can do so in *n*! orders and leave 2^*n* sets of performed
//! stores behind, although most of these stores are seen by nobody. A store is *silent* in an
//! execution if no load reads it and it is not the last to its bytes. Executions in which the silent
//! stores of a cell come right before the last store to it are enough.
//!
//! # When
//!
//! All rules are in force and SCs may fail spuriously; and in the state that is looked at, of the
//! stores that may still be performed to the cell
//!
//! 1. each is a plain store of just this cell, at a known address, so each overwrites each;
//! 2. each is by a hart that has no fork before it, and nothing of its hart waits for it: no operation
//!    to come has it in its mask (rules 1, 4 to 8, ...), none may read its bytes, none has an address
//!    that is not known;
//! 3. no SC to come depends on a reservation of the cell;
//! 4. somebody may still see the cell. (Else its stores commute, and a stubborn set has one of them.)
//!
//! All of this stays so while operations are performed.
//!
//! # Why
//!
//! Take an execution on from such a state, in it a silent store *w*, and *L*, the last store to the
//! cell. Move *w* in the global memory order to the place right before *L*. No rule asks that *w* comes
//! before something (2). A load that could see *w* before had a later store to read, or it would have
//! read *w*; it comes after that store, and *w* may be there or not. A load that did not see *w* and
//! would now: it comes after *w*'s new place, so after *L*, which hides *w*. Loads of *w*'s own hart
//! that see it because it is older are performed: before *w*, then they read what they read, or are
//! none (2). The atomicity axiom speaks of no pair with bytes of the cell that is still open (3), and
//! a pair that is closed lies before. Nothing else depends on the place of a store. So every final
//! state is reached by an execution in which each store to the cell is read before the next store to
//! it, but for those right before the last. The search follows only these: a store that is not the
//! last has to be *read* before the next one (the cell is *unread* until then), and the last store
//! takes all others along. (Stores of several cells are left alone: a load may read one of them.)
//!
//! At the very end stores remain that nobody sees at all, in whatever order they come: then they need
//! not be performed.

use super::moves::Move;
use crate::model::{AccessKind, ScFailure};
use crate::operational::compile::{End, Set};
use crate::operational::state::{Cursor, EnabledStore, Summary, View};

/// Writes what the stores of a stubborn set come to to `moves`.
pub(crate) fn moves<S: Set>(
    view: View<'_, S>,
    state: &[u64],
    summary: &Summary<S>,
    chosen: &[EnabledStore<S>],
    moves: &mut Vec<Move>,
) {
    moves.clear();
    let may_be = |h: usize, cells: S| may_be_overwritten(view, state, summary, h, cells);
    let of = chosen.iter().filter(|&&(h, _, cells)| may_be(h, cells));
    let of = of.fold(S::EMPTY, |all, &(_, _, cells)| all | cells);
    // Most often there is no cell that two harts store to.
    if of.is_empty() {
        return moves.extend(chosen.iter().map(|&(h, place, _)| Move::Store(h, place)));
    }
    let together = conditions(view, state, of);
    for &(h, place, cells) in chosen {
        if !cells.within(together.all) || !may_be(h, cells) {
            moves.push(Move::Store(h, place));
            continue;
        }
        if cells.meets(together.read) {
            moves.push(Move::ToBeRead(h, place));
        }
        if cells.meets(together.enabled) {
            moves.push(Move::Last(h, place));
        }
    }
}

/// May a store of hart `h` to `cells` be overwritten by another one that somebody may see?
pub(crate) fn may_be_overwritten<S: Set>(
    view: View<'_, S>,
    state: &[u64],
    summary: &Summary<S>,
    h: usize,
    cells: S,
) -> bool {
    let machine = view.machine;
    machine.reductions.overwritten_stores
        && machine.options.sc_failure == ScFailure::Spurious
        && cells.len() == 1
        && cells.meets(summary.watched & summary.written_by_others(view.hart_state(state, h)))
}

/// What the conditions say of each of the cells `of`, which somebody may still see.
fn conditions<S: Set>(view: View<'_, S>, state: &[u64], of: S) -> Overwritten<S> {
    let mut cells = Overwritten { all: of, read: S::EMPTY, enabled: of };
    for (h, hart_state) in view.all(state).enumerate() {
        cells.read |= hart_state.reads;
        cells.all &= !hart_state.reserved;
        if !hart_state.writes.meets(of) {
            continue;
        }
        let at = Cursor::new(view.machine, h, &hart_state.position);
        cells.all &= overwritable(&at, of) | !hart_state.writes;
        let unready = at.facts.writes & !hart_state.position.performed & !hart_state.enabled.stores;
        cells.enabled &= !(at.possible_cells_of_all(unready) | at.facts.writes_below);
    }
    cells
}

/// Writes the stores to come to the cells of the one at `place` of hart `h`, that one last, to `stores`.
pub(crate) fn with_last<S: Set>(
    view: View<'_, S>,
    state: &[u64],
    h: usize,
    place: usize,
    stores: &mut Vec<(usize, usize)>,
) {
    let cells = view.at(state, h).cells_of(place);
    stores.clear();
    for h in 0..view.machine.harts.len() {
        let at = view.at(state, h);
        let pending = at.facts.writes & !at.position.performed;
        stores.extend((at.writing(cells) & pending).members().map(|place| (h, place)));
    }
    stores.retain(|store| *store != (h, place));
    stores.push((h, place));
}

/// Those of the cells `of` to which every store to come is a plain one of just that cell, which
/// nothing of its hart waits for: conditions 1 and 2.
fn overwritable<S: Set>(at: &Cursor<'_, S>, of: S) -> S {
    let open = at.open();
    if !matches!(at.node.end, End::Leaf(_)) || at.facts.computed.meets(open) {
        return S::EMPTY;
    }
    let stores = (at.writing(of) & open).members();
    stores.fold(of, |good, store| {
        let cells = at.place(store).cells;
        if !good.meets(cells) || overwrites(at, store, cells) { good } else { good & !cells }
    })
}

fn overwrites<S: Set>(at: &Cursor<'_, S>, store: usize, cells: S) -> bool {
    at.op(store).kind == AccessKind::Store
        && cells.len() == 1
        && !(at.open() & S::since(store + 1)).members().any(|later| {
            let place = at.place(later);
            place.predecessors.has(store) || at.facts.reads.has(later) && place.cells.meets(cells)
        })
}

/// Cells to which every store to come meets the conditions.
#[derive(Clone, Copy, Debug)]
struct Overwritten<S> {
    all: S,
    /// Cells that somebody may still read.
    read: S,
    /// Cells every store to which can be performed now.
    enabled: S,
}
