//! One extension's road: from the host's device tree to what a guest is told and what its hart does.

use super::guest_isa::isa_line;
use super::start::{StartedGuest, VmmStart};
use super::table::Vmm;
use crate::host::description::Host;
use crate::isa::extension::IsaExt;
use crate::isa::isa_string::IsaString;
use crate::kernel::change::Change;
use crate::register::id::RegId;
use crate::register::isa_ext::IsaRegister;
use crate::vcpu::allowed::control_field;
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

/// One extension's road.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trace {
    /// Its steps, as far as the guest gets.
    pub steps: Vec<TraceStep>,
    /// Did the kernel grant what was asked?
    pub granted: bool,
}

/// The road of `register` when a program that finds a vCPU so asks for it to be on or off, and a guest is
/// started as `start`. It ends at the request where the program ends.
#[must_use]
pub fn trace(mut vcpu: Vcpu, register: IsaRegister, wanted: bool, start: &VmmStart) -> Trace {
    let mut road = Road::default();
    road.host(vcpu.host(), register);
    let granted = road.requests(&mut vcpu, register, wanted);
    if let Ok(guest) = &start.guest {
        road.guest(&vcpu, register.extension(), start.vmm, guest);
    }
    Trace { steps: road.0, granted }
}

#[derive(Default)]
struct Road(Vec<TraceStep>);

const FEATURES: &str = "arch/riscv/kernel/cpufeature.c";
const ONE_REG: &str = "arch/riscv/kvm/vcpu_onereg.c";

impl Road {
    fn step(&mut self, what: &'static str, outcome: String, place: String) {
        self.0.push(TraceStep { what, outcome, place });
    }

    /// What the host's kernel makes of the device tree.
    fn host(&mut self, host: &Host, register: IsaRegister) {
        let (behind, policy) = (Host::extension_behind(register), host.policy());
        let (count, token) = (host.harts().len(), behind.token());
        let named = host.harts().iter().filter(|h| h.named().contains(behind)).count();
        let told = match named {
            0 => format!("no hart's node names {token}"),
            n if n == count => format!("every hart's node names {token}"),
            n => format!("{n} of {count} harts' nodes name {token}"),
        };
        let from_list = "riscv_fill_hwcap_from_ext_list";
        self.step("device tree", told, format!("{FEATURES} {from_list}"));
        let hwcap = behind.hwcap().map_or_else(String::new, |n| format!(", bit {n}"));
        let accepted = match host.resolved(0).is_some_and(|r| r.accepted.contains(behind)) {
            true => format!("the kernel accepts it on hart 0{hwcap}"),
            false => {
                format!("the kernel does not have it on hart 0: {}", host.absence_reason(behind))
            }
        };
        let resolves = if policy.has(Change::ResolveIsa) { "riscv_resolve_isa" } else { from_list };
        self.step("each hart", accepted, format!("{FEATURES} {resolves}"));
        let common = match host.common().contains(behind) {
            true => format!("set{hwcap}: all harts have it"),
            false => format!("not set{hwcap}: {}", host.absence_reason(behind)),
        };
        self.step("host bitmap", common, format!("{FEATURES} riscv_fill_hwcap"));
        let table = match register.known_to(policy) {
            true => format!("index {}, since Linux {}", register.index(), register.since()),
            false => {
                format!("none in Linux {}: it came with {}", policy.release(), register.since())
            }
        };
        let rules = if policy.has(Change::IsaFile) { "arch/riscv/kvm/isa.c" } else { ONE_REG };
        self.step("KVM's table", table, format!("{rules} kvm_isa_ext_arr"));
    }

    /// A fresh vCPU, GET and SET: was the latter granted?
    fn requests(&mut self, vcpu: &mut Vcpu, register: IsaRegister, wanted: bool) -> bool {
        let id = RegId::isa_single(register);
        let fresh = if vcpu.has(register.extension()) { "on without a request" } else { "off" };
        let sets_up = format!("{ONE_REG} kvm_riscv_vcpu_setup_isa");
        self.step("fresh vCPU", fresh.to_owned(), sets_up);
        let answer = match vcpu.get_one_reg(id) {
            Ok(value) => value.to_string(),
            Err(refusal) => refusal.to_string(),
        };
        self.step(
            "GET",
            format!("{id}: {answer}"),
            format!("{ONE_REG} riscv_vcpu_get_isa_ext_single"),
        );
        let value = u64::from(wanted);
        let result = vcpu.set_one_reg(id, value);
        let answer = match &result {
            Ok(()) => "ok".to_owned(),
            Err(refusal) => refusal.to_string(),
        };
        self.step(
            "SET",
            format!("{value}: {answer}"),
            format!("{ONE_REG} riscv_vcpu_set_isa_ext_single"),
        );
        result.is_ok()
    }

    /// The first run, what the guest is told, what its hart does.
    fn guest(&mut self, vcpu: &Vcpu, ext: IsaExt, vmm: &Vmm, guest: &StartedGuest) {
        let policy = vcpu.host().policy();
        let config = match policy.has(Change::IsaFile) {
            true => "arch/riscv/kvm/vcpu_config.c kvm_riscv_vcpu_config_ran_once",
            false => "arch/riscv/kvm/vcpu.c kvm_riscv_vcpu_setup_config",
        };
        let left = ext == IsaExt::Ztso && vcpu.host().common().contains(ext) && !vcpu.has(ext);
        let writes = match control_field(ext) {
            Some(field) => format!("{field} follows the register"),
            None if left => "as documented, which no kernel does: the hart leaves Ztso".to_owned(),
            None => "no CSR is written: the hart is as its hardware is".to_owned(),
        };
        let locked = format!("{writes}; from here on a change is EBUSY");
        self.step("first run", locked, config.to_owned());
        let line = &guest.isa.line;
        let named = IsaString::parse(line).is_ok_and(|isa| isa.named().contains(ext));
        let names = if named { "names it" } else { "does not name it" };
        self.step(
            "guest's device tree",
            format!("{names}: {line}"),
            format!("{vmm}: {}", vmm.device_tree),
        );
        let accepted = guest.isa.accepted;
        let cpuinfo = match accepted.contains(ext) {
            true => "the guest's kernel shows it".to_owned(),
            false => format!("the guest's kernel does not show it: {}", isa_line(accepted)),
        };
        self.step("guest's /proc/cpuinfo", cpuinfo, format!("{FEATURES} riscv_fill_hwcap"));
        let probe = match ext.hwprobe() {
            None => "no bit of hwprobe is about it".to_owned(),
            Some(bit) if bit.since > policy.release() => {
                format!(
                    "a guest with Linux {} has no bit for it: {bit} came with {}",
                    policy.release(),
                    bit.since
                )
            }
            Some(bit) if accepted.contains(ext) => format!("{bit} is set"),
            Some(bit) => format!("{bit} is not set"),
        };
        let key = ext.hwprobe().map_or(0, |bit| bit.key);
        self.step(
            "guest's hwprobe",
            probe,
            format!("arch/riscv/kernel/sys_hwprobe.c hwprobe_isa_ext{key}"),
        );
        let (says, does) = (guest.isa.model(), guest.hart_model());
        let and = if says == does { "and" } else { "while" };
        let model = format!("the guest is told {says}, {and} its hart follows {does}");
        self.step("memory model", model, "hardware".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::release::Policy;
    use crate::vmm::start::start;

    fn road(options: &[&str], wanted: bool) -> Trace {
        let host = Host::from_isa_string("rv64gch_ztso", Policy::Linux7_2).unwrap();
        let options: Vec<String> = options.iter().map(ToString::to_string).collect();
        let qemu = Vmm::named("qemu").unwrap();
        let started = start(qemu, &options, Vcpu::new(host.clone()));
        trace(Vcpu::new(host), IsaRegister::ZTSO, wanted, &started)
    }

    #[test]
    fn the_road_of_ztso() {
        let trace = road(&["-cpu", "host,ztso=off"], false);
        let outcome = |what| trace.steps.iter().find(|s| s.what == what).unwrap().outcome.as_str();
        assert_eq!(outcome("host bitmap"), "set, bit 72: all harts have it");
        assert_eq!(outcome("KVM's table"), "index 52, since Linux 6.9");
        assert!(outcome("SET").starts_with("0: EINVAL: Linux has no way"));
        assert!(outcome("first run").starts_with("no CSR is written"));
        assert_eq!(outcome("guest's hwprobe"), "IMA_EXT_0 bit 33 is not set");
        assert_eq!(outcome("memory model"), "the guest is told rvwmo, while its hart follows ztso");
        assert!(trace.steps.iter().all(|step| !step.place.is_empty()));
        assert!(!trace.granted && road(&[], true).granted);
    }

    #[test]
    fn a_guest_that_never_starts_has_no_road() {
        let trace = road(&["-cpu", "host,c=off"], true);
        assert_eq!(trace.steps.last().unwrap().what, "SET");
    }
}
