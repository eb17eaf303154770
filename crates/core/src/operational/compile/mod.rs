//! The lowest layer: a program made ready for exploration.
//!
//! `unfold` runs each hart's code once on expressions (`expr`) and makes a `tree` of straight paths of it:
//! whatever a path does is then a list of memory operations with their dependencies, and no other layer
//! looks at an instruction again. `cells` cuts memory into pieces that every access takes whole. A
//! [`hart`] is its tree and what stands beside it: the cells of its operations, the [`facts`] of its nodes,
//! which `gather` finds, and the `masks`, which say for each operation what must be performed before it.
//! A memory model is nothing but a choice of these masks: Ztso and RVWMO are the same [`machine`] with
//! other masks, hart by hart. `equal_harts` finds the harts that can be exchanged, `similar_harts` those that can be
//! together with locations of their own.
//!
//! Everything is generic over the width of a [`set`], and small: a test of the usual size needs one word.
//! `description` writes down all of a machine that a search looks at, so that equal ones can be known
//! again, in the short form of `encode`. [`reductions`] are the switches that all layers are given.
//!
//! It relies on the linked [`Program`](crate::program::Program) and on the rules and annotations of
//! [`crate::model`].
//!
//! It does not know what a state is, which operation is performed when, or how anything is searched.

mod cells;
mod description;
mod encode;
mod equal_harts;
mod expr;
mod facts;
mod gather;
mod hart;
mod machine;
mod masks;
pub(super) mod reductions;
mod set;
mod similar_harts;
mod stored;
mod tree;
mod unfold;

pub(super) use cells::{CellSpan, low_bytes};
pub(super) use description::Description;
pub(super) use encode::{push, push_set};
pub(super) use expr::{ExprId, Exprs, Possible};
pub(super) use facts::{CellUsers, NodeFacts, PlaceFacts, SimpleAccess};
pub(super) use hart::CompiledHart;
pub(super) use machine::{CompiledMachine, FinalValue, MachineBuffers, ModelChange};
pub(super) use reductions::{Reductions, Refinement, Use};
pub(super) use set::{Set, WideSet, mix};
pub(super) use similar_harts::SimilarHarts;
pub(super) use tree::{Address, Check, Choice, End, Fork, Guard, High, Node, NodeId, Op};
pub(super) use unfold::reservation_covers;
