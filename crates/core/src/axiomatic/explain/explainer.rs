//! Explanations of single states: a witness of one that is reached, the reasons against one that is not.

use std::cell::OnceCell;

use crate::axiomatic::evidence::Witness;
use crate::program::{Fault, FinalState};

use super::comparison::Comparison;
use super::possible_states::{
    ImpossiblePart, Part, PossibleStates, impossible_parts, parts, possible_states,
};
use super::reason_search::{MOST_CANDIDATES, Reason, ReasonSearch, Reasons};
use super::witness_search::WitnessSearch;

/// The verdict on one state.
#[derive(Clone, Debug)]
pub enum Explanation {
    /// It is reached.
    Allowed(Box<Witness>),
    /// It is reached, as the outcomes say: the search for an execution ended at its limit.
    Unwitnessed,
    /// It is not reached.
    Forbidden {
        /// Why: first what the weaker machine does not forbid anyway, and of that the reason of the most
        /// executions. If not all were looked at, what is wrong with one of them, or nothing.
        reasons: Vec<Reason>,
        /// Were all executions that would end in the state looked at?
        exhaustive: bool,
    },
    /// No choice of values that stores write makes the harts' code end in it: what some part of the
    /// observed state would have to be, and what it can be. Empty if every part is possible alone.
    NoExecution(Vec<ImpossiblePart>),
    /// `stop` ended the search: nothing is known.
    GaveUp,
}

/// Explains states of one program on one machine beside a weaker one.
pub struct Explainer<'p> {
    pub(super) witnesses: WitnessSearch<'p>,
    pub(super) reasons: ReasonSearch<'p>,
    /// What stored values could make up, once it was needed.
    parts: OnceCell<Vec<Part>>,
}

impl<'p> Explainer<'p> {
    /// Prepares explanations of the stronger machine. The weaker one is what reasons are compared with.
    ///
    /// `stop` is asked now and then, here and below; once it says `true` it has to go on doing so, and
    /// every state that is asked about then is [`Explanation::GaveUp`].
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn new(machines: Comparison<'p>, stop: &dyn Fn() -> bool) -> Result<Self, Fault> {
        let witnesses = WitnessSearch::new(machines.stronger, stop)?;
        Ok(Explainer { witnesses, reasons: ReasonSearch::new(machines), parts: OnceCell::new() })
    }

    /// Returns the machines.
    #[must_use]
    pub fn machines(&self) -> &Comparison<'p> {
        self.reasons.machines()
    }

    /// Explains why `state` is reached or not. States that no cut or faulting path leads to are meant:
    /// paths that the options cut are not looked at.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn explain(
        &self,
        state: &FinalState,
        stop: &dyn Fn() -> bool,
    ) -> Result<Explanation, Fault> {
        if let Some(witness) = self.witnesses.witness(state, stop) {
            return Ok(Explanation::Allowed(Box::new(witness)));
        }
        if stop() {
            return Ok(Explanation::GaveUp);
        }
        self.refuted(state, MOST_CANDIDATES, stop).map(|(explanation, _)| explanation)
    }

    /// Explains why `state`, of which there is no witness, is not reached, by at most so many candidate
    /// executions; says how many there were.
    pub(super) fn refuted(
        &self,
        state: &FinalState,
        most: usize,
        stop: &dyn Fn() -> bool,
    ) -> Result<(Explanation, usize), Fault> {
        let found = self.reasons.of_state(state, most, stop)?;
        let candidates = found.candidates;
        let explanation = match found {
            Reasons { reasons, exhaustive: true, .. } if reasons.is_empty() => {
                Explanation::NoExecution(self.impossible_parts(state, stop)?)
            }
            Reasons { reasons, .. } if reasons.is_empty() => Explanation::GaveUp,
            Reasons { reasons, exhaustive, .. } => Explanation::Forbidden { reasons, exhaustive },
        };
        Ok((explanation, candidates))
    }

    /// Returns the parts of the state that the code cannot leave so, whatever loads return.
    pub(super) fn impossible_parts(
        &self,
        state: &FinalState,
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<ImpossiblePart>, Fault> {
        let program = self.machines().stronger.program;
        Ok(impossible_parts(program, self.parts(stop)?, state))
    }

    fn parts(&self, stop: &dyn Fn() -> bool) -> Result<&[Part], Fault> {
        let (program, traces) = (self.machines().stronger.program, self.reasons.traces(stop)?);
        Ok(self.parts.get_or_init(|| parts(program, traces)))
    }

    /// Returns the states that the test's filter and `keep` accept among all that stored values could
    /// make up, allowed or not: at most so many.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn states(
        &self,
        keep: &dyn Fn(&FinalState) -> bool,
        most: usize,
        stop: &dyn Fn() -> bool,
    ) -> Result<PossibleStates, Fault> {
        let program = self.machines().stronger.program;
        let filter = program.filter.as_ref();
        let counts = |state: &FinalState| filter.is_none_or(|f| f.holds(state)) && keep(state);
        Ok(possible_states(program, self.parts(stop)?, most, &counts, stop))
    }
}
