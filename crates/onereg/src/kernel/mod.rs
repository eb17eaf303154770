//! Linux releases: which extensions each knows, and what it makes of a device tree.

pub(crate) mod release;
pub(crate) mod resolve;
