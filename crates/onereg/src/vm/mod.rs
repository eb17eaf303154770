//! Virtual machines: vCPUs with the requests of a VMM, and two ways to write these down.

pub(crate) mod file;
pub(crate) mod hart_edits;
pub(crate) mod plan;
pub(crate) mod requests;
