//! What is RISC-V's own in the herd language: the instructions in the cells of the code, the names of
//! registers, and how herd7 spells both in a test's hash.
//!
//! The rest of the grammar asks this module only: [`instruction`], [`is_instruction`], [`register`] and
//! [`is_register`] are what another language with a table of columns has to answer as well.

mod hash_text;
mod instruction;
mod operand;

use crate::arch::riscv::{self, Format, Instr, Lookup, Reg};

pub(super) use hash_text::hash_text;
pub(super) use instruction::instruction;
pub(super) use operand::register;

/// Does `word` stand for something of the ISA, even if it is not supported or not complete?
pub(super) fn is_instruction(word: &[u8]) -> bool {
    !matches!(riscv::lookup(word), Lookup::Unknown)
}

/// Is this the name of a register?
pub(super) fn is_register(name: &str) -> bool {
    Reg::parse(name).is_some()
}

/// The label that a branch or jump goes to.
pub(super) fn branch_target(instr: &Instr) -> Option<&str> {
    match instr.def.format {
        Format::RdSymbol => None,
        _ => instr.operands.target.as_deref(),
    }
}

/// Help that says how the instruction at `i`, which was read, is written.
pub(super) fn usage(i: &[u8], instr: &Instr) -> String {
    instruction::usage(i, instr.def.format)
}
