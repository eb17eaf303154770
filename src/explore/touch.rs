//! Which operations of a hart's path access which cells.

use super::cells::CellSpan;
use super::machine::Machine;
use super::set::Set;
use super::tree::{Address, Op};

/// A computed address that is not known yet. No location lies at 0.
pub(super) const UNKNOWN: u64 = 0;

impl<S: Set> Machine<'_, S> {
    /// The operation at `place` of the path that hart `h` is on.
    pub(super) fn op(&self, state: &[u64], h: usize, place: usize) -> &Op<S> {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        &hart.tree.ops[hart.place_at(facts, place).op as usize]
    }

    /// The address of an operation, once it is known.
    pub(super) fn address(&self, state: &[u64], h: usize, place: usize) -> Option<u64> {
        match self.op(state, h, place).address {
            Address::Known(address) => Some(address),
            Address::Computed(_) => {
                Some(state[self.harts[h].address_word(place)]).filter(|a| *a != UNKNOWN)
            }
        }
    }

    /// The cells of an operation, once its address is known and if that is a good one.
    pub(super) fn span(&self, state: &[u64], h: usize, place: usize) -> Option<CellSpan> {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        let id = hart.place_at(facts, place).op as usize;
        if !facts.computed.has(place) {
            return hart.spans[id];
        }
        let address = self.address(state, h, place)?;
        self.cells.span(address, hart.tree.ops[id].width.bytes())
    }

    /// As [`Machine::span`], as a set; empty when unknown or bad.
    pub(super) fn cells_of(&self, state: &[u64], h: usize, place: usize) -> S {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        if facts.computed.has(place) {
            return self.span(state, h, place).map_or(S::EMPTY, CellSpan::set);
        }
        hart.place_at(facts, place).cells
    }

    /// The cells that an operation may still turn out to access.
    pub(super) fn possible_cells(&self, state: &[u64], h: usize, place: usize) -> S {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        if !facts.computed.has(place) {
            return hart.place_at(facts, place).cells;
        }
        match self.address(state, h, place) {
            Some(_) => self.span(state, h, place).map_or(S::EMPTY, CellSpan::set),
            None => S::FULL,
        }
    }

    /// Of `places`, those that may turn out to access one of `cells`.
    pub(super) fn possibly_touching(
        &self,
        state: &[u64],
        h: usize,
        places: S,
        cells: S,
    ) -> impl Iterator<Item = usize> {
        places.members().filter(move |place| self.possible_cells(state, h, *place).meets(cells))
    }
}
