//! What `onereg list` shows of a vCPU: every register, its value, and whether it can change.

use super::refusal::{Refusal, RefusalReason};
use super::state::Vcpu;
use crate::register::config::ConfigReg;
use crate::register::id::{RegId, RegKind};
use crate::register::isa_ext::IsaRegister;

/// A register of the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedRegister {
    /// Its id.
    pub id: RegId,
    /// Its value.
    pub value: u64,
    /// What setting another value does.
    pub writability: Writability,
}

/// Whether a register can change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Writability {
    /// Another value is accepted, and read back.
    Accepted,
    /// CONFIG `isa`: these extensions follow the value, the others are silently kept.
    Letters(Vec<IsaRegister>),
    /// Other values are accepted, and this one is silently kept.
    Kept,
    /// Any other value is refused, the sensible one with this answer.
    Refused(Refusal),
}

impl std::fmt::Display for Writability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Writability::Accepted => f.write_str("can change"),
            Writability::Letters(letters) if letters.is_empty() => {
                f.write_str("accepts any bits and silently keeps all")
            }
            Writability::Letters(letters) => {
                let names: Vec<String> =
                    letters.iter().map(|r| r.extension().to_string()).collect();
                write!(f, "{} can change, the rest is silently kept", names.join(", "))
            }
            Writability::Kept => f.write_str("accepts other values and silently keeps this one"),
            Writability::Refused(refusal) => write!(f, "{refusal}"),
        }
    }
}

/// An extension that has a register in some kernel but none on this vCPU's host, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AbsentRegister {
    /// The register that would switch it.
    pub register: IsaRegister,
    /// What a GET answers.
    pub reason: RefusalReason,
}

impl Vcpu {
    /// Every register of [`Vcpu::reg_list`] with its value and what setting another one does. Trying
    /// is done on copies.
    #[must_use]
    pub fn registers(&self) -> Vec<ListedRegister> {
        let list = self.reg_list(usize::MAX).unwrap_or_default();
        list.into_iter()
            .filter_map(|id| {
                let value = self.get_one_reg(id).ok()?;
                Some(ListedRegister { id, value, writability: self.writability(id, value) })
            })
            .collect()
    }

    /// The ISA registers that are not in the list, by index.
    #[must_use]
    pub fn absent_registers(&self) -> Vec<AbsentRegister> {
        IsaRegister::all()
            .filter_map(|register| {
                let refusal = self.get_one_reg(RegId::isa_single(register)).err()?;
                Some(AbsentRegister { register, reason: refusal.reason })
            })
            .collect()
    }

    fn writability(&self, id: RegId, value: u64) -> Writability {
        if id == RegId::config(ConfigReg::Isa) {
            return self.writability_of_letters(id, value);
        }
        // The sensible value first; some registers take few others.
        let others = match id.kind() {
            RegKind::IsaSingle(_) => vec![1 - value.min(1)],
            _ => vec![value ^ 1, 0, 1, 64, u64::MAX],
        };
        let mut found = None;
        for other in others.into_iter().filter(|other| *other != value) {
            let mut changed = self.clone();
            match changed.set_one_reg(id, other) {
                Ok(()) if changed.get_one_reg(id) != Ok(value) => return Writability::Accepted,
                Ok(()) => found.get_or_insert(Writability::Kept),
                Err(refusal) => found.get_or_insert(Writability::Refused(refusal)),
            };
        }
        found.unwrap_or(Writability::Kept)
    }

    fn writability_of_letters(&self, id: RegId, value: u64) -> Writability {
        let mut changed = self.clone();
        if let Err(refusal) = changed.set_one_reg(id, value ^ 0x1ff_ffff) {
            return Writability::Refused(refusal);
        }
        let differ = |r: &IsaRegister| {
            r.letter_bit().is_some() && changed.has(r.extension()) != self.has(r.extension())
        };
        Writability::Letters(IsaRegister::all().filter(differ).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::constants::{HostConstants, VectorUse};
    use crate::host::description::{Host, HostHart};
    use crate::kernel::release::Policy;
    use crate::vcpu::refusal::Errno;

    fn vcpu(isa: &str, policy: Policy) -> Vcpu {
        Vcpu::new(Host::from_isa_string(isa, policy).unwrap())
    }

    fn change(v: &Vcpu, name: &str) -> String {
        let id: RegId = name.parse().unwrap();
        v.registers().into_iter().find(|r| r.id == id).unwrap().writability.to_string()
    }

    #[test]
    fn rows_say_what_can_change() {
        let mut v = vcpu("rv64gch_ztso_zicbom", Policy::Linux7_2);
        assert_eq!(change(&v, "d"), "can change");
        assert_eq!(change(&v, "config.isa"), "D, F can change, the rest is silently kept");
        assert_eq!(change(&v, "mvendorid"), "can change");
        assert_eq!(change(&v, "sbi_state.sta.shmem_lo"), "can change");
        assert!(change(&v, "sbi_state.sta.shmem_hi").starts_with("EINVAL"));
        assert!(change(&v, "timer.frequency").starts_with("EINVAL"));
        assert_eq!(change(&v, "timer.state"), "can change");
        let with_sstc = vcpu("rv64gch_sstc", Policy::Linux7_2);
        assert!(change(&with_sstc, "timer.state").ends_with("silently keeps this one"));
        assert!(change(&v, "ztso").starts_with("EINVAL: Linux has no way to turn Ztso off"));
        assert!(change(&v, "h").starts_with("EINVAL: KVM gives no guest"));
        assert!(change(&v, "zicbom_block_size").starts_with("EINVAL: zicbom_block_size is a fact"));
        assert!(change(&v, "satp_mode").starts_with("EINVAL: satp_mode is a fact"));
        v.run();
        assert!(change(&v, "d").starts_with("EBUSY: the vCPU has run"));
        assert!(change(&v, "config.isa").starts_with("EBUSY"));
    }

    #[test]
    fn trying_changes_nothing() {
        let v = vcpu("rv64gcv_ztso", Policy::Documented);
        let before = v.clone();
        assert!(!v.registers().is_empty());
        assert_eq!(v, before);
        assert_eq!(v.registers().len(), v.reg_list(usize::MAX).unwrap().len());
    }

    #[test]
    fn absent_registers_have_reasons() {
        let v = vcpu("rv64gc_zabha_zilsd", Policy::Linux6_12);
        let absent = v.absent_registers();
        let find = |token| {
            absent.iter().find(|r| r.register.extension().token() == token).unwrap().clone()
        };
        assert_eq!(find("ztso").reason.errno(), Errno::ENOENT);
        assert!(find("zabha").reason.to_string().starts_with("Linux 6.12 has no register"));
        let listed = v.registers().iter().filter(|r| r.id.name().starts_with("isa_ext")).count();
        assert_eq!(absent.len() + listed, 80);
        let host = Host::from_isa_string("rv64gc_zilsd", Policy::Linux7_2).unwrap();
        assert_eq!(
            host.not_accepted(),
            ["hart 0: Linux 7.2 does not accept Zilsd on a 64-bit hart"]
        );
    }

    #[test]
    fn a_host_is_read_back_from_its_registers() {
        let registers = |host: &Host| -> Vec<(RegId, u64)> {
            Vcpu::new(host.clone()).registers().into_iter().map(|r| (r.id, r.value)).collect()
        };
        for policy in Policy::ALL {
            for isa in ["rv64gc", "rv64gch_ztso_zacas_zicbom_ssnpm_sscofpmf", "rva23s64_ztso"] {
                let hart = HostHart::from_isa_string(isa).unwrap();
                let vector = VectorUse::Forbidden;
                let default = HostConstants::default();
                let constants = HostConstants { mvendorid: 3, satp_mode: 8, vector, ..default };
                let host = Host::new(vec![hart], policy, constants).unwrap();
                let read = registers(&host);
                let again = Host::from_registers(&read, policy).unwrap();
                assert_eq!(registers(&again), read, "{isa} under {policy}");
            }
        }
    }
}
