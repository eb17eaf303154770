//! Results beside what was expected of them: other tools' logs, reviewed snapshots, other reports.

pub mod against;
mod merge;
pub mod snapshot;

pub use merge::{Conflict, Merged, merge};
