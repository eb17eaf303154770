//! Which harts have to be looked at again.

/// A set of harts. From number 63 on, all stand and fall together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Harts(pub(super) u64);

impl Harts {
    pub(super) const NONE: Harts = Harts(0);
    pub(super) const ALL: Harts = Harts(u64::MAX);

    pub(super) fn only(hart: usize) -> Harts {
        Harts(1 << hart.min(63))
    }

    #[inline]
    pub(super) fn has(self, hart: usize) -> bool {
        self.0 >> hart.min(63) & 1 != 0
    }

    pub(super) fn with(self, other: Harts) -> Harts {
        Harts(self.0 | other.0)
    }
}
