//! A program compiled for exploration, and the layout of the machine's state.
//!
//! A state is a row of words: for each hart the number of the point where it stands (see `local`); what
//! the loads of each hart returned; one word for each memory cell; and which cells hold a store that has
//! to be read. History is not in it, so equal futures are equal states.

use std::ops::Range;

use super::cells::{CellSpan, Cells};
use super::facts::{NodeFacts, Place, Users};
use super::set::Set;
use super::tree::{Address, End, Node, Tree};
use super::unfold::{Assumed, Room};
use super::{Reductions, Refined, order, symmetry, unfold};
use crate::litmus::HartId;
use crate::model::{Annotation, BaseModel, Options, RuleSet};
use crate::program::{Fault, Observed, ObservedFrom, Program, Rendering};

/// One hart, compiled.
#[derive(Debug)]
pub(super) struct HartMachine<S> {
    pub(super) tree: Tree<S>,
    /// By node.
    pub(super) facts: Vec<NodeFacts<S>>,
    /// The places of all nodes' paths, one path behind the other.
    pub(super) places: Vec<Place<S>>,
    /// By node and cell: the operations of the path; empty where that would take too much.
    pub(super) users: Vec<Users<S>>,
    /// By operation: what must be performed before it.
    pub(super) before: Vec<S>,
    /// What must be performed before some operation below a node can be. Only the least demanding sets;
    /// none when everything below waits for something below.
    pub(super) before_below: Vec<S>,
    /// By node: which of them are its.
    pub(super) below: Vec<Range<usize>>,
    pub(super) annotations: Vec<Annotation>,
    /// By operation: its cells; empty where the address is computed or bad.
    pub(super) cells: Vec<S>,
    pub(super) spans: Vec<Option<CellSpan>>,
    /// Index in a state of what the hart's first load returned.
    pub(super) base: usize,
    /// Loads that are left out: see `unseen`. None where paths fork.
    pub(super) unseen: S,
    /// Does any path compute an address?
    pub(super) computes: bool,
    /// Is there an address that is a bad one, or may turn out so?
    pub(super) may_fault: bool,
    /// Words that hold what loads returned: one for each place, and if some operation is 16 bytes
    /// wide, then another one for each place behind them.
    pub(super) values: usize,
}

impl<S: Set> Default for HartMachine<S> {
    fn default() -> Self {
        HartMachine {
            tree: Tree::default(),
            facts: Vec::new(),
            places: Vec::new(),
            users: Vec::new(),
            before: Vec::new(),
            before_below: Vec::new(),
            below: Vec::new(),
            annotations: Vec::new(),
            cells: Vec::new(),
            spans: Vec::new(),
            base: 0,
            unseen: S::EMPTY,
            computes: false,
            may_fault: false,
            values: 0,
        }
    }
}

impl<S: Set> HartMachine<S> {
    /// What loads returned, by place; behind it the upper halves, if there are any.
    #[inline]
    pub(super) fn loaded<'s>(&self, state: &'s [u64]) -> &'s [u64] {
        &state[self.base..self.base + self.values]
    }

    /// Index in a state of what the operation at `place` returned.
    #[inline]
    pub(super) fn loaded_word(&self, place: usize) -> usize {
        self.base + place
    }
}

/// Where the value of an observed place is in a final state.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen {
    /// This word of the state.
    Word(usize),
    /// It is the same in every state.
    Constant(u64),
    /// This expression of a hart's leaf.
    Register(usize, usize),
    /// These cells.
    Memory(CellSpan),
}

impl Seen {
    /// The observed register number `index` of hart number `h`.
    fn register<S: Set>(h: usize, hart: &HartMachine<S>, index: usize) -> Seen {
        let tree = &hart.tree;
        // A hart that takes no fork has one leaf.
        let [Node { end: End::Leaf(leaf), .. }] = &tree.nodes[..] else {
            return Seen::Register(h, index);
        };
        let expr = tree.observed(*leaf)[index];
        match (tree.exprs.as_loaded(expr), tree.exprs.as_constant(expr)) {
            (Some(place), _) => Seen::Word(hart.loaded_word(place)),
            (_, Some(value)) => Seen::Constant(value),
            _ => Seen::Register(h, index),
        }
    }
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
    pub(super) seen: Vec<(Seen, Rendering)>,
    /// Harts that may be exchanged for one another, two or more at a time.
    pub(super) alike: Vec<Vec<usize>>,
    /// By hart: the first hart that is alike, whose points it shares.
    pub(super) shared: Vec<usize>,
    /// May some path come to no good end, or access what it may not?
    pub(super) may_end_badly: bool,
    /// By hart: what becomes of it where its path comes to no end.
    pub(super) stuck: Vec<Stuck>,
    /// Are the facts of the harts' nodes gathered?
    pub(super) gathered: bool,
    /// Address and bytes of every access whose address is known, for its allocation.
    pub(super) accesses: Vec<(u64, u64)>,
    /// For its allocations, too.
    pub(super) room: Room,
}

/// Allocations of a machine, for the next one. What they hold means nothing.
pub(super) struct Parts<S> {
    harts: Vec<HartMachine<S>>,
    accesses: Vec<(u64, u64)>,
    cells: Cells,
    seen: Vec<(Seen, Rendering)>,
    shared: Vec<usize>,
    stuck: Vec<Stuck>,
    room: Room,
}

impl<S> Default for Parts<S> {
    fn default() -> Self {
        Parts {
            harts: Vec::new(),
            accesses: Vec::new(),
            cells: Cells::default(),
            seen: Vec::new(),
            shared: Vec::new(),
            stuck: Vec::new(),
            room: Room::default(),
        }
    }
}

/// What another choice of models changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    /// Nothing: the models that were followed before order the operations of this program alike.
    None,
    /// What has to be performed before what.
    Order,
    /// Which harts are alike, too: nothing that is known of points of their paths holds any more.
    Alike,
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
    /// [`Machine::follow`] and then [`Machine::prepare`] make it ready.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] when the set is too small, among others.
    pub(super) fn new(
        program: &'p Program,
        options: &Options,
        reductions: Reductions,
        refined: &Refined,
        spare: Parts<S>,
    ) -> Result<Machine<'p, S>, Fault> {
        let Parts { mut harts, mut accesses, cells, mut seen, mut shared, mut stuck, mut room } =
            spare;
        shared.clear();
        harts.resize_with(program.harts.len(), HartMachine::default);
        accesses.clear();
        accesses
            .extend(refined.accesses.iter().flat_map(|&(address, bytes)| halves(address, bytes)));
        for (hart, machine) in harts.iter_mut().enumerate() {
            let tree = &mut machine.tree;
            let assumed = Assumed { options, reductions, splits: &refined.splits };
            unfold::unfold(program, HartId(hart as u16), assumed, tree, &mut room)?;
            for op in &tree.ops {
                if let Address::Known(address) = op.address
                    && program.location_at(address, op.width.bytes()).is_some()
                {
                    accesses.extend(halves(address, op.width.bytes()));
                }
            }
        }
        let cells = Cells::new(program, &mut accesses, S::BITS, cells)?;
        let mut base = harts.len();
        for hart in &mut harts {
            hart.locate(&cells);
            hart.base = base;
            base += hart.values;
        }
        let mut observed_cells = S::EMPTY;
        seen.clear();
        for (index, observed) in program.observed.iter().enumerate() {
            let place = match observed.from {
                ObservedFrom::Register(hart, _) => {
                    let of_hart =
                        |o: &&Observed| matches!(o.from, ObservedFrom::Register(h, _) if h == hart);
                    let before = program.observed[..index].iter().filter(of_hart).count();
                    Seen::register(hart.index(), &harts[hart.index()], before)
                }
                ObservedFrom::Memory { address, bytes } => {
                    // The cut was made for it.
                    let span = cells.span(address, bytes).unwrap_or_default();
                    observed_cells |= span.set();
                    match span.count {
                        1 => Seen::Word(base + usize::from(span.first)),
                        _ => Seen::Memory(span),
                    }
                }
            };
            seen.push((place, observed.rendering));
        }
        let bad = harts.iter().filter(|hart| hart.may_end_badly()).count();
        stuck.clear();
        stuck.extend(harts.iter().map(|hart| match bad > usize::from(hart.may_end_badly()) {
            true => Stuck::Waits,
            false => Stuck::Dropped,
        }));
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
            shared,
            may_end_badly: bad > 0,
            stuck,
            gathered: false,
            accesses,
            room,
        })
    }

    /// Works out what a search needs besides, under the models that are followed now. Says whether other
    /// loads are left out than before: then nothing that is known of points of paths holds any more.
    pub(super) fn prepare(&mut self) -> bool {
        let leave_out = self.reductions.unseen && self.options.rules == RuleSet::ALL;
        let mut changed = false;
        for hart in &mut self.harts {
            if !self.gathered {
                hart.gather(&self.cells);
            }
            order::foresee(hart);
            changed |= leave_out && hart.leave_out_unseen();
        }
        self.gathered = true;
        changed
    }

    /// What another machine can be made of. Nothing is to be done with this one any more.
    pub(super) fn take_apart(&mut self) -> Parts<S> {
        Parts {
            harts: std::mem::take(&mut self.harts),
            accesses: std::mem::take(&mut self.accesses),
            cells: std::mem::take(&mut self.cells),
            seen: std::mem::take(&mut self.seen),
            shared: std::mem::take(&mut self.shared),
            stuck: std::mem::take(&mut self.stuck),
            room: std::mem::take(&mut self.room),
        }
    }

    /// Sets the memory model of each hart.
    pub(super) fn follow(&mut self, models: &[BaseModel]) -> Change {
        let mut reordered = false;
        for ((machine, hart), model) in self.harts.iter_mut().zip(&self.program.harts).zip(models) {
            reordered |= order::order(machine, hart, *model, &self.options);
        }
        if !reordered && !self.shared.is_empty() {
            return Change::None;
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
        let first = |hart: usize| {
            let group = self.alike.iter().find(|group| group.contains(&hart));
            group.map_or(hart, |group| group[0])
        };
        let before = std::mem::take(&mut self.shared);
        let same = before.iter().copied().eq((0..self.harts.len()).map(first));
        self.shared = before;
        if same {
            return Change::Order;
        }
        self.shared.clear();
        self.shared.extend((0..self.harts.len()).map(first));
        Change::Alike
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
