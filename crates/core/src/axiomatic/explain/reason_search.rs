//! The search for reasons: what is wrong with every execution that would end in a state.

use std::cell::OnceCell;
use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::axiomatic::candidate::{Candidate, Layout, OpId, Source, Sources};
use crate::axiomatic::evidence::{Refutation, Witness, Written};
use crate::axiomatic::interpreter::{Scope, traces};
use crate::axiomatic::trace::Trace;
use crate::litmus::HartId;
use crate::program::{Fault, FinalState};

use super::argument_key::ArgumentKey;
use super::candidates::each_candidate;
use super::comparison::Comparison;
use super::contradictions::{Buffers, contradictions};
use super::execution::execution;
use super::witness_search::traces_ending_in;

/// Most candidate executions that the explanation of one state looks at.
pub(super) const MOST_CANDIDATES: usize = 20_000;

/// Executions that are forbidden by the same argument.
#[derive(Clone, Debug)]
pub struct Reason {
    /// One of them.
    pub example: Refutation,
    /// How many there are.
    pub executions: usize,
    /// Does the argument rest on something that the weaker machine does not demand?
    pub beyond_weaker: bool,
}

/// What is wrong with executions that would end in a state.
#[derive(Clone, Debug)]
pub struct Reasons {
    /// First those that the weaker machine does not have, and of these the one of the most executions.
    /// None if some execution is allowed.
    pub reasons: Vec<Reason>,
    /// Were all executions that would end in the state looked at?
    pub exhaustive: bool,
    /// How many were.
    pub candidates: usize,
}

/// Finds the reasons why the stronger of two machines forbids states.
pub struct ReasonSearch<'p> {
    machines: Comparison<'p>,
    /// The traces of [`Scope::Any`], once they were needed.
    any: OnceCell<Vec<Vec<Trace>>>,
}

impl<'p> ReasonSearch<'p> {
    /// Returns a search that has not looked at anything yet. `stop` is meant below as
    /// [`Explainer::new`] says.
    ///
    /// [`Explainer::new`]: super::Explainer::new
    #[must_use]
    pub fn new(machines: Comparison<'p>) -> Self {
        ReasonSearch { machines, any: OnceCell::new() }
    }

    /// Returns the machines.
    #[must_use]
    pub fn machines(&self) -> &Comparison<'p> {
        &self.machines
    }

    /// Finds what forbids `state` in the first `most` candidate executions that would end in it.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn of_state(
        &self,
        state: &FinalState,
        most: usize,
        stop: &dyn Fn() -> bool,
    ) -> Result<Reasons, Fault> {
        let traces = traces_ending_in(self.machines.stronger.program, self.traces(stop)?, state);
        let layout = Layout::of(&traces);
        let open = vec![None; layout.size()];
        Ok(self.among(&traces, (&layout, open), state, most, stop))
    }

    /// Finds what forbids one execution, which the weaker machine allows. The machines' harts have to
    /// make the same operations.
    #[must_use]
    pub fn of_execution(&self, witness: &Witness, stop: &dyn Fn() -> bool) -> Reasons {
        let Witness { execution, state, .. } = witness;
        let annotated = |(hart, trace)| self.machines.stronger.annotate_trace(hart, trace);
        let traces: Vec<_> = (0u16..).map(HartId).zip(&execution.traces).map(annotated).collect();
        let traces: Vec<Vec<&Trace>> = traces.iter().map(|trace| vec![trace]).collect();
        let layout = Layout::of(&traces);
        let source = |written: &Written| match written {
            Written::Initially => Source::Initial,
            Written::By(store) => Source::Store(layout.id(store.hart, store.nth)),
        };
        let sources = execution.events().map(|event| {
            let reads = execution.op(event).reads();
            reads.then(|| execution.read(event).iter().map(source).collect())
        });
        let sources = sources.collect();
        self.among(&traces, (&layout, sources), state, MOST_CANDIDATES, stop)
    }

    fn among<'t>(
        &self,
        traces: &[Vec<&'t Trace>],
        (layout, sources): (&'t Layout, Vec<Option<Sources>>),
        state: &FinalState,
        most: usize,
        stop: &dyn Fn() -> bool,
    ) -> Reasons {
        let machine = &self.machines.stronger;
        let mut reasons: Vec<Reason> = Vec::new();
        let mut known: FxHashMap<ArgumentKey, usize> = FxHashMap::default();
        let mut candidates = 0;
        let mut consistent = false;
        let mut buffers = Buffers::default();
        let mut visit = |candidate: &Candidate<'t>, final_pairs: &[(OpId, OpId)]| {
            let rules = machine.options.rules;
            let found = contradictions(candidate, final_pairs, rules, &mut buffers);
            consistent |= found.is_empty();
            for (coherence, contradiction) in found {
                match known.entry(ArgumentKey::new(candidate, &contradiction)) {
                    Entry::Occupied(known) => reasons[*known.get()].executions += 1,
                    Entry::Vacant(new) => {
                        new.insert(reasons.len());
                        let (execution, state) = (execution(candidate), state.clone());
                        let example = Refutation { execution, coherence, contradiction, state };
                        let beyond_weaker = self.machines.only_stronger_forbids(&example);
                        reasons.push(Reason { example, executions: 1, beyond_weaker });
                    }
                }
            }
            candidates += 1;
            candidates < most && !consistent
        };
        let all =
            each_candidate(machine.program, (layout, sources), traces, (state, stop), &mut visit);
        if consistent {
            reasons.clear();
        }
        reasons.sort_by_key(|reason| std::cmp::Reverse((reason.beyond_weaker, reason.executions)));
        Reasons { reasons, exhaustive: all && !stop(), candidates }
    }

    /// Works out the traces that searches start from.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn prepare(&self, stop: &dyn Fn() -> bool) -> Result<(), Fault> {
        self.traces(stop).map(drop)
    }

    /// Returns the traces of the stronger machine, also those that no execution can have.
    pub(super) fn traces(&self, stop: &dyn Fn() -> bool) -> Result<&[Vec<Trace>], Fault> {
        if let Some(any) = self.any.get() {
            return Ok(any);
        }
        let machine = &self.machines.stronger;
        let any = traces(machine.program, machine.models, machine.options, Scope::Any, stop)?;
        Ok(self.any.get_or_init(|| any))
    }
}
