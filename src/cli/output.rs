//! Writing to files, standard output and standard error.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context;

use super::exit::Outcome;

/// Where results go: a file, or standard output without one.
///
/// # Errors
/// The file cannot be created.
pub(super) fn open(path: Option<&Path>) -> anyhow::Result<BufWriter<Box<dyn Write>>> {
    let sink: Box<dyn Write> = match path {
        Some(path) => Box::new(
            File::create(path).with_context(|| format!("{} cannot be created", path.display()))?,
        ),
        None => Box::new(io::stdout()),
    };
    Ok(BufWriter::with_capacity(1 << 18, sink))
}

/// One message to standard error. There is nobody to tell when that fails.
pub(super) fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "rvlitmus: {message}");
}

/// Text to standard error.
pub(super) fn say(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Prints a whole result to standard output.
///
/// # Errors
/// It cannot be written.
pub(super) fn print(text: &str) -> anyhow::Result<Outcome> {
    io::stdout().write_all(text.as_bytes()).context("standard output cannot be written")?;
    Ok(Outcome::AsExpected)
}

/// The reader of our output has gone, which is its right.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
