//! Whether the condition holds of a machine, and a state that shows it, without listing all states; and which
//! states that were seen a machine may reach.
//!
//! Two ways are tried in turn, each time with more patience: the enumeration, which is done at once with what is
//! small, and the [`Solver`], whose cost hardly depends on how many states there are. Patience is counted
//! in steps, not in time, so that the same is found everywhere.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::engines::{Engine, Engines, faulty, limit_as_outcomes};
use super::solver::{FIRST_WORK, Solver, Undecided, only};
use super::{
    Machine, Phase, ReadTest, Session, Unexplained, WantedStates, Watch, during, has_all_rules,
};
use crate::answer::{Failure, Mistake, Status};
use crate::axiomatic::decide::Question;
use crate::litmus::{Condition, Quantifier};
use crate::model::BaseModel;
use crate::operational::Explorer;
use crate::program::{Completeness, Fault, FinalState, Limits, Outcomes, Program, StateSet};

/// How often the enumeration may ask at first whether to go on, and how many steps the solver may take.
const FIRST_LOOKS: u64 = 64;
const FIRST_STEPS: u64 = 1_500_000;
/// The same where all states are wanted of a test that has few.
const FIRST_LOOKS_FOR_ALL: u64 = 1024;
/// What part of the memory the solver may take while the enumeration goes on beside it.
const PART_TO_LIST: usize = 8;
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

    /// Every final state of machine number `index`. Where they are not found soon, the solver is asked to list them
    /// while the enumeration goes on: there may be few, however many states lead to them.
    ///
    /// # Errors
    /// A fault of the test.
    fn every_outcome(
        &mut self,
        index: usize,
        program: &'s Program,
        machine: &Machine,
    ) -> Result<Outcomes, Failure> {
        let parallel = self.settings.parallel;
        let found = self.by_both(index, program, machine, |mut enumeration, solver| {
            if let Some(outcomes) = enumeration.outcomes(FIRST_LOOKS)? {
                return Ok(Some(outcomes));
            }
            let over = AtomicBool::new(false);
            let list = || {
                let memory = solver.limits.memory / PART_TO_LIST;
                let limits = Limits { memory, ..solver.limits };
                let listed = Solver { limits, ..solver }.list();
                over.store(!matches!(listed, Ok(None)), Ordering::Relaxed);
                listed
            };
            let (listed, all) = Limits { parallel, ..solver.limits }
                .both(list, || enumeration.all_outcomes(&over, parallel));
            match listed {
                Ok(None) => {
                    enumeration.keep();
                    Ok(all?)
                }
                listed => listed,
            }
        });
        match found {
            Some(Ok(Some(outcomes))) => Ok(self.naming_the_limit(outcomes)),
            Some(Err(undecided)) => Err(undecided.failure(program)),
            Some(Ok(None)) | None => self.outcomes(index, program, machine),
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
        let (watch, wanted) = (self.watch, self.settings.wanted);
        let found = self.by_both(index, program, machine, |mut enumeration, solver| {
            let looks = match wanted {
                WantedStates::AllOfFew => FIRST_LOOKS_FOR_ALL,
                WantedStates::All | WantedStates::Deciding => FIRST_LOOKS,
            };
            let mut patience = Patience { looks, steps: FIRST_STEPS, work: FIRST_WORK };
            let mut unable = false;
            loop {
                if let Some(outcomes) = enumeration.outcomes(patience.looks)? {
                    return Ok(outcomes);
                }
                if !unable {
                    match solver.decide(question, patience.work, patience.steps) {
                        Ok(Some(outcomes)) if outcomes.completeness != Completeness::Decided => {
                            let all = enumeration.outcomes(LOOKS_WHERE_CUT.max(patience.looks))?;
                            return Ok(all.unwrap_or(outcomes));
                        }
                        Ok(Some(outcomes)) => return Ok(outcomes),
                        Ok(None) | Err(Undecided::Fault(Fault::RanOut(Completeness::Timeout))) => {}
                        Err(Undecided::Fault(_)) => unable = true,
                        Err(unsound) => return Err(unsound),
                    }
                }
                if watch.expired() {
                    return Err(Fault::RanOut(Completeness::Timeout).into());
                }
                if let (true, Err(fault)) = (unable, &enumeration.explorer) {
                    return Err(fault.clone().into());
                }
                patience.grow();
            }
        });
        match found {
            Some(Err(Undecided::Fault(fault))) => {
                limit_as_outcomes(Err(fault)).map_err(|fault| faulty(program, &fault))
            }
            Some(outcomes) => outcomes.map_err(|undecided| undecided.failure(program)),
            None => return self.outcomes(index, program, machine),
        }
        .map(|outcomes| self.naming_the_limit(outcomes))
    }

    /// Lets `run` have machine number `index` enumerated and put to the solver; `None` where the solver does not stand
    /// beside the engine.
    fn by_both<T>(
        &mut self,
        index: usize,
        program: &'s Program,
        machine: &Machine,
        run: impl FnOnce(Enumeration<'_, 's>, Solver<'_>) -> Result<T, Undecided>,
    ) -> Option<Result<T, Undecided>> {
        if self.settings.engine != Engine::Machine || !has_all_rules(&machine.options) {
            return None;
        }
        let models = &*machine.harts.models(program.harts.len());
        let (watch, options) = (self.watch, &machine.options);
        let interrupted = || watch.expired();
        let limits = Limits { interrupted: &interrupted, memory: self.memory(), parallel: false };
        let explorer = self.compile(program, options, limits);
        Some(during(watch, Phase::Explore(index), || {
            run(
                Enumeration { explorer, models, limits },
                Solver { program, models, options, limits },
            )
        }))
    }

    /// Asks of each state that shows something of one machine whether the others reach it, too.
    ///
    /// # Errors
    /// A limit ran out, or a fault of the test.
    pub(super) fn ask_each_of_the_others(
        &mut self,
        found: &mut [Looked<'s>],
        machines: &[Machine],
    ) -> Result<(), Failure> {
        let shown: BTreeSet<FinalState> =
            found.iter().flat_map(|looked| looked.outcomes.states.iter()).collect();
        for Looked { index, program, outcomes } in found {
            // Where nothing is reached of what is asked for, none of them is.
            if outcomes.completeness != Completeness::Decided || outcomes.states.is_empty() {
                continue;
            }
            let mut reached = StateSet::new(program.observed.len());
            for state in &shown {
                let question = Question::State(state);
                let asked = match outcomes.states.contains(state) {
                    true => outcomes.clone(),
                    false => self.decided(*index, program, &machines[*index], question)?,
                };
                match within_limits(asked)? {
                    Outcomes { completeness: bounded @ Completeness::Bounded(_), .. } => {
                        outcomes.completeness = bounded;
                    }
                    asked if asked.states.is_empty() => {}
                    _ => drop(reached.insert(state.iter().copied())),
                }
            }
            outcomes.states = Arc::new(reached.sorted());
        }
        Ok(())
    }
}

/// What was found of a machine.
pub(super) struct Looked<'p> {
    /// The number of the machine.
    pub(super) index: usize,
    pub(super) program: &'p Program,
    pub(super) outcomes: Outcomes,
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

/// The enumeration, as far as it is of use.
struct Enumeration<'e, 'p> {
    /// Or what makes it of no use.
    explorer: Result<&'e mut Explorer<'p>, Fault>,
    models: &'e [BaseModel],
    limits: Limits<'e>,
}

impl Enumeration<'_, '_> {
    /// All outcomes within the limits, or until they are wanted no more; `None` if it is known that they take more.
    /// Whether they are wanted at all may depend on which of two threads is quicker, and so they are not kept yet.
    ///
    /// # Errors
    /// A fault of the test.
    fn all_outcomes(
        &mut self,
        over: &AtomicBool,
        parallel: bool,
    ) -> Result<Option<Outcomes>, Fault> {
        let Ok(explorer) = &mut self.explorer else { return Ok(None) };
        let interrupted = || over.load(Ordering::Relaxed) || (self.limits.interrupted)();
        if over.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let limits = Limits { interrupted: &interrupted, parallel, ..self.limits };
        limit_as_outcomes(explorer.outcomes_unkept(self.models, limits)).map(Some)
    }

    /// What was found last is wanted.
    fn keep(&mut self) {
        if let Ok(explorer) = &mut self.explorer {
            explorer.keep();
        }
    }

    /// All outcomes, if they are found in so many looks at the limits.
    ///
    /// # Errors
    /// A fault of the test.
    fn outcomes(&mut self, most: u64) -> Result<Option<Outcomes>, Fault> {
        let Ok(explorer) = &mut self.explorer else { return Ok(None) };
        let looks = AtomicU64::new(0);
        let interrupted =
            || looks.fetch_add(1, Ordering::Relaxed) >= most || (self.limits.interrupted)();
        let limits = Limits { interrupted: &interrupted, ..self.limits };
        match explorer.outcomes(self.models, limits) {
            Ok(Outcomes { completeness: Completeness::Timeout, .. })
            | Err(Fault::RanOut(Completeness::Timeout)) => Ok(None),
            Ok(Outcomes { completeness: Completeness::MemoryLimit, .. }) => {
                self.explorer = Err(Fault::RanOut(Completeness::MemoryLimit));
                Ok(None)
            }
            Err(fault @ (Fault::TooLarge { .. } | Fault::RanOut(_))) => {
                self.explorer = Err(fault);
                Ok(None)
            }
            Ok(outcomes) => Ok(Some(outcomes)),
            Err(fault) => Err(fault),
        }
    }
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

/// What was found, if no limit ran out.
pub(super) fn within_limits(outcomes: Outcomes) -> Result<Outcomes, Failure> {
    let (status, what) = match outcomes.completeness {
        Completeness::MemoryLimit => (Status::MemoryLimit, "memory"),
        Completeness::Timeout => (Status::Timeout, "time"),
        _ => return Ok(outcomes),
    };
    Err(Failure::new(status, Mistake::of_file(format!("the test's {what} limit ran out"))))
}
