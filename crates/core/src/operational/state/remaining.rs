//! What can be said of the rest of a hart's path.

use super::cursor::Cursor;
use crate::model::ScFailure;
use crate::operational::compile::Set;

impl<S: Set> Cursor<'_, S> {
    /// Cells that the rest of the path may write.
    pub(crate) fn writes_to_come(&self) -> S {
        let open = self.facts.writes & !self.position.performed;
        self.possible_cells_of_all(open) | self.facts.writes_below
    }

    /// Cells that the rest of the path may read.
    pub(crate) fn reads_to_come(&self) -> S {
        let open = self.facts.reads & !self.position.performed;
        self.possible_cells_of_all(open) | self.facts.reads_below
    }

    /// Cells that an LR reserved, or may reserve, for an SC to come, or for one that failed and has no reason
    /// yet.
    pub(crate) fn reserved(&self) -> S {
        self.possible_cells_of_all(
            self.pending_reservations() & !self.position.broken | self.reserving(),
        )
    }

    pub(crate) fn possible_cells_of_all(&self, places: S) -> S {
        places.members().fold(S::EMPTY, |cells, place| cells | self.possible_cells(place))
    }

    /// LRs that an SC of the path or below it is still to follow.
    pub(crate) fn reserving(&self) -> S {
        let mut reserving = self.facts.reserved_below;
        for sc in (self.facts.conditionals & !self.position.performed).members() {
            if let Some(lr) = self.op(sc).paired {
                reserving |= S::only(lr.into());
            }
        }
        reserving
    }

    /// LRs of which it may still matter whether another hart has stored to their bytes.
    pub(crate) fn pending_reservations(&self) -> S {
        let forced = self.machine.options.sc_failure == ScFailure::OnlyWhenForced;
        self.reserving() | self.node.failed_pairs.when(forced)
    }

    /// Cells of loads to come that need no store of another hart to their one cell to be performed. A
    /// load that sleeps is woken by a store to any of its cells, or when an older store of its hart
    /// turns out not to write them.
    pub(crate) fn reads_awake(&self) -> S {
        let open = self.facts.reads & !self.position.performed;
        let awake = open.members().filter(|place| self.may_wake_otherwise(*place));
        awake.fold(self.facts.reads_below, |cells, place| cells | self.possible_cells(place))
    }

    /// Can the load at `place` be performed without a store to the one cell that it reads?
    pub(crate) fn may_wake_otherwise(&self, place: usize) -> bool {
        !self.position.asleep.has(place)
            || self.possible_cells(place).len() > 1
            || self.waits_for_own_store(place)
    }

    /// Does a final state, or an operation, condition or address of the path or below it, hang on the value of
    /// the operation at `place`?
    pub(crate) fn is_asked_for(&self, place: usize) -> bool {
        let tree = &self.hart.tree;
        let asks = |expr| tree.exprs.sources(expr).has(place);
        self.facts.needed_below.has(place)
            || !self.place(place).value_users.is_empty()
            || tree.guards(self.node).iter().any(|guard| asks(guard.value))
            || tree.checks(self.node).iter().any(|check| asks(check.address))
    }

    /// Performed operations whose values something still depends on.
    pub(crate) fn live(&self) -> S {
        let done = self.position.performed;
        let mut live = self.facts.needed_below;
        for guard in self.hart.tree.guards(self.node) {
            let sources = self.hart.tree.exprs.sources(guard.value);
            live |= sources.when(!sources.within(done));
        }
        for check in self.hart.tree.checks(self.node) {
            live |= self.hart.tree.exprs.sources(check.address);
        }
        for place in (done & self.facts.reads & !live).members() {
            live |= S::only(place).when(!self.place(place).value_users.within(done));
        }
        live & done
    }
}
