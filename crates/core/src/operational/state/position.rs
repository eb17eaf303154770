//! Where a hart stands: all of its state but the values that its loads returned.

use crate::operational::compile::{CompiledHart, NodeId, Set, mix};

/// A point of a hart's paths, with all that has happened to it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Position<S> {
    /// The hart, or the first of those that are equal to it.
    pub(crate) hart: u16,
    /// The node that the hart is in.
    pub(crate) node: NodeId,
    /// Operations of the path that are performed.
    pub(crate) performed: S,
    /// Loads of the path that have decided to wait for the next store to their bytes.
    pub(crate) asleep: S,
    /// LRs of the path whose bytes another hart has stored to since, as far as an SC may still ask.
    pub(crate) broken: S,
    /// What is known of computed addresses, by place, if some path of the hart computes an address; else empty.
    pub(crate) computed: Vec<ComputedAddress<S>>,
}

/// What is known of an operation whose address is computed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct ComputedAddress<S> {
    /// [`UNKNOWN_ADDRESS`] until everything is known that it is computed from.
    pub(crate) address: u64,
    /// Cells that a load whose address is not known yet must not turn out to read.
    pub(crate) forbidden: S,
}

/// A computed address that is not known yet. No location lies at 0.
pub(crate) const UNKNOWN_ADDRESS: u64 = 0;

impl<S: Set> Position<S> {
    /// The position before anything happened.
    pub(crate) fn start(number: usize, hart: &CompiledHart<S>) -> Position<S> {
        let places = if hart.computes_addresses { hart.tree.depth } else { 0 };
        let unknown = ComputedAddress { address: UNKNOWN_ADDRESS, forbidden: S::EMPTY };
        Position {
            hart: number as u16,
            node: 0,
            performed: hart.left_out,
            asleep: S::EMPTY,
            broken: S::EMPTY,
            computed: vec![unknown; places],
        }
    }

    pub(crate) fn hash(&self) -> u64 {
        let sets = [self.performed, self.asleep, self.broken];
        let place = u64::from(self.hart) << 32 | u64::from(self.node);
        let hash = sets.iter().fold(place + 1, |hash, set| set.hash(hash));
        self.computed
            .iter()
            .fold(hash, |hash, computed| computed.forbidden.hash(mix(hash, computed.address)))
    }
}
