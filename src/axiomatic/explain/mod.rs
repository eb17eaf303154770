//! Why a final state is allowed or forbidden.
//!
//! An allowed state gets a [`Witness`]. For a forbidden one, every execution that would end in it is
//! built, with every choice of what loads read and, where it matters, of how stores to a common byte are
//! ordered, and each gets a shortest cycle or a violated axiom. Those with the same argument are one
//! [`Reason`].

mod added;
mod deciders;
mod gloss;
mod graph;
mod impossible;
mod key;
mod propose;
mod record;
mod refute;
mod short;
mod states;
mod words;

use std::cell::OnceCell;
use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::litmus::HartId;
use crate::model::{MemoryModel, Options};
use crate::program::{Fault, FinalState, ObservedFrom, Program};

use super::candidate::{Candidate, Layout, OpId, Source, Sources};
use super::evidence::{EventId, Execution, Refutation, Witness, Written};
use super::order::Order;
use super::outcomes::{layout, traces};
use super::partial::StepPair;
use super::run::Scope;
use super::search::{Goal, Search};
use super::trace::{End, Trace};
use key::Key;

pub use added::Added;
pub use deciders::{Annotated, Deciders};
pub use impossible::Impossible;
pub use record::{
    AddedRecord, AnnotatedRecord, CoherenceRecord, DecidersRecord, Enough, EventRecord,
    ExplanationRecord, ImpossibleRecord, NOT_TOGETHER, OrderRecord, ReasonRecord, SourceRecord,
};
pub use words::{Step, Words};

/// Most candidate executions that the explanation of one state looks at.
const MOST_CANDIDATES: usize = 20_000;

/// Executions that are forbidden by the same argument.
#[derive(Clone, Debug)]
pub struct Reason {
    /// One of them.
    pub example: Refutation,
    /// How many there are.
    pub executions: usize,
    /// Does the argument rest on what RVWMO lacks?
    pub beyond_rvwmo: bool,
}

/// The verdict on one state.
#[derive(Clone, Debug)]
pub enum Explanation {
    /// It is reached.
    Allowed(Box<Witness>),
    /// It is not reached.
    Forbidden {
        /// Why: first what RVWMO does not forbid anyway, and of that the reason of the most executions.
        reasons: Vec<Reason>,
        /// Were all executions that would end in the state looked at?
        exhaustive: bool,
    },
    /// No choice of values that stores write makes the harts' code end in it: what some part of the
    /// observed state would have to be, and what it can be. Empty if every part is possible alone.
    NoExecution(Vec<Impossible>),
    /// `stop` ended the search: nothing is known.
    GaveUp,
}

/// What is wrong with executions that would end in a state.
#[derive(Clone, Debug)]
pub struct Refuted {
    /// First what RVWMO does not forbid anyway, and of that the reason of the most executions.
    pub reasons: Vec<Reason>,
    /// Were all executions that would end in the state looked at?
    pub exhaustive: bool,
    /// How many were.
    pub candidates: usize,
}

/// Explains states of one program.
pub struct Explainer<'p> {
    program: &'p Program,
    models: &'p [MemoryModel],
    options: &'p Options,
    plausible: Vec<Vec<Trace>>,
    /// The traces of [`Scope::Any`], once they were needed.
    any: OnceCell<Vec<Vec<Trace>>>,
}

impl<'p> Explainer<'p> {
    /// Prepares explanations for `program` when hart `i` follows `models[i]`.
    ///
    /// `stop` is asked now and then, here and below; once it says `true` it has to go on doing so, and
    /// every state that is asked about then is [`Explanation::GaveUp`].
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn new(
        program: &'p Program,
        models: &'p [MemoryModel],
        options: &'p Options,
        stop: &dyn Fn() -> bool,
    ) -> Result<Self, Fault> {
        let plausible = traces(program, models, options, Scope::Plausible, stop)?;
        Ok(Explainer { program, models, options, plausible, any: OnceCell::new() })
    }

    /// Why `state` is reached or not. States that no cut or faulting path leads to are meant: paths that
    /// the options cut are not looked at.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn explain(
        &self,
        state: &FinalState,
        stop: &dyn Fn() -> bool,
    ) -> Result<Explanation, Fault> {
        if let Some(witness) = self.allow(state, stop) {
            return Ok(Explanation::Allowed(Box::new(witness)));
        }
        if stop() {
            return Ok(Explanation::GaveUp);
        }
        match self.refute(state, MOST_CANDIDATES, stop)? {
            Refuted { reasons, exhaustive: true, .. } if reasons.is_empty() => {
                Ok(Explanation::NoExecution(self.impossible(state, stop)?))
            }
            Refuted { reasons, .. } if reasons.is_empty() => Ok(Explanation::GaveUp),
            Refuted { reasons, exhaustive, .. } => {
                Ok(Explanation::Forbidden { reasons, exhaustive })
            }
        }
    }

    /// An execution that ends in `state`, if there is one and `stop` does not end the search for it.
    #[must_use]
    pub fn allow(&self, state: &FinalState, stop: &dyn Fn() -> bool) -> Option<Witness> {
        self.witness(state, &[], stop)
    }

    /// What forbids `state` in the first `most` candidate executions that would end in it: nothing if
    /// one of them is allowed.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn refute(
        &self,
        state: &FinalState,
        most: usize,
        stop: &dyn Fn() -> bool,
    ) -> Result<Refuted, Fault> {
        let traces = self.ending_in(self.any(stop)?, state);
        let layout = layout(&traces);
        let open = vec![None; layout.size()];
        Ok(self.refute_among(&traces, (&layout, open), state, most, stop))
    }

    /// What forbids an execution that another model allows.
    #[must_use]
    pub fn refute_execution(&self, witness: &Witness, stop: &dyn Fn() -> bool) -> Refuted {
        let Witness { execution, state, .. } = witness;
        let annotated = |(hart, trace)| vec![self.words().annotated(trace, hart, self.options)];
        let traces: Vec<_> = (0u16..).map(HartId).zip(&execution.traces).map(annotated).collect();
        let layout = layout(&traces);
        let source = |written: &Written| match written {
            Written::Initially => Source::Initial,
            Written::By(store) => Source::Store(layout.id(store.hart, store.nth)),
        };
        let sources = execution.events().map(|event| {
            let reads = execution.op(event).reads();
            reads.then(|| execution.read(event).iter().map(source).collect())
        });
        let sources = sources.collect();
        self.refute_among(&traces, (&layout, sources), state, MOST_CANDIDATES, stop)
    }

    fn refute_among(
        &self,
        traces: &[Vec<Trace>],
        (layout, sources): (&Layout, Vec<Option<Sources>>),
        state: &FinalState,
        most: usize,
        stop: &dyn Fn() -> bool,
    ) -> Refuted {
        let mut reasons: Vec<Reason> = Vec::new();
        let mut known: FxHashMap<Key, usize> = FxHashMap::default();
        let words = self.words();
        let mut candidates = 0;
        let mut consistent = false;
        let mut visit = |candidate: &Candidate<'_>, final_pairs: &[(OpId, OpId)]| {
            let graph = graph::Graph::new(candidate, final_pairs, self.options.rules);
            let contradictions = refute::refute(graph, candidate);
            consistent |= contradictions.is_empty();
            for (coherence, contradiction) in contradictions {
                match known.entry(Key::new(candidate, &contradiction)) {
                    Entry::Occupied(known) => reasons[*known.get()].executions += 1,
                    Entry::Vacant(new) => {
                        new.insert(reasons.len());
                        let (execution, state) = (execution(candidate), state.clone());
                        let example = Refutation { execution, coherence, contradiction, state };
                        let beyond_rvwmo = words.beyond_rvwmo(&example);
                        reasons.push(Reason { example, executions: 1, beyond_rvwmo });
                    }
                }
            }
            candidates += 1;
            candidates < most && !consistent
        };
        let found_all =
            propose::proposals(self.program, (layout, sources), traces, (state, stop), &mut visit);
        if consistent {
            reasons.clear();
        }
        reasons.sort_by_key(|reason| std::cmp::Reverse((reason.beyond_rvwmo, reason.executions)));
        Refuted { reasons, exhaustive: found_all && !stop(), candidates }
    }

    /// The states that the test's filter and `keep` accept among all that stored values could make up,
    /// allowed or not. `None` if there are too many to look at.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn states(
        &self,
        keep: &dyn Fn(&FinalState) -> bool,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<FinalState>>, Fault> {
        let any = self.any(stop)?;
        let filter = self.program.filter.as_ref();
        let counts = |state: &FinalState| filter.is_none_or(|f| f.holds(state)) && keep(state);
        Ok(states::states(self.program, any, &counts))
    }

    /// What says explanations of this program.
    #[must_use]
    pub fn words(&self) -> Words<'p> {
        Words::new(self.program, self.models, self.options)
    }

    /// Works out what refutations start from.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn prepare(&self, stop: &dyn Fn() -> bool) -> Result<(), Fault> {
        self.any(stop).map(drop)
    }

    fn any(&self, stop: &dyn Fn() -> bool) -> Result<&[Vec<Trace>], Fault> {
        if let Some(any) = self.any.get() {
            return Ok(any);
        }
        let any = traces(self.program, self.models, self.options, Scope::Any, stop)?;
        Ok(self.any.get_or_init(|| any))
    }

    /// An execution that ends in `state`; the pairs of `without` need not keep their order.
    fn witness(
        &self,
        state: &FinalState,
        without: &[StepPair],
        stop: &dyn Fn() -> bool,
    ) -> Option<Witness> {
        self.witness_among(&self.ending_in(&self.plausible, state), state, without, stop)
    }

    /// The same among traces that end in the state.
    fn witness_among(
        &self,
        traces: &[Vec<Trace>],
        state: &FinalState,
        without: &[StepPair],
        stop: &dyn Fn() -> bool,
    ) -> Option<Witness> {
        let layout = layout(traces);
        let goal = First { state, witness: None, stop };
        let search = Search::new(self.program, self.options, &layout, traces, without, goal);
        search.run().0.witness
    }

    /// The complete traces that leave the observed registers as `state` has them.
    fn ending_in(&self, traces: &[Vec<Trace>], state: &FinalState) -> Vec<Vec<Trace>> {
        let ends_so = |hart: usize, trace: &Trace| {
            self.program.observed.iter().zip(state).all(|(observed, value)| match observed.from {
                ObservedFrom::Register(of, reg) if of.index() == hart => {
                    observed.rendering.normalize(trace.registers[reg.number()]) == *value
                }
                _ => true,
            })
        };
        traces
            .iter()
            .enumerate()
            .map(|(hart, traces)| {
                traces
                    .iter()
                    .filter(|t| t.end == End::Complete && ends_so(hart, t))
                    .cloned()
                    .collect()
            })
            .collect()
    }
}

/// The first execution that ends in a state.
struct First<'s> {
    state: &'s FinalState,
    witness: Option<Witness>,
    stop: &'s dyn Fn() -> bool,
}

impl Goal for First<'_> {
    fn wants_traces(&mut self, _: &[&Trace]) -> bool {
        self.witness.is_none()
    }

    fn wants_state(&mut self, state: &FinalState) -> bool {
        self.witness.is_none() && state == self.state
    }

    fn found(&mut self, candidate: &Candidate<'_>, order: &Order, state: Option<FinalState>) {
        let (Some(state), Some(gmo)) = (state, order.certain().linear_extension()) else { return };
        let there = |op: &OpId| candidate.get(*op).is_some();
        let gmo = gmo.into_iter().filter(there).map(|op| event(candidate.layout, op)).collect();
        self.witness = Some(Witness { execution: execution(candidate), gmo, state });
    }

    fn stop(&mut self) -> bool {
        self.witness.is_some() || (self.stop)()
    }
}

fn event(layout: &Layout, op: OpId) -> EventId {
    EventId { hart: layout.hart(op), nth: layout.nth(op) }
}

fn written(layout: &Layout, source: Source) -> Written {
    match source {
        Source::Initial => Written::Initially,
        Source::Store(op) => Written::By(event(layout, op)),
    }
}

/// A complete candidate as evidence.
fn execution(candidate: &Candidate<'_>) -> Execution {
    let layout = candidate.layout;
    let traces: Vec<Trace> = candidate.traces.iter().flatten().map(|t| (*t).clone()).collect();
    let reads = (0u16..)
        .zip(&traces)
        .map(|(hart, trace)| {
            let of = |(nth, _)| {
                let op = layout.id(HartId(hart), nth);
                let sources = candidate.get(op).and_then(|_| candidate.sources_of(op));
                sources.into_iter().flatten().map(|source| written(layout, *source)).collect()
            };
            trace.iter().map(of).collect()
        })
        .collect();
    Execution { traces, reads }
}
