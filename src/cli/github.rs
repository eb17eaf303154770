//! Annotations of GitHub workflows: commands in a log that show a message at a place of a changed file.

use std::path::Path;

use crate::results::{Conclusion, TestReport, shown_path};
use crate::run::Source;
use rvlitmus_core::answer::{Failure, Holds, Mistake};
use rvlitmus_core::litmus::{LineIndex, Quantifier, parse, visible};

/// How much an annotation weighs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Level {
    /// It is red.
    Error,
    /// It is yellow.
    Warning,
}

/// Line and column, from 1; nothing where the whole file is meant.
type Place = Option<(u32, u32)>;

/// The line of one annotation.
pub(super) fn annotation(
    level: Level,
    file: &Path,
    place: Place,
    title: &str,
    message: &str,
) -> String {
    let level = match level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let file = escaped(&shown_path(file)).replace(',', "%2C").replace(':', "%3A");
    let place = place.map(|(line, column)| format!(",line={line},col={column}"));
    let place = place.unwrap_or_default();
    format!("::{level} file={file}{place},title={title}::{}\n", escaped(&visible(message)))
}

/// Escapes what would end a workflow command or its line.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What is wrong with a test that was run: its mistakes, each at its place, and at its condition that a claim does
/// not hold, which weighs as much as `claims`.
pub(super) fn annotations(source: &Source, report: &TestReport, claims: Level) -> String {
    let Some(file) = source.origin.path() else { return String::new() };
    let mut told: Vec<String> = Vec::new();
    for failure in report.failures() {
        let Failure { status, error, also, .. } = failure;
        for Mistake { line, column, message, .. } in std::iter::once(error).chain(also) {
            let place = (*line > 0).then_some((*line, *column));
            told.push(annotation(Level::Error, file, place, status.name(), message));
        }
    }
    // Machines that are refused alike say it once.
    told.dedup();
    if let Conclusion::Answered(answer) = &report.conclusion
        && let Some(condition) = &answer.condition
    {
        let of = |holds: Holds| {
            let machines = (0..answer.machines.len()).filter(|machine| {
                answer.found(*machine).is_some() && answer.holds(*machine) == holds
            });
            machines.map(|machine| answer.id(machine)).collect::<Vec<_>>().join(", ")
        };
        let mut say = |level, machines: &str, title: &str, what: &str| {
            if !machines.is_empty() {
                let message = format!("{what} under {machines}: {condition}");
                told.push(annotation(level, file, place_of_condition(source), title, &message));
            }
        };
        if condition.quantifier != Quantifier::Exists {
            say(claims, &of(Holds::No), "claim does not hold", "does not hold");
        }
        say(Level::Error, &of(Holds::Unknown), "not decided", "is not decided");
    }
    told.concat()
}

/// Where the condition begins. Few tests are asked, so the file is read for it once more.
fn place_of_condition(source: &Source) -> Place {
    let text = source.text().ok()?;
    let test = parse(&text).ok()?;
    Some(LineIndex::new(&text).line_column(test.condition_at.span.start))
}
