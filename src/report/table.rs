//! The table for people: 80 columns, colour only where it is asked for, readable without.

use anstyle::{AnsiColor, Style};

use super::marks::Marks;
use super::out::Out;
use super::words;
use super::wrap::wrapped_lines;
use crate::results::{Conclusion, DescribedMachine, TestReport};
use rvlitmus_core::answer::{Answer, Failure, Holds, cut_text};

const WIDTH: usize = 80;
const BOLD: Style = Style::new().bold();
pub(super) const FORBIDDEN: Style = AnsiColor::Red.on_default().bold();
pub(super) const FAILED: Style = AnsiColor::Yellow.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Text in a style, which is dropped where colour is not wanted.
pub(super) fn styled(style: Style, text: String, color: bool) -> String {
    if color { format!("{style}{text}{style:#}") } else { text }
}

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

/// Appends one test.
pub(super) fn write_test(report: &TestReport, color: bool, out: &mut Out<'_>) {
    let page = &mut Page { out, color };
    match &report.conclusion {
        Conclusion::Answered(answer) => answered(report, answer, page),
        Conclusion::Failed(failure) => {
            heading(report, failure.status.name(), FAILED, page);
            mistakes(failure, "", page);
            warnings(report, page);
            page.push("\n");
        }
    }
}

fn warnings(report: &TestReport, page: &mut Page<'_, '_>) {
    for warning in &report.warnings {
        wrapped(&format!("warning: {warning}"), "    ", page);
    }
}

fn mistakes(failure: &Failure, before: &str, page: &mut Page<'_, '_>) {
    wrapped(&format!("{before}{}", words::mistake(failure)), "    ", page);
    if !failure.also.is_empty() {
        page.push(&format!("    and {} more\n", failure.also.len()));
    }
}

fn answered(report: &TestReport, answer: &Answer, page: &mut Page<'_, '_>) {
    let machines = answer.machines.iter().enumerate();
    let verdicts =
        machines.map(|(m, machine)| format!("{} {}", machine.id, words::verdict(answer, m)));
    let style = match answer.status() {
        status if status.answered() && answer.verdict_changes() => FORBIDDEN,
        status if !status.answered() => FAILED,
        _ => Style::new(),
    };
    heading(report, &verdicts.collect::<Vec<_>>().join(", "), style, page);
    for machine in &answer.machines {
        if let Some(failure) = machine.extent.failure() {
            mistakes(failure, &format!("{}: ", machine.id), page);
        }
    }
    if let Some(condition) = &answer.condition {
        wrapped(&condition.to_string(), "    ", page);
        page.push(&format!("    {}\n", holds(answer)));
    }
    if let Some(why) = answer.without_execution() {
        wrapped(&why, "    ", page);
    }
    for machine in &report.described {
        describe(machine, page);
    }
    warnings(report, page);
    let cut = answer.cut();
    if !cut.is_empty() {
        wrapped(&cut_text(&cut), "    ", page);
    }
    page.push("\n");
    if answer.states.is_empty() {
        return;
    }
    let columns = Columns::new(answer);
    if columns.width() <= WIDTH {
        columns.write(page);
    } else {
        listed(answer, page);
    }
    page.push("\n");
}

/// `vm: P0 ztso, P1 rvwmo; 2 of 4 requests not done as asked`. What was refused, the summary says once for all tests.
fn describe(machine: &DescribedMachine, page: &mut Page<'_, '_>) {
    let harts = machine.harts.iter().enumerate().map(|(hart, model)| format!("P{hart} {model}"));
    let harts = harts.collect::<Vec<_>>().join(", ");
    let refused = match machine.refused().count() {
        0 => String::new(),
        refused => format!("; {refused} of {} requests not done as asked", machine.requests.len()),
    };
    wrapped(&format!("{}: {harts}{refused}", machine.id), "    ", page);
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
        let machines = 0..answer.machines.len();
        let machines = machines.filter(move |machine| answer.holds(*machine) == holds);
        machines.map(|machine| answer.id(machine)).collect::<Vec<_>>()
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

/// States in columns.
struct Columns<'a> {
    answer: &'a Answer,
    widths: Vec<usize>,
    marks: Marks<'a>,
}

impl<'a> Columns<'a> {
    fn new(answer: &'a Answer) -> Self {
        let width = |place: usize| {
            let values = answer.states.dictionary().of(place);
            let values = values.iter().map(|value| value.text(&answer.symbols).len());
            values.max().unwrap_or(0).max(answer.places.name(place).chars().count())
        };
        let widths = (0..answer.places.len()).map(width).collect();
        Columns { answer, widths, marks: Marks::new(answer) }
    }

    fn width(&self) -> usize {
        let values: usize = self.widths.iter().map(|width| width + 2).sum();
        5 + values + 2 + self.marks.width()
    }

    fn write(mut self, page: &mut Page<'_, '_>) {
        let full = self.width();
        let mut head = " ".repeat(5);
        for (place, width) in self.answer.places.iter().zip(&self.widths) {
            head += &format!("  {place:>width$}");
        }
        if self.marks.width() > 0 {
            head += &format!("  {}", self.marks.head());
        }
        page.styled(DIM, head.trim_end());
        page.push("\n");
        let states = &self.answer.states;
        let (mut line, mut value) = (Vec::new(), Vec::new());
        for row in 0..states.len() {
            line.clear();
            line.extend_from_slice(if states.satisfies(row) { b"    *" } else { b"     " });
            for (cell, width) in states.row(row).zip(&self.widths) {
                cell.write(&self.answer.symbols, &mut value);
                let blanks = (width + 2).saturating_sub(value.len());
                line.extend(std::iter::repeat_n(b' ', blanks));
                line.append(&mut value);
            }
            line.extend_from_slice(b"  ");
            let missing = self.marks.write(row, &mut line);
            let note = missing.note();
            if full + 1 + note.len() <= WIDTH {
                line.push(b' ');
                line.extend_from_slice(note.as_bytes());
            }
            let style = if missing.is_empty() { Style::new() } else { FORBIDDEN };
            page.styled(style, line.trim_ascii_end());
            page.push("\n");
            missing.arguments().iter().for_each(|argument| wrapped(argument, "          ", page));
            page.out.row();
        }
    }
}

/// One state after another, for tests that observe more than fits a line.
fn listed(answer: &Answer, page: &mut Page<'_, '_>) {
    let mut marks = Marks::new(answer);
    if marks.width() > 0 {
        page.styled(DIM, format!("    {}", marks.head()).trim_end());
        page.push("\n");
    }
    let indent = " ".repeat(4 + marks.width() + 4);
    let (mut line, mut text) = (Vec::new(), Vec::new());
    for row in 0..answer.states.len() {
        line.clear();
        line.extend_from_slice(b"    ");
        let missing = marks.write(row, &mut line);
        line.extend_from_slice(if answer.states.satisfies(row) { b"  * " } else { b"    " });
        let mut column = indent.len();
        for (place, value) in answer.places.iter().zip(answer.states.row(row)) {
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
        page.styled(if missing.is_empty() { Style::new() } else { FORBIDDEN }, &line);
        page.push("\n");
        missing.arguments().iter().for_each(|argument| wrapped(argument, "          ", page));
        page.out.row();
    }
}

/// Appends text with line breaks at spaces, so that no line passes the width where a word does not.
fn wrapped(text: &str, indent: &str, page: &mut Page<'_, '_>) {
    let width = WIDTH - indent.len();
    for (index, line) in wrapped_lines(text, width, width - 2).iter().enumerate() {
        page.push(if index == 0 { "" } else { "  " });
        page.push(&format!("{indent}{line}\n"));
    }
}
