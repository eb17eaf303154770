//! States as fingerprints, where their keys take more room than there is.
//!
//! A fingerprint is a hash of 128 bits with a fixed key, so that every run tells the same states apart. A state that
//! has the fingerprint of another one is taken for it, and what only it leads to is not found. Of *n* states no two
//! have one fingerprint but with a chance below *n*²/2¹²⁹, which is less than 10⁻²⁰ for two billion states.

use xxhash_rust::xxh3::xxh3_128_with_seed;

/// The key of the hash.
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;
/// Independent parts at most: only one at a time is there twice, when it grows.
const MOST_PARTS: usize = 8;
/// Fingerprints of a part that is worth while.
const PART: usize = 1 << 12;
/// A slot without a fingerprint.
const GAP: u128 = 0;
/// Slots behind the last home. A row that comes to their end is lengthened by as many.
const BEHIND: usize = 8;

/// Fingerprints, each stored once, in a quarter more than their own room.
#[derive(Debug)]
pub(crate) struct Fingerprints {
    parts: Box<[Part]>,
}

/// Fingerprints in ascending order, with gaps. Each has a *home*, its place if they were spread evenly, and stands there
/// or behind it, no gap between.
#[derive(Debug)]
struct Part {
    slots: Vec<u128>,
    homes: usize,
    len: usize,
    /// How many parts there are.
    parts: usize,
}

impl Fingerprints {
    /// None yet, room for about so many.
    pub(crate) fn new(expected: usize) -> Fingerprints {
        let parts = (expected / PART).clamp(1, MOST_PARTS);
        Fingerprints { parts: (0..parts).map(|_| Part::new(parts)).collect() }
    }

    /// Adds a key; says whether it was new.
    pub(crate) fn insert(&mut self, key: &[u8]) -> bool {
        let fingerprint = xxh3_128_with_seed(key, SEED).max(GAP + 1);
        let part = spread(fingerprint, self.parts.len()) >> u64::BITS;
        self.parts[part as usize].insert(fingerprint)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.parts.iter().map(|part| part.len).sum()
    }

    /// Bytes of memory that they take, or will when there are so many more.
    pub(crate) fn memory(&self, more: usize) -> usize {
        self.parts.iter().map(|part| part.memory(more / self.parts.len())).sum()
    }
}

/// The upper half of a fingerprint as a place among so many, in units of 2⁻⁶⁴.
fn spread(fingerprint: u128, places: usize) -> u128 {
    (fingerprint >> u64::BITS) * places as u128
}

impl Part {
    fn new(parts: usize) -> Part {
        Part { slots: Vec::new(), homes: 0, len: 0, parts }
    }

    fn home(&self, fingerprint: u128) -> usize {
        // Where in its part it belongs.
        let share = u128::from(spread(fingerprint, self.parts) as u64);
        ((share * self.homes as u128) >> u64::BITS) as usize
    }

    /// Is there to be more room before it has so many more?
    fn is_full(&self, more: usize) -> bool {
        8 * (self.len + more) > 7 * self.homes
    }

    fn grown(&self) -> usize {
        self.homes + self.homes / 4 + 2 * BEHIND
    }

    fn memory(&self, more: usize) -> usize {
        let slots = self.slots.capacity();
        let soon = self.len > 0 && self.is_full(more);
        size_of::<u128>() * if soon { slots.max(self.grown() + BEHIND) } else { slots }
    }

    fn insert(&mut self, fingerprint: u128) -> bool {
        if self.is_full(1) {
            self.grow();
        }
        let mut at = self.home(fingerprint);
        while self.slots[at] != GAP && self.slots[at] < fingerprint {
            at += 1;
            self.reach(at);
        }
        if self.slots[at] == fingerprint {
            return false;
        }
        // What stands there and behind it makes way.
        let mut gap = at;
        while self.slots[gap] != GAP {
            gap += 1;
            self.reach(gap);
        }
        self.slots.copy_within(at..gap, at + 1);
        self.slots[at] = fingerprint;
        self.len += 1;
        true
    }

    /// Lengthens the row if there is no such slot.
    fn reach(&mut self, slot: usize) {
        if slot >= self.slots.len() {
            self.slots.reserve_exact(BEHIND);
            self.slots.resize(slot + BEHIND, GAP);
        }
    }

    #[cold]
    fn grow(&mut self) {
        let homes = self.grown();
        let old = std::mem::replace(&mut self.slots, vec![GAP; homes + BEHIND]);
        self.homes = homes;
        let mut next = 0;
        for fingerprint in old.into_iter().filter(|slot| *slot != GAP) {
            let at = self.home(fingerprint).max(next);
            self.reach(at);
            self.slots[at] = fingerprint;
            next = at + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_new_once() {
        let mut table = Fingerprints::new(100_000);
        for round in 0..2 {
            for number in 0..100_000_u64 {
                assert_eq!(table.insert(&number.to_le_bytes()), round == 0);
            }
        }
        assert_eq!(table.len(), 100_000);
        // A slot takes 16 bytes, and seven to nine of twelve are taken.
        assert!(table.memory(0) < 24 * table.len(), "{}", table.memory(0));
    }

    #[test]
    fn crowded_fingerprints_find_their_places() {
        // All have the last home, or all the first.
        for high in [u128::MAX << 70, 0] {
            let mut part = Part::new(1);
            let mut expected = Vec::new();
            for number in 1..2000_u128 {
                let fingerprint = high | (number * 7919 % 2000 + 1);
                assert_eq!(part.insert(fingerprint), !expected.contains(&fingerprint));
                expected.push(fingerprint);
                assert!(!part.insert(expected[expected.len() / 2]));
            }
            expected.sort_unstable();
            expected.dedup();
            let kept: Vec<u128> = part.slots.iter().copied().filter(|slot| *slot != GAP).collect();
            assert_eq!((part.len, kept), (expected.len(), expected));
        }
    }
}
