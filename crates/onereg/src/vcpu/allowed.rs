//! Which extensions KVM lets user space turn on and off.
//!
//! `kvm_riscv_isa_enable_allowed` and `kvm_riscv_isa_disable_allowed` (before 7.1:
//! `kvm_riscv_vcpu_isa_*`) of Linux 6.6 to 7.3: what a release adds comes with its registers, so one
//! table serves all. The one difference of [`Policy::Documented`] is Ztso.

use super::refusal::{DisableRefusal, EnableRefusal};
use crate::host::constants::VectorUse;
use crate::host::description::Host;
use crate::isa::extension::IsaExt;
use crate::kernel::change::Change;
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

/// How KVM keeps an extension from a guest, and whether user space may ask for that.
struct Switch {
    ext: IsaExt,
    /// The CSR field that is written at the first run; of some nothing is: the guest is only told.
    field: Option<&'static str>,
    off: TurnedOff,
}

/// May user space turn an extension off?
enum TurnedOff {
    Allowed,
    Never,
    /// If the host has Smstateen.
    BySmstateen,
    /// If hardware updates A and D bits.
    ByHardwareAd,
}

const fn switch(ext: IsaExt, field: &'static str, off: TurnedOff) -> Switch {
    Switch { ext, field: Some(field), off }
}

const fn told(ext: IsaExt) -> Switch {
    Switch { ext, field: None, off: TurnedOff::Allowed }
}

/// All others are as their hardware is, and cannot be turned off.
const SWITCHES: [Switch; 17] = [
    switch(IsaExt::D, "sstatus.FS", TurnedOff::Allowed),
    switch(IsaExt::F, "sstatus.FS", TurnedOff::Allowed),
    told(IsaExt::H),
    switch(IsaExt::V, "sstatus.VS", TurnedOff::Allowed),
    told(IsaExt::Smnpm),
    switch(IsaExt::Smstateen, "hstateen0", TurnedOff::Allowed),
    switch(IsaExt::Ssaia, "hstateen0", TurnedOff::BySmstateen),
    switch(IsaExt::Sstc, "henvcfg.STCE", TurnedOff::Never),
    switch(IsaExt::Svade, "henvcfg.ADUE", TurnedOff::ByHardwareAd),
    switch(IsaExt::Svadu, "henvcfg.ADUE", TurnedOff::Allowed),
    switch(IsaExt::Svpbmt, "henvcfg.PBMTE", TurnedOff::Allowed),
    told(IsaExt::Zclsd),
    switch(IsaExt::Zicbom, "henvcfg.CBIE and CBCFE", TurnedOff::Allowed),
    switch(IsaExt::Zicboz, "henvcfg.CBZE", TurnedOff::Allowed),
    told(IsaExt::Zicfilp),
    told(IsaExt::Zicfiss),
    told(IsaExt::Zilsd),
];

fn of(ext: IsaExt) -> Option<&'static Switch> {
    SWITCHES.iter().find(|switch| switch.ext == ext)
}

/// The CSR field by which KVM keeps the extension from a guest, written at the first run.
pub(crate) fn control_field(ext: IsaExt) -> Option<&'static str> {
    of(ext)?.field
}

/// May user space turn the extension off?
pub(super) fn disable_allowed(host: &Host, register: IsaRegister) -> Result<(), DisableRefusal> {
    let demand = |holds: bool, why| if holds { Ok(()) } else { Err(why) };
    let ext = register.extension();
    if ext == IsaExt::Ztso && host.policy() == Policy::Documented {
        return Ok(());
    }
    match of(ext).map_or(&TurnedOff::Never, |switch| &switch.off) {
        TurnedOff::Allowed => Ok(()),
        TurnedOff::BySmstateen if host.policy().has(Change::SsaiaOffBySmstateen) => {
            demand(host.common().contains(IsaExt::Smstateen), DisableRefusal::NeedsSmstateen)
        }
        TurnedOff::ByHardwareAd => demand(host.updates_ad_bits(), DisableRefusal::NeedsHardwareAd),
        TurnedOff::Never | TurnedOff::BySmstateen => Err(DisableRefusal::NoMechanism),
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
        let host = Host::from_isa_string("rv64gc_ssaia", Policy::Linux6_6).unwrap();
        let ssaia = IsaRegister::of(IsaExt::Ssaia).unwrap();
        assert_eq!(disable_allowed(&host, ssaia), Err(DisableRefusal::NoMechanism));
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
