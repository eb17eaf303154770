//! Whether the condition holds of a machine, and a state that shows it, without listing all states; and which
//! states that were seen a machine may reach.
//!
//! Two ways are tried in turn, each time with more patience: the enumeration, which is done at once with what is
//! small, and the [`Decider`], whose cost hardly depends on how many states there are. Patience is counted
//! in steps, not in time, so that the same is found everywhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::engines::{Engine, Engines, faulty, within};
use super::{
    Machine, Phase, ReadTest, Session, Unexplained, WantedStates, Watch, during, has_all_rules,
};
use crate::answer::{Failure, Mistake, Status};
use crate::axiomatic::check::{self, Unsound};
use crate::axiomatic::decide::{Decider, Prepared, Question, Reply};
use crate::litmus::{Condition, Quantifier};
use crate::model::{BaseModel, Options};
use crate::operational::Explorer;
use crate::program::{
    Completeness, Fault, FinalState, FinalStates, Limits, Outcomes, Program, StateSet,
};

/// How often the enumeration may ask at first whether to go on, and how many steps the solver may take.
const FIRST_LOOKS: u64 = 64;
const FIRST_STEPS: u64 = 1_500_000;
/// The same where all states are wanted of a test that has few.
const FIRST_LOOKS_FOR_ALL: u64 = 1024;
/// What may be done before there is a solver, see [`Prepared::new`].
const FIRST_WORK: u64 = 400_000;
/// Literals of clauses for each of these steps.
const LITERALS: u64 = 10;
/// Outcomes that the solver lists, at most, and steps for all of them.
const MOST_LISTED: usize = 64;
const LISTING_STEPS: u64 = 20_000;
/// How much more patience there is each time.
const GROWTH: u64 = 4;
/// How often the enumeration may look on after the solver has found that loops were cut: it may still find that these
/// do not matter.
const LOOKS_WHERE_CUT: u64 = 4096;

/// Which states show whether the condition of a program holds, if it has one.
pub(super) fn about_condition(program: &Program, quantifier: Quantifier) -> Option<Question<'_>> {
    let truth = quantifier != Quantifier::Forall;
    program.condition.as_ref().map(|condition| Question::Predicate(condition, truth))
}

impl Session {
    /// Whether a machine reaches a state, written as a proposition: `0:x5=1 /\\ x=2`; or what ended the search before
    /// that was known. A place that it does not name may hold anything.
    ///
    /// # Errors
    /// The state cannot be read, or the test not be run on the machine.
    pub fn reaches(
        &self,
        test: &ReadTest,
        machine: &Machine,
        state: &str,
        watch: &dyn Watch,
    ) -> Result<Result<bool, Completeness>, Unexplained> {
        let mut test = test.clone();
        self.ask_about(&mut test, machine, state)?;
        // What else it observes is not asked for.
        test.test.locations.clear();
        let program = self.link(&test, machine).map_err(Unexplained::Mistakes)?;
        let mut engines = Engines::new(self, watch);
        let question = about_condition(&program, Quantifier::Exists).unwrap_or(Question::Any);
        let found = engines.decided(0, &program, machine, question)?;
        Ok(match found.completeness {
            _ if !found.states.is_empty() => Ok(true),
            Completeness::Decided | Completeness::Complete => Ok(false),
            ended => Err(ended),
        })
    }
}

impl<'s> Engines<'s> {
    /// The final states of machine number `index` that the settings want of a program with this condition.
    ///
    /// # Errors
    /// A fault of the test.
    pub(super) fn wanted(
        &mut self,
        index: usize,
        program: &'s Program,
        machine: &Machine,
        condition: Option<&Condition>,
    ) -> Result<Outcomes, Failure> {
        let question = condition.and_then(|c| about_condition(program, c.quantifier));
        match (self.settings.wanted, question) {
            (WantedStates::All, _) | (_, None) => self.every_outcome(index, program, machine),
            (WantedStates::AllOfFew, Some(question)) => {
                self.outcomes_or_decision(index, program, machine, question)
            }
            (WantedStates::Deciding, Some(question)) => {
                self.decided(index, program, machine, question)
            }
        }
    }

    /// Every final state of machine number `index`. Where they are not found soon, the solver is asked to list them:
    /// there may be few, however many states lead to them.
    ///
    /// # Errors
    /// A fault of the test.
    fn every_outcome(
        &mut self,
        index: usize,
        program: &'s Program,
        machine: &Machine,
    ) -> Result<Outcomes, Failure> {
        if self.settings.engine != Engine::Machine || !has_all_rules(&machine.options) {
            return self.outcomes(index, program, machine);
        }
        let models = machine.harts.models(program.harts.len());
        let watch = self.watch;
        let interrupted = || watch.expired();
        let limits = Limits { interrupted: &interrupted, memory: self.memory(), parallel: false };
        let explorer = self.compile(program, &machine.options, limits);
        let found = during(watch, Phase::Explore(index), || {
            let mut enumeration = Enumeration { explorer: explorer.ok(), models: &models, limits };
            match enumeration.outcomes(FIRST_LOOKS)? {
                Some(outcomes) => Ok(Some(outcomes)),
                None => listed(program, &models, &machine.options, limits),
            }
        });
        match found.map_err(|undecided| failure(program, undecided))? {
            Some(outcomes) => Ok(outcomes),
            None => self.outcomes(index, program, machine),
        }
    }

    /// A state of machine number `index` that is asked for, if there is one.
    ///
    /// # Errors
    /// A fault of the test.
    pub(super) fn decided(
        &mut self,
        index: usize,
        program: &'s Program,
        machine: &Machine,
        question: Question<'_>,
    ) -> Result<Outcomes, Failure> {
        let found = self.outcomes_or_decision(index, program, machine, question)?;
        Ok(shown(program, question, found))
    }

    /// Every final state of machine number `index`, or of a large test only what [`Engines::decided`] says.
    ///
    /// # Errors
    /// A fault of the test.
    pub(super) fn outcomes_or_decision(
        &mut self,
        index: usize,
        program: &'s Program,
        machine: &Machine,
        question: Question<'_>,
    ) -> Result<Outcomes, Failure> {
        // The solver stands beside the operational engine, for machines that have all rules.
        if self.settings.engine != Engine::Machine || !has_all_rules(&machine.options) {
            return self.outcomes(index, program, machine);
        }
        let models = machine.harts.models(program.harts.len());
        let (watch, settings) = (self.watch, self.settings);
        let interrupted = || watch.expired();
        let limits = Limits { interrupted: &interrupted, memory: self.memory(), parallel: false };
        let explorer = self.compile(program, &machine.options, limits);
        let outcomes = during(watch, Phase::Explore(index), || {
            let mut enumeration = Enumeration { explorer: explorer.ok(), models: &models, limits };
            let looks = match settings.wanted {
                WantedStates::AllOfFew => FIRST_LOOKS_FOR_ALL,
                WantedStates::All | WantedStates::Deciding => FIRST_LOOKS,
            };
            let mut patience = Patience { looks, steps: FIRST_STEPS, work: FIRST_WORK };
            let mut unable = None;
            loop {
                if let Some(outcomes) = enumeration.outcomes(patience.looks)? {
                    return Ok(outcomes);
                }
                if unable.is_none() {
                    match solved(program, &models, &machine.options, question, patience, limits) {
                        Ok(Some(outcomes)) if outcomes.completeness != Completeness::Decided => {
                            let all = enumeration.outcomes(LOOKS_WHERE_CUT.max(patience.looks))?;
                            return Ok(all.unwrap_or(outcomes));
                        }
                        Ok(Some(outcomes)) => return Ok(outcomes),
                        Ok(None) | Err(Undecided::Fault(Fault::RanOut(Completeness::Timeout))) => {}
                        Err(Undecided::Fault(fault)) => unable = Some(fault),
                        Err(unsound) => return Err(unsound),
                    }
                }
                if watch.expired() {
                    return Err(Fault::RanOut(Completeness::Timeout).into());
                }
                if let (Some(fault), None) = (&unable, &enumeration.explorer) {
                    return Err(fault.clone().into());
                }
                patience.grow();
            }
        });
        match outcomes {
            Err(Undecided::Fault(fault)) => {
                within(Err(fault)).map_err(|fault| faulty(program, &fault))
            }
            outcomes => outcomes.map_err(|undecided| failure(program, undecided)),
        }
    }
}

/// How long each way is tried.
#[derive(Clone, Copy)]
struct Patience {
    looks: u64,
    steps: u64,
    work: u64,
}

impl Patience {
    fn grow(&mut self) {
        for patience in [&mut self.looks, &mut self.steps, &mut self.work] {
            *patience = patience.saturating_mul(GROWTH);
        }
    }
}

/// Why something is not decided.
#[derive(Debug, thiserror::Error)]
enum Undecided {
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The checker does not accept the solver's execution.
    #[error("the solver's execution is unsound: {0}")]
    Unsound(#[from] Unsound),
    #[error("the solver's state is not one that is asked for")]
    AnotherState,
}

fn failure(program: &Program, undecided: Undecided) -> Failure {
    match undecided {
        Undecided::Fault(fault) => faulty(program, &fault),
        unsound => Failure::new(Status::InternalError, Mistake::of_file(unsound.to_string())),
    }
}

/// Every outcome, if the solver finds all within limits.
///
/// # Errors
/// What it finds is unsound.
fn listed(
    program: &Program,
    models: &[BaseModel],
    options: &Options,
    limits: Limits<'_>,
) -> Result<Option<Outcomes>, Undecided> {
    let Limits { interrupted: stop, memory, .. } = limits;
    let Ok(prepared) = Prepared::new(program, models, options, FIRST_WORK, stop) else {
        return Ok(None);
    };
    let literals = FIRST_WORK * LITERALS;
    let Ok(mut decider) = Decider::new(program, options, &prepared, literals, memory, stop) else {
        return Ok(None);
    };
    let known = |said: Result<bool, Fault>| said.unwrap_or(false);
    let followed = decider.strays(LISTING_STEPS).map(|strays| strays == Some(false));
    let ends = decider.cuts(LISTING_STEPS).map(|cuts| cuts.is_some_and(|cuts| cuts.is_empty()));
    if !known(followed) || !known(ends) {
        return Ok(None);
    }
    let mut states = StateSet::new(program.observed.len());
    for _ in 0..MOST_LISTED {
        let all = states.sorted();
        let steps = LISTING_STEPS.saturating_sub(decider.steps());
        match decider.decide(Question::OtherThan(&all), steps) {
            Ok(Reply::Reached(state, Some(execution))) => {
                check::witness(program, options, &execution)?;
                if !states.insert(state.iter().copied()) {
                    return Err(Undecided::AnotherState);
                }
            }
            Ok(Reply::Unreached) => {
                let (completeness, work) = (Completeness::Complete, decider.steps());
                let states = Arc::new(all);
                return Ok(Some(Outcomes { states, completeness, work, ..Outcomes::default() }));
            }
            Ok(Reply::Reached(_, None) | Reply::GaveUp) | Err(_) => return Ok(None),
        }
    }
    Ok(None)
}

/// What the solver says within limits; `None` if they do not suffice.
///
/// # Errors
/// It cannot say, however long it takes; or it is too much to write down.
fn solved(
    program: &Program,
    models: &[BaseModel],
    options: &Options,
    question: Question<'_>,
    patience: Patience,
    limits: Limits<'_>,
) -> Result<Option<Outcomes>, Undecided> {
    let Limits { interrupted: stop, memory, .. } = limits;
    let prepared = Prepared::new(program, models, options, patience.work, stop)?;
    let literals = patience.work.saturating_mul(LITERALS);
    let mut decider = Decider::new(program, options, &prepared, literals, memory, stop)?;
    asked(&mut decider, (program, options), question, patience.steps)
}

/// The enumeration, as far as it is of use.
struct Enumeration<'e, 'p> {
    explorer: Option<&'e mut Explorer<'p>>,
    models: &'e [BaseModel],
    limits: Limits<'e>,
}

impl Enumeration<'_, '_> {
    /// All outcomes, if they are found in so many looks at the limits.
    ///
    /// # Errors
    /// A fault of the test.
    fn outcomes(&mut self, most: u64) -> Result<Option<Outcomes>, Fault> {
        let Some(explorer) = &mut self.explorer else { return Ok(None) };
        let looks = AtomicU64::new(0);
        let interrupted =
            || looks.fetch_add(1, Ordering::Relaxed) >= most || (self.limits.interrupted)();
        let limits = Limits { interrupted: &interrupted, ..self.limits };
        match explorer.outcomes(self.models, limits) {
            Ok(Outcomes { completeness: Completeness::Timeout, .. })
            | Err(Fault::RanOut(Completeness::Timeout)) => Ok(None),
            // That loops end a little further on was not looked for to the end.
            Ok(Outcomes { completeness: Completeness::Bounded(_), .. })
                if looks.load(Ordering::Relaxed) > most =>
            {
                Ok(None)
            }
            Ok(Outcomes { completeness: Completeness::MemoryLimit, .. })
            | Err(Fault::TooLarge { .. } | Fault::RanOut(_)) => {
                self.explorer = None;
                Ok(None)
            }
            Ok(outcomes) => Ok(Some(outcomes)),
            Err(fault) => Err(fault),
        }
    }
}

/// What the solver says in so many steps for each question; `None` if that is not enough.
///
/// # Errors
/// It cannot say, however long it takes.
fn asked(
    decider: &mut Decider<'_>,
    (program, options): (&Program, &Options),
    question: Question<'_>,
    steps: u64,
) -> Result<Option<Outcomes>, Undecided> {
    match decider.strays(steps)? {
        Some(false) => {}
        Some(true) => {
            let what = "executions that leave the code or memory".to_owned();
            return Err(Fault::TooLarge { what, limit: 0 }.into());
        }
        None => return Ok(None),
    }
    let found = |state: Option<FinalState>, completeness, work| Outcomes {
        states: Arc::new(only(program, state)),
        completeness,
        work,
        ..Outcomes::default()
    };
    match decider.decide(question, steps)? {
        Reply::Reached(state, execution) => {
            if let Some(execution) = execution {
                check::witness(program, options, &execution)?;
            }
            if !question.is_about(&state) {
                return Err(Undecided::AnotherState);
            }
            return Ok(Some(found(Some(state), Completeness::Decided, decider.steps())));
        }
        Reply::Unreached => {}
        Reply::GaveUp => return Ok(None),
    }
    let Some(cuts) = decider.cuts(steps)? else { return Ok(None) };
    if !cuts.is_empty() {
        return Ok(Some(found(None, Completeness::Bounded(cuts), decider.steps())));
    }
    if decider.always_ends() {
        return Ok(Some(found(None, Completeness::Decided, decider.steps())));
    }
    let completeness = match decider.decide(Question::Any, steps)? {
        Reply::Reached(..) => Completeness::Decided,
        Reply::Unreached => Completeness::Complete,
        Reply::GaveUp => return Ok(None),
    };
    Ok(Some(found(None, completeness, decider.steps())))
}

/// Of all outcomes the one that decides.
fn shown(program: &Program, question: Question<'_>, all: Outcomes) -> Outcomes {
    if all.completeness.ran_out() {
        return all;
    }
    let state = all.states.iter().find(|state| question.is_about(state));
    let completeness = match all.completeness {
        _ if state.is_some() => Completeness::Decided,
        Completeness::Complete if !all.states.is_empty() => Completeness::Decided,
        other => other,
    };
    Outcomes { states: Arc::new(only(program, state)), completeness, ..all }
}

fn only(program: &Program, state: Option<FinalState>) -> FinalStates {
    let mut states = StateSet::new(program.observed.len());
    if let Some(state) = state {
        states.insert(state.iter().copied());
    }
    states.sorted()
}
