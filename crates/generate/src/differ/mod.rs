//! Tests that are found because two models tell them apart.
//!
//! A test tells models apart if some execution is forbidden by one and allowed by the other. What forbids
//! it is a cycle: on each hart a *segment*, accesses whose first is ordered before its last by the model,
//! and between harts a communication. [`segments`] finds the weakest segments that a model orders by asking
//! the model itself; [`necklaces`] combines them into cycles; [`mod@plain`] lists all programs of a few
//! operations besides, for what is no cycle: tearing, failures of SC. Each candidate is put to both models,
//! and is kept if none of its one-step [`weaken`]ings differs.

mod alphabet;
mod canonical;
mod forbid;
mod necklaces;
mod plain;
mod segments;
mod shape;
mod suite;
mod weaken;

#[cfg(test)]
mod tests;

pub use alphabet::{Alphabet, AlphabetError};
pub use suite::{Mode, Request, Synthesised, synthesise};
