//! What an expression may come to when some of what it is computed from is not known yet.
//!
//! A value is known byte by byte: which values each byte may have, whatever the others have. So every operation
//! here takes a value for more than it is, never for less.

use super::{Expr, ExprId, Exprs};
use crate::arch::Function;
use crate::operational::compile::set::Set;

/// Values that one byte may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Bytes([u64; 4]);

/// Values that an expression may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(clippy::large_enum_variant, reason = "none is kept, and most are of one value")]
pub(crate) enum Possible {
    /// Just this one.
    Only(u64),
    /// Each byte one of these.
    Bytes([Bytes; 8]),
}

/// Values, or pairs of them, that a function is tried with one by one, at most.
const MOST_TRIED: usize = 16;
/// Pairs of bytes that a function is tried with, at most.
const MOST_BYTES_TRIED: usize = 256;

impl Bytes {
    const NONE: Bytes = Bytes([0; 4]);
    const ALL: Bytes = Bytes([u64::MAX; 4]);

    fn only(byte: u8) -> Bytes {
        let mut only = Bytes::NONE;
        only.insert(byte);
        only
    }

    fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    fn insert_those(&mut self, other: Bytes) {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| *own |= other);
    }

    fn has_zero(self) -> bool {
        self.0[0] & 1 == 1
    }

    fn len(self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    fn members(self) -> impl Iterator<Item = u8> {
        self.0.into_iter().enumerate().flat_map(|(index, mut word)| {
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros();
                word &= word.wrapping_sub(1);
                (bit < 64).then(|| 64 * index as u8 + bit as u8)
            })
        })
    }
}

impl Possible {
    /// Anything.
    pub(crate) const ANY: Possible = Possible::Bytes([Bytes::ALL; 8]);

    /// Nothing yet.
    pub(crate) fn none() -> Possible {
        Possible::Bytes([Bytes::NONE; 8])
    }

    fn bytes(&self) -> [Bytes; 8] {
        match self {
            Possible::Only(value) => value.to_le_bytes().map(Bytes::only),
            Possible::Bytes(bytes) => *bytes,
        }
    }

    /// The same, as the one value if there is no other.
    fn narrowed(self) -> Possible {
        match self.bytes() {
            bytes if bytes.iter().all(|byte| byte.len() == 1) => {
                let first = |byte: Bytes| byte.members().next().unwrap_or_default();
                Possible::Only(u64::from_le_bytes(bytes.map(first)))
            }
            bytes => Possible::Bytes(bytes),
        }
    }

    /// The `count` bytes from `first` on may also be those of `value`.
    pub(crate) fn insert(&mut self, first: u64, count: u64, value: u64) {
        let value = value.to_le_bytes();
        self.change(first, count, |own, index| own.insert(value[index]));
    }

    /// The `count` bytes from `first` on may be anything.
    pub(crate) fn insert_all(&mut self, first: u64, count: u64) {
        self.change(first, count, |own, _| *own = Bytes::ALL);
    }

    /// The `count` bytes from `first` on may also be what the first of `other` may be.
    pub(crate) fn insert_those(&mut self, first: u64, count: u64, other: &Possible) {
        match other {
            Possible::Only(value) => self.insert(first, count, *value),
            Possible::Bytes(bytes) => {
                self.change(first, count, |own, index| own.insert_those(bytes[index]));
            }
        }
    }

    fn change(&mut self, first: u64, count: u64, mut to: impl FnMut(&mut Bytes, usize)) {
        if let Possible::Only(_) = self {
            *self = Possible::Bytes(self.bytes());
        }
        let Possible::Bytes(bytes) = self else { return };
        let bytes = &mut bytes[first as usize..(first + count) as usize];
        bytes.iter_mut().enumerate().for_each(|(index, own)| to(own, index));
    }

    /// The value of so many bytes, extended to 8: with zeros, or with whatever its sign may come to.
    pub(crate) fn extended(self, count: u64, signed: bool) -> Possible {
        let mut bytes = self.bytes();
        let (own, rest) = bytes.split_at_mut(count as usize);
        let mut filling = Bytes::NONE;
        let sign = own.last().map_or(Bytes::NONE, |last| *last).members().map(|byte| byte >= 0x80);
        sign.for_each(|negative| filling.insert(if signed && negative { 0xff } else { 0 }));
        rest.fill(filling);
        Possible::Bytes(bytes).narrowed()
    }

    /// The value, if there is only one.
    pub(crate) fn value(&self) -> Option<u64> {
        match self {
            Possible::Only(value) => Some(*value),
            Possible::Bytes(_) => None,
        }
    }

    /// Is it 0, or not, for certain?
    fn is_zero(&self) -> Option<bool> {
        match self {
            Possible::Only(value) => Some(*value == 0),
            Possible::Bytes(bytes) if bytes.iter().any(|byte| !byte.has_zero()) => Some(false),
            Possible::Bytes(_) => None,
        }
    }

    /// How many values there are; or many.
    fn count(&self) -> usize {
        match self {
            Possible::Only(_) => 1,
            Possible::Bytes(bytes) => {
                bytes.iter().fold(1, |count: usize, byte| count.saturating_mul(byte.len()))
            }
        }
    }

    fn values(&self) -> Vec<u64> {
        let Possible::Bytes(bytes) = self else { return self.value().into_iter().collect() };
        let mut values = vec![0];
        for (index, bytes) in bytes.iter().enumerate() {
            let with =
                |value: u64| bytes.members().map(move |b| value | u64::from(b) << (8 * index));
            values = values.iter().flat_map(|value| with(*value)).collect();
        }
        values
    }

    /// 1 or 0, or either.
    fn truth(known: Option<bool>) -> Possible {
        match known {
            Some(known) => Possible::Only(known.into()),
            None => Possible::Only(0).or(&Possible::Only(1)),
        }
    }

    fn apply(f: Function, a: &Possible, b: &Possible) -> Possible {
        if let (Possible::Only(a), Possible::Only(b)) = (a, b) {
            return Possible::Only(f.apply(*a, *b));
        }
        match (a, b) {
            _ if f.is_zero_test() => return Possible::truth(a.is_zero()),
            (Possible::Only(0), _) if f.is_below() => {
                return Possible::truth(b.is_zero().map(|is| !is));
            }
            (_, Possible::Only(1)) if f.is_below() => return Possible::truth(a.is_zero()),
            _ => {}
        }
        if f.is_bitwise() {
            let mut found = [Bytes::ALL; 8];
            for (found, (a, b)) in found.iter_mut().zip(a.bytes().iter().zip(b.bytes())) {
                if a.len() * b.len() <= MOST_BYTES_TRIED {
                    *found = Bytes::NONE;
                    for (a, b) in a.members().flat_map(|a| b.members().map(move |b| (a, b))) {
                        found.insert(f.apply(a.into(), b.into()) as u8);
                    }
                }
            }
            return Possible::Bytes(found).narrowed();
        }
        match a.count().saturating_mul(b.count()) <= MOST_TRIED {
            true => Possible::tried(|a, b| f.apply(a, b), &a.values(), &b.values()),
            false => Possible::ANY,
        }
    }

    fn tried(f: impl Fn(u64, u64) -> u64, a: &[u64], b: &[u64]) -> Possible {
        let mut found = [Bytes::NONE; 8];
        for value in a.iter().flat_map(|a| b.iter().map(|b| f(*a, *b))) {
            found.iter_mut().zip(value.to_le_bytes()).for_each(|(own, byte)| own.insert(byte));
        }
        Possible::Bytes(found).narrowed()
    }

    fn or(&self, other: &Possible) -> Possible {
        let mut either = self.bytes();
        either.iter_mut().zip(other.bytes()).for_each(|(own, other)| own.insert_those(other));
        Possible::Bytes(either).narrowed()
    }
}

impl<S: Set> Exprs<S> {
    /// What an expression may come to, given what each operation may return.
    pub(crate) fn possible(&self, id: ExprId, of: &impl Fn(usize) -> Possible) -> Possible {
        if self.is_large(id) {
            return Possible::ANY;
        }
        let part = |id| self.possible(id, of);
        match self.nodes[id.0 as usize].0 {
            Expr::Constant(value) => Possible::Only(value),
            Expr::Loaded(op) => of(op.into()),
            Expr::LoadedHigh(_) => Possible::ANY,
            Expr::Apply(f, a, b, _) => Possible::apply(f, &part(a), &part(b)),
            Expr::Test(f, a, b, _) => {
                let (a, b) = (part(a), part(b));
                match a.count().saturating_mul(b.count()) <= MOST_TRIED {
                    true => Possible::tried(|a, b| u64::from(f(a, b)), &a.values(), &b.values()),
                    false => Possible::truth(None),
                }
            }
            Expr::Select(condition, a, b, _) => match part(condition).is_zero() {
                Some(true) => part(b),
                Some(false) => part(a),
                None => part(a).or(&part(b)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Function;

    #[test]
    fn what_a_value_may_be_is_known_by_byte() {
        let mut exprs = Exprs::<u64>::default();
        let (a, b) = (exprs.loaded(0), exprs.loaded(1));
        let zero = exprs.constant(0);
        let differ = exprs.apply(Function::XOR, a, b);
        let either = exprs.apply(Function::OR, differ, a);
        let seen = exprs.apply(Function::BELOW, zero, either);
        let mut other = Possible::Only(0x0105);
        other.insert(0, 1, 0x0c);
        let of = |value: u64| move |op| if op == 0 { Possible::Only(value) } else { other };
        assert_eq!(exprs.possible(differ, &of(0x0105)).value(), None);
        assert_eq!(exprs.possible(seen, &of(0x0107)).value(), Some(1));
        assert_eq!(exprs.possible(seen, &|_| Possible::ANY).value(), None);
        let byte = other.extended(1, true);
        assert_eq!(byte.values(), [5, 12]);
        let mut high = Possible::none();
        high.insert(0, 1, 0x80);
        high.insert(0, 1, 1);
        assert_eq!(high.extended(1, false).values(), [1, 0x80]);
        assert!(high.extended(1, true).values().contains(&0xffff_ffff_ffff_ff80));
    }
}
