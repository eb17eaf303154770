//! Instructions as people read them.

use std::fmt;

use super::{Name, riscv, x86};

/// An instruction as written, in the assembly language of its architecture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Assembly {
    /// An instruction of RISC-V.
    Riscv(riscv::Instr),
    /// An instruction of x86.
    X86(Box<x86::Instr>),
}

impl Assembly {
    /// The mnemonic with its annotation: `lr.w.aq`, `lock xadd`.
    #[must_use]
    pub fn mnemonic(&self) -> [&'static str; 2] {
        match self {
            Assembly::Riscv(instr) => [instr.def.mnemonic, instr.order.suffix()],
            Assembly::X86(instr) => instr.mnemonic(),
        }
    }

    /// The label that it jumps to, if it names one.
    #[must_use]
    pub fn label(&self) -> Option<&Name> {
        match self {
            Assembly::Riscv(instr) => instr.label(),
            Assembly::X86(instr) => instr.label(),
        }
    }

    /// The location that it names.
    #[must_use]
    pub fn symbol(&self) -> Option<&Name> {
        match self {
            Assembly::Riscv(instr) => instr.symbol(),
            Assembly::X86(instr) => instr.symbol(),
        }
    }

    /// The name that it has, of a label or of a location.
    #[must_use]
    pub fn target(&self) -> Option<&Name> {
        match self {
            Assembly::Riscv(instr) => instr.operands.target.as_ref(),
            Assembly::X86(instr) => instr.label().or(instr.symbol()),
        }
    }

    /// How many bytes it takes in memory.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Assembly::Riscv(instr) => instr.bytes(),
            Assembly::X86(_) => x86::BYTES,
        }
    }

    /// The number that it has as such, which might be meant for an address.
    #[must_use]
    pub fn constant(&self) -> Option<u64> {
        match self {
            Assembly::Riscv(instr) => match instr.def.operation {
                riscv::Operation::Constant(constant) => Some(constant(instr.operands.imm)),
                _ => None,
            },
            Assembly::X86(instr) => instr.immediate().map(|immediate| immediate as u64),
        }
    }

    /// The instruction of RISC-V that it is.
    #[must_use]
    pub fn riscv(&self) -> Option<&riscv::Instr> {
        match self {
            Assembly::Riscv(instr) => Some(instr),
            Assembly::X86(_) => None,
        }
    }

    /// The instruction of x86 that it is.
    #[must_use]
    pub fn x86(&self) -> Option<&x86::Instr> {
        match self {
            Assembly::X86(instr) => Some(instr),
            Assembly::Riscv(_) => None,
        }
    }
}

impl From<riscv::Instr> for Assembly {
    fn from(instr: riscv::Instr) -> Assembly {
        Assembly::Riscv(instr)
    }
}

impl fmt::Display for Assembly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Assembly::Riscv(instr) => instr.fmt(f),
            Assembly::X86(instr) => instr.fmt(f),
        }
    }
}
