//! From vCPUs to the harts of a litmus test: the one place that knows the checker's types.

pub(crate) mod hart;
pub(crate) mod machines;
