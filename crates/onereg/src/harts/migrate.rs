//! Live migration: does the target give the guest what the source gave it?
//!
//! Modelled as VMMs do it: on the source every register of the list is read from each vCPU that has
//! run; on the target a fresh vCPU gets each of them set, in list order. A register that the target
//! refuses ends the migration. What has no register moves silently with the hardware: losing Zama16b
//! weakens the guest's memory model without any refusal.
//!
//! Not modelled: registers other than CONFIG and ISA_EXT, and VMMs that leave registers out.

use std::fmt;

use rvlitmus_core::arch::riscv::{Extension, ExtensionSet};
use rvlitmus_core::model::BaseModel;
use rvlitmus_core::program::HartConfig;

use crate::host::description::Host;
use crate::register::id::RegId;
use crate::vcpu::refusal::Refusal;
use crate::vcpu::state::Vcpu;
use crate::vm::file::SpecError;
use crate::vm::plan::VmPlan;
use crate::vm::requests::Vm;

/// What a migration would do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Migration {
    /// Registers that the target does not restore, by vCPU, in list order.
    pub refused: Vec<NotRestored>,
    /// Each vCPU before and after.
    pub vcpus: Vec<VcpuChange>,
    /// The guest's harts on the source.
    pub source: Vm,
    /// The harts that the target's vCPUs would be, had the VMM gone on after refusals.
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

    fn gone(&self) -> ExtensionSet {
        self.before.extensions - self.after.extensions
    }
}

/// Extensions that bring no instruction and restrict what the memory system may do.
const ORDER_ONLY: ExtensionSet = enumset::enum_set!(Extension::Ztso | Extension::Zama16b);

/// The answer in a word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MigrationVerdict {
    /// Everything is restored, and no promise is lost.
    Safe,
    /// The target refuses a register, so a VMM stops; the guest stays what it is.
    Refused,
    /// Nothing is refused, and yet the guest loses instructions or order: nobody notices.
    SilentlyWeaker,
}

impl Migration {
    /// Safe, refused, or worse.
    #[must_use]
    pub fn verdict(&self) -> MigrationVerdict {
        let loses = |m: &VcpuChange| !m.gone().is_empty();
        if !self.refused.is_empty() {
            MigrationVerdict::Refused
        } else if self.vcpus.iter().any(loses) {
            MigrationVerdict::SilentlyWeaker
        } else {
            MigrationVerdict::Safe
        }
    }

    /// Would some vCPU's memory model be weaker, refused or not?
    #[must_use]
    pub fn weaker(&self) -> bool {
        self.vcpus.iter().any(|m| !m.weakened().is_empty())
    }

    /// Would some vCPU's memory model be stronger?
    #[must_use]
    pub fn stronger(&self) -> bool {
        self.vcpus
            .iter()
            .any(|m| m.before.model == BaseModel::Rvwmo && m.after.model == BaseModel::Ztso)
    }
}

/// Moves a VM with that many harts from the host of `plan` to `target`'s.
///
/// # Errors
/// As [`VmPlan::machine`].
pub fn migrate(plan: &VmPlan, target: &Host, harts: usize) -> Result<Migration, SpecError> {
    let source = plan.machine(harts)?;
    let mut moved = Vm::new(target.clone(), harts);
    let mut refused = Vec::new();
    for (vcpu, (from, to)) in source.vcpus.iter().zip(&mut moved.vcpus).enumerate() {
        let mut running = from.clone();
        running.run();
        refused.extend(restore(&running, to).into_iter().map(|(id, value, refusal)| NotRestored {
            vcpu,
            id,
            value,
            refusal,
        }));
    }
    let vcpus = source
        .hart_configs()
        .into_iter()
        .zip(moved.hart_configs())
        .map(|(before, after)| VcpuChange { before, after })
        .collect();
    Ok(Migration { refused, vcpus, source, target: moved })
}

/// Sets on `to` what `from`'s list of registers reads.
fn restore(from: &Vcpu, to: &mut Vcpu) -> Vec<(RegId, u64, Refusal)> {
    let list = from.reg_list(usize::MAX).unwrap_or_default();
    list.into_iter()
        .filter_map(|id| {
            let value = from.get_one_reg(id).ok()?;
            let refusal = to.set_one_reg(id, value).err()?;
            Some((id, value, refusal))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::release::Policy;
    use crate::vcpu::refusal::Errno;

    fn host(isa: &str, policy: Policy) -> Host {
        Host::from_isa_string(isa, policy).unwrap()
    }

    fn between(from: (&str, Policy), to: (&str, Policy)) -> Migration {
        migrate(&VmPlan::of_host(host(from.0, from.1)), &host(to.0, to.1), 2).unwrap()
    }

    const NEW: Policy = Policy::Linux7_2;

    #[test]
    fn from_ztso_to_rvwmo_is_refused() {
        let migration = between(("rv64gc_ztso", NEW), ("rv64gc", NEW));
        assert_eq!(migration.verdict(), MigrationVerdict::Refused);
        assert!(migration.weaker() && !migration.stronger());
        let lines: Vec<String> = migration.refused.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [0, 1].map(|n| format!(
                "vCPU {n}: isa_ext.ztso = 0x1: ENOENT: the host lacks Ztso: its device tree does \
                 not name it"
            ))
        );
        assert_eq!(migration.target.hart_configs()[0].model, BaseModel::Rvwmo);
    }

    #[test]
    fn from_rvwmo_to_ztso_is_safe() {
        let migration = between(("rv64gc", NEW), ("rv64gc_ztso", NEW));
        assert_eq!(migration.verdict(), MigrationVerdict::Safe);
        assert!(!migration.weaker() && migration.stronger());
        assert_eq!(migration.refused, []);
    }

    #[test]
    fn a_guest_without_ztso_needs_a_target_that_can_turn_it_off() {
        let plan = VmPlan::of_host(host("rv64gc_ztso", Policy::Documented))
            .with_edits("*:-ztso".parse().unwrap())
            .unwrap();
        let migration = migrate(&plan, &host("rv64gc_ztso", NEW), 1).unwrap();
        assert_eq!(migration.refused[0].refusal.errno(), Errno::EINVAL);
        let migration = migrate(&plan, &host("rv64gc_ztso", Policy::Documented), 1).unwrap();
        assert_eq!(migration.verdict(), MigrationVerdict::Safe);
        assert!(!migration.stronger(), "the switch moves too");
    }

    #[test]
    fn lost_instructions_are_refused_where_there_is_a_register() {
        let migration = between(("rv64gc_zacas", NEW), ("rv64gc", NEW));
        assert_eq!(migration.verdict(), MigrationVerdict::Refused);
        assert!(migration.vcpus[0].lost().contains(Extension::Zacas));
        assert!(!migration.weaker());
    }

    #[test]
    fn what_has_no_register_is_lost_silently() {
        let migration = between(("rv64gc_zama16b", NEW), ("rv64gc", NEW));
        assert_eq!(migration.verdict(), MigrationVerdict::SilentlyWeaker);
        assert!(migration.weaker());
        let old = Policy::Linux6_12;
        let migration = between(("rv64gc_zabha", old), ("rv64gc", old));
        assert_eq!(migration.verdict(), MigrationVerdict::SilentlyWeaker);
        assert!(!migration.weaker() && migration.vcpus[0].lost().contains(Extension::Zabha));
    }

    #[test]
    fn an_older_kernel_refuses_registers_that_it_does_not_know() {
        let migration = between(("rv64gc", NEW), ("rv64gc", Policy::Linux6_12));
        let names: Vec<String> =
            migration.refused.iter().filter(|r| r.vcpu == 0).map(|r| r.id.name()).collect();
        let blocks = ["zicbom", "zicboz", "zicbop"].map(|b| format!("config.{b}_block_size"));
        let halves = ["isa_ext.zaamo", "isa_ext.zalrsc"].map(String::from);
        assert_eq!(names, [&blocks[..], &halves[..]].concat());
        assert_eq!(migration.verdict(), MigrationVerdict::Refused);
        assert!(!migration.weaker());
    }
}
