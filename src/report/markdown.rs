//! Markdown, for issues and reviews: a section per test.

use super::out::Out;
use super::words::{self, forbidden_by_ztso};
use crate::results::{Conclusion, TestReport};
use rvlitmus_core::answer::{Answer, Difference, Failure};

/// Appends the section of one test.
pub(super) fn write_test(report: &TestReport, out: &mut Out<'_>) {
    match &report.conclusion {
        Conclusion::Answered(answer) => section(report, answer, out),
        Conclusion::Failed(failure) => {
            let (name, path) = (plain(&report.name), span(&report.path));
            let mut text = format!("## {name}\n\n{path}: {}\n\n", failure.status);
            mistakes(failure, "", &mut text);
            warnings(report, &mut text);
            append(text + "\n", out);
        }
    }
}

fn warnings(report: &TestReport, text: &mut String) {
    text.extend(report.warnings.iter().map(|what| format!("- warning: {}\n", sentence(what))));
}

fn append(text: String, out: &mut Out<'_>) {
    out.append(&mut text.into_bytes());
}

fn section(report: &TestReport, answer: &Answer, out: &mut Out<'_>) {
    let mut text = format!("## {}\n\n{}\n\n", plain(&report.name), span(&report.path));
    if let Some(condition) = &answer.condition {
        text += &format!("{}\n\n", span(&condition.to_string()));
    }
    for (index, machine) in answer.machines.iter().enumerate() {
        let verdict = words::verdict(answer, index);
        match machine.extent.failure() {
            Some(failure) => {
                mistakes(failure, &format!("{}: {verdict}, ", plain(&machine.id)), &mut text)
            }
            None => {
                let holds = words::holds(answer, index);
                let both = match verdict == holds {
                    true => holds.to_owned(),
                    false => format!("{verdict}, {holds}"),
                };
                text += &format!("- {}: {both}\n", plain(&machine.id));
            }
        }
    }
    if let Some(why) = answer.without_execution() {
        text += &format!("- {}\n", sentence(&why));
    }
    warnings(report, &mut text);
    append(text, out);
    if !answer.states.is_empty() {
        states(answer, out);
    }
    for difference in &answer.differences {
        reasons(answer, difference, out);
    }
    out.push(b'\n');
}

/// A row for each state.
fn states(answer: &Answer, out: &mut Out<'_>) {
    let mut text = String::from("\n|");
    for place in answer.places.iter() {
        text += &format!(" {} |", code(place));
    }
    text += " condition |";
    for machine in &answer.machines {
        text += &format!(" {} |", plain(&machine.id));
    }
    text += "\n|";
    text += &"--:|".repeat(answer.places.len());
    text += &"---|".repeat(1 + answer.machines.len());
    text += "\n";
    append(text, out);
    for row in 0..answer.states.len() {
        let mut text = String::from("|");
        for value in answer.states.row(row) {
            text += &format!(" {} |", plain(&value.text(&answer.symbols)));
        }
        text += if answer.states.satisfies(row) { " yes |" } else { " |" };
        for machine in 0..answer.machines.len() {
            text += match answer.found(machine) {
                None => " ? |",
                Some(_) if answer.states.reaches(machine, row) => " yes |",
                Some(_) => " **no** |",
            };
        }
        append(text + "\n", out);
        out.row();
    }
}

/// Why the stronger machine does not reach what the weaker one does.
fn reasons(answer: &Answer, difference: &Difference, out: &mut Out<'_>) {
    let (weaker, stronger) = (answer.id(difference.weaker), answer.id(difference.stronger));
    let argued = difference.states.iter();
    let argued = argued.filter_map(|lacked| Some((lacked.row, lacked.argument.as_ref()?)));
    for (index, (row, argument)) in argued.enumerate() {
        let head = match (index, forbidden_by_ztso(weaker, stronger)) {
            (0, true) => "\nForbidden by Ztso:\n\n",
            (0, false) => {
                &format!("\nNot under {}, but under {}:\n\n", plain(stronger), plain(weaker))
            }
            _ => "",
        };
        let values = answer.places.iter().zip(answer.states.row(row));
        let values = values.map(|(p, v)| format!("{p}={}", v.text(&answer.symbols)));
        let values = values.collect::<Vec<_>>().join("; ");
        append(format!("{head}- {}: {}\n", span(&values), span(&argument.line)), out);
        out.row();
    }
}

fn mistakes(failure: &Failure, before: &str, text: &mut String) {
    for mistake in std::iter::once(&failure.error).chain(&failure.also) {
        *text += &format!("- {before}{}\n", sentence(&mistake.told()));
    }
}

/// A code span as it stands in tables.
pub(super) fn code(text: &str) -> String {
    span(&text.replace('|', "\\|"))
}

/// A code span; one with backticks inside needs longer fences than these.
pub(super) fn span(text: &str) -> String {
    match text.split(|character| character != '`').map(str::len).max() {
        None | Some(0) => format!("`{text}`"),
        Some(longest) => {
            let fence = "`".repeat(longest.max(1) + 1);
            format!("{fence} {text} {fence}")
        }
    }
}

/// Text whose characters mean nothing to Markdown.
pub(super) fn plain(text: &str) -> String {
    sentence(text).replace('`', "\\`")
}

/// Text in which only backticks mean something: they stand around code.
fn sentence(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&' | '~') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
