//! Instructions as people read them.

use std::fmt;

use super::{Name, riscv};

/// An instruction as written, in the assembly language of its architecture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Assembly {
    /// An instruction of RISC-V.
    Riscv(riscv::Instr),
}

impl Assembly {
    /// The mnemonic with its annotation: `lr.w.aq`.
    #[must_use]
    pub fn mnemonic(&self) -> [&'static str; 2] {
        match self {
            Assembly::Riscv(instr) => [instr.def.mnemonic, instr.order.suffix()],
        }
    }

    /// The label that it jumps to, if it names one.
    #[must_use]
    pub fn label(&self) -> Option<&Name> {
        match self {
            Assembly::Riscv(instr) => instr.label(),
        }
    }
}

impl fmt::Display for Assembly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Assembly::Riscv(instr) => instr.fmt(f),
        }
    }
}
