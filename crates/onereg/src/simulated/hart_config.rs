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

use crate::isa::extension::IsaExt;
use crate::register::isa_ext::IsaRegister;
use crate::vcpu::state::Vcpu;

impl Vcpu {
    /// The hart that the guest sees.
    #[must_use]
    pub fn hart_config(&self) -> HartConfig {
        let has = |extension: &Extension| has(self, *extension);
        let extensions: ExtensionSet = ExtensionSet::all().iter().filter(has).collect();
        let model =
            if extensions.contains(Extension::Ztso) { BaseModel::Ztso } else { BaseModel::Rvwmo };
        HartConfig { base: Base::Rv64, extensions, model }
    }
}

/// The same extension in the table of all extensions.
pub(super) fn isa_ext(extension: Extension) -> IsaExt {
    IsaExt::find(&extension.token()).expect("litmus tests know no other extensions")
}

fn has(vcpu: &Vcpu, extension: Extension) -> bool {
    let host = vcpu.host();
    let ext = isa_ext(extension);
    // Their encodings are hints, which every hart executes.
    if matches!(extension, Extension::Zihintpause | Extension::Zihintntl | Extension::Zicbop) {
        return true;
    }
    // It is of 32-bit harts only, which have no register here: the kernel's is about 64-bit ones.
    if extension == Extension::Zilsd {
        return host.hardware().contains(ext);
    }
    if let Some(register) = IsaRegister::of(ext).filter(|r| r.known_to(host.policy())) {
        return host.offers(register) && vcpu.has(ext);
    }
    // Without a register in this kernel it is part of A, or as in the hardware.
    let of_a = matches!(extension, Extension::Zaamo | Extension::Zalrsc) && vcpu.has(IsaExt::A);
    of_a || host.hardware().contains(ext)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::constants::HostConstants;
    use crate::host::description::{Host, HostHart};
    use crate::kernel::release::Policy;
    use crate::register::id::RegId;

    fn vcpu(isa: &str, policy: Policy) -> Vcpu {
        Vcpu::new(Host::from_isa_string(isa, policy).unwrap())
    }

    fn has_in(isa: &str, policy: Policy, extension: Extension) -> bool {
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
            assert!(has(&vcpu("rv64ima", Policy::Linux7_2), extension));
            assert!(!has_in("rv64im", Policy::Linux6_12, extension));
            assert!(!has_in("rv64im", Policy::Linux7_2, extension));
        }
        let half = vcpu("rv64im_zalrsc", Policy::Linux6_12);
        assert!(has(&half, Extension::Zalrsc) && !has(&half, Extension::Zaamo));
    }

    #[test]
    fn what_has_no_register_follows_the_hardware() {
        assert!(has_in("rv64gc_zabha", Policy::Linux6_12, Extension::Zabha));
        assert!(!has_in("rv64gc", Policy::Linux6_12, Extension::Zabha));
        assert!(has_in("rv64gc_zama16b", Policy::Linux7_2, Extension::Zama16b));
        let harts =
            ["rv64gc_zama16b_zabha", "rv64gc"].map(|isa| HostHart::from_isa_string(isa).unwrap());
        let host = Host::new(harts.to_vec(), Policy::Linux6_12, HostConstants::default()).unwrap();
        let extensions = Vcpu::new(host).hart_config().extensions;
        assert!(!extensions.contains(Extension::Zama16b) && !extensions.contains(Extension::Zabha));
    }

    #[test]
    fn what_the_host_lacks_is_off() {
        assert!(!has_in("rv64gc", Policy::Linux7_2, Extension::Zacas));
        assert!(!has_in("rv64gc", Policy::Linux7_2, Extension::Zalasr));
    }

    #[test]
    fn hints_are_always_there() {
        for policy in Policy::ALL {
            for hint in [Extension::Zihintpause, Extension::Zihintntl, Extension::Zicbop] {
                assert!(has_in("rv64i", policy, hint), "{hint} under {policy}");
            }
            assert!(!has_in("rv64i", policy, Extension::Zawrs));
            assert!(!has_in("rv64i", policy, Extension::Zicond));
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
