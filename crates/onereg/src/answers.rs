//! What `onereg list` shows of a vCPU: every register, its value, and whether it can change.

use super::{ConfigReg, Host, IsaRegister, Reason, Refusal, RegId, RegKind, Vcpu};

/// A register of the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegisterRow {
    /// Its id.
    pub id: RegId,
    /// Its value.
    pub value: u64,
    /// What setting another value does.
    pub change: Change,
}

/// Whether a register can change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// Another value is accepted, and read back.
    Free,
    /// CONFIG `isa`: these extensions follow the value, the others are silently kept.
    Letters(Vec<IsaRegister>),
    /// Any other value is refused, the sensible one with this answer.
    Refused(Refusal),
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Change::Free => f.write_str("can change"),
            Change::Letters(letters) if letters.is_empty() => {
                f.write_str("accepts any bits and silently keeps all")
            }
            Change::Letters(letters) => {
                let names: Vec<String> =
                    letters.iter().map(|r| r.extension().to_string()).collect();
                write!(f, "{} can change, the rest is silently kept", names.join(", "))
            }
            Change::Refused(refusal) => write!(f, "{refusal}"),
        }
    }
}

/// An extension that has a register in some kernel but none on this vCPU's host, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AbsentRow {
    /// The register that would switch it.
    pub register: IsaRegister,
    /// What a GET answers.
    pub reason: Reason,
}

impl Vcpu {
    /// Every register of [`Vcpu::reg_list`] with its value and what setting another one does. Trying
    /// is done on copies.
    #[must_use]
    pub fn rows(&self) -> Vec<RegisterRow> {
        let list = self.reg_list(usize::MAX).unwrap_or_default();
        list.into_iter()
            .filter_map(|id| {
                let value = self.get_one_reg(id).ok()?;
                Some(RegisterRow { id, value, change: self.change(id, value) })
            })
            .collect()
    }

    /// The ISA registers that are not in the list, by index.
    #[must_use]
    pub fn absent(&self) -> Vec<AbsentRow> {
        IsaRegister::all()
            .filter_map(|register| {
                let refusal = self.get_one_reg(RegId::isa_single(register)).err()?;
                Some(AbsentRow { register, reason: refusal.reason })
            })
            .collect()
    }

    fn change(&self, id: RegId, value: u64) -> Change {
        if id == RegId::config(ConfigReg::Isa) {
            return self.change_of_letters(id, value);
        }
        let other = match id.kind() {
            RegKind::IsaSingle(_) => 1 - value.min(1),
            _ => value ^ 1,
        };
        match self.clone().set_one_reg(id, other) {
            Ok(()) => Change::Free,
            Err(refusal) => Change::Refused(refusal),
        }
    }

    fn change_of_letters(&self, id: RegId, value: u64) -> Change {
        let mut changed = self.clone();
        if let Err(refusal) = changed.set_one_reg(id, value ^ 0x1ff_ffff) {
            return Change::Refused(refusal);
        }
        let differ = |r: &IsaRegister| r.letter_bit().is_some() && changed.has(*r) != self.has(*r);
        Change::Letters(IsaRegister::all().filter(differ).collect())
    }
}

impl Host {
    /// One line for each hart: what the kernel does not accept there, with the reason.
    #[must_use]
    pub fn not_accepted(&self) -> Vec<String> {
        (0..self.harts().len())
            .filter_map(|hart| self.seen_on(hart).map(|seen| (hart, seen)))
            .flat_map(|(hart, seen)| {
                seen.dropped.iter().map(move |(ext, why)| {
                    format!(
                        "hart {hart}: Linux {} does not accept {ext} {why}",
                        self.policy().release()
                    )
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Errno, Ext, Policy, Vm};

    fn vcpu(isa: &str, policy: Policy) -> Vcpu {
        Vm::new(Host::from_isa_string(isa, policy).unwrap(), 1).vcpus.remove(0)
    }

    fn change(v: &Vcpu, name: &str) -> String {
        let id: RegId = name.parse().unwrap();
        v.rows().into_iter().find(|r| r.id == id).unwrap().change.to_string()
    }

    #[test]
    fn rows_say_what_can_change() {
        let mut v = vcpu("rv64gch_ztso_zicbom", Policy::Linux7_2);
        assert_eq!(change(&v, "d"), "can change");
        assert_eq!(change(&v, "config.isa"), "D, F can change, the rest is silently kept");
        assert_eq!(change(&v, "mvendorid"), "can change");
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
        assert!(!v.rows().is_empty());
        assert_eq!(v, before);
        assert_eq!(v.rows().len(), v.reg_list(usize::MAX).unwrap().len());
    }

    #[test]
    fn absent_registers_have_reasons() {
        let v = vcpu("rv64gc_zabha_zilsd", Policy::Linux6_12);
        let absent = v.absent();
        let find = |token| {
            absent.iter().find(|r| r.register.extension() == Ext::named(token)).unwrap().clone()
        };
        assert_eq!(find("ztso").reason.errno(), Errno::ENOENT);
        assert!(find("zabha").reason.to_string().starts_with("Linux 6.12 has no register"));
        let listed = v.rows().iter().filter(|r| r.id.name().starts_with("isa_ext")).count();
        assert_eq!(absent.len() + listed, 78);
        let host = Host::from_isa_string("rv64gc_zilsd", Policy::Linux7_2).unwrap();
        assert_eq!(
            host.not_accepted(),
            ["hart 0: Linux 7.2 does not accept Zilsd on a 64-bit hart"]
        );
    }
}
