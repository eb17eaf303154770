//! Markdown, for issues and reviews: a section per test, or one table of verdicts.

use std::io::{self, Write};

use super::Detail;
use super::out::Out;
use rvlitmus_core::answer::{Answer, Column, Conclusion, Failure, Holds, TestReport};

pub(super) fn write_head(detail: Detail, out: &mut impl Write) -> io::Result<()> {
    match detail {
        Detail::States => Ok(()),
        Detail::Verdicts => {
            writeln!(out, "| test | rvwmo | ztso | sc | vm | states | forbidden by Ztso |")?;
            writeln!(out, "|---|---|---|---|---|--:|--:|")
        }
    }
}

pub(super) fn write_test(report: &TestReport, detail: Detail, out: &mut Out<'_>) {
    let text = match (&report.conclusion, detail) {
        (Conclusion::Answered(answer), Detail::States) => return section(report, answer, out),
        (Conclusion::Answered(answer), Detail::Verdicts) => row(report, answer),
        (Conclusion::Failed(failure), Detail::States) => failed(report, failure),
        (Conclusion::Failed(failure), Detail::Verdicts) => {
            format!("| {} | {} | | | | | |\n", code(&report.path), failure.status)
        }
    };
    out.extend_from_slice(text.as_bytes());
}

fn row(report: &TestReport, answer: &Answer) -> String {
    let observations =
        Column::ALL.map(|model| answer.model(model).map_or("", |m| m.observation.name()));
    let states = answer.models.first().map_or(0, |model| model.states.len());
    let forbidden = answer.forbidden_by_ztso.as_ref().map(|f| f.len().to_string());
    format!(
        "| {} | {} | {states} | {} |\n",
        code(&report.path),
        observations.join(" | "),
        forbidden.unwrap_or_default()
    )
}

fn section(report: &TestReport, answer: &Answer, out: &mut Out<'_>) {
    let mut text = format!("## {}\n\n{}\n\n", plain(&report.name), code(&report.path));
    if let Some(condition) = &answer.condition {
        text += &format!("{}\n\n", code(&condition.to_string()));
    }
    for model in &answer.models {
        let holds = match model.holds {
            Holds::Yes => "holds",
            Holds::No => "does not hold",
            Holds::Unknown => "not decided, because loops were cut",
        };
        text += &format!("- {}: {}, {holds}\n", model.model, model.observation);
    }
    if let Some(why) = answer.without_states() {
        text += &format!("- {why}\n");
    }
    text += "\n|";
    for place in answer.places.iter() {
        text += &format!(" {} |", code(place));
    }
    text += " condition |";
    for model in &answer.models {
        text += &format!(" {} |", model.model);
    }
    text += "\n|";
    text += &"--:|".repeat(answer.places.len());
    text += &"---|".repeat(1 + answer.models.len());
    text += "\n";
    out.append(&mut text.into_bytes());
    let Some((first, others)) = answer.models.split_first() else { return };
    for (row, (values, satisfies)) in first.states.iter().enumerate() {
        let mut text = String::from("|");
        for value in values {
            text += &format!(" {} |", plain(&value.text(&answer.symbols)));
        }
        text += if satisfies { " yes | yes |" } else { " | yes |" };
        for model in others {
            let reached = model.states.find(&first.states, row, &answer.symbols).is_some();
            text += if reached { " yes |" } else { " **no** |" };
        }
        text += "\n";
        out.append(&mut text.into_bytes());
        out.row();
    }
    let reasons = answer.forbidden_by_ztso.iter().flatten();
    let reasons = reasons.filter_map(|f| Some((f, f.argument.as_ref()?)));
    for (index, (forbidden, argument)) in reasons.enumerate() {
        let head = if index == 0 { "\nForbidden by Ztso:\n\n" } else { "" };
        let values = answer.places.iter().zip(first.states.row(forbidden.row));
        let values = values.map(|(p, v)| format!("{p}={}", v.text(&answer.symbols)));
        let values = values.collect::<Vec<_>>().join("; ");
        let text = format!("{head}- {}: {}\n", code(&values), code(argument));
        out.append(&mut text.into_bytes());
        out.row();
    }
    out.push(b'\n');
}

fn failed(report: &TestReport, failure: &Failure) -> String {
    let path = code(&report.path);
    let mut text = format!("## {}\n\n{path}: {}\n\n", plain(&report.name), failure.status);
    for mistake in std::iter::once(&failure.error).chain(&failure.also) {
        let (line, column) = (mistake.line, mistake.column);
        text += &format!("- line {line}, column {column}: {}\n", plain(&mistake.message));
    }
    text + "\n"
}

/// A code span; one with backticks inside needs longer fences.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// Text whose characters mean nothing to Markdown.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
