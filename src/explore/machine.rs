//! A program compiled for exploration, and the layout of the machine's state.
//!
//! A state is a row of words: for each hart the node of its tree, which operations of the path are
//! performed, which loads sleep, which reservations are broken, what can be said of the rest of its
//! path (kept beside, not a part of the state's identity), and what loads returned; then one word for
//! each memory cell, and which cells hold a store that has to be read. History is not in it, so equal
//! futures are equal states.

use super::cells::{CellSpan, Cells};
use super::facts::{NodeFacts, Place};
use super::set::Set;
use super::tree::{Address, Node, Tree};
use super::unfold::Assumed;
use super::{Reductions, Refined, order, symmetry, unfold};
use crate::litmus::HartId;
use crate::model::{Annotation, MemoryModel, Options};
use crate::program::{Fault, ObservedFrom, Program};

/// One hart, compiled.
#[derive(Debug)]
pub(super) struct HartMachine<S> {
    pub(super) tree: Tree<S>,
    /// By node.
    pub(super) facts: Vec<NodeFacts<S>>,
    /// The places of all nodes' paths, one path behind the other.
    pub(super) places: Vec<Place<S>>,
    /// By operation: what must be performed before it.
    pub(super) before: Vec<S>,
    /// By node: what must be performed before some operation below the node can be. Only the least
    /// demanding sets; empty when everything below waits for something below.
    pub(super) before_below: Vec<Vec<S>>,
    pub(super) annotations: Vec<Annotation>,
    /// By operation: its cells; empty where the address is computed or bad.
    pub(super) cells: Vec<S>,
    pub(super) spans: Vec<Option<CellSpan>>,
    /// Index of the hart's first word in a state.
    pub(super) base: usize,
    /// Does any path compute an address? Then each place has two more parts: address and cells that
    /// it must not read (see `perform`).
    pub(super) computes: bool,
    /// Words that hold what loads returned: one for each place, and if some operation is 16 bytes
    /// wide, then another one for each place behind them.
    pub(super) values: usize,
}

impl<S: Set> HartMachine<S> {
    /// Parts of a hart's state, as indices of their first words within the hart's.
    const NODE: usize = 0;
    const DONE: usize = 1;
    const ASLEEP: usize = Self::DONE + S::WORDS;
    const BROKEN: usize = Self::ASLEEP + S::WORDS;
    /// Stores that can be performed.
    const READY: usize = Self::BROKEN + S::WORDS;
    /// Cells that the rest of the path may read, may write, and that an LR reserved or may reserve
    /// for an SC to come.
    const READS: usize = Self::READY + S::WORDS;
    const WRITES: usize = Self::READS + S::WORDS;
    const RESERVED: usize = Self::WRITES + S::WORDS;
    const LOADED: usize = Self::RESERVED + S::WORDS;

    fn new(tree: Tree<S>) -> HartMachine<S> {
        HartMachine {
            tree,
            facts: Vec::new(),
            places: Vec::new(),
            before: Vec::new(),
            before_below: Vec::new(),
            annotations: Vec::new(),
            cells: Vec::new(),
            spans: Vec::new(),
            base: 0,
            computes: false,
            values: 0,
        }
    }

    /// Words of this hart in a state.
    pub(super) fn words(&self) -> usize {
        let computed = if self.computes { 1 + S::WORDS } else { 0 };
        Self::LOADED + self.values + self.tree.depth * computed
    }

    fn part(&self, state: &[u64], part: usize) -> S {
        S::get(&state[self.base + part..])
    }

    fn set_part(&self, state: &mut [u64], part: usize, set: S) {
        set.put(&mut state[self.base + part..]);
    }

    /// The node that the hart is in.
    pub(super) fn node_id(&self, state: &[u64]) -> usize {
        state[self.base + Self::NODE] as usize
    }

    pub(super) fn set_node(&self, state: &mut [u64], node: u32) {
        state[self.base + Self::NODE] = u64::from(node);
    }

    /// The node that the hart is in, and what is known of it.
    pub(super) fn node(&self, state: &[u64]) -> (&Node<S>, &NodeFacts<S>) {
        let id = self.node_id(state);
        (&self.tree.nodes[id], &self.facts[id])
    }

    /// Operations of the path that are performed.
    pub(super) fn done(&self, state: &[u64]) -> S {
        self.part(state, Self::DONE)
    }

    pub(super) fn set_done(&self, state: &mut [u64], set: S) {
        self.set_part(state, Self::DONE, set);
    }

    /// Loads of the path that have decided to wait for the next store to their bytes.
    pub(super) fn asleep(&self, state: &[u64]) -> S {
        self.part(state, Self::ASLEEP)
    }

    pub(super) fn set_asleep(&self, state: &mut [u64], set: S) {
        self.set_part(state, Self::ASLEEP, set);
    }

    /// LRs of the path whose bytes another hart has stored to since.
    pub(super) fn broken(&self, state: &[u64]) -> S {
        self.part(state, Self::BROKEN)
    }

    pub(super) fn set_broken(&self, state: &mut [u64], set: S) {
        self.set_part(state, Self::BROKEN, set);
    }

    /// Stores that can be performed, as [`Machine::look_ahead`] found.
    pub(super) fn ready(&self, state: &[u64]) -> S {
        self.part(state, Self::READY)
    }

    /// Cells that the rest of the hart's path may read.
    pub(super) fn reads_to_come(&self, state: &[u64]) -> S {
        self.part(state, Self::READS)
    }

    /// Cells that the rest of the hart's path may write.
    pub(super) fn writes_to_come(&self, state: &[u64]) -> S {
        self.part(state, Self::WRITES)
    }

    /// Cells that an LR reserves for an SC to come.
    pub(super) fn reserved(&self, state: &[u64]) -> S {
        self.part(state, Self::RESERVED)
    }

    pub(super) fn set_writes_to_come(&self, state: &mut [u64], cells: S) {
        self.set_part(state, Self::WRITES, cells);
    }

    pub(super) fn set_ahead(&self, state: &mut [u64], ready: S, reads: S, reserved: S) {
        self.set_part(state, Self::READY, ready);
        self.set_part(state, Self::READS, reads);
        self.set_part(state, Self::RESERVED, reserved);
    }

    /// What loads returned, by place; behind it the upper halves, if there are any.
    pub(super) fn loaded<'s>(&self, state: &'s [u64]) -> &'s [u64] {
        let start = self.base + Self::LOADED;
        &state[start..start + self.values]
    }

    /// Index in a state of what the operation at `place` returned.
    pub(super) fn loaded_word(&self, place: usize) -> usize {
        self.base + Self::LOADED + place
    }

    /// Index in a state of the computed address of a place.
    pub(super) fn address_word(&self, place: usize) -> usize {
        self.base + Self::LOADED + self.values + place
    }

    fn forbidden_word(&self, place: usize) -> usize {
        self.base + Self::LOADED + self.values + self.tree.depth + S::WORDS * place
    }

    /// Cells that a load whose address is not known yet must not turn out to read.
    pub(super) fn forbidden(&self, state: &[u64], place: usize) -> S {
        S::get(&state[self.forbidden_word(place)..])
    }

    pub(super) fn set_forbidden(&self, state: &mut [u64], place: usize, cells: S) {
        cells.put(&mut state[self.forbidden_word(place)..]);
    }
}

/// Where the value of an observed place is in a final state.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen {
    /// This expression of a hart's leaf.
    Register(usize, usize),
    /// These cells.
    Memory(CellSpan),
}

/// A program compiled for one choice of models.
#[derive(Debug)]
pub(super) struct Machine<'p, S> {
    pub(super) program: &'p Program,
    pub(super) options: Options,
    pub(super) reductions: Reductions,
    pub(super) harts: Vec<HartMachine<S>>,
    pub(super) cells: Cells,
    /// Index of the first memory cell in a state.
    pub(super) memory: usize,
    /// Cells that the final state shows.
    pub(super) observed_cells: S,
    /// By observed place of the program.
    pub(super) seen: Vec<Seen>,
    /// Harts that may be exchanged for one another, two or more at a time.
    pub(super) alike: Vec<Vec<usize>>,
    /// By hart: what becomes of it where its path comes to no end.
    pub(super) stuck: Vec<Stuck>,
}

/// What becomes of a state in which a hart's loop is back where it was, or taken too often.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stuck {
    /// It has no final state that is not reached without it: it is dropped.
    Dropped,
    /// Another hart may still be seen to reach a bound or to do what has no meaning.
    Waits,
}

/// An access of 16 bytes as two of 8, so that its halves are whole cells.
fn halves(address: u64, bytes: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..bytes.div_ceil(8)).map(move |half| (address + 8 * half, bytes.min(8)))
}

impl<'p, S: Set> Machine<'p, S> {
    /// Unfolds every hart and cuts memory; `refined` are accesses that an earlier exploration met.
    /// [`Machine::follow`] makes it ready.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] when the set is too small, among others.
    pub(super) fn new(
        program: &'p Program,
        options: &Options,
        reductions: Reductions,
        refined: &Refined,
    ) -> Result<Machine<'p, S>, Fault> {
        let mut harts = Vec::with_capacity(program.harts.len());
        let mut accesses: Vec<(u64, u64)> =
            refined.accesses.iter().flat_map(|&(address, bytes)| halves(address, bytes)).collect();
        for hart in 0..program.harts.len() {
            let mut tree = Tree::default();
            let assumed = Assumed { options, reductions, splits: &refined.splits };
            unfold::unfold(program, HartId(hart as u16), assumed, &mut tree)?;
            for op in &tree.ops {
                if let Address::Known(address) = op.address
                    && program.location_at(address, op.width.bytes()).is_some()
                {
                    accesses.extend(halves(address, op.width.bytes()));
                }
            }
            harts.push(HartMachine::new(tree));
        }
        let cells = Cells::new(program, &mut accesses, S::BITS)?;
        let mut base = 0;
        for hart in &mut harts {
            hart.place(&cells);
            hart.base = base;
            base += hart.words();
        }
        let mut observed_cells = S::EMPTY;
        let mut seen = Vec::with_capacity(program.observed.len());
        let mut registers = vec![0; program.harts.len()];
        for observed in &program.observed {
            seen.push(match observed.from {
                ObservedFrom::Register(hart, _) => {
                    let register = &mut registers[hart.index()];
                    *register += 1;
                    Seen::Register(hart.index(), *register - 1)
                }
                ObservedFrom::Memory { address, bytes } => {
                    // The cut was made for it.
                    let span = cells.span(address, bytes).unwrap_or_default();
                    observed_cells |= span.set();
                    Seen::Memory(span)
                }
            });
        }
        let may_end_badly: Vec<bool> = harts.iter().map(HartMachine::may_end_badly).collect();
        let others = may_end_badly.iter().filter(|bad| **bad).count();
        let stuck = may_end_badly.iter().map(|own| match others > usize::from(*own) {
            true => Stuck::Waits,
            false => Stuck::Dropped,
        });
        let stuck = stuck.collect();
        Ok(Machine {
            program,
            options: *options,
            reductions,
            harts,
            cells,
            memory: base,
            observed_cells,
            seen,
            alike: Vec::new(),
            stuck,
        })
    }

    /// Sets the memory model of each hart.
    pub(super) fn follow(&mut self, models: &[MemoryModel]) {
        for ((machine, hart), model) in self.harts.iter_mut().zip(&self.program.harts).zip(models) {
            order::order(machine, hart, *model, &self.options);
        }
        self.alike = match self.reductions.symmetry {
            true => symmetry::alike(self.program, models, |a, b| {
                let shape = |h: usize| {
                    let tree = &self.harts[h].tree;
                    (tree.nodes.len(), tree.ops.len(), tree.depth)
                };
                shape(a) == shape(b)
            }),
            false => Vec::new(),
        };
    }

    /// Words of a state.
    pub(super) fn words(&self) -> usize {
        self.unread_word() + S::WORDS
    }

    fn unread_word(&self) -> usize {
        self.memory + self.cells.list.len()
    }

    /// Cells that hold a store that has to be read before the next one: see `silent`.
    pub(super) fn unread(&self, state: &[u64]) -> S {
        S::get(&state[self.unread_word()..])
    }

    pub(super) fn set_unread(&self, state: &mut [u64], cells: S) {
        let word = self.unread_word();
        cells.put(&mut state[word..]);
    }

    /// Writes the state before anything happened to `words`, replacing what is there.
    pub(super) fn initial(&self, words: &mut Vec<u64>) {
        words.clear();
        words.resize(self.memory, 0);
        words.extend(self.cells.initial(self.program));
        words.resize(self.words(), 0);
    }
}
