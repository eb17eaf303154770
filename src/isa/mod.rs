//! Registers and instructions: what each computes, its sources and destinations.
//!
//! Every extension is one table in [`tables`]; adding an instruction touches that file alone.
//! What an instruction means for memory *order* is not here but in `model`.
//!
//! Not modelled: CSRs, floating point, vector, privileged instructions, self-modifying code.

mod extension;
mod instr;
mod reg;
mod tables;

pub use extension::{Extension, ExtensionSet};
pub use instr::{Def, Extend, FenceSet, Format, Instr, Kind, Name, Operands, Order, Suffix, Width};
pub use reg::Reg;
pub use tables::{Lookup, all, lookup, nearest};
