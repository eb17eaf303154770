//! Harts that can be exchanged together with locations of their own, in the terms of a machine.

use std::ops::Range;

use super::machine::CompiledMachine;
use super::reductions::Use;
use super::set::Set;
use crate::program::similar_harts::{Group, similar_harts};

/// What of a state changes when [similar harts](crate::program::similar_harts) change places.
#[derive(Debug)]
pub(crate) struct SimilarHarts<S> {
    pub(crate) groups: Vec<Group>,
    /// By hart and operation: is what it reads renamed?
    pub(crate) reads: Vec<Vec<bool>>,
    /// Cells whose content is renamed.
    pub(crate) renamed_cells: S,
    /// Of these, the cells of locations that are nobody's own.
    pub(crate) shared_cells: S,
    /// All addresses that are renamed lie here.
    renamed: Range<u64>,
    /// By group and member of it, the cells of the locations that are its own, in corresponding order.
    pub(crate) own_cells: Vec<Vec<Vec<usize>>>,
}

impl<S: Set> SimilarHarts<S> {
    /// May the value be one that is renamed?
    #[inline]
    pub(crate) fn may_rename(&self, value: u64) -> bool {
        self.renamed.contains(&value)
    }

    /// Finds those of a machine under the models that it follows; `None` if there are none.
    pub(crate) fn of(machine: &CompiledMachine<'_, S>) -> Option<SimilarHarts<S>> {
        if !may_have(machine) {
            return None;
        }
        let found = similar_harts(machine.program)?;
        let mut own_cells = Vec::new();
        for group in &found.groups {
            let own = |member: usize| cells_of(machine, &group.own[member]);
            let (cells, shapes): (Vec<_>, Vec<_>) = (0..group.harts.len()).map(own).unzip();
            let alike = |member: usize| {
                shapes[member] == shapes[0]
                    && are_alike(machine, group.harts[0], group.harts[member])
            };
            if !(1..group.harts.len()).all(alike) {
                return None;
            }
            own_cells.push(cells);
        }
        let mut renamed_cells = S::EMPTY;
        for &(address, bytes) in &found.pieces {
            let span = machine.cells.span(address, bytes).filter(|span| span.count == 1)?;
            renamed_cells |= span.set();
        }
        let reads = machine
            .harts
            .iter()
            .zip(&found.reads)
            .map(|(hart, reads)| hart.tree.ops.iter().map(|op| reads[op.step]).collect());
        let reads = reads.collect();
        let own = found.groups.iter().flat_map(|group| group.own.iter().flatten());
        let first = own.clone().map(|(address, _)| *address).min()?;
        let end = own.map(|(address, bytes)| address + bytes).max()?;
        let owned = own_cells
            .iter()
            .flatten()
            .flatten()
            .fold(S::EMPTY, |all: S, cell| all | S::only(*cell));
        Some(SimilarHarts {
            groups: found.groups,
            reads,
            renamed_cells,
            shared_cells: renamed_cells & !owned,
            renamed: first..end,
            own_cells,
        })
    }
}

/// May a machine have any? Only where some address is computed: such a machine has no [`super::Description`],
/// which says nothing of this.
pub(super) fn may_have<S: Set>(machine: &CompiledMachine<'_, S>) -> bool {
    let wide = machine.harts.iter().any(|hart| hart.value_words > hart.tree.depth);
    machine.reductions.renaming != Use::Never
        && machine.equal_harts.is_empty()
        && machine.harts.iter().any(|hart| hart.computes_addresses)
        && !wide
}

/// What of a location a cell is: the number of the location, and offset and bytes in it.
type Shape = (usize, u64, u64);

/// The cells of locations, and what they are of them.
fn cells_of<S: Set>(
    machine: &CompiledMachine<'_, S>,
    own: &[(u64, u64)],
) -> (Vec<usize>, Vec<Shape>) {
    let mut found = (Vec::new(), Vec::new());
    for (number, &(address, bytes)) in own.iter().enumerate() {
        for (index, cell) in machine.cells.list.iter().enumerate() {
            if (address..address + bytes).contains(&cell.address) {
                found.0.push(index);
                found.1.push((number, cell.address - address, cell.bytes));
            }
        }
    }
    found
}

/// Were two harts unfolded alike, and do they follow the same model?
fn are_alike<S: Set>(machine: &CompiledMachine<'_, S>, a: usize, b: usize) -> bool {
    let (a, b) = (&machine.harts[a], &machine.harts[b]);
    let ops = |h: &'_ super::CompiledHart<S>| -> Vec<_> {
        h.tree.ops.iter().map(|op| (op.step, op.kind, op.paired)).collect()
    };
    (a.tree.nodes.len(), a.tree.depth, a.value_words, a.computes_addresses)
        == (b.tree.nodes.len(), b.tree.depth, b.value_words, b.computes_addresses)
        && ops(a) == ops(b)
        && a.tree.nodes.iter().zip(&b.tree.nodes).all(|(one, other)| {
            (one.len, one.first) == (other.len, other.first)
                && a.tree.path(one) == b.tree.path(other)
        })
        && a.predecessors == b.predecessors
        && a.annotations == b.annotations
}
