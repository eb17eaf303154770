//! Every outcome of a RISC-V litmus test, under RVWMO beside Ztso.

#![warn(clippy::print_stdout, clippy::print_stderr)] // only the CLI writes to the terminal

pub mod axiomatic;
pub mod batch;
pub mod cli;
pub mod compare;
pub mod explore;
pub mod isa;
pub mod kvm;
pub mod litmus;
pub mod model;
pub mod program;
pub mod report;
