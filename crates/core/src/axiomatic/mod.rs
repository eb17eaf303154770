//! The second engine: candidate executions checked against the axioms.
//!
//! It shares nothing with the operational engine but the instruction tables, the annotations and the
//! program. Values come from [`pool`], traces from [`run`], preserved program order from [`ppo`], the
//! other axioms and the proof that they are the manual's from [`axioms`], and [`search`] puts them
//! together.
//!
//! Not modelled: misaligned accesses (an error when one is reached), I/O, instruction fetch, page-table
//! walks, vector and CSR accesses.

pub mod axioms;
pub mod candidate;
pub mod check;
pub mod evidence;
pub mod explain;
mod final_state;
pub mod footprint;
mod order;
mod outcomes;
mod overlay;
mod partial;
pub mod picture;
mod pool;
pub mod ppo;
pub mod relation;
mod run;
mod search;
mod supply;
pub mod trace;

pub use outcomes::outcomes;
