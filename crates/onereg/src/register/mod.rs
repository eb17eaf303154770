//! Registers by name: the CONFIG and ISA_EXT registers, their 64-bit ids and values.

pub(crate) mod config;
pub(crate) mod id;
pub(crate) mod isa_ext;
pub(crate) mod value;
