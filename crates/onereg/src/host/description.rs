//! The machine that the guest runs on: its harts, its kernel, its constants.

use std::fmt;

use super::constants::{HostConstants, least_vlenb};
use crate::isa::extension::{IsaExt, IsaExtSet};
use crate::isa::implied::with_implied;
use crate::isa::isa_string::{IsaString, IsaStringError};
use crate::kernel::release::Policy;
use crate::kernel::resolve::{Rejection, ResolvedIsa, resolve_isa};
use crate::register::isa_ext::IsaRegister;
use crate::suggest;

/// One hart of the host, as firmware describes it to the kernel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostHart {
    named: IsaExtSet,
    hardware: IsaExtSet,
    unknown: Vec<String>,
}

impl HostHart {
    /// A hart whose device tree has the ISA string `isa` in its property `riscv,isa`.
    ///
    /// The kernel is told what the string names, and as Linux does, that Zicsr, Zifencei, Zicntr and
    /// Zihpm are there: they were part of the base when such strings were introduced. The hardware has
    /// what the string implies too. Names that are not known here are kept apart, as the kernel
    /// ignores them.
    ///
    /// # Errors
    /// If the string is not understood.
    pub fn from_isa_string(isa: &str) -> Result<HostHart, IsaStringError> {
        let string = IsaString::parse(isa)?;
        let base = IsaExt::Zicsr | IsaExt::Zifencei | IsaExt::Zicntr | IsaExt::Zihpm;
        let hart = HostHart::from_device_tree(string.named() | base);
        Ok(hart.with_unknown(string.unknown().to_vec()))
    }

    /// A hart whose device tree property `riscv,isa-extensions` lists `named`: the kernel is told
    /// that and no more, while the hardware has what these extensions imply.
    #[must_use]
    pub fn from_device_tree(named: IsaExtSet) -> HostHart {
        HostHart { named, hardware: with_implied(named), unknown: Vec::new() }
    }

    /// The same hart, whose device tree names these too, which nothing here knows.
    #[must_use]
    pub fn with_unknown(mut self, names: Vec<String>) -> HostHart {
        self.unknown.extend(names);
        self
    }

    /// What its device tree names, as far as the names are known here.
    #[must_use]
    pub fn named(&self) -> IsaExtSet {
        self.named
    }

    /// The same hart, whose hardware is known to have `more` too. The kernel is not told.
    #[must_use]
    pub fn with_hardware(mut self, more: IsaExtSet) -> HostHart {
        self.hardware |= with_implied(more);
        self
    }
}

/// A host: at least one hart, a kernel that behaves by a [`Policy`], and [`HostConstants`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host {
    policy: Policy,
    constants: HostConstants,
    harts: Vec<HostHart>,
    resolved: Vec<ResolvedIsa>,
    common: IsaExtSet,
    hardware: IsaExtSet,
}

/// Why there is no such host.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HostError {
    /// A host needs a hart.
    #[error("a host needs at least one hart")]
    NoHarts,
    /// A constant that no machine with such harts has.
    #[error("{field}: {value} is {problem}")]
    Constant {
        /// Its name in VM files.
        field: &'static str,
        /// What was given.
        value: u64,
        /// What is wrong with it.
        problem: String,
    },
}

impl Host {
    /// Boots the kernel on these harts.
    ///
    /// # Errors
    /// If there are none, or no machine has such constants.
    pub fn new(
        harts: Vec<HostHart>,
        policy: Policy,
        constants: HostConstants,
    ) -> Result<Host, HostError> {
        let resolved: Vec<_> =
            harts.iter().map(|h| resolve_isa(h.named, policy, &constants.blocks)).collect();
        let common =
            resolved.iter().map(|r| r.accepted).reduce(|a, b| a & b).ok_or(HostError::NoHarts)?;
        let hardware =
            harts.iter().map(|h| h.hardware).reduce(|a, b| a & b).ok_or(HostError::NoHarts)?;
        constants.check(hardware)?;
        Ok(Host { policy, constants, harts, resolved, common, hardware })
    }

    /// A host with one hart of that ISA string and default constants.
    ///
    /// # Errors
    /// If the string is not understood.
    pub fn from_isa_string(isa: &str, policy: Policy) -> Result<Host, IsaStringError> {
        let hart = HostHart::from_isa_string(isa)?;
        Ok(Host::new(vec![hart], policy, HostConstants::default()).expect("one hart"))
    }

    /// How the kernel answers.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// The same machine with another kernel.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Host {
        Host::new(self.harts, policy, self.constants).expect("a host has harts")
    }

    /// The constants.
    #[must_use]
    pub fn constants(&self) -> &HostConstants {
        &self.constants
    }

    /// The harts, in order.
    #[must_use]
    pub fn harts(&self) -> &[HostHart] {
        &self.harts
    }

    /// What the kernel takes the host to have: on every hart accepted.
    #[must_use]
    pub fn common(&self) -> IsaExtSet {
        self.common
    }

    /// What the kernel accepts of one hart: its line in `/proc/cpuinfo`.
    #[must_use]
    pub fn resolved(&self, hart: usize) -> Option<&ResolvedIsa> {
        self.resolved.get(hart)
    }

    /// Length of a vector register in bytes.
    #[must_use]
    pub fn vlenb(&self) -> u64 {
        self.constants.vlenb.unwrap_or_else(|| least_vlenb(self.hardware).unwrap_or(16).max(16))
    }

    /// What the hardware of every hart has, whatever the kernel knows of it.
    #[must_use]
    pub fn hardware(&self) -> IsaExtSet {
        self.hardware
    }

    /// The host's extension that the register needs. Pointer masking in the guest's supervisor mode
    /// (its Smnpm) is what the host's Ssnpm controls.
    #[must_use]
    pub fn extension_behind(register: IsaRegister) -> IsaExt {
        match register.extension() {
            IsaExt::Smnpm => IsaExt::Ssnpm,
            other => other,
        }
    }

    /// Does the kernel offer this register on this host?
    #[must_use]
    pub fn offers(&self, register: IsaRegister) -> bool {
        register.known_to(self.policy) && self.common.contains(Host::extension_behind(register))
    }

    /// Why the kernel takes the host not to have `ext`.
    #[must_use]
    pub fn absence_reason(&self, ext: IsaExt) -> AbsenceReason {
        let resolved = &self.resolved;
        let without: Vec<usize> =
            (0..resolved.len()).filter(|h| !resolved[*h].accepted.contains(ext)).collect();
        let rejection = without.first().and_then(|h| {
            resolved[*h].rejected.iter().find(|(e, _)| *e == ext).map(|(_, why)| *why)
        });
        rejection.map_or_else(
            || AbsenceReason::Harts(without, self.harts.len()),
            AbsenceReason::NotAccepted,
        )
    }

    /// The block size that the device tree gives for Zicbom, Zicboz or Zicbop; 0 where no hart's node
    /// names the extension.
    #[must_use]
    pub fn block_size(&self, ext: IsaExt) -> u64 {
        if self.harts.iter().any(|h| h.named.contains(ext)) {
            self.constants.blocks.of(ext)
        } else {
            0
        }
    }

    /// Does hardware update the A and D bits of page tables here? (Svadu, as the kernel sees it.)
    #[must_use]
    pub fn updates_ad_bits(&self) -> bool {
        self.common.contains(IsaExt::Svadu)
    }

    /// One line for each name that a device tree has and nothing here knows: Linux ignores such names.
    #[must_use]
    pub fn unknown_names(&self) -> Vec<String> {
        let of_hart = |(hart, described): (usize, &'_ HostHart)| {
            let line = |name: &String| {
                let near = IsaExt::nearest(name).map(IsaExt::token);
                let hint = suggest::did_you_mean(near);
                format!(
                    "hart {hart}: `{name}` is ignored, as Linux ignores names that it does not know{hint}"
                )
            };
            described.unknown.iter().map(line).collect::<Vec<_>>()
        };
        self.harts.iter().enumerate().flat_map(of_hart).collect()
    }

    /// One line for each hart: what the kernel does not accept there, with the reason.
    #[must_use]
    pub fn not_accepted(&self) -> Vec<String> {
        let release = self.policy.release();
        let of_hart = |(hart, resolved): (usize, &'_ ResolvedIsa)| {
            let line = |(ext, why): &(IsaExt, Rejection)| {
                format!("hart {hart}: Linux {release} does not accept {ext} {why}")
            };
            resolved.rejected.iter().map(line).collect::<Vec<_>>()
        };
        self.resolved.iter().enumerate().flat_map(of_hart).collect()
    }
}

/// Why a host lacks an extension.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AbsenceReason {
    /// These harts (ascending) of so many do not have it.
    Harts(Vec<usize>, usize),
    /// The first hart without it has it by its device tree, but the kernel does not accept it there.
    NotAccepted(Rejection),
}

impl fmt::Display for AbsenceReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AbsenceReason::NotAccepted(why) => write!(f, "Linux does not accept it {why}"),
            AbsenceReason::Harts(_, 1) => f.write_str("its device tree does not name it"),
            AbsenceReason::Harts(without, harts) if without.len() == *harts => {
                write!(f, "none of its {harts} harts has it")
            }
            AbsenceReason::Harts(without, harts) => {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn hart(isa: &str) -> HostHart {
        HostHart::from_isa_string(isa).unwrap()
    }

    fn register(token: &str) -> IsaRegister {
        IsaRegister::of(IsaExt::find(token).unwrap()).unwrap()
    }

    #[test]
    fn a_host_has_what_all_harts_have() {
        let harts = vec![hart("rv64gc_ztso_zacas"), hart("rv64gc_zacas")];
        let host = Host::new(harts, Policy::Linux7_2, HostConstants::default()).unwrap();
        assert!(host.offers(register("zacas")) && !host.offers(IsaRegister::ZTSO));
        assert!(host.resolved(0).unwrap().accepted.contains(IsaExt::Ztso));
        assert!(host.resolved(2).is_none());
        assert_eq!(
            Host::new(vec![], Policy::Linux7_2, HostConstants::default()),
            Err(HostError::NoHarts)
        );
    }

    #[test]
    fn old_strings_have_the_old_base() {
        let host = Host::from_isa_string("rv64ima", Policy::Linux7_2).unwrap();
        assert!(host.offers(register("zifencei")) && host.offers(register("zihpm")));
        let listed = HostHart::from_device_tree(IsaExt::I.into());
        let host = Host::new(vec![listed], Policy::Linux7_2, HostConstants::default()).unwrap();
        assert!(!host.offers(register("zifencei")));
    }

    #[test]
    fn the_kernel_knows_less_than_the_hardware_has() {
        let host = Host::from_isa_string("rv64gc_zabha_zalasr", Policy::Linux6_12).unwrap();
        let zabha = IsaExt::Zabha;
        assert!(!host.common().contains(zabha) && host.hardware().contains(zabha));
        assert!(!host.offers(register("zabha")));
        assert!(host.with_policy(Policy::Linux7_2).offers(register("zabha")));
    }

    #[test]
    fn smnpm_follows_ssnpm() {
        let host = Host::from_isa_string("rv64gc_ssnpm", Policy::Linux7_2).unwrap();
        assert!(host.offers(register("smnpm")) && host.offers(register("ssnpm")));
        let host = Host::from_isa_string("rv64gc_smnpm", Policy::Linux7_2).unwrap();
        assert!(!host.offers(register("smnpm")));
    }
}
