//! Why the kernel refuses a request: the errno, and the reason behind it.

use crate::host::description::AbsenceReason;
use crate::isa::extension::IsaExt;
use crate::kernel::release::{Policy, Release};
use crate::register::config::ConfigReg;
use crate::register::group::{GroupedReg, RegType};
use crate::register::isa_ext::IsaRegister;

/// The errnos of the modelled requests.
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
    strum::EnumString
)]
#[allow(missing_docs)] // errno(3) says what they are
pub enum Errno {
    ENOENT = 2,
    E2BIG = 7,
    EBUSY = 16,
    EINVAL = 22,
    EOPNOTSUPP = 95,
}

/// A refused request. Its `Display` is the errno and one sentence: "EBUSY: ...".
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}: {reason}", reason.errno())]
pub struct Refusal {
    /// What stood in the way first, in the kernel's order of checks.
    pub reason: RefusalReason,
}

impl Refusal {
    /// What the ioctl fails with.
    #[must_use]
    pub const fn errno(&self) -> Errno {
        self.reason.errno()
    }
}

impl From<RefusalReason> for Refusal {
    fn from(reason: RefusalReason) -> Refusal {
        Refusal { reason }
    }
}

/// What stands in the way of a request, in one sentence without the errno.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RefusalReason {
    /// The id's size field (log2) is not that of the register.
    #[error("the id says that the register has {} bytes, and it has {}", 1_u64 << .0, 1_u64 << .1)]
    Size(u8, u8),
    /// Bits 51..32 of the id are not 0.
    #[error("bits 51..32 of the id must be 0")]
    ReservedBits,
    /// No kernel knows the register type.
    #[error("there is no register type {0:#04x}")]
    UnknownType(u8),
    /// No register of this type has this subtype and index in this kernel.
    #[error("Linux {_1} has no register of type {:#04x} with this subtype and index", *.0 as u8)]
    NoSuchRegister(RegType, Release),
    /// A newer kernel has the register.
    #[error("Linux {1} has no register {name}; it came with Linux {since}", name = .0.name, since = .0.since)]
    NewerRegister(&'static GroupedReg, Release),
    /// The registers of an extension that is off in this vCPU.
    #[error("{0} is off in this vCPU")]
    ExtensionOff(IsaExt),
    /// CSRs of Smstateen before Linux 7.0.
    #[error("the host lacks Smstateen; before Linux 7.0 that is EINVAL, not ENOENT")]
    SmstateenEinval,
    /// An SBI extension that this host's kernel has not.
    #[error("this kernel gives guests no SBI extension {0}")]
    NoSbiExtension(&'static str),
    /// State of an SBI extension that is disabled, or that has no state.
    #[error("no enabled SBI extension of this vCPU has state of this subtype")]
    NoSbiState,
    /// State of a feature that this vCPU does not have.
    #[error("the vCPU does not have the feature {0}")]
    NoFeature(&'static str),
    /// A value that the register cannot have.
    #[error("{0}")]
    Value(&'static str),
    /// The value is not the host's.
    #[error("{0} is a fact of the host ({1}) and cannot be changed")]
    HostFact(&'static str, u64),
    /// The timer is not set, so it cannot be turned off.
    #[error("the vCPU's timer is off, and KVM refuses to turn it off once more")]
    TimerOff,
    /// No kernel knows the subtype of ISA_EXT.
    #[error("ISA_EXT registers have the subtypes 0, 1 and 2, not {0}")]
    UnknownSubtype(u8),
    /// The kernel has no extension with this index, nor has Linux 7.3.
    #[error("no extension has the index {0}")]
    UnknownIndex(u64),
    /// A newer kernel has the register.
    #[error("Linux {_1} has no register for {}; it came with Linux {}", .0.extension(), .0.since())]
    NewerKernel(IsaRegister, Release),
    /// The host lacks the extension.
    #[error("the host lacks {0}: {1}")]
    HostLacks(IsaExt, AbsenceReason),
    /// The word lies beyond the last extension.
    #[error("word {0} lies beyond the last extension of this kernel")]
    Word(u64),
    /// No CONFIG register has this index.
    #[error("no CONFIG register has the index {0}")]
    UnknownConfig(u64),
    /// A newer kernel has the CONFIG register.
    #[error("Linux {1} has no CONFIG register {0}; it came with Linux {since}", since = .0.since())]
    NewerConfig(ConfigReg, Release),
    /// The block size of an extension that is off in this vCPU.
    #[error("{0} is off in this vCPU, and this kernel then hides its block size")]
    BlockOfDisabled(IsaExt),
    /// A SINGLE register takes 0 and 1 only.
    #[error("an extension is 0 (off) or 1 (on), {0:#x} is neither")]
    NotBoolean(u64),
    /// The extension cannot be turned off.
    #[error("{}", no_disable(*.0, *.1, *.2))]
    NoDisable(IsaRegister, DisableRefusal, Policy),
    /// The extension cannot be turned on.
    #[error("{}", no_enable(*.0, *.1))]
    NoEnable(IsaRegister, EnableRefusal),
    /// The vCPU has run.
    #[error("the vCPU has run; what its hart is can only change before the first run")]
    HasRun,
    /// The value sets bits of `isa` that stand for no single-letter extension.
    #[error("the value sets bits 25 to 31, which stand for no single-letter extension")]
    IsaBits,
    /// The value is not the host's block size.
    #[error("{}", fixed_block_size(*.0, *.1))]
    BlockSize(ConfigReg, u64),
    /// The value is not the host's `satp` mode.
    #[error("satp_mode is a fact of the host ({0}) and cannot be changed")]
    SatpMode(u64),
}

/// Why an extension cannot be turned off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DisableRefusal {
    /// No mechanism takes it away from a guest.
    NoMechanism,
    /// Only Smstateen does, and the host lacks it.
    NeedsSmstateen,
    /// Only on hosts whose hardware updates A and D bits.
    NeedsHardwareAd,
}

/// Why an extension cannot be turned on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EnableRefusal {
    /// KVM gives no guest the hypervisor extension.
    Hypervisor,
    /// It needs Ssaia, which the host lacks.
    NeedsSsaia,
    /// Only on hosts whose hardware updates A and D bits.
    NeedsHardwareAd,
    /// The system does not allow vector code.
    VectorForbidden,
}

impl RefusalReason {
    /// The errno that goes with it.
    #[must_use]
    pub const fn errno(&self) -> Errno {
        match self {
            RefusalReason::ReservedBits
            | RefusalReason::UnknownType(_)
            | RefusalReason::NoSuchRegister(..)
            | RefusalReason::NewerRegister(..)
            | RefusalReason::ExtensionOff(_)
            | RefusalReason::NoSbiExtension(_)
            | RefusalReason::NoFeature(_)
            | RefusalReason::UnknownSubtype(_)
            | RefusalReason::UnknownIndex(_)
            | RefusalReason::NewerKernel(..)
            | RefusalReason::HostLacks(..)
            | RefusalReason::Word(_)
            | RefusalReason::UnknownConfig(_)
            | RefusalReason::NewerConfig(..)
            | RefusalReason::BlockOfDisabled(_) => Errno::ENOENT,
            RefusalReason::HasRun => Errno::EBUSY,
            RefusalReason::Size(..)
            | RefusalReason::SmstateenEinval
            | RefusalReason::NoSbiState
            | RefusalReason::Value(_)
            | RefusalReason::HostFact(..)
            | RefusalReason::TimerOff
            | RefusalReason::NotBoolean(_)
            | RefusalReason::NoDisable(..)
            | RefusalReason::NoEnable(..)
            | RefusalReason::IsaBits
            | RefusalReason::BlockSize(..)
            | RefusalReason::SatpMode(_) => Errno::EINVAL,
        }
    }
}

fn no_disable(register: IsaRegister, why: DisableRefusal, policy: Policy) -> String {
    let ext = register.extension();
    match why {
        DisableRefusal::NoMechanism => {
            let could = register == IsaRegister::ZTSO && policy != Policy::Documented;
            let hint = match could {
                true => format!("; `--policy {}` models a host that can", Policy::Documented),
                false => String::new(),
            };
            format!("Linux has no way to turn {ext} off{hint}")
        }
        DisableRefusal::NeedsSmstateen => {
            format!("Linux can turn {ext} off only with Smstateen, which this host lacks")
        }
        DisableRefusal::NeedsHardwareAd => format!(
            "Linux can turn {ext} off only where hardware updates A and D bits (Svadu), which this \
             host does not"
        ),
    }
}

fn no_enable(register: IsaRegister, why: EnableRefusal) -> String {
    let ext = register.extension();
    match why {
        EnableRefusal::Hypervisor => "KVM gives no guest the hypervisor extension".to_owned(),
        EnableRefusal::NeedsSsaia => format!("{ext} needs Ssaia, which this host lacks"),
        EnableRefusal::NeedsHardwareAd => {
            format!("{ext} needs hardware that updates A and D bits, which this host lacks")
        }
        EnableRefusal::VectorForbidden => "the host's settings allow no vector code".to_owned(),
    }
}

fn fixed_block_size(register: ConfigReg, size: u64) -> String {
    match size {
        0 => format!("{register} is 0: the host has no such blocks"),
        size => format!("{register} is a fact of the host ({size}) and cannot be changed"),
    }
}
