//! What a migration would do: the results of [`migrate`](super::migrate::migrate()).

use std::fmt;

use rvlitmus_core::arch::riscv::{Extension, ExtensionSet};
use rvlitmus_core::program::HartConfig;

use super::table::Vmm;
use crate::register::config::ConfigReg;
use crate::register::group::RegType;
use crate::register::id::{RegId, RegKind};
use crate::vcpu::refusal::{Errno, Refusal};
use crate::vm::requests::Vm;

/// What a migration would do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Migration {
    /// The program.
    pub vmm: &'static Vmm,
    /// Why the program cannot save a vCPU of the source, or moves none; then nothing else is known.
    pub cannot: Option<String>,
    /// Registers that the target does not restore, by vCPU, in the order in which they are set.
    pub refused: Vec<RefusedRegister>,
    /// What a vCPU is, where it is otherwise on the target and nobody is told; by vCPU, in list order.
    pub unreported: Vec<UnreportedChange>,
    /// Each vCPU before and after.
    pub vcpus: Vec<VcpuChange>,
    /// The guest's harts on the source.
    pub source: Vm,
    /// The harts that the target's vCPUs would be, had the program gone on after refusals.
    pub target: Vm,
}

/// A register that the target refuses to restore.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusedRegister {
    /// The vCPU's number.
    pub vcpu: usize,
    /// The register.
    pub id: RegId,
    /// Its value on the source.
    pub value: u64,
    /// The target's answer.
    pub refusal: Refusal,
}

/// `isa_ext.ztso = 0x1: ENOENT: the host lacks Ztso: ...`
impl fmt::Display for RefusedRegister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {:#x}: {}", self.id.name(), self.value, self.refusal)
    }
}

/// A register that says what the hart is, and says another thing on the target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnreportedChange {
    /// The vCPU's number.
    pub vcpu: usize,
    /// The register.
    pub id: RegId,
    /// What it reads as on the source.
    pub here: Result<u64, Errno>,
    /// What it reads as on the target.
    pub there: Result<u64, Errno>,
}

/// `isa_ext.ztso: 0x1 here, ENOENT there`
impl fmt::Display for UnreportedChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (here, there) = (read_as(&self.here), read_as(&self.there));
        write!(f, "{}: {here} here, {there} there", self.id.name())
    }
}

/// A value in hexadecimal, or an errno.
pub fn read_as(read: &Result<u64, Errno>) -> String {
    match read {
        Ok(value) => format!("{value:#x}"),
        Err(errno) => errno.to_string(),
    }
}

impl UnreportedChange {
    /// Did the guest have something that is gone, or is of another size? Extensions, blocks, vectors, ticks,
    /// virtual addresses; not what is only there on the target, and not the vendor's ids.
    #[must_use]
    pub fn loses(&self) -> bool {
        let here = self.here.unwrap_or(0);
        let there = self.there.unwrap_or(0);
        let config = match self.id.kind() {
            RegKind::Config(index) => ConfigReg::from_index(index),
            _ => None,
        };
        match config {
            _ if here == 0 => false,
            Some(ConfigReg::Mvendorid | ConfigReg::Marchid | ConfigReg::Mimpid) => false,
            Some(ConfigReg::Isa) => here & !there != 0,
            Some(ConfigReg::SatpMode) => there < here,
            _ => there != here,
        }
    }

    /// Is it an extension that only the target has?
    #[must_use]
    pub fn only_there(&self) -> bool {
        let sbi_ext = RegType::SbiExt;
        let switch = match self.id.kind() {
            RegKind::IsaSingle(_) => true,
            RegKind::Grouped { reg_type, .. } => reg_type == sbi_ext,
            _ => false,
        };
        switch && self.here.unwrap_or(0) == 0 && self.there == Ok(1)
    }
}

/// One vCPU before and after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VcpuChange {
    /// The hart on the source.
    pub before: HartConfig,
    /// The hart on the target.
    pub after: HartConfig,
}

impl VcpuChange {
    /// Instructions that the guest could use and then cannot.
    #[must_use]
    pub fn lost(&self) -> ExtensionSet {
        self.gone() - ORDER_ONLY
    }

    /// What the memory model promised and then does not: Ztso's order, or Zama16b's atomicity.
    #[must_use]
    pub fn weakened(&self) -> ExtensionSet {
        self.gone() & ORDER_ONLY
    }

    /// What the memory model promises there and did not here.
    #[must_use]
    pub fn strengthened(&self) -> ExtensionSet {
        (self.after.extensions - self.before.extensions) & ORDER_ONLY
    }

    /// All that the hart has before and not after.
    pub(super) fn gone(&self) -> ExtensionSet {
        self.before.extensions - self.after.extensions
    }
}

/// Extensions that bring no instruction and restrict what the memory system may do.
const ORDER_ONLY: ExtensionSet = enumset::enum_set!(Extension::Ztso | Extension::Zama16b);
