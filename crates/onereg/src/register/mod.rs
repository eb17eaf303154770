//! Registers by name: their 64-bit ids and values.

pub(crate) mod config;
pub(crate) mod group;
pub(crate) mod history;
pub(crate) mod id;
pub(crate) mod isa_ext;
pub(crate) mod value;
