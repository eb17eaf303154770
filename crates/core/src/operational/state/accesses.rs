//! Which operations of a hart's path access which cells.

use super::cursor::Cursor;
use super::position::UNKNOWN_ADDRESS;
use crate::operational::compile::{Address, CellSpan, CellUsers, Op, PlaceFacts, Set};

impl<'a, S: Set> Cursor<'a, S> {
    /// What is known of the operation at `place` of the path.
    #[inline]
    pub(crate) fn place(&self, place: usize) -> &'a PlaceFacts<S> {
        self.hart.place_at(self.facts, place)
    }

    /// The operation at `place` of the path.
    #[inline]
    pub(crate) fn op(&self, place: usize) -> &'a Op<S> {
        &self.hart.tree.ops[self.place(place).op as usize]
    }

    /// The address of an operation, once it is known.
    pub(crate) fn address(&self, place: usize) -> Option<u64> {
        match self.op(place).address {
            Address::Known(address) => Some(address),
            Address::Computed(_) => {
                Some(self.position.computed[place].address).filter(|a| *a != UNKNOWN_ADDRESS)
            }
        }
    }

    /// The cells of an operation, once its address is known and if that is a good one.
    pub(crate) fn span(&self, place: usize) -> Option<CellSpan> {
        let id = self.place(place).op as usize;
        if !self.facts.computed.has(place) {
            return self.hart.spans[id];
        }
        let address = self.address(place)?;
        self.machine.cells.span(address, self.hart.tree.ops[id].width.bytes())
    }

    /// As [`Cursor::span`], as a set; empty when unknown or bad.
    #[inline]
    pub(crate) fn cells_of(&self, place: usize) -> S {
        if self.facts.computed.has(place) {
            return self.span(place).map_or(S::EMPTY, CellSpan::set);
        }
        self.place(place).cells
    }

    /// The cells that an operation may still turn out to access.
    #[inline]
    pub(crate) fn possible_cells(&self, place: usize) -> S {
        if self.facts.computed.has(place) && self.address(place).is_none() {
            return S::FULL;
        }
        self.cells_of(place)
    }

    /// Reads of the path that may turn out to access one of `cells`.
    pub(crate) fn reading(&self, cells: S) -> S {
        self.using(cells, self.facts.reads, |users| users.reads)
    }

    /// Writes of the path that may turn out to access one of `cells`.
    pub(crate) fn writing(&self, cells: S) -> S {
        self.using(cells, self.facts.writes, |users| users.writes)
    }

    fn using(&self, cells: S, all: S, of: impl Fn(&CellUsers<S>) -> S) -> S {
        let touching = |places: S| places.filter(|place| self.possible_cells(place).meets(cells));
        if self.hart.cell_users.is_empty() {
            return touching(all);
        }
        let users = |cell: usize| of(&self.hart.cell_users[self.facts.first_cell_users + cell]);
        let known = cells.members().fold(S::EMPTY, |known, cell| known | users(cell));
        known | touching(self.facts.computed & all)
    }

    /// The cells of all of `places`, as far as they are known.
    pub(crate) fn cells_of_all(&self, places: S) -> S {
        places.members().fold(S::EMPTY, |cells, place| cells | self.cells_of(place))
    }

    /// Of `cells`, those that the load at `place` takes, or took, from a store of its own hart that
    /// is not performed.
    #[inline]
    pub(crate) fn forwarded_cells(&self, place: usize, cells: S) -> S {
        self.written_by(self.older_stores(place), cells)
    }

    /// Older writes of the path that are not performed and may write one of its cells.
    #[inline]
    pub(crate) fn older_stores(&self, place: usize) -> S {
        self.older_writes(place) & !self.position.performed
    }

    /// Older writes of the path that may write one of the cells of the operation at `place`.
    #[inline]
    fn older_writes(&self, place: usize) -> S {
        match self.facts.computed.is_empty() {
            true => self.place(place).older_writes,
            false => self.facts.writes & S::below(place),
        }
    }

    /// Older reads that may read, without a write between, a cell that the one at `place` reads.
    #[inline]
    pub(crate) fn older_reads(&self, place: usize) -> S {
        match self.facts.computed.is_empty() {
            true => self.place(place).older_reads,
            false => self.facts.reads & S::below(place),
        }
    }

    /// Of `cells`, which the operation at `to` accesses, those that a store between two places of the path
    /// writes.
    #[inline]
    pub(crate) fn written_between(&self, from: usize, to: usize, cells: S) -> S {
        self.written_by(self.older_writes(to) & S::since(from + 1), cells)
    }

    /// Of `cells`, those that one of `stores` writes. Most often the youngest writes all of them.
    fn written_by(&self, mut stores: S, cells: S) -> S {
        let mut written = S::EMPTY;
        while written != cells
            && let Some(store) = stores.last()
        {
            written |= self.cells_of(store) & cells;
            stores = stores.without(store);
        }
        written
    }

    /// The youngest of `stores` that is known to write a cell.
    pub(crate) fn youngest_writer(&self, mut stores: S, cell: usize) -> Option<usize> {
        while let Some(store) = stores.last() {
            if self.cells_of(store).has(cell) {
                return Some(store);
            }
            stores = stores.without(store);
        }
        None
    }

    /// The cells of either half of an operation's 16 bytes.
    pub(crate) fn halves(&self, place: usize) -> Option<(CellSpan, CellSpan)> {
        let address = self.address(place)?;
        let cells = &self.machine.cells;
        cells.span(address, 8).zip(cells.span(address.wrapping_add(8), 8))
    }

    /// Is there an older store whose address is not known?
    pub(crate) fn waits_for_own_store(&self, place: usize) -> bool {
        let own = self.facts.computed & self.facts.writes & S::below(place);
        own.members().any(|store| self.address(store).is_none())
    }
}
