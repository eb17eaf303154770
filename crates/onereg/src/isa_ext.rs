//! ISA_EXT registers: one extension (SINGLE), or 64 at once (MULTI_EN, MULTI_DIS).

use super::vcpu::{Ran, Switch, Vcpu};
use super::{Host, IsaRegister, Reason, switch};

/// The register with that index, if this kernel has it and the host has the extension.
fn offered(host: &Host, index: u64) -> Result<IsaRegister, Reason> {
    let policy = host.policy();
    let register = IsaRegister::from_index(index).ok_or(Reason::UnknownIndex(index))?;
    if !register.known_to(policy) {
        return Err(Reason::NewerKernel(register, policy.release()));
    }
    if !host.offers(register) {
        let ext = Host::presence(register);
        return Err(Reason::HostLacks(ext, host.lack(ext)));
    }
    Ok(register)
}

pub(super) fn get_single(vcpu: &Vcpu, index: u64) -> Result<u64, Reason> {
    Ok(u64::from(vcpu.on.is_on(offered(&vcpu.host, index)?)))
}

/// The kernel's order of checks: absent, same value, has run, policy.
pub(super) fn set_single(vcpu: &mut Vcpu, index: u64, value: u64) -> Result<(), Reason> {
    let register = offered(&vcpu.host, index)?;
    if value == u64::from(vcpu.on.is_on(register)) {
        return Ok(());
    }
    if vcpu.ran == Ran::AtLeastOnce {
        return Err(Reason::HasRun);
    }
    let state = match value {
        0 => {
            let policy = vcpu.host.policy();
            switch::may_disable(&vcpu.host, register)
                .map_err(|why| Reason::NoDisable(register, why, policy))?;
            Switch::Off
        }
        1 => {
            switch::may_enable(&vcpu.host, register)
                .map_err(|why| Reason::NoEnable(register, why))?;
            Switch::On
        }
        other => return Err(Reason::NotBoolean(other)),
    };
    vcpu.on.set(register, state);
    Ok(())
}

/// The indices that a word's bits stand for in this kernel.
fn word_indices(host: &Host, word: u64) -> Result<impl Iterator<Item = u64> + use<>, Reason> {
    let registers = u64::from(host.policy().isa_registers());
    if word > (registers - 1) / 64 {
        return Err(Reason::Word(word));
    }
    Ok((word * 64..(word + 1) * 64).take_while(move |index| *index < registers))
}

/// Bits of what is on.
pub(super) fn get_multi(vcpu: &Vcpu, word: u64) -> Result<u64, Reason> {
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
    state: Switch,
) -> Result<(), Reason> {
    for index in word_indices(&vcpu.host, word)?.filter(|index| value >> (index % 64) & 1 == 1) {
        let _refused = set_single(vcpu, index, u64::from(state == Switch::On));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Errno, Ext, Policy, RegId, Vm};

    fn vcpu(isa: &str, policy: Policy) -> Vcpu {
        Vm::new(Host::from_isa_string(isa, policy).unwrap(), 1).vcpus.remove(0)
    }

    fn id(token: &str) -> RegId {
        RegId::isa_single(IsaRegister::of(Ext::named(token)).unwrap())
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
