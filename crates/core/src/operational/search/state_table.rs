//! The states that were met, as byte strings.

use std::hash::Hasher;

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use crate::operational::compile::push;

/// A set of states that a search adds to.
pub(crate) trait MetStates {
    /// Adds a state; says whether it was new.
    fn add(&mut self, key: &[u8]) -> bool;
    /// Bytes that the set and all that its users have take together. `mine` is what this one has,
    /// `before` what it had when it was asked last.
    fn memory(&self, mine: usize, before: usize) -> usize;
    /// How many states there are, if that is cheap to know.
    fn count(&self) -> Option<usize>;
}

/// Byte strings, each stored once.
#[derive(Debug, Default)]
pub(crate) struct StateTable {
    /// The strings one behind the other, each after its length in LEB128.
    bytes: Vec<u8>,
    /// Where each string begins, by its hash.
    starts: HashTable<u64>,
}

/// States that are expanded between two looks at the limits, at most.
pub(crate) const STATES_BETWEEN_CHECKS: usize = 1024;
/// Strings of a table whose allocations are kept.
const MOST_KEPT: usize = 1 << 12;

/// The hash that [`StateTable`] uses.
pub(crate) fn hash(key: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(key);
    hasher.finish()
}

impl StateTable {
    /// Empties it and keeps the allocations, unless they are large.
    pub(crate) fn clear(&mut self) {
        if self.starts.capacity() > MOST_KEPT {
            *self = StateTable::default();
        }
        self.bytes.clear();
        self.starts.clear();
    }

    /// How many strings there are.
    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// Bytes of memory that it takes, or will before long: a table that grows is there twice for a moment,
    /// once of double size.
    pub(crate) fn memory(&self) -> usize {
        let full = self.starts.capacity() - self.starts.len() < STATES_BETWEEN_CHECKS;
        self.bytes.capacity() + self.starts.allocation_size() * if full { 3 } else { 1 }
    }

    /// All strings, in order of insertion.
    #[cfg(any(test, feature = "parallel"))]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let (key, behind) = split(rest)?;
            rest = behind;
            Some(key)
        })
    }

    /// Adds `key`, whose hash is known; says whether it was new.
    pub(crate) fn insert(&mut self, key: &[u8], hash: u64) -> bool {
        let StateTable { bytes, starts } = self;
        let at = |start: &u64| split(&bytes[*start as usize..]).map_or(&[][..], |(key, _)| key);
        if starts.find(hash, |start| at(start) == key).is_some() {
            return false;
        }
        starts.insert_unique(hash, bytes.len() as u64, |start| self::hash(at(start)));
        push(bytes, key.len() as u64);
        bytes.extend_from_slice(key);
        true
    }
}

impl MetStates for StateTable {
    fn add(&mut self, key: &[u8]) -> bool {
        self.insert(key, hash(key))
    }

    fn memory(&self, mine: usize, _: usize) -> usize {
        StateTable::memory(self) + mine
    }

    fn count(&self) -> Option<usize> {
        Some(self.len())
    }
}

/// The first of strings that stand one behind the other, and the others.
#[inline]
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut length, mut shift) = (0, 0);
    for (index, byte) in bytes.iter().enumerate() {
        length |= usize::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return bytes[index + 1..].split_at_checked(length);
        }
        shift += 7;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_is_new_once() {
        let mut table = StateTable::default();
        let key = |number: u32| number.to_le_bytes()[..1 + number as usize % 4].to_vec();
        for round in 0..2 {
            for number in 0..1000 {
                // Shorter prefixes repeat: compare with a reference.
                let new = round == 0 && (0..number).all(|n| key(n) != key(number));
                assert_eq!(table.add(&key(number)), new);
            }
        }
        assert_eq!((table.iter().nth(1), table.iter().count()), (Some(&[1, 0][..]), table.len()));
        assert!(table.add(b"") && !table.add(b""));
        let long = vec![7; 1000];
        assert!(table.add(&long) && !table.add(&long));
        table.clear();
        assert!(table.len() == 0 && table.iter().next().is_none() && table.add(b""));
    }
}
