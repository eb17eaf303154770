//! The CONFIG registers by name. What they answer is in the folder `vcpu`.

use strum::{FromRepr, IntoStaticStr, VariantArray};

use crate::isa::extension::IsaExt;
use crate::kernel::release::{Policy, Release};

/// A CONFIG register; the discriminant is its index.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    strum::Display,
    FromRepr,
    IntoStaticStr,
    VariantArray
)]
#[strum(serialize_all = "snake_case")]
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
    pub fn all() -> impl Iterator<Item = ConfigReg> {
        ConfigReg::VARIANTS.iter().copied()
    }

    /// The register with that index in any kernel up to 7.3.
    #[must_use]
    pub fn from_index(index: u64) -> Option<ConfigReg> {
        usize::try_from(index).ok().and_then(ConfigReg::from_repr)
    }

    /// The field's name in `struct kvm_riscv_config`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The first kernel that has it.
    #[must_use]
    pub const fn since(self) -> Release {
        match self {
            ConfigReg::Isa => Release::new(5, 16),
            ConfigReg::ZicbomBlockSize => Release::new(6, 1),
            ConfigReg::Mvendorid | ConfigReg::Marchid | ConfigReg::Mimpid => Release::new(6, 2),
            ConfigReg::ZicbozBlockSize => Release::new(6, 4),
            ConfigReg::SatpMode => Release::new(6, 6),
            ConfigReg::ZicbopBlockSize => Release::new(6, 18),
        }
    }

    /// Does the kernel of `policy` have it?
    #[must_use]
    pub fn known_to(self, policy: Policy) -> bool {
        self.since() <= policy.release()
    }

    /// For a block size the extension whose instructions use it.
    #[must_use]
    pub const fn block_of(self) -> Option<IsaExt> {
        match self {
            ConfigReg::ZicbomBlockSize => Some(IsaExt::Zicbom),
            ConfigReg::ZicbozBlockSize => Some(IsaExt::Zicboz),
            ConfigReg::ZicbopBlockSize => Some(IsaExt::Zicbop),
            _ => None,
        }
    }
}
