//! Which extensions KVM lets user space turn on and off.
//!
//! `kvm_riscv_isa_enable_allowed` and `kvm_riscv_isa_disable_allowed` of Linux 7.2, and their
//! namesakes of 6.12. The one difference of [`Policy::Documented`] is Ztso.

use super::{Ext, Host, IsaRegister, NoDisable, NoEnable, Policy, VectorUse};

/// May user space turn the extension on? Also decides what a fresh vCPU has.
pub(super) fn may_enable(host: &Host, register: IsaRegister) -> Result<(), NoEnable> {
    let demand = |holds: bool, why| if holds { Ok(()) } else { Err(why) };
    match register.extension().token() {
        "h" => Err(NoEnable::Hypervisor),
        "sscofpmf" => demand(host.common().contains(Ext::named("ssaia")), NoEnable::NeedsSsaia),
        "svadu" => demand(host.updates_ad_bits(), NoEnable::NeedsHardwareAd),
        "v" => demand(host.facts().vector == VectorUse::Allowed, NoEnable::VectorForbidden),
        _ => Ok(()),
    }
}

/// May user space turn the extension off?
pub(super) fn may_disable(host: &Host, register: IsaRegister) -> Result<(), NoDisable> {
    let demand = |holds: bool, why| if holds { Ok(()) } else { Err(why) };
    match register.extension().token() {
        "d" | "f" | "h" | "v" | "smnpm" | "smstateen" | "svadu" | "svpbmt" | "zclsd" | "zicbom"
        | "zicboz" | "zilsd" => Ok(()),
        "ssaia" => {
            demand(host.common().contains(Ext::named("smstateen")), NoDisable::NeedsSmstateen)
        }
        "svade" => demand(host.updates_ad_bits(), NoDisable::NeedsHardwareAd),
        "ztso" if host.policy() == Policy::Documented => Ok(()),
        _ => Err(NoDisable::NoMechanism),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disabled(isa: &str, policy: Policy) -> Vec<String> {
        let host = Host::from_isa_string(isa, policy).unwrap();
        IsaRegister::of_kernel(policy)
            .filter(|r| may_disable(&host, *r).is_ok())
            .map(|r| r.to_string())
            .collect()
    }

    #[test]
    fn what_can_be_turned_off() {
        let old = ["D", "F", "H", "SVPBMT", "ZICBOM", "ZICBOZ", "V", "SMSTATEEN"];
        assert_eq!(disabled("rv64gc", Policy::Linux6_12), old);
        let new = [&old[..], &["SMNPM", "SVADU", "ZCLSD", "ZILSD"]].concat();
        assert_eq!(disabled("rv64gc", Policy::Linux7_2), new);
        let documented = [&old[..], &["ZTSO", "SMNPM", "SVADU", "ZCLSD", "ZILSD"]].concat();
        assert_eq!(disabled("rv64gc", Policy::Documented), documented);
    }

    #[test]
    fn what_depends_on_the_host() {
        assert!(disabled("rv64gc_smstateen", Policy::Linux6_12).contains(&"SSAIA".to_string()));
        assert!(disabled("rv64gc_svadu", Policy::Linux7_2).contains(&"SVADE".to_string()));
        let enable = |isa: &str, token| {
            let host = Host::from_isa_string(isa, Policy::Linux7_2).unwrap();
            may_enable(&host, IsaRegister::of(Ext::named(token)).unwrap())
        };
        assert_eq!(enable("rv64gch", "h"), Err(NoEnable::Hypervisor));
        assert_eq!(enable("rv64gc_sscofpmf", "sscofpmf"), Err(NoEnable::NeedsSsaia));
        assert_eq!(enable("rv64gc_sscofpmf_ssaia", "sscofpmf"), Ok(()));
        assert_eq!(enable("rv64gc", "svadu"), Err(NoEnable::NeedsHardwareAd));
        assert_eq!(enable("rv64gcv", "v"), Ok(()));
    }
}
