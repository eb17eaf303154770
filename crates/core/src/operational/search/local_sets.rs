//! Search over sets of local states: see [`LocalSets`].

use super::state_table::{MetStates, StateTable};
use super::worker::{Counts, outcomes};
use crate::operational::compile::{CompiledMachine, Set, push};
use crate::operational::reduce::{Links, LocalSets};
use crate::operational::state::HartStates;
use crate::operational::step::Stop;
use crate::program::{Fault, Limits, Outcomes, StateSet, ToldApart};

/// States between two looks at the limits.
const STATES_BETWEEN_CHECKS: usize = 1 << 8;
/// Words by which the stack grows between two looks at the limits.
const MANY_WORDS: usize = 1 << 17;
/// Combinations of ends between two looks at the limits.
const ENDS_BETWEEN_CHECKS: usize = 1 << 10;
/// Steps after which sets that are hardly more than local states are no help.
const STEPS_OF_SMALL_SETS: usize = 1 << 17;

/// Finds every outcome, or gives up and says why: at a limit, `held` bytes being taken by others, or after `most`
/// steps.
pub(super) fn explore<S: Set>(
    machine: &CompiledMachine<'_, S>,
    links: Option<Links<S>>,
    limits: Limits<'_>,
    held: usize,
    most: usize,
) -> Result<Result<Outcomes, Ended>, Stop> {
    let limits = Limits { memory: limits.memory.saturating_sub(held), ..limits };
    let mut search = Search::new(machine, links, limits);
    Ok(match search.run(limits, most)? {
        Ended::Everything => Ok(search.outcomes()),
        ended => Err(ended),
    })
}

/// Why a search by sets ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ended {
    /// Everything is visited.
    Everything,
    /// It made as many steps as it was to: it can go on.
    EnoughSteps,
    /// It is no help.
    NoHelp,
    /// A limit is met.
    AtLimit,
}

/// A search by sets.
pub(super) struct Search<'m, S> {
    sets: LocalSets<'m, S>,
    finals: StateSet,
    met: StateTable,
    /// What final states were made of.
    ends: StateTable,
    /// What is still to be visited; `None` before it begins.
    stack: Option<Vec<u64>>,
    /// Is what is at the top of the stack met already, and only what comes after it unknown?
    unfinished: bool,
    key: Vec<u8>,
    end: Vec<u64>,
    limits: Limits<'m>,
    transitions: u64,
}

impl<'m, S: Set> Search<'m, S> {
    /// Nothing is visited yet.
    pub(super) fn new(
        machine: &'m CompiledMachine<'m, S>,
        links: Option<Links<S>>,
        limits: Limits<'m>,
    ) -> Search<'m, S> {
        let mut hart_states = HartStates::default();
        hart_states.reset(machine);
        Search {
            sets: LocalSets::new(machine, hart_states, links),
            finals: StateSet::new(machine.program.observed.len()),
            met: StateTable::default(),
            ends: StateTable::default(),
            stack: None,
            unfinished: false,
            key: Vec::new(),
            end: Vec::new(),
            limits,
            transitions: 0,
        }
    }

    /// Goes on until everything is visited, a limit is met, or `most` steps are made, those of earlier runs
    /// among them.
    pub(super) fn run(&mut self, limits: Limits<'m>, most: usize) -> Result<Ended, Stop> {
        self.limits = limits;
        self.sets.limit(limits, most);
        match self.visit(most) {
            Err(Stop::Fault(Fault::RanOut(_))) if self.sets.steps() > most => {
                Ok(Ended::EnoughSteps)
            }
            Err(Stop::Fault(Fault::RanOut(_))) => Ok(Ended::AtLimit),
            ended => ended,
        }
    }

    /// What was found, once everything is visited.
    pub(super) fn outcomes(self) -> Outcomes {
        let Search { sets, mut finals, met, transitions, .. } = self;
        let counts = Counts { states: met.len() as u64, transitions };
        let machine = sets.stepper.machine;
        outcomes(machine, finals.sorted(), &sets.stepper.cuts, None, ToldApart::Exactly, counts)
    }

    fn visit(&mut self, most: usize) -> Result<Ended, Stop> {
        let mut stack = match self.stack.take() {
            Some(stack) => stack,
            None => {
                let mut stack = Vec::new();
                self.sets.start(&mut stack)?;
                stack
            }
        };
        let ended = self.empty(&mut stack, most);
        self.stack = Some(stack);
        ended
    }

    fn empty(&mut self, stack: &mut Vec<u64>, most: usize) -> Result<Ended, Stop> {
        let size = self.sets.words();
        let (mut joint, mut looked) = (Vec::new(), 0);
        while let Some(start) = stack.len().checked_sub(size) {
            joint.clear();
            joint.extend_from_slice(&stack[start..]);
            stack.truncate(start);
            if !std::mem::take(&mut self.unfinished) {
                put_key(&joint, &mut self.key);
                if !self.met.add(&self.key) {
                    continue;
                }
                if !self.record(&joint) {
                    return Ok(Ended::AtLimit);
                }
            }
            if let Err(stop) = self.sets.successors(&joint, stack) {
                stack.truncate(start);
                stack.extend_from_slice(&joint);
                self.unfinished = true;
                return Err(stop);
            }
            self.transitions += ((stack.len() - start) / size) as u64;
            let many = stack.len() > looked + MANY_WORDS;
            if many || self.met.len().is_multiple_of(STATES_BETWEEN_CHECKS) {
                looked = stack.len();
                let steps = self.sets.steps();
                let small =
                    steps > STEPS_OF_SMALL_SETS && most < usize::MAX && self.sets.are_small();
                let memory = self.memory() + size_of::<u64>() * stack.capacity();
                if small {
                    return Ok(Ended::NoHelp);
                }
                if memory > self.limits.memory || (self.limits.interrupted)() {
                    return Ok(Ended::AtLimit);
                }
                if steps > most {
                    return Ok(Ended::EnoughSteps);
                }
            }
        }
        Ok(Ended::Everything)
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        let Search { sets, finals, met, ends, stack, .. } = self;
        let stack = size_of::<u64>() * stack.as_ref().map_or(0, Vec::capacity);
        let tables = met.memory(STATES_BETWEEN_CHECKS) + ends.memory(STATES_BETWEEN_CHECKS);
        sets.memory() + tables + 2 * finals.memory() + stack
    }

    /// Adds the final states in which all harts may be now; says whether it could, within the limits.
    fn record(&mut self, joint: &[u64]) -> bool {
        if !self.sets.may_end(joint) {
            return true;
        }
        self.sets.end_of(joint, &mut self.end);
        put_key(&self.end, &mut self.key);
        if !self.ends.add(&self.key) {
            return true;
        }
        let Search { sets, finals, limits, .. } = self;
        let filter = sets.stepper.machine.program.filter.as_ref();
        let (mut count, mut full) = (0_usize, false);
        sets.finals(joint, |values| {
            if filter.is_none_or(|filter| filter.holds(values)) {
                finals.insert(values.iter().copied());
            }
            count += 1;
            let look = count.is_multiple_of(ENDS_BETWEEN_CHECKS);
            full |= look && ((limits.interrupted)() || 2 * finals.memory() > limits.memory);
            !full
        });
        !full
    }
}

fn put_key(words: &[u64], key: &mut Vec<u8>) {
    key.clear();
    words.iter().for_each(|word| push(key, *word));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::litmus::{LineIndex, parse};
    use crate::model::{BaseModel, Options};
    use crate::operational::compile::{MachineBuffers, Reductions, Refinement};
    use crate::program::{Meter, full_hart, link};

    /// Four harts store to a location three times each, and one looks on.
    const MANY_SETS: &str = "RISCV t\n{ 0:x5=x; 1:x5=x; 2:x5=x; 3:x5=x; 4:x5=x; }\n\
        P0          | P1          | P2          | P3          | P4          ;\n\
        li x6,1     | li x6,2     | li x6,3     | li x6,4     | lw x6,0(x5) ;\n\
        sw x6,0(x5) | sw x6,0(x5) | sw x6,0(x5) | sw x6,0(x5) | lw x7,0(x5) ;\n\
        sw x6,0(x5) | sw x6,0(x5) | sw x6,0(x5) | sw x6,0(x5) | lw x8,0(x5) ;\n\
        sw x6,0(x5) | sw x6,0(x5) | sw x6,0(x5) | sw x6,0(x5) |             ;\n\
        exists (4:x6=1 /\\ 4:x7=2 /\\ 4:x8=3)\n";

    #[test]
    fn a_search_that_is_taken_up_again_finds_the_same() {
        let test = parse(MANY_SETS).expect("parses");
        let model = BaseModel::Rvwmo;
        let program = link(&test, &LineIndex::new(MANY_SETS), |_| full_hart(model));
        let program = program.expect("links");
        let (options, refinement) = (Options::default(), Refinement::default());
        let (limits, buffers) = (Limits::default(), MachineBuffers::default());
        let meter = &mut Meter::new(limits);
        let machine: Result<CompiledMachine<'_, u64>, _> =
            CompiledMachine::new(&program, &options, Reductions::ALL, &refinement, buffers, meter);
        let mut machine = machine.expect("small");
        machine.set_models(&[model; 5], meter).expect("no limit");
        machine.prepare(meter).expect("no limit");
        let whole = explore(&machine, None, limits, 0, usize::MAX).expect("no fault");
        let whole = whole.expect("no limit");
        assert_eq!(whole.states.len(), 85);
        let mut search = Search::new(&machine, None, limits);
        let (mut runs, mut unfinished, mut most) = (0, 0, 0);
        while search.run(limits, most).expect("no fault") != Ended::Everything {
            (runs, unfinished) = (runs + 1, unfinished + usize::from(search.unfinished));
            most += 100;
        }
        assert!(runs > unfinished && unfinished > 0, "{runs} {unfinished}");
        let parts = search.outcomes();
        assert_eq!(parts.states, whole.states);
        assert_eq!((parts.work, parts.transitions), (whole.work, whole.transitions));
    }
}
