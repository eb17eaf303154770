//! One hart, compiled: its tree of paths, and what stands beside it.

use std::ops::Range;

use super::cells::{CellSpan, Cells};
use super::facts::{CellUsers, NodeFacts, PlaceFacts};
use super::set::Set;
use super::tree::{Address, End, Tree};
use crate::model::Annotation;

/// One hart, compiled.
#[derive(Debug, Default)]
pub(crate) struct CompiledHart<S> {
    pub(crate) tree: Tree<S>,
    /// Facts of each node.
    pub(crate) facts: Vec<NodeFacts<S>>,
    /// The places of all nodes' paths, one path behind the other.
    pub(crate) places: Vec<PlaceFacts<S>>,
    /// The operations of a path that use a cell, by node and cell; empty where that would take too much.
    pub(crate) cell_users: Vec<CellUsers<S>>,
    /// What must be performed before an operation, by operation.
    pub(crate) predecessors: Vec<S>,
    /// What must be performed before some operation below a node can be. Only the least demanding sets;
    /// none when everything below waits for something below.
    pub(crate) below_predecessors: Vec<S>,
    /// Which of [`CompiledHart::below_predecessors`] are a node's, by node.
    pub(crate) below_ranges: Vec<Range<usize>>,
    pub(crate) annotations: Vec<Annotation>,
    /// The cells of an operation, by operation; empty where the address is computed or bad.
    pub(crate) cells: Vec<S>,
    pub(crate) spans: Vec<Option<CellSpan>>,
    /// Index in a state of what the hart's first load returned.
    pub(crate) first_value: usize,
    /// Words that hold what loads returned: one for each place, and if some operation is 16 bytes
    /// wide, then another one for each place behind them.
    pub(crate) value_words: usize,
    /// Loads that are left out, as if they were performed from the start. None where paths fork.
    pub(crate) left_out: S,
    /// Does any path compute an address?
    pub(crate) computes_addresses: bool,
    /// Is there an address that is a bad one, or may turn out so?
    pub(crate) may_fault: bool,
    /// Is there a path of which more is to be said than its final states?
    pub(crate) may_end_badly: bool,
}

impl<S: Set> CompiledHart<S> {
    /// What loads returned, by place; behind it the upper halves, if there are any.
    #[inline]
    pub(crate) fn loaded<'s>(&self, state: &'s [u64]) -> &'s [u64] {
        &state[self.first_value..self.first_value + self.value_words]
    }

    /// Index in a state of what the operation at `place` returned.
    #[inline]
    pub(crate) fn loaded_word(&self, place: usize) -> usize {
        self.first_value + place
    }

    /// The operation at `place` of the path that ends in a node.
    pub(crate) fn place_at(&self, facts: &NodeFacts<S>, place: usize) -> &PlaceFacts<S> {
        &self.places[facts.first_place + place]
    }

    /// Bytes of memory that a tree and what will stand beside it take, but for what depends on the models.
    pub(crate) fn bytes_of(tree: &Tree<S>) -> usize {
        let op = 2 * size_of::<S>() + size_of::<Option<CellSpan>>() + size_of::<Annotation>();
        let node = size_of::<NodeFacts<S>>() + size_of::<Range<usize>>();
        tree.bytes()
            + tree.ops.len() * op
            + tree.nodes.len() * node
            + tree.places() * size_of::<PlaceFacts<S>>()
    }

    /// Bytes of memory that it takes.
    pub(crate) fn bytes(&self) -> usize {
        let sets = self.below_predecessors.len() * size_of::<S>();
        CompiledHart::bytes_of(&self.tree)
            + sets
            + self.cell_users.len() * size_of::<CellUsers<S>>()
    }

    /// Finds the cells of known addresses.
    pub(crate) fn locate(&mut self, cells: &Cells) {
        self.spans.clear();
        self.spans.extend(self.tree.ops.iter().map(|op| match op.address {
            Address::Known(address) if op.fits(address) => cells.span(address, op.width.bytes()),
            _ => None,
        }));
        self.cells.clear();
        self.cells.extend(self.spans.iter().map(|span| span.map_or(S::EMPTY, CellSpan::set)));
        self.may_fault = self.spans.contains(&None) || self.tree.has_checks();
        self.may_end_badly = self.may_fault
            || self.tree.nodes.iter().any(|n| matches!(n.end, End::Cut(_) | End::BadJump(..)));
        self.computes_addresses =
            self.tree.ops.iter().any(|op| matches!(op.address, Address::Computed(_)));
        let wide = self.tree.ops.iter().any(|op| op.high.is_some());
        self.value_words = if wide { 2 * self.tree.depth } else { self.tree.depth };
    }
}
