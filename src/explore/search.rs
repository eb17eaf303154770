//! Depth-first search over the states of a machine, and its parallel form.
//!
//! A search starts on one thread. When it has met many states it hands its stack to the threads of
//! the current rayon pool, which go on with tables that they share. What is found is a set, so it does
//! not depend on who finds it first.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Limits;
use super::expand::{Expansion, Scratch};
use super::harts::Harts;
use super::key;
use super::machine::Machine;
use super::perform::Stop;
use super::set::Set;
use super::table::{Table, hash};
use crate::litmus::HartId;
use crate::program::{Completeness, FinalState, Outcomes, compare_states};

/// States between two looks at the limits.
const PATIENCE: usize = 1024;
/// States met before other threads are asked to help.
const ALONE: usize = 8192;
/// States that a thread expands before it offers half of its stack to others.
const SHARE_AFTER: usize = 2048;
/// Independent parts of a shared table; a power of two.
const SHARDS: usize = 64;

/// What a search works with, kept from one search to the next for its allocations.
pub(super) struct Tables<S> {
    met: Table,
    finals: Table,
    stack: Vec<u64>,
    search: Search<S>,
}

impl<S: Set> Default for Tables<S> {
    fn default() -> Self {
        Tables {
            met: Table::default(),
            finals: Table::default(),
            stack: Vec::new(),
            search: Search::default(),
        }
    }
}

/// Visits every state that can be reached.
pub(super) fn search<S: Set>(
    machine: &Machine<'_, S>,
    tables: &mut Tables<S>,
    limits: Limits<'_>,
) -> Result<Outcomes, Stop> {
    let alone = if limits.parallel { ALONE } else { usize::MAX };
    start(machine, tables)?;
    let Tables { met, finals, stack, search: found } = tables;
    found.run(machine, stack, met, finals, limits, alone)?;
    if stack.is_empty() || found.limit.is_some() {
        let work = met.len() as u64;
        return Ok(outcomes(machine, &[finals], &found.scratch.cuts, found.limit.take(), work));
    }
    let Tables { met, finals, stack, search: found } = std::mem::take(tables);
    let shared = Shared::new(&met, &finals);
    drop((met, finals));
    shared.collected.lock().unwrap_or_else(|e| e.into_inner()).push(found);
    rayon::scope(|scope| shared.work(machine, stack, limits, scope));
    match shared.finish(machine) {
        // Which of several faults the threads meet first is a matter of chance: find the one that a
        // search alone meets first.
        Err(Stop::Fault(_)) => search(machine, tables, Limits { parallel: false, ..limits }),
        found => found,
    }
}

/// Puts the first state on the stack.
fn start<S: Set>(machine: &Machine<'_, S>, tables: &mut Tables<S>) -> Result<(), Stop> {
    let Tables { met, finals, stack, search } = tables;
    met.clear();
    finals.clear();
    search.scratch.cuts.clear();
    search.limit = None;
    machine.initial(stack);
    for h in 0..machine.harts.len() {
        machine.look_ahead_for_writes(stack, h);
        machine.look_ahead(stack, h)?;
    }
    stack.push(Harts::ALL.0);
    Ok(())
}

/// A set of states that a search adds to.
trait States {
    /// Adds a state; says whether it was new.
    fn add(&mut self, key: &[u8]) -> bool;
    /// Bytes that the set takes.
    fn memory(&self) -> usize;
    /// How many states there are, if that is cheap to know.
    fn len_hint(&self) -> usize;
}

impl States for Table {
    fn add(&mut self, key: &[u8]) -> bool {
        self.insert(key)
    }

    fn memory(&self) -> usize {
        Table::memory(self)
    }

    fn len_hint(&self) -> usize {
        self.len()
    }
}

/// A table that threads share.
struct Shards(Vec<Mutex<Table>>);

impl Shards {
    fn new(table: &Table) -> Shards {
        let mut shards = Shards((0..SHARDS).map(|_| Mutex::default()).collect());
        for index in 0..table.len() {
            (&mut &shards).add(table.get(index));
        }
        shards.0.shrink_to_fit();
        shards
    }

    fn into_tables(self) -> Vec<Table> {
        self.0
            .into_iter()
            .map(|shard| shard.into_inner().unwrap_or_else(|e| e.into_inner()))
            .collect()
    }
}

impl States for &Shards {
    fn add(&mut self, key: &[u8]) -> bool {
        let hash = hash(key);
        let shard = &self.0[(hash >> 48) as usize % SHARDS];
        shard.lock().unwrap_or_else(|e| e.into_inner()).insert_hashed(key, hash)
    }

    fn memory(&self) -> usize {
        self.0.iter().map(|shard| shard.lock().unwrap_or_else(|e| e.into_inner()).memory()).sum()
    }

    fn len_hint(&self) -> usize {
        0
    }
}

/// What one thread finds besides states.
struct Search<S> {
    limit: Option<Completeness>,
    state: Vec<u64>,
    key: Vec<u8>,
    /// The key before, where the state is looked at twice.
    other: Vec<u8>,
    /// The harts' parts of the key, where some have to be sorted.
    parts: Vec<Vec<u8>>,
    values: Vec<u64>,
    scratch: Scratch<S>,
}

impl<S: Set> Default for Search<S> {
    fn default() -> Self {
        Search {
            limit: None,
            state: Vec::new(),
            key: Vec::new(),
            other: Vec::new(),
            parts: Vec::new(),
            values: Vec::new(),
            scratch: Scratch::default(),
        }
    }
}

impl<S: Set> Search<S> {
    /// Empties `stack`, or stops early: at a limit, or after about `most` states were met or expanded.
    fn run(
        &mut self,
        machine: &Machine<'_, S>,
        stack: &mut Vec<u64>,
        met: &mut impl States,
        finals: &mut impl States,
        limits: Limits<'_>,
        most: usize,
    ) -> Result<(), Stop> {
        let words = machine.words();
        for expanded in 1_usize.. {
            let Some(again) = stack.pop() else { break };
            let start = stack.len() - words;
            self.state.clear();
            self.state.extend_from_slice(&stack[start..]);
            stack.truncate(start);
            self.expand(machine, Harts(again), stack, met, finals)?;
            if expanded % PATIENCE == 0 && self.at_limit(met, finals, limits) {
                break;
            }
            if met.len_hint().max(expanded) >= most {
                break;
            }
        }
        Ok(())
    }

    /// Takes the state as far as it goes, and pushes its successors if it was not met before.
    fn expand(
        &mut self,
        machine: &Machine<'_, S>,
        mut again: Harts,
        stack: &mut Vec<u64>,
        met: &mut impl States,
        finals: &mut impl States,
    ) -> Result<(), Stop> {
        let mut seen = false;
        loop {
            let (branch, open) = match machine.advance(&mut self.state, again, &mut self.scratch)? {
                Expansion::Dead => return Ok(()),
                Expansion::Final => {
                    self.record(machine, finals);
                    return Ok(());
                }
                Expansion::Branch(branch, open) => (branch, open),
            };
            std::mem::swap(&mut self.key, &mut self.other);
            let moved = self.encode(machine);
            let same = seen && self.key == self.other;
            if !same && !met.add(&self.key) {
                return Ok(());
            }
            if !moved {
                return machine.branch(&self.state, &branch, open, &self.scratch, stack);
            }
            // The choice was made for harts in another order. Looking again makes it one of the state
            // alone, whoever met it first; it may also go further.
            seen = true;
            again = Harts::ALL;
        }
    }

    /// Makes the key of the state; says whether harts that are alike changed places for it.
    fn encode(&mut self, machine: &Machine<'_, S>) -> bool {
        let Search { state, key, parts, .. } = self;
        key.clear();
        let mut moved = false;
        if machine.alike.is_empty() {
            for h in 0..machine.harts.len() {
                machine.encode_hart(state, h, key);
            }
        } else {
            parts.resize(machine.harts.len(), Vec::new());
            for (h, part) in parts.iter_mut().enumerate() {
                part.clear();
                machine.encode_hart(state, h, part);
            }
            moved = machine.sort_alike(state, parts);
            parts.iter().for_each(|part| key.extend_from_slice(part));
        }
        machine.encode_memory(state, key);
        moved
    }

    fn at_limit(&mut self, met: &impl States, finals: &impl States, limits: Limits<'_>) -> bool {
        if (limits.interrupted)() {
            self.limit = Some(Completeness::Timeout);
        } else if met.memory() + finals.memory() > limits.memory {
            self.limit = Some(Completeness::MemoryLimit);
        }
        self.limit.is_some()
    }

    fn record(&mut self, machine: &Machine<'_, S>, finals: &mut impl States) {
        machine.observe(&self.state, &mut self.values);
        self.key.clear();
        for value in &self.values {
            key::push(&mut self.key, *value);
        }
        finals.add(&self.key);
    }
}

/// What the threads of a parallel search have in common.
struct Shared<S> {
    met: Shards,
    finals: Shards,
    collected: Mutex<Vec<Search<S>>>,
    stop: Mutex<Option<Stop>>,
    stopped: AtomicBool,
}

impl<S: Set> Shared<S> {
    fn new(met: &Table, finals: &Table) -> Shared<S> {
        Shared {
            met: Shards::new(met),
            finals: Shards::new(finals),
            collected: Mutex::default(),
            stop: Mutex::default(),
            stopped: AtomicBool::new(false),
        }
    }

    /// Empties `stack`, giving halves of it away as it goes.
    fn work<'s>(
        &'s self,
        machine: &'s Machine<'_, S>,
        mut stack: Vec<u64>,
        limits: Limits<'s>,
        scope: &rayon::Scope<'s>,
    ) {
        let mut search = Search::default();
        while !stack.is_empty() && !self.stopped.load(Ordering::Relaxed) {
            let (mut met, mut finals) = (&self.met, &self.finals);
            match search.run(machine, &mut stack, &mut met, &mut finals, limits, SHARE_AFTER) {
                Ok(()) => {}
                Err(stop) => {
                    self.stopped.store(true, Ordering::Relaxed);
                    self.stop.lock().unwrap_or_else(|e| e.into_inner()).get_or_insert(stop);
                }
            }
            if search.limit.is_some() {
                self.stopped.store(true, Ordering::Relaxed);
            }
            let words = machine.words() + 1;
            let states = stack.len() / words;
            if states > 1 && !self.stopped.load(Ordering::Relaxed) {
                // The bottom of the stack is nearest to the root: the larger half of the work.
                let rest = stack.split_off(words * (states / 2));
                let given = std::mem::replace(&mut stack, rest);
                scope.spawn(move |scope| self.work(machine, given, limits, scope));
            }
        }
        self.collected.lock().unwrap_or_else(|e| e.into_inner()).push(search);
    }

    fn finish(self, machine: &Machine<'_, S>) -> Result<Outcomes, Stop> {
        if let Some(stop) = self.stop.into_inner().unwrap_or_else(|e| e.into_inner()) {
            return Err(stop);
        }
        let mut cuts = Vec::new();
        let mut limit = None;
        for search in self.collected.into_inner().unwrap_or_else(|e| e.into_inner()) {
            cuts.extend(search.scratch.cuts);
            limit = limit.or(search.limit);
        }
        let work = self.met.into_tables().iter().map(|table| table.len() as u64).sum();
        let finals = self.finals.into_tables();
        Ok(outcomes(machine, &finals.iter().collect::<Vec<_>>(), &cuts, limit, work))
    }
}

/// Puts together what was found.
fn outcomes<S: Set>(
    machine: &Machine<'_, S>,
    finals: &[&Table],
    cuts: &[(usize, usize)],
    limit: Option<Completeness>,
    work: u64,
) -> Outcomes {
    let observed = machine.program.observed.len();
    let mut states: Vec<FinalState> = finals
        .iter()
        .flat_map(|table| (0..table.len()).map(|index| table.get(index)))
        .map(|mut bytes| {
            (0..observed).map(|_| key::pull(&mut bytes).unwrap_or(0)).collect::<FinalState>()
        })
        .filter(|state| machine.program.filter.as_ref().is_none_or(|f| f.holds(state)))
        .collect();
    states.sort_unstable_by(compare_states);
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
    Outcomes { states, completeness, work }
}
