//! Results beside what was expected of them: other tools' logs, reviewed snapshots, other reports.

pub mod foreign;
mod merge;
mod shards;
pub mod snapshot;

pub use merge::{Conflict, Merged, merge};
pub use shards::{JoinError, Joined, ShardFault, ShardReport, join_shards};

use rvlitmus_core::answer::Answer;

/// Names each place of a state and its value: `1:x5` and `1`.
pub(crate) fn named_state(answer: &Answer, row: usize) -> impl Iterator<Item = (&str, String)> {
    let values = answer.states.row(row).map(|value| value.text(&answer.symbols));
    answer.places.iter().zip(values)
}
