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
//! A state's line names the machines that reach it, in the order of the verdicts: `NO` stands for one that
//! does not, `?` for one that has no answer, and a star says that the state satisfies the condition. A line
//! below it that is indented further says why the first model that does not reach it does not. Nothing in
//! the text depends on threads, time, or the place of the files.

mod diff;
mod entry;
mod text;

pub use diff::{Change, ChangeKind, changes};
pub use entry::{Reach, SnapshotEntry, SnapshotState};
pub use text::{ReadSnapshotError, is_snapshot, read_folder, write_folder};
