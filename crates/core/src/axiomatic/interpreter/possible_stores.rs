//! The values that stores may have written: the least set that is closed under running every hart.
//!
//! A load may return what any possible store wrote; what the hart then stores joins them, until
//! nothing new appears. Every consistent execution is covered, because in it no store depends on its
//! own value: a store comes after the loads that it depends on, in the global memory order (rules 9,
//! 10 and 11), and these after the stores of other harts that they read from. When those rules are
//! switched off, values out of thin air stay out for the same reason: the set is the *least* one.
//!
//! A counter that two harts increment would make the set infinite. So each store carries its causal
//! past, the stores that it cannot have happened without, and no store may be in its own past.

use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::axiomatic::footprint::Footprint;
use crate::litmus::HartId;

/// Which traces are of interest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::axiomatic) enum Scope {
    /// Those that may be part of a consistent execution.
    Plausible,
    /// Those too in which a load returns its own hart's future, a store causes itself or an SC succeeds
    /// that is not paired, so that it can be explained what forbids them.
    Any,
}

/// A store of a hart, in whichever of its traces.
///
/// Its name must not depend on what it does not depend on itself: a store behind an `amocas` has the same name
/// whether that stores or not, for it may be what makes it store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct StoreName {
    /// Whose.
    pub(super) hart: HartId,
    /// Instructions before it on its path that store or might.
    pub(super) nth: usize,
}

/// Stores that something cannot have happened without.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct CausalPast {
    stores: u128,
    /// Length of the shortest chain of stores that leads to it, itself included.
    depth: u16,
}

impl CausalPast {
    /// What needs both.
    #[must_use]
    pub(super) fn and(self, other: CausalPast) -> CausalPast {
        CausalPast { stores: self.stores | other.stores, depth: self.depth.max(other.depth) }
    }

    /// What needs one of them, it is not known which.
    #[must_use]
    pub(super) fn or(self, other: CausalPast) -> CausalPast {
        CausalPast { stores: self.stores & other.stores, depth: self.depth.min(other.depth) }
    }
}

/// What a store wrote in some execution.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PossibleStore {
    /// Which store.
    pub(super) name: StoreName,
    /// Where.
    pub(super) footprint: Footprint,
    /// What.
    pub(super) value: u128,
    /// What had to come before, itself included.
    pub(super) past: CausalPast,
}

/// Stores that a [`CausalPast`] tells apart.
const MOST_STORES: usize = 128;

/// All stores found so far.
#[derive(Clone, Debug, Default)]
pub(super) struct PossibleStores {
    stores: Vec<PossibleStore>,
    index: FxHashMap<(StoreName, Footprint, u128), usize>,
    names: FxHashSet<StoreName>,
    most_per_trace: usize,
}

impl PossibleStores {
    /// No store of a program of `harts` harts.
    #[must_use]
    pub(super) fn new(harts: usize) -> PossibleStores {
        PossibleStores {
            most_per_trace: MOST_STORES / harts.clamp(1, MOST_STORES),
            ..PossibleStores::default()
        }
    }

    /// Bytes of memory that they take.
    pub(super) fn bytes(&self) -> usize {
        let entry = size_of::<((StoreName, Footprint, u128), usize)>();
        self.stores.capacity() * size_of::<PossibleStore>()
            + self.index.capacity() * (entry + 1)
            + self.names.capacity() * (size_of::<StoreName>() + 1)
    }

    /// Can a store of that name be told from all others?
    pub(super) fn has_room(&self, name: StoreName) -> bool {
        name.nth < self.most_per_trace
            && name.hart.index() * self.most_per_trace + name.nth < MOST_STORES
    }

    /// The most stores per trace, those included that might have been, that can be told apart.
    #[must_use]
    pub(super) fn most_per_trace(&self) -> usize {
        self.most_per_trace
    }

    /// The stores, those found first in front.
    pub(super) fn all(&self) -> &[PossibleStore] {
        &self.stores
    }

    /// The past of a store that happens after `past`; `None` if it would come before itself, which
    /// [`Scope::Any`] accepts as long as it does not take more steps than there are stores.
    #[must_use]
    pub(super) fn extend(
        &self,
        past: CausalPast,
        name: StoreName,
        scope: Scope,
    ) -> Option<CausalPast> {
        let bit = 1u128 << (name.hart.index() * self.most_per_trace + name.nth);
        let depth = past.depth + 1;
        ((past.stores & bit == 0 || scope == Scope::Any)
            && usize::from(depth) <= self.names.len() + name.nth + 1)
            .then_some(CausalPast { stores: past.stores | bit, depth })
    }

    /// Adds a store; says whether that changed anything.
    pub(super) fn insert(&mut self, store: PossibleStore) -> bool {
        self.names.insert(store.name);
        match self.index.entry((store.name, store.footprint, store.value)) {
            Entry::Occupied(entry) => {
                let known = &mut self.stores[*entry.get()];
                let merged = known.past.or(store.past);
                let changed = merged != known.past;
                known.past = merged;
                changed
            }
            Entry::Vacant(entry) => {
                entry.insert(self.stores.len());
                self.stores.push(store);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_store_comes_before_itself() {
        let mut stores = PossibleStores::new(2);
        let [first, second] = [0, 1].map(|hart| StoreName { hart: HartId(hart), nth: 0 });
        let past = stores
            .extend(CausalPast::default(), first, Scope::Plausible)
            .expect("nothing before it");
        let footprint = Footprint { address: 64, width: 4 };
        assert!(stores.insert(PossibleStore { name: first, footprint, value: 1, past }));
        assert!(!stores.insert(PossibleStore { name: first, footprint, value: 1, past }));
        let later = stores.extend(past, second, Scope::Plausible).expect("another store");
        assert_eq!(stores.extend(later, first, Scope::Plausible), None);
        assert!(stores.extend(past, first, Scope::Any).is_some());
        assert_eq!(past.or(later), past);
        assert_eq!(past.and(later), later);
    }
}
