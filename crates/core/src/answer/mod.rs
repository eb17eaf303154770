//! Outcome sets side by side: what a run says of one test, as data.
//!
//! A [`TestReport`] is made from a linked program and the outcomes of each model ([`side_by_side`]),
//! or read back from a finished report. It holds what every output format prints and nothing that a
//! format could not be rebuilt from. Invariants: states are sorted and distinct; a report that failed
//! has no states; a bounded exploration never claims that something cannot happen.
//!
//! Knows nothing of how outcomes are found, nor of how they are printed.

mod because;
mod column;
mod condition;
mod cut;
mod engine;
mod fingerprint;
mod marks;
mod named;
mod naming;
mod place_names;
mod side_by_side;
mod states;
mod status;
mod tables;
mod test_report;
mod value;
mod verdict;

pub use because::{Argument, give_reasons};
pub use column::Column;
pub use condition::ConditionText;
pub use cut::{CutLoop, cut_text};
pub use engine::Engine;
pub use fingerprint::Fingerprint;
pub use named::named_values;
pub use place_names::PlaceNames;
pub use side_by_side::{ModelOutcomes, side_by_side};
pub use states::{Dictionary, States, Unsorted};
pub use status::{Failure, Mistake, Status};
pub use test_report::{
    Answer, Conclusion, Forbidden, ModelReport, Reason, RequestRecord, Stats, TestReport, VmReport,
};
pub use value::{SymbolId, Symbols, Value};
pub use verdict::{Holds, Observation};
