//! What programs do with the interface: requests at start, what their guests are told, migration.

pub(crate) mod migrate;
pub(crate) mod replay;
pub(crate) mod table;
pub(crate) mod told;
pub(crate) mod trace;
