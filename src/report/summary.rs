//! What a whole run comes to, for people.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::markdown::plain;
use super::words::{self, forbidden_by_ztso};
use super::wrap::wrapped_lines;
use crate::results::{MachineTally, PairTally, Tally, counted};
use rvlitmus_core::answer::Status;
use rvlitmus_core::litmus::visible;

/// Sentences of the summary: the tests by status, the states, what tells the machines apart.
pub(super) fn sentences(tally: &Tally, interrupted: bool) -> Vec<String> {
    let mut sentences = vec![by_status(tally)];
    let counts = tally.machines().iter().filter(|machine| machine.states > 0).enumerate();
    let counts = counts.map(|(index, machine)| match index {
        0 => format!("{} under {}", counted(machine.states, "state"), machine.id),
        _ => format!("{} under {}", machine.states, machine.id),
    });
    let counts: Vec<String> = counts.collect();
    if !counts.is_empty() {
        sentences.push(counts.join(", "));
    }
    let held = tally.machines().iter().filter(|machine| machine.decided > 0);
    let held = held.map(|MachineTally { id, decided, held, .. }| {
        format!("{held} of {} under {id}", counted(*decided, "test"))
    });
    let held: Vec<String> = held.collect();
    if !held.is_empty() {
        sentences.push(format!("the condition holds in {}", held.join(", ")));
    }
    sentences.extend(tally.pairs().iter().map(of_pair));
    if tally.violated > 0 {
        sentences.push(format!(
            "{} with a ~exists or forall that does not hold",
            counted(tally.violated, "test")
        ));
    }
    if tally.undecided > 0 {
        sentences.push(words::undecided(tally));
    }
    sentences.extend(tally.refused.iter().cloned());
    if tally.warned > 0 {
        sentences.push(format!("{} with warnings", counted(tally.warned, "test")));
    }
    if interrupted {
        sentences.push("interrupted: tests are missing".to_owned());
    }
    sentences
}

/// `Ztso forbids states of 2 tests and changes the verdict of 1`, and of other pairs which machine allows
/// the states.
fn of_pair(pair: &PairTally) -> String {
    let PairTally { first, second, fewer_states, more_states, verdict_changes, compared } = pair;
    if *compared == 0 {
        let tests = counted(*verdict_changes, "test");
        return format!("{first} and {second} differ in the verdict of {tests}");
    }
    let changes = format!("changes the verdict of {verdict_changes}");
    let (fewer, more) = (counted(*fewer_states, "test"), counted(*more_states, "test"));
    if forbidden_by_ztso(first, second) {
        return format!("Ztso forbids states of {fewer} and {changes}");
    }
    let forth = format!("{second} forbids states of {fewer} that {first} allows");
    let back = format!("{first} forbids states of {more} that {second} allows");
    match (fewer_states, more_states) {
        (_, 0) => format!("{forth} and {changes}"),
        (0, _) => format!("{back} and {changes}"),
        _ => format!("{forth}, {back}, and the verdict of {verdict_changes} differs"),
    }
}

fn by_status(tally: &Tally) -> String {
    let statuses: Vec<String> = Status::ALL
        .into_iter()
        .filter(|status| tally.with_status(*status) > 0)
        .map(|status| format!("{} {status}", tally.with_status(status)))
        .collect();
    format!("{}: {}", counted(tally.tests(), "test"), statuses.join(", "))
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
        for (line, text) in wrapped_lines(&visible(&sentence), 78, 76).iter().enumerate() {
            let further = if line > 0 { "  " } else { "" };
            if color {
                writeln!(out, "{indent}{further}{style}{text}{style:#}")?;
            } else {
                writeln!(out, "{indent}{further}{text}")?;
            }
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
        let sentence = plain(&visible(&sentence)).replace("\\~exists", "`~exists`");
        writeln!(out, "- {sentence}")?;
    }
    Ok(())
}
