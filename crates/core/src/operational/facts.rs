//! What is known of a hart's paths before exploration.

use super::cells::{CellSpan, Cells, low_bytes};
use super::expr::{ExprId, Exprs};
use super::machine::HartMachine;
use super::set::Set;
use super::tree::{Address, Choice, End, NodeId, Op, Tree};
use crate::arch::{Extend, Width};
use crate::model::AccessKind;

/// What is known of a node.
#[derive(Clone, Debug)]
pub(super) struct NodeFacts<S> {
    /// Index into [`HartMachine::places`] of the path's first.
    pub(super) start: usize,
    /// Index into [`HartMachine::users`] of the first cell's.
    pub(super) by_cell: usize,
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

/// Operations of a node's path whose address is known beforehand, by what they do to one cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Users<S> {
    pub(super) reads: S,
    pub(super) writes: S,
}

/// Words that such sets may take for one hart.
const MOST_WORDS: usize = 1 << 20;

/// An operation as far as it can be done without looking at the rest of what is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Simple {
    /// A plain load or LR of one cell.
    Load(u16, Width, Extend),
    /// A store or SC to one cell: what it writes, cut to the cell's bytes.
    Store(u16, ExprId, u64),
    /// Anything else.
    No,
}

impl Simple {
    fn of<S: Set>(op: &Op<S>, span: Option<CellSpan>, cells: &Cells) -> Simple {
        let Some(span) = span.filter(|span| span.count == 1) else { return Simple::No };
        if op.amo.is_some() || op.expected.is_some() || op.high.is_some() {
            return Simple::No;
        }
        match op.data {
            None if !op.kind.writes() => Simple::Load(span.first, op.width, op.extend),
            Some(data) if !op.kind.reads() => {
                let bytes = cells.list[usize::from(span.first)].bytes;
                Simple::Store(span.first, data, low_bytes(u64::MAX, bytes))
            }
            _ => Simple::No,
        }
    }
}

/// What is known of one operation of a node's path.
#[derive(Clone, Debug)]
pub(super) struct Place<S> {
    pub(super) simple: Simple,
    /// Index into [`super::tree::Tree::ops`].
    pub(super) op: u32,
    /// Its cells; empty where the address is computed or bad.
    pub(super) cells: S,
    /// Operations of the path that need its value.
    pub(super) users: S,
    /// Is it a store all of whose cells a younger store of the path is known to write?
    pub(super) overwritten: bool,
    /// Older writes of the path that are known to write one of its cells.
    pub(super) older_writes: S,
    /// Of a read, older reads of one of its cells without a write of that cell between: rule 2. As far as
    /// addresses are known.
    pub(super) rivals: S,
    /// What must be performed before it, under the models that are followed.
    pub(super) before: S,
}

impl<S: Set> HartMachine<S> {
    /// The operation at `place` of the path that ends in a node.
    pub(super) fn place_at(&self, facts: &NodeFacts<S>, place: usize) -> &Place<S> {
        &self.places[facts.start + place]
    }

    /// Is there a path of which more is to be said than its final states?
    pub(super) fn may_end_badly(&self) -> bool {
        self.tree.nodes.iter().any(|node| matches!(node.end, End::Cut(_) | End::BadJump(..)))
            || self.may_fault
    }

    /// Finds the cells of known addresses.
    pub(super) fn locate(&mut self, cells: &Cells) {
        self.spans.clear();
        self.spans.extend(self.tree.ops.iter().map(|op| match op.address {
            Address::Known(address) if op.fits(address) => cells.span(address, op.width.bytes()),
            _ => None,
        }));
        self.cells.clear();
        self.cells.extend(self.spans.iter().map(|span| span.map_or(S::EMPTY, CellSpan::set)));
        self.may_fault = self.spans.contains(&None) || self.tree.has_checks();
        self.computes = self.tree.ops.iter().any(|op| matches!(op.address, Address::Computed(_)));
        let wide = self.tree.ops.iter().any(|op| op.high.is_some());
        self.values = if wide { 2 * self.tree.depth } else { self.tree.depth };
    }

    /// Gathers the facts of every node, once cells are found.
    pub(super) fn gather(&mut self, cells: &Cells) {
        self.places.clear();
        self.facts.clear();
        self.unseen = S::EMPTY;
        self.users.clear();
        let words = 2 * S::WORDS * cells.list.len() * self.tree.nodes.len();
        let count = if words > MOST_WORDS { 0 } else { cells.list.len() };
        for id in 0..self.tree.nodes.len() {
            let facts = self.along(id, cells);
            self.facts.push(facts);
            self.by_cell(id, count);
        }
        // Children stand behind their parents, so going backwards meets them first.
        for id in (0..self.tree.nodes.len()).rev() {
            self.below(id);
        }
    }

    /// The facts of a node's own path.
    fn along(&mut self, id: usize, all: &Cells) -> NodeFacts<S> {
        let start = self.places.len();
        let mut facts = NodeFacts {
            start,
            by_cell: self.users.len(),
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
        for (place, &id) in self.tree.path(node).iter().enumerate() {
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
                self.places[start + source].users.insert(place);
            }
            let (older_writes, rivals) = self.older(start, self.spans[id as usize], &facts);
            if op.kind == AccessKind::Store
                && let Some(youngest) = older_writes.last()
            {
                let older = &mut self.places[start + youngest];
                older.overwritten = older.cells.within(cells);
            }
            self.places.push(Place {
                simple: Simple::of(op, self.spans[id as usize], all),
                op: id,
                cells,
                users: S::EMPTY,
                overwritten: false,
                older_writes,
                rivals: rivals.when(facts.reads.has(place)),
                before: S::EMPTY,
            });
        }
        facts
    }

    /// Of the operations of a path so far, from index `start` on: the writes of cells of `span`, and the
    /// reads of them after which the cell was not written.
    fn older(&self, start: usize, span: Option<CellSpan>, facts: &NodeFacts<S>) -> (S, S) {
        let (mut writes, mut reads) = (S::EMPTY, S::EMPTY);
        let Some(span) = span else { return (writes, reads) };
        let mut unwritten: S = span.set();
        for (place, older) in self.places[start..].iter().enumerate().rev() {
            if !self.spans[older.op as usize].is_some_and(|older| older.meets(span)) {
                continue;
            }
            if facts.reads.has(place) && older.cells.meets(unwritten) {
                reads.insert(place);
            }
            if facts.writes.has(place) {
                writes.insert(place);
                unwritten &= !older.cells;
            }
        }
        (writes, reads)
    }

    /// Sorts the operations of a node's path by the first `count` cells.
    fn by_cell(&mut self, id: usize, count: usize) {
        let none = Users { reads: S::EMPTY, writes: S::EMPTY };
        let first = self.users.len();
        self.users.resize(first + count, none);
        if count == 0 {
            return;
        }
        let facts = &self.facts[id];
        let places = &self.places[facts.start..];
        for (place, Place { cells, .. }) in places.iter().enumerate() {
            for cell in cells.members() {
                let users = &mut self.users[first + cell];
                if facts.reads.has(place) {
                    users.reads.insert(place);
                }
                if facts.writes.has(place) {
                    users.writes.insert(place);
                }
            }
        }
    }

    /// Adds to a node's facts what its end and the nodes below contribute.
    fn below(&mut self, id: usize) {
        let tree = &self.tree;
        let node = &tree.nodes[id];
        match &node.end {
            End::Leaf(leaf) => {
                let observed = tree.observed(*leaf);
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
    for place in node.len..arm.len {
        let op = tree.op(arm, place);
        facts.needed_below |= value_sources(&tree.exprs, op);
        if let Some(lr) = op.paired {
            facts.reserved_below |= S::only(lr.into());
        }
        let cells = match spans[tree.path(arm)[place] as usize] {
            Some(span) => span.set(),
            None if matches!(op.address, Address::Computed(_)) => S::FULL,
            None => S::EMPTY,
        };
        facts.reads_below |= cells.when(op.kind.reads());
        facts.writes_below |= cells.when(op.kind.writes());
    }
    let path = S::below(node.len);
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
