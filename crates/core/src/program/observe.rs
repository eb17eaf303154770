//! Final states: what is observed, and how it prints.

use crate::arch::Register;
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

/// One component of a final state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observed {
    /// As the test names it; its `Display` is the key of reports.
    pub place: Place,
    /// Where the value is found.
    pub from: ObservedFrom,
    /// The type that it was declared with.
    pub declared: Option<CType>,
    /// Named by the condition or by `locations`: reported. Otherwise only the filter looks at it.
    pub printed: bool,
}

impl Observed {
    /// The type that it is printed and compared as: without a declaration `int`, as in herd7.
    #[must_use]
    pub fn ctype(&self) -> CType {
        self.declared.unwrap_or(CType::Int32)
    }
}
