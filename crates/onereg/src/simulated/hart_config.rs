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

use rvlitmus_core::arch::riscv::{Base, Extension, ExtensionSet};
use rvlitmus_core::model::BaseModel;
use rvlitmus_core::program::HartConfig;

use crate::host::description::{AbsenceReason, Host};
use crate::isa::extension::IsaExt;
use crate::register::isa_ext::IsaRegister;
use crate::vcpu::state::Vcpu;

/// One extension of one hart: there or not, and by which rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HartExtension {
    /// The extension.
    pub extension: Extension,
    /// Why it is there, or is not.
    pub cause: Cause,
}

/// The rule that decides over an extension of a hart. Completes "Zacas is there: ..." or "Zacas is not
/// there: ...".
#[derive(Clone, PartialEq, Eq, Debug, strum::Display)]
pub enum Cause {
    /// Its encodings are hints, which every hart executes.
    #[strum(to_string = "its encodings are hints, which every hart executes")]
    Hint,
    /// Its register is on.
    #[strum(to_string = "its register is on")]
    RegisterOn,
    /// Its register is off.
    #[strum(to_string = "its register is off")]
    RegisterOff,
    /// The host lacks it, so there is no register.
    #[strum(to_string = "the host lacks it ({0})")]
    Host(AbsenceReason),
    /// No register in this kernel, but A is on.
    #[strum(to_string = "this kernel has no register for it, and A is on")]
    PartOfA,
    /// No register in this kernel, and all harts of the host have it.
    #[strum(to_string = "this kernel has no register for it, and the hardware has it")]
    HardwareHas,
    /// No register in this kernel, and not all harts of the host have it.
    #[strum(to_string = "this kernel has no register for it, and the hardware lacks it")]
    HardwareLacks,
}

impl Cause {
    /// Does the hart have the extension?
    #[must_use]
    pub const fn present(&self) -> bool {
        matches!(self, Cause::Hint | Cause::RegisterOn | Cause::PartOfA | Cause::HardwareHas)
    }
}

impl Vcpu {
    /// Every extension that litmus tests know, and what decides over it on this vCPU.
    #[must_use]
    pub fn hart_extensions(&self) -> Vec<HartExtension> {
        let with_cause = |extension| HartExtension { extension, cause: cause(self, extension) };
        ExtensionSet::all().iter().map(with_cause).collect()
    }

    /// The hart that the guest sees.
    #[must_use]
    pub fn hart_config(&self) -> HartConfig {
        let present = |extension: &Extension| cause(self, *extension).present();
        let extensions: ExtensionSet = ExtensionSet::all().iter().filter(present).collect();
        let model =
            if extensions.contains(Extension::Ztso) { BaseModel::Ztso } else { BaseModel::Rvwmo };
        HartConfig { base: Base::Rv64, extensions, model }
    }
}

/// The same extension in the table of all extensions.
pub(super) fn isa_ext(extension: Extension) -> IsaExt {
    IsaExt::find(&extension.token()).expect("litmus tests know no other extensions")
}

fn cause(vcpu: &Vcpu, extension: Extension) -> Cause {
    let host = vcpu.host();
    let ext = isa_ext(extension);
    if matches!(extension, Extension::Zihintpause | Extension::Zihintntl | Extension::Zicbop) {
        return Cause::Hint;
    }
    let hardware = || match host.hardware().contains(ext) {
        true => Cause::HardwareHas,
        false => Cause::HardwareLacks,
    };
    // It is of 32-bit harts only, which have no register here: the kernel's is about 64-bit ones.
    if extension == Extension::Zilsd {
        return hardware();
    }
    if let Some(register) = IsaRegister::of(ext).filter(|r| r.known_to(host.policy())) {
        return match (host.offers(register), vcpu.has(ext)) {
            (false, _) => Cause::Host(host.absence_reason(Host::extension_behind(register))),
            (true, true) => Cause::RegisterOn,
            (true, false) => Cause::RegisterOff,
        };
    }
    if matches!(extension, Extension::Zaamo | Extension::Zalrsc) && vcpu.has(IsaExt::A) {
        Cause::PartOfA
    } else {
        hardware()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::constants::HostConstants;
    use crate::host::description::HostHart;
    use crate::kernel::release::Policy;
    use crate::register::id::RegId;

    fn vcpu(isa: &str, policy: Policy) -> Vcpu {
        Vcpu::new(Host::from_isa_string(isa, policy).unwrap())
    }

    fn has(isa: &str, policy: Policy, extension: Extension) -> bool {
        vcpu(isa, policy).hart_config().extensions.contains(extension)
    }

    #[test]
    fn every_extension_has_its_own_isa_ext() {
        for extension in ExtensionSet::all() {
            assert_eq!(isa_ext(extension).token(), extension.token());
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
            assert_eq!(cause(&v, extension), Cause::PartOfA);
            assert_eq!(cause(&vcpu("rv64ima", Policy::Linux7_2), extension), Cause::RegisterOn);
            assert!(!has("rv64im", Policy::Linux6_12, extension));
            assert!(!has("rv64im", Policy::Linux7_2, extension));
        }
        let half = vcpu("rv64im_zalrsc", Policy::Linux6_12);
        assert_eq!(cause(&half, Extension::Zalrsc), Cause::HardwareHas);
        assert_eq!(cause(&half, Extension::Zaamo), Cause::HardwareLacks);
    }

    #[test]
    fn what_has_no_register_follows_the_hardware() {
        assert!(has("rv64gc_zabha", Policy::Linux6_12, Extension::Zabha));
        assert!(!has("rv64gc", Policy::Linux6_12, Extension::Zabha));
        assert!(has("rv64gc_zama16b", Policy::Linux7_2, Extension::Zama16b));
        let harts =
            ["rv64gc_zama16b_zabha", "rv64gc"].map(|isa| HostHart::from_isa_string(isa).unwrap());
        let host = Host::new(harts.to_vec(), Policy::Linux6_12, HostConstants::default()).unwrap();
        let extensions = Vcpu::new(host).hart_config().extensions;
        assert!(!extensions.contains(Extension::Zama16b) && !extensions.contains(Extension::Zabha));
    }

    #[test]
    fn what_the_host_lacks_is_off() {
        let v = vcpu("rv64gc", Policy::Linux7_2);
        assert!(matches!(cause(&v, Extension::Zacas), Cause::Host(AbsenceReason::Harts(..))));
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
        let hidden =
            HostHart::from_isa_string("rv64gc").unwrap().with_hardware(IsaExt::Ztso.into());
        let host =
            Host::new(vec![with, hidden], Policy::Linux7_2, HostConstants::default()).unwrap();
        assert!(host.hardware().contains(IsaExt::Ztso));
        assert_eq!(Vcpu::new(host).hart_config().model, BaseModel::Rvwmo);
    }
}
