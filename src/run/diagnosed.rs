//! The mistakes of a file, for reports and for the terminal.

use super::Setup;
use rvlitmus_core::answer::{Failure, Mistake};
use rvlitmus_core::litmus::{Diagnostic, Diagnostics, LineIndex, render};

/// Mistakes that the terminal is shown of one file. A file that is no litmus test has as many as lines.
const SHOWN: usize = 10;
/// A line that is longer is not shown.
const LONG: usize = 400;
/// And that a report lists.
const LISTED: usize = 100;

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
    let all = &diagnostics.0;
    let first = all.iter().position(|d| d.problem == deciding).unwrap_or(0);
    let error = all
        .get(first)
        .map_or_else(|| Mistake::of_file("the file is not accepted".to_owned()), mistake);
    let others = all.iter().enumerate().filter(|(index, _)| *index != first).map(|(_, d)| d);
    let mut also: Vec<Mistake> = others.take(LISTED).map(mistake).collect();
    if let Some(more) = all.len().checked_sub(LISTED + 2) {
        let (line, column) = lines.line_column(all.last().map_or(0, |last| last.span.start));
        let message = format!("and {} more mistakes up to here", more + 1);
        also.push(Mistake { line, column, message, help: None });
    }
    let mut rendered = String::new();
    for diagnostic in all.iter().take(SHOWN) {
        let one = Diagnostics(vec![diagnostic.clone()]);
        let (line, column) = lines.line_column(diagnostic.span.start);
        let there = text.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default();
        rendered += &if there.len() <= LONG {
            render(shown, text, &one, setup.stderr)
        } else {
            format!("error: {}\n --> {}:{line}:{column}\n", diagnostic.message, shown)
        };
    }
    if all.len() > SHOWN {
        rendered += &format!("{}: ... and {} more mistakes\n", shown, all.len() - SHOWN);
    }
    (Failure { status: deciding.into(), error, also, test: None }, rendered)
}
