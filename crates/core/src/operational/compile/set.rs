//! Sets of small numbers: memory operations by their place on a path, cells by their index.
//!
//! A test of the usual size needs one word for such a set, and gets it: the whole machine is generic
//! over the set, and an exploration takes the smallest that is large enough.

use std::fmt::Debug;
use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, Not};

/// A set of numbers below [`Set::BITS`].
pub(crate) trait Set:
    Copy
    + Default
    + PartialEq
    + Debug
    + Send
    + Sync
    + 'static
    + BitAnd<Output = Self>
    + BitAndAssign
    + BitOr<Output = Self>
    + BitOrAssign
    + Not<Output = Self>
{
    /// Words of a state that a set takes.
    const WORDS: usize;
    /// How many numbers there are.
    const BITS: usize = 64 * Self::WORDS;
    const EMPTY: Self;
    const FULL: Self;

    /// The set of one number.
    fn only(member: usize) -> Self;
    /// The numbers below `count`, which may be [`Set::BITS`].
    fn below(count: usize) -> Self;
    fn has(&self, member: usize) -> bool;
    fn insert(&mut self, member: usize);
    fn without(self, member: usize) -> Self;
    fn is_empty(&self) -> bool;
    fn len(&self) -> usize;
    fn first(&self) -> Option<usize>;
    fn last(&self) -> Option<usize>;
    /// Takes the first member out. No word before `word` has one; it is moved on to the member's.
    fn take_first(&mut self, word: &mut usize) -> Option<usize>;
    /// Do the two have a common member?
    fn meets(&self, other: Self) -> bool;
    /// Is each member one of `other`?
    fn within(&self, other: Self) -> bool;
    /// Reads the set that [`Set::put`] wrote.
    fn get(words: &[u64]) -> Self;
    /// Writes the set to the first [`Set::WORDS`] words.
    fn put(&self, words: &mut [u64]);
    /// A hash of the set and of what was hashed before.
    fn hash(&self, before: u64) -> u64;

    /// `self` if `condition`, else nothing.
    fn when(self, condition: bool) -> Self {
        if condition { self } else { Self::EMPTY }
    }

    /// The numbers from `start` on.
    fn since(start: usize) -> Self {
        !Self::below(start)
    }

    /// The members that `keep` is true of.
    #[inline]
    fn filter(self, keep: impl Fn(usize) -> bool) -> Self {
        let mut kept = Self::EMPTY;
        self.members().filter(|member| keep(*member)).for_each(|member| kept.insert(member));
        kept
    }

    /// The members, lowest first.
    fn members(self) -> Members<Self> {
        Members { rest: self, word: 0 }
    }
}

/// The members of a set, lowest first.
pub(crate) struct Members<S> {
    rest: S,
    /// Where the next one is, or a word before that.
    word: usize,
}

impl<S: Set> Iterator for Members<S> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        self.rest.take_first(&mut self.word)
    }
}

impl Set for u64 {
    const WORDS: usize = 1;
    const EMPTY: u64 = 0;
    const FULL: u64 = u64::MAX;

    #[inline]
    fn only(member: usize) -> u64 {
        1 << member
    }

    #[inline]
    fn below(count: usize) -> u64 {
        if count >= 64 { u64::MAX } else { (1 << count) - 1 }
    }

    #[inline]
    fn has(&self, member: usize) -> bool {
        *self >> member & 1 != 0
    }

    #[inline]
    fn insert(&mut self, member: usize) {
        *self |= 1 << member;
    }

    #[inline]
    fn without(self, member: usize) -> u64 {
        self & !(1 << member)
    }

    #[inline]
    fn is_empty(&self) -> bool {
        *self == 0
    }

    #[inline]
    fn len(&self) -> usize {
        self.count_ones() as usize
    }

    #[inline]
    fn first(&self) -> Option<usize> {
        (*self != 0).then(|| self.trailing_zeros() as usize)
    }

    #[inline]
    fn last(&self) -> Option<usize> {
        (*self != 0).then(|| 63 - self.leading_zeros() as usize)
    }

    #[inline]
    fn take_first(&mut self, _: &mut usize) -> Option<usize> {
        let first = self.first()?;
        *self &= *self - 1;
        Some(first)
    }

    #[inline]
    fn meets(&self, other: u64) -> bool {
        *self & other != 0
    }

    #[inline]
    fn within(&self, other: u64) -> bool {
        *self & !other == 0
    }

    #[inline]
    fn get(words: &[u64]) -> u64 {
        words[0]
    }

    #[inline]
    fn put(&self, words: &mut [u64]) {
        words[0] = *self;
    }

    #[inline]
    fn hash(&self, before: u64) -> u64 {
        mix(before, *self)
    }
}

/// A hash of a word and of what was hashed before: a product of 128 bits, folded.
#[inline]
pub(crate) fn mix(before: u64, word: u64) -> u64 {
    let product = u128::from(before ^ word) * 0x9E37_79B9_7F4A_7C15;
    product as u64 ^ (product >> 64) as u64
}

/// A set of `W` words.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct WideSet<const W: usize>([u64; W]);

impl<const W: usize> Default for WideSet<W> {
    fn default() -> Self {
        Self::EMPTY
    }
}

macro_rules! word_by_word {
    ($($op:ident $method:ident $assign:ident $assign_method:ident),*) => {$(
        impl<const W: usize> $op for WideSet<W> {
            type Output = Self;

            fn $method(mut self, other: Self) -> Self {
                self.$assign_method(other);
                self
            }
        }

        impl<const W: usize> $assign for WideSet<W> {
            fn $assign_method(&mut self, other: Self) {
                self.0.iter_mut().zip(&other.0).for_each(|(a, b)| a.$assign_method(*b));
            }
        }
    )*};
}

word_by_word!(BitAnd bitand BitAndAssign bitand_assign, BitOr bitor BitOrAssign bitor_assign);

impl<const W: usize> Not for WideSet<W> {
    type Output = Self;

    fn not(self) -> Self {
        WideSet(self.0.map(|word| !word))
    }
}

impl<const W: usize> Set for WideSet<W> {
    const WORDS: usize = W;
    const EMPTY: Self = WideSet([0; W]);
    const FULL: Self = WideSet([u64::MAX; W]);

    fn only(member: usize) -> Self {
        let mut words = [0; W];
        words[member / 64] = 1 << (member % 64);
        WideSet(words)
    }

    fn below(count: usize) -> Self {
        let mut words = [0; W];
        for (index, word) in words.iter_mut().enumerate() {
            *word = u64::below(count.saturating_sub(64 * index));
        }
        WideSet(words)
    }

    #[inline]
    fn has(&self, member: usize) -> bool {
        self.0[member / 64].has(member % 64)
    }

    #[inline]
    fn insert(&mut self, member: usize) {
        self.0[member / 64].insert(member % 64);
    }

    #[inline]
    fn without(mut self, member: usize) -> Self {
        self.0[member / 64] &= !(1 << (member % 64));
        self
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    fn len(&self) -> usize {
        self.0.iter().map(|word| word.len()).sum()
    }

    fn first(&self) -> Option<usize> {
        let index = self.0.iter().position(|word| *word != 0)?;
        self.0[index].first().map(|bit| 64 * index + bit)
    }

    fn last(&self) -> Option<usize> {
        let index = self.0.iter().rposition(|word| *word != 0)?;
        self.0[index].last().map(|bit| 64 * index + bit)
    }

    fn take_first(&mut self, word: &mut usize) -> Option<usize> {
        *word += self.0[*word..].iter().position(|word| *word != 0)?;
        self.0[*word].take_first(&mut 0).map(|bit| 64 * *word + bit)
    }

    fn meets(&self, other: Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a.meets(*b))
    }

    fn within(&self, other: Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a.within(*b))
    }

    fn get(words: &[u64]) -> Self {
        let mut set = [0; W];
        set.copy_from_slice(&words[..W]);
        WideSet(set)
    }

    fn put(&self, words: &mut [u64]) {
        words[..W].copy_from_slice(&self.0);
    }

    fn hash(&self, before: u64) -> u64 {
        self.0.iter().fold(before, |hash, word| mix(hash, *word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behaves<S: Set>() {
        let numbers = [0, 1, 63, S::BITS / 2, S::BITS - 1];
        let mut set = S::EMPTY;
        for number in numbers {
            set.insert(number);
            assert!(set.has(number));
        }
        let mut sorted = numbers.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(set.members().collect::<Vec<_>>(), sorted);
        assert_eq!((set.first(), set.last()), (Some(0), Some(S::BITS - 1)));
        assert_eq!((S::EMPTY.first(), S::EMPTY.last()), (None, None));
        assert_eq!(set.len(), sorted.len());
        let mut words = vec![7; S::WORDS + 1];
        set.put(&mut words);
        assert_eq!((S::get(&words), words[S::WORDS]), (set, 7));
        for count in [0, 1, 63, 64, S::BITS - 1, S::BITS] {
            let below = S::below(count);
            assert_eq!(below.len(), count);
            assert_eq!(below | S::since(count), S::FULL);
            assert_eq!(below.members().last(), count.checked_sub(1));
        }
        assert!(S::only(1).within(set) && !set.within(S::only(1)));
        assert!(!set.without(63).meets(S::only(63)));
        assert_eq!(set.when(false), S::EMPTY);
    }

    #[test]
    fn all_widths_behave_alike() {
        behaves::<u64>();
        behaves::<WideSet<1>>();
        behaves::<WideSet<16>>();
    }
}
