//! Which operations of a hart's path access which cells.
//!
//! For known addresses the answer is in the node's facts, by cell; only computed addresses need a look
//! at each operation.

use super::cells::{CellSet, CellSpan};
use super::expr::{OpSet, members};
use super::machine::{Machine, NODE, NodeFacts};
use super::tree::{Address, Op};

/// A computed address that is not known yet. No location lies at 0.
pub(super) const UNKNOWN: u64 = 0;

impl Machine<'_> {
    /// The operation at `place` of the path that hart `h` is on, with its index.
    pub(super) fn op(&self, state: &[u64], h: usize, place: usize) -> (&Op, usize) {
        let hart = &self.harts[h];
        let id = hart.tree.nodes[state[hart.base + NODE] as usize].path[place] as usize;
        (&hart.tree.ops[id], id)
    }

    /// The facts of the node that hart `h` is in.
    pub(super) fn facts(&self, state: &[u64], h: usize) -> &NodeFacts {
        let hart = &self.harts[h];
        &hart.facts[state[hart.base + NODE] as usize]
    }

    /// The address of an operation, once it is known.
    pub(super) fn address(&self, state: &[u64], h: usize, place: usize) -> Option<u64> {
        let (op, _) = self.op(state, h, place);
        match op.address {
            Address::Known(address) => Some(address),
            Address::Computed(_) => {
                let hart = &self.harts[h];
                Some(state[hart.base + hart.address_word(place)]).filter(|a| *a != UNKNOWN)
            }
        }
    }

    /// The cells of an operation, once its address is known and if that is a good one.
    pub(super) fn span(&self, state: &[u64], h: usize, place: usize) -> Option<CellSpan> {
        let (op, id) = self.op(state, h, place);
        match op.address {
            Address::Known(_) => self.harts[h].spans[id],
            Address::Computed(_) => {
                let address = self.address(state, h, place)?;
                self.cells.span(address, op.width.bytes())
            }
        }
    }

    /// As [`Machine::span`], as a set; empty when unknown or bad.
    pub(super) fn cells_of(&self, state: &[u64], h: usize, place: usize) -> CellSet {
        let facts = self.facts(state, h);
        if facts.computed >> place & 1 == 0 {
            return facts.cells[place];
        }
        self.span(state, h, place).map_or(0, CellSpan::set)
    }

    /// The cells that an operation may still turn out to access.
    pub(super) fn possible_cells(&self, state: &[u64], h: usize, place: usize) -> CellSet {
        let facts = self.facts(state, h);
        if facts.computed >> place & 1 == 0 {
            return facts.cells[place];
        }
        match self.address(state, h, place) {
            Some(_) => self.span(state, h, place).map_or(0, CellSpan::set),
            None => CellSet::MAX,
        }
    }

    /// Operations of the path known to read one of `cells`.
    pub(super) fn readers(&self, state: &[u64], h: usize, cells: CellSet) -> OpSet {
        let facts = self.facts(state, h);
        let computed = self.computed_within(state, h, facts.computed & facts.reads, cells, false);
        by_cell(&facts.readers, cells) | computed
    }

    /// Operations of the path that may turn out to read one of `cells`.
    pub(super) fn possible_readers(&self, state: &[u64], h: usize, cells: CellSet) -> OpSet {
        let facts = self.facts(state, h);
        let computed = self.computed_within(state, h, facts.computed & facts.reads, cells, true);
        by_cell(&facts.readers, cells) | computed
    }

    /// Operations of the path that may turn out to write one of `cells`.
    pub(super) fn possible_writers(&self, state: &[u64], h: usize, cells: CellSet) -> OpSet {
        let facts = self.facts(state, h);
        let computed = self.computed_within(state, h, facts.computed & facts.writes, cells, true);
        by_cell(&facts.writers, cells) | computed
    }

    fn computed_within(
        &self,
        state: &[u64],
        h: usize,
        places: OpSet,
        cells: CellSet,
        possibly: bool,
    ) -> OpSet {
        members(places).fold(0, |found, place| {
            let touched = match possibly {
                true => self.possible_cells(state, h, place),
                false => self.cells_of(state, h, place),
            };
            found | OpSet::from(touched & cells != 0) << place
        })
    }
}

fn by_cell(by: &[OpSet], cells: CellSet) -> OpSet {
    members(cells & low_cells(by.len())).fold(0, |found, cell| found | by[cell])
}

fn low_cells(count: usize) -> CellSet {
    if count >= 64 { CellSet::MAX } else { (1 << count) - 1 }
}
