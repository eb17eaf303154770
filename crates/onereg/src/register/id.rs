//! Register ids of KVM_GET_ONE_REG and KVM_SET_ONE_REG.
//!
//! 64 bits: architecture (63..56), log2 of the size in bytes (55..52), nothing (51..32), type
//! (31..24), subtype (23..16), index (15..0).

use std::fmt;
use std::str::FromStr;

use strum::VariantArray;

use super::config::ConfigReg;
use super::group::{GroupedReg, RegType};
use super::isa_ext::IsaRegister;
use crate::suggest;

/// A register id as user space writes it. Any 64-bit number is one, sensible or not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegId(u64);

/// `KVM_REG_RISCV` with `KVM_REG_SIZE_U64`.
const RISCV_U64: u64 = 0x8030_0000_0000_0000;

/// Vector length in bytes that ids of `v0` to `v31` have when only their name is given: 128 bits.
const USUAL_VLENB: u64 = 16;

/// What the type, subtype and index bits mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RegKind {
    /// A CONFIG register by its index: bits 23..0, subtype included.
    Config(u64),
    /// ISA_EXT, subtype SINGLE, with the index.
    IsaSingle(u64),
    /// ISA_EXT, subtype MULTI_EN, with the word.
    IsaMultiEnable(u64),
    /// ISA_EXT, subtype MULTI_DIS, with the word.
    IsaMultiDisable(u64),
    /// ISA_EXT with a subtype that no kernel knows.
    IsaUnknown(u8),
    /// A register of another type: CORE, CSR, TIMER, FP_F, FP_D, SBI_EXT, VECTOR or SBI_STATE.
    Grouped {
        /// The type.
        reg_type: RegType,
        /// The subtype.
        subtype: u8,
        /// The index.
        index: u64,
    },
    /// A type that no kernel knows.
    Unknown(u8),
}

impl RegId {
    /// The id with these 64 bits.
    #[must_use]
    pub const fn new(bits: u64) -> RegId {
        RegId(bits)
    }

    /// The SINGLE register of an extension.
    #[must_use]
    pub const fn isa_single(register: IsaRegister) -> RegId {
        RegId(RISCV_U64 | 7 << 24 | register.index() as u64)
    }

    /// The MULTI_EN word with that number.
    #[must_use]
    pub const fn multi_enable(word: u16) -> RegId {
        RegId(RISCV_U64 | 7 << 24 | 1 << 16 | word as u64)
    }

    /// The MULTI_DIS word with that number.
    #[must_use]
    pub const fn multi_disable(word: u16) -> RegId {
        RegId(RISCV_U64 | 7 << 24 | 2 << 16 | word as u64)
    }

    /// A CONFIG register.
    #[must_use]
    pub const fn config(register: ConfigReg) -> RegId {
        RegId(RISCV_U64 | 1 << 24 | register as u64)
    }

    /// The 64 bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Bits 55..52: log2 of the size in bytes.
    #[must_use]
    pub const fn size_log2(self) -> u8 {
        (self.0 >> 52 & 0xf) as u8
    }

    /// Bits 51..32, which no register uses.
    #[must_use]
    pub const fn reserved(self) -> u64 {
        self.0 >> 32 & 0xf_ffff
    }

    /// Type, subtype and index.
    #[must_use]
    pub const fn kind(self) -> RegKind {
        let (kind, subtype) = ((self.0 >> 24) as u8, (self.0 >> 16) as u8);
        let index = self.0 & 0xffff;
        match (kind, subtype) {
            (1, _) => RegKind::Config(self.0 & 0xff_ffff),
            (7, 0) => RegKind::IsaSingle(index),
            (7, 1) => RegKind::IsaMultiEnable(index),
            (7, 2) => RegKind::IsaMultiDisable(index),
            (7, subtype) => RegKind::IsaUnknown(subtype),
            (other, _) => match RegType::from_repr(other) {
                Some(reg_type) => RegKind::Grouped { reg_type, subtype, index },
                None => RegKind::Unknown(other),
            },
        }
    }

    /// `isa_ext.ztso`, `config.isa`, `isa_ext.multi_en.0`, or the id in hexadecimal when no
    /// register has it.
    #[must_use]
    pub fn name(self) -> String {
        let is_grouped = matches!(self.kind(), RegKind::Grouped { .. });
        if !is_grouped && self.size_log2() != 3 || self.reserved() != 0 {
            return self.to_string();
        }
        match self.kind() {
            RegKind::Grouped { reg_type, subtype, index } => {
                let register = GroupedReg::find(reg_type, subtype, index);
                let vlenb = 1 << self.size_log2();
                register.filter(|r| r.id(vlenb).0 << 8 == self.0 << 8).map(|r| r.name.clone())
            }
            RegKind::Config(index) => ConfigReg::from_index(index).map(|r| format!("config.{r}")),
            RegKind::IsaSingle(index) => {
                IsaRegister::from_index(index).map(|r| format!("isa_ext.{}", r.extension().token()))
            }
            RegKind::IsaMultiEnable(word) => Some(format!("isa_ext.multi_en.{word}")),
            RegKind::IsaMultiDisable(word) => Some(format!("isa_ext.multi_dis.{word}")),
            RegKind::IsaUnknown(_) | RegKind::Unknown(_) => None,
        }
        .unwrap_or_else(|| self.to_string())
    }
}

/// The 16 hexadecimal digits of the interface's documentation: `0x8030000007000034`.
impl fmt::Display for RegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}", self.0)
    }
}

impl fmt::Debug for RegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that names no register.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unknown register `{given}`{help}")]
pub struct UnknownRegister {
    given: String,
    help: String,
}

/// What registers may be called, for texts that are near none.
const EXPECTED: &str = ", expected an id such as 0x8030000007000034, an extension such as ztso, \
     config.NAME, multi_en.WORD, multi_dis.WORD, or a name that `onereg ids` lists";

/// Reads an id in hexadecimal, or a name with or without its prefix: `isa_ext.ztso`, `ztso`,
/// `KVM_RISCV_ISA_EXT_ZTSO`, `config.isa`, `isa`, `multi_en.0`. Upper and lower case are equal.
impl FromStr for RegId {
    type Err = UnknownRegister;

    fn from_str(given: &str) -> Result<RegId, UnknownRegister> {
        let lower = given.trim().to_ascii_lowercase();
        if let Some(id) = lower.strip_prefix("0x").and_then(|h| u64::from_str_radix(h, 16).ok()) {
            return Ok(RegId(id));
        }
        let name = ["kvm_riscv_isa_ext_", "isa_ext.", "single."]
            .iter()
            .fold(lower.as_str(), |name, prefix| name.strip_prefix(prefix).unwrap_or(name));
        let word = |prefix| name.strip_prefix(prefix).and_then(|w: &str| w.parse().ok());
        if let Some(word) = word("multi_en.") {
            return Ok(RegId::multi_enable(word));
        }
        if let Some(word) = word("multi_dis.") {
            return Ok(RegId::multi_disable(word));
        }
        let config = name.strip_prefix("config.").unwrap_or(name);
        if let Some(register) = ConfigReg::VARIANTS.iter().copied().find(|r| r.name() == config) {
            return Ok(RegId::config(register));
        }
        if let Some(register) = IsaRegister::all().find(|r| r.extension().token() == name) {
            return Ok(RegId::isa_single(register));
        }
        if let Some(register) = GroupedReg::named(&lower) {
            return Ok(register.id(USUAL_VLENB));
        }
        let names = IsaRegister::all()
            .map(|r| r.extension().token())
            .chain(ConfigReg::VARIANTS.iter().copied().map(ConfigReg::name))
            .chain(GroupedReg::all().map(|r| r.name.as_str()));
        let near = suggest::nearest(config, names.map(|n| (n, n)));
        let help = near.map_or_else(|| EXPECTED.to_string(), |n| suggest::did_you_mean(Some(n)));
        Err(UnknownRegister { given: given.to_string(), help })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_id_of_ztso() {
        let id = RegId::isa_single(IsaRegister::ZTSO);
        assert_eq!(id.bits(), 0x8030_0000_0700_0034);
        assert_eq!(id.to_string(), "0x8030000007000034");
        assert_eq!(id.name(), "isa_ext.ztso");
        assert_eq!(id.kind(), RegKind::IsaSingle(52));
    }

    #[test]
    fn every_name_is_read_back() {
        let mut ids: Vec<RegId> = IsaRegister::all().map(RegId::isa_single).collect();
        ids.extend(ConfigReg::VARIANTS.iter().copied().map(RegId::config));
        ids.extend([0, 1, 500].map(RegId::multi_enable));
        ids.extend([0, 1, 500].map(RegId::multi_disable));
        ids.extend(GroupedReg::all().map(|register| register.id(USUAL_VLENB)));
        for id in ids {
            assert_eq!(id.name().parse(), Ok(id), "{}", id.name());
            assert_eq!(id.to_string().parse(), Ok(id));
            assert!(!id.name().starts_with("0x"), "{id}");
        }
    }

    #[test]
    fn short_and_long_names() {
        let ztso = RegId::isa_single(IsaRegister::ZTSO);
        for name in ["ztso", "ZTSO", "isa_ext.ztso", "KVM_RISCV_ISA_EXT_ZTSO", "single.ztso"] {
            assert_eq!(name.parse(), Ok(ztso), "{name}");
        }
        assert_eq!("isa".parse(), Ok(RegId::config(ConfigReg::Isa)));
        assert_eq!("i".parse(), Ok(RegId::new(0x8030_0000_0700_0005)));
    }

    #[test]
    fn wrong_names_get_a_suggestion() {
        let error = "ztos".parse::<RegId>().unwrap_err().to_string();
        assert_eq!(error, "unknown register `ztos`; did you mean `ztso`?");
        let error = "quux".parse::<RegId>().unwrap_err().to_string();
        assert!(error.starts_with("unknown register `quux`, expected an id such as"), "{error}");
        for wrong in ["", "0x", "0x1ffffffffffffffff", "multi_en.x", "multi_en.65536", "zfoo", "f0"]
        {
            assert!(wrong.parse::<RegId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn fields_of_odd_ids() {
        let id = RegId::new(0x80b8_0001_0703_0005);
        assert_eq!((id.size_log2(), id.reserved()), (11, 0x8_0001));
        assert_eq!(id.kind(), RegKind::IsaUnknown(3));
        assert_eq!(id.name(), id.to_string());
        let pc = RegKind::Grouped { reg_type: RegType::Core, subtype: 0, index: 0 };
        assert_eq!(RegId::new(0x8030_0000_0200_0000).kind(), pc);
        assert_eq!(RegId::new(0x8020_0000_0200_0000).name(), "0x8020000002000000", "wrong size");
        assert_eq!(RegId::new(0x8030_0000_0b00_0000).kind(), RegKind::Unknown(11));
        assert_eq!(RegId::new(0x8030_0000_0101_0000).kind(), RegKind::Config(0x1_0000));
    }
}
