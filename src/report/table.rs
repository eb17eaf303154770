//! The table for people: 80 columns, colour only where it is asked for, readable without.

use std::iter::Peekable;

use anstyle::{AnsiColor, Style};

use super::Detail;
use super::out::Out;
use rvlitmus_core::answer::RequestRecord;
use rvlitmus_core::answer::{
    Answer, Column, Conclusion, Failure, Forbidden, Holds, Mistake, ModelReport, TestReport,
    VmReport, cut_text,
};

const WIDTH: usize = 80;
const BOLD: Style = Style::new().bold();
const FORBIDDEN: Style = AnsiColor::Red.on_default().bold();
const FAILED: Style = AnsiColor::Yellow.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Text with styles that are dropped where colour is not wanted.
struct Page<'p, 'w> {
    out: &'p mut Out<'w>,
    color: bool,
}

impl Page<'_, '_> {
    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn styled(&mut self, style: Style, text: impl AsRef<[u8]>) {
        if self.color {
            self.push(&style.to_string());
            self.out.extend_from_slice(text.as_ref());
            self.push(&format!("{style:#}"));
        } else {
            self.out.extend_from_slice(text.as_ref());
        }
    }
}

/// The line above a list of verdicts.
pub(super) const VERDICT_HEAD: &str = "rvwmo      ztso       states         test\n";

/// Appends one test.
pub(super) fn write_test(report: &TestReport, detail: Detail, color: bool, out: &mut Out<'_>) {
    let page = &mut Page { out, color };
    match (&report.conclusion, detail) {
        (Conclusion::Answered(answer), Detail::States) => answered(report, answer, page),
        (Conclusion::Answered(answer), Detail::Verdicts) => verdicts(report, answer, page),
        (Conclusion::Failed(failure), Detail::States) => failed(report, failure, page),
        (Conclusion::Failed(failure), Detail::Verdicts) => {
            page.styled(FAILED, format!("{:<37}", failure.status));
            page.push(&format!("{}\n", report.path));
        }
    }
}

/// `Sometimes  Never      4, not 1       SAFE/MP.litmus`, and `  vm Sometimes` for each further column.
fn verdicts(report: &TestReport, answer: &Answer, page: &mut Page<'_, '_>) {
    for model in [Column::Rvwmo, Column::Ztso] {
        let observation = answer.model(model).map_or("", |report| report.observation.name());
        let style = if answer.verdict_changes() { FORBIDDEN } else { Style::new() };
        page.styled(style, format!("{observation:<11}"));
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
        page.push(&format!("  {} {}", other.model, other.observation));
    }
    page.push("\n");
}

fn failed(report: &TestReport, failure: &Failure, page: &mut Page<'_, '_>) {
    heading(report, &failure.status.to_string(), FAILED, page);
    let Mistake { line, column, message, .. } = &failure.error;
    wrapped(&format!("line {line}, column {column}: {message}"), "    ", page);
    if !failure.also.is_empty() {
        page.push(&format!("    and {} more\n", failure.also.len()));
    }
    page.push("\n");
}

fn answered(report: &TestReport, answer: &Answer, page: &mut Page<'_, '_>) {
    let verdicts: Vec<String> = answer
        .models
        .iter()
        .map(|model| format!("{} {}", model.model, model.observation))
        .collect();
    let style = if answer.verdict_changes() { FORBIDDEN } else { Style::new() };
    heading(report, &verdicts.join(", "), style, page);
    if let Some(condition) = &answer.condition {
        wrapped(&condition.to_string(), "    ", page);
        page.push(&format!("    {}\n", holds(answer)));
    }
    if let Some(why) = answer.without_states() {
        wrapped(&why, "    ", page);
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
fn machine(vm: &VmReport, page: &mut Page<'_, '_>) {
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
fn heading(report: &TestReport, verdicts: &str, style: Style, page: &mut Page<'_, '_>) {
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

const REACHED: &[u8] = b"  yes  ";
const NOT_REACHED: &[u8] = b"   NO  ";

/// What stands beside the states, row by row: every state is one of the first model, RVWMO where both
/// were run.
struct Marks<'a> {
    answer: &'a Answer,
    /// What is known of the states that Ztso forbids, by row.
    by_ztso: Peekable<std::slice::Iter<'a, Forbidden>>,
    row: usize,
}

impl<'a> Marks<'a> {
    fn new(answer: &'a Answer) -> Marks<'a> {
        let by_ztso = answer.forbidden_by_ztso.as_deref().unwrap_or_default().iter().peekable();
        Marks { answer, by_ztso, row: 0 }
    }

    /// Bytes that the marks of a row take.
    fn width(answer: &Answer) -> usize {
        if answer.models.len() > 1 { 7 * answer.models.len() } else { 0 }
    }

    /// Appends `yes` or `NO` per model for the next row; says whether there was a `NO`, and what is
    /// known of it.
    fn next(&mut self, line: &mut Vec<u8>) -> (bool, Option<&'a Forbidden>) {
        let row = self.row;
        self.row += 1;
        let mut forbidden = false;
        if let [first, others @ ..] = &*self.answer.models
            && !others.is_empty()
        {
            line.extend_from_slice(REACHED);
            for other in others {
                let found = other.states.find(&first.states, row, &self.answer.symbols);
                line.extend_from_slice(if found.is_some() { REACHED } else { NOT_REACHED });
                forbidden |= found.is_none();
            }
        }
        (forbidden, self.by_ztso.next_if(|forbidden| forbidden.row == row))
    }
}

/// States in columns.
struct Columns<'a> {
    answer: &'a Answer,
    widths: Vec<usize>,
}

impl<'a> Columns<'a> {
    fn new(answer: &'a Answer) -> Self {
        let width = |place: usize| {
            let dictionaries = answer.models.iter().map(|model| model.states.dictionary());
            let values = dictionaries.filter(|d| place < d.places()).flat_map(|d| d.of(place));
            let values = values.map(|value| value.text(&answer.symbols).len());
            values.max().unwrap_or(0).max(answer.places.name(place).chars().count())
        };
        Columns { answer, widths: (0..answer.places.len()).map(width).collect() }
    }

    fn width(&self) -> usize {
        let values: usize = self.widths.iter().map(|width| width + 2).sum();
        5 + values + 2 + Marks::width(self.answer)
    }

    fn write(&self, page: &mut Page<'_, '_>) {
        let Some(first) = self.answer.models.first() else { return };
        let mut head = " ".repeat(5);
        for (place, width) in self.answer.places.iter().zip(&self.widths) {
            head += &format!("  {place:>width$}");
        }
        if self.answer.models.len() > 1 {
            head += "  ";
            for model in &self.answer.models {
                head += &format!(" {:^6}", model.model);
            }
        }
        page.styled(DIM, head.trim_end());
        page.push("\n");
        let note = self.width() + " forbidden by Ztso".len() <= WIDTH;
        let mut marks = Marks::new(self.answer);
        let (mut line, mut value) = (Vec::new(), Vec::new());
        for (row, satisfies) in first.states.iter() {
            line.clear();
            line.extend_from_slice(if satisfies { b"    *" } else { b"     " });
            for (cell, width) in row.zip(&self.widths) {
                cell.write(&self.answer.symbols, &mut value);
                let blanks = (width + 2).saturating_sub(value.len());
                line.extend(std::iter::repeat_n(b' ', blanks));
                line.append(&mut value);
            }
            if self.answer.models.len() > 1 {
                line.extend_from_slice(b"  ");
            }
            let (forbidden, by_ztso) = marks.next(&mut line);
            let style = if forbidden { FORBIDDEN } else { Style::new() };
            if by_ztso.is_some() && note {
                line.extend_from_slice(b" forbidden by Ztso");
            }
            page.styled(style, line.trim_ascii_end());
            page.push("\n");
            argument(by_ztso, page);
            page.out.row();
        }
    }
}

/// One state after another, for tests that observe more than fits a line.
fn listed(answer: &Answer, page: &mut Page<'_, '_>) {
    let Some(first) = answer.models.first() else { return };
    let mut head = String::new();
    for model in answer.models.iter().filter(|_| answer.models.len() > 1) {
        head += &format!(" {:^6}", model.model);
    }
    if !head.is_empty() {
        page.styled(DIM, format!("    {head}").trim_end());
        page.push("\n");
    }
    let indent = " ".repeat(4 + Marks::width(answer) + 4);
    let mut marks = Marks::new(answer);
    let (mut line, mut text) = (Vec::new(), Vec::new());
    for (row, satisfies) in first.states.iter() {
        line.clear();
        line.extend_from_slice(b"    ");
        let (forbidden, by_ztso) = marks.next(&mut line);
        line.extend_from_slice(if satisfies { b"  * " } else { b"    " });
        let mut column = indent.len();
        for (place, value) in answer.places.iter().zip(row) {
            text.extend_from_slice(place.as_bytes());
            text.push(b'=');
            value.write(&answer.symbols, &mut text);
            text.push(b';');
            if column + text.len() + 1 > WIDTH && column > indent.len() {
                line.push(b'\n');
                line.extend_from_slice(indent.as_bytes());
                column = indent.len();
            }
            if column > indent.len() {
                line.push(b' ');
                column += 1;
            }
            column += text.len();
            line.append(&mut text);
        }
        page.styled(if forbidden { FORBIDDEN } else { Style::new() }, &line);
        page.push("\n");
        argument(by_ztso, page);
        page.out.row();
    }
}

/// `because ztso-store-release P0 sw->sw; rf; r9 P1 lw->lw; fr`
fn argument(forbidden: Option<&Forbidden>, page: &mut Page<'_, '_>) {
    let Some(forbidden) = forbidden else { return };
    if let Some(argument) = &forbidden.argument {
        let word = if forbidden.because.is_empty() { "reason" } else { "because" };
        wrapped(&format!("{word} {argument}"), "          ", page);
    }
}

/// Breaks text at spaces so that no line passes the width where a word does not.
fn wrapped(text: &str, indent: &str, page: &mut Page<'_, '_>) {
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
