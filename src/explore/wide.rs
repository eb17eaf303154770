//! Accesses of 16 bytes: `amocas.q`.
//!
//! The operation is one, at one place of the global memory order. Only its value takes two words: the
//! halves lie in cells of their own, and what it returned stands in two words of the state.

use super::cells::CellSpan;
use super::machine::{LOADED, Machine};
use super::perform::{Alive, Stop};
use super::tree::Wide;
use crate::model::AccessKind;

impl Machine<'_> {
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

    /// As [`Machine::perform_load`], for a failed `amocas.q` whose low half returns `low`.
    pub(super) fn perform_wide_load(
        &self,
        state: &mut [u64],
        h: usize,
        place: usize,
        low: u64,
    ) -> Result<Alive, Stop> {
        let (op, _) = self.op(state, h, place);
        let high = self.halves(state, h, place);
        let Some(high) = high.and_then(|(_, high)| self.value_now(state, h, place, high)) else {
            return Ok(Alive::No);
        };
        let same = op.wide.is_some_and(|wide| {
            self.compares_equal(state, h, op, low) && self.is_high(state, h, wide, high)
        });
        if op.kind == AccessKind::FailedCas && same {
            return Ok(Alive::No);
        }
        self.keep_high(state, h, place, high);
        self.returned(state, h, place, low)
    }

    /// As [`Machine::perform_store`], for an `amocas.q` that succeeds.
    pub(super) fn perform_wide_store(
        &self,
        state: &mut [u64],
        h: usize,
        place: usize,
        span: CellSpan,
        wide: Wide,
    ) -> Result<Alive, Stop> {
        let (op, _) = self.op(state, h, place);
        let Some((low_cells, high_cells)) = self.halves(state, h, place) else {
            return Ok(Alive::No);
        };
        let low = self.memory_value(state, low_cells);
        let high = self.memory_value(state, high_cells);
        if !self.compares_equal(state, h, op, low) || !self.is_high(state, h, wide, high) {
            return Ok(Alive::No);
        }
        let (exprs, loaded) = (&self.harts[h].tree.exprs, self.loaded(state, h));
        let new_low = op.data.map_or(0, |data| exprs.eval(data, loaded));
        let new_high = exprs.eval(wide.data, loaded);
        self.write_cells(state, low_cells, new_low);
        self.write_cells(state, high_cells, new_high);
        if self.seen_by_others(state, h, span.set()) == Alive::No {
            return Ok(Alive::No);
        }
        self.keep_high(state, h, place, high);
        self.returned(state, h, place, low)
    }

    fn is_high(&self, state: &[u64], h: usize, wide: Wide, high: u64) -> bool {
        self.harts[h].tree.exprs.eval(wide.expected, self.loaded(state, h)) == high
    }

    fn keep_high(&self, state: &mut [u64], h: usize, place: usize, high: u64) {
        let hart = &self.harts[h];
        state[hart.base + LOADED + hart.values / 2 + place] = high;
    }
}
