//! Accesses of 16 bytes: `amocas.q`.
//!
//! The operation is one, at one place of the global memory order. Only its value takes two words: the
//! halves lie in cells of their own, and what it returned stands in two words of the state.

use super::cells::CellSpan;
use super::harts::Harts;
use super::machine::Machine;
use super::perform::{Alive, Stop};
use super::set::Set;
use super::tree::High;

impl<S: Set> Machine<'_, S> {
    /// The cells of either half of an operation's bytes.
    pub(super) fn halves(
        &self,
        state: &[u64],
        h: usize,
        place: usize,
    ) -> Option<(CellSpan, CellSpan)> {
        let address = self.address(state, h, place)?;
        self.cells.span(address, 8).zip(self.cells.span(address.wrapping_add(8), 8))
    }

    /// What a load of 16 bytes would return in its low half, if it can be performed.
    pub(super) fn wide_value_now(&self, state: &[u64], h: usize, place: usize) -> Option<u64> {
        let (low, high) = self.halves(state, h, place)?;
        self.value_now(state, h, place, high)?;
        self.value_now(state, h, place, low)
    }

    /// A failed `amocas.q` returns `low` in its low half: keeps what it returns in the other one. No
    /// execution if it would have succeeded.
    pub(super) fn read_high(
        &self,
        state: &mut [u64],
        h: usize,
        place: usize,
        expected: High,
        low: u64,
    ) -> Alive {
        let halves = self.halves(state, h, place);
        let high = halves.and_then(|(_, high)| self.value_now(state, h, place, high));
        let Some(high) = high else { return Alive::No };
        let op = self.op(state, h, place);
        if self.compares_equal(state, h, op, low) && self.is_high(state, h, expected, high) {
            return Alive::No;
        }
        self.keep_high(state, h, place, high);
        Alive::Yes
    }

    /// As [`Machine::perform_store`], for an `amocas.q` that succeeds.
    pub(super) fn perform_wide_store(
        &self,
        state: &mut [u64],
        h: usize,
        place: usize,
        span: CellSpan,
        wide: High,
    ) -> Result<Option<Harts>, Stop> {
        let op = self.op(state, h, place);
        let Some((low_cells, high_cells)) = self.halves(state, h, place) else { return Ok(None) };
        let low = self.memory_value(state, low_cells);
        let high = self.memory_value(state, high_cells);
        if !self.compares_equal(state, h, op, low) || !self.is_high(state, h, wide, high) {
            return Ok(None);
        }
        let hart = &self.harts[h];
        let (exprs, loaded) = (&hart.tree.exprs, hart.loaded(state));
        let new_low = op.data.map_or(0, |data| exprs.eval(data, loaded));
        let new_high = exprs.eval(wide.data, loaded);
        self.write_cells(state, low_cells, new_low);
        self.write_cells(state, high_cells, new_high);
        let Some(again) = self.seen_by_others(state, h, span.set()) else { return Ok(None) };
        self.keep_high(state, h, place, high);
        Ok(match self.returned(state, h, place, low)? {
            Alive::Yes => Some(again.with(Harts::only(h))),
            Alive::No => None,
        })
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
