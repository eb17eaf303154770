//! Where the text of a test comes from.

use std::borrow::Cow;
use std::fs;
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
    /// Reads the bytes.
    ///
    /// # Errors
    /// In words: the file cannot be read.
    pub fn read(&self) -> Result<Vec<u8>, String> {
        let bytes = match &self.origin {
            Origin::File(path) => fs::read(path),
            Origin::Stdin => {
                let mut bytes = Vec::new();
                io::stdin().read_to_end(&mut bytes).map(|_| bytes)
            }
        };
        bytes.map_err(|error| format!("cannot be read: {error}"))
    }

    /// Reads the text, UTF-8 or UTF-16 as [`crate::litmus::decode`] has it.
    ///
    /// # Errors
    /// In words: the file cannot be read, or is no text.
    pub fn text(&self) -> Result<String, String> {
        let bytes = self.read()?;
        crate::litmus::decode(&bytes).map(Cow::into_owned).map_err(|error| error.to_string())
    }
}
