//! Which harts have to be looked at again.

/// A set of harts. From number 63 on, all stand and fall together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct HartSet(pub(crate) u64);

impl HartSet {
    pub(crate) const NONE: HartSet = HartSet(0);
    pub(crate) const ALL: HartSet = HartSet(u64::MAX);

    pub(crate) fn only(hart: usize) -> HartSet {
        HartSet(1 << hart.min(63))
    }

    #[inline]
    pub(crate) fn has(self, hart: usize) -> bool {
        self.0 >> hart.min(63) & 1 != 0
    }

    /// Those of `count` harts that are in the set.
    #[inline]
    pub(crate) fn of(self, count: usize) -> impl Iterator<Item = usize> {
        let mut rest = if count < 64 { self.0 & ((1 << count) - 1) } else { self.0 };
        let mut beyond = 64..if self.has(63) { count } else { 0 };
        std::iter::from_fn(move || {
            if rest == 0 {
                return beyond.next();
            }
            let hart = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            Some(hart)
        })
    }

    pub(crate) fn with(self, other: HartSet) -> HartSet {
        HartSet(self.0 | other.0)
    }
}
