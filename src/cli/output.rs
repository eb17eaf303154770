//! Writing to files, standard output and standard error.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::exit::Outcome;
use crate::run::{Found, find};

/// The file that an option names for output: `-` is standard output, as it is without the option.
pub(super) fn file(option: Option<&PathBuf>) -> Option<&Path> {
    option.map(PathBuf::as_path).filter(|path| *path != Path::new("-"))
}

/// Where results go: a file, or standard output without one. The file is created when something is
/// written: until then what was there before stays.
///
/// # Errors
/// The file could not be created.
pub(super) fn open(path: Option<&Path>) -> anyhow::Result<BufWriter<Box<dyn Write>>> {
    let sink: Box<dyn Write> = match path {
        Some(path) => {
            check(path).with_context(|| format!("{} cannot be created", path.display()))?;
            Box::new(Later::Path(path.to_owned()))
        }
        None => Box::new(io::stdout()),
    };
    Ok(buffered(sink))
}

/// Results are written in large pieces: a file system has half as much to do with them as with pieces of
/// some ten thousand bytes.
pub(super) fn buffered(sink: Box<dyn Write>) -> BufWriter<Box<dyn Write>> {
    BufWriter::with_capacity(1 << 19, sink)
}

/// A file that is created by the first write to it.
enum Later {
    Path(PathBuf),
    File(File),
}

impl Later {
    fn file(&mut self) -> io::Result<&mut File> {
        if let Later::Path(path) = self {
            *self = Later::File(File::create(path)?);
        }
        match self {
            Later::File(file) => Ok(file),
            Later::Path(_) => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Write for Later {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Later::Path(_) => Ok(()),
            Later::File(file) => file.flush(),
        }
    }
}

/// Could a file be created, or written over? It is better to know before a long run. Only regular files
/// are opened for it: a pipe's reader would notice.
fn check(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(there) if there.is_file() || there.is_dir() => {
            File::options().write(true).open(path).map(drop)
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            tempfile::tempfile_in(folder_of(path)).map(drop)
        }
        Err(error) => Err(error),
    }
}

/// Refuses an output that is one of the tests, or a list of them.
///
/// # Errors
/// It is.
pub(super) fn is_no_input(path: &Path, tests: &[String]) -> anyhow::Result<()> {
    let Ok(output) = path.canonicalize() else { return Ok(()) };
    if !output.is_file() {
        return Ok(());
    }
    let same = |input: &Path| {
        (input.file_name() == output.file_name() || input.is_symlink())
            && input.canonicalize().is_ok_and(|input| input == output)
    };
    let listed = |test: &&String| test.strip_prefix('@').is_some_and(|list| same(Path::new(list)));
    let directly = |test: &&String| same(Path::new(test.as_str()));
    // What is not called like a test is found in no directory, and standard input can be read only once.
    let mut lists = tests.iter().filter_map(|test| test.strip_prefix('@'));
    let once = lists.any(|list| !Path::new(list).is_file());
    let named = output.extension().is_some_and(|extension| extension == "litmus");
    let search = !once && (named || tests.iter().any(|test| test.starts_with('@')));
    let found = || {
        find(tests).any(|found| match found {
            Found::Test(source) => source.origin.path().is_some_and(same),
            Found::Error(_) => false,
        })
    };
    let refused = tests.iter().any(|test| listed(&test) || directly(&test)) || search && found();
    anyhow::ensure!(!refused, "{} is one of the inputs: it is not written over", path.display());
    Ok(())
}

/// Writes a file as a whole or not at all: what was there before stays until all is written.
///
/// # Errors
/// It cannot be written.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rvlitmus");
    let before = fs::metadata(&target).ok().map(|metadata| metadata.permissions());
    #[cfg(unix)]
    let created = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(created);
    let mut fresh = builder.tempfile_in(folder_of(&target))?;
    fresh.write_all(bytes)?;
    if let Some(before) = before {
        fresh.as_file().set_permissions(before)?;
    }
    fresh.as_file().sync_data()?;
    fresh.persist(&target).map_err(|error| error.error)?;
    Ok(())
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
