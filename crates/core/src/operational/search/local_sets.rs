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

/// Finds every outcome, or gives up: `None`. That it does at a limit, `held` bytes being taken by others, and after
/// `most` steps.
pub(crate) fn explore<S: Set>(
    machine: &CompiledMachine<'_, S>,
    links: Option<Links<S>>,
    limits: Limits<'_>,
    held: usize,
    most: usize,
) -> Result<Option<Outcomes>, Stop> {
    let mut hart_states = HartStates::default();
    hart_states.reset(machine);
    let limits = Limits { memory: limits.memory.saturating_sub(held), ..limits };
    let mut search = Search {
        sets: LocalSets::new(machine, hart_states, links, most, limits),
        finals: StateSet::new(machine.program.observed.len()),
        met: StateTable::default(),
        ends: StateTable::default(),
        key: Vec::new(),
        end: Vec::new(),
        limits,
        transitions: 0,
    };
    match search.run(most) {
        Ok(true) => {
            let Search { sets, mut finals, met, transitions, .. } = search;
            let counts = Counts { states: met.len() as u64, transitions };
            let cuts = &sets.stepper.cuts;
            Ok(Some(outcomes(machine, finals.sorted(), cuts, None, ToldApart::Exactly, counts)))
        }
        Ok(false) | Err(Stop::Fault(Fault::RanOut(_))) => Ok(None),
        Err(stop) => Err(stop),
    }
}

struct Search<'m, S> {
    sets: LocalSets<'m, S>,
    finals: StateSet,
    met: StateTable,
    /// What final states were made of.
    ends: StateTable,
    key: Vec<u8>,
    end: Vec<u64>,
    limits: Limits<'m>,
    transitions: u64,
}

impl<S: Set> Search<'_, S> {
    /// Visits everything that can be reached; gives up, `false`, at a limit.
    fn run(&mut self, most: usize) -> Result<bool, Stop> {
        let size = self.sets.words();
        let (mut stack, mut joint, mut looked) = (Vec::new(), Vec::new(), 0);
        self.sets.start(&mut stack)?;
        while let Some(start) = stack.len().checked_sub(size) {
            joint.clear();
            joint.extend_from_slice(&stack[start..]);
            stack.truncate(start);
            put_key(&joint, &mut self.key);
            if !self.met.add(&self.key) {
                continue;
            }
            if !self.record(&joint) {
                return Ok(false);
            }
            self.sets.successors(&joint, &mut stack)?;
            self.transitions += ((stack.len() - start) / size) as u64;
            let many = stack.len() > looked + MANY_WORDS;
            if many || self.met.len().is_multiple_of(STATES_BETWEEN_CHECKS) {
                looked = stack.len();
                let steps = self.sets.steps();
                let small =
                    steps > STEPS_OF_SMALL_SETS && most < usize::MAX && self.sets.are_small();
                let memory = self.memory() + size_of::<u64>() * stack.capacity();
                if steps > most
                    || small
                    || memory > self.limits.memory
                    || (self.limits.interrupted)()
                {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn memory(&self) -> usize {
        let Search { sets, finals, met, ends, .. } = self;
        sets.memory()
            + met.memory(STATES_BETWEEN_CHECKS)
            + ends.memory(STATES_BETWEEN_CHECKS)
            + 2 * finals.memory()
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
