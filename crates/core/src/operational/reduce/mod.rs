//! Fewer orders and fewer states, and the same outcomes.
//!
//! The [`expander`] goes from a state to its successors: it `advance`s as far as there is no choice, and
//! puts the `successors` of a choice in the state's place. What it need not try is left out, each reduction
//! with its proof in its module and its switch in
//! [`Reductions`](crate::operational::Reductions):
//!
//! - *Sleeping loads*: a load that can be performed decides at once whether it is performed now or not
//!   before the next store to its bytes. That loses nothing, because performing it anywhere between two
//!   such stores returns the same store's value, and earliest is least restrictive: all that must come
//!   before it has come, and what must come after it can still do so.
//! - `stubborn` sets: of the stores that can be performed few are branched on.
//! - `commuting_amos`: AMOs that count, and whose results nobody asks for, come in one order.
//! - `overwritten_stores`: a store that nobody reads comes right before the one that overwrites it; so that
//!   what comes next is one of a few `moves`.
//! - [`dead_loads`]: a load whose value nobody asks for is left out.
//! - `unused_loads` in the layer `step`: a load whose value nobody asks for, or can be one only, never waits.
//! - `computed_values` in the layer `state`: a key holds what was computed from values, not the values.
//! - [`local_sets`]: instead of one local state of each hart, the set of those that it may be in.
//! - [`twins`]: of harts that are equal, and at the same point, one makes a move.
//! - [`renaming`]: of harts that are equal but for locations of their own, it does not matter who is where.
//! - `early_ends`: a state whose end is known is not followed further.
//! - [`key`]: what cannot matter any more is not part of a state's key.
//!
//! It relies on the layers `compile`, `state` and `step`.
//!
//! It does not know which states were met, on how many threads, and within which limits.

mod advance;
mod commuting_amos;
pub(super) mod dead_loads;
mod early_ends;
mod expander;
mod key;
mod local_sets;
mod moves;
mod overwritten_stores;
mod renaming;
mod stubborn;
mod successors;
mod twins;

pub(super) use expander::{Branch, Expander, Expansion, Retained};
pub(super) use key::{encode_hart, encode_memory};
pub(super) use local_sets::{Links, LocalSets};
pub(super) use renaming::{Renaming, put_in_order};
pub(super) use twins::sort_equal_harts;
