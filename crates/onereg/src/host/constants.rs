//! What is the same for every vCPU of a host: block sizes, ids, address mode, vector setting.

use schemars::JsonSchema;
use serde::Deserialize;

use super::description::HostError;
use crate::isa::block_sizes::BlockSizes;
use crate::isa::extension::{IsaExt, IsaExtSet};
use crate::register::config::ConfigReg;
use crate::register::group::GroupedReg;
use crate::register::id::RegId;
use crate::register::isa_ext::IsaRegister;

/// Whether the host's settings allow vector code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VectorUse {
    /// They do.
    #[default]
    Allowed,
    /// They do not: vCPUs start without V and cannot have it.
    Forbidden,
}

/// Constants of the host that show in CONFIG registers, and its vector setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HostConstants {
    /// Cache block sizes.
    pub blocks: BlockSizes,
    /// Vendor id of a fresh vCPU.
    pub mvendorid: u64,
    /// Architecture id of a fresh vCPU.
    pub marchid: u64,
    /// Implementation id of a fresh vCPU.
    pub mimpid: u64,
    /// Widest virtual-address mode: 8 is Sv39, 9 Sv48, 10 Sv57.
    pub satp_mode: u64,
    /// May programs use the vector unit? (`riscv_v_default_allow`)
    pub vector: VectorUse,
    /// Length of a vector register in bytes; without one what the harts' `Zvl*b` say, at least 16.
    pub vlenb: Option<u64>,
    /// Ticks of the `time` CSR in a second.
    pub timebase: u64,
    /// Can the kernel let guests have their misaligned accesses trapped? (SBI FWFT of the firmware)
    pub misaligned_delegation: bool,
    /// Has the host's kernel a performance monitor with counters to give to guests?
    pub pmu: bool,
}

/// Blocks of 64 bytes, ids 0, Sv57, vector allowed, 10 MHz: what the measured machines have.
impl Default for HostConstants {
    fn default() -> HostConstants {
        HostConstants {
            blocks: BlockSizes::default(),
            mvendorid: 0,
            marchid: 0,
            mimpid: 0,
            satp_mode: 10,
            vector: VectorUse::default(),
            vlenb: None,
            timebase: 10_000_000,
            misaligned_delegation: true,
            pmu: true,
        }
    }
}

/// Bytes that a vector register has at least on harts with these extensions.
pub(super) fn least_vlenb(hardware: IsaExtSet) -> Option<u64> {
    use IsaExt::{Zvl32b, Zvl64b, Zvl128b, Zvl256b, Zvl512b, Zvl1024b};
    let lengths = [Zvl1024b, Zvl512b, Zvl256b, Zvl128b, Zvl64b, Zvl32b];
    let longest = lengths.into_iter().position(|length| hardware.contains(length));
    longest.map(|place| 128 >> place)
}

impl HostConstants {
    /// Does a machine with these extensions have such constants? Device trees have 32 bits for block sizes and
    /// time base, and the kernel divides by the latter; a 64-bit kernel with KVM has one of three address
    /// modes; `vlenb` has the bounds of the vector specification.
    pub(super) fn check(&self, hardware: IsaExtSet) -> Result<(), HostError> {
        let wrong = |field, value, problem: &str| {
            Err(HostError::Constant { field, value, problem: problem.to_owned() })
        };
        let BlockSizes { zicbom, zicboz, zicbop } = self.blocks;
        for (field, value) in [
            ("zicbom_block_size", zicbom),
            ("zicboz_block_size", zicboz),
            ("zicbop_block_size", zicbop),
        ] {
            if u32::try_from(value).is_err() {
                return wrong(field, value, "more than the 32 bits that a device tree has for it");
            }
        }
        if !(8..=10).contains(&self.satp_mode) {
            return wrong("satp_mode", self.satp_mode, "none of 8 (Sv39), 9 (Sv48) and 10 (Sv57)");
        }
        if self.timebase == 0 || u32::try_from(self.timebase).is_err() {
            let problem = "no frequency that a device tree can give: 1 to 4294967295";
            return wrong("timebase_frequency", self.timebase, problem);
        }
        let least = least_vlenb(hardware).unwrap_or(4);
        match self.vlenb {
            Some(vlenb) if !vlenb.is_power_of_two() || !(least..=8192).contains(&vlenb) => {
                let problem =
                    format!("no power of two from {least}, which the harts have at least, to 8192");
                wrong("vlenb", vlenb, &problem)
            }
            _ => Ok(()),
        }
    }

    /// The constants that registers of a fresh vCPU tell; the default where `value` has none.
    pub fn from_registers(value: impl Fn(RegId) -> Option<u64>) -> HostConstants {
        let default = HostConstants::default();
        let or = |register, default| value(RegId::config(register)).unwrap_or(default);
        let state = |name| GroupedReg::named(name).and_then(|register| value(register.id(16)));
        // Only a host whose registers of all kinds are known says what it does not have.
        let has = |name| state("timer.frequency").is_none() || state(name).is_some();
        let v = IsaRegister::of(IsaExt::V).and_then(|v| value(RegId::isa_single(v)));
        HostConstants {
            blocks: BlockSizes {
                zicbom: or(ConfigReg::ZicbomBlockSize, default.blocks.zicbom),
                zicboz: or(ConfigReg::ZicbozBlockSize, default.blocks.zicboz),
                zicbop: or(ConfigReg::ZicbopBlockSize, default.blocks.zicbop),
            },
            mvendorid: or(ConfigReg::Mvendorid, default.mvendorid),
            marchid: or(ConfigReg::Marchid, default.marchid),
            mimpid: or(ConfigReg::Mimpid, default.mimpid),
            satp_mode: or(ConfigReg::SatpMode, default.satp_mode),
            vector: if v == Some(0) { VectorUse::Forbidden } else { default.vector },
            vlenb: state("vector.vlenb"),
            timebase: state("timer.frequency").unwrap_or(default.timebase),
            misaligned_delegation: has("sbi_state.fwft.misaligned_deleg.enable"),
            pmu: has("sbi_ext.pmu"),
        }
    }
}
