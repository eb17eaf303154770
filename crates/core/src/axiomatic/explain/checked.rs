//! Explanations that are checked before anything is said, within limits.

use crate::axiomatic::check::{self, Unsound};
use crate::axiomatic::decide::{Decider, Prepared, Question, Reply};
use crate::axiomatic::evidence::Witness;
use crate::model::RuleSet;
use crate::program::{Fault, FinalState};

use super::added_orders::AddedOrder;
use super::comparison::Comparison;
use super::effort::{Effort, within_traces};
use super::explainer::{Explainer, Explanation};
use super::machine::Machine;
use super::needed_annotations::NeededAnnotations;
use super::possible_states::PossibleStates;
use super::reason_search::{Reason, ReasonSearch};

/// How much is looked at for all that there is to say of the states of one machine: what is left goes to
/// the next state.
const OF_ALL: Effort = Effort { candidates: 20_000, questions: 300_000 };
/// How much of that for one state.
const OF_STATE: Effort = Effort { candidates: 6_000, questions: 60_000 };
/// How much is looked at for one execution of each state.
const OF_ONE: Effort = Effort { candidates: usize::MAX, questions: 300_000 };
/// How often the search for the traces of single harts may ask whether to go on; it asks seldom.
const FOR_TRACES: u64 = 2_000;
/// How much is done for the solver, which looks where the search found nothing: see [`Prepared::new`].
const SOLVER_WORK: u64 = 400_000;
const SOLVER_BYTES: usize = 256 << 20;
/// Its steps for all that there is to say of the states of one machine, and for one execution.
const SOLVER_STEPS: u64 = 1_000_000;
const SOLVER_STEPS_OF_ONE: u64 = 200_000;

/// A checked explanation of one state, with what its reasons have beyond the weaker machine.
#[derive(Clone, Debug)]
pub struct CheckedExplanation {
    /// The verdict and its evidence.
    pub explanation: Explanation,
    /// The pairs of operations in the reasons that only the stronger machine puts in order; none if the
    /// search for what of them is needed ended at its limit.
    pub added: Vec<AddedOrder>,
    /// The annotations that forbid the state, where no pair of `added` is needed.
    pub needed_annotations: Option<NeededAnnotations>,
}

impl CheckedExplanation {
    /// Returns an explanation whose reasons have nothing beyond the weaker machine.
    fn of(explanation: Explanation) -> CheckedExplanation {
        CheckedExplanation { explanation, added: Vec::new(), needed_annotations: None }
    }
}

/// Why a state has no explanation.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ExplainError {
    /// The program cannot be explained.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The verdict is not that of the outcomes.
    #[error("the explanation contradicts the outcomes")]
    Contradiction,
    /// The checker does not accept the evidence.
    #[error("the evidence is unsound: {0}")]
    Unsound(#[from] Unsound),
}

/// Explains states of which it is known whether the machine reaches them.
///
/// All executions that would end in a state are looked at where these are few enough, else one of them.
/// The limits are counts and no time, so that the same is said everywhere.
pub struct CheckedExplainer<'p> {
    machines: Comparison<'p>,
    /// `None` if the harts' traces are too many.
    explainer: Option<Explainer<'p>>,
    of_all: Effort,
    of_one: Effort,
    solver_steps: u64,
}

impl<'p> CheckedExplainer<'p> {
    /// Prepares explanations of the stronger machine. `expired` is asked now and then, here and below;
    /// once it says `true` it has to go on doing so, and what is asked then is [`Explanation::GaveUp`].
    #[must_use]
    pub fn new(machines: Comparison<'p>, expired: &dyn Fn() -> bool) -> Self {
        let explainer = within_traces(FOR_TRACES, expired, |stop| {
            let explainer = Explainer::new(machines, stop)?;
            explainer.reasons.prepare(stop).map(|()| explainer)
        });
        CheckedExplainer {
            machines,
            explainer,
            of_all: OF_ALL,
            of_one: OF_ONE,
            solver_steps: SOLVER_STEPS,
        }
    }

    /// Returns the states that could be asked about, see [`Explainer::states`].
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub fn states(
        &self,
        keep: &dyn Fn(&FinalState) -> bool,
        most: usize,
        expired: &dyn Fn() -> bool,
    ) -> Result<PossibleStates, Fault> {
        let states = |explainer: &Explainer<'_>| explainer.states(keep, most, expired);
        self.explainer.as_ref().map_or_else(|| Ok(PossibleStates::default()), states)
    }

    /// Explains a state, and checks the evidence with [`check`], which shares nothing with the search.
    ///
    /// # Errors
    /// The search failed, the verdict is another one, or the evidence does not stand up.
    pub fn explain(
        &mut self,
        state: &FinalState,
        reached: bool,
        expired: &dyn Fn() -> bool,
    ) -> Result<CheckedExplanation, ExplainError> {
        let explanation = match self.among_all(state, reached, expired)? {
            Some(explanation) => explanation,
            None if reached => self.by_some_witness(state, expired)?,
            None => self.by_one_execution(state, expired)?,
        };
        let machine = &self.machines.stronger;
        let mut checked = CheckedExplanation::of(explanation);
        match &checked.explanation {
            Explanation::Allowed(witness) => {
                check::witness(machine.program, machine.options, witness)?;
            }
            Explanation::Forbidden { reasons, .. } => {
                for reason in reasons {
                    check::refutation(machine.program, machine.options, &reason.example)?;
                }
                (checked.added, checked.needed_annotations) =
                    self.beyond_weaker(state, reasons, expired);
            }
            Explanation::Unwitnessed | Explanation::NoExecution(_) | Explanation::GaveUp => {}
        }
        if expired() && !matches!(checked.explanation, Explanation::Allowed(_)) {
            checked = CheckedExplanation::of(Explanation::GaveUp);
        }
        Ok(checked)
    }

    /// Looks at all executions that would end in the state; `None` if there are too many.
    fn among_all(
        &mut self,
        state: &FinalState,
        reached: bool,
        expired: &dyn Fn() -> bool,
    ) -> Result<Option<Explanation>, ExplainError> {
        let Some(explainer) = self.explainer.as_ref().filter(|_| self.of_all.questions > 0) else {
            return Ok(None);
        };
        let most = self.of_all.candidates.min(OF_STATE.candidates);
        let looked = self.of_all.spend(OF_STATE.questions, expired, |stop| {
            if let Some(witness) = explainer.witnesses.witness(state, stop) {
                return Ok(Some((Explanation::Allowed(Box::new(witness)), 0)));
            }
            if reached || stop() {
                return if stop() { Ok(None) } else { Err(ExplainError::Contradiction) };
            }
            Ok(Some(explainer.refuted(state, most, stop)?))
        });
        let Some((explanation, candidates)) = looked? else { return Ok(None) };
        self.of_all.candidates -= candidates.min(self.of_all.candidates);
        match &explanation {
            Explanation::Allowed(_) if !reached => Err(ExplainError::Contradiction),
            Explanation::Forbidden { exhaustive: false, .. } | Explanation::GaveUp => Ok(None),
            _ => Ok(Some(explanation)),
        }
    }

    /// Returns what the reasons have beyond the weaker machine; nothing if the search for what of it is
    /// needed ended at its limit.
    fn beyond_weaker(
        &mut self,
        state: &FinalState,
        reasons: &[Reason],
        expired: &dyn Fn() -> bool,
    ) -> (Vec<AddedOrder>, Option<NeededAnnotations>) {
        let Some(explainer) = &self.explainer else { return (Vec::new(), None) };
        self.of_all.spend(OF_STATE.questions, expired, |stop| {
            let added = explainer.added_orders(state, reasons, stop);
            let needed = explainer.needed_annotations(state, reasons, &added, stop);
            if stop() { (Vec::new(), None) } else { (added, needed) }
        })
    }

    fn by_some_witness(
        &mut self,
        state: &FinalState,
        expired: &dyn Fn() -> bool,
    ) -> Result<Explanation, ExplainError> {
        let found = match &self.explainer {
            Some(explainer) => {
                explainer.reasons.one_of_stronger(state, &mut self.of_one, expired)?
            }
            None => None,
        };
        let machine = &self.machines.stronger;
        let steps = &mut self.solver_steps;
        // Where rules are missing, values may come out of thin air in what the solver finds.
        let found = match found {
            None if machine.options.rules == RuleSet::ALL => {
                by_solver(machine, state, steps, expired)
            }
            found => found,
        };
        let witness = found.map(|witness| Explanation::Allowed(Box::new(witness)));
        Ok(witness.unwrap_or(Explanation::Unwitnessed))
    }

    fn by_one_execution(
        &mut self,
        state: &FinalState,
        expired: &dyn Fn() -> bool,
    ) -> Result<Explanation, ExplainError> {
        let mut found = None;
        if let Some(explainer) = &self.explainer {
            let parts = explainer.impossible_parts(state, expired)?;
            if !parts.is_empty() {
                return Ok(Explanation::NoExecution(parts));
            }
            if self.of_one.questions > 0 {
                found = explainer.reasons.of_some_execution(state, &mut self.of_one, expired)?;
            }
        }
        if found.is_none() {
            let search = ReasonSearch::new(self.machines);
            let steps = &mut self.solver_steps;
            found = search.of_weaker_machines(|machine| {
                let witness = by_solver(machine, state, steps, expired);
                Ok(witness.map(|witness| search.of_execution(&witness, expired)))
            })?;
        }
        let reasons = match found {
            Some(found) if found.reasons.is_empty() && !expired() => {
                return Err(ExplainError::Contradiction);
            }
            Some(found) => found.reasons,
            None => Vec::new(),
        };
        Ok(Explanation::Forbidden { reasons, exhaustive: false })
    }
}

/// The execution that the solver finds within limits, where the search found nothing. `left` are the steps that it may
/// still take.
fn by_solver(
    machine: &Machine<'_>,
    state: &FinalState,
    left: &mut u64,
    expired: &dyn Fn() -> bool,
) -> Option<Witness> {
    let Machine { program, models, options } = *machine;
    if *left == 0 {
        return None;
    }
    let prepared = Prepared::new(program, models, options, SOLVER_WORK, expired).ok()?;
    let decider =
        Decider::new(program, options, &prepared, 10 * SOLVER_WORK, SOLVER_BYTES, expired);
    let mut decider = decider.ok()?;
    let reply = decider.decide(Question::State(state), SOLVER_STEPS_OF_ONE.min(*left));
    *left = left.saturating_sub(decider.steps());
    match reply.ok()? {
        Reply::Reached(_, witness) => witness.map(|witness| *witness),
        Reply::Unreached | Reply::GaveUp => None,
    }
}
