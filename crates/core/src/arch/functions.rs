//! Functions of which more is known than their code.

use super::Function;

pub(crate) const fn add(a: u64, b: u64) -> u64 {
    a.wrapping_add(b)
}

pub(crate) const fn xor(a: u64, b: u64) -> u64 {
    a ^ b
}

pub(crate) const fn and(a: u64, b: u64) -> u64 {
    a & b
}

pub(crate) const fn or(a: u64, b: u64) -> u64 {
    a | b
}

pub(crate) const fn min(a: u64, b: u64) -> u64 {
    if (a as i64) < b as i64 { a } else { b }
}

pub(crate) const fn max(a: u64, b: u64) -> u64 {
    if a as i64 > b as i64 { a } else { b }
}

pub(crate) const fn minu(a: u64, b: u64) -> u64 {
    if a < b { a } else { b }
}

pub(crate) const fn maxu(a: u64, b: u64) -> u64 {
    if a > b { a } else { b }
}

/// 1 if the first is less, unsigned.
pub(crate) const fn below(a: u64, b: u64) -> u64 {
    (a < b) as u64
}

/// 1 if the first is 0.
pub(crate) const fn is_zero(a: u64, _: u64) -> u64 {
    (a == 0) as u64
}

impl Function {
    /// Whichever of two values it is called with first, does the old value come to the same?
    pub(crate) fn takes_any_order(self) -> bool {
        self.is_one_of(&[add, xor, and, or, min, max, minu, maxu])
    }

    /// Does each bit of what it comes to depend on the same bit of either value alone?
    pub(crate) fn is_bitwise(self) -> bool {
        self.is_one_of(&[xor, and, or])
    }

    /// Is it 1 where the first value is less than the second, unsigned, and else 0?
    pub(crate) fn is_below(self) -> bool {
        self.is_one_of(&[below])
    }

    /// Is it 1 where the first value is 0, and else 0?
    pub(crate) fn is_zero_test(self) -> bool {
        self.is_one_of(&[is_zero])
    }

    fn is_one_of(self, functions: &[fn(u64, u64) -> u64]) -> bool {
        functions.iter().any(|f| Function(*f) == self)
    }
}
