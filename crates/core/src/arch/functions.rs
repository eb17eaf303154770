//! Functions of two values, and what is known of some besides their code.

/// A function of two values.
///
/// Which function it is must not be asked of its code's address: a compiler may give one function two addresses, and
/// two functions one.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    code: fn(u64, u64) -> u64,
    known: Known,
}

/// The functions of which more is known than their code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Known {
    Add,
    Xor,
    And,
    Or,
    Min,
    Max,
    MinUnsigned,
    MaxUnsigned,
    Below,
    IsZero,
    /// None of these, for all that is known.
    Other,
}

impl Function {
    /// The sum, modulo 2^64.
    pub const ADD: Function = Function::known(Known::Add, |a, b| a.wrapping_add(b));
    /// Bits that differ.
    pub const XOR: Function = Function::known(Known::Xor, |a, b| a ^ b);
    /// Bits set in both.
    pub const AND: Function = Function::known(Known::And, |a, b| a & b);
    /// Bits set in either.
    pub const OR: Function = Function::known(Known::Or, |a, b| a | b);
    /// The lower, signed.
    pub const MIN: Function =
        Function::known(Known::Min, |a, b| if (a as i64) < b as i64 { a } else { b });
    /// The higher, signed.
    pub const MAX: Function =
        Function::known(Known::Max, |a, b| if a as i64 > b as i64 { a } else { b });
    /// The lower, unsigned.
    pub const MIN_UNSIGNED: Function =
        Function::known(Known::MinUnsigned, |a, b| if a < b { a } else { b });
    /// The higher, unsigned.
    pub const MAX_UNSIGNED: Function =
        Function::known(Known::MaxUnsigned, |a, b| if a > b { a } else { b });
    /// 1 if the first is less, unsigned, else 0.
    pub const BELOW: Function = Function::known(Known::Below, |a, b| (a < b) as u64);
    /// 1 if the first is 0, else 0.
    pub const IS_ZERO: Function = Function::known(Known::IsZero, |a, _| (a == 0) as u64);

    const fn known(known: Known, code: fn(u64, u64) -> u64) -> Function {
        Function { code, known }
    }

    /// Any function, of which nothing is known but its code.
    #[must_use]
    pub const fn new(code: fn(u64, u64) -> u64) -> Function {
        Function { code, known: Known::Other }
    }

    /// Its value.
    #[must_use]
    #[inline]
    pub fn apply(self, a: u64, b: u64) -> u64 {
        (self.code)(a, b)
    }

    /// A number that another function does not have. The same function may have two if nothing is known of it.
    pub(crate) fn number(self) -> usize {
        match self.known {
            Known::Other => self.code as usize,
            known => known as usize,
        }
    }

    /// Whichever of two values it is called with first, does the old value come to the same?
    pub(crate) fn takes_any_order(self) -> bool {
        use Known::{Add, And, Max, MaxUnsigned, Min, MinUnsigned, Or, Xor};
        matches!(self.known, Add | Xor | And | Or | Min | Max | MinUnsigned | MaxUnsigned)
    }

    /// Does each bit of what it comes to depend on the same bit of either value alone?
    pub(crate) fn is_bitwise(self) -> bool {
        matches!(self.known, Known::Xor | Known::And | Known::Or)
    }

    /// Is it 1 where the first value is less than the second, unsigned, and else 0?
    pub(crate) fn is_below(self) -> bool {
        self.known == Known::Below
    }

    /// Is it 1 where the first value is 0, and else 0?
    pub(crate) fn is_zero_test(self) -> bool {
        self.known == Known::IsZero
    }
}

/// Equal ones are the same function. Two of which nothing is known may be the same and yet not equal.
impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.number() == other.number()
    }
}

impl Eq for Function {}

#[cfg(test)]
mod tests {
    use super::Function;
    use crate::arch::riscv::{Operation, all};

    /// In a release build, too, where the same code may have another address in each place.
    #[test]
    fn instructions_are_known_by_what_they_compute() {
        for def in all() {
            let name = def.mnemonic;
            let (Operation::AluReg(f) | Operation::AluImm(f) | Operation::Amo(_, f)) =
                def.operation
            else {
                continue;
            };
            let start = name.trim_start_matches("amo").trim_start_matches("c.");
            let start = start.split('.').next().unwrap_or_default().trim_end_matches('i');
            let bitwise = matches!(start, "xor" | "or" | "and") && !name.starts_with("orc");
            assert_eq!(f.is_bitwise(), bitwise, "{name}");
            let commutes = bitwise || matches!(start, "add" | "min" | "max" | "minu" | "maxu");
            if matches!(def.operation, Operation::Amo(..)) {
                assert_eq!(f.takes_any_order(), commutes, "{name}");
            }
            assert_eq!(f.is_below(), matches!(name, "sltu" | "sltiu" | "snez"), "{name}");
            assert_eq!(f.is_zero_test(), name == "seqz", "{name}");
        }
        assert_eq!(Function::ADD, Function::ADD);
        assert_ne!(Function::MIN, Function::MAX);
    }
}
