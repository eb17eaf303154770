//! The log that herd7 prints, for its own tools to read. One `Test` block per machine; witnesses count
//! states, not executions. Where loops were cut, herd7 says `Loop` and speaks of what it found, and so does
//! this: no word of the log is another one. Machines without an answer have no block. A line `Interrupted`
//! at the end says that tests are missing.

use super::out::Out;
use crate::results::TestReport;
use rvlitmus_core::answer::{Answer, Holds, MachineStates, Observation};
use rvlitmus_core::litmus::Quantifier;

/// Appends the blocks of one test.
pub(super) fn write_test(report: &TestReport, out: &mut Out<'_>) {
    let Some(answer) = report.answer() else { return };
    for machine in 0..answer.machines.len() {
        if let Some(states) = answer.found(machine) {
            write_block(report, answer, machine, states, out);
        }
    }
}

fn write_block(
    report: &TestReport,
    answer: &Answer,
    machine: usize,
    states: MachineStates<'_>,
    out: &mut Out<'_>,
) {
    let quantifier = answer.quantifier();
    let kind = match quantifier {
        Quantifier::Exists => "Allowed",
        Quantifier::NotExists => "Forbidden",
        Quantifier::Forall => "Required",
    };
    let name = &report.name;
    line(out, format_args!("Test {name} {kind}"));
    line(out, format_args!("States {}", states.len()));
    let columns = columns(answer);
    for row in states.rows() {
        for (index, (column, value)) in columns.iter().zip(answer.states.row(row)).enumerate() {
            out.extend_from_slice(if index == 0 || column.continues { b"" } else { b" " });
            out.extend_from_slice(column.before.as_bytes());
            value.write(&answer.symbols, out);
            out.extend_from_slice(column.after.as_bytes());
        }
        out.push(b'\n');
        out.row();
    }
    let cut = if answer.machines[machine].extent.cut().is_empty() { "" } else { "Loop " };
    let ok = match answer.holds(machine) {
        Holds::Yes => "Ok",
        Holds::No => "No",
        // herd7 speaks of the states found, whether loops were cut or not.
        Holds::Unknown if quantifier == Quantifier::Exists => "No",
        Holds::Unknown => "Ok",
    };
    line(out, format_args!("{cut}{ok}"));
    let satisfying = states.positive();
    let others = states.len() - satisfying;
    let (positive, negative) = match quantifier {
        Quantifier::NotExists => (others, satisfying),
        Quantifier::Exists | Quantifier::Forall => (satisfying, others),
    };
    line(out, format_args!("Witnesses\nPositive: {positive} Negative: {negative}"));
    match &answer.condition {
        Some(condition) => line(out, format_args!("Condition {condition}")),
        None => line(out, format_args!("Condition forall (true)")),
    }
    let observation = Observation::of_found(states.len(), satisfying);
    line(out, format_args!("Observation {name} {observation} {satisfying} {others}"));
    if let Some(hash) = &report.hash {
        line(out, format_args!("Hash={hash}"));
    }
    out.push(b'\n');
}

/// What stands around a value of a state.
struct Column {
    before: String,
    after: &'static str,
    /// Is it an element of the array of the value before?
    continues: bool,
}

/// The columns of states: `0:x5=1;`, and an array that is shown from its first element on as `a={1,2};`.
fn columns(answer: &Answer) -> Vec<Column> {
    let element = |name: &str| -> Option<(String, usize)> {
        let (array, index) = name.strip_suffix(']')?.split_once('[')?;
        (!array.is_empty()).then(|| Some((array.to_owned(), index.parse().ok()?)))?
    };
    let elements: Vec<Option<(String, usize)>> = answer.places.iter().map(element).collect();
    let mut columns: Vec<Column> = Vec::with_capacity(elements.len());
    let mut open: Option<(&str, usize)> = None;
    for (index, name) in answer.places.iter().enumerate() {
        let next = elements.get(index + 1).and_then(Option::as_ref);
        let (before, continues) = match (&elements[index], open) {
            (Some((array, at)), Some((of, last))) if array == of && *at == last + 1 => {
                (",".to_owned(), true)
            }
            (Some((array, 0)), _) => (format!("{array}={{"), false),
            _ => (format!("{name}="), false),
        };
        open = match &elements[index] {
            Some((array, at)) if continues || *at == 0 => Some((array, *at)),
            _ => None,
        };
        let goes_on =
            open.zip(next).is_some_and(|((of, at), next)| *next == (of.to_owned(), at + 1));
        let after = match open {
            Some(_) if goes_on => "",
            Some(_) => "};",
            None => ";",
        };
        columns.push(Column { before, after, continues });
    }
    columns
}

fn line(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    use std::io::Write;
    // Writing to a vector cannot fail.
    let _ = writeln!(out, "{text}");
}
