//! A set of byte strings: the states that were met.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// Byte strings, each stored once.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// One behind the other, each after its length in LEB128.
    bytes: Vec<u8>,
    count: usize,
    /// Open addressing, a power of two long: 0 for a free slot, else where a string begins plus one,
    /// and above that [`TAG_BITS`] of its hash.
    slots: Vec<u64>,
}

/// Bits of a slot that say without a look at the string that it is another one.
const TAG_BITS: u32 = 24;
const PLACE_BITS: u32 = 64 - TAG_BITS;
/// Slots of a table that begins.
const FEW: usize = 32;

/// The hash that [`Table`] uses: slots are chosen by its lowest bits, tags are its highest.
pub(super) fn hash(key: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(key);
    hasher.finish()
}

impl Table {
    /// Empties it and keeps the allocations, unless they are large.
    pub(super) fn clear(&mut self) {
        if self.slots.len() > 1 << 12 {
            *self = Table::default();
        }
        self.bytes.clear();
        self.count = 0;
        self.slots.fill(0);
    }

    /// How many strings there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity() + 8 * self.slots.len()
    }

    /// All strings, in order of insertion.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let key = self.get(at)?;
            at = key.end;
            Some(&self.bytes[key])
        })
    }

    /// Where the string that begins at `at` stands, behind its length.
    #[inline]
    fn get(&self, at: usize) -> Option<std::ops::Range<usize>> {
        let (mut length, mut shift, mut start) = (0, 0, at);
        loop {
            let byte = *self.bytes.get(start)?;
            start += 1;
            length |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(start..start + length);
            }
            shift += 7;
        }
    }

    /// Adds `key`; says whether it was new.
    pub(super) fn insert(&mut self, key: &[u8]) -> bool {
        self.insert_hashed(key, hash(key))
    }

    /// As [`Table::insert`], for a hash that is known already.
    pub(super) fn insert_hashed(&mut self, key: &[u8], hash: u64) -> bool {
        if 4 * (self.count + 1) > 3 * self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let entry = self.slots[slot];
            if entry == 0 {
                break;
            }
            let place = (entry & ((1 << PLACE_BITS) - 1)) as usize - 1;
            if entry >> PLACE_BITS == hash >> PLACE_BITS
                && self.get(place).is_some_and(|known| self.bytes[known] == *key)
            {
                return false;
            }
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = entry(self.bytes.len(), hash);
        super::key::push(&mut self.bytes, key.len() as u64);
        self.bytes.extend_from_slice(key);
        self.count += 1;
        true
    }

    fn grow(&mut self) {
        let slots = (2 * self.slots.len()).max(FEW);
        self.slots.clear();
        self.slots.resize(slots, 0);
        let mut at = 0;
        while let Some(key) = self.get(at) {
            let hash = hash(&self.bytes[key.clone()]);
            let mut slot = hash as usize & (slots - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (slots - 1);
            }
            self.slots[slot] = entry(at, hash);
            at = key.end;
        }
    }
}

fn entry(place: usize, hash: u64) -> u64 {
    hash >> PLACE_BITS << PLACE_BITS | (place as u64 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_is_new_once() {
        let mut table = Table::default();
        let key = |number: u32| number.to_le_bytes()[..1 + number as usize % 4].to_vec();
        for round in 0..2 {
            for number in 0..1000 {
                // Shorter prefixes repeat: compare with a reference.
                let new = round == 0 && (0..number).all(|n| key(n) != key(number));
                assert_eq!(table.insert(&key(number)), new);
            }
        }
        assert_eq!((table.iter().nth(1), table.iter().count()), (Some(&[1, 0][..]), table.len()));
        assert!(table.insert(b"") && !table.insert(b""));
        let long = vec![7; 1000];
        assert!(table.insert(&long) && !table.insert(&long));
        table.clear();
        assert!(table.len() == 0 && table.iter().next().is_none() && table.insert(b""));
    }
}
