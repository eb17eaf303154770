//! Where the text of a test comes from.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

/// A place that holds one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

/// One test that a run will read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Where it is.
    pub origin: Origin,
    /// What reports call it: the path as given; inside a directory argument, relative to it.
    pub shown: String,
}

impl Source {
    /// Reads the bytes into `bytes`, whatever was there before.
    ///
    /// # Errors
    /// In words: the file cannot be read.
    pub fn read(&self, bytes: &mut Vec<u8>) -> Result<(), String> {
        bytes.clear();
        let read = match &self.origin {
            // A part of a file is not asked for its size and position first: for files of some hundred
            // bytes that takes longer than reading them.
            Origin::File(path) => {
                File::open(path).and_then(|file| file.take(u64::MAX).read_to_end(bytes))
            }
            Origin::Stdin => io::stdin().read_to_end(bytes),
        };
        read.map(|_| ()).map_err(|error| format!("cannot be read: {error}"))
    }

    /// Reads the text, UTF-8 or UTF-16 as [`crate::litmus::decode`] has it.
    ///
    /// # Errors
    /// In words: the file cannot be read, or is no text.
    pub fn text(&self) -> Result<String, String> {
        let mut bytes = Vec::new();
        self.read(&mut bytes)?;
        crate::litmus::decode(&bytes).map(Cow::into_owned).map_err(|error| error.to_string())
    }
}
