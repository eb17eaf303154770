//! The log that herd7 prints, for its own tools to read. One `Test` block per model; witnesses count
//! states, not executions. Where loops were cut, herd7 says `Loop` and speaks of what it found, and so does
//! this: no word of the log is another one. Tests without an answer have no block. A line `Interrupted` at the end says
//! that tests are missing.

use super::out::Out;
use rvlitmus_core::answer::{Answer, Conclusion, Holds, ModelReport, Observation, TestReport};
use rvlitmus_core::litmus::Quantifier;

/// Appends the blocks of one test.
pub(super) fn write_test(report: &TestReport, out: &mut Out<'_>) {
    if let Conclusion::Answered(answer) = &report.conclusion {
        for model in &answer.models {
            write_block(report, answer, model, out);
        }
    }
}

fn write_block(report: &TestReport, answer: &Answer, model: &ModelReport, out: &mut Out<'_>) {
    let quantifier = answer.quantifier();
    let kind = match quantifier {
        Quantifier::Exists => "Allowed",
        Quantifier::NotExists => "Forbidden",
        Quantifier::Forall => "Required",
    };
    let name = &report.name;
    let states = &model.states;
    line(out, format_args!("Test {name} {kind}"));
    line(out, format_args!("States {}", states.len()));
    for (values, _) in states.iter() {
        for (index, (place, value)) in answer.places.iter().zip(values).enumerate() {
            out.extend_from_slice(if index == 0 { b"" } else { b" " });
            out.extend_from_slice(place.as_bytes());
            out.push(b'=');
            value.write(&answer.symbols, out);
            out.push(b';');
        }
        out.push(b'\n');
        out.row();
    }
    let cut = if answer.cut.is_empty() { "" } else { "Loop " };
    let ok = if holds_of_found(quantifier, model) { "Ok" } else { "No" };
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
    let observation = Observation::of_found(states);
    line(out, format_args!("Observation {name} {observation} {satisfying} {others}"));
    if let Some(hash) = &report.hash {
        line(out, format_args!("Hash={hash}"));
    }
    out.push(b'\n');
}

/// herd7's `Ok` speaks of the states found, whether loops were cut or not: `Loop` says that.
fn holds_of_found(quantifier: Quantifier, model: &ModelReport) -> bool {
    match model.holds {
        Holds::Yes => true,
        Holds::No => false,
        Holds::Unknown => quantifier != Quantifier::Exists,
    }
}

fn line(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    use std::io::Write;
    // Writing to a vector cannot fail.
    let _ = writeln!(out, "{text}");
}
