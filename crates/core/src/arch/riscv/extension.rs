//! The extensions that bring instructions or change a hart's memory model.

use std::fmt;

use enumset::{EnumSet, EnumSetType};

/// An extension that an instruction of a litmus test may need, or that changes the memory model.
///
/// The many extensions of the ONE_REG interface that do neither are in the crate of that interface.
#[derive(EnumSetType, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)] // the variants are the extensions' names
pub enum Extension {
    I,
    M,
    Zca,
    Zaamo,
    Zalrsc,
    Zabha,
    Zacas,
    Zalasr,
    Zawrs,
    Zicbop,
    Zicond,
    Zifencei,
    Zihintntl,
    Zihintpause,
    Zilsd,
    Zba,
    Zbb,
    Zbs,
    Zama16b,
    Ztso,
}

/// The extensions of one hart; iterates in declaration order.
pub type ExtensionSet = EnumSet<Extension>;

impl Extension {
    /// Everything that brings instructions: all but [`Extension::Ztso`] and [`Extension::Zama16b`],
    /// which only restrict what the memory system may do.
    #[must_use]
    pub fn with_instructions() -> ExtensionSet {
        ExtensionSet::all() - Extension::Ztso - Extension::Zama16b
    }

    /// The token of an ISA string, lower case: `zalasr`.
    #[must_use]
    pub fn token(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
