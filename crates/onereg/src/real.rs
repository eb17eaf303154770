//! A real host: the CONFIG and ISA_EXT registers of a fresh vCPU, read through `/dev/kvm`.
//!
//! Needs the cargo feature `host-kvm` and riscv64 Linux; elsewhere [`read_registers`] says so. A
//! recorded transcript serves everywhere.

use super::{
    BlockSizes, ConfigReg, Ext, ExtSet, Facts, Host, HostHart, IsaRegister, NoHarts, Policy, RegId,
    RegKind, VectorUse,
};

/// Registers of a fresh vCPU with their values, in the kernel's order.
pub type Registers = Vec<(RegId, u64)>;

/// Why no registers could be read.
#[derive(Debug, thiserror::Error)]
pub enum RealHostError {
    /// Built for another machine, or without the feature.
    #[error(
        "this program cannot read /dev/kvm: it needs riscv64 Linux and the cargo feature \
         `host-kvm`; use a recorded transcript instead"
    )]
    Unavailable,
    /// The kernel refused.
    #[error("{request} failed: {error}")]
    Request {
        /// Which request.
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
pub fn read_registers() -> Result<Registers, RealHostError> {
    let failed = |request| {
        move |error: kvm_ioctls::Error| RealHostError::Request {
            request,
            error: std::io::Error::from_raw_os_error(error.errno()),
        }
    };
    let kvm = kvm_ioctls::Kvm::new().map_err(failed("opening /dev/kvm"))?;
    let vm = kvm.create_vm().map_err(failed("KVM_CREATE_VM"))?;
    let vcpu = vm.create_vcpu(0).map_err(failed("KVM_CREATE_VCPU"))?;
    let mut list = kvm_bindings::RegList::new(4096).map_err(|_| RealHostError::Request {
        request: "making room for the register list",
        error: std::io::ErrorKind::OutOfMemory.into(),
    })?;
    vcpu.get_reg_list(&mut list).map_err(failed("KVM_GET_REG_LIST"))?;
    let modelled = |id: &RegId| matches!(id.kind(), RegKind::Config(_) | RegKind::IsaSingle(_));
    list.as_slice()
        .iter()
        .map(|bits| RegId::new(*bits))
        .filter(modelled)
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
pub fn read_registers() -> Result<Registers, RealHostError> {
    Err(RealHostError::Unavailable)
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
    /// Never; a host with one hart has a hart.
    pub fn from_registers(registers: &[(RegId, u64)], policy: Policy) -> Result<Host, NoHarts> {
        let value = |register: ConfigReg| {
            let id = RegId::config(register);
            registers.iter().find(|(r, _)| *r == id).map(|(_, value)| *value)
        };
        let single = |id: RegId| match id.kind() {
            RegKind::IsaSingle(index) => IsaRegister::from_index(index),
            _ => None,
        };
        let present = registers.iter().filter_map(|(id, _)| single(*id));
        let named: ExtSet = present.map(Host::presence).collect();
        let v = RegId::isa_single(IsaRegister::of(Ext::named("v")).ok_or(NoHarts)?);
        let vector_off = registers.iter().any(|(id, value)| *id == v && *value == 0);
        let usual = Facts::default();
        let facts = Facts {
            blocks: BlockSizes {
                zicbom: value(ConfigReg::ZicbomBlockSize).unwrap_or(usual.blocks.zicbom),
                zicboz: value(ConfigReg::ZicbozBlockSize).unwrap_or(usual.blocks.zicboz),
                zicbop: value(ConfigReg::ZicbopBlockSize).unwrap_or(usual.blocks.zicbop),
            },
            mvendorid: value(ConfigReg::Mvendorid).unwrap_or(usual.mvendorid),
            marchid: value(ConfigReg::Marchid).unwrap_or(usual.marchid),
            mimpid: value(ConfigReg::Mimpid).unwrap_or(usual.mimpid),
            satp_mode: value(ConfigReg::SatpMode).unwrap_or(usual.satp_mode),
            vector: if vector_off { VectorUse::Forbidden } else { VectorUse::Allowed },
        };
        Host::new(vec![HostHart::from_device_tree(named)], policy, facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vm;

    fn registers(host: &Host) -> Registers {
        let vm = Vm::new(host.clone(), 1);
        vm.vcpus[0].rows().into_iter().map(|row| (row.id, row.value)).collect()
    }

    #[test]
    fn a_host_is_read_back_from_its_registers() {
        for policy in Policy::ALL {
            for isa in ["rv64gc", "rv64gch_ztso_zacas_zicbom_ssnpm_sscofpmf", "rva23s64_ztso"] {
                let hart = HostHart::from_isa_string(isa).unwrap();
                let vector = VectorUse::Forbidden;
                let facts = Facts { mvendorid: 3, satp_mode: 8, vector, ..Facts::default() };
                let host = Host::new(vec![hart], policy, facts).unwrap();
                let read = registers(&host);
                let again = Host::from_registers(&read, policy).unwrap();
                assert_eq!(registers(&again), read, "{isa} under {policy}");
            }
        }
    }

    #[test]
    #[cfg(not(all(feature = "host-kvm", target_arch = "riscv64", target_os = "linux")))]
    fn elsewhere_the_answer_names_the_way_out() {
        let error = read_registers().unwrap_err().to_string();
        assert!(error.contains("host-kvm") && error.contains("transcript"), "{error}");
    }
}
