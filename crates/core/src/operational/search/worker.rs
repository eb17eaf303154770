//! Depth-first search over the states of a machine, by one thread.

use std::sync::Arc;

use super::state_table::{MetStates, STATES_BETWEEN_CHECKS};
use crate::litmus::HartId;
use crate::operational::compile::{CompiledMachine, Set, Use};
use crate::operational::reduce::{
    Branch, Expander, Expansion, Renaming, encode_hart, encode_memory, put_in_order,
    sort_equal_harts,
};
use crate::operational::state::HartSet;
use crate::operational::step::Stop;
use crate::program::{Completeness, FinalStates, Limits, Outcomes, Predicate, StateSet, ToldApart};

/// Words of successors that are looked at before they are made.
const MANY_WORDS: usize = 1 << 16;
/// Words of a small state. What a state takes grows with the harts in it, and faster.
const SMALL_STATE: usize = 64;
/// Comparisons of the test's filter between two looks at the limits.
const COMPARISONS_BETWEEN_CHECKS: usize = 1 << 18;
/// States that are expanded without a note that they were met. Few of them are met again, each at most once
/// before it is noted; and most tests have no more.
const UNNOTED_STATES: u64 = 32;

/// What one thread works with, and finds besides states.
#[derive(Debug, Default)]
pub(crate) struct Worker {
    pub(crate) limit: Option<Completeness>,
    pub(crate) finals: StateSet,
    /// Loops that were taken further than the bound: hart and step.
    pub(crate) cuts: Vec<(usize, usize)>,
    /// States expanded, in however many runs.
    expanded: usize,
    /// Of states only those that were expanded and not noted.
    pub(crate) counts: Counts,
    /// Bytes that the machine takes, for one of those that explore it.
    machine: usize,
    /// Bytes that it had when the limits were looked at last.
    memory: usize,
    /// Bytes that everything but its stack took then, what threads share included.
    besides_stack: usize,
    key: Vec<u8>,
    /// The key before, where the state is looked at twice.
    other: Vec<u8>,
    /// The harts' parts of the key, where some have to be sorted.
    parts: Vec<Vec<u8>>,
    renaming: Renaming,
    values: Vec<u64>,
}

impl Worker {
    /// Makes it ready for another exploration: of a machine that takes so many bytes, if it is the first.
    pub(crate) fn reset(&mut self, places: usize, machine: usize) {
        self.machine = machine;
        self.limit = None;
        self.cuts.clear();
        self.expanded = 0;
        self.counts = Counts::default();
        self.memory = 0;
        self.besides_stack = machine;
        self.finals.reset(places);
    }

    /// From here on it shares a count of bytes, which knows of none of its own yet.
    #[cfg(feature = "parallel")]
    pub(crate) fn shares_memory(&mut self) {
        self.memory = 0;
    }

    /// Empties `stack`, or stops early: at a limit, or after about `most` states were met, or where nobody counts
    /// these, expanded in this run.
    pub(crate) fn run<S: Set>(
        &mut self,
        expander: &mut Expander<'_, S>,
        stack: &mut Vec<u64>,
        met: &mut impl MetStates,
        limits: Limits<'_>,
        most: usize,
    ) -> Result<(), Stop> {
        let size = expander.stepper.machine.stacked_words();
        let filter = expander.stepper.machine.program.filter.as_ref();
        let comparisons = filter.map_or(0, Predicate::comparisons);
        let patience = (STATES_BETWEEN_CHECKS * SMALL_STATE * SMALL_STATE / (size * size))
            .min(COMPARISONS_BETWEEN_CHECKS / (comparisons + 1))
            .clamp(1, STATES_BETWEEN_CHECKS);
        for expanded in 1_usize.. {
            let Some(start) = stack.len().checked_sub(size) else { break };
            self.expand(expander, stack, start, met, limits)?;
            self.expanded += 1;
            if self.expanded.is_multiple_of(patience) && self.at_limit(expander, stack, met, limits)
            {
                break;
            }
            if self.limit.is_some() {
                break;
            }
            if expander.stepper.hart_states.may_forget(false) {
                expander.stepper.hart_states.forget(expander.stepper.machine, stack);
            }
            if met.count().unwrap_or(expanded) >= most {
                break;
            }
        }
        Ok(())
    }

    /// Takes the state at the top of the stack as far as it goes, and puts its successors in its place if
    /// it was not met before.
    fn expand<S: Set>(
        &mut self,
        expander: &mut Expander<'_, S>,
        stack: &mut Vec<u64>,
        start: usize,
        met: &mut impl MetStates,
        limits: Limits<'_>,
    ) -> Result<(), Stop> {
        let end = stack.len() - 1;
        let mut again = HartSet(stack[end]);
        let mut seen = false;
        loop {
            let state = &mut stack[start..end];
            let (branch, open) = match expander.advance(state, again)? {
                Expansion::Branch(branch, open) => (branch, open),
                end => {
                    if end == Expansion::Final {
                        self.record(expander, state);
                    }
                    stack.truncate(start);
                    return Ok(());
                }
            };
            if self.may_go_unnoted(expander.stepper.machine, met) {
                self.counts.states += 1;
                return self.branch(expander, stack, start, (&branch, open), limits);
            }
            std::mem::swap(&mut self.key, &mut self.other);
            let moved = self.encode(expander, state);
            let same = seen && self.key == self.other;
            if !same && !met.add(&self.key) {
                stack.truncate(start);
                return Ok(());
            }
            if !moved {
                return self.branch(expander, stack, start, (&branch, open), limits);
            }
            // The choice was made for harts in another order. Looking again makes it one of the state
            // alone, whoever met it first; it may also go further.
            seen = true;
            again = HartSet::ALL;
        }
    }

    /// Puts the successors of the state at the top of the stack in its place.
    fn branch<S: Set>(
        &mut self,
        expander: &mut Expander<'_, S>,
        stack: &mut Vec<u64>,
        start: usize,
        (branch, open): (&Branch, HartSet),
        limits: Limits<'_>,
    ) -> Result<(), Stop> {
        let words = expander.successors(branch) * (stack.len() - start);
        // A stack that grows is there twice for a moment.
        let grown = stack.len() + words;
        let twice = if grown > stack.capacity() { stack.len() } else { 0 };
        let stack_bytes = size_of::<u64>() * (grown + twice);
        if words >= MANY_WORDS && self.besides_stack + stack_bytes > limits.memory {
            self.limit = Some(Completeness::MemoryLimit);
            return Ok(());
        }
        expander.branch(stack, start, branch, open, limits.interrupted)?;
        self.counts.transitions +=
            ((stack.len() - start) / expander.stepper.machine.stacked_words()) as u64;
        Ok(())
    }

    /// May a state be expanded as if it were met for the first time?
    fn may_go_unnoted<S: Set>(
        &self,
        machine: &CompiledMachine<'_, S>,
        met: &impl MetStates,
    ) -> bool {
        self.counts.states < UNNOTED_STATES
            && met.count() == Some(0)
            && machine.equal_harts.is_empty()
    }

    /// Makes the key of the state; says whether equal harts changed places for it.
    fn encode<S: Set>(&mut self, expander: &mut Expander<'_, S>, state: &mut [u64]) -> bool {
        let machine = expander.stepper.machine;
        let Worker { key, parts, renaming, .. } = self;
        if let Some(similar) = machine.similar_harts() {
            return put_in_order(&mut expander.stepper, similar, state, renaming, key);
        }
        key.clear();
        let mut moved = false;
        if machine.equal_harts.is_empty() {
            for h in 0..machine.harts.len() {
                encode_hart(expander.stepper.view(), state, h, key);
            }
        } else {
            parts.resize(machine.harts.len(), Vec::new());
            for (h, part) in parts.iter_mut().enumerate() {
                part.clear();
                encode_hart(expander.stepper.view(), state, h, part);
            }
            moved = sort_equal_harts(machine, state, parts);
            parts.iter().for_each(|part| key.extend_from_slice(part));
        }
        encode_memory(expander.stepper.view(), state, key);
        moved
    }

    fn at_limit<S: Set>(
        &mut self,
        expander: &mut Expander<'_, S>,
        stack: &mut Vec<u64>,
        met: &mut impl MetStates,
        limits: Limits<'_>,
    ) -> bool {
        let mut all = self.count_memory(expander, stack, met);
        if all > limits.memory && expander.stepper.hart_states.may_forget(true) {
            expander.stepper.hart_states.forget(expander.stepper.machine, stack);
            all = self.count_memory(expander, stack, met);
        }
        let reductions = &expander.stepper.machine.reductions;
        if all > limits.memory && reductions.fingerprints == Use::WhenLarge {
            met.use_fingerprints();
            all = met.memory(self.memory, self.memory);
        }
        self.besides_stack = all.saturating_sub(size_of::<u64>() * stack.capacity());
        if (limits.interrupted)() {
            self.limit = Some(Completeness::Timeout);
        } else if all > limits.memory {
            self.limit = Some(Completeness::MemoryLimit);
        }
        self.limit.is_some()
    }

    /// Bytes that all threads take together; what this one takes is noted.
    fn count_memory<S: Set>(
        &mut self,
        expander: &Expander<'_, S>,
        stack: &Vec<u64>,
        met: &mut impl MetStates,
    ) -> usize {
        let stack_bytes = size_of::<u64>() * stack.capacity();
        let before = std::mem::replace(
            &mut self.memory,
            // Outcomes are there twice when they are put in order.
            self.machine
                + 2 * self.finals.memory()
                + stack_bytes
                + expander.stepper.hart_states.memory(),
        );
        met.memory(self.memory, before)
    }

    fn record<S: Set>(&mut self, expander: &Expander<'_, S>, state: &[u64]) {
        self.values.clear();
        self.values.extend(expander.stepper.view().observed(state));
        let filter = expander.stepper.machine.program.filter.as_ref();
        if filter.is_none_or(|filter| filter.holds(&self.values)) {
            self.finals.insert(self.values.iter().copied());
        }
    }
}

/// How much work a search was.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Counts {
    /// States with a choice.
    pub(crate) states: u64,
    /// Successors of these.
    pub(crate) transitions: u64,
}

/// Puts together what was found.
pub(crate) fn outcomes<S: Set>(
    machine: &CompiledMachine<'_, S>,
    finals: FinalStates,
    cuts: &[(usize, usize)],
    limit: Option<Completeness>,
    told_apart: ToldApart,
    Counts { states: work, transitions }: Counts,
) -> Outcomes {
    // What one hart does, its equals do, too.
    let similar = machine.similar_harts().into_iter().flat_map(|similar| &similar.groups);
    let groups = similar.map(|group| &group.harts).chain(&machine.equal_harts);
    let equals = |hart: usize| groups.clone().find(|group| group.contains(&hart));
    let mut cuts: Vec<(HartId, usize)> = cuts
        .iter()
        .flat_map(|(hart, step)| {
            let harts = equals(*hart).map_or(std::slice::from_ref(hart), |group| group);
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
    Outcomes { states: Arc::new(finals), completeness, told_apart, work, transitions }
}
