//! A real host: the registers of a fresh vCPU that say what it is, read through `/dev/kvm`.
//!
//! Needs the cargo feature `host-kvm` and riscv64 Linux; elsewhere [`read_registers`] says so. A
//! recorded transcript serves everywhere.

use super::constants::HostConstants;
use super::description::{Host, HostError, HostHart};
use crate::isa::extension::IsaExtSet;
use crate::kernel::release::Policy;
use crate::register::id::{RegId, RegKind};
use crate::register::isa_ext::IsaRegister;

/// Registers of a fresh vCPU with their values, in the kernel's order.
pub type RegisterValues = Vec<(RegId, u64)>;

/// Why no registers could be read.
#[derive(Debug, thiserror::Error)]
pub enum DevKvmError {
    /// Built for another machine, or without the feature.
    #[error(
        "this program cannot read /dev/kvm: it needs riscv64 Linux and the cargo feature \
         `host-kvm`; use a recorded transcript instead"
    )]
    Unavailable,
    /// The kernel refused.
    #[error("{request} failed: {error}")]
    Request {
        /// The request's name.
        request: &'static str,
        /// The errno.
        error: std::io::Error,
    },
}

/// Creates a VM with one vCPU and reads its registers.
///
/// # Errors
/// If this build cannot, or the kernel refuses.
#[cfg(all(feature = "host-kvm", target_arch = "riscv64", target_os = "linux"))]
pub fn read_registers() -> Result<RegisterValues, DevKvmError> {
    let failed = |request| {
        move |error: kvm_ioctls::Error| DevKvmError::Request {
            request,
            error: std::io::Error::from_raw_os_error(error.errno()),
        }
    };
    let kvm = kvm_ioctls::Kvm::new().map_err(failed("opening /dev/kvm"))?;
    let vm = kvm.create_vm().map_err(failed("KVM_CREATE_VM"))?;
    let vcpu = vm.create_vcpu(0).map_err(failed("KVM_CREATE_VCPU"))?;
    let mut list = kvm_bindings::RegList::new(4096).map_err(|_| DevKvmError::Request {
        request: "making room for the register list",
        error: std::io::ErrorKind::OutOfMemory.into(),
    })?;
    vcpu.get_reg_list(&mut list).map_err(failed("KVM_GET_REG_LIST"))?;
    let says_what = |id: &RegId| {
        matches!(id.kind(), RegKind::Config(_) | RegKind::IsaSingle(_))
            || matches!(id.name().as_str(), "vector.vlenb" | "timer.frequency")
            || id.name().starts_with("sbi_state.fwft")
    };
    list.as_slice()
        .iter()
        .map(|bits| RegId::new(*bits))
        .filter(says_what)
        .map(|id| {
            let mut bytes = [0; 8];
            vcpu.get_one_reg(id.bits(), &mut bytes).map_err(failed("KVM_GET_ONE_REG"))?;
            Ok((id, u64::from_ne_bytes(bytes)))
        })
        .collect()
}

/// Creates a VM with one vCPU and reads its registers.
///
/// # Errors
/// Always: this build cannot.
#[cfg(not(all(feature = "host-kvm", target_arch = "riscv64", target_os = "linux")))]
pub fn read_registers() -> Result<RegisterValues, DevKvmError> {
    Err(DevKvmError::Unavailable)
}

/// The policy of the running kernel, if there is one for it.
#[must_use]
pub fn running_policy() -> Option<Policy> {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
    Policy::of_kernel(release.trim())
}

impl Host {
    /// A model of the host that a fresh vCPU with these registers runs on: it has the extensions
    /// that have a register. What the hardware has besides cannot be seen in registers.
    ///
    /// # Errors
    /// If a constant is one that no machine has.
    pub fn from_registers(registers: &[(RegId, u64)], policy: Policy) -> Result<Host, HostError> {
        let isa_register = |id: RegId| match id.kind() {
            RegKind::IsaSingle(index) => IsaRegister::from_index(index),
            _ => None,
        };
        let offered = registers.iter().filter_map(|(id, _)| isa_register(*id));
        let named: IsaExtSet = offered.map(Host::extension_behind).collect();
        let value = |wanted| registers.iter().find(|(id, _)| *id == wanted).map(|(_, v)| *v);
        let constants = HostConstants::from_registers(value);
        Host::new(vec![HostHart::from_device_tree(named)], policy, constants)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(not(all(feature = "host-kvm", target_arch = "riscv64", target_os = "linux")))]
    fn elsewhere_the_answer_names_the_way_out() {
        let error = super::read_registers().unwrap_err().to_string();
        assert!(error.contains("host-kvm") && error.contains("transcript"), "{error}");
    }
}
