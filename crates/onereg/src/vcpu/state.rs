//! What a vCPU is between two requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::host::description::Host;
use crate::isa::extension::{IsaExt, IsaExtSet};

/// Has the vCPU run? After its first run what it is cannot change.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ran {
    /// It has not run: registers may change.
    Never,
    /// It has run at least once (`ran_atleast_once`).
    AtLeastOnce,
}

/// A vCPU on a host. Each has registers of its own; the lock of the first run is per vCPU too.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vcpu {
    pub(super) host: Arc<Host>,
    /// The extensions whose registers are on.
    pub(super) on: IsaExtSet,
    pub(super) ran: Ran,
    pub(super) mvendorid: u64,
    pub(super) marchid: u64,
    pub(super) mimpid: u64,
    /// Registers beside CONFIG and ISA_EXT that do not read as in a fresh vCPU: low halves of ids.
    pub(super) written: BTreeMap<u32, u64>,
}

impl Vcpu {
    /// The host that it runs on.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Has it run?
    #[must_use]
    pub fn ran(&self) -> Ran {
        self.ran
    }

    /// Is the extension's register on? Registers that the host does not offer are off.
    #[must_use]
    pub fn has(&self, ext: IsaExt) -> bool {
        self.on.contains(ext)
    }

    pub(super) fn set_on(&mut self, ext: IsaExt, on: bool) {
        if on {
            self.on.insert(ext);
        } else {
            self.on.remove(ext);
        }
    }
}
