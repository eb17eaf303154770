//! What stands beside a state in the table: which machines reach it, and why others do not.

use std::iter::Peekable;
use std::slice::Iter;

use rvlitmus_core::answer::{Answer, Argument, Difference, Lacked};

use super::words::forbidden_by_ztso;

/// Marks for the states of an answer, row by row. One machine needs none.
pub(super) struct Marks<'a> {
    answer: &'a Answer,
    columns: Vec<Column>,
    /// By difference: the machine that lacks states, and those that are still to come.
    lacked: Vec<(usize, Peekable<Iter<'a, Lacked>>)>,
}

/// The column of a machine, with what may stand in it.
struct Column {
    head: String,
    reached: String,
    not_reached: String,
    unknown: String,
}

/// The machines that do not reach a state which another one does.
pub(super) struct Missing<'a> {
    answer: &'a Answer,
    row: usize,
    machines: Vec<usize>,
    arguments: Vec<(usize, &'a Argument)>,
}

impl<'a> Marks<'a> {
    pub(super) fn new(answer: &'a Answer) -> Marks<'a> {
        let several = answer.machines.len() > 1;
        let columns = answer.machines.iter().filter(|_| several).map(|machine| {
            let width = machine.id.chars().count().max(6);
            let centred = |text: &str| format!(" {text:^width$}");
            Column {
                head: centred(&machine.id),
                reached: centred("yes"),
                not_reached: centred("NO"),
                unknown: centred("?"),
            }
        });
        let lacked = answer
            .differences
            .iter()
            .map(|difference| (difference.stronger, difference.states.iter().peekable()));
        Marks { answer, columns: columns.collect(), lacked: lacked.collect() }
    }

    /// Columns of the page that the marks of a row take.
    pub(super) fn width(&self) -> usize {
        self.columns.iter().map(|column| column.reached.len()).sum()
    }

    /// The names of the machines.
    pub(super) fn head(&self) -> String {
        self.columns.iter().map(|column| column.head.as_str()).collect()
    }

    /// Appends `yes`, `NO` or `?` for each machine. Rows are asked for in order, each once.
    pub(super) fn write(&mut self, row: usize, line: &mut Vec<u8>) -> Missing<'a> {
        let answer = self.answer;
        let mut missing = Missing { answer, row, machines: Vec::new(), arguments: Vec::new() };
        for (machine, column) in self.columns.iter().enumerate() {
            let mark = match answer.reaches(machine, row) {
                None => &column.unknown,
                Some(true) => &column.reached,
                Some(false) => {
                    missing.machines.push(machine);
                    &column.not_reached
                }
            };
            line.extend_from_slice(mark.as_bytes());
        }
        for (stronger, lacked) in &mut self.lacked {
            if let Some(lacked) = lacked.next_if(|lacked| lacked.row == row) {
                let argument = lacked.argument.as_ref().map(|argument| (*stronger, argument));
                missing.arguments.extend(argument);
            }
        }
        missing
    }
}

impl Missing<'_> {
    /// Does every machine that was explored reach the state?
    pub(super) fn is_empty(&self) -> bool {
        self.machines.is_empty()
    }

    /// `forbidden by Ztso`, `not under sc or vm`, or nothing.
    pub(super) fn note(&self) -> String {
        let Missing { answer, row, machines, .. } = self;
        let by_ztso = |difference: &Difference| {
            let states = &difference.states;
            forbidden_by_ztso(answer.id(difference.weaker), answer.id(difference.stronger))
                && states.binary_search_by_key(row, |lacked| lacked.row).is_ok()
        };
        if machines.is_empty() {
            String::new()
        } else if answer.differences.iter().any(by_ztso) {
            "forbidden by Ztso".to_owned()
        } else {
            let names: Vec<&str> = machines.iter().map(|machine| answer.id(*machine)).collect();
            format!("not under {}", names.join(" or "))
        }
    }

    /// `because ztso-store-release P0 sw->sw; rf; r9 P1 lw->lw; fr`, and what else is to be said of further
    /// machines.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut known: Vec<&(usize, &Argument)> = Vec::new();
        let mut texts = Vec::new();
        for argued in &self.arguments {
            let (machine, argument) = argued;
            let repeats = |(m, other): &&(usize, &Argument)| m == machine || other == argument;
            if known.iter().any(repeats) {
                continue;
            }
            let word = if argument.steps.is_empty() { "reason" } else { "because" };
            let further = match known.is_empty() {
                true => String::new(),
                false => format!("not under {}, ", self.answer.id(*machine)),
            };
            texts.push(format!("{further}{word} {}", argument.line));
            known.push(argued);
        }
        texts
    }
}
