//! What is written of ordering: `.aq` and `.rl`, the sets of a fence.

use std::fmt;

use super::Order;

impl Order {
    /// `""`, `".aq"`, `".rl"` or `".aqrl"`.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Order::None => "",
            Order::Aq => ".aq",
            Order::Rl => ".rl",
            Order::AqRl => ".aqrl",
        }
    }
}

/// Which `.aq`/`.rl` suffixes a mnemonic takes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Suffix {
    /// None: `add`, `lw`.
    Never,
    /// Any or none: LR, SC, AMOs.
    Optional,
    /// `.aq` or `.aqrl`; the encoding without `aq` is reserved (Zalasr loads).
    Acquire,
    /// `.rl` or `.aqrl`; the encoding without `rl` is reserved (Zalasr stores).
    Release,
}

/// One half of a fence's operands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct FenceSet {
    /// Device input.
    pub i: bool,
    /// Device output.
    pub o: bool,
    /// Memory reads.
    pub r: bool,
    /// Memory writes.
    pub w: bool,
}

impl FenceSet {
    /// What `fence` alone means on both sides.
    pub const IORW: FenceSet = FenceSet { i: true, o: true, r: true, w: true };
}

impl fmt::Display for FenceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = [(self.i, 'i'), (self.o, 'o'), (self.r, 'r'), (self.w, 'w')];
        if letters.iter().all(|(on, _)| !on) {
            return f.write_str("0");
        }
        letters.iter().filter(|(on, _)| *on).try_for_each(|(_, c)| write!(f, "{c}"))
    }
}
