//! The languages in which tests are written, and what each has to answer of its own.
//!
//! All of them share header, initial state, `locations`, filter and condition. A language reads the instructions
//! in the cells of the code and the names of registers.

use std::fmt;

use super::lexer::Parsed;
use super::{riscv, x86};
use crate::arch::x86::Syntax;
use crate::arch::{Architecture, Assembly, Reg, Register};

/// A language in which tests can be read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Language {
    /// `RISCV`
    #[default]
    Riscv,
    /// `X86`: x86 of 32 bits in Intel's syntax.
    X86,
    /// `X86_64`: x86 of 64 bits in the syntax of AT&T.
    X86_64,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 3] = [Language::Riscv, Language::X86, Language::X86_64];

    /// The first word of a test.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Language::Riscv => "RISCV",
            Language::X86 => "X86",
            Language::X86_64 => "X86_64",
        }
    }

    /// Whose instructions they are.
    #[must_use]
    pub const fn architecture(self) -> Architecture {
        match self.syntax() {
            None => Architecture::Riscv,
            Some(_) => Architecture::X86,
        }
    }

    /// How x86 is written, if it is x86.
    #[must_use]
    pub const fn syntax(self) -> Option<Syntax> {
        match self {
            Language::Riscv => None,
            Language::X86 => Some(Syntax::Intel),
            Language::X86_64 => Some(Syntax::Att),
        }
    }

    /// The register that is part of actions as tests name it; `None` for what is no register of theirs.
    #[must_use]
    pub fn register_of(self, register: Register) -> Option<Reg> {
        match self.syntax() {
            None => Some(Reg::Riscv(crate::arch::riscv::Reg::new(register.number() as u8))),
            Some(syntax) => crate::arch::x86::Reg::of(register, syntax).map(Reg::X86),
        }
    }

    /// The register that is called so.
    #[must_use]
    pub fn named(self, name: &str) -> Option<Reg> {
        match self.syntax() {
            None => crate::arch::riscv::Reg::parse(name).map(Reg::Riscv),
            Some(syntax) => x86::named(name, syntax).map(Reg::X86),
        }
    }

    /// Is this the name of a register?
    pub(super) fn is_register(self, name: &str) -> bool {
        self.named(name).is_some()
    }

    /// Does `word` stand for something of the instruction set, even if it is not supported or not complete?
    pub(super) fn is_instruction(self, word: &[u8]) -> bool {
        match self.syntax() {
            None => riscv::is_instruction(word),
            Some(_) => x86::is_instruction(word),
        }
    }

    /// A register.
    #[inline]
    pub(super) fn register(self, i: &[u8]) -> Parsed<'_, Reg> {
        match self.syntax() {
            None => riscv::register(i).map(|(rest, reg)| (rest, Reg::Riscv(reg))),
            Some(syntax) => x86::place(i, syntax).map(|(rest, reg)| (rest, Reg::X86(reg))),
        }
    }

    /// One instruction with its operands.
    #[inline]
    pub(super) fn instruction(self, i: &[u8]) -> Parsed<'_, Assembly> {
        match self.syntax() {
            None => riscv::instruction(i).map(|(rest, instr)| (rest, Assembly::Riscv(instr))),
            Some(syntax) => x86::instruction(i, syntax)
                .map(|(rest, instr)| (rest, Assembly::X86(Box::new(instr)))),
        }
    }
}

/// Help that says how the instruction at `i`, which was read, is written.
pub(super) fn usage(i: &[u8], instr: &Assembly) -> String {
    match instr {
        Assembly::Riscv(instr) => riscv::usage(i, instr),
        Assembly::X86(instr) => x86::usage(instr),
    }
}

/// The label of its own hart that an instruction names: that of a jump, or the lower part of an address.
pub(super) fn label_of(instr: &Assembly) -> Option<&str> {
    match instr {
        Assembly::Riscv(instr) => riscv::label_of(instr),
        Assembly::X86(instr) => instr.label().map(|label| &**label),
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
