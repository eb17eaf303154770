//! The states of one test that are to be explained, and for each the evidence on every machine.
//!
//! Nothing is said that was not checked: the evidence by the checker, which shares nothing with the
//! search, and the verdict against the outcomes of the engine that the session is to ask.

use std::sync::Arc;

use super::decisions::{Looked, within_limits};
use super::engines::{Engines, faulty};
use super::{
    Machine, Phase, Programs, ReadTest, Session, WantedStates, Watch, during, state_argument,
};
use crate::answer::{ConditionText, Failure, Mistake, Status, named_values};
use crate::axiomatic::explain::{
    self, CheckedExplainer, CheckedExplanation, Comparison, ExplainError, Explanation,
    PossibleStates,
};
use crate::litmus::{Condition, Diagnostics, Quantifier, Test};
use crate::model::{BaseModel, Options};
use crate::program::{Completeness, FinalState, Outcomes, Program};

/// How many states that are not reached are looked at beyond those that are explained.
const MOST_LOOKED_AT: usize = 24;

/// How many of these the search may fail at.
const MOST_UNARGUED: usize = 8;

/// The explanations of one test.
#[derive(Clone, Debug)]
pub struct Explanations {
    /// What the states satisfy: `exists (1:x6=1 /\ 1:x7=0)`, or the proposition asked for.
    pub about: String,
    /// The loops that were cut, as lines: what is forbidden is so as far as they were followed.
    pub cut: Vec<u32>,
    /// The machines on which no execution ends, or none that ends passes the filter.
    pub without_execution: Vec<Arc<str>>,
    /// Does the test have a filter, which leaves out every other state?
    pub filtered: bool,
    /// The machines that run the test, in the order asked for.
    pub machines: Vec<ExplainedMachine>,
    /// The others, and why they do not.
    pub failed: Vec<(Arc<str>, Failure)>,
    /// The states: those that machines disagree on first, then those that are reached; where the condition
    /// says `forall`, those that all machines reach come first.
    pub states: Vec<ExplainedState>,
    /// Values of more states that no execution ends in, whatever loads return.
    pub impossible: Vec<Values>,
    /// Values of more states that no machine reaches, and of which no execution was found within limits.
    pub unargued: Vec<Values>,
    /// How many more states satisfy the proposition: what became of them.
    pub left_out: LeftOut,
    /// Did the watch end the search before its end?
    pub ended: bool,
}

/// Places and values as reports print them.
pub type Values = Vec<(String, String)>;

/// States that satisfy the proposition and are not told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LeftOut {
    /// How many.
    pub states: usize,
    /// Are there others still, which were not counted?
    pub and_more: bool,
}

/// One state.
#[derive(Clone, Debug)]
pub struct ExplainedState {
    /// Its values.
    pub values: Values,
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
        let Programs { programs, of_machine } =
            self.programs(&test, machines).map_err(Unexplained::Mistakes)?;
        let programs: Vec<Arc<Program>> = programs.into_iter().map(Arc::new).collect();
        let mut failed = Vec::new();
        let mut explained = Vec::new();
        let mut found = Vec::new();
        let mut engines = Engines::new(self, watch);
        for (index, (machine, program)) in machines.iter().zip(&of_machine).enumerate() {
            let outcomes = program.clone().and_then(|program| {
                let program = &programs[program];
                let condition = test.test.condition.as_ref();
                let outcomes = engines.wanted(index, program, machine, condition)?;
                within_limits(outcomes).map(|outcomes| (program, outcomes))
            });
            match outcomes {
                Ok((program, outcomes)) => {
                    explained.push(ExplainedMachine {
                        id: machine.id.clone(),
                        harts: machine.harts.models(program.harts.len()),
                        rvwmo: vec![BaseModel::Rvwmo; program.harts.len()],
                        program: program.clone(),
                        options: machine.options,
                    });
                    found.push(Looked { index, program, outcomes });
                }
                Err(failure) => failed.push((machine.id.clone(), failure)),
            }
        }
        if self.settings.wanted != WantedStates::All {
            engines.ask_each_of_the_others(&mut found, machines)?;
        }
        drop(engines);
        let found: Vec<Outcomes> = found.into_iter().map(|looked| looked.outcomes).collect();
        match (explained.is_empty(), failed.first()) {
            (true, Some((_, failure))) => Err(failure.clone().into()),
            _ => during(watch, Phase::Explain, || {
                let all_known = self.settings.wanted == WantedStates::All;
                let states = States { test: &test.test, found: &found, all_known, most, watch };
                Ok(states.explained(said, explained, failed)?)
            }),
        }
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
        self.ask_about(test, machine, about)
    }

    /// Makes a proposition that the command line names the condition of a test, `exists`. Gives it as it is
    /// printed.
    ///
    /// # Errors
    /// [`Unexplained::Question`] where it cannot be read, or names what the test does not have;
    /// [`Unexplained::Mistakes`] where the test cannot be run on the machine.
    pub fn ask_about(
        &self,
        test: &mut ReadTest,
        machine: &Machine,
        about: &str,
    ) -> Result<String, Unexplained> {
        let program = self.link(test, machine).map_err(Unexplained::Mistakes)?;
        let proposition =
            state_argument::resolve(about, &test.test, &program).map_err(Unexplained::Question)?;
        let condition = Condition { quantifier: Quantifier::Exists, proposition };
        let said = ConditionText::from(&condition).proposition;
        test.test.condition = Some(condition);
        Ok(said)
    }
}

/// The states of a test that are asked about.
struct States<'t> {
    test: &'t Test,
    /// By machine.
    found: &'t [Outcomes],
    /// Is every state there that a machine reaches, or else one that shows that the condition holds, if one does?
    all_known: bool,
    /// Most of them to explain.
    most: usize,
    watch: &'t dyn Watch,
}

impl States<'_> {
    /// Explains them.
    fn explained(
        &self,
        about: String,
        machines: Vec<ExplainedMachine>,
        failed: Vec<(Arc<str>, Failure)>,
    ) -> Result<Explanations, Failure> {
        let mut told = Explanations {
            about,
            cut: Vec::new(),
            without_execution: Vec::new(),
            filtered: false,
            machines: Vec::new(),
            failed,
            states: Vec::new(),
            impossible: Vec::new(),
            unargued: Vec::new(),
            left_out: LeftOut::default(),
            ended: false,
        };
        let Some(program) = machines.first().map(|machine| machine.program.clone()) else {
            return Ok(told);
        };
        let expired = || self.watch.expired();
        told.cut = cut_lines(&program, self.found);
        let ends = |found: &Outcomes| {
            found.completeness != Completeness::Complete || !found.states.is_empty()
        };
        let without = self.found.iter().zip(&machines).filter(|(found, _)| !ends(found));
        told.without_execution = without.map(|(_, machine)| machine.id.clone()).collect();
        told.filtered = program.filter.is_some();
        let mut explainers: Vec<CheckedExplainer<'_>> =
            machines.iter().map(|m| CheckedExplainer::new(m.machines(), &expired)).collect();
        let reached = self.reached(&program);
        let unreached = self.unreached(&program, &explainers)?;
        told.left_out.and_more = !unreached.exhaustive;
        let mut waiting = reached.iter().chain(&unreached.states);
        let mut folded = Vec::new();
        let mut failures = 0;
        while told.states.len() < self.most && failures < MOST_UNARGUED && !expired() {
            let Some(state) = waiting.next() else { break };
            let mut explanations = Vec::with_capacity(machines.len());
            for ((explainer, machine), found) in
                explainers.iter_mut().zip(&machines).zip(self.found)
            {
                let explained = explainer.explain(state, found.states.contains(state), &expired);
                explanations.push(explained.map_err(|error| unexplained(&machine.program, error))?);
            }
            let values = named_values(self.test, &program, state);
            let explained = ExplainedState { values, explanations };
            failures += usize::from(explained.is_unargued());
            let folds = explained.is_impossible() || explained.is_unargued();
            if folds { &mut folded } else { &mut told.states }.push(explained);
        }
        told.ended = expired();
        told.left_out.states = unreached.more + waiting.count();
        drop(explainers);
        told.machines = machines;
        if told.states.is_empty() && !folded.is_empty() {
            told.states.push(folded.remove(0));
        }
        let (impossible, unargued) = folded.into_iter().partition(ExplainedState::is_impossible);
        let values = |states: Vec<ExplainedState>| states.into_iter().map(|s| s.values).collect();
        (told.impossible, told.unargued) = (values(impossible), values(unargued));
        Ok(told)
    }

    /// Does a state satisfy the condition, or violate it where that says `forall`?
    fn wants(&self, program: &Program, state: &FinalState) -> bool {
        let wanted = !self.is_forall();
        program.condition.as_ref().is_none_or(|p| p.holds(state) == wanted)
    }

    fn is_forall(&self) -> bool {
        let condition = self.test.condition.as_ref();
        condition.is_some_and(|condition| condition.quantifier == Quantifier::Forall)
    }

    /// Returns the states that some machine reaches: those that machines disagree on first, but last where
    /// the condition says `forall`, since what violates it everywhere is the news.
    fn reached(&self, program: &Program) -> Vec<FinalState> {
        let all = self.found.iter().flat_map(|outcomes| outcomes.states.iter());
        let mut states: Vec<FinalState> = all.filter(|state| self.wants(program, state)).collect();
        let by_all = |state: &FinalState| self.found.iter().all(|o| o.states.contains(state));
        states.sort_by_cached_key(|state| (by_all(state) != self.is_forall(), state.clone()));
        states.dedup();
        states
    }

    /// Returns states that no machine reaches, as many as may be looked at.
    fn unreached(
        &self,
        program: &Program,
        explainers: &[CheckedExplainer<'_>],
    ) -> Result<PossibleStates, Failure> {
        let reached = |state: &FinalState| self.found.iter().any(|o| o.states.contains(state));
        let keep = |state: &FinalState| self.wants(program, state) && !reached(state);
        let most = self.most.saturating_add(MOST_LOOKED_AT);
        let Some(explainer) = explainers.first() else { return Ok(PossibleStates::default()) };
        if !self.all_known && self.found.iter().any(|found| !found.states.is_empty()) {
            return Ok(PossibleStates { exhaustive: false, ..PossibleStates::default() });
        }
        let possible = explainer.states(&keep, most, &|| self.watch.expired());
        let mut possible = possible.map_err(|fault| faulty(program, &fault))?;
        // What is asked for by name is told of, possible or not.
        let condition = program.condition.as_ref().filter(|_| !self.is_forall());
        let named = condition.and_then(|p| p.only_state(program.observed.len()));
        let named = named.filter(|state| {
            program.filter.as_ref().is_none_or(|filter| filter.holds(state)) && !reached(state)
        });
        if let Some(state) = named
            && possible.states.is_empty()
        {
            possible = PossibleStates { states: vec![state], more: 0, exhaustive: true };
        }
        Ok(possible)
    }
}

impl ExplainedState {
    /// Does no execution end so, whatever loads return?
    fn is_impossible(&self) -> bool {
        self.all(|explanation| matches!(explanation, Explanation::NoExecution(_)))
    }

    /// Is it not reached, and was no execution found within the limits that would end so?
    fn is_unargued(&self) -> bool {
        self.all(|explanation| {
            matches!(explanation, Explanation::Forbidden { reasons, .. } if reasons.is_empty())
        })
    }

    fn all(&self, what: impl Fn(&Explanation) -> bool) -> bool {
        self.explanations.iter().all(|checked| what(&checked.explanation))
    }
}

/// Returns what reports say of a state that could not be explained.
fn unexplained(program: &Program, error: ExplainError) -> Failure {
    match error {
        ExplainError::Fault(fault) => faulty(program, &fault),
        ExplainError::Contradiction | ExplainError::Unsound(_) => {
            Failure::new(Status::InternalError, Mistake::of_file(error.to_string()))
        }
    }
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
