//! What looks wrong with a test that can be run.

use std::fmt;

/// A slip, and where it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    /// Line of the test, from 1; nothing where the test as a whole is meant.
    pub line: Option<u32>,
    /// What looks wrong, and what comes of it.
    pub message: String,
}

/// `line 5: 1:x9 is never written by P1 and not set in the init section: it is always 0`.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}
