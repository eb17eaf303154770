//! Architectures: each a table of instructions and what they do.

pub mod riscv;
