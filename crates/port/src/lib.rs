//! Tests of x86 moved to RISC-V by mapping tables, and the tables checked.
//!
//! A [`Map`] says what each construct of x86 becomes: a load, a store, an `mfence`, a locked instruction. [`lower`]
//! makes a test of RISC-V of a test of x86 by it. What the target may do must be among what the source may do under
//! x86-TSO: [`check`](mod@check) compares the two on one test, [`lattice`] makes maps from the weakest to the
//! strongest and looks for those that are sound and no stronger than they have to be, [`programs`] are all small
//! tests of x86.
//!
//! A map is checked, not proved: it is sound on the tests that were looked at. Those that matter are cycles of a few
//! accesses, and of these [`programs`] has all.

#![warn(clippy::print_stdout, clippy::print_stderr)] // the library is silent

pub mod check;
pub mod lattice;
mod lower;
mod map;
pub mod programs;
mod registers;
mod target;

pub use lower::{Lowered, NotLowered, lower};
pub use map::{Construct, Map, Size, Template};
