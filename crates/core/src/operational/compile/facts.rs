//! What is known of a hart's paths before exploration.

use super::cells::{CellSpan, Cells, low_bytes};
use super::expr::ExprId;
use super::set::Set;
use super::tree::Op;
use crate::arch::riscv::{Extend, Width};

/// What is known of a node.
#[derive(Clone, Default, Debug)]
pub(crate) struct NodeFacts<S> {
    /// Index of the path's first place among the hart's places.
    pub(crate) first_place: usize,
    /// Index of the first cell's users among the hart's users of cells.
    pub(crate) first_cell_users: usize,
    /// Operations of the path that read, that write, whose address is computed.
    pub(crate) reads: S,
    pub(crate) writes: S,
    pub(crate) computed: S,
    /// Operations that depend on a reservation: SCs.
    pub(crate) conditionals: S,
    /// Cells that the path may read.
    pub(crate) read_cells: S,
    /// Operations whose values are needed at the end of the node or below it.
    pub(crate) needed_below: S,
    /// LRs of the path that an SC below the node may be paired with.
    pub(crate) reserved_below: S,
    /// Cells that nodes below may read or write.
    pub(crate) reads_below: S,
    pub(crate) writes_below: S,
}

/// Operations of a node's path whose address is known beforehand, by what they do to one cell.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct CellUsers<S> {
    pub(crate) reads: S,
    pub(crate) writes: S,
}

/// How an operation is done without looking at the rest of what is known, where that is possible.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SimpleAccess {
    /// A plain load or LR of one cell.
    Load(u16, Width, Extend),
    /// A store or SC to one cell: what it writes, cut to the cell's bytes.
    Store(u16, ExprId, u64),
    /// Anything else.
    None,
}

impl SimpleAccess {
    pub(crate) fn of<S: Set>(op: &Op<S>, span: Option<CellSpan>, cells: &Cells) -> SimpleAccess {
        let Some(span) = span.filter(|span| span.count == 1) else { return SimpleAccess::None };
        if op.amo.is_some() || op.expected.is_some() || op.high.is_some() {
            return SimpleAccess::None;
        }
        match op.data {
            None if !op.kind.writes() => SimpleAccess::Load(span.first, op.width, op.extend),
            Some(data) if !op.kind.reads() => {
                let bytes = cells.list[usize::from(span.first)].bytes;
                SimpleAccess::Store(span.first, data, low_bytes(u64::MAX, bytes))
            }
            _ => SimpleAccess::None,
        }
    }
}

/// What is known of one operation of a node's path.
#[derive(Clone, Debug)]
pub(crate) struct PlaceFacts<S> {
    pub(crate) simple: SimpleAccess,
    /// Index into [`super::tree::Tree::ops`].
    pub(crate) op: u32,
    /// Its cells; empty where the address is computed or bad.
    pub(crate) cells: S,
    /// Operations of the path that need its value.
    pub(crate) value_users: S,
    /// Is it a store all of whose cells a younger store of the path is known to write?
    pub(crate) overwritten: bool,
    /// Older writes of the path that are known to write one of its cells.
    pub(crate) older_writes: S,
    /// Of a read, older reads of one of its cells without a write of that cell between: rule 2. As far as
    /// addresses are known.
    pub(crate) older_reads: S,
    /// What must be performed before it, under the models that are followed.
    pub(crate) predecessors: S,
}
