//! A model of Linux KVM's ONE_REG interface for RISC-V: which extensions each vCPU has.
//!
//! A [`Host`] is a machine: harts as firmware describes them, a kernel's [`Policy`], some constants.
//! A [`Vcpu`] on it has registers, whose [`get_one_reg`](Vcpu::get_one_reg) and
//! [`set_one_reg`](Vcpu::set_one_reg) answer with the kernel's values and errnos, in the kernel's
//! order of checks. CONFIG and ISA_EXT registers were recorded on Linux 6.12 and 7.2 for riscv64; the others,
//! and Linux 6.6, 6.18 and 7.3, were read in the sources.
//!
//! ```
//! use rvlitmus_onereg::{Errno, Host, Policy, RegId, Vcpu};
//!
//! let host = Host::from_isa_string("rv64gc_zacas_ztso", Policy::Linux7_2)?;
//! let mut vcpu = Vcpu::new(host);
//! let ztso: RegId = "KVM_RISCV_ISA_EXT_ZTSO".parse()?;
//! assert_eq!(ztso.bits(), 0x8030_0000_0700_0034);
//! assert_eq!(vcpu.get_one_reg(ztso), Ok(1));
//!
//! let refusal = vcpu.set_one_reg(ztso, 0).unwrap_err();
//! assert_eq!(refusal.errno(), Errno::EINVAL);
//! assert!(refusal.to_string().starts_with("EINVAL: Linux has no way to turn Ztso off"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Further in: a [`Vm`] is vCPUs with the requests of a VMM, a [`VmSpec`] the file that describes one,
//! a [`Recording`] what a real kernel answered ([`replay()`] compares). [`start`] makes the requests of a
//! program such as QEMU, [`migrate()`] moves a VM as it does, and [`trace()`] follows one extension.
//!
//! # Where things are
//!
//! Each folder uses those above it only.
//!
//! | folder | what it holds | go there to add |
//! |---|---|---|
//! | `isa` | extensions, what implies what, ISA strings | an extension: `extension.rs`, `implied.rs`; a host profile: `profile.rs` |
//! | `kernel` | releases, what each does otherwise and accepts of a device tree, hwprobe | a release: `release.rs`, then `change.rs`, `resolve.rs` |
//! | `register` | registers by name and id | a KVM extension register: `isa_ext.rs`; a CONFIG register: `config.rs`; any other: `group.rs` |
//! | `host` | harts, constants, reading `/dev/kvm` | a constant of the host: `constants.rs` |
//! | `vcpu` | the ioctls, one file a register kind, and refusals | what may be turned on or off: `allowed.rs`; what a register answers: `grouped_regs.rs`; a reason: `refusal.rs` |
//! | `recording` | recorded kernels, and their replay | |
//! | `vm` | requests of a VMM, VM files, the short form of `--hart` | a field of VM files: `file.rs`, then `plan.rs` |
//! | `simulated` | what a vCPU is to a litmus test | an extension that litmus tests know: `hart_config.rs` |
//! | `vmm` | programs: their requests, what guests are told, migration | a program: a file of its own, and its row in `table.rs` |
//!
//! A new extension whose register KVM has: a line in `isa/extension.rs` with Linux' number, what it
//! implies in `isa/implied.rs`, its conditions in `kernel/resolve.rs`, and its name in the release of
//! `register/isa_ext.rs` that brought it; if a guest can be kept from it, `vcpu/allowed.rs`. A new
//! release: a variant of [`Policy`] with its row, and a recorded transcript.
//!
//! Only `simulated` and `vmm` know the types of the litmus checker. Not modelled: nested guests, 32-bit kernels,
//! ACPI, and that time goes by.

mod host;
mod isa;
mod json;
mod kernel;
mod recording;
mod register;
mod simulated;
mod suggest;
mod vcpu;
mod vm;
mod vmm;

pub use host::constants::{HostConstants, VectorUse};
pub use host::description::{AbsenceReason, Host, HostError, HostHart};
pub use host::dev_kvm::{DevKvmError, RegisterValues, read_registers, running_policy};
pub use isa::block_sizes::BlockSizes;
pub use isa::extension::{IsaExt, IsaExtSet};
pub use isa::implied::{with_implied, without_dependents};
pub use isa::isa_string::{IsaString, IsaStringError, IsaStringProblem};
pub use json::{MOST_BYTES, ReadText, read_text};
pub use kernel::hwprobe::HwprobeBit;
pub use kernel::release::{Policy, Release, UnknownPolicy};
pub use kernel::resolve::{Rejection, ResolvedIsa, resolve_isa};
pub use recording::error::{RecordingError, StepError};
pub use recording::file::{RecordedAnswer, RecordedStep, Recording, Transcript};
pub use recording::replay::{Replay, ReplayDifference, replay};
pub use register::config::ConfigReg;
pub use register::group::{Group, GroupedReg, RegType};
pub use register::history::ReleaseHistory;
pub use register::id::{RegId, RegKind, UnknownRegister};
pub use register::isa_ext::IsaRegister;
pub use register::value::{Value64, parse_u64};
pub use vcpu::listing::{AbsentRegister, ListedRegister, Writability};
pub use vcpu::one_reg::ListTooLong;
pub use vcpu::refusal::{DisableRefusal, EnableRefusal, Errno, Refusal, RefusalReason};
pub use vcpu::state::{Ran, Vcpu};
pub use vm::file::{HostSpec, RequestSpec, SpecError, VcpuSpec, VmSpec};
pub use vm::hart_edits::{EditError, HartEdits};
pub use vm::plan::VmPlan;
pub use vm::requests::{RequestOutcome, RequestRecord, Vm};
pub use vmm::guest_isa::{GuestIsa, isa_line};
pub use vmm::migrate::migrate;
pub use vmm::migration::{Migration, RefusedRegister, UnreportedChange, VcpuChange, read_as};
pub use vmm::start::{StartedGuest, VmmStart, VmmStep, start};
pub use vmm::table::{UnknownVmm, Vmm};
pub use vmm::trace::{Trace, TraceStep, trace};
pub use vmm::verdict::MigrationVerdict;
