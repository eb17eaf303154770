//! Depth-first search over the states of a machine.
//!
//! [`explore`] visits every state that can be reached. It starts on one thread, with one [`worker`]; when
//! that has met many states its stack is handed to several threads (`parallel`, behind the feature of that
//! name). The states with a choice that were met stand in a [`state_table`] by their [`keys`] or, where these take
//! more room than there is, by [`fingerprints`] of them. What is found is
//! a set, so it does not depend on who finds it first. Now and then there is one of the [`attempts`] at a search by sets
//! of local states. [`known_outcomes`] keeps what was found of equal
//! machines. [`Limits`](crate::program::Limits) end a search before its end.
//!
//! It relies on all layers below: what it searches are the successors that the layer `reduce` leaves.
//!
//! It does not know rules, operations or values: a state is a row of words, a key, or final.

mod attempts;
pub(super) mod explore;
mod fingerprints;
mod keys;
pub(super) mod known_outcomes;
mod local_sets;
#[cfg(feature = "parallel")]
mod parallel;
mod state_table;
mod worker;

pub(super) use explore::SearchBuffers;
pub(super) use known_outcomes::KnownOutcomes;
