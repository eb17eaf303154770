//! Depth-first search over the states of a machine.
//!
//! A search starts on one thread. When it has met many states it hands its stack to several, see
//! `shared`. What is found is a set, so it does not depend on who finds it first.

use std::sync::Arc;

use super::Limits;
use super::expand::{Branch, Expansion};
use super::harts::Harts;
use super::machine::Machine;
use super::perform::{Alive, Stop};
use super::set::Set;
use super::shared::{self, Worker};
use super::table::Table;
use super::walker::{Kept, Walker};
use crate::litmus::HartId;
use crate::program::{Completeness, FinalStates, Outcomes, StateSet};

/// Small states between two looks at the limits,
const PATIENCE: usize = 1024;
/// and the words of a small state. What a state takes grows with the harts in it, and faster.
const SMALL: usize = 64;
/// States met before other threads are asked to help.
const ALONE: usize = 2048;
/// States that are expanded without a note that they were met. Few of them are met again, each at most once
/// before it is noted; and most tests have no more.
const UNNOTED: u64 = 32;

/// What a search works with, kept from one search to the next for its allocations.
pub(super) struct Tables<S> {
    met: Table,
    stack: Vec<u64>,
    search: Search,
    kept: Kept<S>,
}

impl<S: Set> Default for Tables<S> {
    fn default() -> Self {
        Tables {
            met: Table::default(),
            stack: Vec::new(),
            search: Search::default(),
            kept: Kept::default(),
        }
    }
}

impl<S: Set> Tables<S> {
    /// Nothing is known of the machine.
    pub(super) fn new(machine: &Machine<'_, S>) -> Tables<S> {
        let mut tables = Tables::default();
        tables.forget(machine);
        tables
    }

    /// Forgets what is known of the points of harts' paths.
    pub(super) fn forget(&mut self, machine: &Machine<'_, S>) {
        self.kept.forget(machine);
    }
}

/// Visits every state that can be reached.
pub(super) fn search<S: Set>(
    machine: &Machine<'_, S>,
    tables: &mut Tables<S>,
    limits: Limits<'_>,
) -> Result<Outcomes, Stop> {
    let alone = if limits.parallel { ALONE } else { usize::MAX };
    let mut walker = Walker::new(machine, std::mem::take(&mut tables.kept));
    let Tables { met, stack, search: found, .. } = tables;
    met.clear();
    found.reset(machine.program.observed.len());
    let ended = walker.start(stack).and_then(|alive| {
        match alive {
            Alive::Yes => stack.push(Harts::ALL.0),
            Alive::No => stack.clear(),
        }
        found.run(&mut walker, stack, met, limits, alone)
    });
    if ended.is_err() || stack.is_empty() || found.limit.is_some() {
        let cuts = std::mem::take(&mut walker.scratch.cuts);
        tables.kept = walker.leave();
        let mut counts = found.counts;
        counts.states += met.len() as u64;
        return ended
            .map(|()| outcomes(machine, found.finals.sorted(), &cuts, found.limit.take(), counts));
    }
    walker.refresh_all();
    let worker = |search| Worker { search, kept: walker.leave() };
    let Tables { met, stack, search: found, .. } = std::mem::take(tables);
    tables.forget(machine);
    match shared::search(machine, (met, stack), worker(found), limits) {
        // Which of several faults the threads meet first is a matter of chance: find the one that a
        // search alone meets first.
        Err(Stop::Fault(_)) => search(machine, tables, Limits { parallel: false, ..limits }),
        found => found,
    }
}

/// A set of states that a search adds to.
pub(super) trait States {
    /// Adds a state; says whether it was new.
    fn add(&mut self, key: &[u8]) -> bool;
    /// Bytes that the set and all that its users have take together. `mine` is what this one has,
    /// `before` what it had when it was asked last.
    fn memory(&self, mine: usize, before: usize) -> usize;
    /// How many states there are, if that is cheap to know.
    fn count(&self) -> Option<usize>;
}

impl States for Table {
    fn add(&mut self, key: &[u8]) -> bool {
        self.insert(key)
    }

    fn memory(&self, mine: usize, _: usize) -> usize {
        Table::memory(self) + mine
    }

    fn count(&self) -> Option<usize> {
        Some(self.len())
    }
}

/// What one thread finds besides states.
#[derive(Default)]
pub(super) struct Search {
    pub(super) limit: Option<Completeness>,
    pub(super) finals: StateSet,
    /// States expanded, in however many runs.
    expanded: usize,
    /// Of states only those that were expanded and not noted.
    pub(super) counts: Counts,
    /// Bytes that it had when the limits were looked at last.
    memory: usize,
    key: Vec<u8>,
    /// The key before, where the state is looked at twice.
    other: Vec<u8>,
    /// The harts' parts of the key, where some have to be sorted.
    parts: Vec<Vec<u8>>,
    values: Vec<u64>,
}

impl Search {
    pub(super) fn reset(&mut self, places: usize) {
        self.limit = None;
        self.expanded = 0;
        self.counts = Counts::default();
        self.memory = 0;
        self.finals.reset(places);
    }

    /// Empties `stack`, or stops early: at a limit, or after about `most` states were met or expanded in
    /// this run.
    pub(super) fn run<S: Set>(
        &mut self,
        walker: &mut Walker<'_, S>,
        stack: &mut Vec<u64>,
        met: &mut impl States,
        limits: Limits<'_>,
        most: usize,
    ) -> Result<(), Stop> {
        let size = walker.machine.words() + 1;
        let patience = (PATIENCE * SMALL * SMALL / (size * size)).clamp(1, PATIENCE);
        for expanded in 1_usize.. {
            let Some(start) = stack.len().checked_sub(size) else { break };
            self.expand(walker, stack, start, met)?;
            self.expanded += 1;
            if self.expanded.is_multiple_of(patience) && self.at_limit(walker, met, limits) {
                break;
            }
            if met.count().unwrap_or(0).max(expanded) >= most {
                break;
            }
        }
        Ok(())
    }

    /// Takes the state at the top of the stack as far as it goes, and puts its successors in its place if
    /// it was not met before.
    fn expand<S: Set>(
        &mut self,
        walker: &mut Walker<'_, S>,
        stack: &mut Vec<u64>,
        start: usize,
        met: &mut impl States,
    ) -> Result<(), Stop> {
        let end = stack.len() - 1;
        let mut again = Harts(stack[end]);
        let mut seen = false;
        loop {
            let state = &mut stack[start..end];
            let (branch, open) = match walker.advance(state, again)? {
                Expansion::Branch(branch, open) => (branch, open),
                end => {
                    if end == Expansion::Final {
                        self.record(walker, state);
                    }
                    stack.truncate(start);
                    return Ok(());
                }
            };
            if self.may_go_unnoted(walker.machine, met) {
                self.counts.states += 1;
                return self.branch(walker, stack, start, (&branch, open));
            }
            std::mem::swap(&mut self.key, &mut self.other);
            let moved = self.encode(walker, state);
            let same = seen && self.key == self.other;
            if !same && !met.add(&self.key) {
                stack.truncate(start);
                return Ok(());
            }
            if !moved {
                return self.branch(walker, stack, start, (&branch, open));
            }
            // The choice was made for harts in another order. Looking again makes it one of the state
            // alone, whoever met it first; it may also go further.
            seen = true;
            again = Harts::ALL;
        }
    }

    /// Puts the successors of the state at the top of the stack in its place.
    fn branch<S: Set>(
        &mut self,
        walker: &mut Walker<'_, S>,
        stack: &mut Vec<u64>,
        start: usize,
        (branch, open): (&Branch, Harts),
    ) -> Result<(), Stop> {
        walker.branch(stack, start, branch, open)?;
        self.counts.transitions += ((stack.len() - start) / (walker.machine.words() + 1)) as u64;
        Ok(())
    }

    /// May a state be expanded as if it were met for the first time?
    fn may_go_unnoted<S: Set>(&self, machine: &Machine<'_, S>, met: &impl States) -> bool {
        self.counts.states < UNNOTED && met.count() == Some(0) && machine.alike.is_empty()
    }

    /// Makes the key of the state; says whether harts that are alike changed places for it.
    fn encode<S: Set>(&mut self, walker: &Walker<'_, S>, state: &mut [u64]) -> bool {
        let machine = walker.machine;
        let Search { key, parts, .. } = self;
        key.clear();
        let mut moved = false;
        if machine.alike.is_empty() {
            for h in 0..machine.harts.len() {
                walker.view().encode_hart(state, h, key);
            }
        } else {
            parts.resize(machine.harts.len(), Vec::new());
            for (h, part) in parts.iter_mut().enumerate() {
                part.clear();
                walker.view().encode_hart(state, h, part);
            }
            moved = machine.sort_alike(state, parts);
            parts.iter().for_each(|part| key.extend_from_slice(part));
        }
        walker.view().encode_memory(state, key);
        moved
    }

    fn at_limit<S: Set>(
        &mut self,
        walker: &Walker<'_, S>,
        met: &impl States,
        limits: Limits<'_>,
    ) -> bool {
        let before =
            std::mem::replace(&mut self.memory, self.finals.memory() + walker.locals.memory());
        if (limits.interrupted)() {
            self.limit = Some(Completeness::Timeout);
        } else if met.memory(self.memory, before) > limits.memory {
            self.limit = Some(Completeness::MemoryLimit);
        }
        self.limit.is_some()
    }

    fn record<S: Set>(&mut self, walker: &Walker<'_, S>, state: &[u64]) {
        self.values.clear();
        self.values.extend(walker.view().observed(state));
        let filter = walker.machine.program.filter.as_ref();
        if filter.is_none_or(|filter| filter.holds(&self.values)) {
            self.finals.insert(self.values.iter().copied());
        }
    }
}

/// How much work a search was.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    /// States with a choice.
    pub(super) states: u64,
    /// Successors of these.
    pub(super) transitions: u64,
}

/// Puts together what was found.
pub(super) fn outcomes<S: Set>(
    machine: &Machine<'_, S>,
    finals: FinalStates,
    cuts: &[(usize, usize)],
    limit: Option<Completeness>,
    Counts { states: work, transitions }: Counts,
) -> Outcomes {
    // What one hart does, those that are alike do, too.
    let alike = |hart: usize| machine.alike.iter().find(move |group| group.contains(&hart));
    let mut cuts: Vec<(HartId, usize)> = cuts
        .iter()
        .flat_map(|(hart, step)| {
            let harts = alike(*hart).map_or(std::slice::from_ref(hart), |group| group);
            harts.iter().map(move |hart| (HartId(*hart as u16), *step))
        })
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let completeness = match limit {
        Some(limit) => limit,
        None if cuts.is_empty() => Completeness::Complete,
        None => Completeness::Bounded(cuts),
    };
    Outcomes { states: Arc::new(finals), completeness, work, transitions }
}
