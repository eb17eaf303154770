//! The solver beside the enumeration: what it says of a question, and the few outcomes of a test with many states.
//!
//! What it finds is checked before anything is said. It stands beside the operational engine, for machines that have
//! all rules.

use std::sync::Arc;

use super::engines::faulty;
use crate::answer::{Failure, Mistake, Status};
use crate::axiomatic::check::{self, Unsound};
use crate::axiomatic::decide::{Decider, Prepared, Question, Reply};
use crate::model::{BaseModel, Options};
use crate::program::{
    Completeness, Fault, FinalState, FinalStates, Limits, Outcomes, Program, StateSet,
};

/// What may be done before there is a solver, at first; see [`Prepared::new`].
pub(super) const FIRST_WORK: u64 = 400_000;
/// Literals of clauses for each of these steps.
const LITERALS: u64 = 10;
/// Outcomes that the solver lists, at most, and steps for all of them.
const MOST_LISTED: usize = 64;
const LISTING_STEPS: u64 = 20_000;

/// Why something is not decided.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undecided {
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The checker does not accept the solver's execution.
    #[error("the solver's execution is unsound: {0}")]
    Unsound(#[from] Unsound),
    #[error("the solver's state is not one that is asked for")]
    AnotherState,
}

impl Undecided {
    /// What reports say of it.
    pub(super) fn failure(&self, program: &Program) -> Failure {
        match self {
            Undecided::Fault(fault) => faulty(program, fault),
            unsound => Failure::new(Status::InternalError, Mistake::of_file(unsound.to_string())),
        }
    }
}

/// The solver of one program.
pub(super) struct Solver<'p> {
    pub(super) program: &'p Program,
    pub(super) models: &'p [BaseModel],
    pub(super) options: &'p Options,
    pub(super) limits: Limits<'p>,
}

impl Solver<'_> {
    /// Every outcome; `None` if there are not few, or not found soon.
    ///
    /// # Errors
    /// What it finds is unsound.
    pub(super) fn list(&self) -> Result<Option<Outcomes>, Undecided> {
        match self.with_decider(FIRST_WORK, |decider| self.listed(decider)) {
            Err(Undecided::Fault(_)) => Ok(None),
            listed => listed,
        }
    }

    fn listed(&self, decider: &mut Decider<'_>) -> Result<Option<Outcomes>, Undecided> {
        if decider.may_fault(LISTING_STEPS)? != Some(false)
            || !decider.cuts(LISTING_STEPS)?.is_some_and(|cuts| cuts.is_empty())
        {
            return Ok(None);
        }
        let mut states = StateSet::new(self.program.observed.len());
        for _ in 0..MOST_LISTED {
            let all = states.sorted();
            let steps = LISTING_STEPS.saturating_sub(decider.steps());
            match decider.decide(Question::OtherThan(&all), steps)? {
                Reply::Reached(state, Some(execution)) => {
                    check::witness(self.program, self.options, &execution)?;
                    if !states.insert(state.iter().copied()) {
                        return Err(Undecided::AnotherState);
                    }
                }
                Reply::Unreached => {
                    return Ok(Some(outcomes(all, Completeness::Complete, decider)));
                }
                Reply::Reached(_, None) | Reply::GaveUp => break,
            }
        }
        Ok(None)
    }

    /// What there is to say of a question after so much work and so many steps; `None` if they do not suffice.
    ///
    /// # Errors
    /// It cannot say, however long it takes; or it is too much to write down.
    pub(super) fn decide(
        &self,
        question: Question<'_>,
        work: u64,
        steps: u64,
    ) -> Result<Option<Outcomes>, Undecided> {
        self.with_decider(work, |decider| self.decided(decider, question, steps))
    }

    fn decided(
        &self,
        decider: &mut Decider<'_>,
        question: Question<'_>,
        steps: u64,
    ) -> Result<Option<Outcomes>, Undecided> {
        match decider.may_fault(steps)? {
            Some(false) => {}
            Some(true) => {
                let what = "executions that leave the code or memory".to_owned();
                return Err(Fault::TooLarge { what, limit: 0 }.into());
            }
            None => return Ok(None),
        }
        match decider.decide(question, steps)? {
            Reply::Reached(state, execution) => {
                if let Some(execution) = execution {
                    check::witness(self.program, self.options, &execution)?;
                }
                if !question.is_about(&state) {
                    return Err(Undecided::AnotherState);
                }
                let states = only(self.program, Some(state));
                return Ok(Some(outcomes(states, Completeness::Decided, decider)));
            }
            Reply::Unreached => {}
            Reply::GaveUp => return Ok(None),
        }
        let Some(cuts) = decider.cuts(steps)? else { return Ok(None) };
        let completeness = match cuts.is_empty() {
            false => Completeness::Bounded(cuts),
            true if decider.always_ends() => Completeness::Decided,
            true => match decider.decide(Question::Any, steps)? {
                Reply::Reached(..) => Completeness::Decided,
                Reply::Unreached => Completeness::Complete,
                Reply::GaveUp => return Ok(None),
            },
        };
        Ok(Some(outcomes(only(self.program, None), completeness, decider)))
    }

    /// # Errors
    /// The program is too much to write down for it, or with so much work; or what `ask` says.
    fn with_decider<T>(
        &self,
        work: u64,
        ask: impl FnOnce(&mut Decider<'_>) -> Result<T, Undecided>,
    ) -> Result<T, Undecided> {
        let Limits { interrupted: stop, memory, .. } = self.limits;
        let prepared = Prepared::new(self.program, self.models, self.options, work, stop)?;
        let literals = work.saturating_mul(LITERALS);
        let decider = Decider::new(self.program, self.options, &prepared, literals, memory, stop);
        ask(&mut decider?)
    }
}

fn outcomes(states: FinalStates, completeness: Completeness, decider: &Decider<'_>) -> Outcomes {
    let (states, work) = (Arc::new(states), decider.steps());
    Outcomes { states, completeness, work, ..Outcomes::default() }
}

/// One final state, or none.
pub(super) fn only(program: &Program, state: Option<FinalState>) -> FinalStates {
    let mut states = StateSet::new(program.observed.len());
    if let Some(state) = state {
        states.insert(state.iter().copied());
    }
    states.sorted()
}
