//! The ISA extension registers: index, extension, and the kernel that brought each.

use std::fmt;

use super::{Ext, Policy, Release};

/// An extension that has (or will have) a register, by its index: `KVM_RISCV_ISA_EXT_*`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IsaRegister(u8);

/// In index order: what each release of KVM added, as tokens.
const ADDED: &[(Release, &[&str])] = &[
    (Release::new(5, 19), &["a", "c", "d", "f", "h", "i", "m"]),
    (Release::new(6, 0), &["svpbmt", "sstc"]),
    (Release::new(6, 1), &["svinval", "zihintpause", "zicbom"]),
    (Release::new(6, 4), &["zicboz", "zbb", "ssaia"]),
    (Release::new(6, 5), &["v", "svnapot"]),
    (Release::new(6, 6), &["zba", "zbs", "zicntr", "zicsr", "zifencei", "zihpm"]),
    (Release::new(6, 7), &["smstateen", "zicond"]),
    (
        Release::new(6, 8),
        &[
            "zbc",
            "zbkb",
            "zbkc",
            "zbkx",
            "zknd",
            "zkne",
            "zknh",
            "zkr",
            "zksed",
            "zksh",
            "zkt",
            "zvbb",
            "zvbc",
            "zvkb",
            "zvkg",
            "zvkned",
            "zvknha",
            "zvknhb",
            "zvksed",
            "zvksh",
            "zvkt",
            "zfh",
            "zfhmin",
            "zihintntl",
            "zvfh",
            "zvfhmin",
            "zfa",
        ],
    ),
    (Release::new(6, 9), &["ztso", "zacas"]),
    (Release::new(6, 10), &["sscofpmf"]),
    (Release::new(6, 11), &["zimop", "zca", "zcb", "zcd", "zcf", "zcmop", "zawrs"]),
    (Release::new(6, 13), &["smnpm", "ssnpm", "svade", "svadu"]),
    (Release::new(6, 14), &["svvptc", "zabha", "ziccrse"]),
    (Release::new(6, 15), &["zaamo", "zalrsc"]),
    (Release::new(6, 18), &["zicbop", "zfbfmin", "zvfbfmin", "zvfbfwma"]),
    (Release::new(7, 0), &["zclsd", "zilsd", "zalasr"]),
];

const COUNT: usize = 78;

/// [`ADDED`], flat.
const TABLE: [(Ext, Release); COUNT] = {
    let mut table = [(Ext::named("a"), ADDED[0].0); COUNT];
    let (mut index, mut group) = (0, 0);
    while group < ADDED.len() {
        let (release, tokens) = ADDED[group];
        let mut i = 0;
        while i < tokens.len() {
            table[index] = (Ext::named(tokens[i]), release);
            index += 1;
            i += 1;
        }
        group += 1;
    }
    assert!(index == COUNT);
    table
};

impl IsaRegister {
    /// The register of Ztso.
    pub const ZTSO: IsaRegister = IsaRegister(52);

    /// All of them, by index.
    pub fn all() -> impl DoubleEndedIterator<Item = IsaRegister> {
        (0..COUNT as u8).map(IsaRegister)
    }

    /// Those that the kernel of `policy` has, by index.
    pub fn of_kernel(policy: Policy) -> impl DoubleEndedIterator<Item = IsaRegister> {
        (0..policy.isa_registers()).map(IsaRegister)
    }

    /// The register with that index in any kernel up to 7.2.
    #[must_use]
    pub fn from_index(index: u64) -> Option<IsaRegister> {
        u8::try_from(index).ok().filter(|i| usize::from(*i) < COUNT).map(IsaRegister)
    }

    /// The register of `ext`, if there is one in any kernel up to 7.2.
    #[must_use]
    pub fn of(ext: Ext) -> Option<IsaRegister> {
        IsaRegister::all().find(|r| r.extension() == ext)
    }

    /// Its number: bits 15..0 of the register id, and its place in the bit words.
    #[must_use]
    pub const fn index(self) -> u8 {
        self.0
    }

    /// The extension that it switches.
    #[must_use]
    pub const fn extension(self) -> Ext {
        TABLE[self.0 as usize].0
    }

    /// The first kernel that has it.
    #[must_use]
    pub const fn since(self) -> Release {
        TABLE[self.0 as usize].1
    }

    /// Does the kernel of `policy` have it?
    #[must_use]
    pub const fn known_to(self, policy: Policy) -> bool {
        self.0 < policy.isa_registers()
    }

    /// For single-letter extensions the bit in the CONFIG register `isa`.
    #[must_use]
    pub fn letter_bit(self) -> Option<u32> {
        match *self.extension().token().as_bytes() {
            [letter] => Some(u32::from(letter - b'a')),
            _ => None,
        }
    }
}

/// The kernel's spelling in `KVM_RISCV_ISA_EXT_*`: `ZTSO`.
impl fmt::Display for IsaRegister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.extension().token().to_ascii_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(index: u8) -> &'static str {
        IsaRegister(index).extension().token()
    }

    #[test]
    fn indices_are_the_kernels() {
        let known = [
            (0, "a"),
            (7, "svpbmt"),
            (15, "v"),
            (23, "smstateen"),
            (35, "zkt"),
            (45, "zvkt"),
            (51, "zfa"),
            (52, "ztso"),
            (53, "zacas"),
            (54, "sscofpmf"),
            (61, "zawrs"),
            (62, "smnpm"),
            (64, "svade"),
            (67, "zabha"),
            (69, "zaamo"),
            (71, "zicbop"),
            (77, "zalasr"),
        ];
        for (index, token) in known {
            assert_eq!(at(index), token, "{index}");
        }
        assert_eq!(IsaRegister::ZTSO.extension(), Ext::named("ztso"));
        assert_eq!(IsaRegister::from_index(78), None);
    }

    #[test]
    fn no_extension_has_two_registers() {
        for register in IsaRegister::all() {
            assert_eq!(IsaRegister::of(register.extension()), Some(register));
        }
    }

    /// The counts of the two kernels that were measured follow from the releases.
    #[test]
    fn releases_agree_with_the_counts_of_the_kernels() {
        for policy in Policy::ALL {
            for register in IsaRegister::all() {
                assert_eq!(
                    register.since() <= policy.release(),
                    register.known_to(policy),
                    "{register} under {policy}"
                );
            }
        }
    }

    #[test]
    fn letters() {
        assert_eq!(IsaRegister::of(Ext::named("v")).unwrap().letter_bit(), Some(21));
        assert_eq!(IsaRegister::ZTSO.letter_bit(), None);
    }
}
