//! The road of one test: text, test, program, outcomes under each model, answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

use super::{Setup, Source, metadata};
use crate::compare::{
    Answer, Conclusion, Engine, Failure, Mistake, ModelOutcomes, Status, TestReport, side_by_side,
};
use crate::explore::{Limits, explore};
use crate::litmus::{Diagnostics, LineIndex, Test, parse};
use crate::model::{MemoryModel, Options};
use crate::program::{Fault, Outcomes, Program, full_hart, link};

/// One test, run.
#[derive(Clone, PartialEq, Debug)]
pub struct Finished {
    /// What reports say.
    pub report: TestReport,
    /// The mistakes of the file shown in its text, for the terminal.
    pub rendered: Option<String>,
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
    catch_unwind(run).unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().map(String::as_str);
        let what = what.or(panic.downcast_ref::<&str>().copied()).unwrap_or("of unknown cause");
        let mistake = Mistake::of_file(format!("panic: {what}"));
        let failure = Failure::new(Status::InternalError, mistake);
        Finished { report: unread(source, &text, failure), rendered: None }
    })
}

fn run_text(source: &Source, text: &str, setup: &Setup) -> Finished {
    let test = match parse(text) {
        Ok(test) => test,
        Err(diagnostics) => {
            let (failure, rendered) = diagnosed(source, text, &diagnostics);
            return Finished { report: unread(source, text, failure), rendered: Some(rendered) };
        }
    };
    let lines = LineIndex::new(text);
    let (conclusion, rendered) = match link(&test, &lines, |_| full_hart(MemoryModel::Rvwmo)) {
        Ok(program) => match answer(&test, &program, setup) {
            Ok(answer) => (Conclusion::Answered(answer), None),
            Err(failure) => (Conclusion::Failed(failure), None),
        },
        Err(diagnostics) => {
            let (failure, rendered) = diagnosed(source, text, &diagnostics);
            (Conclusion::Failed(failure), Some(rendered))
        }
    };
    let Test { name, description, metadata, .. } = test;
    let path = source.shown.clone();
    Finished { report: TestReport { path, name, description, metadata, conclusion }, rendered }
}

/// Explores under every model and compares.
fn answer(test: &Test, program: &Program, setup: &Setup) -> Result<Answer, Failure> {
    let options = metadata::options_for(test, &setup.options)
        .map_err(|what| Failure::new(Status::Unsupported, Mistake::of_file(what)))?;
    let mut found = Vec::with_capacity(setup.models.len());
    for &model in &setup.models {
        let start = Instant::now();
        let outcomes =
            outcomes(program, model, &options, setup).map_err(|fault| faulty(program, fault))?;
        let microseconds =
            setup.times.then(|| u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
        found.push(ModelOutcomes { model, outcomes, microseconds });
    }
    side_by_side(test, program, &found)
}

fn outcomes(
    program: &Program,
    model: MemoryModel,
    options: &Options,
    setup: &Setup,
) -> Result<Outcomes, Fault> {
    let models = vec![model; program.harts.len()];
    let start = Instant::now();
    let interrupted = || setup.expired(start);
    let limits = Limits { interrupted: &interrupted, memory: setup.memory, parallel: true };
    match setup.engine {
        Engine::Machine => explore(program, &models, options, limits),
        Engine::Axiomatic | Engine::Both => explore(program, &models, options, limits),
    }
}

/// A fault's place is that of its instruction.
fn faulty(program: &Program, fault: Fault) -> Failure {
    let (status, place) = match &fault {
        Fault::BadAddress { hart, step, .. }
        | Fault::Misaligned { hart, step, .. }
        | Fault::BadJump { hart, step, .. } => (Status::Fault, Some((*hart, *step))),
        Fault::MisalignedUnsupported { hart, step, .. } => {
            (Status::Unsupported, Some((*hart, *step)))
        }
        Fault::TooLarge { .. } => (Status::Unsupported, None),
    };
    let step = place.and_then(|(hart, step)| program.harts.get(hart.index())?.code.get(step));
    let (line, column) = step.map_or((1, 1), |step| (step.line, step.column));
    Failure::new(status, Mistake { line, column, message: fault.to_string(), help: None })
}

/// The report's errors, and the same for the terminal.
fn diagnosed(source: &Source, text: &str, diagnostics: &Diagnostics) -> (Failure, String) {
    let lines = LineIndex::new(text);
    let mistake = |diagnostic: &crate::litmus::Diagnostic| {
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
    let rendered = render(&source.shown, &lines, diagnostics);
    (Failure { status: deciding.into(), error, also: mistakes }, rendered)
}

fn render(path: &str, lines: &LineIndex, diagnostics: &Diagnostics) -> String {
    let mut text = String::new();
    for diagnostic in &diagnostics.0 {
        let (line, column) = lines.line_column(diagnostic.span.start);
        let help = diagnostic.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        text += &format!("{path}:{line}:{column}: {}{help}\n", diagnostic.message);
    }
    text
}

/// The report of a test of which nothing but its text, or not even that, is known.
fn unread(source: &Source, text: &str, failure: Failure) -> TestReport {
    TestReport {
        path: source.shown.clone(),
        name: name_of(&source.shown, text),
        description: None,
        metadata: Vec::new(),
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
