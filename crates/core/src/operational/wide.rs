//! Accesses of 16 bytes: `amocas.q`.
//!
//! The operation is one, at one place of the global memory order. Only its value takes two words: the
//! halves lie in cells of their own, and what it returned stands in two words of the state.

use super::cells::CellSpan;
use super::control::At;
use super::machine::Machine;
use super::perform::Alive;
use super::set::Set;
use super::tree::{High, Op};

impl<S: Set> At<'_, S> {
    /// The cells of either half of an operation's bytes.
    pub(super) fn halves(&self, place: usize) -> Option<(CellSpan, CellSpan)> {
        let address = self.address(place)?;
        let cells = &self.machine.cells;
        cells.span(address, 8).zip(cells.span(address.wrapping_add(8), 8))
    }
}

impl<S: Set> Machine<'_, S> {
    /// A failed `amocas.q` returns `low` in its low half: keeps what it returns in the other one. No
    /// execution if it would have succeeded.
    pub(super) fn read_high(
        &self,
        state: &mut [u64],
        h: usize,
        at: At<'_, S>,
        place: usize,
        (expected, low): (High, u64),
    ) -> Alive {
        let Some((_, high)) = at.halves(place) else { return Alive::No };
        let high = self.value_now(state, h, at, place, high);
        let op = at.op(place);
        if self.compares_equal(state, h, op, low) && self.is_high(state, h, expected, high) {
            return Alive::No;
        }
        self.keep_high(state, h, place, high);
        Alive::Yes
    }

    /// Writes what an `amocas.q` that succeeds writes; gives what it returns in its low half.
    pub(super) fn store_wide(
        &self,
        state: &mut [u64],
        h: usize,
        place: usize,
        op: &Op<S>,
        (low_cells, high_cells): (CellSpan, CellSpan),
        wide: High,
    ) -> Option<u64> {
        let low = self.memory_value(state, low_cells);
        let high = self.memory_value(state, high_cells);
        if !self.compares_equal(state, h, op, low) || !self.is_high(state, h, wide, high) {
            return None;
        }
        let hart = &self.harts[h];
        let (exprs, loaded) = (&hart.tree.exprs, hart.loaded(state));
        let new_low = op.data.map_or(0, |data| exprs.eval(data, loaded));
        let new_high = exprs.eval(wide.data, loaded);
        self.write_cells(state, low_cells, new_low);
        self.write_cells(state, high_cells, new_high);
        self.keep_high(state, h, place, high);
        Some(low)
    }

    fn is_high(&self, state: &[u64], h: usize, expected: High, high: u64) -> bool {
        let hart = &self.harts[h];
        hart.tree.exprs.eval(expected.expected, hart.loaded(state)) == high
    }

    fn keep_high(&self, state: &mut [u64], h: usize, place: usize, high: u64) {
        let hart = &self.harts[h];
        state[hart.loaded_word(place) + hart.values / 2] = high;
    }
}
