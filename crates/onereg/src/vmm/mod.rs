//! What programs do with the interface: requests at start, what their guests are told, migration.
//!
//! A program is one file here, named in `table.rs`.

mod cloud_hypervisor;
mod crosvm;
pub(crate) mod guest_isa;
mod kvmtool;
pub(crate) mod migrate;
pub(crate) mod migration;
mod qemu;
pub(crate) mod start;
pub(crate) mod table;
pub(crate) mod trace;
pub(crate) mod verdict;
