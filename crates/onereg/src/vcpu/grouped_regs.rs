//! CORE, CSR, TIMER, FP_F, FP_D, VECTOR, SBI_EXT and SBI_STATE registers.
//!
//! What each answers, in the order of the kernel's checks: `vcpu_onereg.c`, `vcpu_timer.c`,
//! `vcpu_fp.c`, `vcpu_vector.c`, `vcpu_sbi*.c` and `aia.c` in `arch/riscv/kvm` of Linux 6.6 to 7.3.
//!
//! Not modelled: that time goes by (`timer.time`), and what a running guest does to its registers. A
//! kernel built without SBI PMU, or without vector support, has fewer registers.

use super::refusal::RefusalReason;
use super::state::{Ran, Vcpu};
use crate::isa::extension::IsaExt;
use crate::kernel::change::Change;
use crate::register::group::{Group, GroupedReg, RegType};
use crate::register::id::{RegId, RegKind};

/// The register behind an id, if this vCPU has it.
fn register(vcpu: &Vcpu, id: RegId) -> Result<&'static GroupedReg, RefusalReason> {
    let RegKind::Grouped { reg_type, subtype, index } = id.kind() else {
        unreachable!("asked for a register of a group")
    };
    let policy = vcpu.host.policy();
    let size = |log2: u8| match id.size_log2() {
        found if found == log2 => Ok(()),
        found => Err(RefusalReason::Size(found, log2)),
    };
    let needs = |ext: IsaExt| match (vcpu.has(ext), vcpu.host.common().contains(ext)) {
        (true, _) => Ok(()),
        (false, true) => Err(RefusalReason::ExtensionOff(ext)),
        (false, false) => Err(RefusalReason::HostLacks(ext, vcpu.host.absence_reason(ext))),
    };
    let found = || {
        let register = GroupedReg::find(reg_type, subtype, index | id.reserved() << 32);
        match register {
            Some(register) if register.known_to(policy) => Ok(register),
            Some(newer) => Err(RefusalReason::NewerRegister(newer, policy.release())),
            None => Err(RefusalReason::NoSuchRegister(reg_type, policy.release())),
        }
    };
    match reg_type {
        RegType::Csr => {
            size(3)?;
            match subtype {
                // Before 7.0 these CSRs are there without Ssaia too: they read as 0.
                1 if policy.has(Change::CsrsByExtension) => needs(IsaExt::Ssaia)?,
                2 if policy.has(Change::CsrsByExtension) => needs(IsaExt::Smstateen)?,
                2 if policy.has(Change::SmstateenChecked)
                    && !vcpu.host.common().contains(IsaExt::Smstateen) =>
                {
                    return Err(RefusalReason::SmstateenEinval);
                }
                2 if policy.has(Change::SmstateenChecked) && found().is_err() => {
                    return Err(RefusalReason::Value(
                        "before Linux 7.0 an index beyond sstateen0 is EINVAL",
                    ));
                }
                3 if found().is_ok() => needs(IsaExt::Zicfiss)?,
                _ => {}
            }
            found()
        }
        RegType::FpF => {
            needs(IsaExt::F)?;
            size(2)?;
            found()
        }
        RegType::FpD => {
            needs(IsaExt::D)?;
            let register = found()?;
            size(register.size_log2(0))?;
            Ok(register)
        }
        RegType::Vector => {
            needs(IsaExt::V)?;
            let vlenb = vcpu.host.vlenb();
            match index {
                0..=5 => size(3)?,
                6..=37 => size(vlenb.max(1).ilog2() as u8)?,
                _ => {}
            }
            found()
        }
        RegType::SbiState => sbi_state(vcpu, id, &found),
        _ => {
            size(3)?;
            let register = found()?;
            if register.group == Group::SbiExt && !sbi_available(vcpu, register.index) {
                return Err(RefusalReason::NoSbiExtension(&register.name));
            }
            Ok(register)
        }
    }
}

/// Registers of the state of SBI extensions.
fn sbi_state(
    vcpu: &Vcpu,
    id: RegId,
    found: &dyn Fn() -> Result<&'static GroupedReg, RefusalReason>,
) -> Result<&'static GroupedReg, RefusalReason> {
    let RegKind::Grouped { subtype, .. } = id.kind() else { unreachable!("an SBI_STATE id") };
    let policy = vcpu.host.policy();
    if !GroupedReg::all().any(|r| r.group == Group::SbiSta && r.known_to(policy)) {
        return Err(RefusalReason::UnknownType(RegType::SbiState as u8));
    }
    let wrong_size = id.size_log2() != 3;
    if !policy.has(Change::SbiStateByExtension) {
        return match found() {
            _ if wrong_size => Err(RefusalReason::Size(id.size_log2(), 3)),
            Ok(register) => Ok(register),
            Err(_) => {
                Err(RefusalReason::Value("before Linux 6.18 an unknown state register is EINVAL"))
            }
        };
    }
    let enabled = match subtype {
        0 => sbi_on(vcpu, "sbi_ext.sta"),
        1 => sbi_on(vcpu, "sbi_ext.fwft"),
        _ => false,
    };
    if id.size_log2() > 3 || !enabled {
        return Err(RefusalReason::NoSbiState);
    }
    if wrong_size {
        return Err(RefusalReason::Size(id.size_log2(), 3));
    }
    let register = found()?;
    match feature(register).filter(|feature| !has_feature(vcpu, feature)) {
        Some(feature) => Err(RefusalReason::NoFeature(feature)),
        None => Ok(register),
    }
}

/// The feature of SBI FWFT that a register is about.
fn feature(register: &'static GroupedReg) -> Option<&'static str> {
    let name = register.name.strip_prefix("sbi_state.fwft.")?;
    name.split_once('.').map(|(feature, _)| feature)
}

fn has_feature(vcpu: &Vcpu, feature: &str) -> bool {
    let on = |ext| vcpu.has(ext);
    match feature {
        "misaligned_deleg" => vcpu.host.constants().misaligned_delegation,
        "pointer_masking" => on(IsaExt::Smnpm),
        "pte_ad_hw_updating" => on(IsaExt::Svadu) && on(IsaExt::Svade),
        "landing_pad" => on(IsaExt::Zicfilp),
        "shadow_stack" => on(IsaExt::Zicfiss),
        _ => false,
    }
}

/// Does the kernel give guests this SBI extension? All that it knows, but PMU only with counters to give.
fn sbi_available(vcpu: &Vcpu, index: u16) -> bool {
    let constants = vcpu.host.constants();
    let known = |r: &GroupedReg| r.index == index && r.known_to(vcpu.host.policy());
    Group::SbiExt.registers().any(|r| known(r) && (constants.pmu || r.name != "sbi_ext.pmu"))
}

fn sbi_on(vcpu: &Vcpu, name: &str) -> bool {
    Group::SbiExt.registers().any(|r| r.name == name && read(vcpu, r) == 1)
}

/// What a register reads as.
fn read(vcpu: &Vcpu, register: &'static GroupedReg) -> u64 {
    if register.group == Group::FpF {
        // The kernel keeps both in one union: f1 of F is the upper half of f0 of D.
        let double =
            vcpu.written.get(&((6 << 24) | (u32::from(register.index) / 2))).copied().unwrap_or(0);
        return double >> (32 * (register.index % 2)) & 0xffff_ffff;
    }
    let key = register.id(16).bits() as u32;
    vcpu.written.get(&key).copied().unwrap_or_else(|| fresh(vcpu, register))
}

/// What it reads as in a fresh vCPU.
fn fresh(vcpu: &Vcpu, register: &GroupedReg) -> u64 {
    let constants = vcpu.host.constants();
    match register.name.as_str() {
        "core.mode" => 1,
        "csr.scounteren" if !vcpu.host.policy().has(Change::ScounterenZero) => 7,
        "timer.frequency" => constants.timebase,
        "timer.compare" | "sbi_state.sta.shmem_lo" => u64::MAX,
        "vector.vlenb" => vcpu.host.vlenb(),
        "sbi_ext.dbcn" | "sbi_ext.susp" | "sbi_ext.mpxy" => 0,
        _ if register.group == Group::SbiExt => 1,
        name if name.ends_with(".enable") => 1,
        _ => 0,
    }
}

pub(super) fn get(vcpu: &Vcpu, id: RegId) -> Result<u64, RefusalReason> {
    let register = register(vcpu, id)?;
    Ok(match register.group {
        Group::SbiMultiEnable => sbi_word(vcpu),
        Group::SbiMultiDisable => !sbi_word(vcpu),
        _ => read(vcpu, register),
    })
}

/// Bits of the SBI extensions that are on.
fn sbi_word(vcpu: &Vcpu) -> u64 {
    let on = |r: &&GroupedReg| sbi_available(vcpu, r.index);
    Group::SbiExt.registers().filter(on).fold(0, |bits, r| bits | read(vcpu, r) << r.index)
}

pub(super) fn set(vcpu: &mut Vcpu, id: RegId, value: u64) -> Result<(), RefusalReason> {
    if let RegKind::Grouped { reg_type: RegType::SbiExt, subtype, .. } = id.kind() {
        return set_sbi(vcpu, id, subtype, value);
    }
    let register = register(vcpu, id)?;
    let one_of = |allowed: &[u64], why| match allowed.contains(&value) {
        true => Ok(value),
        false => Err(RefusalReason::Value(why)),
    };
    let value = match register.name.as_str() {
        "core.mode" => u64::from(value == 1),
        "csr.sip" => sip(vcpu, value),
        "csr.siselect" | "csr.iprio1" | "csr.iprio2" | "csr.sieh" | "csr.siph" | "csr.iprio1h"
        | "csr.iprio2h"
            if !vcpu.host.common().contains(IsaExt::Ssaia) =>
        {
            0
        }
        "timer.frequency" => {
            return host_fact("timer.frequency", vcpu.host.constants().timebase, value);
        }
        "vector.vlenb" => return host_fact("vector.vlenb", vcpu.host.vlenb(), value),
        "timer.state" => return set_timer(vcpu, value),
        "sbi_state.sta.shmem_lo"
            if vcpu.host.policy().has(Change::StolenTimeAligned)
                && value != u64::MAX
                && !value.is_multiple_of(64) =>
        {
            return Err(RefusalReason::Value("shmem_lo is a multiple of 64, or all ones"));
        }
        "sbi_state.sta.shmem_hi" => one_of(&[0], "on 64-bit harts shmem_hi is 0")?,
        name if name.starts_with("sbi_state.fwft.") => match name {
            _ if name.ends_with(".flags") => value & 1,
            "sbi_state.fwft.pointer_masking.value" => {
                one_of(&[0, 7, 16], "pointers are masked by 0, 7 or 16 bits")?
            }
            _ => one_of(&[0, 1], "a feature is 0 (off) or 1 (on)")?,
        },
        _ => value,
    };
    write(vcpu, register, value);
    Ok(())
}

fn write(vcpu: &mut Vcpu, register: &'static GroupedReg, value: u64) {
    let key = register.id(16).bits() as u32;
    if register.group == Group::FpF {
        let shift = 32 * (register.index % 2);
        let double = vcpu.written.entry((6 << 24) | (u32::from(register.index) / 2)).or_insert(0);
        *double = *double & !(0xffff_ffff << shift) | (value & 0xffff_ffff) << shift;
        return;
    }
    let value = if register.size_log2(16) == 2 { value & 0xffff_ffff } else { value };
    if value == fresh(vcpu, register) {
        vcpu.written.remove(&key);
    } else {
        vcpu.written.insert(key, value);
    }
}

fn host_fact(name: &'static str, fact: u64, value: u64) -> Result<(), RefusalReason> {
    if value == fact { Ok(()) } else { Err(RefusalReason::HostFact(name, fact)) }
}

/// `csr.sip` as it is read back: software, timer and external interrupts, since 6.10 counter overflows. An
/// overflow showed once more one bit higher, until 7.2.
fn sip(vcpu: &Vcpu, value: u64) -> u64 {
    let policy = vcpu.host.policy();
    let overflow = if policy.has(Change::OverflowInSip) { value & 1 << 13 } else { 0 };
    let shifted = if policy.has(Change::OverflowOnceInSip) { 0 } else { overflow << 1 };
    value & (1 << 1 | 1 << 5 | 1 << 9) | overflow | shifted
}

/// `timer.state`: 1 sets the timer, anything else turns it off. On a host with Sstc the hardware has the
/// timer, and KVM's own stays off.
fn set_timer(vcpu: &mut Vcpu, value: u64) -> Result<(), RefusalReason> {
    let [compare, state] = ["timer.compare", "timer.state"]
        .map(|name| GroupedReg::named(name).expect("a register of the table"));
    let on = read(vcpu, state) == 1;
    match value {
        1 if vcpu.host.common().contains(IsaExt::Sstc) => Ok(()),
        1 => {
            // Before 7.2 the timer was set to the value of the request.
            if !vcpu.host.policy().has(Change::TimerKeepsCompare) {
                write(vcpu, compare, 1);
            }
            write(vcpu, state, 1);
            Ok(())
        }
        _ if on => {
            write(vcpu, state, 0);
            Ok(())
        }
        _ => Err(RefusalReason::TimerOff),
    }
}

/// SBI_EXT: size, has run, subtype, value, extension; Linux 6.6 asks for the extension before the value.
fn set_sbi(vcpu: &mut Vcpu, id: RegId, subtype: u8, value: u64) -> Result<(), RefusalReason> {
    if id.size_log2() != 3 {
        return Err(RefusalReason::Size(id.size_log2(), 3));
    }
    if vcpu.ran == Ran::AtLeastOnce {
        return Err(RefusalReason::HasRun);
    }
    if subtype == 0 && value > 1 && vcpu.host.policy().has(Change::SbiValueFirst) {
        return Err(RefusalReason::NotBoolean(value));
    }
    let named = register(vcpu, id)?;
    if subtype == 0 {
        if value > 1 {
            return Err(RefusalReason::NotBoolean(value));
        }
        switch_sbi(vcpu, named, value);
        return Ok(());
    }
    for register in Group::SbiExt.registers().filter(|r| value >> r.index & 1 == 1) {
        if sbi_available(vcpu, register.index) {
            switch_sbi(vcpu, register, u64::from(subtype == 1));
        }
    }
    Ok(())
}

/// Since 7.3 an SBI extension that is disabled forgets its state.
fn switch_sbi(vcpu: &mut Vcpu, register: &'static GroupedReg, value: u64) {
    write(vcpu, register, value);
    if value == 0 && vcpu.host.policy().has(Change::SbiDisableResets) {
        let states = register.name.replace("sbi_ext.", "sbi_state.") + ".";
        for state in GroupedReg::all().filter(|r| r.name.starts_with(&states)) {
            vcpu.written.remove(&(state.id(16).bits() as u32));
        }
    }
}

/// The part of KVM_GET_REG_LIST before the ISA_EXT registers, and the part after them.
pub(super) fn listed(vcpu: &Vcpu) -> (Vec<RegId>, Vec<RegId>) {
    let (vlenb, policy) = (vcpu.host.vlenb(), vcpu.host.policy());
    let shown = |register: &&GroupedReg| {
        register.known_to(policy)
            && match register.group {
                Group::CsrAia => vcpu.has(IsaExt::Ssaia),
                Group::CsrSmstateen => vcpu.has(IsaExt::Smstateen),
                Group::Vector => policy.lists_vectors() && vcpu.has(IsaExt::V),
                Group::SbiMultiEnable | Group::SbiMultiDisable => {
                    !policy.has(Change::NoMultiInList)
                }
                Group::SbiSta => sbi_on(vcpu, "sbi_ext.sta"),
                _ => get(vcpu, register.id(vlenb)).is_ok(),
            }
    };
    let all = GroupedReg::all().filter(shown);
    let (before, after): (Vec<&GroupedReg>, Vec<&GroupedReg>) =
        all.partition(|register| register.group < Group::SbiExt);
    let ids = |list: Vec<&GroupedReg>| list.into_iter().map(|r| r.id(vlenb)).collect();
    (ids(before), ids(after))
}
