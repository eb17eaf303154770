//! A whole search: first on one thread, then, if there is much to do, on several.

#[cfg(feature = "parallel")]
use super::parallel;
use super::state_table::StateTable;
use super::worker::{Worker, outcomes};
use crate::operational::compile::{CompiledMachine, Set};
use crate::operational::reduce::{Expander, Retained};
use crate::operational::state::HartSet;
use crate::operational::step::{Alive, Stop};
use crate::program::{Limits, Outcomes};

/// States met before other threads are asked to help.
const STATES_ALONE: usize = 2048;

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
        met.memory()
            + size_of::<u64>() * stack.capacity()
            + worker.finals.memory()
            + retained.hart_states.memory()
    }

    /// Forgets what is known of harts' states.
    pub(crate) fn forget(&mut self, machine: &CompiledMachine<'_, S>) {
        self.retained.hart_states.reset(machine);
    }
}

/// Visits every state that can be reached. What is found is a set, so it does not depend on who finds it
/// first.
pub(crate) fn explore<S: Set>(
    machine: &CompiledMachine<'_, S>,
    buffers: &mut SearchBuffers<S>,
    limits: Limits<'_>,
) -> Result<Outcomes, Stop> {
    let parallel = cfg!(feature = "parallel") && limits.parallel;
    let alone = if parallel { STATES_ALONE } else { usize::MAX };
    let mut expander = Expander::new(machine, std::mem::take(&mut buffers.retained), None);
    let SearchBuffers { met, stack, worker, .. } = buffers;
    met.clear();
    worker.reset(machine.program.observed.len(), machine.bytes());
    let ended = expander.stepper.start(stack).and_then(|alive| {
        match alive {
            Alive::Yes => stack.push(HartSet::ALL.0),
            Alive::No => stack.clear(),
        }
        worker.run(&mut expander, stack, met, limits, alone)
    });
    #[cfg(feature = "parallel")]
    if ended.is_ok() && !stack.is_empty() && worker.limit.is_none() {
        expander.stepper.refresh_all();
        let retained = expander.finish(&mut worker.cuts);
        let SearchBuffers { met, stack, worker, .. } = std::mem::take(buffers);
        buffers.forget(machine);
        let worker = parallel::IdleWorker { worker, retained };
        return match parallel::search(machine, (met, stack), worker, limits) {
            // Which of several faults the threads meet first is a matter of chance: find the one that a
            // search alone meets first.
            Err(Stop::Fault(fault)) if !matches!(fault, crate::program::Fault::RanOut(_)) => {
                explore(machine, buffers, Limits { parallel: false, ..limits })
            }
            found => found,
        };
    }
    buffers.retained = expander.finish(&mut worker.cuts);
    worker.counts.states += met.len() as u64;
    let Worker { finals, cuts, limit, counts, .. } = worker;
    let found = ended.map(|()| outcomes(machine, finals.sorted(), cuts, limit.take(), *counts));
    if buffers.memory() > MOST_KEPT {
        // What one machine took does not count against the next.
        *buffers = SearchBuffers::default();
        buffers.forget(machine);
    }
    found
}
