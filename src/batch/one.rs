//! The road of one test: text, test, program, outcomes under each model, answer.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

use super::engines::Engines;
use super::{Setup, Source, explain, metadata, vm};
use crate::compare::{
    Answer, Column, Conclusion, Failure, Mistake, ModelOutcomes, Status, TestReport, herd_hash,
    side_by_side,
};
use crate::kvm::Machine;
use crate::litmus::{Diagnostic, Diagnostics, LineIndex, Test, parse, render};
use crate::model::MemoryModel;
use crate::program::{Program, link};

/// One test, run.
#[derive(Clone, PartialEq, Debug)]
pub struct Finished {
    /// What reports say.
    pub report: TestReport,
    /// The mistakes of the file shown in its text, for the terminal.
    pub rendered: Option<String>,
}

impl Finished {
    /// What the terminal is told of a test without an answer.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        let Conclusion::Failed(failure) = &self.report.conclusion else { return None };
        Some(self.rendered.clone().unwrap_or_else(|| {
            let Mistake { line, column, message, .. } = &failure.error;
            format!("{}:{line}:{column}: {}: {message}\n", self.report.path, failure.status)
        }))
    }
}

/// Reads and runs one test. Whatever happens to it is its report, a panic included.
#[must_use]
pub fn run_test(source: &Source, setup: &Setup) -> Finished {
    let text = match source.read() {
        Ok(text) => text,
        Err(error) => {
            let failure = Failure::new(Status::ParseError, Mistake::of_file(error));
            return Finished { report: unread(source, "", failure), rendered: None };
        }
    };
    let run = AssertUnwindSafe(|| run_text(source, &text, setup));
    catch_unwind(run).unwrap_or_else(|panic| Finished {
        report: unread(source, &text, panicked(&*panic)),
        rendered: None,
    })
}

/// What becomes of a test that this program fails on.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let what = panic.downcast_ref::<String>().map(String::as_str);
    let what = what.or(panic.downcast_ref::<&str>().copied()).unwrap_or("of unknown cause");
    Failure::new(Status::InternalError, Mistake::of_file(format!("panic: {what}")))
}

fn run_text(source: &Source, text: &str, setup: &Setup) -> Finished {
    let test = match parse(text) {
        Ok(test) => test,
        Err(diagnostics) => {
            let (failure, rendered) = diagnosed(&source.shown, text, &diagnostics, setup);
            return Finished { report: unread(source, text, failure), rendered: Some(rendered) };
        }
    };
    let lines = LineIndex::new(text);
    let linked = link(&test, &lines, |_| setup.hart);
    let (conclusion, rendered) = match linked.map(|program| answer(&test, &lines, &program, setup))
    {
        Ok(Ok(answer)) => (Conclusion::Answered(answer), None),
        Ok(Err(NoAnswer::Failure(failure))) => (Conclusion::Failed(failure), None),
        Ok(Err(NoAnswer::Diagnosed(diagnostics))) | Err(diagnostics) => {
            let (failure, rendered) = diagnosed(&source.shown, text, &diagnostics, setup);
            (Conclusion::Failed(failure), Some(rendered))
        }
    };
    let hash = test.metadata("Hash").map(str::to_owned).or_else(|| herd_hash(&test, text));
    let Test { name, description, metadata, .. } = test;
    let path = source.shown.clone();
    Finished {
        report: TestReport { path, name, description, metadata, hash, conclusion },
        rendered,
    }
}

/// Why a test that links on the standard machine has no answer all the same.
pub(super) enum NoAnswer {
    Failure(Failure),
    /// The machine of the column `vm` lacks instructions.
    Diagnosed(Diagnostics),
}

impl From<Failure> for NoAnswer {
    fn from(failure: Failure) -> NoAnswer {
        NoAnswer::Failure(failure)
    }
}

/// Explores on every machine and compares.
fn answer(
    test: &Test,
    lines: &LineIndex,
    program: &Program,
    setup: &Setup,
) -> Result<Answer, NoAnswer> {
    let unsupported = |what| Failure::new(Status::Unsupported, Mistake::of_file(what));
    let options = metadata::options_for(test, &setup.options).map_err(unsupported)?;
    let Columns { columns, machine } = columns(test, lines, program, setup)?;
    let mut engines = Engines::new(program, &options, setup)?;
    let mut found = Vec::with_capacity(columns.len());
    for (column, models) in columns {
        let start = Instant::now();
        let outcomes = engines.outcomes(column, &models)?;
        let microseconds =
            setup.times.then(|| u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
        found.push(ModelOutcomes { model: column, outcomes, microseconds });
    }
    let mut answer = side_by_side(test, program, &found)?;
    answer.vm = machine.as_ref().map(vm::report);
    if setup.explain {
        explain::explain(&mut answer, test, program, &options, &found, setup);
    }
    Ok(answer)
}

/// The machines that a test is run on.
pub(super) struct Columns {
    /// With the model of each hart.
    pub(super) columns: Vec<(Column, Vec<MemoryModel>)>,
    /// What the column `vm` stands for.
    machine: Option<Machine>,
}

/// The machines of the run and of the test.
pub(super) fn columns(
    test: &Test,
    lines: &LineIndex,
    program: &Program,
    setup: &Setup,
) -> Result<Columns, NoAnswer> {
    let unsupported = |what| Failure::new(Status::Unsupported, Mistake::of_file(what));
    let harts = program.harts.len();
    let mut columns: Vec<(Column, Vec<MemoryModel>)> =
        setup.models.iter().map(|model| (Column::from(*model), vec![*model; harts])).collect();
    let machine = vm::machine(test, harts, setup).map_err(unsupported)?;
    if let Some(machine) = &machine {
        let configs = machine.hart_configs();
        link(test, lines, |hart| configs[hart.index()]).map_err(NoAnswer::Diagnosed)?;
        // Reports list the states of the first column, which must not be the stronger machine.
        let first = columns.first().is_some_and(|(column, _)| *column == Column::Rvwmo);
        let at = if first { columns.len() } else { 0 };
        columns.insert(at, (Column::Vm, configs.iter().map(|config| config.model).collect()));
    }
    Ok(Columns { columns, machine })
}

/// The report's errors, and the same for the terminal.
pub(super) fn diagnosed(
    shown: &str,
    text: &str,
    diagnostics: &Diagnostics,
    setup: &Setup,
) -> (Failure, String) {
    let lines = LineIndex::new(text);
    let mistake = |diagnostic: &Diagnostic| {
        let (line, column) = lines.line_column(diagnostic.span.start);
        let (message, help) = (diagnostic.message.clone(), diagnostic.help.clone());
        Mistake { line, column, message, help }
    };
    let deciding = diagnostics.problem();
    let first = diagnostics.0.iter().position(|d| d.problem == deciding).unwrap_or(0);
    let mut mistakes: Vec<Mistake> = diagnostics.0.iter().map(mistake).collect();
    let error = if mistakes.is_empty() {
        Mistake::of_file("the file is not accepted".to_owned())
    } else {
        mistakes.remove(first)
    };
    let rendered = render(shown, text, diagnostics, setup.stderr);
    (Failure { status: deciding.into(), error, also: mistakes }, rendered)
}

/// The report of a test of which nothing but its text, or not even that, is known.
fn unread(source: &Source, text: &str, failure: Failure) -> TestReport {
    TestReport {
        path: source.shown.clone(),
        name: name_of(&source.shown, text),
        description: None,
        metadata: Vec::new(),
        hash: None,
        conclusion: Conclusion::Failed(failure),
    }
}

/// The name in the header, or else the file's.
fn name_of(path: &str, text: &str) -> String {
    let mut words = text.lines().next().unwrap_or_default().split_whitespace();
    match (words.next(), words.next()) {
        (Some("RISCV"), Some(name)) => name.to_owned(),
        _ => {
            let stem = Path::new(path).file_stem();
            stem.map_or_else(|| path.to_owned(), |stem| stem.to_string_lossy().into_owned())
        }
    }
}
