//! A program compiled for exploration, and the layout of the machine's state.
//!
//! A state is a row of words: for each hart the node of its tree, which operations of the path are
//! performed, which loads sleep, which reservations are broken, and what loads returned; then one
//! word for each memory cell. History is not in it, so equal futures are equal states.

use super::cells::{CellSet, CellSpan, Cells};
use super::expr::{OpSet, members};
use super::tree::{Address, Choice, End, Node, NodeId, Tree};
use super::{Reductions, order, unfold};
use crate::litmus::HartId;
use crate::model::{AccessKind, Annotation, MemoryModel, Options};
use crate::program::{Fault, ObservedFrom, Program};

/// Words of a hart's state before the loaded values.
pub(super) const NODE: usize = 0;
pub(super) const DONE: usize = 1;
pub(super) const ASLEEP: usize = 2;
pub(super) const BROKEN: usize = 3;
pub(super) const LOADED: usize = 4;

/// What is known of a node before exploration.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeFacts {
    /// Operations of the path that read, that write, whose address is computed.
    pub(super) reads: OpSet,
    pub(super) writes: OpSet,
    pub(super) computed: OpSet,
    /// Reservation-dependent operations: SCs.
    pub(super) conditionals: OpSet,
    /// For each operation of the path: its cells; empty where the address is computed or bad.
    pub(super) cells: Vec<CellSet>,
    /// For each cell: the operations of the path known to read it, to write it.
    pub(super) readers: Vec<OpSet>,
    pub(super) writers: Vec<OpSet>,
    /// For each operation of the path: the operations of the path that need its value.
    pub(super) users: Vec<OpSet>,
    /// Operations whose values are needed at the end of the node or below it.
    pub(super) needed_below: OpSet,
    /// LRs of the path that an SC below the node may be paired with.
    pub(super) reserved_below: OpSet,
    /// Cells that nodes below may read or write.
    pub(super) reads_below: CellSet,
    pub(super) writes_below: CellSet,
}

/// One hart, compiled.
#[derive(Debug, Default)]
pub(super) struct HartMachine {
    pub(super) tree: Tree,
    pub(super) facts: Vec<NodeFacts>,
    /// By operation: what must be performed before it.
    pub(super) before: Vec<OpSet>,
    /// By node: what must be performed before some operation below the node can be. Only the least
    /// demanding sets; empty when everything below waits for something below.
    pub(super) before_below: Vec<Vec<OpSet>>,
    pub(super) annotations: Vec<Annotation>,
    /// By operation: its cells; empty where the address is computed or bad.
    pub(super) cells: Vec<CellSet>,
    pub(super) spans: Vec<Option<CellSpan>>,
    /// Index of the hart's first word in a state.
    pub(super) base: usize,
    /// Does any path compute an address? Then each place has two more words: address and cells that
    /// it must not read (see `perform`).
    pub(super) computes: bool,
    /// Words that hold what loads returned: one for each place, and if some operation is 16 bytes
    /// wide, then another one for each place behind them.
    pub(super) values: usize,
}

impl HartMachine {
    /// Words of this hart in a state.
    fn words(&self) -> usize {
        LOADED + self.values + if self.computes { 2 * self.tree.depth } else { 0 }
    }

    /// Index, within the hart's words, of the computed address of a place.
    pub(super) fn address_word(&self, place: usize) -> usize {
        LOADED + self.values + 2 * place
    }

    /// Index, within the hart's words, of the cells that a load with unknown address must not touch.
    pub(super) fn forbidden_word(&self, place: usize) -> usize {
        self.address_word(place) + 1
    }

    pub(super) fn node(&self, id: u64) -> (&Node, &NodeFacts) {
        (&self.tree.nodes[id as usize], &self.facts[id as usize])
    }
}

/// A program compiled for one choice of models.
#[derive(Debug)]
pub(super) struct Machine<'p> {
    pub(super) program: &'p Program,
    pub(super) options: Options,
    pub(super) reductions: Reductions,
    pub(super) harts: Vec<HartMachine>,
    pub(super) cells: Cells,
    /// Index of the first memory cell in a state.
    pub(super) memory: usize,
    /// Cells that the final state shows.
    pub(super) observed_cells: CellSet,
    /// What becomes of a hart at [`End::Repeats`].
    pub(super) repeats: Repeats,
}

/// What becomes of a state in which a hart's loop is back where it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Repeats {
    /// Its final states are reached without it: it is dropped.
    Dropped,
    /// Another hart may still be seen to reach a bound or to do what has no meaning.
    Waits,
}

impl<'p> Machine<'p> {
    /// Unfolds every hart and cuts memory; `refined` are accesses that an earlier exploration met.
    /// [`Machine::follow`] makes it ready.
    pub(super) fn new(
        program: &'p Program,
        options: &Options,
        reductions: Reductions,
        refined: &[(u64, u64)],
    ) -> Result<Machine<'p>, Fault> {
        let mut harts = Vec::with_capacity(program.harts.len());
        let mut accesses: Vec<(u64, u64)> =
            refined.iter().flat_map(|&(address, bytes)| halves(address, bytes)).collect();
        for hart in 0..program.harts.len() {
            let mut machine = HartMachine::default();
            let hart = HartId(hart as u16);
            unfold::unfold(program, hart, options, reductions, &mut machine.tree)?;
            for op in &machine.tree.ops {
                if let Address::Known(address) = op.address
                    && program.location_at(address, op.width.bytes()).is_some()
                {
                    accesses.extend(halves(address, op.width.bytes()));
                }
            }
            harts.push(machine);
        }
        let cells = Cells::new(program, &mut accesses)?;
        let mut base = 0;
        for hart in &mut harts {
            hart.place(&cells);
            hart.base = base;
            base += hart.words();
        }
        let mut observed_cells = 0;
        for observed in &program.observed {
            if let ObservedFrom::Memory { address, bytes } = observed.from {
                observed_cells |= cells.span(address, bytes).map_or(0, CellSpan::set);
            }
        }
        let repeats = match harts.iter().any(HartMachine::may_end_badly) {
            true => Repeats::Waits,
            false => Repeats::Dropped,
        };
        Ok(Machine {
            program,
            options: *options,
            reductions,
            harts,
            cells,
            memory: base,
            observed_cells,
            repeats,
        })
    }

    /// Sets the memory model of each hart.
    pub(super) fn follow(&mut self, models: &[MemoryModel]) {
        for ((machine, hart), model) in self.harts.iter_mut().zip(&self.program.harts).zip(models) {
            order::order(machine, hart, *model, &self.options);
        }
    }

    /// Words of a state.
    pub(super) fn words(&self) -> usize {
        self.memory + self.cells.list.len()
    }

    /// Writes the state before anything happened to `words`, replacing what is there.
    pub(super) fn initial(&self, words: &mut Vec<u64>) {
        words.clear();
        words.resize(self.memory, 0);
        words.extend(self.cells.initial(self.program));
    }
}

/// An access of 16 bytes as two of 8, so that its halves are whole cells.
fn halves(address: u64, bytes: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..bytes.div_ceil(8)).map(move |half| (address + 8 * half, bytes.min(8)))
}

impl HartMachine {
    /// Is there a path of which more is to be said than its final states?
    fn may_end_badly(&self) -> bool {
        self.tree.nodes.iter().any(|node| matches!(node.end, End::Cut(_) | End::BadJump(..)))
            || self.spans.contains(&None)
    }

    /// Finds the cells of known addresses and gathers the facts of every node.
    fn place(&mut self, cells: &Cells) {
        self.spans = self
            .tree
            .ops
            .iter()
            .map(|op| match op.address {
                Address::Known(address) if address % op.width.bytes() == 0 => {
                    cells.span(address, op.width.bytes())
                }
                _ => None,
            })
            .collect();
        self.cells = self.spans.iter().map(|span| span.map_or(0, CellSpan::set)).collect();
        self.computes = self.tree.ops.iter().any(|op| matches!(op.address, Address::Computed(_)));
        let wide = self.tree.ops.iter().any(|op| op.wide.is_some());
        self.values = if wide { 2 * self.tree.depth } else { self.tree.depth };
        self.facts = vec![NodeFacts::default(); self.tree.nodes.len()];
        // Children stand behind their parents, so going backwards meets them first.
        for id in (0..self.tree.nodes.len()).rev() {
            self.facts[id] = self.gather(id, cells.list.len());
        }
    }

    fn gather(&self, id: usize, cells: usize) -> NodeFacts {
        let tree = &self.tree;
        let node = &tree.nodes[id];
        let mut facts = NodeFacts {
            cells: node.path.iter().map(|op| self.cells[*op as usize]).collect(),
            readers: vec![0; cells],
            writers: vec![0; cells],
            users: vec![0; node.path.len()],
            ..NodeFacts::default()
        };
        for place in 0..node.path.len() {
            let op = tree.op(node, place);
            let bit = 1 << place;
            facts.reads |= if op.kind.reads() { bit } else { 0 };
            facts.writes |= if op.kind.writes() { bit } else { 0 };
            for cell in members(facts.cells[place]) {
                facts.readers[cell] |= if op.kind.reads() { bit } else { 0 };
                facts.writers[cell] |= if op.kind.writes() { bit } else { 0 };
            }
            facts.conditionals |= if op.kind == AccessKind::StoreConditional { bit } else { 0 };
            for source in members(self.value_sources(node, place)) {
                facts.users[source] |= bit;
            }
            if let Address::Computed(_) = op.address {
                facts.computed |= bit;
            }
        }
        match &node.end {
            End::Leaf(observed) => {
                facts.needed_below =
                    observed.iter().fold(0, |needed, expr| needed | tree.exprs.sources(*expr));
            }
            End::Cut(_) | End::Repeats => {}
            End::BadJump(_, target) => facts.needed_below = tree.exprs.sources(*target),
            End::Fork(fork) => {
                if let Choice::Value(value, _) = &fork.choice {
                    facts.needed_below |= tree.exprs.sources(*value);
                }
                for &arm in &fork.arms {
                    self.gather_arm(node, arm, &mut facts);
                }
            }
        }
        facts
    }

    /// Adds what a node below contributes.
    fn gather_arm(&self, node: &Node, arm: NodeId, facts: &mut NodeFacts) {
        let below = &self.facts[arm as usize];
        let arm = &self.tree.nodes[arm as usize];
        facts.needed_below |= below.needed_below;
        facts.reserved_below |= below.reserved_below;
        facts.reads_below |= below.reads_below;
        facts.writes_below |= below.writes_below;
        for place in node.path.len()..arm.path.len() {
            let op = self.tree.op(arm, place);
            facts.needed_below |= self.value_sources(arm, place);
            facts.reserved_below |= op.paired.map_or(0, |lr| 1 << lr);
            let cells = match self.spans[arm.path[place] as usize] {
                Some(span) => span.set(),
                None if matches!(op.address, Address::Computed(_)) => CellSet::MAX,
                None => 0,
            };
            facts.reads_below |= if op.kind.reads() { cells } else { 0 };
            facts.writes_below |= if op.kind.writes() { cells } else { 0 };
        }
        let path: OpSet =
            if node.path.len() >= 64 { OpSet::MAX } else { (1 << node.path.len()) - 1 };
        facts.needed_below &= path;
        facts.reserved_below &= path;
    }

    /// Operations whose values the operation at `place` needs to be performed.
    fn value_sources(&self, node: &Node, place: usize) -> OpSet {
        let op = self.tree.op(node, place);
        let exprs = &self.tree.exprs;
        let of = |expr: Option<_>| expr.map_or(0, |e| exprs.sources(e));
        let address = match op.address {
            Address::Known(_) => 0,
            Address::Computed(expr) => exprs.sources(expr),
        };
        let wide = op.wide.map_or(0, |w| exprs.sources(w.data) | exprs.sources(w.expected));
        of(op.data) | of(op.expected) | wide | address
    }
}
