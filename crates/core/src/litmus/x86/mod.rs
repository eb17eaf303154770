//! What is x86's own in the herd language: the instructions in the cells of the code, in the syntax of Intel or of
//! AT&T, and the names of registers.

mod hash_text;
mod instruction;
mod operand;

use super::lexer::text;
use crate::arch::x86::{self, Lookup, Reg, Syntax};

pub(super) use hash_text::hash_text;
pub(super) use instruction::{instruction, usage};
pub(super) use operand::place;

/// The registers of tests `X86_64`.
pub(super) const REGISTERS: &str = "registers are rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8 to r15 and their parts, as eax, ax, al, r8d";

/// The registers of tests `X86`.
pub(super) const REGISTERS_OF_32_BITS: &str = "registers are EAX, EBX, ECX, EDX, ESI, EDI, EBP, ESP and their parts AX, AL, AH; `X86_64` tests have \
     those of 64 bits";

/// Does `word` stand for something of the instruction set?
pub(super) fn is_instruction(word: &[u8]) -> bool {
    x86::lookup(text(word)) != Lookup::Unknown
}

/// The register that is called so in a test of that syntax.
pub(super) fn named(name: &str, syntax: Syntax) -> Option<Reg> {
    let reg = Reg::parse(name.strip_prefix('%').unwrap_or(name), syntax)?;
    (syntax == Syntax::Att || reg.is_of_32_bits()).then_some(reg)
}
