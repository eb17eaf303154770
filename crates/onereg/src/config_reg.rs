//! The CONFIG registers by name. What they answer is in [`super::Vcpu`].

use std::fmt;

use super::{Ext, Policy};

/// A CONFIG register; the discriminant is its index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ConfigReg {
    /// One bit per single-letter extension.
    Isa = 0,
    /// Cache block of the Zicbom instructions, in bytes.
    ZicbomBlockSize = 1,
    /// Vendor id that the guest reads.
    Mvendorid = 2,
    /// Architecture id that the guest reads.
    Marchid = 3,
    /// Implementation id that the guest reads.
    Mimpid = 4,
    /// Cache block of the Zicboz instructions, in bytes.
    ZicbozBlockSize = 5,
    /// Widest virtual-address mode: 8 is Sv39, 9 Sv48, 10 Sv57.
    SatpMode = 6,
    /// Cache block of the Zicbop instructions, in bytes; since Linux 6.18.
    ZicbopBlockSize = 7,
}

impl ConfigReg {
    /// All of them, by index.
    pub const ALL: [ConfigReg; 8] = [
        ConfigReg::Isa,
        ConfigReg::ZicbomBlockSize,
        ConfigReg::Mvendorid,
        ConfigReg::Marchid,
        ConfigReg::Mimpid,
        ConfigReg::ZicbozBlockSize,
        ConfigReg::SatpMode,
        ConfigReg::ZicbopBlockSize,
    ];

    /// The register with that index in any kernel up to 7.2.
    #[must_use]
    pub fn from_index(index: u64) -> Option<ConfigReg> {
        ConfigReg::ALL.into_iter().find(|r| *r as u64 == index)
    }

    /// The field's name in `struct kvm_riscv_config`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ConfigReg::Isa => "isa",
            ConfigReg::ZicbomBlockSize => "zicbom_block_size",
            ConfigReg::Mvendorid => "mvendorid",
            ConfigReg::Marchid => "marchid",
            ConfigReg::Mimpid => "mimpid",
            ConfigReg::ZicbozBlockSize => "zicboz_block_size",
            ConfigReg::SatpMode => "satp_mode",
            ConfigReg::ZicbopBlockSize => "zicbop_block_size",
        }
    }

    /// Does the kernel of `policy` have it?
    #[must_use]
    pub fn known_to(self, policy: Policy) -> bool {
        self != ConfigReg::ZicbopBlockSize || policy != Policy::Linux6_12
    }

    /// For a block size the extension whose instructions use it.
    #[must_use]
    pub const fn block_of(self) -> Option<Ext> {
        match self {
            ConfigReg::ZicbomBlockSize => Some(Ext::named("zicbom")),
            ConfigReg::ZicbozBlockSize => Some(Ext::named("zicboz")),
            ConfigReg::ZicbopBlockSize => Some(Ext::named("zicbop")),
            _ => None,
        }
    }
}

impl fmt::Display for ConfigReg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
