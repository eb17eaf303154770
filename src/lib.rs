//! The program `rvlitmus`: every outcome of RISC-V litmus tests, RVWMO beside Ztso.
//!
//! What answers a test is the library [`rvlitmus_core`]; [`rvlitmus_onereg`] says what a KVM guest's harts
//! are, [`rvlitmus_generate`] makes tests. This crate is what stands around them: many tests, files, the
//! terminal.
//!
//! ```text
//! cli: arguments -> plan -> run ( find -> tests, in parallel, each by the session -> results ) -> report -> bytes
//!                                                                                  -> compare
//! ```
//!
//! | room | holds | does not know |
//! |---|---|---|
//! | [`results`] | what came out of each test, and counts over all, as data | how tests are run or printed |
//! | [`run`] | finding tests, running many of them in order and in parallel, limits, timing, what earlier runs found | formats |
//! | [`compare`] | results beside other tools' logs, other reports, reviewed snapshots | how tests are run |
//! | [`measure`] | families that grow, and how their cost grows with them | formats of results |
//! | [`report`] | results to bytes, one file for each format, and back; pictures | files, the terminal |
//! | [`serve`] | a page to try tests in, and the server that answers it | files, the terminal |
//! | [`cli`] | arguments to a plan, one file a command, exit codes in one place | everything else but its public face |
//!
//! Each uses those above it in this table only, and no command parses, links or judges by itself.
//! CONTRIBUTING.md says which files to touch for what.

#![warn(clippy::print_stdout, clippy::print_stderr)] // only the CLI writes to the terminal

pub mod cli;
pub mod compare;
pub mod measure;
pub mod report;
pub mod results;
pub mod run;
pub mod serve;
