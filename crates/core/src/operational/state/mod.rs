//! What a state is, and what can be asked of it.
//!
//! A state is a row of words whose `layout` a compiled machine gives. A hart's part of it is the number of
//! its [`hart_state`]: its [`position`], that is the point of its paths with all that has happened to it,
//! and everything that follows from that alone. An exploration meets few of these, and each many times: the
//! [`interner`] keeps them under their numbers, with the transitions between them as far as no value has a
//! say.
//!
//! A [`cursor`] is a hart at a position, to ask which operations access which cells (`accesses`) and what
//! the rest of the path may still do (`remaining`) and is still interested in (`computed_values`). A [`view`] reads whole states, and the [`summary`] is
//! what all harts together may still do to memory. A [`hart_set`] names harts that have to be looked at
//! again.
//!
//! It relies on the layer `compile`.
//!
//! It does not know how a hart state is worked out, when an operation may be performed, or what it does:
//! it holds what the layer `step` finds out.

mod accesses;
pub(super) mod computed_values;
mod cursor;
mod hart_set;
mod hart_state;
mod interner;
mod layout;
mod position;
mod remaining;
mod summary;
mod view;

pub(super) use cursor::Cursor;
pub(super) use hart_set::HartSet;
pub(super) use hart_state::{Enabled, HartState, Stage};
pub(super) use interner::{Event, HartStates, SharedHartStates, Transition};
pub(super) use position::{Position, UNKNOWN_ADDRESS};
pub(super) use summary::{EnabledStore, Summary};
pub(super) use view::View;
