//! What a whole run comes to, for people.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::compare::Tally;
use rvlitmus_core::answer::{Column, Status};

/// Sentences of the summary: the tests by status, the states, what Ztso changes.
fn sentences(tally: &Tally, interrupted: bool) -> Vec<String> {
    let mut sentences = vec![by_status(tally)];
    let counts: Vec<String> = Column::ALL
        .into_iter()
        .filter(|column| tally.states(*column) > 0)
        .enumerate()
        .map(|(index, column)| {
            let what = if index == 0 { " states" } else { "" };
            format!("{}{what} under {column}", tally.states(column))
        })
        .collect();
    if !counts.is_empty() {
        sentences.push(counts.join(", "));
    }
    if tally.states(Column::Rvwmo) > 0 && tally.states(Column::Ztso) > 0 {
        sentences.push(format!(
            "Ztso forbids states of {} and changes the verdict of {}",
            count(tally.fewer_states, "test"),
            tally.verdict_changes
        ));
    }
    if tally.violated > 0 {
        sentences.push(format!(
            "{} with a ~exists or forall that does not hold",
            count(tally.violated, "test")
        ));
    }
    if interrupted {
        sentences.push("interrupted: tests are missing".to_owned());
    }
    sentences
}

fn by_status(tally: &Tally) -> String {
    let statuses: Vec<String> = Status::ALL
        .into_iter()
        .filter(|status| tally.with_status(*status) > 0)
        .map(|status| format!("{} {status}", tally.with_status(status)))
        .collect();
    format!("{}: {}", count(tally.tests(), "test"), statuses.join(", "))
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

pub(super) fn write_table(
    tally: &Tally,
    interrupted: bool,
    color: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let bad = AnsiColor::Yellow.on_default().bold();
    for (index, sentence) in sentences(tally, interrupted).into_iter().enumerate() {
        let style = match index {
            0 if tally.failed() > 0 => bad,
            0 => Style::new().bold(),
            _ => Style::new(),
        };
        let indent = if index == 0 { "" } else { "  " };
        if color {
            writeln!(out, "{indent}{style}{sentence}{style:#}")?;
        } else {
            writeln!(out, "{indent}{sentence}")?;
        }
    }
    Ok(())
}

pub(super) fn write_markdown(
    tally: &Tally,
    interrupted: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out)?;
    for sentence in sentences(tally, interrupted) {
        writeln!(out, "- {}", sentence.replace("~exists", "`~exists`"))?;
    }
    Ok(())
}
