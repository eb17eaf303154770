//! Final states: what is observed, and how it prints.

use crate::arch::Register;
use crate::arch::riscv::Base;
use crate::litmus::{CType, HartId, Place};

/// Where an observed value comes from at the end of an execution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ObservedFrom {
    /// A register.
    Register(HartId, Register),
    /// `bytes` bytes (1, 2, 4 or 8), little-endian.
    Memory {
        /// Address of the first byte.
        address: u64,
        /// How many.
        bytes: u64,
    },
}

/// How the bits of an observed value become a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rendering {
    /// Cut to the type and extended as it says.
    Typed(CType),
    /// A register without a declared type: 64 bits, signed.
    Register,
    /// Memory without a declared type, 8 bytes: an `int` if the upper half is zero, else 64 bits,
    /// signed. So `sw` of -1 and `sd` of 2^32 both print what was stored.
    Undeclared,
}

impl Rendering {
    /// A register of a hart, whose declared type cannot be wider than it is.
    #[must_use]
    pub fn of_register(base: Base, ctype: Option<CType>) -> Rendering {
        match (base, ctype) {
            (Base::Rv32, Some(CType::Uint64)) => Rendering::Typed(CType::Uint32),
            (Base::Rv32, None | Some(CType::Int64)) => Rendering::Typed(CType::Int32),
            (_, Some(ctype)) => Rendering::Typed(ctype),
            (Base::Rv64, None) => Rendering::Register,
        }
    }

    /// Extends raw bits to the 64-bit value that is compared and printed.
    #[must_use]
    pub fn normalize(self, raw: u64) -> u64 {
        match self {
            Rendering::Typed(CType::Int8) => raw as i8 as u64,
            Rendering::Typed(CType::Int16) => raw as i16 as u64,
            Rendering::Typed(CType::Int32) => raw as i32 as u64,
            Rendering::Typed(CType::Uint8) => raw as u8 as u64,
            Rendering::Typed(CType::Uint16) => raw as u16 as u64,
            Rendering::Typed(CType::Uint32) => raw as u32 as u64,
            Rendering::Typed(CType::Int64 | CType::Uint64) | Rendering::Register => raw,
            Rendering::Undeclared if raw >> 32 == 0 => raw as i32 as u64,
            Rendering::Undeclared => raw,
        }
    }

    /// Is the normalized value printed as a signed number?
    #[must_use]
    pub fn signed(self) -> bool {
        match self {
            Rendering::Typed(ctype) => ctype.signed(),
            Rendering::Register | Rendering::Undeclared => true,
        }
    }
}

/// One component of a final state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observed {
    /// As the test names it; its `Display` is the key of reports.
    pub place: Place,
    /// Where the value is found.
    pub from: ObservedFrom,
    /// How it is read.
    pub rendering: Rendering,
    /// Named by the condition or by `locations`: reported. Otherwise only the filter looks at it.
    pub printed: bool,
}
