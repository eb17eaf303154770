//! Which implementation an answer comes from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The two implementations, which share no code that decides anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// The machine that builds every global memory order
    #[default]
    Machine,
    /// The checker of candidate executions against the axioms
    Axiomatic,
    /// Both; a difference between them is an internal error
    Both,
}
