//! What is RISC-V's own in the herd language: the instructions in the cells of the code, the names of
//! registers, and how herd7 spells both in a test's hash.
//!
//! The rest of the grammar asks [`Language`](super::Language), which knows what to ask here.

mod hash_text;
mod instruction;
mod operand;

use super::lexer::{Parsed, name_length, text, unsupported};
use crate::arch::riscv::{self, Directive, Instr, Lookup};

pub(super) use hash_text::{hash_text, was_printed_otherwise};
pub(super) use instruction::instruction;
pub(super) use operand::register;

/// Does `word` stand for something of the ISA, even if it is not supported or not complete?
pub(super) fn is_instruction(word: &[u8]) -> bool {
    !matches!(riscv::lookup(word), Lookup::Unknown)
}

/// The label of its own hart that an instruction names: a branch or jump, or the lower part of an address.
pub(super) fn label_of(instr: &Instr) -> Option<&str> {
    match instr.symbol() {
        Some(_) => None,
        None => instr.operands.target.as_deref(),
    }
}

/// Is this the name of a directive of the assembler?
pub(super) fn is_directive(name: &[u8]) -> bool {
    riscv::directive(text(name)).is_some()
}

/// The directive in front up to where its cell ends: its length.
pub(super) fn directive(i: &[u8]) -> Parsed<'_, usize> {
    let name = &i[..name_length(i)];
    if riscv::directive(text(name)) == Some(Directive::Data) {
        let help = "memory is declared between the braces, as in `{ int x=1; }`";
        let message = format!("`{}` puts data into the code", text(name));
        return Err(unsupported(i, name.len(), message, help));
    }
    let (mut end, mut quoted) = (name.len(), false);
    while let Some(byte) = i.get(end) {
        match byte {
            b'\n' => break,
            b'"' => quoted = !quoted,
            b'|' | b';' | b'#' if !quoted => break,
            _ => {}
        }
        end += 1;
    }
    Ok((&i[end..], i[..end].trim_ascii_end().len()))
}

/// Help that says how the instruction at `i`, which was read, is written.
pub(super) fn usage(i: &[u8], instr: &Instr) -> String {
    instruction::usage(i, instr.def.format)
}
