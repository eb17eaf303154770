//! Outcome sets side by side: what a test comes to on each machine, as data.
//!
//! An [`Answer`] is made from the outcomes of each machine ([`side_by_side`]) or read back from a report.
//! It holds any number of machines in the order asked, each with its own [`Extent`]: that one of them has
//! no answer leaves the others as they are. Invariants: states are sorted and distinct; a machine without
//! an answer has no states; a bounded exploration never claims that something cannot happen. Who wants a
//! machine's states asks [`Answer::reached`], and is told whether they are all.
//!
//! Relies on the test and the linked program for names and types. Does not know how outcomes are found, nor
//! how they are printed.

mod condition;
mod cut;
mod machines;
mod marks;
mod named;
mod naming;
mod on_machines;
mod place_names;
mod side_by_side;
mod states;
mod status;
mod tables;
mod value;
mod verdict;
mod warning;

pub use crate::axiomatic::explain::{Argument, Step};
pub use condition::ConditionText;
pub use cut::{CutLoop, cut_text};
pub use machines::{
    Answer, Difference, Extent, Lacked, MOST_MACHINES, MachineAnswer, MachineStates, Reached,
    Stats, without_execution,
};
pub use named::named_values;
pub use place_names::PlaceNames;
pub use side_by_side::{Found, side_by_side};
pub use states::{Dictionary, States, Unsorted};
pub use status::{Failure, Mistake, Status};
pub use value::{SymbolId, Symbols, Value};
pub use verdict::{Holds, Observation};
pub use warning::Warning;
