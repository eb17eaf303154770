//! Lists of verdicts, a line for each test: `table` and `markdown` with `--brief`.
//!
//! There is a column for each machine. Which machines there are is known with the first test that ran on
//! some; another list begins where a test ran on others.

use std::io::{self, Write};
use std::sync::Arc;

use super::table::{FAILED, FORBIDDEN, styled};
use super::words::{forbidden_by_ztso, not_everywhere, verdict};
use super::{Format, Renderer, markdown};
use crate::results::{Conclusion, TestReport};
use anstyle::Style;
use rvlitmus_core::answer::Status;

/// What a list says of one test.
#[derive(Debug)]
pub struct Verdicts {
    path: String,
    result: Result<Answered, Status>,
}

/// Of a test that ran.
#[derive(Debug)]
struct Answered {
    machines: Vec<(Arc<str>, &'static str)>,
    /// Do the machines disagree?
    differ: bool,
    /// `None` where not all are known.
    states: Option<usize>,
    /// How many of them Ztso forbids, or where it was not compared with RVWMO, some machine.
    forbidden: Option<usize>,
}

impl Verdicts {
    pub(super) fn of(report: &TestReport) -> Verdicts {
        let result = match &report.conclusion {
            Conclusion::Failed(failure) => Err(failure.status),
            Conclusion::Answered(answer) => {
                let machines = answer.machines.iter().enumerate();
                let mut differences = answer.differences.iter();
                let by_ztso = differences
                    .find(|d| forbidden_by_ztso(answer.id(d.weaker), answer.id(d.stronger)))
                    .map(|difference| difference.states.len());
                let several = || (!answer.differences.is_empty()).then(|| not_everywhere(answer));
                Ok(Answered {
                    machines: machines.map(|(m, of)| (of.id.clone(), verdict(answer, m))).collect(),
                    differ: answer.verdict_changes(),
                    states: (answer.status() != Status::Decided).then(|| answer.states.len()),
                    forbidden: by_ztso.or_else(several),
                })
            }
        };
        Verdicts { path: report.path.clone(), result }
    }

    /// Bytes of memory that it takes, roughly.
    pub(super) fn size(&self) -> usize {
        size_of::<Verdicts>() + self.path.capacity()
    }
}

/// A list that is being written.
pub(super) struct List {
    renderer: Renderer,
    /// The machines that have a column.
    columns: Option<Vec<Arc<str>>>,
    /// Tests that wait for a test that says which machines there are.
    held: Vec<Verdicts>,
}

impl List {
    pub(super) fn new(renderer: Renderer) -> List {
        List { renderer, columns: None, held: Vec::new() }
    }

    /// Adds a test.
    pub(super) fn push(&mut self, test: Verdicts, out: &mut impl Write) -> io::Result<()> {
        match &test.result {
            Ok(answered) => {
                let ids = || answered.machines.iter().map(|(id, _)| id.clone());
                let fits =
                    |known: &Vec<Arc<str>>| ids().take(known.len()).eq(known.iter().cloned());
                if !self.columns.as_ref().is_some_and(fits) {
                    self.begin(ids().collect(), out)?;
                }
            }
            Err(_) if self.columns.is_none() => {
                self.held.push(test);
                return Ok(());
            }
            Err(_) => {}
        }
        self.line(&test, out)
    }

    /// Ends the list.
    pub(super) fn finish(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.columns.is_none() {
            self.begin(Vec::new(), out)?;
        }
        Ok(())
    }

    fn begin(&mut self, columns: Vec<Arc<str>>, out: &mut impl Write) -> io::Result<()> {
        if self.columns.is_some() {
            writeln!(out)?;
        }
        if self.renderer.format == Format::Markdown {
            let ids: String =
                columns.iter().map(|id| format!(" {} |", markdown::plain(id))).collect();
            let both = columns.iter().any(|id| &**id == "rvwmo")
                && columns.iter().any(|id| &**id == "ztso");
            let forbidden = if both { "forbidden by Ztso" } else { "not everywhere" };
            writeln!(out, "| test |{ids} states | {forbidden} |")?;
            writeln!(out, "|---|{}--:|--:|", "---|".repeat(columns.len()))?;
        } else {
            let ids: String = columns.iter().map(|id| padded(id, width(id))).collect();
            writeln!(out, "{ids}states         test")?;
        }
        self.columns = Some(columns);
        for test in std::mem::take(&mut self.held) {
            self.line(&test, out)?;
        }
        Ok(())
    }

    fn line(&self, test: &Verdicts, out: &mut impl Write) -> io::Result<()> {
        let columns = self.columns.as_deref().unwrap_or_default();
        match self.renderer.format {
            Format::Markdown => markdown_line(test, columns.len(), out),
            _ => table_line(test, columns, self.renderer.color, out),
        }
    }
}

/// `Sometimes  Never      4, not 1       SAFE/MP.litmus`, and `  vm Sometimes` for each further machine.
fn table_line(
    test: &Verdicts,
    columns: &[Arc<str>],
    color: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let path = &test.path;
    let answered = match &test.result {
        Ok(answered) => answered,
        Err(status) => {
            let width = columns.iter().map(|id| width(id)).sum::<usize>() + 15;
            return writeln!(out, "{}{path}", styled(FAILED, padded(status.name(), width), color));
        }
    };
    let style = if answered.differ { FORBIDDEN } else { Style::new() };
    for (id, word) in &answered.machines[..columns.len()] {
        write!(out, "{}", styled(style, padded(word, width(id)), color))?;
    }
    let states = match answered.forbidden {
        None | Some(0) => shown(answered),
        Some(forbidden) => format!("{}, not {forbidden}", shown(answered)),
    };
    write!(out, "{states:<14} {path}")?;
    for (id, word) in &answered.machines[columns.len()..] {
        write!(out, "  {id} {word}")?;
    }
    writeln!(out)
}

fn markdown_line(test: &Verdicts, columns: usize, out: &mut impl Write) -> io::Result<()> {
    let path = markdown::code(&test.path);
    let answered = match &test.result {
        Ok(answered) => answered,
        Err(status) => {
            return writeln!(out, "| {path} | {status} |{}", " |".repeat(columns + 1));
        }
    };
    let (in_columns, further) = answered.machines.split_at(columns);
    let further: String =
        further.iter().map(|(id, word)| format!(", {} {word}", markdown::plain(id))).collect();
    let words: String = in_columns.iter().map(|(_, word)| format!(" {word} |")).collect();
    let forbidden = answered.forbidden.map(|count| count.to_string()).unwrap_or_default();
    writeln!(out, "| {path}{further} |{words} {} | {forbidden} |", shown(answered))
}

/// How many states there are.
fn shown(answered: &Answered) -> String {
    answered.states.map_or_else(|| "-".to_owned(), |states| states.to_string())
}

/// The width of a machine's column.
fn width(id: &str) -> usize {
    (id.chars().count() + 2).max(14)
}

/// Blanks behind a word, one at least.
fn padded(word: &str, width: usize) -> String {
    format!("{word:<width$} ", width = width - 1)
}
