//! One vCPU: its registers, and the ioctls on them.
//!
//! `arch/riscv/kvm/vcpu_onereg.c` of Linux 6.6 to 7.3.

use std::collections::BTreeMap;
use std::sync::Arc;

use strum::VariantArray;

use super::refusal::{Errno, Refusal, RefusalReason};
use super::state::{Ran, Vcpu};
use super::{allowed, config, grouped_regs, isa_ext};
use crate::host::description::Host;
use crate::isa::extension::IsaExtSet;
use crate::register::config::ConfigReg;
use crate::register::id::{RegId, RegKind};
use crate::register::isa_ext::IsaRegister;

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
    /// A fresh vCPU, as KVM_CREATE_VCPU makes it: everything that the host has and that KVM may
    /// enable is on.
    #[must_use]
    pub fn new(host: impl Into<Arc<Host>>) -> Vcpu {
        let host = host.into();
        let starts_on =
            |r: &IsaRegister| host.offers(*r) && allowed::enable_allowed(&host, *r).is_ok();
        let on: IsaExtSet = IsaRegister::of_kernel(host.policy())
            .filter(starts_on)
            .map(IsaRegister::extension)
            .collect();
        let constants = *host.constants();
        Vcpu {
            host,
            on,
            ran: Ran::Never,
            mvendorid: constants.mvendorid,
            marchid: constants.marchid,
            mimpid: constants.mimpid,
            written: BTreeMap::new(),
        }
    }

    /// KVM_GET_ONE_REG. Of a vector register, its first eight bytes: the others are 0 here.
    ///
    /// # Errors
    /// As the kernel's; the architecture bits of the id are not looked at.
    pub fn get_one_reg(&self, id: RegId) -> Result<u64, Refusal> {
        Ok(match register(id)? {
            Register::Config(reg) => config::get(self, reg)?,
            Register::Single(index) => isa_ext::get_single(self, index)?,
            Register::MultiEnable(word) => isa_ext::get_multi(self, word)?,
            Register::MultiDisable(word) => !isa_ext::get_multi(self, word)?,
            Register::Grouped => grouped_regs::get(self, id)?,
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
            Register::MultiEnable(word) => isa_ext::set_multi(self, word, value, true)?,
            Register::MultiDisable(word) => isa_ext::set_multi(self, word, value, false)?,
            Register::Grouped => grouped_regs::set(self, id, value)?,
        }
        Ok(())
    }

    /// KVM_GET_REG_LIST, in the kernel's order.
    ///
    /// # Errors
    /// If there are more than `capacity`.
    pub fn reg_list(&self, capacity: usize) -> Result<Vec<RegId>, ListTooLong> {
        let policy = self.host.policy();
        let configs = ConfigReg::VARIANTS
            .iter()
            .copied()
            .filter(|r| r.known_to(policy) && config::block_visible(self, *r).is_ok());
        let extensions = IsaRegister::of_kernel(policy).filter(|r| self.host.offers(*r));
        let (before, after) = grouped_regs::listed(self);
        let list: Vec<RegId> = configs
            .map(RegId::config)
            .chain(before)
            .chain(extensions.map(RegId::isa_single))
            .chain(after)
            .collect();
        if list.len() > capacity { Err(ListTooLong { count: list.len() }) } else { Ok(list) }
    }

    /// KVM_RUN.
    pub fn run(&mut self) {
        self.ran = Ran::AtLeastOnce;
    }
}

/// A register, or that it is of one of the other types.
enum Register {
    Config(u64),
    Single(u64),
    MultiEnable(u64),
    MultiDisable(u64),
    Grouped,
}

/// The checks that come before any register is looked up: type, size, subtype, unused bits.
fn register(id: RegId) -> Result<Register, RefusalReason> {
    let found = match id.kind() {
        RegKind::Unknown(kind) => return Err(RefusalReason::UnknownType(kind)),
        RegKind::Grouped { .. } => return Ok(Register::Grouped),
        _ if id.size_log2() != 3 => return Err(RefusalReason::Size(id.size_log2(), 3)),
        _ if id.reserved() != 0 => return Err(RefusalReason::ReservedBits),
        RegKind::IsaUnknown(subtype) => return Err(RefusalReason::UnknownSubtype(subtype)),
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
    use crate::isa::extension::IsaExt;
    use crate::kernel::release::Policy;

    fn vcpu(isa: &str, policy: Policy) -> Vcpu {
        Vcpu::new(Host::from_isa_string(isa, policy).unwrap())
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
        let zicbom = RegId::isa_single(IsaRegister::of(IsaExt::Zicbom).unwrap());
        let h = RegId::isa_single(IsaRegister::of(IsaExt::H).unwrap());
        v.set_one_reg(zicbom, 0).unwrap();
        let list = v.reg_list(1000).unwrap();
        assert!(list.contains(&zicbom) && list.contains(&h));
        assert!(list.contains(&RegId::config(ConfigReg::ZicbomBlockSize)));
        let zicboz_block = RegId::config(ConfigReg::ZicbozBlockSize);
        assert!(list.contains(&zicboz_block), "7.2 lists all CONFIG registers");
        let old = vcpu("rv64gch_zicbom_ztso", Policy::Linux6_12).reg_list(1000).unwrap();
        assert!(!old.contains(&zicboz_block), "6.12 hides what the vCPU lacks");
        let read = |id: &RegId| v.get_one_reg(*id).is_ok();
        assert!(list.iter().all(read), "what is listed can be read");
        assert_eq!(v.reg_list(list.len()).as_ref(), Ok(&list));
        let short = v.reg_list(list.len() - 1).unwrap_err();
        assert_eq!((short.errno(), short.count), (Errno::E2BIG, list.len()));
    }

    #[test]
    fn vcpus_of_a_host_differ_and_lock_on_their_own() {
        let ztso = RegId::isa_single(IsaRegister::ZTSO);
        let host = Arc::new(Host::from_isa_string("rv64gc_ztso", Policy::Documented).unwrap());
        let [mut first, mut second] = [host.clone(), host].map(Vcpu::new);
        first.run();
        assert_eq!(first.set_one_reg(ztso, 0).unwrap_err().errno(), Errno::EBUSY);
        second.set_one_reg(ztso, 0).unwrap();
        assert_eq!((first.get_one_reg(ztso), second.get_one_reg(ztso)), (Ok(1), Ok(0)));
    }
}
