//! What a page shows of a test besides its answer.

use std::sync::Arc;

use rvlitmus_core::answer::Step;
use rvlitmus_core::axiomatic::picture::Picture;

/// The text of a test, and its executions. Only reports that are asked for them have them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Details {
    /// The text.
    pub text: String,
    /// States that the condition asks for and those that tell machines apart, on each machine, as far as a
    /// report has room for them.
    pub executions: Vec<DrawnExecution>,
}

/// An execution that ends in a state, or that would and is forbidden.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DrawnExecution {
    /// Values of the state, as reports print them.
    pub values: Vec<(String, String)>,
    /// The machine.
    pub machine: Arc<str>,
    /// Does the machine allow it?
    pub allowed: bool,
    /// Why it does not; nothing where it does.
    pub because: Vec<Step>,
    /// What is to be drawn.
    pub picture: Picture,
}
