//! crosvm, `riscv64/src`.

use super::start::Startup;
use super::table::{Sends, Vmm};
use crate::register::group::GroupedReg;

pub(super) static CROSVM: Vmm = Vmm {
    name: "crosvm",
    version: "f1e797a",
    requests: "riscv64/src/lib.rs configure_vcpu",
    device_tree: "riscv64/src/fdt.rs create_cpu_nodes",
    migration: None,
    not_sent: &[],
    sends: Sends::Nothing("crosvm has no snapshot of RISC-V vCPUs (hypervisor/src/riscv64.rs)"),
    start,
    hide: |_| Vec::new(),
};

/// The only ISA line that it writes.
const LINE: &str = "rv64iafdcsu_smaia_ssaia";

/// It asks for no extension.
fn start(run: &mut Startup, options: &[String]) -> Result<String, String> {
    run.ignore(options);
    run.get(GroupedReg::named("timer.frequency").expect("a register").id(16));
    run.note("crosvm asks for no extension: its line is the same on every host");
    Ok(LINE.to_owned())
}
