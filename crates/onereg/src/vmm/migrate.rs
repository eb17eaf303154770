//! The move of a VM by a program: what is restored, what is refused, and what passes in silence.
//!
//! On the source a program reads registers of each vCPU that has run; on the target it makes a fresh vCPU and
//! sets them. Which ones is the program's (`Sends`), as is what a refusal does. What is not sent moves silently
//! with the host.
//!
//! Not modelled: memory, devices, interrupt controllers, and the time that goes by.

use super::migration::{Migration, RefusedRegister, UnreportedChange, VcpuChange};
use super::table::{Sends, Vmm};
use crate::host::description::Host;
use crate::register::group::RegType;
use crate::register::id::{RegId, RegKind};
use crate::vcpu::refusal::{Errno, Refusal};
use crate::vcpu::state::Vcpu;
use crate::vm::file::SpecError;
use crate::vm::plan::VmPlan;
use crate::vm::requests::Vm;

/// Moves a VM with that many harts from the host of `plan` to `target`'s, as `vmm` does.
///
/// # Errors
/// As [`VmPlan::machine`].
pub fn migrate(
    vmm: &'static Vmm,
    plan: &VmPlan,
    target: &Host,
    harts: usize,
) -> Result<Migration, SpecError> {
    let source = plan.machine(harts)?;
    let target = match vmm.sends {
        Sends::Chosen(_) => plan.on(target.clone()).machine(harts)?,
        Sends::Nothing(_) | Sends::WholeList(_) => Vm::new(target.clone(), harts),
    };
    Ok(moved(vmm, source, target))
}

impl Migration {
    /// The way back, after the guest has run on the target.
    #[must_use]
    pub fn back(&self) -> Migration {
        let target = match self.vmm.sends {
            Sends::Chosen(_) => self.source.clone(),
            Sends::Nothing(_) | Sends::WholeList(_) => {
                Vm::new(self.source.vcpus[0].host().clone(), self.source.vcpus.len())
            }
        };
        moved(self.vmm, self.target.clone(), target)
    }
}

/// Moves what runs on `source` to `target`, whose vCPUs have not run.
fn moved(vmm: &'static Vmm, source: Vm, mut target: Vm) -> Migration {
    let mut running = source.clone();
    running.vcpus.iter_mut().for_each(Vcpu::run);
    let cannot = match vmm.sends {
        Sends::Nothing(why) => Some(why.to_owned()),
        Sends::WholeList(cannot_be_read) => running.vcpus.iter().find_map(cannot_be_read),
        Sends::Chosen(_) => None,
    };
    let (mut refused, mut unreported, mut vcpus) = (Vec::new(), Vec::new(), Vec::new());
    if cannot.is_none() {
        for (vcpu, (from, to)) in running.vcpus.iter().zip(&mut target.vcpus).enumerate() {
            for id in sent(vmm, from, to) {
                let Err((value, refusal)) = restore(from, to, id) else { continue };
                refused.push(RefusedRegister { vcpu, id, value, refusal });
            }
            unreported.extend(different(from, to).map(|(id, here, there)| UnreportedChange {
                vcpu,
                id,
                here,
                there,
            }));
        }
        unreported.retain(|s| !refused.iter().any(|r| r.vcpu == s.vcpu && r.id == s.id));
        let harts = source.hart_configs().into_iter().zip(target.hart_configs());
        vcpus.extend(harts.map(|(before, after)| VcpuChange { before, after }));
    }
    Migration { vmm, cannot, refused, unreported, vcpus, source, target }
}

/// Sets on `to` what `from` has; 0 for what cannot be read so, such as vectors of another length.
fn restore(from: &Vcpu, to: &mut Vcpu, id: RegId) -> Result<(), (u64, Refusal)> {
    let value = from.get_one_reg(id).unwrap_or_default();
    to.set_one_reg(id, value).map_err(|refusal| (value, refusal))
}

/// What the program sets on the target, in its order: of a whole list, CORE registers first.
fn sent(vmm: &Vmm, from: &Vcpu, to: &Vcpu) -> Vec<RegId> {
    match vmm.sends {
        Sends::Nothing(_) => Vec::new(),
        Sends::Chosen(chosen) => chosen(from, to),
        Sends::WholeList(_) => {
            let list = from.reg_list(usize::MAX).unwrap_or_default();
            let core = |id: &RegId| is_of(*id, RegType::Core);
            let (mut first, rest): (Vec<RegId>, Vec<RegId>) = list.into_iter().partition(core);
            first.extend(rest);
            first
        }
    }
}

fn is_of(id: RegId, wanted: RegType) -> bool {
    matches!(id.kind(), RegKind::Grouped { reg_type, .. } if reg_type == wanted)
}

/// The registers that describe a hart and differ: CONFIG, ISA_EXT and SBI_EXT registers, vector length and
/// time base.
fn different<'v>(
    from: &'v Vcpu,
    to: &'v Vcpu,
) -> impl Iterator<Item = (RegId, Result<u64, Errno>, Result<u64, Errno>)> + 'v {
    let describes = |id: &RegId| match id.kind() {
        RegKind::Config(_) | RegKind::IsaSingle(_) => true,
        // The words of MULTI_EN and MULTI_DIS say again what the single registers say.
        RegKind::Grouped { .. } if is_of(*id, RegType::SbiExt) => !id.name().contains(".multi_"),
        RegKind::Grouped { .. } => matches!(id.name().as_str(), "vector.vlenb" | "timer.frequency"),
        _ => false,
    };
    let mut ids: Vec<RegId> =
        [from, to].iter().flat_map(|vcpu| vcpu.reg_list(usize::MAX).unwrap_or_default()).collect();
    ids.sort();
    ids.dedup();
    let read = |vcpu: &Vcpu, id| vcpu.get_one_reg(id).map_err(|refusal| refusal.errno());
    ids.into_iter().filter(describes).filter_map(move |id| {
        let (here, there) = (read(from, id), read(to, id));
        (here != there).then_some((id, here, there))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rvlitmus_core::arch::riscv::Extension;
    use rvlitmus_core::model::BaseModel;

    use crate::kernel::release::Policy;
    use crate::vmm::verdict::MigrationVerdict;

    fn host(isa: &str, policy: Policy) -> Host {
        Host::from_isa_string(isa, policy).unwrap()
    }

    fn between(vmm: &str, from: (&str, Policy), to: (&str, Policy)) -> Migration {
        migrate(
            Vmm::named(vmm).unwrap(),
            &VmPlan::of_host(host(from.0, from.1)),
            &host(to.0, to.1),
            2,
        )
        .unwrap()
    }

    const NEW: Policy = Policy::Linux7_2;

    #[test]
    fn qemu_moves_a_guest_to_a_weaker_model_in_silence() {
        let migration = between("qemu", ("rv64gc_ztso", NEW), ("rv64gc", NEW));
        assert_eq!(migration.verdict(), MigrationVerdict::SilentlyWeaker);
        assert!(migration.vcpus.iter().all(|vcpu| !vcpu.weakened().is_empty()));
        assert_eq!(migration.refused, []);
        let lines: Vec<String> = migration.unreported.iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["isa_ext.ztso: 0x1 here, ENOENT there"; 2]);
        assert_eq!(migration.target.hart_configs()[0].model, BaseModel::Rvwmo);
    }

    #[test]
    fn the_way_to_ztso_has_no_way_back() {
        let migration = between("qemu", ("rv64gc", NEW), ("rv64gc_ztso", NEW));
        assert_eq!(migration.verdict(), MigrationVerdict::Stronger);
        let back = migration.back();
        assert_eq!(back.verdict(), MigrationVerdict::SilentlyWeaker);
        assert_eq!(back.target.hart_configs(), migration.source.hart_configs());
        let back = between("cloud-hypervisor", ("rv64gc", NEW), ("rv64gc_ztso", NEW)).back();
        assert!(back.refused.iter().any(|r| r.id.name() == "isa_ext.ztso"), "{:?}", back.refused);
    }

    #[test]
    fn the_whole_list_is_refused_where_a_register_is_missing() {
        let migration = between("cloud-hypervisor", ("rv64gc_ztso", NEW), ("rv64gc", NEW));
        assert_eq!(migration.verdict(), MigrationVerdict::Refused);
        let lines: Vec<String> = migration.refused.iter().map(ToString::to_string).collect();
        let each = [
            "timer.state = 0x0: EINVAL: the vCPU's timer is off, and KVM refuses to turn it off once more",
            "isa_ext.ztso = 0x1: ENOENT: the host lacks Ztso: its device tree does not name it",
        ];
        assert_eq!(lines, [each, each].concat());
    }

    #[test]
    fn vectors_of_another_length() {
        let (long, short) = (("rv64gcv_zvl256b", NEW), ("rv64gcv", NEW));
        let qemu = between("qemu", long, short);
        assert_eq!(qemu.refused, [], "the stream has no length");
        assert_eq!(qemu.unreported[0].to_string(), "vector.vlenb: 0x20 here, 0x10 there");
        let cannot = between("cloud-hypervisor", long, short).cannot.unwrap();
        assert!(cannot.contains("vector.v0 has 32"), "{cannot}");
        let many =
            between("cloud-hypervisor", ("rva23s64", NEW), ("rva23s64", NEW)).cannot.unwrap();
        assert!(many.contains("KVM_GET_REG_LIST is E2BIG"), "{many}");
        let gone = between("qemu", short, ("rv64gc", NEW));
        assert_eq!(gone.verdict(), MigrationVerdict::Refused);
        assert_eq!(gone.refused[0].id.name(), "vector.vstart");
        assert_eq!(gone.refused[0].refusal.errno(), Errno::ENOENT);
    }

    #[test]
    fn some_programs_move_nothing() {
        for vmm in ["kvmtool", "crosvm"] {
            let migration = between(vmm, ("rv64gc", NEW), ("rv64gc", NEW));
            assert_eq!(migration.verdict(), MigrationVerdict::Cannot);
        }
    }

    #[test]
    fn a_switch_moves_with_its_options() {
        let plan = VmPlan::of_host(host("rv64gc_ztso", Policy::Documented))
            .with_edits("*:-ztso".parse().unwrap())
            .unwrap();
        let migration =
            migrate(Vmm::named("qemu").unwrap(), &plan, &host("rv64gc_ztso", NEW), 1).unwrap();
        assert_eq!(migration.verdict(), MigrationVerdict::Stronger);
        let documented = host("rv64gc_ztso", Policy::Documented);
        let migration = migrate(Vmm::named("qemu").unwrap(), &plan, &documented, 1).unwrap();
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
            let migration = between("qemu", (from, NEW), (to, NEW));
            assert_eq!(migration.verdict(), verdict, "{from} to {to}: {:?}", migration.unreported);
        }
    }

    #[test]
    fn a_newer_kernel_loses_nothing() {
        let (old, new) = (("rv64gc", Policy::Linux6_6), ("rv64gc", Policy::Linux6_12));
        let migration = between("qemu", old, new);
        assert_eq!(migration.verdict(), MigrationVerdict::Other, "{:?}", migration.unreported);
    }

    #[test]
    fn lost_instructions() {
        let migration = between("qemu", ("rv64gc_zacas", NEW), ("rv64gc", NEW));
        assert_eq!(migration.verdict(), MigrationVerdict::SilentlyWeaker);
        assert!(migration.vcpus[0].lost().contains(Extension::Zacas));
        assert!(migration.vcpus[0].weakened().is_empty());
        let migration = between("qemu", ("rv64gc_zama16b", NEW), ("rv64gc", NEW));
        let weakened = !migration.vcpus[0].weakened().is_empty();
        assert!(weakened && migration.unreported.is_empty(), "no register tells");
    }

    #[test]
    fn an_older_kernel_refuses_registers_that_it_does_not_know() {
        let old = ("rv64gc", Policy::Linux6_12);
        let migration = between("cloud-hypervisor", ("rv64gc", NEW), old);
        let names: Vec<String> =
            migration.refused.iter().filter(|r| r.vcpu == 0).map(|r| r.id.name()).collect();
        for name in ["config.zicbom_block_size", "isa_ext.zaamo", "sbi_ext.susp"] {
            assert!(names.iter().any(|n| n == name), "{name}: {names:?}");
        }
        let qemu = between("qemu", ("rv64gc", NEW), old);
        assert_eq!(qemu.verdict(), MigrationVerdict::SilentlyWeaker);
        let lost = |name: &str| qemu.unreported.iter().any(|s| s.id.name() == name && s.loses());
        assert!(lost("sbi_ext.fwft") && !lost("config.zicboz_block_size"), "{:?}", qemu.unreported);
    }
}
