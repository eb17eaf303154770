//! Extensions of the ISA: their names, what implies what, ISA strings and profiles.

pub(crate) mod block_sizes;
pub(crate) mod extension;
pub(crate) mod implied;
pub(crate) mod isa_string;
mod profile;
