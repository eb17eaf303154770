//! One step: an operation is performed, that is appended to the global memory order.
//!
//! This is the dynamic part of the model: rules 2, 3 and 12, the load value and the atomicity axiom, and
//! rules 1 and 13 where an address is computed. `enabled` says which operations can be performed as far as
//! their own hart is concerned, `derive` all that follows from a hart's position besides. `perform`
//! performs one: its `effects` on memory and the `values` that it finds there (`amocas_q` for accesses of 16
//! bytes), and by `coherence` what it means for other harts and for younger operations. `resolve` moves a
//! hart through the forks that are decided by then, and computes addresses; `faults` is about paths that
//! come to no good end. The [`stepper`] is what all of these work with, and [`stop`] why they do not go on.
//!
//! `unused_loads` are those that need not wait for anything.
//!
//! A load that could be performed may also *sleep*: it has then decided to wait for the next store to its
//! bytes.
//!
//! It relies on the layers `compile` and `state`.
//!
//! It does not know which of the operations that can be performed is chosen, nor whether a state was met
//! before: every step that the model allows is one, and nothing is left out.

mod amocas_q;
mod coherence;
mod derive;
pub(super) mod effects;
mod enabled;
mod faults;
mod perform;
mod resolve;
mod stepper;
mod stop;
mod unused_loads;
mod values;

pub(super) use stepper::Stepper;
pub(super) use stop::{Alive, Stop};
