//! Conditions on the flags.

use super::functions::flags::{CF, OF, PF, SF, ZF};

/// A condition of `jcc`, `setcc` and `cmovcc`, in the order of encodings: each odd one negates the one before.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
#[repr(u8)]
pub enum Condition {
    Overflow,
    NotOverflow,
    Below,
    AboveEqual,
    Equal,
    NotEqual,
    BelowEqual,
    Above,
    Sign,
    NotSign,
    Parity,
    NotParity,
    Less,
    GreaterEqual,
    LessEqual,
    Greater,
}

/// The names of each condition, the usual one first: as `jcc`, as `setcc`, as `cmovcc`.
macro_rules! conditions {
    ($($condition:ident: $($name:literal),+;)+) => {
        impl Condition {
            /// All of them.
            pub const ALL: [Condition; 16] = [$(Condition::$condition),+];

            /// The mnemonics of a jump, the usual one first.
            #[must_use]
            pub const fn jumps(self) -> &'static [&'static str] {
                match self { $(Condition::$condition => &[$(concat!("j", $name)),+]),+ }
            }

            /// The mnemonics of what sets a byte.
            #[must_use]
            pub const fn sets(self) -> &'static [&'static str] {
                match self { $(Condition::$condition => &[$(concat!("set", $name)),+]),+ }
            }

            /// The mnemonics of a move.
            #[must_use]
            pub const fn moves(self) -> &'static [&'static str] {
                match self { $(Condition::$condition => &[$(concat!("cmov", $name)),+]),+ }
            }

            /// As a function of the flags: 1 if it holds.
            pub(super) const fn as_value(self) -> fn(u64, u64) -> u64 {
                match self {
                    $(Condition::$condition => |flags, _| Condition::$condition.holds(flags) as u64),+
                }
            }

            /// As a condition on the flags.
            pub(super) const fn as_test(self) -> fn(u64, u64) -> bool {
                match self { $(Condition::$condition => |flags, _| Condition::$condition.holds(flags)),+ }
            }
        }
    };
}

conditions! {
    Overflow: "o";
    NotOverflow: "no";
    Below: "b", "c", "nae";
    AboveEqual: "ae", "nb", "nc";
    Equal: "e", "z";
    NotEqual: "ne", "nz";
    BelowEqual: "be", "na";
    Above: "a", "nbe";
    Sign: "s";
    NotSign: "ns";
    Parity: "p", "pe";
    NotParity: "np", "po";
    Less: "l", "lt", "nge";
    GreaterEqual: "ge", "nl";
    LessEqual: "le", "ng";
    Greater: "g", "gt", "nle";
}

impl Condition {
    /// Does it hold of these flags?
    #[must_use]
    pub const fn holds(self, flags: u64) -> bool {
        let (cf, pf, zf) = (flags & CF != 0, flags & PF != 0, flags & ZF != 0);
        let (sf, of) = (flags & SF != 0, flags & OF != 0);
        let positive = match self as u8 >> 1 {
            0 => of,
            1 => cf,
            2 => zf,
            3 => cf || zf,
            4 => sf,
            5 => pf,
            6 => sf != of,
            _ => zf || sf != of,
        };
        positive != (self as u8 & 1 != 0)
    }
}
