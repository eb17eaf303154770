//! Which extensions KVM lets user space turn on and off.
//!
//! `kvm_riscv_isa_enable_allowed` and `kvm_riscv_isa_disable_allowed` (before 7.1:
//! `kvm_riscv_vcpu_isa_*`) of Linux 6.6 to 7.3: what a release adds comes with its registers, so one
//! table serves all. The one difference of [`Policy::Documented`] is Ztso.

use super::refusal::{DisableRefusal, EnableRefusal};
use crate::host::constants::VectorUse;
use crate::host::description::Host;
use crate::isa::extension::IsaExt;
use crate::kernel::release::Policy;
use crate::register::isa_ext::IsaRegister;

/// May user space turn the extension on? Also decides what a fresh vCPU has.
pub(super) fn enable_allowed(host: &Host, register: IsaRegister) -> Result<(), EnableRefusal> {
    let demand = |holds: bool, why| if holds { Ok(()) } else { Err(why) };
    match register.extension() {
        IsaExt::H => Err(EnableRefusal::Hypervisor),
        IsaExt::Sscofpmf => {
            demand(host.common().contains(IsaExt::Ssaia), EnableRefusal::NeedsSsaia)
        }
        IsaExt::Svadu => demand(host.updates_ad_bits(), EnableRefusal::NeedsHardwareAd),
        IsaExt::V => {
            demand(host.constants().vector == VectorUse::Allowed, EnableRefusal::VectorForbidden)
        }
        _ => Ok(()),
    }
}

/// May user space turn the extension off?
pub(super) fn disable_allowed(host: &Host, register: IsaRegister) -> Result<(), DisableRefusal> {
    let demand = |holds: bool, why| if holds { Ok(()) } else { Err(why) };
    match register.extension() {
        IsaExt::D
        | IsaExt::F
        | IsaExt::H
        | IsaExt::V
        | IsaExt::Smnpm
        | IsaExt::Smstateen
        | IsaExt::Svadu
        | IsaExt::Svpbmt
        | IsaExt::Zclsd
        | IsaExt::Zicbom
        | IsaExt::Zicboz
        | IsaExt::Zicfilp
        | IsaExt::Zicfiss
        | IsaExt::Zilsd => Ok(()),
        IsaExt::Ssaia => {
            demand(host.common().contains(IsaExt::Smstateen), DisableRefusal::NeedsSmstateen)
        }
        IsaExt::Svade => demand(host.updates_ad_bits(), DisableRefusal::NeedsHardwareAd),
        IsaExt::Ztso if host.policy() == Policy::Documented => Ok(()),
        _ => Err(DisableRefusal::NoMechanism),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disabled(isa: &str, policy: Policy) -> Vec<String> {
        let host = Host::from_isa_string(isa, policy).unwrap();
        IsaRegister::of_kernel(policy)
            .filter(|r| disable_allowed(&host, *r).is_ok())
            .map(|r| r.to_string())
            .collect()
    }

    #[test]
    fn what_can_be_turned_off() {
        let old = ["D", "F", "H", "SVPBMT", "ZICBOM", "ZICBOZ", "V", "SMSTATEEN"];
        assert_eq!(disabled("rv64gc", Policy::Linux6_12), old);
        let new = [&old[..], &["SMNPM", "SVADU", "ZCLSD", "ZILSD"]].concat();
        assert_eq!(disabled("rv64gc", Policy::Linux7_2), new);
        let cfi = [&new[..], &["ZICFILP", "ZICFISS"]].concat();
        assert_eq!(disabled("rv64gc", Policy::Linux7_3), cfi);
        let documented = [&old[..], &["ZTSO", "SMNPM", "SVADU", "ZCLSD", "ZILSD"]].concat();
        assert_eq!(disabled("rv64gc", Policy::Documented), documented);
    }

    #[test]
    fn what_depends_on_the_host() {
        assert!(disabled("rv64gc_smstateen", Policy::Linux6_12).contains(&"SSAIA".to_string()));
        assert!(disabled("rv64gc_svadu", Policy::Linux7_2).contains(&"SVADE".to_string()));
        let enable = |isa: &str, token| {
            let host = Host::from_isa_string(isa, Policy::Linux7_2).unwrap();
            enable_allowed(&host, IsaRegister::of(IsaExt::find(token).unwrap()).unwrap())
        };
        assert_eq!(enable("rv64gch", "h"), Err(EnableRefusal::Hypervisor));
        assert_eq!(enable("rv64gc_sscofpmf", "sscofpmf"), Err(EnableRefusal::NeedsSsaia));
        assert_eq!(enable("rv64gc_sscofpmf_ssaia", "sscofpmf"), Ok(()));
        assert_eq!(enable("rv64gc", "svadu"), Err(EnableRefusal::NeedsHardwareAd));
        assert_eq!(enable("rv64gcv", "v"), Ok(()));
    }
}
