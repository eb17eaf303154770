//! Registers and instructions: what each computes, its sources and destinations.
//!
//! Every extension is one table in [`tables`]; adding an instruction touches that file alone.
//! What an instruction means for memory *order* is not here but in `model`.
//!
//! Not modelled: CSRs, floating point, vector, privileged instructions, self-modifying code.

mod base;
mod display;
mod extension;
mod instr;
mod limits;
mod name;
mod order;
mod reference;
mod reg;
mod size;
mod tables;
mod width;

pub use base::Base;
pub use extension::{Extension, ExtensionSet};
pub use instr::{Def, Format, Instr, Kind, Operands};
pub use limits::{Class, Immediate, Limits, OperandError};
pub use name::Name;
pub use order::{FenceSet, Order, Suffix};
pub use reference::{reference_markdown, reference_text};
pub use reg::Reg;
pub use tables::{Lookup, all, lookup, lookup_word, nearest};
pub use width::{Extend, Width};
