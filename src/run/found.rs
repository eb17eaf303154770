//! What the arguments of a command line lead to.

use std::io;
use std::path::PathBuf;

use rvlitmus_core::litmus::Diagnostics;

use super::Source;
use crate::results::shown_path;

/// What an argument led to.
#[derive(Debug)]
pub enum Found {
    /// A test.
    Test(Source),
    /// Something that is no test.
    Error(FindError),
}

impl Found {
    /// What progress calls it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Found::Test(source) => source.shown.clone(),
            Found::Error(_) => String::new(),
        }
    }
}

/// Why an argument, or a part of it, leads to no test.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// A list or a directory cannot be read.
    #[error("{}: cannot be read: {_1}", shown_path(.0))]
    Unreadable(PathBuf, io::Error),
    /// What is called like a test is a pipe or a device.
    #[error("{}: is neither a file nor a directory", shown_path(.0))]
    NotAFile(PathBuf),
    /// A directory has no test in it.
    #[error("{}: no *.litmus file in it", shown_path(.0))]
    NoTests(PathBuf),
    /// The argument is no file, and not a pattern either.
    #[error("{}: there is no such file, and it is no pattern: {_1}", shown_path(.0))]
    NoPattern(PathBuf, glob::PatternError),
    /// The argument is no file, and as a pattern it matches nothing.
    #[error("{}: there is no such file, and as a pattern it matches no test", shown_path(.0))]
    NoMatch(PathBuf),
    /// A list has no entry.
    #[error("{}: the list names no test", shown_path(.0))]
    EmptyList(PathBuf),
    /// A list leads back to itself.
    #[error("{}: the list includes itself", shown_path(.0))]
    EndlessList(PathBuf),
    /// More lists name one another than is sensible.
    #[error("{}: lists are nested too deeply", shown_path(.0))]
    DeepList(PathBuf),
    /// A list is no text.
    #[error("{}: is no list: {_1}", shown_path(.0))]
    NoText(PathBuf, Diagnostics),
    /// A line of a list is longer than any path.
    #[error("{}: is no list: line {_1} is too long for a path", shown_path(.0))]
    LongLine(PathBuf, usize),
    /// A line of a list is no text.
    #[error("{}: is no list: line {_1} is not UTF-8", shown_path(.0))]
    NoTextLine(PathBuf, usize),
}
