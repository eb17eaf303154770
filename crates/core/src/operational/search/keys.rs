//! States by their keys, which are byte strings.

use std::hash::Hasher;

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use crate::operational::compile::push;

/// Byte strings, each stored once.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// The strings one behind the other, each after its length in LEB128, and whole in one piece.
    pieces: Vec<Vec<u8>>,
    /// Bytes of memory that all pieces but the last take.
    full: usize,
    /// Where each string begins, by its hash: the piece in the upper half, the place in the lower one.
    starts: HashTable<u64>,
}

/// Strings of a table whose allocations are kept.
const MOST_KEPT: usize = 1 << 12;
/// Bytes of a piece, if no string is longer. The first one grows up to it.
const PIECE: usize = 1 << 16;
/// Bytes of the longest length.
const LONGEST_LENGTH: usize = 10;

/// The hash that [`Keys`] uses.
pub(crate) fn hash(key: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(key);
    hasher.finish()
}

impl Keys {
    /// Empties it and keeps the allocations, unless they are large.
    pub(crate) fn clear(&mut self) {
        if self.starts.capacity() > MOST_KEPT || self.pieces.len() > 1 {
            *self = Keys::default();
        }
        self.pieces.iter_mut().for_each(Vec::clear);
        self.starts.clear();
    }

    /// How many strings there are.
    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// Bytes of memory that it takes, or will when there are so many more: a table that grows is there twice for a
    /// moment, once of double size.
    pub(crate) fn memory(&self, more: usize) -> usize {
        let soon = self.starts.capacity() - self.starts.len() < more;
        let last = self.pieces.last().map_or(0, Vec::capacity);
        self.full + last + self.starts.allocation_size() * if soon { 3 } else { 1 }
    }

    /// All strings, in order of insertion; their memory is given back on the way.
    pub(crate) fn drain(self, mut each: impl FnMut(&[u8])) {
        let Keys { pieces, starts, .. } = self;
        drop(starts);
        for piece in pieces {
            let mut rest = &piece[..];
            while let Some((key, behind)) = split(rest) {
                each(key);
                rest = behind;
            }
        }
    }

    /// Adds `key`, whose hash is known; says whether it was new.
    pub(crate) fn insert(&mut self, key: &[u8], hash: u64) -> bool {
        let Keys { pieces, starts, .. } = self;
        let at = |start: &u64| {
            let from = &pieces[(*start >> 32) as usize][*start as u32 as usize..];
            split(from).map_or(&[][..], |(key, _)| key)
        };
        if starts.find(hash, |start| at(start) == key).is_some() {
            return false;
        }
        let fits = |piece: &Vec<u8>| piece.is_empty() || piece.len() + key.len() < PIECE;
        let last = pieces.len().saturating_sub(1);
        let start = match pieces.last() {
            Some(piece) if fits(piece) => (last as u64) << 32 | piece.len() as u64,
            _ => (pieces.len() as u64) << 32,
        };
        starts.insert_unique(hash, start, |start| self::hash(at(start)));
        self.append(key, start);
        true
    }

    /// Writes a string to its place behind all others.
    fn append(&mut self, key: &[u8], start: u64) {
        let piece = (start >> 32) as usize;
        if piece == self.pieces.len() {
            self.full += self.pieces.last().map_or(0, Vec::capacity);
            let least = if piece == 0 { 0 } else { PIECE + LONGEST_LENGTH };
            self.pieces.push(Vec::with_capacity(least));
        }
        push(&mut self.pieces[piece], key.len() as u64);
        self.pieces[piece].extend_from_slice(key);
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

    fn add(keys: &mut Keys, key: &[u8]) -> bool {
        keys.insert(key, hash(key))
    }

    #[test]
    fn every_string_is_new_once() {
        let mut keys = Keys::default();
        let key = |number: u32| number.to_le_bytes()[..1 + number as usize % 4].to_vec();
        for round in 0..2 {
            for number in 0..1000 {
                // Shorter prefixes repeat: compare with a reference.
                let new = round == 0 && (0..number).all(|n| key(n) != key(number));
                assert_eq!(add(&mut keys, &key(number)), new);
            }
        }
        assert!(add(&mut keys, b"") && !add(&mut keys, b""));
        keys.clear();
        assert!(keys.len() == 0 && add(&mut keys, b""));
    }

    #[test]
    fn strings_fill_piece_after_piece() {
        let mut keys = Keys::default();
        let key = |number: usize| vec![number as u8; 1 + number * number % 100_000];
        for number in 0..200 {
            assert!(add(&mut keys, &key(number)) && !add(&mut keys, &key(number)));
        }
        let bytes: usize = (0..200).map(|number| key(number).len()).sum();
        let room = keys.memory(0) - keys.starts.allocation_size();
        assert!(keys.pieces.len() > 10 && room >= bytes && room < 2 * bytes, "{room} {bytes}");
        let mut drained = 0;
        keys.drain(|found| {
            assert_eq!(found, key(drained));
            drained += 1;
        });
        assert_eq!(drained, 200);
    }
}
