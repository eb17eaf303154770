//! The table for people: 80 columns, colour only where it is asked for, readable without.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::Detail;
use crate::compare::{
    Answer, Column, Conclusion, Failure, Forbidden, Holds, Mistake, ModelReport, TestReport,
    VmReport, cut_text,
};
use crate::kvm::RequestRecord;

const WIDTH: usize = 80;
const BOLD: Style = Style::new().bold();
const FORBIDDEN: Style = AnsiColor::Red.on_default().bold();
const FAILED: Style = AnsiColor::Yellow.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Text with styles that are dropped where colour is not wanted.
struct Page {
    text: String,
    color: bool,
}

impl Page {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn styled(&mut self, style: Style, text: &str) {
        if self.color {
            // Writing to a string cannot fail.
            let _ = write!(self.text, "{style}{text}{style:#}");
        } else {
            self.text.push_str(text);
        }
    }
}

/// The line above a list of verdicts.
pub(super) const VERDICT_HEAD: &str = "rvwmo      ztso       states         test\n";

/// Appends one test.
pub(super) fn write_test(report: &TestReport, detail: Detail, color: bool, out: &mut Vec<u8>) {
    let mut page = Page { text: String::with_capacity(1024), color };
    match (&report.conclusion, detail) {
        (Conclusion::Answered(answer), Detail::States) => answered(report, answer, &mut page),
        (Conclusion::Answered(answer), Detail::Verdicts) => verdicts(report, answer, &mut page),
        (Conclusion::Failed(failure), Detail::States) => failed(report, failure, &mut page),
        (Conclusion::Failed(failure), Detail::Verdicts) => {
            page.styled(FAILED, &format!("{:<37}", failure.status));
            page.push(&format!("{}\n", report.path));
        }
    }
    out.extend_from_slice(page.text.as_bytes());
}

/// `Sometimes  Never      4, not 1       SAFE/MP.litmus`, and `  vm Sometimes` for each further column.
fn verdicts(report: &TestReport, answer: &Answer, page: &mut Page) {
    for model in [Column::Rvwmo, Column::Ztso] {
        let observation = answer.model(model).map_or("", |report| answer.word(report));
        let style = if answer.verdict_changes() { FORBIDDEN } else { Style::new() };
        page.styled(style, &format!("{observation:<11}"));
    }
    let states = answer.models.first().map_or(0, |model| model.states.len());
    let forbidden = answer.forbidden_by_ztso.as_ref().map_or(0, Vec::len);
    let states = match forbidden {
        0 => states.to_string(),
        forbidden => format!("{states}, not {forbidden}"),
    };
    page.push(&format!("{states:<14} {}", report.path));
    let further = |model: &&ModelReport| !matches!(model.model, Column::Rvwmo | Column::Ztso);
    for other in answer.models.iter().filter(further) {
        page.push(&format!("  {} {}", other.model, answer.word(other)));
    }
    page.push("\n");
}

fn failed(report: &TestReport, failure: &Failure, page: &mut Page) {
    heading(report, &failure.status.to_string(), FAILED, page);
    let Mistake { line, column, message, .. } = &failure.error;
    wrapped(&format!("line {line}, column {column}: {message}"), "    ", page);
    if !failure.also.is_empty() {
        page.push(&format!("    and {} more\n", failure.also.len()));
    }
    page.push("\n");
}

fn answered(report: &TestReport, answer: &Answer, page: &mut Page) {
    let verdicts: Vec<String> = answer
        .models
        .iter()
        .map(|model| format!("{} {}", model.model, answer.word(model)))
        .collect();
    let style = if answer.verdict_changes() { FORBIDDEN } else { Style::new() };
    heading(report, &verdicts.join(", "), style, page);
    if let Some(condition) = &answer.condition {
        wrapped(&condition.to_string(), "    ", page);
        page.push(&format!("    {}\n", holds(answer)));
    }
    if let Some(vm) = &answer.vm {
        machine(vm, page);
    }
    if !answer.cut.is_empty() {
        wrapped(&cut_text(&answer.cut), "    ", page);
    }
    page.push("\n");
    let columns = Columns::new(answer);
    if columns.width() <= WIDTH {
        columns.write(page);
    } else {
        listed(answer, page);
    }
    page.push("\n");
}

/// `vm: P0 ztso, P1 rvwmo`, and the requests that were refused.
fn machine(vm: &VmReport, page: &mut Page) {
    let harts = vm.harts.iter().enumerate().map(|(hart, model)| format!("P{hart} {model}"));
    wrapped(&format!("vm: {}", harts.collect::<Vec<_>>().join(", ")), "    ", page);
    for request in &vm.requests {
        let why = request.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let RequestRecord { vcpu, register, value, answer, .. } = request;
        let text = format!("vCPU {vcpu}: set {register} = {value}: {answer}{why}");
        wrapped(&text, "    ", page);
    }
}

/// `MP: rvwmo Sometimes, ztso Never                     BASIC_2_THREAD/MP.litmus`
fn heading(report: &TestReport, verdicts: &str, style: Style, page: &mut Page) {
    page.styled(BOLD, &report.name);
    page.push(": ");
    page.styled(style, verdicts);
    let used = report.name.chars().count() + 2 + verdicts.chars().count();
    let path = report.path.chars().count();
    if used + 2 + path <= WIDTH {
        page.push(&" ".repeat(WIDTH - used - path));
    } else {
        page.push("\n    ");
    }
    page.styled(DIM, &report.path);
    page.push("\n");
}

/// `holds under rvwmo, not under ztso`
fn holds(answer: &Answer) -> String {
    let under = |holds: Holds| {
        let models = answer.models.iter().filter(move |model| model.holds == holds);
        models.map(|model| model.model.name()).collect::<Vec<_>>()
    };
    let (yes, no, unknown) = (under(Holds::Yes), under(Holds::No), under(Holds::Unknown));
    let mut parts = Vec::new();
    if !yes.is_empty() {
        parts.push(format!("holds under {}", yes.join(" and ")));
    }
    match (no.as_slice(), yes.is_empty()) {
        ([], _) => {}
        (no, true) => parts.push(format!("does not hold under {}", no.join(" or "))),
        (no, false) => parts.push(format!("not under {}", no.join(" or "))),
    }
    if !unknown.is_empty() {
        parts.push(format!("not decided under {}", unknown.join(" and ")));
    }
    parts.join(", ")
}

/// All states of all models: every one is a state of the first model, RVWMO where both were run.
struct Columns<'a> {
    answer: &'a Answer,
    widths: Vec<usize>,
}

impl<'a> Columns<'a> {
    fn new(answer: &'a Answer) -> Self {
        let mut widths: Vec<usize> = answer.places.iter().map(|p| p.chars().count()).collect();
        for (values, _) in answer.models.iter().flat_map(|model| model.states.iter()) {
            for (width, value) in widths.iter_mut().zip(values) {
                *width = (*width).max(value.text(&answer.symbols).len());
            }
        }
        Columns { answer, widths }
    }

    fn width(&self) -> usize {
        let values: usize = self.widths.iter().map(|width| width + 2).sum();
        5 + values + 2 + marks_width(self.answer)
    }

    fn write(&self, page: &mut Page) {
        let Some(first) = self.answer.models.first() else { return };
        let mut head = " ".repeat(5);
        for (place, width) in self.answer.places.iter().zip(&self.widths) {
            let _ = write!(head, "  {place:>width$}");
        }
        if self.answer.models.len() > 1 {
            head.push_str("  ");
            for model in &self.answer.models {
                let _ = write!(head, " {:^6}", model.model);
            }
        }
        page.styled(DIM, head.trim_end());
        page.push("\n");
        let note = self.width() + " forbidden by Ztso".len() <= WIDTH;
        for (row, (values, satisfies)) in first.states.iter().enumerate() {
            let mut line = if satisfies { "    *".to_owned() } else { " ".repeat(5) };
            for (value, width) in values.zip(&self.widths) {
                let _ = write!(line, "  {:>width$}", value.text(&self.answer.symbols));
            }
            if self.answer.models.len() > 1 {
                line.push_str("  ");
            }
            let forbidden = self.marks(row, &mut line);
            let style = if forbidden { FORBIDDEN } else { Style::new() };
            let by_ztso = by_ztso(self.answer, row);
            if by_ztso.is_some() && note {
                line.push_str(" forbidden by Ztso");
            }
            page.styled(style, line.trim_end());
            page.push("\n");
            argument(by_ztso, page);
        }
    }

    /// `yes` or `NO` per model; says whether there was a `NO`.
    fn marks(&self, row: usize, line: &mut String) -> bool {
        marks(self.answer, row, line)
    }
}

fn marks_width(answer: &Answer) -> usize {
    if answer.models.len() > 1 { 7 * answer.models.len() } else { 0 }
}

fn marks(answer: &Answer, row: usize, line: &mut String) -> bool {
    let Some((first, others)) = answer.models.split_first() else { return false };
    if others.is_empty() {
        return false;
    }
    let mut forbidden = false;
    let _ = write!(line, " {:^6}", "yes");
    for model in others {
        let reached = model.states.find(&first.states, row, &answer.symbols).is_some();
        forbidden |= !reached;
        let _ = write!(line, " {:^6}", if reached { "yes" } else { "NO" });
    }
    forbidden
}

/// One state after another, for tests that observe more than fits a line.
fn listed(answer: &Answer, page: &mut Page) {
    let Some(first) = answer.models.first() else { return };
    let mut head = String::new();
    for model in answer.models.iter().filter(|_| answer.models.len() > 1) {
        let _ = write!(head, " {:^6}", model.model);
    }
    if !head.is_empty() {
        page.styled(DIM, format!("    {head}").trim_end());
        page.push("\n");
    }
    let indent = " ".repeat(4 + marks_width(answer) + 4);
    for (row, (values, satisfies)) in first.states.iter().enumerate() {
        let mut line = String::from("    ");
        let forbidden = marks(answer, row, &mut line);
        line.push_str(if satisfies { "  * " } else { "    " });
        let mut column = indent.len();
        for (place, value) in answer.places.iter().zip(values) {
            let text = format!("{place}={};", value.text(&answer.symbols));
            if column + text.len() + 1 > WIDTH && column > indent.len() {
                let _ = write!(line, "\n{indent}");
                column = indent.len();
            }
            if column > indent.len() {
                line.push(' ');
                column += 1;
            }
            column += text.len();
            line.push_str(&text);
        }
        page.styled(if forbidden { FORBIDDEN } else { Style::new() }, &line);
        page.push("\n");
        argument(by_ztso(answer, row), page);
    }
}

/// What is known of a state that Ztso forbids.
fn by_ztso(answer: &Answer, row: usize) -> Option<&Forbidden> {
    answer.forbidden_by_ztso.iter().flatten().find(|forbidden| forbidden.row == row)
}

/// `because ztso-store-release P0 sw->sw; rf; r9 P1 lw->lw; fr`
fn argument(forbidden: Option<&Forbidden>, page: &mut Page) {
    let Some(forbidden) = forbidden else { return };
    if let Some(argument) = &forbidden.argument {
        let word = if forbidden.because.is_empty() { "reason" } else { "because" };
        wrapped(&format!("{word} {argument}"), "          ", page);
    }
}

/// Breaks text at spaces so that no line passes the width where a word does not.
fn wrapped(text: &str, indent: &str, page: &mut Page) {
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length <= WIDTH {
            page.push(" ");
            column += 1 + length;
        } else {
            if column > 0 {
                page.push("\n  ");
                column = 2;
            }
            page.push(indent);
            column += indent.len() + length;
        }
        page.push(word);
    }
    page.push("\n");
}
