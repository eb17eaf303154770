//! What is known of a hart's paths before exploration.

use super::cells::{CellSpan, Cells};
use super::expr::Exprs;
use super::machine::HartMachine;
use super::set::Set;
use super::tree::{Address, Choice, End, NodeId, Op, Tree};
use crate::model::AccessKind;

/// What is known of a node.
#[derive(Clone, Debug)]
pub(super) struct NodeFacts<S> {
    /// Index into [`HartMachine::places`] of the path's first.
    pub(super) start: usize,
    /// Operations of the path that read, that write, whose address is computed.
    pub(super) reads: S,
    pub(super) writes: S,
    pub(super) computed: S,
    /// Operations that depend on a reservation: SCs.
    pub(super) conditionals: S,
    /// Cells that the path may read.
    pub(super) read_cells: S,
    /// Operations whose values are needed at the end of the node or below it.
    pub(super) needed_below: S,
    /// LRs of the path that an SC below the node may be paired with.
    pub(super) reserved_below: S,
    /// Cells that nodes below may read or write.
    pub(super) reads_below: S,
    pub(super) writes_below: S,
}

/// What is known of one operation of a node's path.
#[derive(Clone, Debug)]
pub(super) struct Place<S> {
    /// Index into [`super::tree::Tree::ops`].
    pub(super) op: u32,
    /// Its cells; empty where the address is computed or bad.
    pub(super) cells: S,
    /// Operations of the path that need its value.
    pub(super) users: S,
    /// What must be performed before it, under the models that are followed.
    pub(super) before: S,
}

impl<S: Set> HartMachine<S> {
    /// The operation at `place` of the path that ends in a node.
    pub(super) fn place_at(&self, facts: &NodeFacts<S>, place: usize) -> &Place<S> {
        &self.places[facts.start + place]
    }

    /// Finds the cells of known addresses and gathers the facts of every node.
    pub(super) fn place(&mut self, cells: &Cells) {
        self.spans = self
            .tree
            .ops
            .iter()
            .map(|op| match op.address {
                Address::Known(address) if op.fits(address) => {
                    cells.span(address, op.width.bytes())
                }
                _ => None,
            })
            .collect();
        self.cells = self.spans.iter().map(|span| span.map_or(S::EMPTY, CellSpan::set)).collect();
        self.computes = self.tree.ops.iter().any(|op| matches!(op.address, Address::Computed(_)));
        let wide = self.tree.ops.iter().any(|op| op.high.is_some());
        self.values = if wide { 2 * self.tree.depth } else { self.tree.depth };
        self.places.clear();
        self.facts.clear();
        for id in 0..self.tree.nodes.len() {
            let facts = self.along(id);
            self.facts.push(facts);
        }
        // Children stand behind their parents, so going backwards meets them first.
        for id in (0..self.tree.nodes.len()).rev() {
            self.below(id);
        }
    }

    /// Is there a path of which more is to be said than its final states?
    pub(super) fn may_end_badly(&self) -> bool {
        self.tree.nodes.iter().any(|node| matches!(node.end, End::Cut(_) | End::BadJump(..)))
            || self.spans.contains(&None)
    }

    /// The facts of a node's own path.
    fn along(&mut self, id: usize) -> NodeFacts<S> {
        let start = self.places.len();
        let mut facts = NodeFacts {
            start,
            reads: S::EMPTY,
            writes: S::EMPTY,
            computed: S::EMPTY,
            conditionals: S::EMPTY,
            read_cells: S::EMPTY,
            needed_below: S::EMPTY,
            reserved_below: S::EMPTY,
            reads_below: S::EMPTY,
            writes_below: S::EMPTY,
        };
        let node = &self.tree.nodes[id];
        for (place, &id) in node.path.iter().enumerate() {
            let op = &self.tree.ops[id as usize];
            let cells = self.cells[id as usize];
            let only = S::only(place);
            let computed = matches!(op.address, Address::Computed(_));
            facts.reads |= only.when(op.kind.reads());
            facts.writes |= only.when(op.kind.writes());
            facts.conditionals |= only.when(op.kind == AccessKind::StoreConditional);
            facts.computed |= only.when(computed);
            if op.kind.reads() {
                facts.read_cells |= if computed { S::FULL } else { cells };
            }
            for source in value_sources(&self.tree.exprs, op).members() {
                self.places[start + source].users |= only;
            }
            self.places.push(Place { op: id, cells, users: S::EMPTY, before: S::EMPTY });
        }
        facts
    }

    /// Adds to a node's facts what its end and the nodes below contribute.
    fn below(&mut self, id: usize) {
        let tree = &self.tree;
        let node = &tree.nodes[id];
        match &node.end {
            End::Leaf(observed) => {
                let sources = observed.iter().map(|expr| tree.exprs.sources(*expr));
                self.facts[id].needed_below = sources.fold(S::EMPTY, |all, sources| all | sources);
            }
            End::Cut(_) | End::Repeats => {}
            End::BadJump(_, target) => self.facts[id].needed_below = tree.exprs.sources(*target),
            End::Fork(fork) => {
                if let Choice::Value(value, _) = &fork.choice {
                    self.facts[id].needed_below |= tree.exprs.sources(*value);
                }
                for &arm in &fork.arms {
                    let (above, below) = self.facts.split_at_mut(arm as usize);
                    gather_arm(tree, &self.spans, (id, arm), &mut above[id], &below[0]);
                }
            }
        }
    }
}

/// Adds what the arm `arm` of node `id` contributes.
fn gather_arm<S: Set>(
    tree: &Tree<S>,
    spans: &[Option<CellSpan>],
    (id, arm): (usize, NodeId),
    facts: &mut NodeFacts<S>,
    below: &NodeFacts<S>,
) {
    let node = &tree.nodes[id];
    let arm = &tree.nodes[arm as usize];
    facts.needed_below |= below.needed_below;
    facts.reserved_below |= below.reserved_below;
    facts.reads_below |= below.reads_below;
    facts.writes_below |= below.writes_below;
    for place in node.path.len()..arm.path.len() {
        let op = tree.op(arm, place);
        facts.needed_below |= value_sources(&tree.exprs, op);
        if let Some(lr) = op.paired {
            facts.reserved_below |= S::only(lr.into());
        }
        let cells = match spans[arm.path[place] as usize] {
            Some(span) => span.set(),
            None if matches!(op.address, Address::Computed(_)) => S::FULL,
            None => S::EMPTY,
        };
        facts.reads_below |= cells.when(op.kind.reads());
        facts.writes_below |= cells.when(op.kind.writes());
    }
    let path = S::below(node.path.len());
    facts.needed_below &= path;
    facts.reserved_below &= path;
}

/// Operations whose values `op` needs to be performed.
fn value_sources<S: Set>(exprs: &Exprs<S>, op: &Op<S>) -> S {
    let of = |expr: Option<_>| expr.map_or(S::EMPTY, |e| exprs.sources(e));
    let address = match op.address {
        Address::Known(_) => S::EMPTY,
        Address::Computed(expr) => exprs.sources(expr),
    };
    let high = op.high.map_or(S::EMPTY, |h| exprs.sources(h.data) | exprs.sources(h.expected));
    of(op.data) | of(op.expected) | high | address
}
