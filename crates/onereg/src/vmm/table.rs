//! The programs whose behaviour is known: one table.
//!
//! Each row was read in the source of the version that it names; none was run. What a program does
//! with a guest's memory, devices and interrupt controllers is not looked at.

use std::str::FromStr;

use crate::suggest;

/// A virtual machine monitor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)] // the programs' names
pub enum Vmm {
    Kvmtool,
    Qemu,
    CloudHypervisor,
    Crosvm,
}

/// How a program moves a vCPU to another host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moves {
    /// It does not.
    Never(&'static str),
    /// It sets its own choice of registers on a vCPU that it made with the same options.
    Choice,
    /// It sets every register of the list on a fresh vCPU.
    WholeList,
}

/// One program.
#[derive(Debug)]
pub struct Program {
    /// Which.
    pub vmm: Vmm,
    /// Its name on the command line.
    pub name: &'static str,
    /// The version that was read.
    pub version: &'static str,
    /// Where it makes its requests: file and function.
    pub requests: &'static str,
    /// Where it makes the guest's device tree: file and function.
    pub device_tree: &'static str,
    /// Where it moves vCPUs: file and function.
    pub migration: &'static str,
    /// How it moves them.
    pub moves: Moves,
    /// State that stays behind, for [`Moves::Choice`].
    pub not_moved: &'static [&'static str],
    /// The extensions that its options can take from a guest, by register.
    pub switches: &'static str,
}

/// The table.
const PROGRAMS: &[Program] = &[
    Program {
        vmm: Vmm::Kvmtool,
        name: "kvmtool",
        version: "b48735e",
        requests: "riscv/kvm-cpu.c kvm_cpu__arch_init",
        device_tree: "riscv/fdt.c generate_cpu_nodes",
        migration: "",
        moves: Moves::Never("kvmtool has no migration"),
        not_moved: &[],
        switches: "smstateen ssaia sscofpmf sstc svinval svnapot svpbmt zacas zba zbb zbc zbkb zbkc zbkx zbs \
                   zfa zfh zfhmin zicbom zicboz zicntr zicond zicsr zifencei zihintntl zihintpause zihpm \
                   zknd zkne zknh zkr zksed zksh zkt ztso zvbb zvbc zvfh zvfhmin zvkb zvkg zvkned zvknha \
                   zvknhb zvksed zvksh zvkt",
    },
    Program {
        vmm: Vmm::Qemu,
        name: "qemu",
        version: "10.0.13",
        requests: "target/riscv/kvm/kvm-cpu.c kvm_riscv_update_cpu_cfg_isa_ext",
        device_tree: "hw/riscv/virt.c create_fdt_socket_cpus",
        migration: "target/riscv/kvm/kvm-cpu.c kvm_arch_put_registers",
        moves: Moves::Choice,
        not_moved: &[
            "core.mode",
            "csr.scounteren",
            "csr.senvcfg",
            "fcsr",
            "vector.vcsr",
            "the CSRs of AIA and Smstateen",
            "SBI_STATE",
        ],
        switches: "zicbom zicboz zicntr zicond zicsr zifencei zihintntl zihintpause zihpm zimop zcmop zabha \
                   zacas zawrs zfa zfh zfhmin zba zbb zbc zbkb zbkc zbkx zbs zca zcb zcd zcf zknd zkne \
                   zknh zkr zksed zksh zkt ztso zvbb zvbc zvfh zvfhmin zvkb zvkg zvkned zvknha zvknhb \
                   zvksed zvksh zvkt smnpm smstateen ssaia sscofpmf ssnpm sstc svade svadu svinval svnapot \
                   svpbmt svvptc",
    },
    Program {
        vmm: Vmm::CloudHypervisor,
        name: "cloud-hypervisor",
        version: "ae44c29",
        requests: "hypervisor/src/kvm/mod.rs setup_regs",
        device_tree: "arch/src/riscv64/mod.rs isa_string_from_host",
        migration: "hypervisor/src/kvm/mod.rs state, set_state",
        moves: Moves::WholeList,
        not_moved: &[],
        switches: "",
    },
    Program {
        vmm: Vmm::Crosvm,
        name: "crosvm",
        version: "f1e797a",
        requests: "riscv64/src/lib.rs configure_vcpu",
        device_tree: "riscv64/src/fdt.rs create_cpu_nodes",
        migration: "hypervisor/src/riscv64.rs snapshot",
        moves: Moves::Never("crosvm has no snapshot of RISC-V vCPUs"),
        not_moved: &[],
        switches: "",
    },
];

/// The registers that cloud-hypervisor makes room for when it asks for the list.
pub(super) const CLOUD_HYPERVISOR_LIST: usize = 200;

/// The only ISA line that crosvm writes.
pub(super) const CROSVM_LINE: &str = "rv64iafdcsu_smaia_ssaia";

impl Vmm {
    /// All of them.
    pub const ALL: [Vmm; 4] = [Vmm::Kvmtool, Vmm::Qemu, Vmm::CloudHypervisor, Vmm::Crosvm];

    /// What is known of it.
    #[must_use]
    pub fn program(self) -> &'static Program {
        PROGRAMS.iter().find(|row| row.vmm == self).expect("every program has a row")
    }

    /// Can its options take the extension with that token from a guest?
    pub(super) fn switches(self, token: &str) -> bool {
        self.program().switches.split_whitespace().any(|word| word == token)
    }
}

/// `QEMU 10.0.13` and the like.
impl std::fmt::Display for Vmm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.program().name, self.program().version)
    }
}

/// No program of that name is known.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unknown program `{given}`, expected kvmtool, qemu, cloud-hypervisor or crosvm{hint}")]
pub struct UnknownVmm {
    given: String,
    hint: String,
}

impl FromStr for Vmm {
    type Err = UnknownVmm;

    fn from_str(given: &str) -> Result<Vmm, UnknownVmm> {
        let found = PROGRAMS.iter().find(|row| row.name == given);
        found.map(|row| row.vmm).ok_or_else(|| {
            let near = suggest::nearest(given, PROGRAMS.iter().map(|row| (row.name, row.name)));
            UnknownVmm { given: given.to_owned(), hint: suggest::did_you_mean(near) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::extension::IsaExt;

    #[test]
    fn names_are_read_back_and_switches_are_extensions() {
        for vmm in Vmm::ALL {
            assert_eq!(vmm.program().name.parse(), Ok(vmm));
            for token in vmm.program().switches.split_whitespace() {
                assert!(IsaExt::find(token).is_some(), "{token}");
            }
        }
        assert!(Vmm::Qemu.switches("ztso") && !Vmm::Qemu.switches("zalasr"));
        let error = "quemu".parse::<Vmm>().unwrap_err().to_string();
        assert!(error.ends_with("; did you mean `qemu`?"), "{error}");
    }
}
