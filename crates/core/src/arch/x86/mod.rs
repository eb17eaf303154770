//! x86: registers, instructions, and what each instruction does.
//!
//! An instruction is one row of a [table](tables), its operands, and the [actions](super::Action) that it comes
//! to ([`Instr::actions`]): a read of memory, a computation, what becomes of the flags, a write. Flags are one
//! register of actions in the layout of EFLAGS. What an instruction means for memory *order* is not here but in
//! `model`: a locked instruction is one read-modify-write, an `mfence` a fence.
//!
//! Source: Intel's Software Developer's Manual, volumes 2 and 3, chapter "Multiple-Processor Management"; AMD's
//! Programmer's Manual, volumes 2 and 3. Not modelled: memory that is not write-back, non-temporal stores and
//! flushes, strings, stacks and calls, SSE, ports, the flag AF. A flag that the manuals leave undefined is what
//! the recorded processor makes of it ([`functions`]).

mod condition;
mod display;
mod functions;
mod instr;
mod lower;
mod operation;
mod reg;
mod tables;

pub use super::{Name, Width};
pub use condition::Condition;
pub use functions::flags;
pub use instr::{Address, Instr, Operand, OperandError, Syntax};
pub use lower::{FLAGS, Resolved};
pub use operation::Operation;
pub use reg::{Part, Reg};
pub use tables::{Lookup, Mnemonic, all, lookup};

/// Bytes that an instruction is counted as: its real length matters to nobody here.
pub const BYTES: u64 = 4;

/// Bytes of the aligned block within which a misaligned access is one operation. Intel promises a cache line,
/// AMD a naturally aligned quadword.
pub const GRANULE: u64 = 8;
