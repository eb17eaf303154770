//! A search that several threads share.
//!
//! Each thread has a stack of its own and gives half of it away while others have none. The states that
//! were met stand in one table, cut into shards that are locked one at a time; the numbers of hart
//! states are common, too (see [`interner`](crate::operational::state::interner)). Final states are collected by each thread for itself.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::attempts::Attempts;
use super::keys::{Keys, hash};
use super::state_table::{MetStates, STATES_BETWEEN_CHECKS, StateTable};
use super::worker::{Counts, Worker, outcomes};
use crate::operational::compile::{CompiledMachine, Set};
use crate::operational::reduce::{Expander, Retained};
use crate::operational::state::{HartState, SharedHartStates};
use crate::operational::step::Stop;
use crate::program::{Limits, Outcomes, StateSet};

/// States that a thread expands before it looks whether others need some.
const SHARE_AFTER: usize = 512;
/// Independent parts of a shared table; a power of two.
const SHARDS: usize = 256;

/// States of a shard that may come between two looks at the limits, if there are not many threads.
const MORE_IN_A_SHARD: usize = 8 * STATES_BETWEEN_CHECKS / SHARDS;

/// A worker that no thread uses, and what it knows; there are as many as threads work at a time.
pub(crate) struct IdleWorker<S> {
    pub(crate) worker: Worker,
    pub(crate) retained: Retained<S>,
}

/// Goes on with a search whose `stack` is not empty, on the threads of the current rayon pool, with attempts by
/// sets in between, `after_states`.
pub(crate) fn search<S: Set>(
    machine: &CompiledMachine<'_, S>,
    (met, mut stack): (Keys, Vec<u64>),
    first: IdleWorker<S>,
    after_states: &[usize],
    limits: Limits<'_>,
) -> Result<Outcomes, Stop> {
    let known = &first.retained.hart_states;
    let (mut brought, mut after_states) = (Vec::new(), after_states);
    if known.are_forgetful() {
        brought = known.take_along(machine, &mut stack);
        // What each thread has left over would have to bring positions, too.
        after_states = &[];
    }
    let mut shared = Shared {
        met: Shards::new(met),
        hart_states: (!known.are_forgetful()).then(|| SharedHartStates::new(known.clone())),
        idle: Mutex::new(vec![first]),
        waiting: AtomicUsize::new(0),
        left: Mutex::default(),
        stop: Mutex::default(),
        stopped: AtomicBool::new(false),
    };
    let mut attempts = Attempts::new(machine, limits);
    for &states in after_states {
        let begun = (stack, Vec::new());
        stack = shared.run(machine, begun, attempts.limits_of_others(), states);
        // Threads may have met more states than they were to; that must not change what is tried.
        if shared.is_over() || stack.is_empty() && shared.met.len() < states {
            return shared.finish(machine);
        }
        if let Some(found) = attempts.again(states, (&shared.met).memory(0, 0))? {
            return Ok(found);
        }
    }
    drop(attempts);
    shared.run(machine, (stack, brought), limits, usize::MAX);
    shared.finish(machine)
}

/// A part of the table on cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
struct Shard(Mutex<StateTable>);

/// A table that threads share.
struct Shards {
    parts: Vec<Shard>,
    /// Bytes that threads have for themselves.
    others: AtomicUsize,
    /// Held by who rewrites the tables.
    rewriting: Mutex<()>,
}

impl Shards {
    fn new(keys: Keys) -> Shards {
        let parts = (0..SHARDS).map(|_| Shard::default()).collect();
        let shards = Shards { parts, others: AtomicUsize::new(0), rewriting: Mutex::default() };
        keys.drain(|key| _ = (&mut &shards).add(key));
        shards
    }

    fn len(&self) -> usize {
        self.tables().map(|table| table.len()).sum()
    }

    fn tables(&self) -> impl Iterator<Item = MutexGuard<'_, StateTable>> {
        self.parts.iter().map(|Shard(part)| part.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl MetStates for &Shards {
    fn add(&mut self, key: &[u8]) -> bool {
        let hash = hash(key);
        let Shard(part) = &self.parts[(hash >> 24) as usize % SHARDS];
        part.lock().unwrap_or_else(PoisonError::into_inner).insert(key, hash)
    }

    fn memory(&self, mine: usize, before: usize) -> usize {
        self.others.fetch_add(mine.wrapping_sub(before), Ordering::Relaxed);
        let tables: usize = self.tables().map(|table| table.memory(MORE_IN_A_SHARD)).sum();
        tables + self.others.load(Ordering::Relaxed)
    }

    fn count(&self) -> Option<usize> {
        None
    }

    fn use_fingerprints(&mut self) {
        // Whoever asks for it meanwhile waits until all is done.
        let _one = lock(&self.rewriting);
        self.tables().for_each(|mut table| table.use_fingerprints());
    }
}

/// What the threads have in common.
struct Shared<S> {
    met: Shards,
    /// What all know of harts' states, unless they forget it.
    hart_states: Option<SharedHartStates<S>>,
    /// Workers that no thread uses, each with what it found.
    idle: Mutex<Vec<IdleWorker<S>>>,
    /// Stacks that were given away and that nobody has taken.
    waiting: AtomicUsize,
    /// What is left of stacks once there are enough states.
    left: Mutex<Vec<u64>>,
    stop: Mutex<Option<Stop>>,
    stopped: AtomicBool,
}

impl<S: Set> Shared<S> {
    /// Empties the stack of `begun`, or stops early: at a limit, or once about `most` states are met. Gives what is left.
    fn run(
        &mut self,
        machine: &CompiledMachine<'_, S>,
        begun: (Vec<u64>, Vec<HartState<S>>),
        limits: Limits<'_>,
        most: usize,
    ) -> Vec<u64> {
        self.stopped = AtomicBool::new(false);
        rayon::scope(|scope| self.work(machine, begun, (limits, most), scope));
        std::mem::take(&mut lock(&self.left))
    }

    /// Has a limit been met, or is there another reason not to go on?
    fn is_over(&self) -> bool {
        lock(&self.stop).is_some()
            || lock(&self.idle).iter().any(|idle| idle.worker.limit.is_some())
    }

    /// Empties `stack`, giving halves of it away as it goes.
    fn work<'s>(
        &'s self,
        machine: &'s CompiledMachine<'_, S>,
        (mut stack, brought): (Vec<u64>, Vec<HartState<S>>),
        (limits, most): (Limits<'s>, usize),
        scope: &rayon::Scope<'s>,
    ) {
        let IdleWorker { mut worker, retained } = self.idle_worker(machine);
        let mut expander = Expander::new(machine, retained, self.hart_states.as_ref());
        let forgetful = self.hart_states.is_none();
        if forgetful {
            expander.stepper.hart_states.bring(brought, machine, &mut stack);
        }
        let stopped = || self.stopped.load(Ordering::Relaxed);
        while !stack.is_empty() && !stopped() {
            if let Err(stop) =
                worker.run(&mut expander, &mut stack, &mut &self.met, limits, SHARE_AFTER)
            {
                self.stopped.store(true, Ordering::Relaxed);
                lock(&self.stop).get_or_insert(stop);
            }
            let enough = most < usize::MAX && self.met.len() >= most;
            if enough || worker.limit.is_some() {
                self.stopped.store(true, Ordering::Relaxed);
            }
            let size = machine.stacked_words();
            let states = stack.len() / size;
            let hungry = self.waiting.load(Ordering::Relaxed) + 1 < rayon::current_num_threads();
            if states > 1 && hungry && !stopped() {
                // The bottom of the stack is nearest to the root: the larger half of the work.
                let rest = stack.split_off(size * (states / 2));
                let mut given = std::mem::replace(&mut stack, rest);
                let mut along = Vec::new();
                if forgetful {
                    along = expander.stepper.hart_states.take_along(machine, &mut given);
                }
                self.waiting.fetch_add(1, Ordering::Relaxed);
                scope.spawn(move |scope| {
                    self.waiting.fetch_sub(1, Ordering::Relaxed);
                    self.work(machine, (given, along), (limits, most), scope);
                });
            }
        }
        lock(&self.left).append(&mut stack);
        let retained = expander.finish(&mut worker.cuts);
        lock(&self.idle).push(IdleWorker { worker, retained });
    }

    fn idle_worker(&self, machine: &CompiledMachine<'_, S>) -> IdleWorker<S> {
        lock(&self.idle).pop().unwrap_or_else(|| {
            let mut worker = Worker::default();
            worker.reset(machine.program.observed.len(), 0);
            let mut retained = Retained::default();
            if self.hart_states.is_none() {
                retained.hart_states.reset(machine);
                retained.hart_states.be_forgetful();
            }
            IdleWorker { worker, retained }
        })
    }

    fn finish(self, machine: &CompiledMachine<'_, S>) -> Result<Outcomes, Stop> {
        if let Some(stop) = self.stop.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(stop);
        }
        let met = self.met.tables().map(|table| table.len() as u64).sum();
        let mut counts = Counts { states: met, transitions: 0 };
        let told_apart = self.met.tables().map(|table| table.told_apart()).max();
        drop((self.met, self.hart_states));
        let (mut cuts, mut limit, mut finals) = (Vec::new(), None, Vec::new());
        for IdleWorker { worker, .. } in
            self.idle.into_inner().unwrap_or_else(PoisonError::into_inner)
        {
            cuts.extend(worker.cuts);
            limit = limit.or(worker.limit);
            counts.states += worker.counts.states;
            counts.transitions += worker.counts.transitions;
            finals.push(worker.finals);
        }
        let finals = StateSet::all_sorted(finals);
        Ok(outcomes(machine, finals, &cuts, limit, told_apart.unwrap_or_default(), counts))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
