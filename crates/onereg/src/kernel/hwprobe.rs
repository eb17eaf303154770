//! What user space is told of an extension: bits of the system call `riscv_hwprobe`.
//!
//! Keys `RISCV_HWPROBE_KEY_IMA_EXT_0` and, since Linux 7.0, `_IMA_EXT_1`
//! (`arch/riscv/include/uapi/asm/hwprobe.h`, read in 6.8 and 7.3; releases between by their commits).

use super::release::Release;
use crate::isa::extension::IsaExt::{self, *};

/// What each release added to a key, in the order of bits.
type Added = &'static [(Release, &'static [IsaExt])];

/// `IMA_EXT_0`. Bit 0 is F with D.
const FIRST_KEY: Added = &[
    (Release::new(6, 4), &[D, C]),
    (Release::new(6, 5), &[V, Zba, Zbb, Zbs]),
    (Release::new(6, 7), &[Zicboz]),
    (
        Release::new(6, 8),
        &[
            Zbc, Zbkb, Zbkc, Zbkx, Zknd, Zkne, Zknh, Zksed, Zksh, Zkt, Zvbb, Zvbc, Zvkb, Zvkg,
            Zvkned, Zvknha, Zvknhb, Zvksed, Zvksh, Zvkt, Zfh, Zfhmin, Zihintntl, Zvfh, Zvfhmin,
            Zfa, Ztso, Zacas, Zicond,
        ],
    ),
    (Release::new(6, 10), &[Zihintpause]),
    (
        Release::new(6, 11),
        &[Zve32x, Zve32f, Zve64x, Zve64f, Zve64d, Zimop, Zca, Zcb, Zcd, Zcf, Zcmop, Zawrs],
    ),
    (Release::new(6, 13), &[Supm]),
    (Release::new(6, 15), &[Zicntr, Zihpm, Zfbfmin, Zvfbfmin, Zvfbfwma, Zicbom, Zaamo, Zalrsc]),
    (Release::new(6, 16), &[Zabha]),
    (Release::new(6, 19), &[Zalasr, Zicbop]),
    (Release::new(7, 0), &[Zilsd, Zclsd, Zicfilp]),
];

/// `IMA_EXT_1`.
const SECOND_KEY: Added = &[
    (Release::new(7, 0), &[Zicfiss]),
    (Release::new(7, 3), &[Zicclsm, Ziccamoa, Ziccif, Ziccrse, Za64rs]),
];

/// A bit of `riscv_hwprobe`, shown as `IMA_EXT_0 bit 33`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HwprobeBit {
    /// 0 or 1: `RISCV_HWPROBE_KEY_IMA_EXT_0` or `_1`.
    pub key: u8,
    /// The bit's number.
    pub bit: u8,
    /// The first kernel that has it.
    pub since: Release,
}

impl std::fmt::Display for HwprobeBit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IMA_EXT_{} bit {}", self.key, self.bit)
    }
}

impl IsaExt {
    /// The bit that tells user space of the extension, if there is one.
    #[must_use]
    pub fn hwprobe(self) -> Option<HwprobeBit> {
        let wanted = if self == F { D } else { self };
        let bits = |key, added: Added| {
            let all = added.iter().flat_map(|(since, list)| list.iter().map(move |e| (*since, *e)));
            all.zip(0..).map(move |((since, ext), bit)| (ext, HwprobeBit { key, bit, since }))
        };
        let mut all = bits(0, FIRST_KEY).chain(bits(1, SECOND_KEY));
        all.find(|(ext, _)| *ext == wanted).map(|(_, bit)| bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_the_documented_ones() {
        for (ext, key, bit) in [
            (Zba, 0, 3),
            (Zkt, 0, 16),
            (Ztso, 0, 33),
            (Zacas, 0, 34),
            (Zawrs, 0, 48),
            (Zabha, 0, 58),
            (Zicfilp, 0, 63),
            (Zicfiss, 1, 0),
        ] {
            let found = ext.hwprobe().unwrap();
            assert_eq!((found.key, found.bit), (key, bit), "{ext}");
        }
        assert_eq!(F.hwprobe(), D.hwprobe());
        assert_eq!(Ztso.hwprobe().unwrap().since, Release::new(6, 8));
        assert_eq!(Ztso.hwprobe().unwrap().to_string(), "IMA_EXT_0 bit 33");
        assert_eq!(Svpbmt.hwprobe(), None);
    }
}
