//! ISA_EXT registers: one extension (SINGLE), or 64 at once (MULTI_EN, MULTI_DIS).

use super::allowed::{disable_allowed, enable_allowed};
use super::refusal::RefusalReason;
use super::state::{Ran, Vcpu};
use crate::host::description::Host;
use crate::register::isa_ext::IsaRegister;

/// The register with that index, if this kernel has it and the host has the extension.
fn offered(host: &Host, index: u64) -> Result<IsaRegister, RefusalReason> {
    let policy = host.policy();
    let register = IsaRegister::from_index(index).ok_or(RefusalReason::UnknownIndex(index))?;
    if !register.known_to(policy) {
        return Err(RefusalReason::NewerKernel(register, policy.release()));
    }
    if !host.offers(register) {
        let ext = Host::extension_behind(register);
        return Err(RefusalReason::HostLacks(ext, host.absence_reason(ext)));
    }
    Ok(register)
}

pub(super) fn get_single(vcpu: &Vcpu, index: u64) -> Result<u64, RefusalReason> {
    Ok(u64::from(vcpu.has(offered(&vcpu.host, index)?.extension())))
}

/// The kernel's order of checks: absent, same value, has run, policy.
pub(super) fn set_single(vcpu: &mut Vcpu, index: u64, value: u64) -> Result<(), RefusalReason> {
    let register = offered(&vcpu.host, index)?;
    if value == u64::from(vcpu.has(register.extension())) {
        return Ok(());
    }
    if vcpu.ran == Ran::AtLeastOnce {
        return Err(RefusalReason::HasRun);
    }
    match value {
        0 => {
            let policy = vcpu.host.policy();
            disable_allowed(&vcpu.host, register)
                .map_err(|why| RefusalReason::NoDisable(register, why, policy))?;
        }
        1 => {
            enable_allowed(&vcpu.host, register)
                .map_err(|why| RefusalReason::NoEnable(register, why))?;
        }
        other => return Err(RefusalReason::NotBoolean(other)),
    }
    vcpu.set_on(register.extension(), value == 1);
    Ok(())
}

/// The indices that a word's bits stand for in this kernel.
fn word_indices(
    host: &Host,
    word: u64,
) -> Result<impl Iterator<Item = u64> + use<>, RefusalReason> {
    let registers = IsaRegister::of_kernel(host.policy()).count() as u64;
    if word > (registers - 1) / 64 {
        return Err(RefusalReason::Word(word));
    }
    Ok((word * 64..(word + 1) * 64).take_while(move |index| *index < registers))
}

/// Bits of what is on.
pub(super) fn get_multi(vcpu: &Vcpu, word: u64) -> Result<u64, RefusalReason> {
    let bits = word_indices(&vcpu.host, word)?
        .filter(|index| get_single(vcpu, *index) == Ok(1))
        .map(|index| 1 << (index % 64))
        .fold(0, |all, bit| all | bit);
    Ok(bits)
}

/// Switches every extension whose bit is set in `value`. Those that refuse are skipped silently.
pub(super) fn set_multi(
    vcpu: &mut Vcpu,
    word: u64,
    value: u64,
    on: bool,
) -> Result<(), RefusalReason> {
    for index in word_indices(&vcpu.host, word)?.filter(|index| value >> (index % 64) & 1 == 1) {
        let _refused = set_single(vcpu, index, u64::from(on));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::extension::IsaExt;
    use crate::kernel::release::Policy;
    use crate::register::id::RegId;
    use crate::vcpu::refusal::Errno;

    fn vcpu(isa: &str, policy: Policy) -> Vcpu {
        Vcpu::new(Host::from_isa_string(isa, policy).unwrap())
    }

    fn id(token: &str) -> RegId {
        RegId::isa_single(IsaRegister::of(IsaExt::find(token).unwrap()).unwrap())
    }

    fn set(v: &mut Vcpu, token: &str, value: u64) -> Result<(), Errno> {
        v.set_one_reg(id(token), value).map_err(|r| r.errno())
    }

    #[test]
    fn ztso_cannot_be_turned_off_on_linux() {
        for policy in [Policy::Linux6_12, Policy::Linux7_2] {
            let mut v = vcpu("rv64gc_ztso", policy);
            let refusal = v.set_one_reg(id("ztso"), 0).unwrap_err();
            assert_eq!(
                refusal.to_string(),
                "EINVAL: Linux has no way to turn Ztso off; `--policy documented` models a host \
                 that can"
            );
            assert_eq!(v.get_one_reg(id("ztso")), Ok(1));
        }
        let mut v = vcpu("rv64gc_ztso", Policy::Documented);
        assert_eq!(set(&mut v, "ztso", 0), Ok(()));
        assert_eq!(v.get_one_reg(id("ztso")), Ok(0));
        assert_eq!(set(&mut v, "ztso", 1), Ok(()));
        assert_eq!(set(&mut v, "zca", 0), Err(Errno::EINVAL), "all else as Linux");
    }

    #[test]
    fn absent_goes_before_everything() {
        let mut v = vcpu("rv64gc", Policy::Linux6_12);
        v.run();
        for value in [0, 1, 2] {
            assert_eq!(set(&mut v, "ztso", value), Err(Errno::ENOENT));
            assert_eq!(set(&mut v, "zabha", value), Err(Errno::ENOENT));
        }
        let sentence = v.get_one_reg(id("zabha")).unwrap_err().to_string();
        assert_eq!(
            sentence,
            "ENOENT: Linux 6.12 has no register for Zabha; it came with Linux 6.14"
        );
        let sentence = v.get_one_reg(id("ztso")).unwrap_err().to_string();
        assert_eq!(sentence, "ENOENT: the host lacks Ztso: its device tree does not name it");
    }

    #[test]
    fn same_value_then_has_run_then_policy() {
        let mut v = vcpu("rv64gch_ztso", Policy::Linux7_2);
        assert_eq!(set(&mut v, "ztso", 2), Err(Errno::EINVAL));
        assert_eq!(set(&mut v, "h", 1), Err(Errno::EINVAL));
        v.run();
        assert_eq!(set(&mut v, "ztso", 1), Ok(()));
        assert_eq!(set(&mut v, "ztso", 0), Err(Errno::EBUSY));
        assert_eq!(set(&mut v, "ztso", 2), Err(Errno::EBUSY));
        assert_eq!(set(&mut v, "h", 0), Ok(()));
        assert_eq!(set(&mut v, "h", 1), Err(Errno::EBUSY));
        assert_eq!(set(&mut v, "d", 0), Err(Errno::EBUSY));
    }

    #[test]
    fn no_dependencies_are_checked() {
        let mut v = vcpu("rv64gc", Policy::Linux7_2);
        assert_eq!(set(&mut v, "f", 0), Ok(()));
        assert_eq!(v.get_one_reg(id("d")), Ok(1));
    }

    #[test]
    fn multi_words_skip_what_is_not_allowed() {
        let mut v = vcpu("rv64gc_ztso_zalasr", Policy::Linux7_2);
        let before = v.get_one_reg(RegId::multi_enable(0)).unwrap();
        assert_eq!(v.get_one_reg(RegId::multi_disable(0)), Ok(!before));
        v.set_one_reg(RegId::multi_disable(0), u64::MAX).unwrap();
        let d_and_f = 1 << 2 | 1 << 3;
        assert_eq!(v.get_one_reg(RegId::multi_enable(0)), Ok(before & !d_and_f));
        v.run();
        v.set_one_reg(RegId::multi_enable(0), d_and_f).unwrap();
        assert_eq!(v.get_one_reg(RegId::multi_enable(0)), Ok(before & !d_and_f));
        assert_eq!(v.get_one_reg(RegId::multi_enable(1)).unwrap() >> 13 & 1, 1, "Zalasr is 77");
        for word in [2, 0xffff] {
            let refusal = v.get_one_reg(RegId::multi_disable(word)).unwrap_err();
            assert_eq!(refusal.errno(), Errno::ENOENT);
        }
        let old = vcpu("rv64gc_ztso", Policy::Linux6_12);
        assert!(old.get_one_reg(RegId::multi_enable(1)).is_err());
    }
}
