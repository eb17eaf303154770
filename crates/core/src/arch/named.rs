//! Registers as tests name them.

use std::fmt;

use super::{Register, riscv, x86};

/// The instruction set of a test, whose registers and instructions it names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Architecture {
    /// RISC-V.
    #[default]
    Riscv,
    /// x86, of 32 and 64 bits.
    X86,
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Architecture::Riscv => "RISC-V",
            Architecture::X86 => "x86",
        })
    }
}

/// A register as a test names it. Several names may be of one [`Register`], or of a part of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reg {
    /// Of RISC-V.
    Riscv(riscv::Reg),
    /// Of x86.
    X86(x86::Reg),
}

impl Reg {
    /// Can it only be 0?
    #[must_use]
    pub const fn is_zero(self) -> bool {
        matches!(self, Reg::Riscv(reg) if reg.is_zero())
    }

    /// The whole [`Register`], once it is given a value.
    #[must_use]
    pub const fn filled(self, whole: u64, value: u64) -> u64 {
        match self {
            Reg::Riscv(_) => value,
            Reg::X86(reg) => reg.filled(whole, value),
        }
    }

    /// Does the number fit into it, with or without a sign?
    #[must_use]
    pub fn holds(self, bits: u64) -> bool {
        match self {
            Reg::Riscv(_) => true,
            Reg::X86(reg) => match 8 * reg.width().bytes() {
                64.. => true,
                width => (-1_i64 << (width - 1)..1 << width).contains(&(bits as i64)),
            },
        }
    }

    /// The number of the [`Register`] that it is of.
    #[must_use]
    pub const fn number(self) -> usize {
        match self {
            Reg::Riscv(reg) => reg.number(),
            Reg::X86(reg) => reg.register().number(),
        }
    }
}

impl From<Reg> for Register {
    fn from(reg: Reg) -> Register {
        Register::new(reg.number() as u8)
    }
}

impl From<riscv::Reg> for Reg {
    fn from(reg: riscv::Reg) -> Reg {
        Reg::Riscv(reg)
    }
}

impl From<x86::Reg> for Reg {
    fn from(reg: x86::Reg) -> Reg {
        Reg::X86(reg)
    }
}

impl PartialEq<riscv::Reg> for Reg {
    fn eq(&self, other: &riscv::Reg) -> bool {
        *self == Reg::Riscv(*other)
    }
}

impl fmt::Display for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reg::Riscv(reg) => reg.fmt(f),
            Reg::X86(reg) => reg.fmt(f),
        }
    }
}
