//! Hosts: harts as firmware describes them, a kernel, some constants.

pub(crate) mod constants;
pub(crate) mod description;
pub(crate) mod dev_kvm;
