//! Linux releases: which extensions each knows, what it makes of a device tree, what it does otherwise.

pub(crate) mod change;
pub(crate) mod hwprobe;
pub(crate) mod release;
pub(crate) mod resolve;
