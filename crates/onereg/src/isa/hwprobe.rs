//! What user space is told of an extension: bits of the system call `riscv_hwprobe`.
//!
//! Keys `RISCV_HWPROBE_KEY_IMA_EXT_0` and, since Linux 7.0, `_IMA_EXT_1`
//! (`arch/riscv/include/uapi/asm/hwprobe.h`, read in 7.3).

use super::extension::IsaExt::{self, *};

/// `IMA_EXT_0`, from bit 3 on; bits 0 to 2 are F with D, C and V.
const FROM_BIT_3: [IsaExt; 61] = [
    Zba,
    Zbb,
    Zbs,
    Zicboz,
    Zbc,
    Zbkb,
    Zbkc,
    Zbkx,
    Zknd,
    Zkne,
    Zknh,
    Zksed,
    Zksh,
    Zkt,
    Zvbb,
    Zvbc,
    Zvkb,
    Zvkg,
    Zvkned,
    Zvknha,
    Zvknhb,
    Zvksed,
    Zvksh,
    Zvkt,
    Zfh,
    Zfhmin,
    Zihintntl,
    Zvfh,
    Zvfhmin,
    Zfa,
    Ztso,
    Zacas,
    Zicond,
    Zihintpause,
    Zve32x,
    Zve32f,
    Zve64x,
    Zve64f,
    Zve64d,
    Zimop,
    Zca,
    Zcb,
    Zcd,
    Zcf,
    Zcmop,
    Zawrs,
    Supm,
    Zicntr,
    Zihpm,
    Zfbfmin,
    Zvfbfmin,
    Zvfbfwma,
    Zicbom,
    Zaamo,
    Zalrsc,
    Zabha,
    Zalasr,
    Zicbop,
    Zilsd,
    Zclsd,
    Zicfilp,
];

/// `IMA_EXT_1`, from bit 0 on.
const SECOND_KEY: [IsaExt; 6] = [Zicfiss, Zicclsm, Ziccamoa, Ziccif, Ziccrse, Za64rs];

/// A bit of `riscv_hwprobe`, shown as `IMA_EXT_0 bit 33`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HwprobeBit {
    /// 0 or 1: `RISCV_HWPROBE_KEY_IMA_EXT_0` or `_1`.
    pub key: u8,
    /// The bit's number.
    pub bit: u8,
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
        let at = |list: &[IsaExt]| list.iter().position(|ext| *ext == self).map(|n| n as u8);
        match self {
            F | D => Some(HwprobeBit { key: 0, bit: 0 }),
            C => Some(HwprobeBit { key: 0, bit: 1 }),
            V => Some(HwprobeBit { key: 0, bit: 2 }),
            _ => at(&FROM_BIT_3)
                .map(|n| HwprobeBit { key: 0, bit: n + 3 })
                .or_else(|| at(&SECOND_KEY).map(|bit| HwprobeBit { key: 1, bit })),
        }
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
            assert_eq!(ext.hwprobe(), Some(HwprobeBit { key, bit }), "{ext}");
        }
        assert_eq!(Ztso.hwprobe().unwrap().to_string(), "IMA_EXT_0 bit 33");
        assert_eq!(Svpbmt.hwprobe(), None);
    }
}
