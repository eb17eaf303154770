//! From vCPUs to the harts that a litmus test is simulated on: here the checker's types are known.

pub(crate) mod hart_config;
pub(crate) mod standard;
