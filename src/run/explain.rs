//! The states of one test that are to be explained, and for each the evidence on every machine.
//!
//! Nothing is said that was not checked: the evidence by the checker, which shares nothing with the
//! search, and the verdict against the outcomes of the engine that the run asks for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use super::diagnosed::diagnosed;
use super::engines::{Engines, faulty};
use super::one::{Columns, NoAnswer, columns, panicked, standard_hart};
use super::state_argument::resolve;
use super::{Setup, Source, metadata};
use rvlitmus_core::answer::{Column, ConditionText, Failure, Mistake, Status, named_values};
use rvlitmus_core::axiomatic::explain::{
    CheckedExplanation, Comparison, ExplainError, Explainer, Machine,
};
use rvlitmus_core::litmus::{Condition, LineIndex, Quantifier, Test, parse};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::program::{Completeness, Fault, FinalState, Outcomes, Program, link};

/// What is asked of every test.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// A proposition over final states; the test's condition without one.
    pub state: Option<&'q str>,
    /// Most states of a condition to explain.
    pub most: usize,
}

/// The explanations of one test.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The test's name.
    pub name: String,
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
    /// Its name in reports.
    pub column: Column,
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
        let beside = |models| Machine { program: &self.program, models, options: &self.options };
        Comparison { weaker: beside(&self.rvwmo), stronger: beside(&self.harts) }
    }
}

/// Why a test has no explanation.
#[derive(Clone, Debug)]
pub struct Unexplained {
    /// What reports say.
    pub failure: Failure,
    /// The mistakes shown in their text, for the terminal.
    pub rendered: Option<Box<str>>,
}

impl From<Failure> for Unexplained {
    fn from(failure: Failure) -> Unexplained {
        Unexplained { failure, rendered: None }
    }
}

/// Reads one test and explains the states asked for; `None` for a test that the selection of `setup`
/// leaves out.
///
/// # Errors
/// The test or the state cannot be read, a limit ran out, or evidence does not stand up.
pub fn explain_test(
    source: &Source,
    setup: &Setup,
    question: Question<'_>,
) -> Option<Result<Explained, Unexplained>> {
    let text = source.text();
    let selected = setup.selection.wants(&source.shown, text.as_deref().ok());
    selected.then(|| {
        let text =
            text.map_err(|error| Failure::new(Status::ParseError, Mistake::of_file(error)))?;
        let run = AssertUnwindSafe(|| {
            let subject = prepare(source, &text, setup, question.state)?;
            Ok(explain_states(subject, setup, question.most)?)
        });
        let explained = catch_unwind(run).unwrap_or_else(|panic| Err(panicked(&*panic).into()));
        explained.map_err(|mut unexplained: Unexplained| {
            unexplained.failure.attach(&text);
            unexplained
        })
    })
}

/// A test made ready to be explained.
struct Subject {
    /// With the proposition asked for as its condition.
    test: Test,
    /// What its states satisfy.
    about: String,
    /// The test on standard harts, which names places and values.
    program: Arc<Program>,
    machines: Vec<ExplainedMachine>,
}

/// Reads a test and the state asked for, and links it for each machine.
fn prepare(
    source: &Source,
    text: &str,
    setup: &Setup,
    state: Option<&str>,
) -> Result<Subject, Unexplained> {
    let shown = |diagnostics| {
        let (failure, rendered) = diagnosed(&source.shown, text, &diagnostics, setup);
        Unexplained { failure, rendered: Some(rendered.into()) }
    };
    let unanswered = |error| match error {
        NoAnswer::Failure(failure) => failure.into(),
        NoAnswer::Diagnosed(diagnostics) => shown(diagnostics),
    };
    let lines = LineIndex::new(text);
    let mut test = parse(text).map_err(shown)?;
    let hart = standard_hart(&test, setup).map_err(unanswered)?;
    let about = match state {
        Some(state) => {
            let program = link(&test, &lines, |_| hart).map_err(shown)?;
            let wrong = |diagnostics| {
                let (mut failure, rendered) = diagnosed("--state", state, &diagnostics, setup);
                failure.error.message = format!("--state: {}", failure.error.message);
                Unexplained { failure, rendered: Some(rendered.into()) }
            };
            let proposition = resolve(state, &test, &program).map_err(wrong)?;
            let condition = Condition { quantifier: Quantifier::Exists, proposition };
            let about = ConditionText::from(&condition).proposition;
            test.condition = Some(condition);
            about
        }
        None => match &test.condition {
            Some(condition) => ConditionText::from(condition).to_string(),
            None => {
                let what = "the test has no condition: name a state with --state";
                let mistake = Mistake::of_file(what.to_owned());
                return Err(Failure::new(Status::ParseError, mistake).into());
            }
        },
    };
    // What else the test observes would only multiply the states.
    test.locations.clear();
    let program = link(&test, &lines, |_| hart).map_err(shown)?;
    let options = metadata::options_for(&test, &setup.options).map_err(shown)?;
    let Columns { columns, of_vm, .. } =
        columns(&test, &lines, &program, setup).map_err(unanswered)?;
    let (program, of_vm) = (Arc::new(program), of_vm.map(Arc::new));
    let machine = |(column, models)| ExplainedMachine {
        column,
        harts: Vec::from(models),
        rvwmo: vec![BaseModel::Rvwmo; program.harts.len()],
        program: Arc::clone(of_vm.as_ref().filter(|_| column == Column::Vm).unwrap_or(&program)),
        options,
    };
    let machines = columns.into_iter().map(machine).collect();
    Ok(Subject { test, about, program, machines })
}

/// Explains the states that satisfy the condition, at most so many.
fn explain_states(subject: Subject, setup: &Setup, most: usize) -> Result<Explained, Failure> {
    let Subject { test, about, program, machines } = subject;
    let start = Instant::now();
    let stop = || setup.expired(start);
    let fault = |fault: Fault| faulty(&program, &fault);
    let mut found: Vec<Outcomes> = Vec::new();
    let mut explainers = Vec::new();
    for machine in &machines {
        let ExplainedMachine { column, harts, program, options, .. } = machine;
        let outcomes = Engines::new(program, options, setup)?.outcomes(*column, harts)?;
        if outcomes.completeness.ran_out() {
            return Err(ran_out(&outcomes.completeness));
        }
        found.push(outcomes);
        explainers.push(Explainer::new(machine.machines(), &stop).map_err(fault)?);
    }
    let mut states = wanted_states(&test, &program, &explainers, &found, &stop).map_err(fault)?;
    if stop() {
        return Err(ran_out(&Completeness::Timeout));
    }
    let left_out = states.len().saturating_sub(most);
    states.truncate(most);
    let mut explained = Vec::with_capacity(states.len());
    for state in &states {
        let explanations = explainers.iter().zip(&machines).zip(&found);
        let explanations = explanations.map(|((explainer, machine), found)| {
            let reached = found.states.contains(state);
            let explanation = explainer.explain_checked(state, reached, &stop);
            explanation.map_err(|error| unexplained(&machine.program, error))
        });
        let explanations = explanations.collect::<Result<_, Failure>>()?;
        let values = named_values(&test, &program, state);
        explained.push(ExplainedState { values, explanations });
    }
    let cut = cut_lines(&program, &found);
    drop(explainers);
    Ok(Explained { name: test.name, about, cut, machines, states: explained, left_out })
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
        .filter_map(|(hart, step)| program.harts.get(hart.index())?.code.get(*step))
        .map(|step| program.line_column(step).0)
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}
