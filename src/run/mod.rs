//! Finding tests and running many of them: in parallel, in order, each within its limits.
//!
//! [`find`] lists the tests of the command line lazily, [`Listings`] those of a shard; [`run_test`] takes one of them from its file to its
//! report, by way of the library's session; [`run_all`] does any task for many tests and hands results on
//! in the order of the input, whatever order they were computed in. Memory holds a bounded number of
//! results, not all of them.
//!
//! Knows nothing of output formats: what becomes of a result is the caller's.

mod advise;
mod basic_outcomes;
mod details;
mod directory;
mod emit;
mod explain;
mod find;
mod found;
mod lists;
mod machines;
mod memo;
mod migrate;
mod observed;
mod phases;
mod port;
mod rendered;
mod rules;
mod run_memory;
mod runner;
mod select;
mod setup;
mod shard;
mod source;
mod stream;
mod test;
pub mod usage;

pub use advise::{AdviceRequest, Advised, advise_test, advise_text};
pub use basic_outcomes::{BasicOutcome, basic_outcomes};
pub use details::executions;
pub use emit::{Emitted, emit_test};
pub use explain::{Ended, Explained, Question, Unexplained, explain_test};
pub use find::{find, inputs};
pub use found::{FindError, Found};
pub use memo::{Identity, Memo};
pub use migrate::{MigratedTest, Move, TestChange, migrate_test};
pub use observed::{IsReached, Reachable, reachable};
pub use phases::PhaseTimes;
pub use port::{Ported, lower_test, port_test};
pub use rules::{Dependence, RuleUse, rule_use, without_each_rule};
pub use run_memory::RunMemory;
pub use runner::{Job, Progress, Stopped, run_all};
pub use select::{Filter, Near, Selection, SelectionError};
pub use setup::{Setup, VmChoice};
pub use shard::{Listed, Listings, Sharding};
pub use source::{Origin, Source, SourceError, read_whole};
pub use test::{Finished, TestWatch, run_selected, run_test, run_text};
