//! The VMs that tests run on when no VM file says otherwise.

use rvlitmus_core::arch::riscv::Extension;
use rvlitmus_core::model::BaseModel;
use rvlitmus_core::program::HartConfig;

use super::hart_config::isa_ext;
use crate::host::constants::HostConstants;
use crate::host::description::{Host, HostHart};
use crate::isa::extension::{IsaExt, IsaExtSet};
use crate::kernel::release::Policy;
use crate::vcpu::state::Vcpu;
use crate::vm::hart_edits::{EditError, HartEdits};
use crate::vm::requests::Vm;

impl Vm {
    /// One of the two VMs that `run` compares: Linux 7.2 on a host that has every instruction, and
    /// Ztso if `model` is that.
    #[must_use]
    pub fn standard(model: BaseModel, harts: usize) -> Vm {
        let mut named = everything();
        if model == BaseModel::Ztso {
            named.insert(IsaExt::Ztso);
        }
        Vm::new(host_with(named, Policy::default()), harts)
    }

    /// A machine whose harts are described one by one, as `--hart` and `Harts=` do.
    ///
    /// Each hart is a fresh vCPU on a host of its own: one hart with every instruction, without Ztso
    /// (and without Zama16b), changed as written; the kernel's policy is `documented`. No single
    /// Linux host gives such a mixture: it is a description of hardware.
    ///
    /// # Errors
    /// If the edits name a hart that the test does not have, or contradict one another.
    pub fn described(edits: &HartEdits, harts: usize) -> Result<Vm, EditError> {
        edits.check_harts(harts)?;
        let fresh = |hart| {
            let named = edits.apply(hart, everything())?;
            Ok(Vcpu::new(host_with(named, Policy::Documented)))
        };
        let vcpus = (0..harts).map(fresh).collect::<Result<_, EditError>>()?;
        Ok(Vm { vcpus, requests: Vec::new() })
    }

    /// The harts that the engines simulate, one for each vCPU.
    #[must_use]
    pub fn hart_configs(&self) -> Vec<HartConfig> {
        self.vcpus.iter().map(Vcpu::hart_config).collect()
    }
}

/// What a device tree names that has every instruction of litmus tests.
fn everything() -> IsaExtSet {
    let instructions: IsaExtSet = Extension::with_instructions().iter().map(isa_ext).collect();
    instructions | IsaExt::A | IsaExt::C | IsaExt::Zicsr
}

fn host_with(named: IsaExtSet, policy: Policy) -> Host {
    let hart = HostHart::from_device_tree(named);
    Host::new(vec![hart], policy, HostConstants::default()).expect("one hart")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_machines_are_the_two_models() {
        for model in [BaseModel::Rvwmo, BaseModel::Ztso] {
            let machine = Vm::standard(model, 3);
            let mut extensions = Extension::with_instructions();
            if model == BaseModel::Ztso {
                extensions.insert(Extension::Ztso);
            }
            let config = HartConfig { extensions, ..rvlitmus_core::program::full_hart(model) };
            assert_eq!(machine.hart_configs(), [config; 3]);
        }
    }

    #[test]
    fn a_mixed_machine() {
        let edits = "0:+ztso;1:-ztso,-zaamo".parse().unwrap();
        let harts = Vm::described(&edits, 3).unwrap().hart_configs();
        assert_eq!(harts[0].model, BaseModel::Ztso);
        assert_eq!(harts[1].model, BaseModel::Rvwmo);
        for gone in [Extension::Zaamo, Extension::Zacas, Extension::Zabha] {
            assert!(!harts[1].extensions.contains(gone), "{gone}");
        }
        assert!(harts[1].extensions.contains(Extension::Zalrsc));
        assert_eq!(harts[2].extensions, Extension::with_instructions());
    }
}
