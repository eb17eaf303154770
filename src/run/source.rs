//! Where the text of a test comes from.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rvlitmus_core::litmus::{Diagnostics, decode};

use super::stream::Stream;

/// A place that holds one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// Whatever else has this path, a pipe or a device: its reading may take its time, or never end.
    Stream(PathBuf),
    /// Standard input.
    Stdin,
}

impl Origin {
    /// The path, if there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Origin::File(path) | Origin::Stream(path) => Some(path),
            Origin::Stdin => None,
        }
    }
}

/// One test that a run will read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Where it is.
    pub origin: Origin,
    /// What reports call it: the path as given; inside the only argument, a directory or a list, relative
    /// to it.
    pub shown: String,
}

/// Why a source has no text.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Its bytes cannot be had.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// They do not end.
    #[error(
        "cannot be read: it has more than {0} bytes, which would take more than the memory limit"
    )]
    TooLong(usize),
    /// They do not come.
    #[error("cannot be read: its end did not come within the time limit")]
    Late,
    /// Its bytes are no text.
    #[error(transparent)]
    NoText(#[from] Diagnostics),
}

/// Bytes that there is room for at first: more than most tests have, and as few as allocators are fast with.
const ROOM: usize = 1 << 10;

impl Source {
    /// Is there anything of this path?
    #[must_use]
    pub fn exists(&self) -> bool {
        self.origin.path().is_none_or(Path::exists)
    }

    /// Reads all bytes, unless they are more than `most`. What may take its time is left as soon as
    /// `expired` says so.
    ///
    /// # Errors
    /// The source cannot be read, or a limit is met.
    pub fn read(&self, most: usize, expired: impl Fn() -> bool) -> Result<Vec<u8>, SourceError> {
        let bytes = match &self.origin {
            Origin::File(path) => bytes_of(File::open(path)?, most)?,
            Origin::Stream(path) => {
                let path = path.clone();
                bytes_of(Stream::new(move || File::open(path), expired)?, most)?
            }
            Origin::Stdin => bytes_of(Stream::new(|| Ok(io::stdin()), expired)?, most)?,
        };
        if bytes.len() > most {
            return Err(SourceError::TooLong(most));
        }
        Ok(bytes)
    }

    /// Reads the text, UTF-8 or UTF-16 as [`decode`] has it, however long it is.
    ///
    /// # Errors
    /// The source cannot be read, or is no text.
    pub fn text(&self) -> Result<String, SourceError> {
        let bytes = self.read(usize::MAX, || false)?;
        Ok(decode(&bytes).map(Cow::into_owned)?)
    }
}

/// Reads the text of a path that is no test, however it comes; what does not come within `patience` is left.
///
/// # Errors
/// It cannot be read, is no text, or has more than `most` bytes.
pub fn read_whole(path: &Path, most: u64, patience: Option<Duration>) -> io::Result<String> {
    let origin = match std::fs::metadata(path)?.is_file() {
        true => Origin::File(path.to_owned()),
        false => Origin::Stream(path.to_owned()),
    };
    let start = Instant::now();
    let late = || patience.is_some_and(|patience| start.elapsed() >= patience);
    let source = Source { origin, shown: String::new() };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let bytes = source.read(most, late).map_err(|error| match error {
        SourceError::Unreadable(error) => error,
        SourceError::TooLong(most) => {
            io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {most} bytes"))
        }
        SourceError::Late => {
            io::Error::new(io::ErrorKind::TimedOut, "its end did not come within the time limit")
        }
        SourceError::NoText(mistakes) => io::Error::other(mistakes),
    })?;
    decode(&bytes).map(Cow::into_owned).map_err(io::Error::other)
}

/// All bytes, or one more than `most` of them.
fn bytes_of(reader: impl Read, most: usize) -> Result<Vec<u8>, SourceError> {
    let mut bytes = Vec::with_capacity(ROOM);
    // Without a limit the size of a file would be asked for first.
    match reader.take((most as u64).saturating_add(1)).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Err(SourceError::Late),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn what_does_not_end_is_left() {
        let source =
            |path: &str| Source { origin: Origin::Stream(path.into()), shown: path.to_owned() };
        let long = source("/dev/zero").read(1000, || false).unwrap_err();
        assert!(matches!(long, SourceError::TooLong(1000)), "{long}");
        let (_reader, writer) = io::pipe().unwrap();
        let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&_reader));
        let late = source(&path).read(1000, || true).unwrap_err();
        assert!(matches!(late, SourceError::Late), "{late}");
        drop(writer);
        assert!(source("/dev/null").read(1000, || false).unwrap().is_empty());
    }
}
