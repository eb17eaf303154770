//! Where the text of a test comes from.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rvlitmus_core::litmus::{Diagnostics, decode};

/// A place that holds one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Whatever has this path.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Origin {
    /// The path, if there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Origin::File(path) => Some(path),
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

    /// Reads all bytes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(&self) -> Result<Vec<u8>, io::Error> {
        let mut bytes = Vec::with_capacity(ROOM);
        match &self.origin {
            // Without a limit the size of the file would be asked for first.
            Origin::File(path) => File::open(path)?.take(u64::MAX).read_to_end(&mut bytes)?,
            Origin::Stdin => io::stdin().read_to_end(&mut bytes)?,
        };
        Ok(bytes)
    }

    /// Reads the text, UTF-8 or UTF-16 as [`decode`] has it.
    ///
    /// # Errors
    /// The file cannot be read, or is no text.
    pub fn text(&self) -> Result<String, SourceError> {
        Ok(decode(&self.read()?).map(Cow::into_owned)?)
    }
}
