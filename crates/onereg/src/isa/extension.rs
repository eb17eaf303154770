//! Every ISA extension that a host description may name.

use std::fmt;

use enumset::{EnumSet, EnumSetType};
use strum::{EnumString, IntoStaticStr};

use crate::suggest;

/// An ISA extension that a device tree, an ISA string or a register may name.
///
/// The number of a variant below 128 is the one that Linux gives the extension in its bitmap of host
/// capabilities (`RISCV_ISA_EXT_*` in `asm/hwcap.h`). These numbers are handed out in the order in
/// which the kernel learnt the names, so that the last number of a kernel says what it knows.
/// Extensions from 128 on are known to hardware and toolchains only, or are names for bundles of
/// others. Read from the sources of Linux 6.12, 7.2 and
/// 7.3.
#[derive(EnumSetType, PartialOrd, Ord, Hash, Debug, EnumString, IntoStaticStr)]
#[enumset(repr = "array")]
#[strum(serialize_all = "lowercase")]
#[allow(missing_docs)] // the variants are the extensions' names
pub enum IsaExt {
    A = 0,
    C = 2,
    D = 3,
    F = 5,
    H = 7,
    I = 8,
    M = 12,
    Q = 16,
    V = 21,
    Sscofpmf = 26,
    Sstc = 27,
    Svinval = 28,
    Svpbmt = 29,
    Zbb = 30,
    Zicbom = 31,
    Zihintpause = 32,
    Svnapot = 33,
    Zicboz = 34,
    Smaia = 35,
    Ssaia = 36,
    Zba = 37,
    Zbs = 38,
    Zicntr = 39,
    Zicsr = 40,
    Zifencei = 41,
    Zihpm = 42,
    Smstateen = 43,
    Zicond = 44,
    Zbc = 45,
    Zbkb = 46,
    Zbkc = 47,
    Zbkx = 48,
    Zknd = 49,
    Zkne = 50,
    Zknh = 51,
    Zkr = 52,
    Zksed = 53,
    Zksh = 54,
    Zkt = 55,
    Zvbb = 56,
    Zvbc = 57,
    Zvkb = 58,
    Zvkg = 59,
    Zvkned = 60,
    Zvknha = 61,
    Zvknhb = 62,
    Zvksed = 63,
    Zvksh = 64,
    Zvkt = 65,
    Zfh = 66,
    Zfhmin = 67,
    Zihintntl = 68,
    Zvfh = 69,
    Zvfhmin = 70,
    Zfa = 71,
    Ztso = 72,
    Zacas = 73,
    Zve32x = 74,
    Zve32f = 75,
    Zve64x = 76,
    Zve64f = 77,
    Zve64d = 78,
    Zimop = 79,
    Zca = 80,
    Zcb = 81,
    Zcd = 82,
    Zcf = 83,
    Zcmop = 84,
    Zawrs = 85,
    Svvptc = 86,
    Smmpm = 87,
    Smnpm = 88,
    Ssnpm = 89,
    Zabha = 90,
    Ziccrse = 91,
    Svade = 92,
    Svadu = 93,
    Zfbfmin = 94,
    Zvfbfmin = 95,
    Zvfbfwma = 96,
    Zaamo = 97,
    Zalrsc = 98,
    Zicbop = 99,
    Svrsw60t59b = 100,
    Zalasr = 101,
    Zilsd = 102,
    Zclsd = 103,
    Zicfilp = 104,
    Zicfiss = 105,
    B = 128,
    Zk,
    Zkn,
    Zks,
    Zvkn,
    Zvknc,
    Zvkng,
    Zvks,
    Zvksc,
    Zvksg,
    Za64rs,
    Za128rs,
    Zama16b,
    Zic64b,
    Ziccamoa,
    Ziccamoc,
    Ziccif,
    Zicclsm,
    Zmmul,
    Zce,
    Zcmp,
    Zcmt,
    Zfinx,
    Zdinx,
    Zhinx,
    Zhinxmin,
    Zvl32b,
    Zvl64b,
    Zvl128b,
    Zvl256b,
    Zvl512b,
    Zvl1024b,
    Sha,
    Shcounterenw,
    Shgatpa,
    Shlcofideleg,
    Shtvala,
    Shvsatpa,
    Shvstvala,
    Shvstvecd,
    Sm1p11,
    Sm1p12,
    Sm1p13,
    Smcdeleg,
    Smcntrpmf,
    Smcsrind,
    Smctr,
    Smdbltrp,
    Smepmp,
    Smrnmi,
    Ss1p11,
    Ss1p12,
    Ss1p13,
    Ssccfg,
    Ssccptr,
    Sscounterenw,
    Sscsrind,
    Ssctr,
    Ssdbltrp,
    Sspm,
    Ssqosid,
    Ssstateen,
    Ssstrict,
    Sstvala,
    Sstvecd,
    Ssu64xl,
    Supm,
    Sv39,
    Sv48,
    Sv57,
    Svbare,
}

/// A set of extensions; iterates in the order of [`IsaExt`].
pub type IsaExtSet = EnumSet<IsaExt>;

impl IsaExt {
    /// The extension that a lower-case token names, without version.
    #[must_use]
    pub fn find(token: &str) -> Option<IsaExt> {
        token.parse().ok()
    }

    /// The spelling of ISA strings and device trees: `ztso`.
    #[must_use]
    pub fn token(self) -> &'static str {
        self.into()
    }

    /// Linux' number for it in the bitmap of host capabilities, if Linux 7.3 or older has one.
    #[must_use]
    pub fn hwcap(self) -> Option<u8> {
        Some(self as u8).filter(|number| *number < 128)
    }

    /// The extension nearest in spelling, if one is near enough to suggest.
    #[must_use]
    pub fn nearest(wrong: &str) -> Option<IsaExt> {
        suggest::nearest(wrong, IsaExtSet::all().iter().map(|e| (e.token(), e)))
    }
}

/// The manual's spelling: `Ztso`, `A`.
impl fmt::Display for IsaExt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_letters_are_numbered_by_the_alphabet() {
        let numbered = IsaExtSet::all().iter().filter(|e| e.hwcap().is_some());
        for ext in numbered.filter(|e| e.token().len() == 1) {
            assert_eq!(ext.hwcap(), Some(ext.token().as_bytes()[0] - b'a'));
        }
        assert_eq!(IsaExt::Ztso.hwcap(), Some(72));
        assert_eq!(IsaExt::B.hwcap(), None);
    }

    #[test]
    fn tokens_are_read_back_and_suggested() {
        for ext in IsaExtSet::all() {
            assert_eq!(IsaExt::find(ext.token()), Some(ext));
        }
        assert_eq!(format!("{} {}", IsaExt::Zabha, IsaExt::I), "Zabha I");
        assert_eq!(IsaExt::nearest("ztos"), Some(IsaExt::Ztso));
        assert_eq!(IsaExt::nearest("quux"), None);
    }
}
