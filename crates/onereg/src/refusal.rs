//! Why the kernel refuses a request: the errno, and the reason behind it.

use std::fmt;

use super::{ConfigReg, Dropped, Ext, IsaRegister, Policy, Release};

/// The errnos of the modelled requests.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)] // errno(3) says what they are
pub enum Errno {
    ENOENT = 2,
    E2BIG = 7,
    EBUSY = 16,
    EINVAL = 22,
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A refused request. Its `Display` is the errno and one sentence: "EBUSY: ...".
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}: {reason}", reason.errno())]
pub struct Refusal {
    /// What stood in the way first, in the kernel's order of checks.
    pub reason: Reason,
}

impl Refusal {
    /// What the ioctl fails with.
    #[must_use]
    pub const fn errno(&self) -> Errno {
        self.reason.errno()
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Refusal {
        Refusal { reason }
    }
}

/// What stands in the way of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
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
    HostLacks(Ext, Lack),
    /// The word lies beyond the last extension.
    Word(u64),
    /// No CONFIG register has this index.
    UnknownConfig(u64),
    /// A newer kernel has the CONFIG register.
    NewerConfig(ConfigReg, Release),
    /// The block size of an extension that is off in this vCPU.
    BlockOfDisabled(Ext),
    /// A SINGLE register takes 0 and 1 only.
    NotBoolean(u64),
    /// The extension cannot be turned off.
    NoDisable(IsaRegister, NoDisable, Policy),
    /// The extension cannot be turned on.
    NoEnable(IsaRegister, NoEnable),
    /// The vCPU has run.
    HasRun,
    /// The value sets bits of `isa` that stand for no single-letter extension.
    IsaBits,
    /// Not the host's block size.
    BlockSize(ConfigReg, u64),
    /// Not the host's `satp` mode.
    SatpMode(u64),
}

/// Why a host lacks an extension.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lack {
    /// These harts (ascending) of so many do not have it.
    Harts(Vec<usize>, usize),
    /// The first hart without it has it by its device tree, but the kernel does not accept it there.
    NotAccepted(Dropped),
}

/// Why an extension cannot be turned off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoDisable {
    /// No mechanism takes it away from a guest.
    NoMechanism,
    /// Only Smstateen does, and the host lacks it.
    NeedsSmstateen,
    /// Only on hosts whose hardware updates A and D bits.
    NeedsHardwareAd,
}

/// Why an extension cannot be turned on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoEnable {
    /// KVM gives no guest the hypervisor extension.
    Hypervisor,
    /// It needs Ssaia, which the host lacks.
    NeedsSsaia,
    /// Only on hosts whose hardware updates A and D bits.
    NeedsHardwareAd,
    /// The system does not allow vector code.
    VectorForbidden,
}

impl Reason {
    /// The errno that goes with it.
    #[must_use]
    pub const fn errno(&self) -> Errno {
        match self {
            Reason::ReservedBits
            | Reason::UnknownType(_)
            | Reason::NotModelled(_)
            | Reason::UnknownSubtype(_)
            | Reason::UnknownIndex(_)
            | Reason::NewerKernel(..)
            | Reason::HostLacks(..)
            | Reason::Word(_)
            | Reason::UnknownConfig(_)
            | Reason::NewerConfig(..)
            | Reason::BlockOfDisabled(_) => Errno::ENOENT,
            Reason::HasRun => Errno::EBUSY,
            Reason::Size(_)
            | Reason::NotBoolean(_)
            | Reason::NoDisable(..)
            | Reason::NoEnable(..)
            | Reason::IsaBits
            | Reason::BlockSize(..)
            | Reason::SatpMode(_) => Errno::EINVAL,
        }
    }
}

/// One sentence, without the errno.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Size(log2) => write!(
                f,
                "the id says that the register has {} bytes, and registers of this type have 8",
                1u64 << log2
            ),
            Reason::ReservedBits => f.write_str("bits 51..32 of the id must be 0"),
            Reason::UnknownType(kind) => write!(f, "there is no register type {kind:#04x}"),
            Reason::NotModelled(kind) => write!(
                f,
                "registers of type {kind:#04x} are not modelled; a real kernel may have this one"
            ),
            Reason::UnknownSubtype(subtype) => {
                write!(f, "ISA_EXT registers have the subtypes 0, 1 and 2, not {subtype}")
            }
            Reason::UnknownIndex(index) => write!(f, "no extension has the index {index}"),
            Reason::NewerKernel(register, kernel) => write!(
                f,
                "Linux {kernel} has no register for {}; it came with Linux {}",
                register.extension(),
                register.since()
            ),
            Reason::HostLacks(ext, lack) => write!(f, "the host lacks {ext}: {lack}"),
            Reason::Word(word) => {
                write!(f, "word {word} lies beyond the last extension of this kernel")
            }
            Reason::UnknownConfig(index) => write!(f, "no CONFIG register has the index {index}"),
            Reason::NewerConfig(register, kernel) => {
                write!(
                    f,
                    "Linux {kernel} has no CONFIG register {register}; it came with Linux 6.18"
                )
            }
            Reason::BlockOfDisabled(ext) => {
                write!(f, "{ext} is off in this vCPU, and this kernel then hides its block size")
            }
            Reason::NotBoolean(value) => {
                write!(f, "an extension is 0 (off) or 1 (on), {value:#x} is neither")
            }
            Reason::NoDisable(register, why, policy) => no_disable(f, *register, *why, *policy),
            Reason::NoEnable(register, why) => no_enable(f, *register, *why),
            Reason::HasRun => f.write_str(
                "the vCPU has run; what its hart is can only change before the first run",
            ),
            Reason::IsaBits => f.write_str(
                "the value sets bits 25 to 31, which stand for no single-letter extension",
            ),
            Reason::BlockSize(register, 0) => {
                write!(f, "{register} is 0: the host has no such blocks")
            }
            Reason::BlockSize(register, size) => {
                write!(f, "{register} is a fact of the host ({size}) and cannot be changed")
            }
            Reason::SatpMode(mode) => {
                write!(f, "satp_mode is a fact of the host ({mode}) and cannot be changed")
            }
        }
    }
}

fn no_disable(
    f: &mut fmt::Formatter<'_>,
    register: IsaRegister,
    why: NoDisable,
    policy: Policy,
) -> fmt::Result {
    let ext = register.extension();
    match why {
        NoDisable::NoMechanism => {
            write!(f, "Linux has no way to turn {ext} off")?;
            if register == IsaRegister::ZTSO && policy != Policy::Documented {
                write!(f, "; `--policy {}` models a host that can", Policy::Documented)?;
            }
            Ok(())
        }
        NoDisable::NeedsSmstateen => {
            write!(f, "Linux can turn {ext} off only with Smstateen, which this host lacks")
        }
        NoDisable::NeedsHardwareAd => write!(
            f,
            "Linux can turn {ext} off only where hardware updates A and D bits (Svadu), which this \
             host does not"
        ),
    }
}

fn no_enable(f: &mut fmt::Formatter<'_>, register: IsaRegister, why: NoEnable) -> fmt::Result {
    let ext = register.extension();
    match why {
        NoEnable::Hypervisor => f.write_str("KVM gives no guest the hypervisor extension"),
        NoEnable::NeedsSsaia => write!(f, "{ext} needs Ssaia, which this host lacks"),
        NoEnable::NeedsHardwareAd => {
            write!(f, "{ext} needs hardware that updates A and D bits, which this host lacks")
        }
        NoEnable::VectorForbidden => f.write_str("the host's settings allow no vector code"),
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lack::NotAccepted(why) => write!(f, "Linux does not accept it {why}"),
            Lack::Harts(_, 1) => f.write_str("its device tree does not name it"),
            Lack::Harts(without, harts) if without.len() == *harts => {
                write!(f, "none of its {harts} harts has it")
            }
            Lack::Harts(without, harts) => {
                let numbers: Vec<String> = without.iter().map(ToString::to_string).collect();
                let (noun, verb) =
                    if numbers.len() == 1 { ("hart", "does") } else { ("harts", "do") };
                write!(
                    f,
                    "{noun} {} of {harts} {verb} not have it, and Linux offers what all harts have",
                    numbers.join(", ")
                )
            }
        }
    }
}
