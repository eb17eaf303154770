//! Finished reports, `json` or `jsonl`, back to results.

use std::io::{self, BufRead};

use serde::de::DeserializeOwned;

use super::record::{ListingRecord, RunLine, RunRecord, TestRecord};
use super::{About, SCHEMA, from_record, version1};
use crate::results::{Fingerprint, Listing, Shard, ShardTests, TestReport};

/// A finished report as it was read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FinishedReport {
    /// What it says of its run: of `jsonl` that of a shard alone.
    pub about: About,
    /// The tests in order.
    pub tests: Vec<TestReport>,
    /// Of what the shard is a part, if the report is that of a shard that came to its end.
    pub listing: Option<Listing>,
    /// Did the run end before its end?
    pub interrupted: bool,
}

/// Why a report cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Its bytes cannot be had, or are no text.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
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
    if !is_lines(text.lines().next().unwrap_or_default()) {
        return read_run(text);
    }
    let mut lines = Lines::new(text.as_bytes())?;
    let tests = lines.by_ref().collect::<Result<_, _>>()?;
    Ok(FinishedReport { tests, ..lines.said })
}

/// Is it the first line of a report that has a line for each test?
#[must_use]
pub fn is_lines(first: &str) -> bool {
    !has_tests(first) && first.trim() != "{"
}

/// The tests of a report of `jsonl`, read as they are asked for.
#[derive(Debug)]
pub struct Lines<R> {
    lines: R,
    /// The line that is read next, with its end, and its number; empty at the end.
    next: String,
    number: usize,
    said: FinishedReport,
}

impl<R: BufRead> Lines<R> {
    /// Begins a report; what its first line says of the run is known then.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn new(lines: R) -> Result<Lines<R>, ReadError> {
        let said = FinishedReport::default();
        let mut lines = Lines { lines, next: String::new(), number: 0, said };
        lines.advance()?;
        if let Some(said) = run_line(&lines.next) {
            lines.said.hear(said, 1)?;
            lines.advance()?;
        }
        Ok(lines)
    }

    /// What the report said of its run, up to the test that was read last. Its tests are not in it.
    pub fn said(&self) -> &FinishedReport {
        &self.said
    }

    fn advance(&mut self) -> io::Result<()> {
        self.next.clear();
        self.number += 1;
        self.lines.read_line(&mut self.next).map(drop)
    }

    /// The next test, if there is one.
    fn test(&mut self) -> Result<Option<TestReport>, ReadError> {
        let mut test = None;
        while test.is_none() && !self.next.is_empty() {
            if let Some(said) = run_line(&self.next) {
                self.said.hear(said, self.number)?;
            } else if !self.next.trim().is_empty() {
                match read_line(self.next.trim_end(), self.number) {
                    Ok(read) => test = Some(read),
                    // The last one.
                    Err(ReadError::Json { .. })
                        if !self.next.ends_with('\n') && begins(&self.next) =>
                    {
                        self.said.interrupted = true;
                    }
                    Err(error) => return Err(error),
                }
            }
            self.advance()?;
        }
        // A shard that came to its end says so.
        let FinishedReport { about, listing, interrupted, .. } = &mut self.said;
        *interrupted |= test.is_none() && about.shard.is_some() && listing.is_none();
        Ok(test)
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<TestReport, ReadError>;

    /// An error is the last item.
    fn next(&mut self) -> Option<Self::Item> {
        let test = self.test();
        if test.is_err() {
            self.next.clear();
        }
        test.transpose()
    }
}

/// Of what the shard is a part, as the last line of its report says.
///
/// # Errors
/// See [`ReadError`].
pub fn last_listing(line: &str) -> Result<Option<Listing>, ReadError> {
    let said = run_line(line).and_then(|said| said.listing);
    said.map(|record| listing(&record, 0)).transpose()
}

impl FinishedReport {
    /// Takes in a line that is of no test.
    fn hear(&mut self, said: RunLine, line: usize) -> Result<(), ReadError> {
        let wrong = |what: &str| ReadError::Inconsistent { line, what: what.to_owned() };
        if self.listing.is_some() || said.shard.is_some() && self.about.shard.is_some() {
            return Err(wrong("another report begins here: name each by itself"));
        }
        if let Some(text) = said.shard {
            self.about = About { options: said.options, shard: Some(shard(&text, line)?) };
        }
        self.listing = said.listing.map(|record| listing(&record, line)).transpose()?;
        self.interrupted |= said.interrupted == Some(true);
        Ok(())
    }
}

fn shard(text: &str, line: usize) -> Result<Shard, ReadError> {
    text.parse()
        .map_err(|_| ReadError::Inconsistent { line, what: format!("`{text}` is no shard") })
}

fn listing(record: &ListingRecord, line: usize) -> Result<Listing, ReadError> {
    let digest = |text: &str| {
        let wrong = || ReadError::Inconsistent { line, what: "the digest is none".to_owned() };
        Fingerprint::parse(text).ok_or_else(wrong)
    };
    let ListingRecord { tests, digest: of_run, own } = record;
    let own = ShardTests { count: own.count, digest: digest(&own.digest)? };
    Ok(Listing { tests: *tests, digest: digest(of_run)?, own })
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

/// What a line of a `jsonl` report says of the run, if it is of no test.
fn run_line(line: &str) -> Option<RunLine> {
    if line.contains("\"path\"") {
        return None;
    }
    let said: RunLine = serde_json::from_str(line).ok()?;
    let known = [SCHEMA, version1::SCHEMA].contains(&said.schema.as_str());
    let any = said.interrupted == Some(true) || said.shard.is_some() || said.listing.is_some();
    (known && any).then_some(said)
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
    let shard = run.shard.map(|text| shard(&text, 1)).transpose()?;
    let unfinished = shard.is_some() && run.listing.is_none();
    Ok(FinishedReport {
        about: About { options: run.options, shard },
        tests: tests.collect::<Result<_, _>>()?,
        listing: run.listing.map(|record| listing(&record, 1)).transpose()?,
        interrupted: unfinished || run.interrupted == Some(true),
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
