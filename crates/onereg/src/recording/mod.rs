//! Recordings of real kernels, and replaying them against the model.

pub(crate) mod error;
pub(crate) mod file;
pub(crate) mod replay;
