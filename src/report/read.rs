//! Finished reports, `json` or `jsonl`, back to results.

use serde::de::DeserializeOwned;

use super::record::{EndRecord, RunRecord, TestRecord};
use super::{RunOptions, SCHEMA, from_record, version1};
use crate::results::TestReport;

/// A finished report as it was read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FinishedReport {
    /// The options of a `json` report; `jsonl` has none.
    pub options: Option<RunOptions>,
    /// The tests in order.
    pub tests: Vec<TestReport>,
    /// Did the run end before its end?
    pub interrupted: bool,
}

/// Why a report cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// No JSON, or not of the documented form.
    #[error("line {line}, column {column}: {what}")]
    Json {
        /// Line of the report, from 1.
        line: usize,
        /// Byte of the line, from 1.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// Another format, or another version of this one.
    #[error("line {line}: the schema is `{found}`, not `{SCHEMA}` or `{first}`", first = version1::SCHEMA)]
    Schema {
        /// Line of the report, from 1.
        line: usize,
        /// What the report names.
        found: String,
    },
    /// The fields contradict one another.
    #[error("line {line}: {what}")]
    Inconsistent {
        /// Line of the report, from 1.
        line: usize,
        /// What does not fit.
        what: String,
    },
}

/// Reads a report of either kind.
///
/// # Errors
/// See [`ReadError`]. A torn last line of `jsonl` is that of a run that
/// was killed.
pub fn read_report(text: &str) -> Result<FinishedReport, ReadError> {
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    let first = text.lines().next().unwrap_or_default();
    if has_tests(first) || first.trim() == "{" {
        return read_run(text);
    }
    let mut report = FinishedReport::default();
    let whole = text.ends_with('\n');
    let mut lines = text.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        if is_end(line) {
            report.interrupted = true;
        } else if !line.trim().is_empty() {
            match read_line(line, index + 1) {
                Ok(test) => report.tests.push(test),
                Err(ReadError::Json { .. }) if !whole && lines.peek().is_none() && begins(line) => {
                    report.interrupted = true;
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(report)
}

/// Does a report begin in this line that has all tests, whatever blanks were written into it?
fn has_tests(line: &str) -> bool {
    let list = |rest: &str| {
        rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('[').map(|_| ())
    };
    line.match_indices("\"tests\"").any(|(at, key)| list(&line[at + key.len()..]).is_some())
}

/// Is it the beginning of a line of ours, torn off anywhere?
fn begins(line: &str) -> bool {
    let head = "{\"schema\":\"rvlitmus/result/";
    line.starts_with(head) || head.starts_with(line)
}

/// Is it the line that ends an interrupted `jsonl` report?
fn is_end(line: &str) -> bool {
    let known = |schema: &str| [SCHEMA, version1::SCHEMA].contains(&schema);
    line.len() < 100 && serde_json::from_str::<EndRecord>(line).is_ok_and(|end| known(&end.schema))
}

/// Reads one line of `jsonl`.
///
/// # Errors
/// See [`ReadError`].
pub fn read_line(text: &str, line: usize) -> Result<TestReport, ReadError> {
    from_record::test(record::<TestRecord, version1::Test>(text, line)?, line)
}

fn read_run(text: &str) -> Result<FinishedReport, ReadError> {
    let run: RunRecord = record::<_, version1::Run>(text, 1)?;
    let tests = run.tests.into_iter().enumerate();
    let tests = tests.map(|(index, record)| from_record::test(record, index + 2));
    Ok(FinishedReport {
        options: run.options,
        tests: tests.collect::<Result<_, _>>()?,
        interrupted: run.interrupted == Some(true),
    })
}

/// As much of any version of the format as every version has.
#[derive(serde::Deserialize)]
struct Head {
    schema: String,
}

/// Reads a record of either version, as one of today's. Its text begins in line number `start`.
fn record<Today, First>(text: &str, start: usize) -> Result<Today, ReadError>
where
    Today: DeserializeOwned,
    First: DeserializeOwned + Into<Today>,
{
    let wrong = |error| json(start, error);
    // What is ours begins so.
    let ours = text.strip_prefix("{\"schema\":\"").and_then(|text| text.strip_prefix(SCHEMA));
    if ours.is_some_and(|text| text.starts_with('"')) {
        return serde_json::from_str(text).map_err(wrong);
    }
    match serde_json::from_str::<Head>(text).map_err(wrong)?.schema {
        schema if schema == SCHEMA => serde_json::from_str(text).map_err(wrong),
        schema if schema == version1::SCHEMA => {
            serde_json::from_str::<First>(text).map(Into::into).map_err(wrong)
        }
        found => Err(ReadError::Schema { line: start, found }),
    }
}

/// The parser's message without the place that it thinks itself at: its lines are counted from `start`.
fn json(start: usize, error: serde_json::Error) -> ReadError {
    let text = error.to_string();
    let what = text.rfind(" at line ").map_or(text.as_str(), |at| &text[..at]).to_owned();
    ReadError::Json { line: start + error.line().saturating_sub(1), column: error.column(), what }
}
