//! Which operations of a hart's path access which cells.

use super::cells::CellSpan;
use super::control::{At, UNKNOWN};
use super::facts::{Place, Users};
use super::set::Set;
use super::tree::{Address, Op};

impl<'a, S: Set> At<'a, S> {
    #[inline]
    pub(super) fn place(&self, place: usize) -> &'a Place<S> {
        self.hart.place_at(self.facts, place)
    }

    /// The operation at `place` of the path.
    #[inline]
    pub(super) fn op(&self, place: usize) -> &'a Op<S> {
        &self.hart.tree.ops[self.place(place).op as usize]
    }

    /// The address of an operation, once it is known.
    pub(super) fn address(&self, place: usize) -> Option<u64> {
        match self.op(place).address {
            Address::Known(address) => Some(address),
            Address::Computed(_) => {
                Some(self.control.computed[place].address).filter(|a| *a != UNKNOWN)
            }
        }
    }

    /// The cells of an operation, once its address is known and if that is a good one.
    pub(super) fn span(&self, place: usize) -> Option<CellSpan> {
        let id = self.place(place).op as usize;
        if !self.facts.computed.has(place) {
            return self.hart.spans[id];
        }
        let address = self.address(place)?;
        self.machine.cells.span(address, self.hart.tree.ops[id].width.bytes())
    }

    /// As [`At::span`], as a set; empty when unknown or bad.
    #[inline]
    pub(super) fn cells_of(&self, place: usize) -> S {
        if self.facts.computed.has(place) {
            return self.span(place).map_or(S::EMPTY, CellSpan::set);
        }
        self.place(place).cells
    }

    /// The cells that an operation may still turn out to access.
    #[inline]
    pub(super) fn possible_cells(&self, place: usize) -> S {
        if self.facts.computed.has(place) && self.address(place).is_none() {
            return S::FULL;
        }
        self.cells_of(place)
    }

    /// Reads of the path that may turn out to access one of `cells`.
    pub(super) fn reading(&self, cells: S) -> S {
        self.using(cells, self.facts.reads, |users| users.reads)
    }

    /// Writes of the path that may turn out to access one of `cells`.
    pub(super) fn writing(&self, cells: S) -> S {
        self.using(cells, self.facts.writes, |users| users.writes)
    }

    fn using(&self, cells: S, all: S, of: impl Fn(&Users<S>) -> S) -> S {
        let touching = |places: S| {
            let touching =
                places.members().filter(|place| self.possible_cells(*place).meets(cells));
            touching.fold(S::EMPTY, |touching, place| touching | S::only(place))
        };
        if self.hart.users.is_empty() {
            return touching(all);
        }
        let users = |cell: usize| of(&self.hart.users[self.facts.by_cell + cell]);
        let known = cells.members().fold(S::EMPTY, |known, cell| known | users(cell));
        known | touching(self.facts.computed & all)
    }

    /// The cells of all of `places`, as far as they are known.
    pub(super) fn cells_of_all(&self, places: S) -> S {
        places.members().fold(S::EMPTY, |cells, place| cells | self.cells_of(place))
    }

    /// Of `cells`, those that the load at `place` takes, or took, from a store of its own hart that
    /// is not performed.
    #[inline]
    pub(super) fn forwarded_cells(&self, place: usize, cells: S) -> S {
        self.written_by(self.older_stores(place), cells)
    }

    /// Older writes of the path that are not performed and may write one of its cells.
    #[inline]
    pub(super) fn older_stores(&self, place: usize) -> S {
        self.older_writes(place) & !self.control.done
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
    pub(super) fn rivals(&self, place: usize) -> S {
        match self.facts.computed.is_empty() {
            true => self.place(place).rivals,
            false => self.facts.reads & S::below(place),
        }
    }

    /// Of `cells`, which the operation at `to` accesses, those that a store between two places of the path
    /// writes.
    #[inline]
    pub(super) fn written_between(&self, from: usize, to: usize, cells: S) -> S {
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

    /// Is there an older store whose address is not known?
    pub(super) fn waits_for_own_store(&self, place: usize) -> bool {
        let own = self.facts.computed & self.facts.writes & S::below(place);
        own.members().any(|store| self.address(store).is_none())
    }
}
