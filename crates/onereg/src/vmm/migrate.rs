//! Migration by program: what is restored, what is refused, and what passes in silence.
//!
//! On the source a program reads registers of each vCPU that has run; on the target it makes a fresh vCPU and
//! sets them. Which ones, and what a refusal does, is the program's: QEMU sets CORE, CSR, FP, VECTOR and TIMER
//! registers and no ISA_EXT, cloud-hypervisor the whole list. What is not sent moves silently with the host.
//!
//! Not modelled: memory, devices, interrupt controllers, and the time that goes by.

use std::fmt;

use rvlitmus_core::arch::riscv::{Extension, ExtensionSet};
use rvlitmus_core::program::HartConfig;

use super::table::{CLOUD_HYPERVISOR_LIST, Moves, Vmm};
use crate::host::description::Host;
use crate::isa::extension::IsaExt;
use crate::register::config::ConfigReg;
use crate::register::group::{Group, StateReg};
use crate::register::id::{RegId, RegKind};
use crate::vcpu::refusal::{Errno, Refusal};
use crate::vcpu::state::Vcpu;
use crate::vm::file::SpecError;
use crate::vm::plan::VmPlan;
use crate::vm::requests::Vm;

/// What a migration would do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Migration {
    /// The program.
    pub vmm: Vmm,
    /// Why the program cannot save a vCPU of the source, or does not move any.
    pub cannot: Option<String>,
    /// Registers that the target does not restore, by vCPU, in the order in which they are set.
    pub refused: Vec<NotRestored>,
    /// What a vCPU is, where it is otherwise on the target and nobody is told; by vCPU, in list order.
    pub silent: Vec<Silent>,
    /// Each vCPU before and after.
    pub vcpus: Vec<VcpuChange>,
    /// The guest's harts on the source.
    pub source: Vm,
    /// The harts that the target's vCPUs would be, had the program gone on after refusals.
    pub target: Vm,
}

/// A register that the target refuses to restore.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotRestored {
    /// The vCPU's number.
    pub vcpu: usize,
    /// The register.
    pub id: RegId,
    /// Its value on the source.
    pub value: u64,
    /// The target's answer.
    pub refusal: Refusal,
}

/// `vCPU 0: isa_ext.ztso = 0x1: ENOENT: the host lacks Ztso: ...`
impl fmt::Display for NotRestored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NotRestored { vcpu, id, value, refusal } = self;
        write!(f, "vCPU {vcpu}: {} = {value:#x}: {refusal}", id.name())
    }
}

/// A register that says what the hart is, and says another thing on the target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Silent {
    /// The vCPU's number.
    pub vcpu: usize,
    /// The register.
    pub id: RegId,
    /// What it reads as on the source.
    pub here: Result<u64, Errno>,
    /// What it reads as on the target.
    pub there: Result<u64, Errno>,
}

/// `vCPU 0: isa_ext.ztso: 0x1 here, ENOENT there`
impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |value: &Result<u64, Errno>| match value {
            Ok(value) => format!("{value:#x}"),
            Err(errno) => errno.to_string(),
        };
        let (here, there) = (told(&self.here), told(&self.there));
        write!(f, "vCPU {}: {}: {here} here, {there} there", self.vcpu, self.id.name())
    }
}

impl Silent {
    /// Did the guest have something that is gone, or is of another size? Extensions, blocks, vectors, ticks,
    /// virtual addresses; not what is only there on the target, and not the vendor's ids.
    #[must_use]
    pub fn loses(&self) -> bool {
        let here = self.here.unwrap_or(0);
        let there = self.there.unwrap_or(0);
        let config = match self.id.kind() {
            RegKind::Config(index) => ConfigReg::from_index(index),
            _ => None,
        };
        match config {
            _ if here == 0 => false,
            Some(ConfigReg::Mvendorid | ConfigReg::Marchid | ConfigReg::Mimpid) => false,
            Some(ConfigReg::Isa) => here & !there != 0,
            Some(ConfigReg::SatpMode) => there < here,
            _ => there != here,
        }
    }

    /// Is it an extension that only the target has?
    #[must_use]
    pub fn only_there(&self) -> bool {
        let switch =
            matches!(self.id.kind(), RegKind::IsaSingle(_) | RegKind::State { kind: 8, .. });
        switch && self.here.unwrap_or(0) == 0 && self.there == Ok(1)
    }
}

/// One vCPU before and after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VcpuChange {
    /// The hart on the source.
    pub before: HartConfig,
    /// The hart on the target.
    pub after: HartConfig,
}

impl VcpuChange {
    /// Instructions that the guest could use and then cannot.
    #[must_use]
    pub fn lost(&self) -> ExtensionSet {
        self.gone() - ORDER_ONLY
    }

    /// What the memory model promised and then does not: Ztso's order, or Zama16b's atomicity.
    #[must_use]
    pub fn weakened(&self) -> ExtensionSet {
        self.gone() & ORDER_ONLY
    }

    /// What the memory model promises there and did not here.
    #[must_use]
    pub fn strengthened(&self) -> ExtensionSet {
        (self.after.extensions - self.before.extensions) & ORDER_ONLY
    }

    fn gone(&self) -> ExtensionSet {
        self.before.extensions - self.after.extensions
    }
}

/// Extensions that bring no instruction and restrict what the memory system may do.
const ORDER_ONLY: ExtensionSet = enumset::enum_set!(Extension::Ztso | Extension::Zama16b);

/// The answer in a word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MigrationVerdict {
    /// Every register that is sent is accepted, and the harts are the same.
    Same,
    /// Every register that is sent is accepted, and the harts differ, but the guest loses nothing known.
    Other,
    /// Every register that is sent is accepted, and the harts promise more than before.
    Stronger,
    /// The program does not move such a vCPU at all.
    Cannot,
    /// The target refuses a register, so the program stops; the guest stays what it is.
    Refused,
    /// Nothing is refused, and yet the guest loses order, instructions, or the size of something: nobody notices.
    SilentlyWeaker,
}

impl Migration {
    /// The worst that is known.
    #[must_use]
    pub fn verdict(&self) -> MigrationVerdict {
        if self.cannot.is_some() {
            MigrationVerdict::Cannot
        } else if !self.refused.is_empty() {
            MigrationVerdict::Refused
        } else if self.silent.iter().any(Silent::loses)
            || self.vcpus.iter().any(|m| !m.gone().is_empty())
        {
            MigrationVerdict::SilentlyWeaker
        } else if self.vcpus.iter().any(|m| !m.strengthened().is_empty()) {
            MigrationVerdict::Stronger
        } else if !self.silent.is_empty() || self.vcpus.iter().any(|m| m.before != m.after) {
            MigrationVerdict::Other
        } else {
            MigrationVerdict::Same
        }
    }

    /// The way back, after the guest has run on the target.
    #[must_use]
    pub fn back(&self) -> Migration {
        let fresh = Vm::new(self.source.vcpus[0].host().clone(), self.source.vcpus.len());
        let target = match self.vmm.program().moves {
            Moves::Choice => self.source.clone(),
            _ => fresh,
        };
        moved(self.vmm, self.target.clone(), target)
    }
}

/// Moves a VM with that many harts from the host of `plan` to `target`'s, as `vmm` does.
///
/// # Errors
/// As [`VmPlan::machine`].
pub fn migrate(
    vmm: Vmm,
    plan: &VmPlan,
    target: &Host,
    harts: usize,
) -> Result<Migration, SpecError> {
    let source = plan.machine(harts)?;
    // A program that sends no ISA_EXT is started with the same options there.
    let fresh = match vmm.program().moves {
        Moves::Choice => plan.on(target.clone()).machine(harts)?,
        _ => Vm::new(target.clone(), harts),
    };
    Ok(moved(vmm, source, fresh))
}

fn moved(vmm: Vmm, source: Vm, mut target: Vm) -> Migration {
    let before = source.hart_configs();
    let mut running = source.clone();
    running.vcpus.iter_mut().for_each(Vcpu::run);
    let cannot = cannot(vmm, &running);
    let (mut refused, mut silent) = (Vec::new(), Vec::new());
    for (vcpu, (from, to)) in running.vcpus.iter().zip(&mut target.vcpus).enumerate() {
        for id in sent(vmm, from, to) {
            let Some((value, refusal)) = restore(from, to, id) else { continue };
            refused.push(NotRestored { vcpu, id, value, refusal });
        }
        silent.extend(different(from, to).map(|(id, here, there)| Silent {
            vcpu,
            id,
            here,
            there,
        }));
    }
    silent.retain(|s| !refused.iter().any(|r| r.vcpu == s.vcpu && r.id == s.id));
    let change = |(before, after)| VcpuChange { before, after };
    let vcpus = before.into_iter().zip(target.hart_configs()).map(change).collect();
    Migration { vmm, cannot, refused, silent, vcpus, source, target }
}

/// Sets on `to` what `from` has; 0 for what cannot be read so, such as vectors of another length.
fn restore(from: &Vcpu, to: &mut Vcpu, id: RegId) -> Option<(u64, Refusal)> {
    let value = from.get_one_reg(id).unwrap_or_default();
    Some((value, to.set_one_reg(id, value).err()?))
}

/// Why a program does not move vCPUs like these.
fn cannot(vmm: Vmm, running: &Vm) -> Option<String> {
    if let Moves::Never(why) = vmm.program().moves {
        return Some(why.to_owned());
    }
    if vmm != Vmm::CloudHypervisor {
        return None;
    }
    let list = running.vcpus.first()?.reg_list(usize::MAX).ok()?;
    if list.len() > CLOUD_HYPERVISOR_LIST {
        return Some(format!(
            "cloud-hypervisor makes room for {CLOUD_HYPERVISOR_LIST} registers, and the vCPU has {}: \
             KVM_GET_REG_LIST is E2BIG, so it cannot save the vCPU",
            list.len()
        ));
    }
    let long = list.into_iter().find(|id| id.size_log2() > 3)?;
    Some(format!(
        "cloud-hypervisor reads registers into 8 bytes, and {} has {}: its library refuses with EINVAL, so \
         it cannot save the vCPU",
        long.name(),
        1_u64 << long.size_log2()
    ))
}

/// What the program sets on the target, in its order.
fn sent(vmm: Vmm, from: &Vcpu, to: &Vcpu) -> Vec<RegId> {
    match vmm.program().moves {
        Moves::Never(_) => Vec::new(),
        Moves::WholeList => {
            let list = from.reg_list(usize::MAX).unwrap_or_default();
            let core = |id: &RegId| matches!(id.kind(), RegKind::State { kind: 2, .. });
            let (mut first, rest): (Vec<RegId>, Vec<RegId>) = list.into_iter().partition(core);
            first.extend(rest);
            first
        }
        Moves::Choice => choice(from, to),
    }
}

/// QEMU's choice. The stream has what `misa` was, and the vectors, but not how long they are.
fn choice(from: &Vcpu, to: &Vcpu) -> Vec<RegId> {
    let policy = to.host().policy();
    let float = match (from.has(IsaExt::D), from.has(IsaExt::F)) {
        (true, _) => Some(Group::FpD),
        (false, true) => Some(Group::FpF),
        (false, false) => None,
    };
    let timer_is_on =
        StateReg::named("timer.state").is_some_and(|state| from.get_one_reg(state.id(16)) == Ok(1));
    let wanted = |register: &&StateReg| match (register.group, register.index) {
        (Group::Core, index) => index < 32,
        (Group::CsrGeneral, index) => index < 9,
        (Group::Vector, index) => {
            from.has(IsaExt::V) && (index < 3 || index > 5 && policy.since(6, 8))
        }
        (Group::Timer, index) => matches!(index, 1 | 2) || index == 3 && timer_is_on,
        (group, index) => Some(group) == float && index < 32,
    };
    StateReg::all().filter(wanted).map(|register| register.id(to.host().vlenb())).collect()
}

/// The registers that describe a hart and differ: CONFIG, ISA_EXT and SBI_EXT registers, vector length and time base.
fn different<'v>(
    from: &'v Vcpu,
    to: &'v Vcpu,
) -> impl Iterator<Item = (RegId, Result<u64, Errno>, Result<u64, Errno>)> + 'v {
    let says_what = |id: &RegId| match id.kind() {
        RegKind::Config(_) | RegKind::IsaSingle(_) => true,
        // The words of MULTI_EN and MULTI_DIS say again what the single registers say.
        RegKind::State { kind: 8, .. } if id.name().contains(".multi_") => false,
        RegKind::State { kind: 8, .. } => true,
        RegKind::State { .. } => matches!(id.name().as_str(), "vector.vlenb" | "timer.frequency"),
        _ => false,
    };
    let mut ids: Vec<RegId> =
        [from, to].iter().flat_map(|vcpu| vcpu.reg_list(usize::MAX).unwrap_or_default()).collect();
    ids.sort();
    ids.dedup();
    let read = |vcpu: &Vcpu, id| vcpu.get_one_reg(id).map_err(|refusal| refusal.errno());
    ids.into_iter().filter(says_what).filter_map(move |id| {
        let (here, there) = (read(from, id), read(to, id));
        (here != there).then_some((id, here, there))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rvlitmus_core::model::BaseModel;

    use crate::kernel::release::Policy;

    fn host(isa: &str, policy: Policy) -> Host {
        Host::from_isa_string(isa, policy).unwrap()
    }

    fn between(vmm: Vmm, from: (&str, Policy), to: (&str, Policy)) -> Migration {
        migrate(vmm, &VmPlan::of_host(host(from.0, from.1)), &host(to.0, to.1), 2).unwrap()
    }

    const NEW: Policy = Policy::Linux7_2;

    #[test]
    fn qemu_moves_a_guest_to_a_weaker_model_in_silence() {
        let migration = between(Vmm::Qemu, ("rv64gc_ztso", NEW), ("rv64gc", NEW));
        assert_eq!(migration.verdict(), MigrationVerdict::SilentlyWeaker);
        assert!(migration.vcpus.iter().all(|vcpu| !vcpu.weakened().is_empty()));
        assert_eq!(migration.refused, []);
        let lines: Vec<String> = migration.silent.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [0, 1].map(|n| format!("vCPU {n}: isa_ext.ztso: 0x1 here, ENOENT there"))
        );
        assert_eq!(migration.target.hart_configs()[0].model, BaseModel::Rvwmo);
    }

    #[test]
    fn the_way_to_ztso_has_no_way_back() {
        let migration = between(Vmm::Qemu, ("rv64gc", NEW), ("rv64gc_ztso", NEW));
        assert_eq!(migration.verdict(), MigrationVerdict::Stronger);
        let back = migration.back();
        assert_eq!(back.verdict(), MigrationVerdict::SilentlyWeaker);
        assert_eq!(back.target.hart_configs(), migration.source.hart_configs());
        let back = between(Vmm::CloudHypervisor, ("rv64gc", NEW), ("rv64gc_ztso", NEW)).back();
        assert!(back.refused.iter().any(|r| r.id.name() == "isa_ext.ztso"), "{:?}", back.refused);
    }

    #[test]
    fn the_whole_list_is_refused_where_a_register_is_missing() {
        let migration = between(Vmm::CloudHypervisor, ("rv64gc_ztso", NEW), ("rv64gc", NEW));
        assert_eq!(migration.verdict(), MigrationVerdict::Refused);
        let lines: Vec<String> = migration.refused.iter().map(ToString::to_string).collect();
        let of = |n| {
            [
                format!(
                    "vCPU {n}: timer.state = 0x0: EINVAL: the vCPU's timer is off, and KVM refuses to \
                     turn it off once more"
                ),
                format!(
                    "vCPU {n}: isa_ext.ztso = 0x1: ENOENT: the host lacks Ztso: its device tree does not \
                     name it"
                ),
            ]
        };
        assert_eq!(lines, [of(0), of(1)].concat());
    }

    #[test]
    fn vectors_of_another_length() {
        let (long, short) = (("rv64gcv_zvl256b", NEW), ("rv64gcv", NEW));
        let qemu = between(Vmm::Qemu, long, short);
        assert_eq!(qemu.refused, [], "the stream has no length");
        assert_eq!(qemu.silent[0].to_string(), "vCPU 0: vector.vlenb: 0x20 here, 0x10 there");
        let cannot = between(Vmm::CloudHypervisor, long, short).cannot.unwrap();
        assert!(cannot.contains("vector.v0 has 32"), "{cannot}");
        let many =
            between(Vmm::CloudHypervisor, ("rva23s64", NEW), ("rva23s64", NEW)).cannot.unwrap();
        assert!(many.contains("KVM_GET_REG_LIST is E2BIG"), "{many}");
        let gone = between(Vmm::Qemu, short, ("rv64gc", NEW));
        assert_eq!(gone.verdict(), MigrationVerdict::Refused);
        assert_eq!(gone.refused[0].id.name(), "vector.vstart");
        assert_eq!(gone.refused[0].refusal.errno(), Errno::ENOENT);
    }

    #[test]
    fn some_programs_move_nothing() {
        for vmm in [Vmm::Kvmtool, Vmm::Crosvm] {
            let migration = between(vmm, ("rv64gc", NEW), ("rv64gc", NEW));
            assert_eq!(migration.verdict(), MigrationVerdict::Cannot);
        }
    }

    #[test]
    fn a_switch_moves_with_its_options() {
        let plan = VmPlan::of_host(host("rv64gc_ztso", Policy::Documented))
            .with_edits("*:-ztso".parse().unwrap())
            .unwrap();
        let migration = migrate(Vmm::Qemu, &plan, &host("rv64gc_ztso", NEW), 1).unwrap();
        assert_eq!(migration.verdict(), MigrationVerdict::Stronger);
        let documented = host("rv64gc_ztso", Policy::Documented);
        let migration = migrate(Vmm::Qemu, &plan, &documented, 1).unwrap();
        assert_eq!(migration.verdict(), MigrationVerdict::Same);
    }

    #[test]
    fn what_is_lost_without_a_word() {
        for (from, to, verdict) in [
            ("rv64gc_zba", "rv64gc", MigrationVerdict::SilentlyWeaker),
            ("rv64gcv_zvl256b", "rv64gcv", MigrationVerdict::SilentlyWeaker),
            ("rv64gcv", "rv64gcv_zvl256b", MigrationVerdict::SilentlyWeaker),
            ("rv64gc", "rv64gc_zba", MigrationVerdict::Other),
            ("rv64gc_zba", "rv64gc_zba", MigrationVerdict::Same),
        ] {
            let migration = between(Vmm::Qemu, (from, NEW), (to, NEW));
            assert_eq!(migration.verdict(), verdict, "{from} to {to}: {:?}", migration.silent);
        }
    }

    #[test]
    fn a_newer_kernel_loses_nothing() {
        let (old, new) = (("rv64gc", Policy::Linux6_6), ("rv64gc", Policy::Linux6_12));
        let migration = between(Vmm::Qemu, old, new);
        assert_eq!(migration.verdict(), MigrationVerdict::Other, "{:?}", migration.silent);
    }

    #[test]
    fn lost_instructions() {
        let migration = between(Vmm::Qemu, ("rv64gc_zacas", NEW), ("rv64gc", NEW));
        assert_eq!(migration.verdict(), MigrationVerdict::SilentlyWeaker);
        assert!(migration.vcpus[0].lost().contains(Extension::Zacas));
        assert!(migration.vcpus[0].weakened().is_empty());
        let migration = between(Vmm::Qemu, ("rv64gc_zama16b", NEW), ("rv64gc", NEW));
        let weakened = !migration.vcpus[0].weakened().is_empty();
        assert!(weakened && migration.silent.is_empty(), "no register tells");
    }

    #[test]
    fn an_older_kernel_refuses_registers_that_it_does_not_know() {
        let old = ("rv64gc", Policy::Linux6_12);
        let migration = between(Vmm::CloudHypervisor, ("rv64gc", NEW), old);
        let names: Vec<String> =
            migration.refused.iter().filter(|r| r.vcpu == 0).map(|r| r.id.name()).collect();
        for name in ["config.zicbom_block_size", "isa_ext.zaamo", "sbi_ext.susp"] {
            assert!(names.iter().any(|n| n == name), "{name}: {names:?}");
        }
        let qemu = between(Vmm::Qemu, ("rv64gc", NEW), old);
        assert_eq!(qemu.verdict(), MigrationVerdict::SilentlyWeaker);
        let lost = |name: &str| qemu.silent.iter().any(|s| s.id.name() == name && s.loses());
        assert!(lost("sbi_ext.fwft") && !lost("config.zicboz_block_size"), "{:?}", qemu.silent);
    }
}
