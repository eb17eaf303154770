//! The formats, and how the pieces of single tests become one output.

use std::io::{self, Write};

use super::out::Out;
use super::record::{ListingRecord, RunLine};
use super::verdicts::{List, Verdicts};
use super::visible::visible_report;
use super::{RunOptions, SCHEMA, csv, herd, html, json, junit, markdown, summary, table};
use crate::results::{Listing, Shard, Tally, TestReport};

/// An output format.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum Format {
    /// For people: states with a mark per machine, and a summary
    #[default]
    Table,
    /// The log that herd7 prints; for one machine
    Herd,
    /// One JSON object for the run
    Json,
    /// One JSON object per test and line
    Jsonl,
    /// Markdown tables
    Markdown,
    /// JUnit XML: one test case per test and machine
    Junit,
    /// Verdicts as comma-separated values
    Csv,
    /// A page for browsers, complete in one file: a list to filter and sort, states, reasons, pictures
    Html,
}

/// How much a format for people says of each test.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Detail {
    /// Every state.
    #[default]
    States,
    /// One line.
    Verdicts,
}

/// One test in one format.
#[derive(Debug)]
pub enum Piece {
    /// Text that stands between those of its neighbours.
    Text(Vec<u8>),
    /// A line of a list of verdicts.
    Verdicts(Verdicts),
    /// A test of a page.
    Entry(Box<html::Entry>),
    /// A suite of a JUnit report, whose head counts.
    Suite(junit::Suite),
    /// A test of so many states that its text is better written while it is made.
    Long(Box<TestReport>),
}

impl Piece {
    /// Bytes of memory that it takes, roughly.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Piece::Text(text) => text.capacity(),
            Piece::Verdicts(verdicts) => verdicts.size(),
            Piece::Suite(suite) => suite.size(),
            Piece::Entry(entry) => entry.size(),
            Piece::Long(report) => BYTES_OF_STATE * states(report),
        }
    }
}

/// Makes pieces; shared by all threads.
#[derive(Clone, Copy, Debug)]
pub struct Renderer {
    /// Which format.
    pub format: Format,
    /// How much, for `table` and `markdown`.
    pub detail: Detail,
    /// Whether escape sequences for colour are written, in `table`.
    pub color: bool,
}

/// A test with more states is long.
const LONG: usize = 1 << 15;
/// What a state takes in memory, roughly.
const BYTES_OF_STATE: usize = 32;

fn states(report: &TestReport) -> usize {
    report.answer().map_or(0, |answer| answer.states.len())
}

impl Renderer {
    /// Are the warnings of a test part of its piece? herd's log and lists of verdicts have no place for them.
    #[must_use]
    pub fn shows_warnings(&self) -> bool {
        let list = matches!(self.format, Format::Table | Format::Markdown);
        self.format != Format::Herd && !(list && self.detail == Detail::Verdicts)
    }

    /// The piece of one test. `room` is for its text, whatever was in it before: memory is had more
    /// quickly from a piece that is written than from an allocator.
    #[must_use]
    pub fn piece(&self, report: TestReport, room: Vec<u8>) -> Piece {
        let report = match self.format {
            Format::Json | Format::Jsonl => report,
            _ => visible_report(report),
        };
        match self.format {
            Format::Junit => Piece::Suite(junit::Suite::of(&report)),
            Format::Html => Piece::Entry(Box::new(html::Entry::of(report))),
            _ if self.is_list() => Piece::Verdicts(Verdicts::of(&report)),
            _ if states(&report) > LONG => Piece::Long(Box::new(report)),
            _ => Piece::Text(self.text(&report, room)),
        }
    }

    /// Is there a line for each test?
    fn is_list(&self) -> bool {
        self.detail == Detail::Verdicts && matches!(self.format, Format::Table | Format::Markdown)
    }

    /// Everything of one test, all of it in memory. JUnit and HTML have no such text.
    #[must_use]
    pub fn text(&self, report: &TestReport, room: Vec<u8>) -> Vec<u8> {
        let mut out = Out::in_memory(room);
        self.write(report, &mut out);
        std::mem::take(&mut out)
    }

    fn write(&self, report: &TestReport, out: &mut Out<'_>) {
        match self.format {
            Format::Table => table::write_test(report, self.color, out),
            Format::Herd => herd::write_test(report, out),
            Format::Json => json::write_test(report, out),
            Format::Jsonl => {
                json::write_test(report, out);
                out.push(b'\n');
            }
            Format::Markdown => markdown::write_test(report, out),
            Format::Csv => csv::write_test(report, out),
            Format::Junit | Format::Html => {}
        }
    }
}

/// What a report says of its run, before its tests. `json` says all of it, `jsonl` that of a shard.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct About {
    /// What the tests were run with, where that is known.
    pub options: Option<RunOptions>,
    /// Which part of a run's tests they are; `None` for all.
    pub shard: Option<Shard>,
}

/// How a report ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// Every test is in it.
    Whole,
    /// Every test of a shard is, of tests listed so.
    Shard(Listing),
    /// The run was ended before its end: tests are missing.
    Interrupted,
}

/// Joins pieces in order, and keeps none in memory.
pub struct Writer<W> {
    renderer: Renderer,
    out: W,
    pieces: usize,
    suites: junit::Aside,
    page: Box<html::Page>,
    list: List,
}

impl<W: Write> Writer<W> {
    /// Starts an output.
    ///
    /// # Errors
    /// `out` cannot be written to; so for the other methods.
    pub fn new(renderer: Renderer, about: &About, mut out: W) -> io::Result<Writer<W>> {
        let About { options, shard } = about;
        let mut page = Box::default();
        match renderer.format {
            Format::Html => page = Box::new(html::Page::begin(options.as_ref(), &mut out)?),
            Format::Json => {
                write!(out, "{{\"schema\":\"{SCHEMA}\",")?;
                if let Some(options) = options {
                    write!(out, "\"options\":{},", serde_json::to_string(options)?)?;
                }
                if let Some(shard) = shard {
                    write!(out, "\"shard\":\"{shard}\",")?;
                }
                out.write_all(b"\"tests\":[")?;
            }
            Format::Jsonl => {
                if let Some(shard) = shard {
                    let (shard, options) = (Some(shard.to_string()), options.clone());
                    line(RunLine { shard, options, ..RunLine::default() }, &mut out)?;
                }
            }
            Format::Csv => csv::write_head(&mut out)?,
            _ => {}
        }
        let (suites, list) = (junit::Aside::new(), List::new(renderer));
        Ok(Writer { renderer, out, pieces: 0, suites, page, list })
    }

    /// Adds the next test. Returns the room of its text, for another.
    ///
    /// # Errors
    /// See [`Writer::new`].
    pub fn piece(&mut self, piece: Piece) -> io::Result<Vec<u8>> {
        if self.renderer.format == Format::Json {
            self.out.write_all(if self.pieces > 0 { b",\n" } else { b"\n" })?;
        }
        self.pieces += 1;
        match piece {
            Piece::Text(text) => {
                self.out.write_all(&text)?;
                Ok(text)
            }
            Piece::Verdicts(verdicts) => {
                self.list.push(verdicts, &mut self.out)?;
                Ok(Vec::new())
            }
            Piece::Entry(entry) => {
                self.page.push(*entry, &mut self.out)?;
                Ok(Vec::new())
            }
            Piece::Suite(suite) => {
                self.suites.push(&suite)?;
                Ok(Vec::new())
            }
            Piece::Long(report) => {
                let mut out = Out::to(&mut self.out);
                self.renderer.write(&report, &mut out);
                out.finish()
            }
        }
    }

    /// Hands what is written so far to the system.
    ///
    /// # Errors
    /// See [`Writer::new`].
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Ends the output.
    ///
    /// # Errors
    /// See [`Writer::new`].
    pub fn finish(mut self, tally: &Tally, end: End) -> io::Result<W> {
        let interrupted = end == End::Interrupted;
        if self.renderer.is_list() {
            self.list.finish(&mut self.out)?;
        }
        match self.renderer.format {
            Format::Table => {
                summary::write_table(tally, interrupted, self.renderer.color, &mut self.out)?;
            }
            Format::Markdown => summary::write_markdown(tally, interrupted, &mut self.out)?,
            Format::Html => self.page.finish(tally, interrupted, &mut self.out)?,
            Format::Json => match end {
                End::Whole => self.out.write_all(b"\n]}\n")?,
                End::Interrupted => self.out.write_all(b"\n],\"interrupted\":true}\n")?,
                End::Shard(listing) => {
                    let listing = serde_json::to_string(&ListingRecord::from(listing))?;
                    writeln!(self.out, "\n],\"listing\":{listing}}}")?;
                }
            },
            Format::Junit => {
                if interrupted {
                    self.suites.push(&junit::Suite::interrupted())?;
                }
                self.suites.write(&mut self.out)?;
            }
            Format::Jsonl => {
                let (listing, interrupted) = match end {
                    End::Whole => (None, None),
                    End::Shard(listing) => (Some(listing.into()), None),
                    End::Interrupted => (None, Some(true)),
                };
                if end != End::Whole {
                    line(RunLine { listing, interrupted, ..RunLine::default() }, &mut self.out)?;
                }
            }
            Format::Herd if interrupted => writeln!(self.out, "Interrupted: tests are missing")?,
            Format::Csv if interrupted => csv::write_interrupted(&mut self.out)?,
            Format::Herd | Format::Csv => {}
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Writes a line of `jsonl` that is of no test.
fn line(line: RunLine, out: &mut impl Write) -> io::Result<()> {
    let line = RunLine { schema: SCHEMA.to_owned(), ..line };
    writeln!(out, "{}", serde_json::to_string(&line)?)
}
