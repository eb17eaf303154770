//! Where the text of a test comes from.

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
    /// Reads the text.
    ///
    /// # Errors
    /// In words: the file cannot be read, or is not UTF-8.
    pub fn read(&self) -> Result<String, String> {
        let bytes = match &self.origin {
            Origin::File(path) => fs::read(path),
            Origin::Stdin => {
                let mut bytes = Vec::new();
                io::stdin().read_to_end(&mut bytes).map(|_| bytes)
            }
        };
        let bytes = bytes.map_err(|error| format!("cannot be read: {error}"))?;
        String::from_utf8(bytes).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            format!("is not UTF-8: the byte at offset {offset} belongs to no character")
        })
    }
}
