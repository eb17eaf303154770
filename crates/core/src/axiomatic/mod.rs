//! The second engine: candidate executions checked against the axioms.
//!
//! It shares nothing with the operational engine but the actions of harts, the annotations and the program.
//! [`interpreter`] gives the traces that each hart can have, [`ppo`] their preserved program order, [`axioms`]
//! the other axioms and the proof that they are the manual's, and [`search`] puts executions together.
//! [`decide`] puts one question to a solver, without listing states. [`check`] accepts or refuses the evidence
//! that [`explain`] and [`decide`] find.
//!
//! Not modelled: I/O, instruction fetch, page-table walks, vector and CSR accesses.

pub mod axioms;
mod byte_sources;
pub mod candidate;
pub mod check;
pub mod decide;
pub mod evidence;
pub mod explain;
pub mod footprint;
mod interpreter;
mod outcomes;
pub mod picture;
pub mod ppo;
pub mod relation;
mod search;
pub mod trace;

pub use outcomes::outcomes;
