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

use super::machine::Machine;
use super::set::Set;
use super::stubborn::Enabled;
use super::tree::End;
use crate::model::{AccessKind, RuleSet, ScFailure};

/// What may come next in the global memory order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Move {
    /// The store, SC or AMO of this hart and place.
    Store(usize, usize),
    /// This store, which has to be read before the next store to its cells.
    ToBeRead(usize, usize),
    /// All stores to come to the cells of this one, and this one last.
    Last(usize, usize),
}

impl<S: Set> Machine<'_, S> {
    /// Writes what the stores of a stubborn set come to to `moves`.
    pub(super) fn moves(&self, state: &[u64], chosen: &[Enabled<S>], moves: &mut Vec<Move>) {
        moves.clear();
        if !self.reductions.silent {
            moves.extend(chosen.iter().map(|&(h, place, _)| Move::Store(h, place)));
            return;
        }
        let watched = self.watched_cells(state);
        let mut checked: Option<(S, Overwritten)> = None;
        for &(h, place, cells) in chosen {
            let overwritten = match checked {
                Some((same, overwritten)) if same == cells => overwritten,
                _ if cells.meets(watched) => self.overwritten(state, h, cells),
                _ => Overwritten::Unknown,
            };
            checked = Some((cells, overwritten));
            match overwritten {
                Overwritten::Unknown => moves.push(Move::Store(h, place)),
                Overwritten::Each { all_ready, read } => {
                    if read {
                        moves.push(Move::ToBeRead(h, place));
                    }
                    if all_ready {
                        moves.push(Move::Last(h, place));
                    }
                }
            }
        }
    }

    /// Do the conditions hold for `cells`, one cell, which a store of hart `h` that is ready writes?
    fn overwritten(&self, state: &[u64], h: usize, cells: S) -> Overwritten {
        let in_force =
            self.options.rules == RuleSet::ALL && self.options.sc_failure == ScFailure::Spurious;
        let others =
            |hart: &usize| *hart != h && self.harts[*hart].writes_to_come(state).meets(cells);
        if !in_force || cells.len() != 1 || !(0..self.harts.len()).any(|hart| others(&hart)) {
            return Overwritten::Unknown;
        }
        let mut read = false;
        let mut all_ready = true;
        let mut count = 0;
        for h in 0..self.harts.len() {
            let hart = &self.harts[h];
            if hart.reserved(state).meets(cells) {
                return Overwritten::Unknown;
            }
            read |= hart.reads_to_come(state).meets(cells);
            if !hart.writes_to_come(state).meets(cells) {
                continue;
            }
            let (node, facts) = hart.node(state);
            let open = S::below(node.path.len()) & !hart.done(state);
            if !matches!(node.end, End::Leaf(_)) || facts.computed.meets(open) {
                return Overwritten::Unknown;
            }
            for store in self.possibly_touching(state, h, facts.writes & open, cells) {
                count += 1;
                all_ready &= hart.ready(state).has(store);
                let plain = self.op(state, h, store).kind == AccessKind::Store;
                let same = hart.place_at(facts, store).cells == cells;
                let awaited = open.without(store).members().any(|later| {
                    let later_place = hart.place_at(facts, later);
                    later_place.before.has(store)
                        || facts.reads.has(later) && later > store && later_place.cells.meets(cells)
                });
                if !plain || !same || awaited {
                    return Overwritten::Unknown;
                }
            }
        }
        if count < 2 { Overwritten::Unknown } else { Overwritten::Each { all_ready, read } }
    }

    /// Is all that is left to do to store where nobody looks? Such stores are performed one after the
    /// other without a choice that matters, so the final state is known.
    pub(super) fn only_unseen_stores_left(&self, state: &[u64]) -> bool {
        self.reductions.silent
            && self.options.sc_failure == ScFailure::Spurious
            && self.unread(state).is_empty()
            && self.harts.iter().all(|hart| {
                let (node, facts) = hart.node(state);
                let open = S::below(node.path.len()) & !hart.done(state);
                matches!(node.end, End::Leaf(_))
                    && !open.meets(facts.reads | facts.computed | facts.conditionals)
                    && !hart.writes_to_come(state).meets(self.observed_cells)
                    && open.members().all(|place| !hart.place_at(facts, place).cells.is_empty())
            })
    }

    /// Does a cell hold a store that has to be read, while nobody reads it before the next one?
    pub(super) fn stays_unread(&self, state: &[u64]) -> bool {
        let unread = self.unread(state);
        if unread.is_empty() {
            return false;
        }
        let mut awake = S::EMPTY;
        for h in 0..self.harts.len() {
            let hart = &self.harts[h];
            if !hart.reads_to_come(state).meets(unread) {
                continue;
            }
            let (_, facts) = hart.node(state);
            awake |= facts.reads_below;
            for place in (facts.reads & !hart.done(state)).members() {
                let cells = self.possible_cells(state, h, place);
                awake |= cells.when(self.may_wake_otherwise(state, h, place));
            }
        }
        !unread.within(awake)
    }

    /// Can the load at `place` be performed without a store to the one cell that it reads? One that
    /// sleeps is woken by a store to any of its cells, or when an older store of its hart turns out not
    /// to write them.
    pub(super) fn may_wake_otherwise(&self, state: &[u64], h: usize, place: usize) -> bool {
        !self.harts[h].asleep(state).has(place)
            || self.possible_cells(state, h, place).len() > 1
            || self.waits_for_own_store(state, h, place)
    }

    /// The stores to come to the cells of the one at `place` of hart `h`, that one last.
    pub(super) fn with_last(&self, state: &[u64], h: usize, place: usize) -> Vec<(usize, usize)> {
        let cells = self.cells_of(state, h, place);
        let mut stores = Vec::new();
        for h in 0..self.harts.len() {
            let hart = &self.harts[h];
            let (_, facts) = hart.node(state);
            let pending = facts.writes & !hart.done(state);
            stores.extend(self.possibly_touching(state, h, pending, cells).map(|place| (h, place)));
        }
        stores.retain(|store| *store != (h, place));
        stores.push((h, place));
        stores
    }
}

/// What is known of the stores to come to some cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Overwritten {
    /// Nothing.
    Unknown,
    /// The conditions hold. Can all of them be performed now, and is there a load to come?
    Each { all_ready: bool, read: bool },
}
