//! Registers, whatever an architecture calls them.

/// One of the 32 registers that a hart's actions compute with.
///
/// Number 0 always holds 0 and carries no dependency: what is written to it is lost. An architecture maps its own
/// registers onto the others, its flags and what only its lowering needs included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Register(u8);

impl Register {
    /// How many registers there are.
    pub const COUNT: usize = 32;
    /// The register that is always 0.
    pub const ZERO: Register = Register(0);

    /// The register with that number.
    ///
    /// # Panics
    /// If `number` is 32 or more.
    #[must_use]
    pub const fn new(number: u8) -> Register {
        assert!((number as usize) < Register::COUNT, "there are 32 registers");
        Register(number)
    }

    /// Its number, 0 to 31.
    #[must_use]
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// Is it the register that is always 0?
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}
