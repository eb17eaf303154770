//! Why a state, or an exploration, does not go on.

use crate::program::Fault;

/// Is the state still one of a valid execution?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Alive {
    /// As far as is known.
    Yes,
    /// No execution goes through it: drop it.
    No,
}

/// Why an exploration cannot go on as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Stop {
    /// The test has no answer.
    Fault(Fault),
    /// An access of so many bytes at this address cuts a cell: start over with finer cells.
    Refine(u64, u64),
    /// The access of this hart and step turned out to be misaligned, and falls into bytes: start over
    /// with a path for that.
    Split(usize, usize),
    /// A computed jump of this hart comes to a step that no path goes to: start over with paths that do.
    Target(usize, usize),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Fault(fault)
    }
}
