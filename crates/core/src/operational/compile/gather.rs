//! Gathers the facts of a hart's nodes, once the cells of its operations are found.

use super::cells::{CellSpan, Cells};
use super::expr::Exprs;
use super::facts::{CellUsers, NodeFacts, PlaceFacts, SimpleAccess};
use super::hart::CompiledHart;
use super::set::Set;
use super::tree::{Address, Choice, End, NodeId, Op, Tree};
use crate::model::AccessKind;
use crate::program::{Fault, Meter};

/// Words that the users of cells may take for one hart.
const MOST_WORDS: usize = 1 << 20;

impl<S: Set> CompiledHart<S> {
    /// Gathers the facts of every node, once cells are found. `bytes` are held by all harts already.
    ///
    /// # Errors
    /// [`Fault::RanOut`].
    pub(crate) fn gather(
        &mut self,
        cells: &Cells,
        bytes: usize,
        meter: &mut Meter<'_>,
    ) -> Result<(), Fault> {
        self.places.clear();
        self.facts.clear();
        self.left_out = S::EMPTY;
        self.cell_users.clear();
        let words = 2 * S::WORDS * cells.list.len() * self.tree.nodes.len();
        let count = if words > MOST_WORDS { 0 } else { cells.list.len() };
        for id in 0..self.tree.nodes.len() {
            let length = self.tree.nodes[id].len;
            meter.work(1 + length * length * S::WORDS, || bytes)?;
            let facts = self.path_facts(id, cells);
            self.facts.push(facts);
            self.gather_cell_users(id, count);
        }
        // Children stand behind their parents, so going backwards meets them first.
        for id in (0..self.tree.nodes.len()).rev() {
            self.add_below(id);
        }
        Ok(())
    }

    /// The facts of a node's own path.
    fn path_facts(&mut self, id: usize, all: &Cells) -> NodeFacts<S> {
        let start = self.places.len();
        let first_cell_users = self.cell_users.len();
        let mut facts = NodeFacts { first_place: start, first_cell_users, ..NodeFacts::default() };
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
                self.places[start + source].value_users.insert(place);
            }
            let (older_writes, older_reads) = self.older(start, self.spans[id as usize], &facts);
            if op.kind == AccessKind::Store
                && let Some(youngest) = older_writes.last()
            {
                let older = &mut self.places[start + youngest];
                older.overwritten = older.cells.within(cells);
            }
            self.places.push(PlaceFacts {
                simple: SimpleAccess::of(op, self.spans[id as usize], all),
                op: id,
                cells,
                value_users: S::EMPTY,
                overwritten: false,
                older_writes,
                older_reads: older_reads.when(facts.reads.has(place)),
                predecessors: S::EMPTY,
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
    fn gather_cell_users(&mut self, id: usize, count: usize) {
        let first = self.cell_users.len();
        self.cell_users.resize(first + count, CellUsers::default());
        if count == 0 {
            return;
        }
        let facts = &self.facts[id];
        let places = &self.places[facts.first_place..];
        for (place, PlaceFacts { cells, .. }) in places.iter().enumerate() {
            for cell in cells.members() {
                let users = &mut self.cell_users[first + cell];
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
    fn add_below(&mut self, id: usize) {
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
                    add_arm(tree, &self.spans, (id, arm), &mut above[id], &below[0]);
                }
            }
        }
    }
}

/// Adds what the arm `arm` of node `id` contributes.
fn add_arm<S: Set>(
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
