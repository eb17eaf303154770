//! The states that were met.

use super::fingerprints::Fingerprints;
use super::keys::{Keys, hash};
use crate::program::ToldApart;

/// A set of states that a search adds to.
pub(crate) trait MetStates {
    /// Adds a state; says whether it was new.
    fn add(&mut self, key: &[u8]) -> bool;
    /// Bytes that the set and all that its users have take together. `mine` is what this one has,
    /// `before` what it had when it was asked last.
    fn memory(&self, mine: usize, before: usize) -> usize;
    /// How many states there are, if that is cheap to know.
    fn count(&self) -> Option<usize>;
    /// From here on keeps fingerprints of states in place of keys.
    fn use_fingerprints(&mut self);
}

/// States, each stored once.
#[derive(Debug)]
pub(crate) enum StateTable {
    /// By their keys: equal ones have equal futures.
    Exact(Keys),
    /// By fingerprints of their keys.
    Fingerprints(Fingerprints),
}

/// States that are expanded between two looks at the limits, at most.
pub(crate) const STATES_BETWEEN_CHECKS: usize = 1024;

impl Default for StateTable {
    fn default() -> StateTable {
        StateTable::Exact(Keys::default())
    }
}

impl StateTable {
    /// Empties it, for keys, and keeps the allocations unless they are large.
    pub(crate) fn clear(&mut self) {
        match self {
            StateTable::Exact(keys) => keys.clear(),
            StateTable::Fingerprints(_) => *self = StateTable::default(),
        }
    }

    /// How many states there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            StateTable::Exact(keys) => keys.len(),
            StateTable::Fingerprints(fingerprints) => fingerprints.len(),
        }
    }

    /// Bytes of memory that it takes, or will when there are so many more.
    pub(crate) fn memory(&self, more: usize) -> usize {
        match self {
            StateTable::Exact(keys) => keys.memory(more),
            StateTable::Fingerprints(fingerprints) => fingerprints.memory(more),
        }
    }

    /// How it tells states apart.
    pub(crate) fn told_apart(&self) -> ToldApart {
        match self {
            StateTable::Exact(_) => ToldApart::Exactly,
            StateTable::Fingerprints(_) => ToldApart::ByFingerprints,
        }
    }

    /// Adds a state by its key, whose hash is known; says whether it was new.
    #[inline]
    #[cfg(feature = "parallel")]
    pub(crate) fn insert(&mut self, key: &[u8], hash: u64) -> bool {
        match self {
            StateTable::Exact(keys) => keys.insert(key, hash),
            StateTable::Fingerprints(fingerprints) => fingerprints.insert(key),
        }
    }
}

impl MetStates for StateTable {
    fn add(&mut self, key: &[u8]) -> bool {
        match self {
            StateTable::Exact(keys) => keys.insert(key, hash(key)),
            StateTable::Fingerprints(fingerprints) => fingerprints.insert(key),
        }
    }

    fn memory(&self, mine: usize, _: usize) -> usize {
        self.memory(STATES_BETWEEN_CHECKS) + mine
    }

    fn count(&self) -> Option<usize> {
        Some(self.len())
    }

    fn use_fingerprints(&mut self) {
        let StateTable::Exact(keys) = self else { return };
        let mut fingerprints = Fingerprints::new(keys.len());
        std::mem::take(keys).drain(|key| _ = fingerprints.insert(key));
        *self = StateTable::Fingerprints(fingerprints);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_that_were_met_stay_met_when_keys_become_fingerprints() {
        let mut table = StateTable::default();
        let key = |number: usize| vec![number as u8; 30 + number];
        for number in 0..256 {
            assert!(table.add(&key(number)));
        }
        table.use_fingerprints();
        assert_eq!((table.len(), table.told_apart()), (256, ToldApart::ByFingerprints));
        for number in 0..512 {
            assert_eq!(table.add(&key(number)), number >= 256);
        }
        table.clear();
        assert_eq!((table.len(), table.told_apart()), (0, ToldApart::Exactly));
        assert!(table.add(&key(0)));
    }
}
