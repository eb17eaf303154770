//! vCPUs: the ioctls on their registers, and why one is refused.

mod allowed;
mod config;
mod isa_ext;
pub(crate) mod listing;
pub(crate) mod one_reg;
pub(crate) mod refusal;
pub(crate) mod state;
mod state_regs;
