//! cloud-hypervisor, `hypervisor/src/kvm` and `arch/src/riscv64`.

use super::guest_isa::isa_line;
use super::start::Startup;
use super::table::{Sends, Vmm};
use crate::isa::extension::IsaExt;
use crate::vcpu::state::Vcpu;

pub(super) static CLOUD_HYPERVISOR: Vmm = Vmm {
    name: "cloud-hypervisor",
    version: "ae44c29",
    requests: "hypervisor/src/kvm/mod.rs setup_regs",
    device_tree: "arch/src/riscv64/mod.rs isa_string_from_host",
    migration: Some("hypervisor/src/kvm/mod.rs state, set_state"),
    not_sent: &[],
    sends: Sends::WholeList(cannot_be_read),
    start,
    hide: |_| Vec::new(),
};

/// The registers that it makes room for when it asks for the list.
const LIST: usize = 200;

/// It asks for nothing, and takes the host's line of `/proc/cpuinfo` without `h`.
fn start(run: &mut Startup, options: &[String]) -> Result<String, String> {
    run.ignore(options);
    run.note(
        "cloud-hypervisor asks for no extension: it copies the host's line of /proc/cpuinfo less `h`, with \
         whatever KVM does not give the guest",
    );
    Ok(isa_line(run.vcpu.host().common() - IsaExt::H))
}

fn cannot_be_read(vcpu: &Vcpu) -> Option<String> {
    let list = vcpu.reg_list(usize::MAX).ok()?;
    if list.len() > LIST {
        return Some(format!(
            "cloud-hypervisor makes room for {LIST} registers, and the vCPU has {}: KVM_GET_REG_LIST is \
             E2BIG, so it cannot save the vCPU",
            list.len()
        ));
    }
    let long = list.into_iter().find(|id| id.size_log2() > 3)?;
    Some(format!(
        "cloud-hypervisor reads registers into 8 bytes, and {} has {}: its library refuses with EINVAL, so \
         it cannot save the vCPU",
        long.name(),
        1_u64 << long.size_log2()
    ))
}
