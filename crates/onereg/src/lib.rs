//! A model of Linux KVM's ONE_REG interface: which extensions each vCPU has.
//!
//! A [`Host`] is a machine: harts as firmware describes them, a kernel [`Policy`], some constants. A
//! [`Vm`] on it has [`Vcpu`]s, whose registers answer `get_one_reg` and `set_one_reg` with the
//! kernel's values and errnos, in the kernel's order of checks. What a vCPU's registers say in the
//! end makes a hart of the litmus test.
//!
//! Knows nothing of litmus text and of exploration. Measured on Linux 6.12 and 7.2 for riscv64, read
//! against their sources. Not modelled: registers other than CONFIG and ISA_EXT, nested guests,
//! 32-bit kernels, ACPI.

mod answers;
mod config;
mod config_reg;
mod edits;
mod extension;
mod hart;
mod host;
mod implied;
mod isa_ext;
mod isa_register;
mod isa_string;
mod machine;
mod migrate;
mod profile;
mod real;
mod refusal;
mod reg_id;
mod release;
mod replay;
mod resolve;
mod spelling;
mod switch;
mod transcript;
mod vcpu;
mod vm;
mod vm_plan;
mod vm_spec;

pub use answers::{AbsentRow, Change, RegisterRow};
pub use config_reg::ConfigReg;
pub use edits::{EditError, HartEdits};
pub use extension::{Ext, ExtSet};
pub use hart::{Feature, Ground};
pub use host::{BlockSizes, Facts, Host, HostHart, NoHarts, VectorUse};
pub use implied::{closure, without};
pub use isa_register::IsaRegister;
pub use isa_string::{IsaString, IsaStringError};
pub use machine::{Machine, RequestOutcome, RequestRecord};
pub use migrate::{Migration, MigrationVerdict, Moved, NotRestored, migrate};
pub use real::{RealHostError, Registers, read_registers, running_policy};
pub use refusal::{Errno, Lack, NoDisable, NoEnable, Reason, Refusal};
pub use reg_id::{RegId, RegKind, UnknownRegister};
pub use release::{Policy, Release, UnknownPolicy};
pub use replay::{Difference, Replay, replay};
pub use resolve::{Dropped, Resolved, resolve};
pub use transcript::{Answer, Recording, RecordingError, Step, Transcript, number};
pub use vcpu::{ListTooLong, Ran, Switch, Vcpu};
pub use vm::Vm;
pub use vm_plan::VmPlan;
pub use vm_spec::{HostSpec, RequestSpec, SpecError, Value64, VcpuSpec, VectorSpec, VmSpec};
