//! Verdicts as comma-separated values (RFC 4180), one row per test and machine; a test that ran on no
//! machine has one row without. A last row with the status `interrupted` and nothing else says that tests
//! are missing.

use std::io::{self, Write};

use rvlitmus_core::answer::{Answer, Extent, Failure, Holds, Observation};

use super::words::forbidden_by_ztso;
use crate::results::{Conclusion, TestReport};

pub(super) const HEAD: &str = "path,name,status,model,observation,holds,states,satisfying,forbidden_by_ztso,line,column,message";

pub(super) fn write_head(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{HEAD}")
}

/// The row at the end of a run that did not come to its end.
pub(super) fn write_interrupted(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, ",,interrupted,,,,,,,,,")
}

pub(super) fn write_test(report: &TestReport, out: &mut Vec<u8>) {
    let start = [field(&report.path), field(&report.name)].join(",");
    let mut row = |text: String| out.extend_from_slice(text.as_bytes());
    match &report.conclusion {
        Conclusion::Answered(answer) => {
            let mut differences = answer.differences.iter();
            let by_ztso = differences
                .find(|d| forbidden_by_ztso(answer.id(d.weaker), answer.id(d.stronger)))
                .map(|difference| difference.states.len().to_string())
                .unwrap_or_default();
            for (index, machine) in answer.machines.iter().enumerate() {
                let (status, id) = (machine.extent.status(), field(&machine.id));
                let found = found(answer, index);
                let why = message(machine.extent.failure(), &report.warnings);
                row(format!("{start},{status},{id},{found},{by_ztso},{why}\n"));
            }
        }
        Conclusion::Failed(failure) => {
            let why = message(Some(failure), &report.warnings);
            row(format!("{start},{},,,,,,,{why}\n", failure.status));
        }
    }
}

/// `Sometimes,true,4,1`, or nothing four times.
fn found(answer: &Answer, machine: usize) -> String {
    let Some(states) = answer.found(machine) else { return ",,,".to_owned() };
    let holds = match answer.holds(machine) {
        Holds::Yes => "true",
        Holds::No => "false",
        Holds::Unknown => "",
    };
    let observation = match answer.machines[machine].extent {
        Extent::NoExecution => "",
        _ => answer.observation(machine).map_or("", Observation::name),
    };
    format!("{observation},{holds},{},{}", states.len(), states.positive())
}

/// `3,5,unknown instruction; warning: ...`: the place of a failure, what it is, and the warnings.
fn message(failure: Option<&Failure>, warnings: &[String]) -> String {
    let error = failure.map(|failure| &failure.error);
    let place = error.map_or(",".to_owned(), |error| format!("{},{}", error.line, error.column));
    let warnings = warnings.iter().map(|warning| format!("warning: {warning}"));
    let texts: Vec<String> =
        error.map(|error| error.message.clone()).into_iter().chain(warnings).collect();
    format!("{place},{}", field(&texts.join("; ")))
}

/// Quoted where the format demands it. What a spreadsheet would take for a formula has the sign before it
/// that makes it text there.
fn field(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return field(&format!("'{text}"));
    }
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
