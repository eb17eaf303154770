//! The values that stores may have written: the least set that is closed under running every hart.
//!
//! A load may return what any store of the pool wrote; what the hart then stores joins the pool, until
//! nothing new appears. Every consistent execution is covered, because in it no store depends on its
//! own value: a store comes after the loads that it depends on, in the global memory order (rules 9,
//! 10 and 11), and these after the stores of other harts that they read from. When those rules are
//! switched off, values out of thin air stay out for the same reason: the set is the *least* one.
//!
//! A counter that two harts increment would make the set infinite. So each store carries its causal
//! past, the stores that it cannot have happened without, and no store may be in its own past.

use rustc_hash::FxHashMap;

use crate::litmus::HartId;

use super::footprint::Footprint;
use super::run::Scope;

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
pub(super) struct Past {
    stores: u128,
    /// Length of the shortest chain of stores that leads to it, itself included.
    depth: u16,
}

impl Past {
    /// What needs both.
    #[must_use]
    pub(super) fn and(self, other: Past) -> Past {
        Past { stores: self.stores | other.stores, depth: self.depth.max(other.depth) }
    }

    /// What needs one of them, it is not known which.
    #[must_use]
    pub(super) fn or(self, other: Past) -> Past {
        Past { stores: self.stores & other.stores, depth: self.depth.min(other.depth) }
    }
}

/// What a store wrote in some execution.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Image {
    /// Which store.
    pub(super) name: StoreName,
    /// Where.
    pub(super) footprint: Footprint,
    /// What.
    pub(super) value: u128,
    /// What had to come before, itself included.
    pub(super) past: Past,
}

/// All images found so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    images: Vec<Image>,
    index: FxHashMap<(StoreName, Footprint, u128), usize>,
    names: u16,
    seen: FxHashMap<StoreName, ()>,
    slots: usize,
}

impl Pool {
    /// An empty pool for a program of `harts` harts.
    #[must_use]
    pub(super) fn new(harts: usize) -> Pool {
        Pool { slots: 128 / harts.clamp(1, 128), ..Pool::default() }
    }

    /// The most stores per trace, those included that might have been, that can be told apart.
    #[must_use]
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// The images, oldest first.
    pub(super) fn images(&self) -> &[Image] {
        &self.images
    }

    /// The past of a store that happens after `past`; `None` if it would come before itself, which
    /// [`Scope::Any`] accepts as long as it does not take more steps than there are stores.
    #[must_use]
    pub(super) fn extend(&self, past: Past, name: StoreName, scope: Scope) -> Option<Past> {
        let bit = 1u128 << (name.hart.index() * self.slots + name.nth);
        let depth = past.depth + 1;
        ((past.stores & bit == 0 || scope == Scope::Any)
            && depth <= self.names + name.nth as u16 + 1)
            .then_some(Past { stores: past.stores | bit, depth })
    }

    /// Adds an image; says whether that changed the pool.
    pub(super) fn insert(&mut self, image: Image) -> bool {
        if self.seen.insert(image.name, ()).is_none() {
            self.names += 1;
        }
        match self.index.entry((image.name, image.footprint, image.value)) {
            std::collections::hash_map::Entry::Occupied(entry) => {
                let known = &mut self.images[*entry.get()];
                let merged = known.past.or(image.past);
                let changed = merged != known.past;
                known.past = merged;
                changed
            }
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(self.images.len());
                self.images.push(image);
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
        let mut pool = Pool::new(2);
        let [first, second] = [0, 1].map(|hart| StoreName { hart: HartId(hart), nth: 0 });
        let past =
            pool.extend(Past::default(), first, Scope::Plausible).expect("nothing before it");
        let footprint = Footprint { address: 64, width: 4 };
        assert!(pool.insert(Image { name: first, footprint, value: 1, past }));
        assert!(!pool.insert(Image { name: first, footprint, value: 1, past }));
        let later = pool.extend(past, second, Scope::Plausible).expect("another store");
        assert_eq!(pool.extend(later, first, Scope::Plausible), None);
        assert!(pool.extend(past, first, Scope::Any).is_some());
        assert_eq!(past.or(later), past);
        assert_eq!(past.and(later), later);
    }
}
