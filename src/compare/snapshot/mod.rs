//! Reviewed answers as text: one file for each folder of tests, small enough to read in a review.
//!
//! ```text
//! # rvlitmus snapshot of mp: 1 test, 4 states under rvwmo, 3 under ztso
//!
//! MP.litmus
//!   MP: rvwmo Sometimes, ztso Never
//!   exists (1:x5=1 /\ 1:x7=0)
//!       rvwmo ztso    1:x5=0 1:x7=0
//!       rvwmo ztso    1:x5=0 1:x7=1
//!       rvwmo NO    * 1:x5=1 1:x7=0
//!       rvwmo ztso    1:x5=1 1:x7=1
//! ```
//!
//! A state's line names the models that reach it, `NO` standing for one that does not, and has a star
//! where the state satisfies the condition. Lines below it that are indented further say why Ztso
//! forbids it. Nothing in the text depends on threads, time, or the place of the files.

mod diff;
mod entry;
mod text;

pub use diff::{Change, Kind, changes};
pub use entry::{Entry, Mark, StateEntry};
pub use text::{ReadSnapshotError, is_snapshot, read_folder, write_folder};
