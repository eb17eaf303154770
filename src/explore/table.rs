//! A set of byte strings: the states that were met.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// Byte strings, each stored once, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Table {
    bytes: Vec<u8>,
    /// Where each string ends; it starts where the one before ends.
    ends: Vec<usize>,
    hashes: Vec<u32>,
    /// Open addressing: index of a string plus one, 0 for a free slot. A power of two long.
    slots: Vec<u32>,
}

/// The hash that [`Table`] uses; shards choose by its high bits.
pub(super) fn hash(key: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(key);
    hasher.finish()
}

impl Table {
    /// Empties it and keeps the allocations, unless they are large.
    pub(super) fn clear(&mut self) {
        if self.slots.len() > 1 << 16 {
            *self = Table::default();
            return;
        }
        self.bytes.clear();
        self.ends.clear();
        self.hashes.clear();
        self.slots.fill(0);
    }

    /// How many strings there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
            + 8 * self.ends.capacity()
            + 4 * self.hashes.capacity()
            + 4 * self.slots.len()
    }

    /// The string with this index, in order of insertion.
    pub(super) fn get(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start..self.ends[index]]
    }

    /// Adds `key`; says whether it was new.
    pub(super) fn insert(&mut self, key: &[u8]) -> bool {
        self.insert_hashed(key, hash(key))
    }

    /// As [`Table::insert`], for a hash that is known already.
    pub(super) fn insert_hashed(&mut self, key: &[u8], hash: u64) -> bool {
        if 4 * (self.ends.len() + 1) > 3 * self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            match self.slots[slot] {
                0 => break,
                entry => {
                    let index = entry as usize - 1;
                    if self.hashes[index] == hash as u32 && self.get(index) == key {
                        return false;
                    }
                }
            }
            slot = (slot + 1) & mask;
        }
        self.bytes.extend_from_slice(key);
        self.ends.push(self.bytes.len());
        self.hashes.push(hash as u32);
        self.slots[slot] = self.ends.len() as u32;
        true
    }

    fn grow(&mut self) {
        let slots = (2 * self.slots.len()).max(64);
        self.slots.clear();
        self.slots.resize(slots, 0);
        let mask = slots - 1;
        for index in 0..self.ends.len() {
            // The stored half of the hash places up to 2^32 slots, which is more than `u32` counts.
            let mut slot = self.hashes[index] as usize & mask;
            while self.slots[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = index as u32 + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_is_new_once() {
        let mut table = Table::default();
        for round in 0..2 {
            for number in 0..1000u32 {
                assert_eq!(table.insert(&number.to_le_bytes()[..1 + number as usize % 4]), {
                    // Shorter prefixes repeat: compare with a reference.
                    let key = &number.to_le_bytes()[..1 + number as usize % 4];
                    round == 0 && (0..number).all(|n| &n.to_le_bytes()[..1 + n as usize % 4] != key)
                });
            }
        }
        assert_eq!(table.get(1), &[1, 0]);
        assert!(table.insert(b""));
        assert!(!table.insert(b""));
    }
}
