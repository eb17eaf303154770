//! The ISA extension registers: index, extension, and the kernel that brought each.

use std::fmt;
use std::sync::LazyLock;

use crate::isa::extension::IsaExt::{self, *};
use crate::kernel::release::{Policy, Release};

/// An extension that has (or will have) a register, by its index: `KVM_RISCV_ISA_EXT_*`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IsaRegister(u8);

/// In index order: what each release of KVM added.
const ADDED: &[(Release, &[IsaExt])] = &[
    (Release::new(5, 19), &[A, C, D, F, H, I, M]),
    (Release::new(6, 0), &[Svpbmt, Sstc]),
    (Release::new(6, 1), &[Svinval, Zihintpause, Zicbom]),
    (Release::new(6, 4), &[Zicboz, Zbb, Ssaia]),
    (Release::new(6, 5), &[V, Svnapot]),
    (Release::new(6, 6), &[Zba, Zbs, Zicntr, Zicsr, Zifencei, Zihpm]),
    (Release::new(6, 7), &[Smstateen, Zicond]),
    (
        Release::new(6, 8),
        &[
            Zbc, Zbkb, Zbkc, Zbkx, Zknd, Zkne, Zknh, Zkr, Zksed, Zksh, Zkt, Zvbb, Zvbc, Zvkb, Zvkg,
            Zvkned, Zvknha, Zvknhb, Zvksed, Zvksh, Zvkt, Zfh, Zfhmin, Zihintntl, Zvfh, Zvfhmin,
            Zfa,
        ],
    ),
    (Release::new(6, 9), &[Ztso, Zacas]),
    (Release::new(6, 10), &[Sscofpmf]),
    (Release::new(6, 11), &[Zimop, Zca, Zcb, Zcd, Zcf, Zcmop, Zawrs]),
    (Release::new(6, 13), &[Smnpm, Ssnpm, Svade, Svadu]),
    (Release::new(6, 14), &[Svvptc, Zabha, Ziccrse]),
    (Release::new(6, 15), &[Zaamo, Zalrsc]),
    (Release::new(6, 18), &[Zicbop, Zfbfmin, Zvfbfmin, Zvfbfwma]),
    (Release::new(7, 0), &[Zclsd, Zilsd, Zalasr]),
    (Release::new(7, 3), &[Zicfilp, Zicfiss]),
];

/// [`ADDED`], flat.
static REGISTERS: LazyLock<Vec<(IsaExt, Release)>> = LazyLock::new(|| {
    let flat = |(release, added): &(Release, &'static [IsaExt])| {
        let release = *release;
        added.iter().map(move |ext| (*ext, release))
    };
    ADDED.iter().flat_map(flat).collect()
});

impl IsaRegister {
    /// The register of Ztso.
    pub const ZTSO: IsaRegister = IsaRegister(52);

    /// All of them, by index.
    pub fn all() -> impl DoubleEndedIterator<Item = IsaRegister> {
        (0..REGISTERS.len() as u8).map(IsaRegister)
    }

    /// Those that the kernel of `policy` has, by index.
    pub fn of_kernel(policy: Policy) -> impl DoubleEndedIterator<Item = IsaRegister> {
        IsaRegister::all().filter(move |r| r.known_to(policy))
    }

    /// The words of MULTI_EN and MULTI_DIS: number, and the kernel whose extensions first reach it. SINGLE and
    /// MULTI came together, in 6.6.
    pub fn words() -> impl Iterator<Item = (u16, Release)> {
        let first = IsaRegister::all().filter(|r| r.index().is_multiple_of(64));
        first.map(|r| (u16::from(r.index() / 64), r.since().max(Release::new(6, 6))))
    }

    /// The register with that index in any kernel up to 7.3.
    #[must_use]
    pub fn from_index(index: u64) -> Option<IsaRegister> {
        u8::try_from(index).ok().filter(|i| usize::from(*i) < REGISTERS.len()).map(IsaRegister)
    }

    /// The register of `ext`, if there is one in any kernel up to 7.3.
    #[must_use]
    pub fn of(ext: IsaExt) -> Option<IsaRegister> {
        IsaRegister::all().find(|r| r.extension() == ext)
    }

    /// Its number: bits 15..0 of the register id, and its place in the bit words.
    #[must_use]
    pub const fn index(self) -> u8 {
        self.0
    }

    /// The extension that it switches.
    #[must_use]
    pub fn extension(self) -> IsaExt {
        REGISTERS[usize::from(self.0)].0
    }

    /// The first kernel that has it.
    #[must_use]
    pub fn since(self) -> Release {
        REGISTERS[usize::from(self.0)].1
    }

    /// Does the kernel of `policy` have it?
    #[must_use]
    pub fn known_to(self, policy: Policy) -> bool {
        self.since() <= policy.release()
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
            (79, "zicfiss"),
        ];
        for (index, token) in known {
            assert_eq!(at(index), token, "{index}");
        }
        assert_eq!(IsaRegister::ZTSO.extension(), IsaExt::Ztso);
        assert_eq!(IsaRegister::from_index(80), None);
    }

    #[test]
    fn no_extension_has_two_registers() {
        for register in IsaRegister::all() {
            assert_eq!(IsaRegister::of(register.extension()), Some(register));
        }
    }

    /// `KVM_RISCV_ISA_EXT_MAX` of the kernels.
    #[test]
    fn releases_agree_with_the_counts_of_the_kernels() {
        let counts = Policy::ALL.map(|policy| IsaRegister::of_kernel(policy).count());
        assert_eq!(counts, [23, 62, 75, 78, 80, 78]);
        assert!(ADDED.is_sorted_by_key(|(release, _)| *release));
    }

    #[test]
    fn letters() {
        assert_eq!(IsaRegister::of(IsaExt::V).unwrap().letter_bit(), Some(21));
        assert_eq!(IsaRegister::ZTSO.letter_bit(), None);
    }
}
