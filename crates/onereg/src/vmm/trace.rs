//! One extension's road: from the host's device tree to what a guest is told and what its hart does.

use super::replay::VmmStart;
use super::told::isa_line;
use crate::host::description::Host;
use crate::isa::extension::IsaExt;
use crate::register::id::RegId;
use crate::register::isa_ext::IsaRegister;
use crate::vcpu::state::Vcpu;

/// One step of the road.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TraceStep {
    /// `host bitmap`
    pub what: &'static str,
    /// What happens there.
    pub outcome: String,
    /// The kernel's file and function, or the program's.
    pub place: String,
}

/// The road of `register` when a program that finds a vCPU so asks for it to be on or off, and a guest is
/// started as `start`.
#[must_use]
pub fn trace(
    mut vcpu: Vcpu,
    register: IsaRegister,
    wanted: bool,
    start: &VmmStart,
) -> Vec<TraceStep> {
    let host = &vcpu.host().clone();
    let (ext, policy) = (register.extension(), host.policy());
    let behind = Host::extension_behind(register);
    let mut steps = Vec::new();
    let mut step = |what, outcome: String, place: &str| {
        steps.push(TraceStep { what, outcome, place: place.to_owned() });
    };
    let features = "arch/riscv/kernel/cpufeature.c";
    let rules =
        if policy.since(7, 1) { "arch/riscv/kvm/isa.c" } else { "arch/riscv/kvm/vcpu_onereg.c" };
    let onereg = "arch/riscv/kvm/vcpu_onereg.c";
    let (count, named) =
        (host.harts().len(), host.harts().iter().filter(|h| h.named().contains(behind)).count());
    let told = match named {
        0 => format!("no hart's node names {}", behind.token()),
        n if n == count => format!("every hart's node names {}", behind.token()),
        n => format!("{n} of {count} harts' nodes name {}", behind.token()),
    };
    step("device tree", told, &format!("{features} riscv_fill_hwcap_from_ext_list"));
    let hwcap = behind.hwcap().map_or_else(String::new, |n| format!(", bit {n}"));
    let accepted = match host.resolved(0).is_some_and(|r| r.accepted.contains(behind)) {
        true => format!("the kernel accepts it on hart 0{hwcap}"),
        false => format!("the kernel does not have it on hart 0: {}", host.absence_reason(behind)),
    };
    // In 6.11 resolving became a function of its own.
    let resolves =
        if policy.since(6, 11) { "riscv_resolve_isa" } else { "riscv_fill_hwcap_from_ext_list" };
    step("each hart", accepted, &format!("{features} {resolves}"));
    let common = match host.common().contains(behind) {
        true => format!("set{hwcap}: all harts have it"),
        false => format!("not set{hwcap}: {}", host.absence_reason(behind)),
    };
    step("host bitmap", common, &format!("{features} riscv_fill_hwcap"));
    let table = match register.known_to(policy) {
        true => format!("index {}, since Linux {}", register.index(), register.since()),
        false => format!("none in Linux {}: it came with {}", policy.release(), register.since()),
    };
    step("KVM's table", table, &format!("{rules} kvm_isa_ext_arr"));
    let id = RegId::isa_single(register);
    let was_on = vcpu.has(ext);
    let fresh = if was_on { "on without a request" } else { "off" };
    step("fresh vCPU", fresh.to_owned(), &format!("{onereg} kvm_riscv_vcpu_setup_isa"));
    let answer = match vcpu.get_one_reg(id) {
        Ok(value) => value.to_string(),
        Err(refusal) => refusal.to_string(),
    };
    step("GET", format!("{id}: {answer}"), &format!("{onereg} riscv_vcpu_get_isa_ext_single"));
    let value = u64::from(wanted);
    let answer = match vcpu.set_one_reg(id, value) {
        Ok(()) => "ok".to_owned(),
        Err(refusal) => refusal.to_string(),
    };
    step("SET", format!("{value}: {answer}"), &format!("{onereg} riscv_vcpu_set_isa_ext_single"));
    vcpu.run();
    let config = match policy.since(7, 1) {
        true => "arch/riscv/kvm/vcpu_config.c kvm_riscv_vcpu_config_ran_once",
        false => "arch/riscv/kvm/vcpu.c kvm_riscv_vcpu_setup_config",
    };
    let first_run = match (ext, first_run(ext)) {
        (_, Some(csr)) => format!("{csr} follows the register; from here on a change is EBUSY"),
        (IsaExt::Ztso, None) if was_on && !vcpu.has(ext) => {
            "as documented, which no kernel does: the hart leaves Ztso; from here on a change is \
             EBUSY"
                .to_owned()
        }
        (IsaExt::Ztso, None) => {
            "no CSR is written: the hart is as its hardware is; from here on a change is EBUSY"
                .to_owned()
        }
        (_, None) => "from here on a change is EBUSY".to_owned(),
    };
    step("first run", first_run, config);
    let program = start.vmm.program();
    let line = &start.told.isa_line;
    let names =
        if line.split('_').any(|w| w == ext.token()) { "names it" } else { "does not name it" };
    step(
        "guest's device tree",
        format!("{names}: {line}"),
        &format!("{}: {}", start.vmm, program.device_tree),
    );
    let accepted = start.told.accepted;
    let cpuinfo = match accepted.contains(ext) {
        true => "the guest's kernel shows it".to_owned(),
        false => format!("the guest's kernel does not show it: {}", isa_line(accepted)),
    };
    step("guest's /proc/cpuinfo", cpuinfo, &format!("{features} riscv_fill_hwcap"));
    let probe = match (ext.hwprobe(), accepted.contains(ext)) {
        (None, _) => "no bit of hwprobe is about it".to_owned(),
        (Some(bit), true) => format!("{bit} is set, if the guest's kernel knows it"),
        (Some(bit), false) => format!("{bit} is not set"),
    };
    let key = match ext.hwprobe() {
        Some(bit) if bit.key == 1 => "hwprobe_isa_ext1",
        _ => "hwprobe_isa_ext0",
    };
    step("guest's hwprobe", probe, &format!("arch/riscv/kernel/sys_hwprobe.c {key}"));
    let (says, does) = (start.told.model(), start.runs());
    let model = match says == does {
        true => format!("the guest is told {says}, and its hart follows {does}"),
        false => format!("the guest is told {says}, while its hart follows {does}"),
    };
    step("memory model", model, "hardware");
    steps
}

/// The CSR by which KVM keeps the extension from a guest.
fn first_run(ext: IsaExt) -> Option<&'static str> {
    match ext {
        IsaExt::Svpbmt => Some("henvcfg.PBMTE"),
        IsaExt::Sstc => Some("henvcfg.STCE"),
        IsaExt::Zicbom => Some("henvcfg.CBIE and CBCFE"),
        IsaExt::Zicboz => Some("henvcfg.CBZE"),
        IsaExt::Svadu | IsaExt::Svade => Some("henvcfg.ADUE"),
        IsaExt::Smstateen | IsaExt::Ssaia => Some("hstateen0"),
        IsaExt::F | IsaExt::D => Some("sstatus.FS"),
        IsaExt::V => Some("sstatus.VS"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::release::Policy;
    use crate::vmm::replay::start;
    use crate::vmm::table::Vmm;

    #[test]
    fn the_road_of_ztso() {
        let host = Host::from_isa_string("rv64gch_ztso", Policy::Linux7_2).unwrap();
        let started = start(Vmm::Qemu, &["host,ztso=off".to_owned()], Vcpu::new(host.clone()));
        let steps = trace(Vcpu::new(host), IsaRegister::ZTSO, false, &started);
        let outcome = |what| steps.iter().find(|s| s.what == what).unwrap().outcome.as_str();
        assert_eq!(outcome("host bitmap"), "set, bit 72: all harts have it");
        assert_eq!(outcome("KVM's table"), "index 52, since Linux 6.9");
        assert!(outcome("SET").starts_with("0: EINVAL: Linux has no way"));
        assert!(outcome("first run").starts_with("no CSR is written"));
        assert_eq!(outcome("guest's hwprobe"), "IMA_EXT_0 bit 33 is not set");
        assert_eq!(outcome("memory model"), "the guest is told rvwmo, while its hart follows ztso");
        assert!(steps.iter().all(|step| !step.place.is_empty()));
    }
}
