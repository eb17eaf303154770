//! Sets of local states: what a hart does that no other can see is not branched on.
//!
//! Harts see of one another nothing but stores. Where the loads of *n* harts can each come before or after
//! the stores of others, a search that takes one local state of each hart at a time meets the product of
//! all of these choices, although none of them is of any importance to another hart before it shows in a
//! store. Here a state has, instead of one local state of each hart, the *set* of those that the hart may be
//! in, given the stores that were performed so far, in their order. Outcomes are then products of what the
//! harts' sets hold at the end; states are not.
//!
//! # When
//!
//! Where an SC needs a reason to fail, no path of a hart comes to no good end, and no address is a bad one or may
//! turn out so: whether such a path is taken for certain is then a question to all harts. Else it is one to the
//! hart alone. It is tried where a search state by state has met many states, and given up where it does not
//! come to its end soon: sets can be many, too.
//!
//! # Why
//!
//! Take any execution, and of its global memory order the stores: a word *w* of (hart, bytes, values). The
//! steps of a hart between two stores, its loads and guesses, change nothing but its local state; they read
//! nothing but that and memory, which *w* up to there tells; and its own stores and the stores of others
//! change its local state in a way that depends on nothing else besides. (All that the layer `step` does is
//! of this form, and so is the reduction of sleeping loads, but for the cells that others may still write:
//! it may take these for more than they are.) So whether some local state of a hart can be reached with *w*
//! is a question to this hart alone; and if each hart can end with *w* in some local state, then the harts
//! can end with *w* in any combination of theirs, for the steps of different harts between two stores can be
//! put one behind the other, in any order. Conversely each execution takes each hart along its own word.
//!
//! The search goes through words, from sets to sets: from the set of the hart that stores, to the local
//! states that those of its members come to that can perform such a store; from the others', to what their
//! members come to when they see it; each followed by whatever the hart may do unseen. Words that lead to
//! the same sets and the same memory have the same futures.
//!
//! Two things make sets smaller, and more of them the same: values that never reach the final state are
//! blank (`blank_values`), and registers of which it is known what they will hold stand for what was read (`early_results`).

mod blank_values;
mod carriers;
mod early_results;
mod ends;
mod part;
mod settle;
mod store;
mod stores;

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::model::ScFailure;
use crate::operational::compile::{CompiledMachine, Set};
use crate::operational::state::{HartState, HartStates, Stage};
use crate::operational::step::{Alive, Stepper, Stop};
use crate::program::{Completeness, Fault, Limits};
use blank_values::{Chain, Passes};
use early_results::Results;
use part::Extra;
use store::{SetNumber, Store};
use stores::{Moves, OwnStore};

pub(crate) use blank_values::Links;

/// Goes from sets of local states to sets.
pub(crate) struct LocalSets<'m, S> {
    pub(crate) stepper: Stepper<'m, S>,
    /// A state of which the parts of some harts, and memory, mean something.
    state: Vec<u64>,
    /// What of the harts' local states is not there.
    extra: Vec<Extra>,
    /// Where the chain is.
    chain: Chain,
    links: Option<Links<S>>,
    results: Option<Results>,
    store: Store<S>,
    /// What a set comes to when its hart sees a store.
    seen: FxHashMap<Box<[u64]>, SetNumber>,
    /// What can be stored next where a hart is in a set.
    stored: FxHashMap<Box<[u64]>, Rc<[OwnStore<S>]>>,
    /// Parts of a state that still have to settle.
    todo: Vec<u64>,
    /// Members of the set that is being made.
    found: Vec<u32>,
    key: Vec<u8>,
    words: Vec<u64>,
    moves: Moves,
    /// Local states looked at, and harts in new states.
    looks: usize,
    /// How many there may be before the limits are looked at again.
    next_check: usize,
    /// How many steps there may be.
    most: usize,
    limits: Limits<'m>,
}

/// Words of states that are looked at between two looks at the limits.
const WORDS_BETWEEN_CHECKS: usize = 1 << 17;
/// Harts of a new state that count for as much as a local state looked at.
const HARTS_A_LOOK: usize = 4;
/// What a new position of a hart counts for.
const LOOKS_OF_A_POSITION: usize = 16;

impl<'m, S: Set> LocalSets<'m, S> {
    /// Can the harts of the machine be followed in sets?
    pub(crate) fn apply(machine: &CompiledMachine<'_, S>) -> bool {
        machine.reductions.sleeping_loads
            && (machine.options.sc_failure == ScFailure::Spurious || !machine.may_end_badly())
    }

    /// Nothing is known yet.
    pub(crate) fn new(
        machine: &'m CompiledMachine<'m, S>,
        hart_states: HartStates<S>,
        links: Option<Links<S>>,
    ) -> LocalSets<'m, S> {
        let results = Results::of(machine);
        LocalSets {
            stepper: Stepper::new(machine, hart_states, None),
            state: Vec::new(),
            extra: extra(machine, results.as_ref()),
            chain: Chain::Ended,
            links,
            results,
            store: Store::default(),
            seen: FxHashMap::default(),
            stored: FxHashMap::default(),
            todo: Vec::new(),
            found: Vec::new(),
            key: Vec::new(),
            words: Vec::new(),
            moves: Moves::default(),
            looks: 0,
            next_check: 0,
            most: usize::MAX,
            limits: Limits::default(),
        }
    }

    /// From here on these are the limits, and after `most` steps it is enough. What was begun and not
    /// finished is forgotten.
    pub(crate) fn limit(&mut self, limits: Limits<'m>, most: usize) {
        (self.limits, self.most, self.next_check) = (limits, most, 0);
        self.todo.clear();
        self.found.clear();
    }

    /// Bytes of memory that all of it takes.
    pub(crate) fn memory(&self) -> usize {
        let known = 2 * (self.seen.capacity() + self.stored.capacity());
        let words = known * (8 + self.words.capacity())
            + self.todo.capacity()
            + self.moves.labels.capacity()
            + self.moves.parts.capacity();
        self.store.memory() + size_of::<u64>() * words + self.stepper.hart_states.memory()
    }

    /// A step is made.
    ///
    /// # Errors
    /// [`Fault::RanOut`] when there were enough.
    #[inline]
    fn step(&mut self) -> Result<(), Stop> {
        self.looks += 1;
        if self.looks < self.next_check {
            return Ok(());
        }
        self.next_check = self.looks + WORDS_BETWEEN_CHECKS / self.stepper.machine.words();
        self.check()
    }

    /// Looks at the limits.
    ///
    /// # Errors
    /// [`Fault::RanOut`] at one of them.
    #[cold]
    fn check(&self) -> Result<(), Stop> {
        let over = self.steps() > self.most || self.memory() > self.limits.memory;
        if over || (self.limits.interrupted)() {
            return Err(Fault::RanOut(Completeness::Timeout).into());
        }
        Ok(())
    }

    /// How much was done. To work out what follows from a position takes as long as some looks at it.
    pub(crate) fn steps(&self) -> usize {
        self.looks + LOOKS_OF_A_POSITION * self.stepper.hart_states.len()
    }

    /// Are the sets hardly more than local states?
    pub(crate) fn are_small(&self) -> bool {
        self.store.are_small()
    }

    /// Writes the harts' sets before anything happened, and memory, behind what is in `stack`; nothing if
    /// there is no execution.
    pub(crate) fn start(&mut self, stack: &mut Vec<u64>) -> Result<(), Stop> {
        let mut state = std::mem::take(&mut self.state);
        let alive = self.stepper.start(&mut state);
        self.state = state;
        if alive? == Alive::No {
            return Ok(());
        }
        let machine = self.stepper.machine;
        let harts = machine.harts.len();
        let writes = |sets: &Self, h: usize| sets.stepper.view().hart_state(&sets.state, h).writes;
        let writes: Vec<S> = (0..harts).map(|h| writes(self, h)).collect();
        let initial = self.state.clone();
        for (chain, link) in self.beginnings() {
            let start = stack.len();
            for h in 0..harts {
                self.chain = chain.seen_by(h);
                self.extra[h].carried = None;
                self.extra[h].results.fill(0);
                self.state.copy_from_slice(&initial);
                self.blank_memory(link);
                self.put(h);
                let set = self.settle(h, others(&writes, h))?;
                stack.push(set.into());
            }
            let memory = machine.memory;
            stack.extend_from_slice(&self.state[memory..memory + machine.cells.list.len()]);
            stack.push(chain.word());
            self.finish(stack, start);
        }
        Ok(())
    }

    /// Words of a state.
    pub(crate) fn words(&self) -> usize {
        let machine = self.stepper.machine;
        machine.harts.len() + machine.cells.list.len() + 1
    }

    /// Writes what may come after `joint`, the harts' sets and memory, behind what is in `stack`.
    pub(crate) fn successors(&mut self, joint: &[u64], stack: &mut Vec<u64>) -> Result<(), Stop> {
        let machine = self.stepper.machine;
        let harts = machine.harts.len();
        let (sets, memory) = joint.split_at(harts);
        let (memory, chain) = memory.split_at(memory.len() - 1);
        let chain = Chain::of(chain[0]);
        let writes_of = |set: &u64| self.store.set(*set as SetNumber).writes;
        let mut writes: Vec<S> = sets.iter().map(writes_of).collect();
        for h in 0..harts {
            let equal = |other: usize| {
                machine.representatives[other] == machine.representatives[h]
                    && sets[other] == sets[h]
                    && chain.seen_by(other) == chain.seen_by(h)
            };
            if (0..h).any(equal) {
                continue;
            }
            let before = writes[h];
            self.chain = chain.seen_by(h);
            for own in self.stores(h, sets[h] as SetNumber, memory, others(&writes, h))?.iter() {
                writes[h] = self.store.set(own.set).writes;
                match own.passes {
                    Passes::Nothing => {
                        let links = self.links.as_ref().map_or(S::EMPTY, |links| links.cells);
                        let blank = (own.cells & links).first();
                        let chain = blank.map_or(chain, |cell| chain.without(cell));
                        self.performed(h, own, chain, joint, &writes, stack)?;
                    }
                    Passes::ToTheEnd => {
                        self.performed(h, own, Chain::Ended, joint, &writes, stack)?;
                    }
                    Passes::ToItself => {
                        let chain = Chain::At(Some(h), own.cells.first());
                        self.performed(h, own, chain, joint, &writes, stack)?;
                    }
                    Passes::ToOther => {
                        for to in (0..harts).filter(|to| *to != h) {
                            let chain = Chain::At(Some(to), own.cells.first());
                            self.performed(h, own, chain, joint, &writes, stack)?;
                        }
                    }
                }
                if size_of::<u64>() * stack.len() > self.limits.memory {
                    return Err(Fault::RanOut(Completeness::MemoryLimit).into());
                }
            }
            writes[h] = before;
        }
        Ok(())
    }

    /// Hart `h` performs a store, after which `writes` is what harts may still write. Writes what follows to
    /// the `stack`.
    fn performed(
        &mut self,
        h: usize,
        own: &OwnStore<S>,
        chain: Chain,
        joint: &[u64],
        writes: &[S],
        stack: &mut Vec<u64>,
    ) -> Result<(), Stop> {
        let harts = self.stepper.machine.harts.len();
        self.looks += harts.div_ceil(HARTS_A_LOOK);
        let start = stack.len();
        stack.extend_from_slice(joint);
        let memory = &mut stack[start + harts..];
        own.cells.members().zip(&own.values).for_each(|(cell, value)| memory[cell] = *value);
        let Some((word, memory)) = memory.split_last_mut() else { return Ok(()) };
        let before = Chain::of(std::mem::replace(word, chain.word()));
        self.set_memory(memory);
        for other in 0..harts {
            let set = match other == h {
                true => own.set,
                false => {
                    self.chain = chain.seen_by(other);
                    let moved = self.chain != before.seen_by(other);
                    let (set, written) = (joint[other] as SetNumber, others(writes, other));
                    self.see(other, set, own.cells, moved, written)?
                }
            };
            if self.store.members(set).is_empty() {
                stack.truncate(start);
                return Ok(());
            }
            stack[start + other] = set.into();
        }
        self.finish(stack, start);
        Ok(())
    }

    /// Puts what is written from `start` on in the form that is the same for equal futures.
    fn finish(&mut self, stack: &mut [u64], start: usize) {
        let machine = self.stepper.machine;
        let harts = machine.harts.len();
        let (sets, memory) = stack[start..].split_at_mut(harts);
        let Some((word, memory)) = memory.split_last_mut() else { return };
        let chain = Chain::of(*word);
        for group in &machine.equal_harts {
            let is_at = |h: usize| matches!(chain, Chain::At(Some(hart), _) if hart == h);
            self.words.clear();
            self.words.extend(group.iter().map(|h| sets[*h] << 1 | u64::from(is_at(*h))));
            self.words.sort_unstable();
            for (h, word_of) in group.iter().zip(&self.words) {
                sets[*h] = word_of >> 1;
                if let (Chain::At(_, cell), 1) = (chain, word_of & 1) {
                    *word = Chain::At(Some(*h), cell).word();
                }
            }
        }
        if machine.reductions.dead_values {
            let looks = |set: &u64| self.store.set(*set as SetNumber).looks;
            let watched = sets.iter().fold(machine.observed_cells, |all, set| all | looks(set));
            memory
                .iter_mut()
                .enumerate()
                .filter(|(cell, _)| !watched.has(*cell))
                .for_each(|(_, value)| *value = 0);
        }
    }

    fn set_memory(&mut self, memory: &[u64]) {
        let first = self.stepper.machine.memory;
        self.state[first..first + memory.len()].copy_from_slice(memory);
    }
}

/// What others than hart `h` have together.
fn others<S: Set>(of: &[S], h: usize) -> S {
    let others = of.iter().enumerate().filter(|(other, _)| *other != h);
    others.fold(S::EMPTY, |all, (_, set)| all | *set)
}

/// Is a hart at its end, whatever comes?
fn is_at_end<S: Set>(hart_state: &HartState<S>) -> bool {
    hart_state.stage == Stage::Finished && hart_state.failures_forced
}

/// What local states hold beside their parts of a state, before anything happened.
fn extra<S: Set>(machine: &CompiledMachine<'_, S>, results: Option<&Results>) -> Vec<Extra> {
    let words = |h: usize| match results.map_or(0, |results| results.shown[h]) {
        0 => 0,
        shown => 1 + shown,
    };
    (0..machine.harts.len()).map(|h| Extra { carried: None, results: vec![0; words(h)] }).collect()
}
