//! vCPUs: the ioctls on their registers, and why one is refused.

pub(crate) mod allowed;
mod config;
mod grouped_regs;
mod isa_ext;
pub(crate) mod listing;
pub(crate) mod one_reg;
pub(crate) mod refusal;
pub(crate) mod state;
