//! What orders memory operations, in its smallest parts: pairs of a fence, bits of an annotation.

use crate::arch::riscv::{FenceSet, Instr, Lookup, Operands, Order, lookup};

/// The parts of one means of ordering, a bit each.
///
/// Of a fence: [`Parts::LOAD_LOAD`] to [`Parts::STORE_STORE`]. Of an annotation: [`Parts::ACQUIRE`] and
/// [`Parts::RELEASE`]; [`Parts::AMO`] where it takes an AMO to have one. Of a dependency: [`Parts::DEPENDENCY`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Parts(pub u8);

impl Parts {
    /// Loads before later loads.
    pub const LOAD_LOAD: Parts = Parts(1);
    /// Loads before later stores.
    pub const LOAD_STORE: Parts = Parts(2);
    /// Stores before later loads.
    pub const STORE_LOAD: Parts = Parts(4);
    /// Stores before later stores.
    pub const STORE_STORE: Parts = Parts(8);
    /// What a fence may order.
    pub const FENCE: Parts = Parts(15);
    /// `.aq`
    pub const ACQUIRE: Parts = Parts(16);
    /// `.rl`
    pub const RELEASE: Parts = Parts(32);
    /// A syntactic dependency.
    pub const DEPENDENCY: Parts = Parts(64);
    /// A load or store that is an AMO instead.
    pub const AMO: Parts = Parts(128);
    /// How many there are.
    pub const COUNT: usize = 8;

    /// The single parts.
    pub fn each(self) -> impl Iterator<Item = Parts> {
        (0..Parts::COUNT).map(|bit| Parts(1 << bit)).filter(move |part| self.has(*part))
    }

    /// Are all of these among them?
    #[must_use]
    pub const fn has(self, others: Parts) -> bool {
        self.0 & others.0 == others.0
    }

    /// Is there none?
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Both.
    #[must_use]
    pub const fn union(self, others: Parts) -> Parts {
        Parts(self.0 | others.0)
    }

    /// Those that are not among the others.
    #[must_use]
    pub const fn without(self, others: Parts) -> Parts {
        Parts(self.0 & !others.0)
    }

    /// The pairs that an instruction orders as a fence; none if it is no fence.
    pub(super) fn of_fence(instr: &Instr) -> Parts {
        let pairs = instr.fence_pairs();
        let part = |there, part: Parts| if there { part.0 } else { 0 };
        Parts(
            part(pairs.load_load, Parts::LOAD_LOAD)
                | part(pairs.load_store, Parts::LOAD_STORE)
                | part(pairs.store_load, Parts::STORE_LOAD)
                | part(pairs.store_store, Parts::STORE_STORE),
        )
    }

    /// The bits of an annotation.
    pub(super) fn of_order(order: Order) -> Parts {
        let bit = |there, part: Parts| if there { part } else { Parts::default() };
        bit(order.aq(), Parts::ACQUIRE).union(bit(order.rl(), Parts::RELEASE))
    }

    /// The annotation that these bits are.
    pub(super) fn order(self) -> Order {
        match (self.has(Parts::ACQUIRE), self.has(Parts::RELEASE)) {
            (false, false) => Order::None,
            (true, false) => Order::Aq,
            (false, true) => Order::Rl,
            (true, true) => Order::AqRl,
        }
    }

    /// The weakest of the ten fences that order something that orders all these pairs: `fence.tso`, or one
    /// of what precedes and what follows. `None` if there is nothing to order.
    pub(super) fn fence(self) -> Option<Instr> {
        let pairs = Parts(self.0 & Parts::FENCE.0);
        if pairs.is_empty() {
            return None;
        }
        let any = |a: Parts, b: Parts| pairs.0 & (a.0 | b.0) != 0;
        let set = |r, w| FenceSet { r, w, ..FenceSet::default() };
        let pred = set(
            any(Parts::LOAD_LOAD, Parts::LOAD_STORE),
            any(Parts::STORE_LOAD, Parts::STORE_STORE),
        );
        let succ = set(
            any(Parts::LOAD_LOAD, Parts::STORE_LOAD),
            any(Parts::LOAD_STORE, Parts::STORE_STORE),
        );
        let whole = pred.r && pred.w && succ.r && succ.w;
        let (mnemonic, pred, succ) = match whole && !pairs.has(Parts::STORE_LOAD) {
            true => ("fence.tso", FenceSet::default(), FenceSet::default()),
            false => ("fence", pred, succ),
        };
        let Lookup::Found(def, order) = lookup(mnemonic.as_bytes()) else { return None };
        Some(Instr { def, order, operands: Operands { pred, succ, ..def.implied() } })
    }

    /// All that the weakest fence for these pairs orders.
    pub(super) fn of_weakest_fence(self) -> Parts {
        self.fence().map_or(Parts::default(), |fence| Parts::of_fence(&fence))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ten_fences_order_something() {
        let fences: BTreeSet<String> =
            (1..16).filter_map(|pairs| Parts(pairs).fence()).map(|f| f.to_string()).collect();
        assert_eq!(fences.len(), 10, "{fences:?}");
        for pairs in (1..16).map(Parts) {
            assert!(pairs.of_weakest_fence().has(pairs), "{pairs:?}");
            let weakest = pairs.of_weakest_fence();
            assert_eq!(weakest.of_weakest_fence(), weakest, "{pairs:?}");
        }
    }
}
