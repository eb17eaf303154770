//! The base that a hart's registers come from.

use std::fmt;
use std::str::FromStr;

use super::Width;

/// RV32I or RV64I.
///
/// A register of an RV32 hart is kept as the 64-bit number that has its 32 bits and their sign: every
/// instruction of the base gives such numbers when it gets such numbers, and orders them alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Base {
    /// 32-bit registers.
    Rv32,
    /// 64-bit registers.
    #[default]
    Rv64,
}

impl Base {
    /// What a register holds after `value` has been written to it.
    #[must_use]
    pub const fn register(self, value: u64) -> u64 {
        match self {
            Base::Rv32 => Width::W.sign_extend(value),
            Base::Rv64 => value,
        }
    }

    /// Is `value` a number that fits a register, signed or unsigned?
    #[must_use]
    pub const fn holds(self, value: u64) -> bool {
        match self {
            Base::Rv32 => self.register(value) == value || value >> 32 == 0,
            Base::Rv64 => true,
        }
    }
}

/// `RV32`, `RV64`.
impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Base::Rv32 => "RV32",
            Base::Rv64 => "RV64",
        })
    }
}

/// `rv32`, `rv64`, in either case.
impl FromStr for Base {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "rv32" => Ok(Base::Rv32),
            "rv64" => Ok(Base::Rv64),
            _ => Err("expected `rv32` or `rv64`"),
        }
    }
}
