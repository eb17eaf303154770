//! A finished report whose tests are read as they are asked for.
//!
//! That of `jsonl` in a file is read line by line, so that reports of millions of tests need no memory;
//! `json`, and what comes through a pipe, is held.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::vec;

use anyhow::Context;

use super::report;
use crate::report::{
    About, End, FinishedReport, Lines, ReadError, is_lines, last_listing, read_report,
};
use crate::results::{Listing, TestReport, shown_path};

/// By as much of its beginning a report is known to be one of `jsonl`: no test is met before.
const HEAD: u64 = 1 << 16;
/// The last line of the report of a shard, which says of what it is a part, has fewer bytes.
const TAIL: u64 = 1 << 12;

/// Bytes of a file that are read at a time.
const PIECE: usize = 1 << 15;

/// A report that is being read.
pub(super) struct ReportFile {
    /// What it says of its run.
    pub(super) about: About,
    /// Of what the shard is a part, if it is the report of one that came to its end.
    pub(super) listing: Option<Listing>,
    /// What is left of its tests.
    pub(super) tests: Tests,
}

/// The tests of a report, in its order.
pub(super) struct Tests {
    path: PathBuf,
    contents: Contents,
}

enum Contents {
    Held { tests: vec::IntoIter<TestReport>, interrupted: bool, listing: Option<Listing> },
    Lines(Box<Lines<BufReader<Reopened>>>),
}

/// A file that is opened for each piece that is read of it: there may be more shards than files may be open.
struct Reopened {
    path: PathBuf,
    read: u64,
}

impl Read for Reopened {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.read))?;
        let read = file.read(into)?;
        self.read += read as u64;
        Ok(read)
    }
}

impl ReportFile {
    /// Opens a report, `-` being standard input.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub(super) fn open(path: &Path) -> anyhow::Result<ReportFile> {
        if let Some(report) = lines(path)? {
            return Ok(report);
        }
        let FinishedReport { about, tests, listing, interrupted } = read(path)?;
        let contents = Contents::Held { tests: tests.into_iter(), interrupted, listing };
        Ok(ReportFile { about, listing, tests: Tests { path: path.to_owned(), contents } })
    }
}

impl Tests {
    /// How the report ends, once its tests are read.
    pub(super) fn end(&self) -> End {
        let (interrupted, listing) = match &self.contents {
            Contents::Held { interrupted, listing, .. } => (*interrupted, *listing),
            Contents::Lines(lines) => (lines.said().interrupted, lines.said().listing),
        };
        match listing {
            _ if interrupted => End::Interrupted,
            Some(listing) => End::Shard(listing),
            None => End::Whole,
        }
    }
}

impl Iterator for Tests {
    type Item = anyhow::Result<TestReport>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.contents {
            Contents::Held { tests, .. } => tests.next().map(Ok),
            Contents::Lines(lines) => lines.next().map(|test| no_report(test, &self.path)),
        }
    }
}

/// Reads all of a report, `-` being standard input.
///
/// # Errors
/// It cannot be read, or is none.
pub(super) fn read(path: &Path) -> anyhow::Result<FinishedReport> {
    no_report(read_report(&report::text(path)?), path)
}

fn no_report<T>(read: Result<T, ReadError>, path: &Path) -> anyhow::Result<T> {
    read.with_context(|| format!("{} is no report", shown_path(path)))
}

/// The report in a file, if that has a line for each test.
fn lines(path: &Path) -> anyhow::Result<Option<ReportFile>> {
    if !path.is_file() {
        return Ok(None);
    }
    let cannot = || format!("{} cannot be read", shown_path(path));
    let mut file = File::open(path).with_context(cannot)?;
    let mut head = Vec::new();
    (&mut file).take(HEAD).read_to_end(&mut head).with_context(cannot)?;
    let head = String::from_utf8_lossy(&head);
    let first = head.lines().next().unwrap_or_default();
    if !first.starts_with("{\"schema\":") || !is_lines(first) {
        return Ok(None);
    }
    let listing = last_line(&mut file).with_context(cannot)?;
    let listing = no_report(listing.map_or(Ok(None), |line| last_listing(&line)), path)?;
    let pieces = BufReader::with_capacity(PIECE, Reopened { path: path.to_owned(), read: 0 });
    let lines = no_report(Lines::new(pieces), path)?;
    let about = lines.said().about.clone();
    let tests = Tests { path: path.to_owned(), contents: Contents::Lines(Box::new(lines)) };
    Ok(Some(ReportFile { about, listing, tests }))
}

/// The last line of a file, if it is whole and short.
fn last_line(file: &mut File) -> io::Result<Option<String>> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    let Some(text) = tail.strip_suffix(b"\n") else { return Ok(None) };
    let line = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(String::from_utf8(line.to_vec()).ok())
}
