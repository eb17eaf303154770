//! A test made ready to run: names resolved, memory laid out, every hart's ISA checked.
//!
//! A [`Program`] is what both engines take. It knows nothing of text but the place of each
//! instruction, which explanations and errors need.

pub(crate) mod counted;
mod fault;
mod index;
mod initial;
mod layout;
mod limits;
mod link;
mod link_x86;
pub mod misaligned;
mod names;
mod observe;
pub(crate) mod packed;
mod possible_values;
mod predicate;
pub mod repeat;
mod resolve;
pub mod retries;
pub(crate) mod similar_harts;
mod state_set;
mod states;

use std::fmt;
use std::sync::Arc;

use crate::arch::riscv::{Base, ExtensionSet};
use crate::arch::{Action, Architecture, Assembly, Name, Register};
use crate::litmus::{CType, HartId, LineIndex};
use crate::model::BaseModel;

pub use fault::Fault;
pub use initial::InitialBytes;
pub use limits::Limits;
pub(crate) use limits::Meter;
pub use link::{full_hart, link};
pub use observe::{Observed, ObservedFrom};
pub use predicate::{Decision, Next, Predicate, PredicateTerm};
pub use state_set::StateSet;
pub use states::{FinalState, FinalStates};

/// What a hart is: its instructions and its memory model. `kvm` makes one per vCPU.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct HartConfig {
    /// Width of its registers.
    pub base: Base,
    /// Instructions that it has.
    pub extensions: ExtensionSet,
    /// Model that its program order follows.
    pub model: BaseModel,
}

/// One action of a hart, and the instruction that it is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// Index into [`Hart::instructions`].
    pub instruction: u32,
}

/// An instruction of a hart: one or more steps of its code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Instruction {
    /// The instruction as written.
    pub assembly: Assembly,
    /// Where it stands in memory: behind the one before.
    pub address: u64,
    /// The byte of the test's text at which it stands; [`Program::line_column`] says its line.
    pub at: u32,
}

/// The instruction as written.
impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.assembly.fmt(f)
    }
}

/// One hart's code and initial registers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hart {
    /// Whose instructions it runs.
    pub architecture: Architecture,
    /// Width of its registers.
    pub base: Base,
    /// Bytes of the aligned blocks within which its misaligned accesses are one operation; 1 for none.
    pub granule: u64,
    /// Straight code, labels resolved. The hart ends when it runs past the last step.
    pub code: Vec<Step>,
    /// The instructions that the steps are of, in their order.
    pub instructions: Vec<Instruction>,
    /// Initial values of the registers, of which the first is 0. As [`Base`] says on RV32.
    pub registers: [u64; Register::COUNT],
    /// Address of what follows the last step.
    pub end: u64,
    /// Sorted steps that an indirect jump may reach: those whose address the initial state names, and
    /// those after a `jal` or `jalr` that links.
    pub indirect_targets: Vec<usize>,
}

/// A named piece of memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Location {
    /// Its name in the test.
    pub name: Name,
    /// First byte. Locations lie in pages of their own, below 2^31, so that an address survives `sw`
    /// and `lw`.
    pub address: u64,
    /// Initial bytes, as many as may be accessed. Scalars get at least 8, so that an undeclared
    /// location can be used with `ld`.
    pub initial: InitialBytes,
    /// Declared type of the scalar or of the array's elements.
    pub ctype: Option<CType>,
    /// Number of elements of an array.
    pub array: Option<u64>,
}

impl Location {
    /// Bytes of one element of an array, or of the scalar as far as its type says; 8 where none does.
    fn element_bytes(&self) -> u64 {
        match (self.ctype, self.array) {
            (Some(ctype), _) => ctype.bytes(),
            (None, Some(_)) => CType::Int32.bytes(),
            (None, None) => 8,
        }
    }

    /// Do `bytes` bytes at `address` lie in this location?
    #[must_use]
    pub fn contains(&self, address: u64, bytes: u64) -> bool {
        address
            .checked_sub(self.address)
            .and_then(|offset| offset.checked_add(bytes))
            .is_some_and(|end| end <= self.initial.len() as u64)
    }

    /// What `bytes` bytes of it, at most 16, hold to begin with, little-endian.
    #[must_use]
    pub fn initial_value(&self, address: u64, bytes: u64) -> u128 {
        let bytes =
            self.initial.iter().skip((address - self.address) as usize).take(bytes as usize);
        bytes.rev().fold(0, |value, byte| value << 8 | u128::from(*byte))
    }
}

/// Everything an engine needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// By [`HartId`].
    pub harts: Vec<Hart>,
    /// By ascending address.
    pub locations: Vec<Location>,
    /// What a final state consists of, registers first. A [`FinalState`] has one value for each.
    pub observed: Vec<Observed>,
    /// Only final states that satisfy it count.
    pub filter: Option<Predicate>,
    /// The proposition of the test's condition; `None` if the test has none.
    pub condition: Option<Predicate>,
    /// The labels of all columns, for messages.
    pub labels: Vec<Label>,
    /// The lines of the test's text, for messages.
    pub lines: LineIndex,
}

/// A label of a hart's code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Whose code.
    pub hart: HartId,
    /// The step that it stands before; `code.len()` when nothing follows.
    pub step: usize,
    /// Its name.
    pub name: Name,
}

impl Program {
    /// The location that `bytes` bytes at `address` lie in.
    #[must_use]
    pub fn location_at(&self, address: u64, bytes: u64) -> Option<&Location> {
        self.location_index_at(address, bytes).map(|index| &self.locations[index])
    }

    /// Its index among [`Program::locations`].
    #[must_use]
    pub fn location_index_at(&self, address: u64, bytes: u64) -> Option<usize> {
        let after = self.locations.partition_point(|l| l.address <= address);
        after.checked_sub(1).filter(|index| self.locations[*index].contains(address, bytes))
    }

    /// What `bytes` bytes at an address, at most 16, hold to begin with: 0 where there is no such location.
    #[must_use]
    pub fn initial_value(&self, address: u64, bytes: u64) -> u128 {
        let location = self.location_at(address, bytes);
        location.map_or(0, |location| location.initial_value(address, bytes))
    }

    /// The registers of a hart that are observed, each beside its index into [`Program::observed`].
    pub fn observed_registers(&self, hart: HartId) -> impl Iterator<Item = (usize, Register)> {
        self.observed.iter().enumerate().filter_map(move |(index, observed)| match observed.from {
            ObservedFrom::Register(of, register) if of == hart => Some((index, register)),
            _ => None,
        })
    }

    /// Line and column, both from 1, of the instruction that a step is of; `None` if there is no such step.
    #[must_use]
    pub fn line_column(&self, hart: HartId, step: usize) -> Option<(u32, u32)> {
        let instruction = self.harts.get(hart.index())?.instruction(step)?;
        Some(self.lines.line_column(instruction.at))
    }

    /// The step at a code address of `hart`; `code.len()` for the address after the last instruction.
    #[must_use]
    pub fn step_at(&self, hart: HartId, address: u64) -> Option<usize> {
        self.harts[hart.index()].step_at(address)
    }
}

impl Hart {
    /// Does the other hart have the same code? Addresses of code are not looked at.
    pub(crate) fn has_code_of(&self, other: &Hart) -> bool {
        self.granule == other.granule
            && self.base == other.base
            && self.code.len() == other.code.len()
            && self.code.iter().zip(&other.code).all(|(a, b)| a.action == b.action)
    }

    /// The instruction that a step is of; `None` behind the last step.
    #[must_use]
    pub fn instruction(&self, step: usize) -> Option<&Instruction> {
        self.code.get(step).map(|step| &self.instructions[step.instruction as usize])
    }

    /// The instruction's text, for messages.
    #[must_use]
    pub fn text(&self, step: usize) -> String {
        self.instruction(step).map_or_else(String::new, ToString::to_string)
    }

    /// Is a step the second access of one instruction, next to the first: the other word of a pair? Accesses with
    /// something between them, as the load and the store of an addition to memory, are in program order.
    #[must_use]
    pub fn continues(&self, step: usize) -> bool {
        step > 0
            && self.code[step].instruction == self.code[step - 1].instruction
            && self.code[step - 1..=step].iter().all(|step| step.action.access().is_some())
    }

    /// The first step of an instruction; `code.len()` behind the last.
    #[must_use]
    pub fn first_step(&self, instruction: usize) -> usize {
        self.code.partition_point(|step| (step.instruction as usize) < instruction)
    }

    /// The address of a step; of what follows the last for any other number.
    #[must_use]
    pub fn address(&self, step: usize) -> u64 {
        self.instruction(step).map_or(self.end, |instruction| instruction.address)
    }

    /// The step at a code address, as [`Program::step_at`].
    #[must_use]
    pub fn step_at(&self, address: u64) -> Option<usize> {
        let starts_before =
            |step: &Step| self.instructions[step.instruction as usize].address < address;
        let step = self.code.partition_point(starts_before);
        (self.address(step) == address).then_some(step)
    }
}

/// How far an engine got.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Completeness {
    /// Every outcome was found.
    #[default]
    Complete,
    /// Executions that take a loop further than [`crate::model::Options::unroll`] were cut. The
    /// backward jumps that were cut, as (hart, step), sorted.
    Bounded(Vec<(HartId, usize)>),
    /// Whether the test's condition holds is decided: what was found shows it, or there is nothing that does.
    Decided,
    /// Time ran out: outcomes are missing.
    Timeout,
    /// The table of states hit its limit: outcomes are missing.
    MemoryLimit,
}

impl Completeness {
    /// Was a limit of the run reached, so that outcomes are missing?
    #[must_use]
    pub fn ran_out(&self) -> bool {
        matches!(self, Completeness::Timeout | Completeness::MemoryLimit)
    }
}

/// How an engine tells states that it met before from new ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum ToldApart {
    /// By all that is in them.
    #[default]
    Exactly,
    /// By a hash of 128 bits. Of *n* states two have one hash, and outcomes may be missing for that, with a chance
    /// below *n*²/2¹²⁹: less than 10⁻²⁰ for two billion states. What was found can happen.
    ByFingerprints,
}

/// What an engine found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcomes {
    /// All reachable final states that pass the filter.
    pub states: Arc<FinalStates>,
    /// Whether that is all.
    pub completeness: Completeness,
    /// How surely.
    pub told_apart: ToldApart,
    /// How much work it was, for reports: states of the machine that were branched on, or candidate
    /// executions that were checked.
    pub work: u64,
    /// Choices that were followed from these states, for measurements; none where candidates are checked.
    pub transitions: u64,
}
