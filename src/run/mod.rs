//! Finding tests and running many of them: in parallel, in order, each within its limits.
//!
//! The road of one test is [`run_test`]; [`find`] lists the tests of the command line lazily; [`run_all`]
//! brings both together and hands results on in the order of the input, whatever order they were
//! computed in. Memory holds a bounded number of results, not all of them.
//!
//! Knows nothing of output formats: what becomes of a result is the caller's closure.

mod desk;
mod diagnosed;
mod engines;
mod explain;
mod explained;
mod find;
mod folder;
mod laps;
mod lists;
mod memo;
mod metadata;
mod one;
mod rules;
mod run;
mod select;
mod setup;
mod source;
mod state_argument;
pub mod usage;
mod vm;
mod walk;

pub use engines::Explorations;
pub use explained::{
    Explained, MachineExplained, Question, StateExplained, Unexplained, explain_test,
};
pub use find::{Found, find};
pub use laps::{Laps, Phase};
pub use memo::{Identity, Memo};
pub use one::{Finished, run_selected, run_test};
pub use rules::{Dependence, RuleUse, rule_use, rules_of};
pub use run::{Job, Progress, Stopped, run_all};
pub use select::{Filter, Selection, SelectionError};
pub use setup::{Setup, VmChoice};
pub use source::{Origin, Source};
