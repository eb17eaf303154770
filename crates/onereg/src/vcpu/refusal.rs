//! Why the kernel refuses a request: the errno, and the reason behind it.

use std::fmt;

use crate::host::description::AbsenceReason;
use crate::isa::extension::IsaExt;
use crate::kernel::release::{Policy, Release};
use crate::register::config::ConfigReg;
use crate::register::isa_ext::IsaRegister;

/// The errnos of the modelled requests.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, strum::Display, strum::EnumString,
)]
#[allow(missing_docs)] // errno(3) says what they are
pub enum Errno {
    ENOENT = 2,
    E2BIG = 7,
    EBUSY = 16,
    EINVAL = 22,
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

/// What stands in the way of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RefusalReason {
    /// The id's size field (log2) is not that of a 64-bit register.
    Size(u8),
    /// Bits 51..32 of the id are not 0.
    ReservedBits,
    /// No kernel knows the register type.
    UnknownType(u8),
    /// The kernel has registers of this type; this model does not. The errno is not the kernel's.
    NotModelled(u8),
    /// No kernel knows the subtype of ISA_EXT.
    UnknownSubtype(u8),
    /// The kernel has no extension with this index, nor has Linux 7.2.
    UnknownIndex(u64),
    /// A newer kernel has the register.
    NewerKernel(IsaRegister, Release),
    /// The host lacks the extension.
    HostLacks(IsaExt, AbsenceReason),
    /// The word lies beyond the last extension.
    Word(u64),
    /// No CONFIG register has this index.
    UnknownConfig(u64),
    /// A newer kernel has the CONFIG register.
    NewerConfig(ConfigReg, Release),
    /// The block size of an extension that is off in this vCPU.
    BlockOfDisabled(IsaExt),
    /// A SINGLE register takes 0 and 1 only.
    NotBoolean(u64),
    /// The extension cannot be turned off.
    NoDisable(IsaRegister, DisableRefusal, Policy),
    /// The extension cannot be turned on.
    NoEnable(IsaRegister, EnableRefusal),
    /// The vCPU has run.
    HasRun,
    /// The value sets bits of `isa` that stand for no single-letter extension.
    IsaBits,
    /// The value is not the host's block size.
    BlockSize(ConfigReg, u64),
    /// The value is not the host's `satp` mode.
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
            | RefusalReason::NotModelled(_)
            | RefusalReason::UnknownSubtype(_)
            | RefusalReason::UnknownIndex(_)
            | RefusalReason::NewerKernel(..)
            | RefusalReason::HostLacks(..)
            | RefusalReason::Word(_)
            | RefusalReason::UnknownConfig(_)
            | RefusalReason::NewerConfig(..)
            | RefusalReason::BlockOfDisabled(_) => Errno::ENOENT,
            RefusalReason::HasRun => Errno::EBUSY,
            RefusalReason::Size(_)
            | RefusalReason::NotBoolean(_)
            | RefusalReason::NoDisable(..)
            | RefusalReason::NoEnable(..)
            | RefusalReason::IsaBits
            | RefusalReason::BlockSize(..)
            | RefusalReason::SatpMode(_) => Errno::EINVAL,
        }
    }
}

/// One sentence, without the errno.
impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RefusalReason::Size(log2) => write!(
                f,
                "the id says that the register has {} bytes, and registers of this type have 8",
                1u64 << log2
            ),
            RefusalReason::ReservedBits => f.write_str("bits 51..32 of the id must be 0"),
            RefusalReason::UnknownType(kind) => write!(f, "there is no register type {kind:#04x}"),
            RefusalReason::NotModelled(kind) => write!(
                f,
                "registers of type {kind:#04x} are not modelled; a real kernel may have this one"
            ),
            RefusalReason::UnknownSubtype(subtype) => {
                write!(f, "ISA_EXT registers have the subtypes 0, 1 and 2, not {subtype}")
            }
            RefusalReason::UnknownIndex(index) => write!(f, "no extension has the index {index}"),
            RefusalReason::NewerKernel(register, kernel) => write!(
                f,
                "Linux {kernel} has no register for {}; it came with Linux {}",
                register.extension(),
                register.since()
            ),
            RefusalReason::HostLacks(ext, lack) => write!(f, "the host lacks {ext}: {lack}"),
            RefusalReason::Word(word) => {
                write!(f, "word {word} lies beyond the last extension of this kernel")
            }
            RefusalReason::UnknownConfig(index) => {
                write!(f, "no CONFIG register has the index {index}")
            }
            RefusalReason::NewerConfig(register, kernel) => {
                write!(
                    f,
                    "Linux {kernel} has no CONFIG register {register}; it came with Linux 6.18"
                )
            }
            RefusalReason::BlockOfDisabled(ext) => {
                write!(f, "{ext} is off in this vCPU, and this kernel then hides its block size")
            }
            RefusalReason::NotBoolean(value) => {
                write!(f, "an extension is 0 (off) or 1 (on), {value:#x} is neither")
            }
            RefusalReason::NoDisable(register, why, policy) => {
                no_disable(f, *register, *why, *policy)
            }
            RefusalReason::NoEnable(register, why) => no_enable(f, *register, *why),
            RefusalReason::HasRun => f.write_str(
                "the vCPU has run; what its hart is can only change before the first run",
            ),
            RefusalReason::IsaBits => f.write_str(
                "the value sets bits 25 to 31, which stand for no single-letter extension",
            ),
            RefusalReason::BlockSize(register, 0) => {
                write!(f, "{register} is 0: the host has no such blocks")
            }
            RefusalReason::BlockSize(register, size) => {
                write!(f, "{register} is a fact of the host ({size}) and cannot be changed")
            }
            RefusalReason::SatpMode(mode) => {
                write!(f, "satp_mode is a fact of the host ({mode}) and cannot be changed")
            }
        }
    }
}

fn no_disable(
    f: &mut fmt::Formatter<'_>,
    register: IsaRegister,
    why: DisableRefusal,
    policy: Policy,
) -> fmt::Result {
    let ext = register.extension();
    match why {
        DisableRefusal::NoMechanism => {
            write!(f, "Linux has no way to turn {ext} off")?;
            if register == IsaRegister::ZTSO && policy != Policy::Documented {
                write!(f, "; `--policy {}` models a host that can", Policy::Documented)?;
            }
            Ok(())
        }
        DisableRefusal::NeedsSmstateen => {
            write!(f, "Linux can turn {ext} off only with Smstateen, which this host lacks")
        }
        DisableRefusal::NeedsHardwareAd => write!(
            f,
            "Linux can turn {ext} off only where hardware updates A and D bits (Svadu), which this \
             host does not"
        ),
    }
}

fn no_enable(f: &mut fmt::Formatter<'_>, register: IsaRegister, why: EnableRefusal) -> fmt::Result {
    let ext = register.extension();
    match why {
        EnableRefusal::Hypervisor => f.write_str("KVM gives no guest the hypervisor extension"),
        EnableRefusal::NeedsSsaia => write!(f, "{ext} needs Ssaia, which this host lacks"),
        EnableRefusal::NeedsHardwareAd => {
            write!(f, "{ext} needs hardware that updates A and D bits, which this host lacks")
        }
        EnableRefusal::VectorForbidden => f.write_str("the host's settings allow no vector code"),
    }
}
