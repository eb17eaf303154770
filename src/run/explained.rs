//! The road of one test that is to be explained: states, and for each the evidence on every machine.
//!
//! Nothing is said that was not checked: the evidence by [`check`], which shares nothing with the
//! search, and the verdict against the outcomes of the engine that the run asks for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::diagnosed::diagnosed;
use super::engines::Engines;
use super::one::{Columns, Models, NoAnswer, columns, panicked, standard_hart};
use super::state_argument::resolve;
use super::{Setup, Source, metadata};
use rvlitmus_core::answer::{Column, ConditionText, Failure, Mistake, Status, named_values};
use rvlitmus_core::axiomatic::check;
use rvlitmus_core::axiomatic::explain::{
    Explainer, Explanation, ExplanationRecord, ImpossibleRecord, NOT_TOGETHER,
};
use rvlitmus_core::axiomatic::picture::Picture;
use rvlitmus_core::litmus::{Condition, HartId, LineIndex, Quantifier, Test, parse};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::program::{Completeness, Fault, FinalState, Outcomes, Program, link};

/// What is asked of every test.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// A proposition over final states; the test's condition without one.
    pub state: Option<&'q str>,
    /// Most states of a condition to explain.
    pub most: usize,
    /// Are pictures wanted?
    pub pictures: bool,
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
    /// The states, those that models disagree on first, then those that are reached.
    pub states: Vec<StateExplained>,
    /// How many more states satisfy the proposition.
    pub left_out: usize,
}

/// One state.
#[derive(Clone, Debug)]
pub struct StateExplained {
    /// Places and values as reports print them.
    pub values: Vec<(String, String)>,
    /// On each machine.
    pub machines: Vec<MachineExplained>,
}

/// One state on one machine.
#[derive(Clone, Debug)]
pub struct MachineExplained {
    /// Which.
    pub column: Column,
    /// The model of each hart.
    pub harts: Vec<BaseModel>,
    /// The verdict and its evidence.
    pub record: ExplanationRecord,
    /// A witness, or the execution of the main reason.
    pub picture: Option<Picture>,
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
        let text = text.map_err(|error| {
            Failure::new(Status::ParseError, Mistake::of_file(error.to_string()))
        })?;
        let run = AssertUnwindSafe(|| explain_text(source, &text, setup, question));
        let explained = catch_unwind(run).unwrap_or_else(|panic| Err(panicked(&*panic).into()));
        explained.map_err(|mut unexplained| {
            unexplained.failure.attach(&text);
            unexplained
        })
    })
}

fn explain_text(
    source: &Source,
    text: &str,
    setup: &Setup,
    question: Question<'_>,
) -> Result<Explained, Unexplained> {
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
    let about = match question.state {
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
    let of_vm = of_vm.as_ref();
    let road = Road { setup, question, test: &test, program: &program, of_vm, options, columns };
    Ok(road.walk(about)?)
}

/// A test on its machines.
struct Road<'r> {
    setup: &'r Setup,
    question: Question<'r>,
    test: &'r Test,
    program: &'r Program,
    /// The test as the machine of the column `vm` runs it, where that differs.
    of_vm: Option<&'r Program>,
    options: Options,
    columns: Vec<(Column, Models)>,
}

impl Road<'_> {
    fn walk(&self, about: String) -> Result<Explained, Failure> {
        let start = Instant::now();
        let stop = || self.setup.expired(start);
        let faulty = |fault: Fault| super::engines::faulty(self.program, &fault);
        let mut found: Vec<Outcomes> = Vec::new();
        let mut explainers = Vec::new();
        for (column, models) in &self.columns {
            let program = self.program_of(*column);
            let outcomes =
                Engines::new(program, &self.options, self.setup)?.outcomes(*column, models)?;
            if outcomes.completeness.ran_out() {
                return Err(ran_out(&outcomes.completeness));
            }
            found.push(outcomes);
            let explainer = Explainer::new(program, models, &self.options, &stop);
            explainers.push(explainer.map_err(faulty)?);
        }
        let mut states = self.states(&explainers, &found, &stop).map_err(faulty)?;
        if stop() {
            return Err(ran_out(&Completeness::Timeout));
        }
        let left_out = states.len().saturating_sub(self.question.most);
        states.truncate(self.question.most);
        let states = states
            .iter()
            .map(|state| {
                let machines = explainers.iter().zip(&self.columns).zip(&found);
                let machines = machines.map(|((explainer, (column, harts)), found)| {
                    let reached = found.states.contains(state);
                    let (record, picture) =
                        self.machine(*column, explainer, (state, reached), &stop)?;
                    Ok(MachineExplained { column: *column, harts: harts.to_vec(), record, picture })
                });
                Ok(StateExplained {
                    values: named_values(self.test, self.program, state),
                    machines: machines.collect::<Result<_, Failure>>()?,
                })
            })
            .collect::<Result<_, Failure>>()?;
        let cut = cut_lines(self.program, &found);
        Ok(Explained { name: self.test.name.clone(), about, cut, states, left_out })
    }

    /// The states that satisfy the condition; those that violate it where it says `forall`.
    fn states(
        &self,
        explainers: &[Explainer<'_>],
        found: &[Outcomes],
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<FinalState>, Fault> {
        let quantifier = self.test.condition.as_ref().map(|condition| condition.quantifier);
        let wanted = quantifier != Some(Quantifier::Forall);
        let condition = self.program.condition.as_ref();
        let keep = |state: &FinalState| condition.is_none_or(|p| p.holds(state) == wanted);
        let mut states = match explainers.first() {
            Some(explainer) => explainer.states(&keep, stop)?,
            None => Some(Vec::new()),
        };
        let reached = || found.iter().flat_map(|outcomes| outcomes.states.iter());
        let states = states.get_or_insert_with(|| {
            let mut states: Vec<FinalState> = reached().filter(|s| keep(s)).collect();
            states.sort();
            states.dedup();
            states
        });
        if states.is_empty() && wanted {
            let named = condition.and_then(|p| p.only_state(self.program.observed.len()));
            states.extend(named);
        }
        states.sort_by_cached_key(|state| {
            let verdicts: Vec<bool> = found.iter().map(|o| o.states.contains(state)).collect();
            let agree = verdicts.windows(2).all(|pair| pair[0] == pair[1]);
            (agree, !verdicts.contains(&true), state.clone())
        });
        Ok(std::mem::take(states))
    }

    /// The test as the machine of a column runs it.
    fn program_of(&self, column: Column) -> &Program {
        self.of_vm.filter(|_| column == Column::Vm).unwrap_or(self.program)
    }

    fn machine(
        &self,
        column: Column,
        explainer: &Explainer<'_>,
        (state, reached): (&FinalState, bool),
        stop: &dyn Fn() -> bool,
    ) -> Result<(ExplanationRecord, Option<Picture>), Failure> {
        let program = self.program_of(column);
        let internal = |what: String| Failure::new(Status::InternalError, Mistake::of_file(what));
        let explanation = explainer
            .explain(state, stop)
            .map_err(|fault| super::engines::faulty(program, &fault))?;
        if matches!(explanation, Explanation::GaveUp) {
            return Err(ran_out(&Completeness::Timeout));
        }
        if reached != matches!(explanation, Explanation::Allowed(_)) {
            return Err(internal("the explanation contradicts the outcomes".to_owned()));
        }
        let words = explainer.words();
        let values = named_values(self.test, program, state);
        let values: Vec<String> = values.iter().map(|(place, v)| format!("{place}={v}")).collect();
        let title = format!("{}: {}", self.test.name, values.join("; "));
        let unsound = |error: check::Unsound| internal(format!("the evidence is unsound: {error}"));
        let (added, deciders, picture) = match &explanation {
            Explanation::Allowed(witness) => {
                check::witness(program, &self.options, witness).map_err(unsound)?;
                let title = format!("{title} is allowed");
                (Vec::new(), None, Some(Picture::of_witness(&title, words, witness)))
            }
            Explanation::Forbidden { reasons, .. } => {
                for reason in reasons {
                    check::refutation(program, &self.options, &reason.example).map_err(unsound)?;
                }
                let title = format!("{title} is forbidden");
                let main = reasons.first();
                let picture = main.map(|main| Picture::of_refutation(&title, words, &main.example));
                let added = explainer.added(state, reasons, stop);
                let deciders = explainer.deciders(state, reasons, &added, stop);
                if stop() {
                    return Err(ran_out(&Completeness::Timeout));
                }
                (added, deciders, picture)
            }
            Explanation::NoExecution(_) | Explanation::GaveUp => (Vec::new(), None, None),
        };
        let record = words.record(&explanation, &added, deciders.as_ref());
        let picture = picture.or_else(|| without_execution(&title, &record));
        Ok((record, picture.filter(|_| self.question.pictures)))
    }
}

/// What is drawn of a state that no execution ends in: why, in words.
fn without_execution(title: &str, record: &ExplanationRecord) -> Option<Picture> {
    let ExplanationRecord::NoExecution { impossible } = record else { return None };
    let mut lines: Vec<String> = impossible.iter().map(ImpossibleRecord::sentence).collect();
    if lines.is_empty() {
        lines.push(NOT_TOGETHER.to_owned());
    }
    let title = format!("{title} is impossible, whatever loads return");
    Some(Picture::of_words(&title, &lines))
}

fn ran_out(completeness: &Completeness) -> Failure {
    let (status, what) = match completeness {
        Completeness::MemoryLimit => (Status::MemoryLimit, "memory"),
        _ => (Status::Timeout, "time"),
    };
    Failure::new(status, Mistake::of_file(format!("the test's {what} limit ran out")))
}

/// The lines of the loops that were cut on any machine.
fn cut_lines(program: &Program, found: &[Outcomes]) -> Vec<u32> {
    let loops = found.iter().filter_map(|outcomes| match &outcomes.completeness {
        Completeness::Bounded(loops) => Some(loops),
        _ => None,
    });
    let step = |(hart, step): &(HartId, usize)| program.harts.get(hart.index())?.code.get(*step);
    let mut lines: Vec<u32> =
        loops.flatten().filter_map(step).map(|step| program.line_column(step).0).collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}
