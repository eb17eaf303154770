//! A virtual machine: vCPUs on one host.

use std::sync::Arc;

use super::{Host, Vcpu};

/// A VM. Each vCPU has registers of its own; the lock of the first run is per vCPU too.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vm {
    host: Arc<Host>,
    /// By vCPU number.
    pub vcpus: Vec<Vcpu>,
}

impl Vm {
    /// A VM with that many fresh vCPUs.
    #[must_use]
    pub fn new(host: Host, vcpus: usize) -> Vm {
        let host = Arc::new(host);
        let vcpus = (0..vcpus).map(|_| Vcpu::new(&host)).collect();
        Vm { host, vcpus }
    }

    /// The machine that it runs on.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Errno, IsaRegister, Policy, RegId};

    #[test]
    fn vcpus_differ_and_lock_on_their_own() {
        let ztso = RegId::isa_single(IsaRegister::ZTSO);
        let host = Host::from_isa_string("rv64gc_ztso", Policy::Documented).unwrap();
        let mut vm = Vm::new(host, 2);
        vm.vcpus[0].run();
        assert_eq!(vm.vcpus[0].set_one_reg(ztso, 0).unwrap_err().errno(), Errno::EBUSY);
        vm.vcpus[1].set_one_reg(ztso, 0).unwrap();
        assert_eq!(vm.vcpus[0].get_one_reg(ztso), Ok(1));
        assert_eq!(vm.vcpus[1].get_one_reg(ztso), Ok(0));
    }
}
