//! From a vCPU's registers to a hart of a litmus test.
//!
//! The rules, in this order, for each extension that brings instructions or bears on the model:
//!
//! 1. A *hint* (Zihintpause, Zihintntl, Zicbop) is always there: its encodings are defined as hints
//!    in the base, and do nothing on a hart that lacks the extension.
//! 2. Where the kernel has a *register*, the register decides. Without the extension on the host
//!    there is no register, and it is off: the guest is not promised it, and may be moved to a host
//!    hart that lacks it.
//! 3. Where the kernel has *no register*, it cannot take the extension away from a guest. Zaamo and
//!    Zalrsc are the halves of A, and are on when A is on (Linux 6.12). Everything else follows the
//!    hardware: on if every hart of the host has it (Zabha, Zalasr and the like under Linux 6.12;
//!    Zama16b, which no kernel has a register for).
//!
//! The hart follows Ztso exactly if the register of Ztso is on. A host whose hardware is TSO, but
//! whose device tree does not say so on every hart, gives RVWMO: nobody promised more.

use std::fmt;

use super::{Ext, Host, IsaRegister, Lack, Vcpu};
use rvlitmus_core::arch::riscv::{Base, Extension, ExtensionSet};
use rvlitmus_core::model::BaseModel;
use rvlitmus_core::program::HartConfig;

/// One extension of one hart: there or not, and by which rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Feature {
    /// Which.
    pub extension: Extension,
    /// Why it is there, or is not.
    pub ground: Ground,
}

/// The rule that decides over an extension of a hart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ground {
    /// Its encodings are hints, which every hart executes.
    Hint,
    /// Its register is on.
    RegisterOn,
    /// Its register is off.
    RegisterOff,
    /// The host lacks it, so there is no register.
    Host(Lack),
    /// No register in this kernel, but A is on.
    PartOfA,
    /// No register in this kernel, and all harts of the host have it.
    HardwareHas,
    /// No register in this kernel, and not all harts of the host have it.
    HardwareLacks,
}

impl Ground {
    /// Does the hart have the extension?
    #[must_use]
    pub const fn present(&self) -> bool {
        matches!(self, Ground::Hint | Ground::RegisterOn | Ground::PartOfA | Ground::HardwareHas)
    }
}

/// Completes "Zacas is there: ..." or "Zacas is not there: ...".
impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ground::Hint => f.write_str("its encodings are hints, which every hart executes"),
            Ground::RegisterOn => f.write_str("its register is on"),
            Ground::RegisterOff => f.write_str("its register is off"),
            Ground::Host(lack) => write!(f, "the host lacks it ({lack})"),
            Ground::PartOfA => f.write_str("this kernel has no register for it, and A is on"),
            Ground::HardwareHas => {
                f.write_str("this kernel has no register for it, and the hardware has it")
            }
            Ground::HardwareLacks => {
                f.write_str("this kernel has no register for it, and the hardware lacks it")
            }
        }
    }
}

impl Vcpu {
    /// Every extension that litmus tests know, and what decides over it on this vCPU.
    #[must_use]
    pub fn features(&self) -> Vec<Feature> {
        Extension::ALL
            .into_iter()
            .map(|extension| Feature { extension, ground: ground(self, extension) })
            .collect()
    }

    /// The hart that the guest sees.
    #[must_use]
    pub fn hart_config(&self) -> HartConfig {
        let extensions: ExtensionSet = Extension::ALL
            .into_iter()
            .filter(|extension| ground(self, *extension).present())
            .collect();
        let model =
            if extensions.contains(Extension::Ztso) { BaseModel::Ztso } else { BaseModel::Rvwmo };
        HartConfig { base: Base::Rv64, extensions, model }
    }
}

/// The row of an extension of litmus tests in the table of all extensions.
pub(super) fn row(extension: Extension) -> Ext {
    match extension {
        Extension::I => Ext::named("i"),
        Extension::M => Ext::named("m"),
        Extension::Zca => Ext::named("zca"),
        Extension::Zaamo => Ext::named("zaamo"),
        Extension::Zalrsc => Ext::named("zalrsc"),
        Extension::Zabha => Ext::named("zabha"),
        Extension::Zacas => Ext::named("zacas"),
        Extension::Zalasr => Ext::named("zalasr"),
        Extension::Zawrs => Ext::named("zawrs"),
        Extension::Zicbop => Ext::named("zicbop"),
        Extension::Zicond => Ext::named("zicond"),
        Extension::Zifencei => Ext::named("zifencei"),
        Extension::Zihintntl => Ext::named("zihintntl"),
        Extension::Zihintpause => Ext::named("zihintpause"),
        Extension::Zba => Ext::named("zba"),
        Extension::Zbb => Ext::named("zbb"),
        Extension::Zbs => Ext::named("zbs"),
        Extension::Zama16b => Ext::named("zama16b"),
        Extension::Ztso => Ext::named("ztso"),
    }
}

fn ground(vcpu: &Vcpu, extension: Extension) -> Ground {
    let host = vcpu.host();
    let ext = row(extension);
    if matches!(extension, Extension::Zihintpause | Extension::Zihintntl | Extension::Zicbop) {
        return Ground::Hint;
    }
    if let Some(register) = IsaRegister::of(ext).filter(|r| r.known_to(host.policy())) {
        return match (host.offers(register), vcpu.has(register)) {
            (false, _) => Ground::Host(host.lack(Host::presence(register))),
            (true, true) => Ground::RegisterOn,
            (true, false) => Ground::RegisterOff,
        };
    }
    let a_is_on = IsaRegister::of(Ext::named("a")).is_some_and(|a| vcpu.has(a));
    if matches!(extension, Extension::Zaamo | Extension::Zalrsc) && a_is_on {
        Ground::PartOfA
    } else if host.hardware().contains(ext) {
        Ground::HardwareHas
    } else {
        Ground::HardwareLacks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Facts, HostHart, Policy, RegId, Vm};

    fn vcpu(isa: &str, policy: Policy) -> Vcpu {
        Vm::new(Host::from_isa_string(isa, policy).unwrap(), 1).vcpus.remove(0)
    }

    fn has(isa: &str, policy: Policy, extension: Extension) -> bool {
        vcpu(isa, policy).hart_config().extensions.contains(extension)
    }

    #[test]
    fn every_extension_has_its_own_row() {
        for extension in Extension::ALL {
            assert_eq!(row(extension).token(), extension.token());
        }
    }

    #[test]
    fn the_register_of_ztso_decides_over_the_model() {
        for policy in Policy::ALL {
            assert_eq!(vcpu("rv64gc", policy).hart_config().model, BaseModel::Rvwmo);
            assert_eq!(vcpu("rv64gc_ztso", policy).hart_config().model, BaseModel::Ztso);
        }
        let mut switched = vcpu("rv64gc_ztso", Policy::Documented);
        switched.set_one_reg(RegId::isa_single(IsaRegister::ZTSO), 0).unwrap();
        let config = switched.hart_config();
        assert_eq!(config.model, BaseModel::Rvwmo);
        assert!(!config.extensions.contains(Extension::Ztso));
    }

    #[test]
    fn atomics_of_6_12_come_with_a() {
        for extension in [Extension::Zaamo, Extension::Zalrsc] {
            let v = vcpu("rv64ima", Policy::Linux6_12);
            assert!(v.hart_config().extensions.contains(extension));
            assert_eq!(ground(&v, extension), Ground::PartOfA);
            assert_eq!(ground(&vcpu("rv64ima", Policy::Linux7_2), extension), Ground::RegisterOn);
            assert!(!has("rv64im", Policy::Linux6_12, extension));
            assert!(!has("rv64im", Policy::Linux7_2, extension));
        }
        let half = vcpu("rv64im_zalrsc", Policy::Linux6_12);
        assert_eq!(ground(&half, Extension::Zalrsc), Ground::HardwareHas);
        assert_eq!(ground(&half, Extension::Zaamo), Ground::HardwareLacks);
    }

    #[test]
    fn what_has_no_register_follows_the_hardware() {
        assert!(has("rv64gc_zabha", Policy::Linux6_12, Extension::Zabha));
        assert!(!has("rv64gc", Policy::Linux6_12, Extension::Zabha));
        assert!(has("rv64gc_zama16b", Policy::Linux7_2, Extension::Zama16b));
        let harts =
            ["rv64gc_zama16b_zabha", "rv64gc"].map(|isa| HostHart::from_isa_string(isa).unwrap());
        let host = Host::new(harts.to_vec(), Policy::Linux6_12, Facts::default()).unwrap();
        let extensions = Vm::new(host, 1).vcpus[0].hart_config().extensions;
        assert!(!extensions.contains(Extension::Zama16b) && !extensions.contains(Extension::Zabha));
    }

    #[test]
    fn what_the_host_lacks_is_off() {
        let v = vcpu("rv64gc", Policy::Linux7_2);
        assert!(matches!(ground(&v, Extension::Zacas), Ground::Host(Lack::Harts(..))));
        assert!(!has("rv64gc", Policy::Linux7_2, Extension::Zalasr));
    }

    #[test]
    fn hints_are_always_there() {
        for policy in Policy::ALL {
            for hint in [Extension::Zihintpause, Extension::Zihintntl, Extension::Zicbop] {
                assert!(has("rv64i", policy, hint), "{hint} under {policy}");
            }
            assert!(!has("rv64i", policy, Extension::Zawrs));
            assert!(!has("rv64i", policy, Extension::Zicond));
        }
    }

    #[test]
    fn a_device_tree_that_hides_ztso_gives_rvwmo() {
        let with = HostHart::from_isa_string("rv64gc_ztso").unwrap();
        let hidden = HostHart::from_isa_string("rv64gc")
            .unwrap()
            .with_hardware(&[Ext::named("ztso")].into_iter().collect());
        let host = Host::new(vec![with, hidden], Policy::Linux7_2, Facts::default()).unwrap();
        assert!(host.hardware().contains(Ext::named("ztso")));
        assert_eq!(Vm::new(host, 1).vcpus[0].hart_config().model, BaseModel::Rvwmo);
    }
}
