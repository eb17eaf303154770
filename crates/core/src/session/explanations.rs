//! The states of one test that are to be explained, and for each the evidence on every machine.
//!
//! Nothing is said that was not checked: the evidence by the checker, which shares nothing with the
//! search, and the verdict against the outcomes of the engine that the session is to ask.

use std::sync::Arc;

use super::engines::{Engines, faulty};
use super::{Machine, ReadTest, Session, Watch, state_argument};
use crate::answer::{ConditionText, Failure, Mistake, Status, named_values};
use crate::axiomatic::explain::{self, CheckedExplanation, Comparison, ExplainError, Explainer};
use crate::litmus::{Condition, Diagnostics, Quantifier, Test};
use crate::model::{BaseModel, Options};
use crate::program::{Completeness, Fault, FinalState, Outcomes, Program};

/// The explanations of one test.
#[derive(Clone, Debug)]
pub struct Explanations {
    /// What the states satisfy: `exists (1:x6=1 /\ 1:x7=0)`, or the proposition asked for.
    pub about: String,
    /// The loops that were cut, as lines: what is forbidden is so as far as they were followed.
    pub cut: Vec<u32>,
    /// The machines, in the order asked for.
    pub machines: Vec<ExplainedMachine>,
    /// The states, those that machines disagree on first, then those that are reached.
    pub states: Vec<ExplainedState>,
    /// How many more states satisfy the proposition.
    pub left_out: usize,
}

/// One state.
#[derive(Clone, Debug)]
pub struct ExplainedState {
    /// Places and values as reports print them.
    pub values: Vec<(String, String)>,
    /// The verdict of each machine and its evidence.
    pub explanations: Vec<CheckedExplanation>,
}

/// A machine that states are explained on, beside the same harts under RVWMO.
#[derive(Clone, Debug)]
pub struct ExplainedMachine {
    /// Its name.
    pub id: Arc<str>,
    /// The model of each hart.
    pub harts: Vec<BaseModel>,
    /// RVWMO for each hart.
    rvwmo: Vec<BaseModel>,
    /// The test as it runs it.
    program: Arc<Program>,
    options: Options,
}

impl ExplainedMachine {
    /// Returns the machine beside the weaker one that its reasons are compared with.
    #[must_use]
    pub fn machines(&self) -> Comparison<'_> {
        let beside =
            |models| explain::Machine { program: &self.program, models, options: &self.options };
        Comparison { weaker: beside(&self.rvwmo), stronger: beside(&self.harts) }
    }
}

/// Why a test has no explanations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unexplained {
    /// It cannot be run on one of the machines.
    Mistakes(Diagnostics),
    /// What was asked for cannot be read, or is not in the test.
    Question(Diagnostics),
    /// A limit ran out, an execution has no meaning, or evidence does not stand up.
    Failure(Failure),
}

impl From<Failure> for Unexplained {
    fn from(failure: Failure) -> Unexplained {
        Unexplained::Failure(failure)
    }
}

impl Session {
    /// Explains on each machine the states that satisfy the test's condition (or violate it where it says
    /// `forall`), or a proposition `about` states instead of it; at most so many.
    ///
    /// # Errors
    /// See [`Unexplained`].
    pub fn explain(
        &self,
        test: &ReadTest,
        machines: &[Machine],
        about: Option<&str>,
        most: usize,
        watch: &dyn Watch,
    ) -> Result<Explanations, Unexplained> {
        let mut test = test.clone();
        let said = self.ask(&mut test, machines, about)?;
        // What else the test observes would only multiply the states.
        test.test.locations.clear();
        let program = |machine: &Machine| -> Result<Program, Unexplained> {
            match &machine.harts {
                super::Harts::Unavailable(failure) => Err(failure.clone().into()),
                _ => self.link(&test, machine).map_err(Unexplained::Mistakes),
            }
        };
        let mut programs: Vec<Arc<Program>> = Vec::new();
        for machine in machines {
            let program = program(machine)?;
            let known = programs.iter().find(|known| ***known == program).cloned();
            programs.push(known.unwrap_or_else(|| Arc::new(program)));
        }
        let explained = |(machine, program): (&Machine, &Arc<Program>)| ExplainedMachine {
            id: machine.id.clone(),
            harts: machine.harts.models(program.harts.len()),
            rvwmo: vec![BaseModel::Rvwmo; program.harts.len()],
            program: program.clone(),
            options: machine.options,
        };
        let explained: Vec<ExplainedMachine> =
            machines.iter().zip(&programs).map(explained).collect();
        let found = self.outcomes_of(machines, &programs, watch)?;
        Ok(states(&test.test, &programs, explained, said, &found, most, watch)?)
    }

    /// Makes the proposition asked for the condition of the test; returns what the states satisfy.
    fn ask(
        &self,
        test: &mut ReadTest,
        machines: &[Machine],
        about: Option<&str>,
    ) -> Result<String, Unexplained> {
        let Some(about) = about else {
            return match &test.test.condition {
                Some(condition) => Ok(ConditionText::from(condition).to_string()),
                None => {
                    let what = "the test has no condition: name a state with --state";
                    let mistake = Mistake::of_file(what.to_owned());
                    Err(Failure::new(Status::ParseError, mistake).into())
                }
            };
        };
        let Some(machine) = machines.first() else { return Ok(about.to_owned()) };
        let program = self.link(test, machine).map_err(Unexplained::Mistakes)?;
        let proposition =
            state_argument::resolve(about, &test.test, &program).map_err(Unexplained::Question)?;
        let condition = Condition { quantifier: Quantifier::Exists, proposition };
        let said = ConditionText::from(&condition).proposition;
        test.test.condition = Some(condition);
        Ok(said)
    }

    fn outcomes_of(
        &self,
        machines: &[Machine],
        programs: &[Arc<Program>],
        watch: &dyn Watch,
    ) -> Result<Vec<Outcomes>, Failure> {
        let mut engines = Engines::new(self, watch);
        let mut found = Vec::with_capacity(machines.len());
        for (index, (machine, program)) in machines.iter().zip(programs).enumerate() {
            let outcomes = engines.outcomes(index, program, machine)?;
            if outcomes.completeness.ran_out() {
                return Err(ran_out(&outcomes.completeness));
            }
            found.push(outcomes);
        }
        Ok(found)
    }
}

/// Explains the states that satisfy the condition, at most so many.
fn states(
    test: &Test,
    programs: &[Arc<Program>],
    machines: Vec<ExplainedMachine>,
    about: String,
    found: &[Outcomes],
    most: usize,
    watch: &dyn Watch,
) -> Result<Explanations, Failure> {
    let stop = || watch.expired();
    watch.begin(super::Phase::Explain);
    let Some(program) = programs.first() else {
        let (cut, states) = (Vec::new(), Vec::new());
        return Ok(Explanations { about, cut, machines, states, left_out: 0 });
    };
    let fault = |fault: Fault| faulty(program, &fault);
    let mut explainers = Vec::new();
    for machine in &machines {
        explainers.push(Explainer::new(machine.machines(), &stop).map_err(fault)?);
    }
    let mut states = wanted_states(test, program, &explainers, found, &stop).map_err(fault)?;
    if stop() {
        return Err(ran_out(&Completeness::Timeout));
    }
    let left_out = states.len().saturating_sub(most);
    states.truncate(most);
    let mut explained = Vec::with_capacity(states.len());
    for state in &states {
        let explanations = explainers.iter().zip(&machines).zip(found);
        let explanations = explanations.map(|((explainer, machine), found)| {
            let reached = found.states.contains(state);
            let explanation = explainer.explain_checked(state, reached, &stop);
            explanation.map_err(|error| unexplained(&machine.program, error))
        });
        let explanations = explanations.collect::<Result<_, Failure>>()?;
        let values = named_values(test, program, state);
        explained.push(ExplainedState { values, explanations });
    }
    let cut = cut_lines(program, found);
    drop(explainers);
    watch.end(super::Phase::Explain);
    Ok(Explanations { about, cut, machines, states: explained, left_out })
}

/// Returns the states that satisfy the condition, or violate it where it says `forall`: those that
/// machines disagree on first, then those that are reached.
fn wanted_states(
    test: &Test,
    program: &Program,
    explainers: &[Explainer<'_>],
    found: &[Outcomes],
    stop: &dyn Fn() -> bool,
) -> Result<Vec<FinalState>, Fault> {
    let quantifier = test.condition.as_ref().map(|condition| condition.quantifier);
    let wanted = quantifier != Some(Quantifier::Forall);
    let condition = program.condition.as_ref();
    let keep = |state: &FinalState| condition.is_none_or(|p| p.holds(state) == wanted);
    let possible = match explainers.first() {
        Some(explainer) => explainer.states(&keep, stop)?,
        None => Some(Vec::new()),
    };
    let mut states = possible.unwrap_or_else(|| {
        let reached = found.iter().flat_map(|outcomes| outcomes.states.iter());
        let mut states: Vec<FinalState> = reached.filter(|state| keep(state)).collect();
        states.sort();
        states.dedup();
        states
    });
    if states.is_empty() && wanted {
        states.extend(condition.and_then(|p| p.only_state(program.observed.len())));
    }
    states.sort_by_cached_key(|state| {
        let verdicts: Vec<bool> = found.iter().map(|o| o.states.contains(state)).collect();
        let agree = verdicts.windows(2).all(|pair| pair[0] == pair[1]);
        (agree, !verdicts.contains(&true), state.clone())
    });
    Ok(states)
}

/// Returns what reports say of a state that could not be explained.
fn unexplained(program: &Program, error: ExplainError) -> Failure {
    match error {
        ExplainError::Fault(fault) => faulty(program, &fault),
        ExplainError::Stopped => ran_out(&Completeness::Timeout),
        ExplainError::Contradiction | ExplainError::Unsound(_) => {
            Failure::new(Status::InternalError, Mistake::of_file(error.to_string()))
        }
    }
}

fn ran_out(completeness: &Completeness) -> Failure {
    let (status, what) = match completeness {
        Completeness::MemoryLimit => (Status::MemoryLimit, "memory"),
        _ => (Status::Timeout, "time"),
    };
    Failure::new(status, Mistake::of_file(format!("the test's {what} limit ran out")))
}

/// Returns the lines of the loops that were cut on any machine.
fn cut_lines(program: &Program, found: &[Outcomes]) -> Vec<u32> {
    let loops = found.iter().filter_map(|outcomes| match &outcomes.completeness {
        Completeness::Bounded(loops) => Some(loops),
        _ => None,
    });
    let mut lines: Vec<u32> = loops
        .flatten()
        .filter_map(|(hart, step)| Some(program.line_column(*hart, *step)?.0))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}
