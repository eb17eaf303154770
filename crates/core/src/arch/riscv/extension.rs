//! The extensions that bring instructions or change a hart's memory model.

use std::fmt;

/// An extension that an instruction of a litmus test may need, or that changes the memory model.
///
/// The many extensions of the ONE_REG interface that do neither live in the `kvm` room alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
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
    Zba,
    Zbb,
    Zbs,
    Zama16b,
    Ztso,
}

impl Extension {
    /// All of them, in declaration order.
    pub const ALL: [Extension; 19] = {
        use Extension::{
            I, M, Zaamo, Zabha, Zacas, Zalasr, Zalrsc, Zama16b, Zawrs, Zba, Zbb, Zbs, Zca, Zicbop,
            Zicond, Zifencei, Zihintntl, Zihintpause, Ztso,
        };
        [
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
            Zba,
            Zbb,
            Zbs,
            Zama16b,
            Ztso,
        ]
    };

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

/// The extensions of one hart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ExtensionSet(u32);

impl ExtensionSet {
    /// A hart that has nothing, not even `I`.
    pub const EMPTY: ExtensionSet = ExtensionSet(0);

    /// Everything that brings instructions: all but [`Extension::Ztso`] and [`Extension::Zama16b`],
    /// which only restrict what the memory system may do.
    #[must_use]
    pub fn all_instructions() -> ExtensionSet {
        Extension::ALL
            .into_iter()
            .filter(|e| !matches!(e, Extension::Ztso | Extension::Zama16b))
            .collect()
    }

    /// Is `extension` there?
    #[must_use]
    pub const fn contains(self, extension: Extension) -> bool {
        self.0 & (1 << extension as u32) != 0
    }

    /// Adds `extension`; says whether it was new.
    pub const fn insert(&mut self, extension: Extension) -> bool {
        let new = !self.contains(extension);
        self.0 |= 1 << extension as u32;
        new
    }

    /// Removes `extension`; says whether it was there.
    pub const fn remove(&mut self, extension: Extension) -> bool {
        let there = self.contains(extension);
        self.0 &= !(1 << extension as u32);
        there
    }

    /// The members, in declaration order.
    pub fn iter(self) -> impl Iterator<Item = Extension> {
        Extension::ALL.into_iter().filter(move |e| self.contains(*e))
    }
}

impl FromIterator<Extension> for ExtensionSet {
    fn from_iter<T: IntoIterator<Item = Extension>>(extensions: T) -> Self {
        let mut set = ExtensionSet::EMPTY;
        for extension in extensions {
            set.insert(extension);
        }
        set
    }
}

impl fmt::Debug for ExtensionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
