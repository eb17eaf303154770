//! The operational engine: every outcome of a program, by building global memory orders.
//!
//! The global memory order is explored directly. A memory operation is *performed*, that is appended
//! to the order, once everything that precedes it in preserved program order has been; a load takes
//! its value by the load value axiom, forwarding included. The state holds what can still matter and
//! no history, so that the cost grows with distinct states, not with executions.
//!
//! # Layers
//!
//! Each layer uses those above it in this table, and knows nothing of those below.
//!
//! | layer | what it is |
//! |---|---|
//! | `compile` | a program as trees of straight paths, and a memory model as a mask for each operation |
//! | `state` | a state of all harts and memory, and what can be asked of it |
//! | `step` | the rules of the model that depend on the execution: what one operation does |
//! | `reduce` | which of the steps are taken, and which states are one and the same |
//! | `search` | the depth-first search, on one thread or several, its limits, and what it found before |
//!
//! [`Explorer`] puts them together: it compiles a program once, with sets of the smallest width that it
//! fits into, and searches under one choice of models after the other.
//!
//! There is no state of the process: what explorations leave for one another, the [`KnownOutcomes`] of
//! equal machines and the allocations in [`Buffers`], belongs to the caller, who hands it over in a
//! [`Workspace`].
//!
//! Not modelled: see [`crate::model`]. Limits of the representation are [`Fault::TooLarge`], never a
//! wrong answer.

mod compile;
mod explorer;
mod reduce;
mod search;
mod state;
mod step;

use crate::model::{BaseModel, Options};
use crate::program::{Fault, Outcomes, Program};

pub use crate::program::Limits;

pub use compile::reductions::{Reductions, Use};
pub use explorer::{Buffers, Explorer, Workspace};
pub use search::known_outcomes::KnownOutcomes;

/// Finds every outcome of `program` when hart `i` follows `models[i]`, with all reductions.
///
/// # Errors
/// As [`Explorer::new`] and [`Explorer::outcomes`].
pub fn explore(
    program: &Program,
    models: &[BaseModel],
    options: &Options,
    limits: Limits<'_>,
) -> Result<Outcomes, Fault> {
    let workspace = Workspace::default();
    Explorer::within(program, options, Reductions::default(), workspace, limits)?
        .outcomes(models, limits)
}
