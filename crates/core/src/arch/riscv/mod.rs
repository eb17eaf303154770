//! RISC-V: registers, instructions, and what each instruction does.
//!
//! Every extension is one table in [`tables`]. An instruction that does what others do is a row there; one
//! that does something new is also an [`Operation`], which [`Instr::lower`] turns into the
//! [action](super::Action) that it is, and operands of a new kind are a [`Format`].
//! What an instruction means for memory *order* is not here but in `model`.
//!
//! Not modelled: CSRs, floating point, vector, privileged instructions, self-modifying code.

mod base;
mod display;
mod extension;
mod instr;
mod limits;
mod lower;
mod order;
mod reference;
mod reg;
mod relocation;
mod size;
mod tables;

pub use super::{Extend, Name, Order, Width};
pub use base::Base;
pub use extension::{Extension, ExtensionSet};
pub use instr::{Def, Format, Instr, Operands, Operation};
pub use limits::{Class, Immediate, Limits, OperandError};
pub use lower::Resolved;
pub use order::{FenceSet, Suffix};
pub use reference::{reference_markdown, reference_text};
pub use reg::Reg;
pub use relocation::Relocation;
pub use tables::{Directive, Lookup, all, directive, lookup, lookup_word, nearest};
