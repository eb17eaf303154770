//! Verdicts as comma-separated values (RFC 4180), one row per test and model; a test without an
//! answer has one row with no model. A last row with the status `interrupted` and nothing else says that
//! tests are missing.

use std::io::{self, Write};

use rvlitmus_core::answer::{Conclusion, Holds, TestReport};

const HEAD: &str = "path,name,status,model,observation,holds,states,satisfying,forbidden_by_ztso,line,column,message";

pub(super) fn write_head(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{HEAD}")
}

/// The row at the end of a run that did not come to its end.
pub(super) fn write_interrupted(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, ",,interrupted,,,,,,,,,")
}

pub(super) fn write_test(report: &TestReport, out: &mut Vec<u8>) {
    let start = [field(&report.path), field(&report.name), report.status().name().to_owned()];
    let start = start.join(",");
    match &report.conclusion {
        Conclusion::Answered(answer) => {
            let forbidden = answer.forbidden_by_ztso.as_ref().map(|f| f.len().to_string());
            let forbidden = forbidden.unwrap_or_default();
            for model in &answer.models {
                let holds = match model.holds {
                    Holds::Yes => "true",
                    Holds::No => "false",
                    Holds::Unknown => "",
                };
                let (states, satisfying) = (model.states.len(), model.states.positive());
                let row = format!(
                    "{start},{},{},{holds},{states},{satisfying},{forbidden},,,\n",
                    model.model, model.observation
                );
                out.extend_from_slice(row.as_bytes());
            }
        }
        Conclusion::Failed(failure) => {
            let error = &failure.error;
            let message = field(&error.message);
            let row = format!("{start},,,,,,,{},{},{message}\n", error.line, error.column);
            out.extend_from_slice(row.as_bytes());
        }
    }
}

/// Quoted where the format demands it.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
