//! A proposition while it is read: its terms and comparisons by their spelling, so that what stands in a
//! condition again and again is read once.

use crate::litmus::{Compared, Comparison, Located, Proposition, Span, Term, TermId};

use super::token::{below, blank, plain_length};

/// What stands where no comparison is kept.
const NOTHING: Compared = Compared {
    left: TermId::new(0),
    comparison: Comparison::Equal,
    right: TermId::new(0),
    span: Span { start: 0, end: 0 },
};

/// A proposition while it is read.
pub(super) struct Draft<'a> {
    pub(super) read: Proposition,
    /// For each of its terms how it is spelled, if in a few bytes.
    short: Vec<u64>,
    /// The terms that are spelled in more.
    pub(super) long: Vec<(&'a [u8], bool, TermId)>,
    /// The first comparisons of a few bytes, by their spelling, and how many these are.
    compared: [(u64, Compared); KEPT],
    kept: usize,
}

/// So many comparisons are looked for among those that were read.
const KEPT: usize = 12;

impl<'a> Draft<'a> {
    pub(super) fn new() -> Draft<'a> {
        Draft {
            read: Proposition::empty(),
            short: Vec::with_capacity(16),
            long: Vec::new(),
            compared: [(0, NOTHING); KEPT],
            kept: 0,
        }
    }

    /// The comparison with this spelling, if it is kept.
    #[inline(always)]
    pub(super) fn same_comparison(&self, key: u64) -> Option<Compared> {
        let (_, known) = self.compared[..self.kept].iter().find(|(known, _)| *known == key)?;
        Some(*known)
    }

    /// Keeps a comparison if there is room.
    #[inline(always)]
    pub(super) fn keep(&mut self, key: u64, compared: Compared) {
        if let Some(free) = self.compared.get_mut(self.kept) {
            *free = (key, compared);
            self.kept += 1;
        }
    }

    /// The term with this key.
    #[inline(always)]
    pub(super) fn of_key(&self, key: u64) -> Option<TermId> {
        self.short.iter().position(|short| *short == key).map(TermId::new)
    }

    /// Adds a term.
    #[inline]
    pub(super) fn add(&mut self, key: u64, term: Located<Term>) -> TermId {
        self.short.push(key);
        self.read.add_term(term)
    }

    /// The term that is spelled like the first `length` bytes of `i`, if there was one before. (On the
    /// left `x` is a place, on the right an address.)
    pub(super) fn known(&self, i: &[u8], length: usize, is_place: bool) -> Result<TermId, u64> {
        let key = short(i, length, is_place);
        let found = if key == LONG {
            let same =
                |(text, place, _): &&(&[u8], bool, _)| *place == is_place && **text == i[..length];
            self.long.iter().find(same).map(|(.., id)| *id)
        } else {
            self.of_key(key)
        };
        found.ok_or(key)
    }

    /// The term in front if it was read before, spelled the same in a few bytes of names, numbers and
    /// colons, and what follows it: so it is with nearly all terms of long conditions.
    #[inline(always)]
    pub(super) fn again(&self, i: &'a [u8], hand: Hand) -> Option<(&'a [u8], TermId)> {
        // What stands on the left is nearly always a place, and on the right a value.
        let length = plain_length(i);
        let key = short(i, length, hand == Hand::Left);
        if key == LONG {
            return None;
        }
        let known = self.short.iter().position(|short| *short == key)?;
        let rest = &i[length..];
        let ends = match hand {
            Hand::Left => matches!(blank(rest), [b'=' | b'!' | b'<', ..]),
            Hand::Right => ends_comparison(rest),
        };
        ends.then_some((rest, TermId::new(known)))
    }
}

/// On which side of a comparison something stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    Left,
    Right,
}

/// The key of a spelling that is too long for one.
pub(super) const LONG: u64 = 0;

/// Does a comparison end here, and neither its last name nor its last number go on?
#[inline(always)]
pub(super) fn ends_comparison(i: &[u8]) -> bool {
    matches!(blank(i), [] | [b')' | b'/' | b'\\', ..])
}

/// Up to seven bytes in front of a blank, a `)` or a mark like these as one number, and how many they are.
#[inline(always)]
pub(super) fn spelling(i: &[u8]) -> Option<(u64, usize)> {
    let word = u64::from_le_bytes(first_bytes(i));
    let length = below(word, b')' + 1)?;
    Some((word & ((1 << (8 * length)) - 1), length))
}

/// The first bytes, or zeros behind the last.
#[inline(always)]
fn first_bytes(i: &[u8]) -> [u8; 8] {
    i.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [0; 8];
        bytes[..i.len()].copy_from_slice(i);
        bytes
    })
}

/// Up to seven bytes, their number and the kind of term in one number, which is compared at once: nearly
/// all terms are so short.
#[inline(always)]
pub(super) fn short(i: &[u8], length: usize, is_place: bool) -> u64 {
    if length > 7 {
        return LONG;
    }
    let bytes = u64::from_le_bytes(first_bytes(i)) & ((1 << (8 * length)) - 1);
    bytes | (length as u64) << 57 | u64::from(is_place) << 56
}
