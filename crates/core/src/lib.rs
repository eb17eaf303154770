//! Every outcome of a RISC-V litmus test: text to answer.

pub mod answer;
pub mod arch;
pub mod axiomatic;
pub mod litmus;
pub mod model;
pub mod operational;
pub mod program;
pub mod session;
