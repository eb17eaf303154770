//! A whole search: first on one thread, then, if there is much to do, on several.

use super::attempts::{AFTER_STATES, Attempts};
use super::local_sets::{self, Ended};
#[cfg(feature = "parallel")]
use super::parallel;
use super::state_table::{MetStates, STATES_BETWEEN_CHECKS, StateTable};
use super::worker::{Worker, outcomes};
use crate::operational::compile::{CompiledMachine, Set, Use};
use crate::operational::reduce::{Expander, Links, LocalSets, Retained};
use crate::operational::state::HartSet;
use crate::operational::step::{Alive, Stop};
use crate::program::{Completeness, Limits, Outcomes};

/// States met before other threads are asked to help, and before it is seen whether there are more positions of harts
/// than states.
const STATES_ALONE: usize = 2048;
/// States met before harts are looked for that are equal but for locations of their own.
const STATES_BEFORE_RENAMING: usize = 1024;

/// What a search works with, kept from one search to the next for its allocations.
#[derive(Debug, Default)]
pub(crate) struct SearchBuffers<S> {
    met: StateTable,
    stack: Vec<u64>,
    worker: Worker,
    retained: Retained<S>,
}

/// Bytes that are kept from one search to the next, at most.
pub(crate) const MOST_KEPT: usize = 1 << 20;

impl<S: Set> SearchBuffers<S> {
    /// Bytes of memory that they take.
    fn memory(&self) -> usize {
        let SearchBuffers { met, stack, worker, retained } = self;
        met.memory(STATES_BETWEEN_CHECKS)
            + size_of::<u64>() * stack.capacity()
            + worker.finals.memory()
            + retained.hart_states.memory()
    }

    /// Forgets what is known of harts' states.
    pub(crate) fn forget(&mut self, machine: &CompiledMachine<'_, S>) {
        self.retained.hart_states.reset(machine);
    }
}

/// Steps of [`Use::Briefly`].
const STEPS_BRIEFLY: usize = 1 << 19;

/// Visits every state that can be reached. What is found is a set, so it does not depend on who finds it
/// first.
pub(crate) fn explore<S: Set>(
    machine: &CompiledMachine<'_, S>,
    buffers: &mut SearchBuffers<S>,
    limits: Limits<'_>,
) -> Result<Outcomes, Stop> {
    let found = explore_within(machine, buffers, limits);
    if buffers.memory() > MOST_KEPT || buffers.retained.hart_states.are_forgetful() {
        // What one machine took does not count against the next.
        *buffers = SearchBuffers::default();
        buffers.forget(machine);
    }
    found
}

fn explore_within<S: Set>(
    machine: &CompiledMachine<'_, S>,
    buffers: &mut SearchBuffers<S>,
    limits: Limits<'_>,
) -> Result<Outcomes, Stop> {
    let sets = if LocalSets::apply(machine) { machine.reductions.local_sets } else { Use::Never };
    if sets == Use::Always
        && let Ok(found) = local_sets::explore(machine, Links::of(machine), limits, 0, usize::MAX)?
    {
        return Ok(found);
    }
    if machine.reductions.local_sets == Use::Briefly {
        let found = match sets {
            Use::Never => Err(Ended::NoHelp),
            _ => local_sets::explore(machine, None, limits, machine.bytes(), STEPS_BRIEFLY)?,
        };
        return Ok(found.unwrap_or_else(|ended| {
            let completeness = match ended {
                Ended::AtLimit => Completeness::MemoryLimit,
                _ => Completeness::Timeout,
            };
            Outcomes { completeness, ..Outcomes::default() }
        }));
    }
    #[cfg(feature = "parallel")]
    let parallel = limits.parallel && rayon::current_num_threads() > 1;
    #[cfg(not(feature = "parallel"))]
    let parallel = false;
    let mut after_states: &[usize] = match sets {
        Use::WhenLarge => &AFTER_STATES,
        Use::Never | Use::Briefly | Use::Always => &[],
    };
    let mut expander = Expander::new(machine, std::mem::take(&mut buffers.retained), None);
    let SearchBuffers { met, stack, worker, .. } = buffers;
    let begin = |met: &mut StateTable| {
        met.clear();
        if machine.reductions.fingerprints == Use::Always {
            met.use_fingerprints();
        }
    };
    begin(met);
    worker.reset(machine.program.observed.len(), machine.bytes());
    let mut ended = expander.stepper.start(stack).map(|alive| match alive {
        Alive::Yes => stack.push(HartSet::ALL.0),
        Alive::No => stack.clear(),
    });
    if machine.may_have_similar_harts() {
        if machine.reductions.renaming != Use::Always {
            let most = STATES_BEFORE_RENAMING;
            ended = ended.and_then(|()| worker.run(&mut expander, stack, met, limits, most));
        }
        if ended.is_ok()
            && !stack.is_empty()
            && worker.limit.is_none()
            && machine.find_similar_harts()
        {
            // Keys are written another way from here on, and must not be taken for earlier ones.
            worker.counts.states += met.len() as u64;
            begin(met);
            // Sets are not put in order: only where they are few they are a help.
            after_states = &after_states[..after_states.len().min(1)];
        }
    }
    if ended.is_ok() && worker.limit.is_none() {
        let known = expander.stepper.hart_states.len();
        ended = worker.run(&mut expander, stack, met, limits, STATES_ALONE);
        let new = expander.stepper.hart_states.len() - known;
        if new > met.len().max(STATES_ALONE) && !stack.is_empty() {
            // What was met may be met again, under keys in full.
            worker.counts.states += met.len() as u64;
            begin(met);
            expander.stepper.hart_states.be_forgetful();
        }
    }
    let mut attempts = Attempts::new(machine, limits);
    for &states in after_states.iter().filter(|_| !parallel) {
        if ended.is_err() || worker.limit.is_some() {
            break;
        }
        ended = worker.run(&mut expander, stack, met, attempts.limits_of_others(), states);
        let over = stack.is_empty() && met.len() < states;
        if over || ended.is_err() || worker.limit.is_some() {
            break;
        }
        let held = met.memory(STATES_BETWEEN_CHECKS)
            + 2 * worker.finals.memory()
            + expander.stepper.hart_states.memory();
        match attempts.again(states, held) {
            Ok(None) => {}
            Ok(Some(found)) => {
                buffers.retained = expander.finish(&mut worker.cuts);
                return Ok(found);
            }
            Err(stop) => ended = Err(stop),
        }
    }
    drop(attempts);
    if worker.limit.is_none() {
        let most = if parallel { STATES_ALONE } else { usize::MAX };
        ended = ended.and_then(|()| worker.run(&mut expander, stack, met, limits, most));
    }
    #[cfg(feature = "parallel")]
    if parallel
        && ended.is_ok()
        && !stack.is_empty()
        && worker.limit.is_none()
        && let StateTable::Exact(keys) = met
    {
        let met = std::mem::take(keys);
        expander.stepper.refresh_all();
        let retained = expander.finish(&mut worker.cuts);
        let SearchBuffers { stack, mut worker, .. } = std::mem::take(buffers);
        buffers.forget(machine);
        worker.shares_memory();
        let worker = parallel::IdleWorker { worker, retained };
        return match parallel::search(machine, (met, stack), worker, after_states, limits) {
            // Which of several faults the threads meet first is a matter of chance: find the one that a
            // search alone meets first.
            Err(Stop::Fault(fault)) if !matches!(fault, crate::program::Fault::RanOut(_)) => {
                explore_within(machine, buffers, Limits { parallel: false, ..limits })
            }
            found => found,
        };
    }
    if worker.limit.is_none() {
        // Fingerprints cannot be dealt out to threads as their keys can.
        ended = ended.and_then(|()| worker.run(&mut expander, stack, met, limits, usize::MAX));
    }
    buffers.retained = expander.finish(&mut worker.cuts);
    worker.counts.states += met.len() as u64;
    let Worker { finals, cuts, limit, counts, .. } = worker;
    let (limit, told_apart) = (limit.take(), met.told_apart());
    ended.map(|()| outcomes(machine, finals.sorted(), cuts, limit, told_apart, *counts))
}
