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
mod refuter;
mod short;
mod states;
mod words;

use std::borrow::Borrow;

use crate::litmus::HartId;
use crate::model::{BaseModel, Options};
use crate::program::{Fault, FinalState, Program};

use super::candidate::{Candidate, Layout, OpId, Source};
use super::evidence::{EventId, Execution, Refutation, Witness, Written};
use super::interpreter::{Scope, traces};
use super::search::PartialGmo;
use super::search::StepPair;
use super::search::{Goal, Search};
use super::trace::Trace;
use refuter::ending_in;

pub use added::Added;
pub use deciders::{Annotated, Deciders};
pub use impossible::Impossible;
pub use record::{
    AddedRecord, AnnotatedRecord, CoherenceRecord, DecidersRecord, Enough, EventRecord,
    ExplanationRecord, ImpossibleRecord, NOT_TOGETHER, OrderRecord, ReasonRecord, SourceRecord,
};
pub use refuter::{Refuted, Refuter};
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

/// Explains states of one program.
pub struct Explainer<'p> {
    program: &'p Program,
    models: &'p [BaseModel],
    options: &'p Options,
    plausible: Vec<Vec<Trace>>,
    refuter: Refuter<'p>,
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
        models: &'p [BaseModel],
        options: &'p Options,
        stop: &dyn Fn() -> bool,
    ) -> Result<Self, Fault> {
        let plausible = traces(program, models, options, Scope::Plausible, stop)?;
        let refuter = Refuter::new(program, models, options);
        Ok(Explainer { program, models, options, plausible, refuter })
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
        match self.refuter.refute(state, MOST_CANDIDATES, stop)? {
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
        let any = self.refuter.any(stop)?;
        let filter = self.program.filter.as_ref();
        let counts = |state: &FinalState| filter.is_none_or(|f| f.holds(state)) && keep(state);
        Ok(states::states(self.program, any, &counts))
    }

    /// What says explanations of this program.
    #[must_use]
    pub fn words(&self) -> &Words<'p> {
        self.refuter.words()
    }

    /// An execution that ends in `state`; the pairs of `without` need not keep their order.
    fn witness(
        &self,
        state: &FinalState,
        without: &[StepPair],
        stop: &dyn Fn() -> bool,
    ) -> Option<Witness> {
        self.witness_among(&ending_in(self.program, &self.plausible, state), state, without, stop)
    }

    /// The same among traces that end in the state.
    fn witness_among(
        &self,
        traces: &[Vec<impl Borrow<Trace>>],
        state: &FinalState,
        without: &[StepPair],
        stop: &dyn Fn() -> bool,
    ) -> Option<Witness> {
        let layout = Layout::of(traces);
        let goal = First { state, witness: None, stop };
        let search = Search::new(self.program, self.options, &layout, traces, without, goal);
        search.run().0.witness
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

    fn found(&mut self, candidate: &Candidate<'_>, order: &PartialGmo, state: Option<FinalState>) {
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
