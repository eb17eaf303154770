//! What may come next in the global memory order, where stores are concerned.

/// What may come next in the global memory order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Move {
    /// The store, SC or AMO of this hart and place.
    Store(usize, usize),
    /// This store, which has to be read before the next store to its cells.
    ToBeRead(usize, usize),
    /// All stores to come to the cells of this one, and this one last.
    Last(usize, usize),
}

impl Move {
    /// Whose operation it is.
    pub(crate) fn hart(self) -> usize {
        match self {
            Move::Store(hart, _) | Move::ToBeRead(hart, _) | Move::Last(hart, _) => hart,
        }
    }

    /// The same of another hart.
    pub(crate) fn of(self, hart: usize) -> Move {
        match self {
            Move::Store(_, place) => Move::Store(hart, place),
            Move::ToBeRead(_, place) => Move::ToBeRead(hart, place),
            Move::Last(_, place) => Move::Last(hart, place),
        }
    }
}
