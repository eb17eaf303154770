//! Writing to files, standard output and standard error.

mod file;
mod outputs;

use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context;

pub(super) use file::{Output, replace};
pub(super) use outputs::Outputs;

use super::exit::Outcome;
use rvlitmus_core::litmus::visible_lines;

/// Results are written in large pieces: a file system has half as much to do with them as with pieces of
/// some ten thousand bytes.
pub(super) fn buffered<W: Write>(sink: W) -> BufWriter<W> {
    BufWriter::with_capacity(1 << 19, sink)
}

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// One message to standard error. There is nobody to tell when that fails.
pub(super) fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "rvlitmus: {}", visible_lines(message));
}

/// Text to standard error, in which colours may stand.
pub(super) fn say(text: &str) {
    let _ = io::stderr().write_all(without_commands(text).as_bytes());
}

/// Lines to standard error that a CI log is to obey.
pub(super) fn command(lines: &str) {
    let _ = io::stderr().write_all(lines.as_bytes());
}

/// Text of which a terminal and a CI log obey colours alone.
fn without_commands(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        let length = rest[at + 2..].find(|c: char| !(c.is_ascii_digit() || c == ';'));
        let end = length.map(|length| at + 2 + length).filter(|end| rest[*end..].starts_with('m'));
        let end = end.map_or(at + 2, |end| end + 1);
        safe += &visible_lines(&rest[..at]);
        safe += &match rest[..end].ends_with('m') {
            true => rest[at..end].to_owned(),
            false => visible_lines(&rest[at..end]),
        };
        rest = &rest[end..];
    }
    safe + &visible_lines(rest)
}

/// Prints a whole result to standard output.
///
/// # Errors
/// It cannot be written.
pub(super) fn print(text: &str) -> anyhow::Result<Outcome> {
    let mut out = io::stdout();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.context("standard output cannot be written")?;
    Ok(Outcome::AsExpected)
}

/// Prints help, or the version.
///
/// # Errors
/// It cannot be written.
pub(super) fn print_clap(text: &clap::Error) -> anyhow::Result<Outcome> {
    let written = text.print().and_then(|()| io::stdout().flush());
    written.context("standard output cannot be written")?;
    Ok(Outcome::AsExpected)
}

/// Prints a whole result whose outcome is known. That is the same whether or not somebody reads the
/// text to its end.
///
/// # Errors
/// It cannot be written, though somebody reads it.
pub(super) fn print_known(text: &str, outcome: Outcome) -> anyhow::Result<Outcome> {
    match print(text) {
        Err(error) if !is_broken_pipe(&error) => Err(error),
        _ => Ok(outcome),
    }
}

/// An error with its causes, each once: some messages hold those of their causes.
pub(super) fn causes(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.ends_with(&cause) {
            told += &format!(": {cause}");
        }
    }
    told
}

/// The reader of our output has gone, which is its right.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
