//! One vCPU: its registers, and the ioctls on them.
//!
//! `arch/riscv/kvm/vcpu_onereg.c` of Linux 6.12 and 7.2. CONFIG and ISA_EXT registers only; the
//! functions of the other types answer [`Reason::NotModelled`].

use std::sync::Arc;

use super::{
    ConfigReg, Errno, Host, IsaRegister, Reason, Refusal, RegId, RegKind, config, isa_ext, switch,
};

/// A set of ISA registers, by index.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Switches(u128);

impl Switches {
    pub(super) fn is_on(self, register: IsaRegister) -> bool {
        self.0 >> register.index() & 1 == 1
    }

    pub(super) fn set(&mut self, register: IsaRegister, state: Switch) {
        match state {
            Switch::On => self.0 |= 1 << register.index(),
            Switch::Off => self.0 &= !(1 << register.index()),
        }
    }
}

/// What a SINGLE register says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Switch {
    Off,
    On,
}

/// Has the vCPU run? After its first run what it is cannot change.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ran {
    /// Not yet: registers may change.
    Never,
    /// At least one KVM_RUN.
    AtLeastOnce,
}

/// A vCPU of a [`super::Vm`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vcpu {
    pub(super) host: Arc<Host>,
    pub(super) on: Switches,
    pub(super) ran: Ran,
    pub(super) mvendorid: u64,
    pub(super) marchid: u64,
    pub(super) mimpid: u64,
}

/// The caller's buffer is too small for the list of registers: E2BIG.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("E2BIG: the list has {count} registers")]
pub struct ListTooLong {
    /// How many there are: the kernel writes it into the buffer's header.
    pub count: usize,
}

impl ListTooLong {
    /// Always [`Errno::E2BIG`].
    #[must_use]
    pub const fn errno(self) -> Errno {
        Errno::E2BIG
    }
}

impl Vcpu {
    /// A fresh vCPU: everything that the host has and that KVM may enable is on.
    pub(super) fn new(host: &Arc<Host>) -> Vcpu {
        let mut on = Switches::default();
        for register in IsaRegister::of_kernel(host.policy()) {
            if host.offers(register) && switch::may_enable(host, register).is_ok() {
                on.set(register, Switch::On);
            }
        }
        let facts = host.facts();
        Vcpu {
            host: Arc::clone(host),
            on,
            ran: Ran::Never,
            mvendorid: facts.mvendorid,
            marchid: facts.marchid,
            mimpid: facts.mimpid,
        }
    }

    /// The machine that it runs on.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Has it run?
    #[must_use]
    pub fn ran(&self) -> Ran {
        self.ran
    }

    /// Is the extension on? Registers that the host does not offer are off.
    #[must_use]
    pub fn has(&self, register: IsaRegister) -> bool {
        self.on.is_on(register)
    }

    /// KVM_GET_ONE_REG.
    ///
    /// # Errors
    /// As the kernel's; the architecture bits of the id are not looked at.
    pub fn get_one_reg(&self, id: RegId) -> Result<u64, Refusal> {
        Ok(match register(id)? {
            Register::Config(reg) => config::get(self, reg)?,
            Register::Single(index) => isa_ext::get_single(self, index)?,
            Register::MultiEnable(word) => isa_ext::get_multi(self, word)?,
            Register::MultiDisable(word) => !isa_ext::get_multi(self, word)?,
        })
    }

    /// KVM_SET_ONE_REG.
    ///
    /// # Errors
    /// As the kernel's. Some requests say yes and do less than asked: MULTI_EN and MULTI_DIS, and
    /// CONFIG `isa`.
    pub fn set_one_reg(&mut self, id: RegId, value: u64) -> Result<(), Refusal> {
        match register(id)? {
            Register::Config(reg) => config::set(self, reg, value)?,
            Register::Single(index) => isa_ext::set_single(self, index, value)?,
            Register::MultiEnable(word) => isa_ext::set_multi(self, word, value, Switch::On)?,
            Register::MultiDisable(word) => isa_ext::set_multi(self, word, value, Switch::Off)?,
        }
        Ok(())
    }

    /// KVM_GET_REG_LIST, the CONFIG and ISA_EXT part, in the kernel's order. A real list has CORE,
    /// CSR and other registers in between, so its count is higher.
    ///
    /// # Errors
    /// If there are more than `capacity`.
    pub fn reg_list(&self, capacity: usize) -> Result<Vec<RegId>, ListTooLong> {
        let policy = self.host.policy();
        let configs = ConfigReg::ALL
            .into_iter()
            .filter(|r| r.known_to(policy) && config::block_visible(self, *r).is_ok());
        let extensions = IsaRegister::of_kernel(policy).filter(|r| self.host.offers(*r));
        let list: Vec<RegId> =
            configs.map(RegId::config).chain(extensions.map(RegId::isa_single)).collect();
        if list.len() > capacity { Err(ListTooLong { count: list.len() }) } else { Ok(list) }
    }

    /// KVM_RUN.
    pub fn run(&mut self) {
        self.ran = Ran::AtLeastOnce;
    }
}

/// A register of the two modelled types.
enum Register {
    Config(u64),
    Single(u64),
    MultiEnable(u64),
    MultiDisable(u64),
}

/// The checks that come before any register is looked up: type, size, subtype, unused bits.
fn register(id: RegId) -> Result<Register, Reason> {
    let found = match id.kind() {
        RegKind::Unknown(kind) => return Err(Reason::UnknownType(kind)),
        RegKind::NotModelled(kind) => return Err(Reason::NotModelled(kind)),
        _ if id.size_log2() != 3 => return Err(Reason::Size(id.size_log2())),
        _ if id.reserved() != 0 => return Err(Reason::ReservedBits),
        RegKind::IsaUnknown(subtype) => return Err(Reason::UnknownSubtype(subtype)),
        RegKind::Config(index) => Register::Config(index),
        RegKind::IsaSingle(index) => Register::Single(index),
        RegKind::IsaMultiEnable(word) => Register::MultiEnable(word),
        RegKind::IsaMultiDisable(word) => Register::MultiDisable(word),
    };
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ext, Policy, Vm};

    fn vcpu(isa: &str, policy: Policy) -> Vcpu {
        Vm::new(Host::from_isa_string(isa, policy).unwrap(), 1).vcpus.remove(0)
    }

    fn errno(result: Result<u64, Refusal>) -> Errno {
        result.unwrap_err().errno()
    }

    #[test]
    fn ids_are_checked_in_the_kernels_order() {
        let v = vcpu("rv64gc_ztso", Policy::Linux7_2);
        let get = |bits| v.get_one_reg(RegId::new(bits));
        assert_eq!(get(0x8030_0000_0700_0034), Ok(1));
        for architecture in [0x00u64, 0x20, 0x60, 0xff] {
            assert_eq!(get(architecture << 56 | 0x0030_0000_0700_0034), Ok(1));
        }
        for size in (0..16u64).filter(|s| *s != 3) {
            assert_eq!(errno(get(0x8000_0000_0700_0034 | size << 52)), Errno::EINVAL);
            assert_eq!(errno(get(0x8000_0000_0b00_0000 | size << 52)), Errno::ENOENT, "type first");
            assert_eq!(errno(get(0x8000_0000_0709_0000 | size << 52)), Errno::EINVAL, "size next");
        }
        for bit in 32..52 {
            assert_eq!(errno(get(0x8030_0000_0700_0034 | 1 << bit)), Errno::ENOENT, "bit {bit}");
        }
        assert_eq!(errno(get(0x8030_0000_0703_0000)), Errno::ENOENT);
    }

    #[test]
    fn lists_name_what_the_host_has_on_or_off() {
        let mut v = vcpu("rv64gch_zicbom_ztso", Policy::Linux7_2);
        let zicbom = RegId::isa_single(IsaRegister::of(Ext::named("zicbom")).unwrap());
        let h = RegId::isa_single(IsaRegister::of(Ext::named("h")).unwrap());
        v.set_one_reg(zicbom, 0).unwrap();
        let list = v.reg_list(1000).unwrap();
        assert!(list.contains(&zicbom) && list.contains(&h));
        assert!(list.contains(&RegId::config(ConfigReg::ZicbomBlockSize)));
        let zicboz_block = RegId::config(ConfigReg::ZicbozBlockSize);
        assert!(list.contains(&zicboz_block), "7.2 lists all CONFIG registers");
        let old = vcpu("rv64gch_zicbom_ztso", Policy::Linux6_12).reg_list(1000).unwrap();
        assert!(!old.contains(&zicboz_block), "6.12 hides what the vCPU lacks");
        assert!(list.is_sorted());
        assert_eq!(v.reg_list(list.len()).as_ref(), Ok(&list));
        let short = v.reg_list(list.len() - 1).unwrap_err();
        assert_eq!((short.errno(), short.count), (Errno::E2BIG, list.len()));
    }

    #[test]
    fn unmodelled_types_say_so() {
        let v = vcpu("rv64gc", Policy::Linux7_2);
        let refusal = v.get_one_reg(RegId::new(0x8030_0000_0200_0000)).unwrap_err();
        assert_eq!(refusal.reason, Reason::NotModelled(2));
    }
}
