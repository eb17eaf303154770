//! A summary of all harts: what may still be done to memory, and who looks.

use super::hart_state::HartState;
use super::view::View;
use crate::operational::compile::Set;

/// A store that can be performed: hart, place, cells.
pub(crate) type EnabledStore<S> = (usize, usize, S);

/// What all harts together may still do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary<S> {
    /// Cells that some hart may still write, and those that two or more may.
    pub(crate) writes: S,
    pub(crate) writes_twice: S,
    /// Cells that some hart may still read or has reserved for an SC to come, and those of two or more.
    pub(crate) reads_or_reserves: S,
    reads_or_reserves_twice: S,
    /// Does a load wait for a store of another hart?
    pub(crate) sleepers: bool,
    /// Is all that is left to do to store: [`HartState::only_stores_left`] everywhere?
    pub(crate) only_stores_left: bool,
    /// Cells that hold a store that has to be read, see the layer `reduce`.
    pub(crate) unread: S,
    /// Cells whose contents, or the order of the stores to which, may still be seen by someone.
    pub(crate) watched: S,
}

impl<S: Set> Summary<S> {
    /// Cells that another hart than the one at `hart_state` may still write.
    #[inline]
    pub(crate) fn written_by_others(&self, hart_state: &HartState<S>) -> S {
        self.writes_twice | self.writes & !hart_state.writes
    }

    /// Cells that another hart than the one at `hart_state` may still read or has reserved.
    #[inline]
    pub(crate) fn observed_by_others(&self, hart_state: &HartState<S>) -> S {
        self.reads_or_reserves_twice | self.reads_or_reserves & !hart_state.reads_or_reserves
    }
}

impl<S: Set> View<'_, S> {
    /// Looks at all harts; writes the stores that can be performed to `enabled`.
    pub(crate) fn summarize(self, state: &[u64], enabled: &mut Vec<EnabledStore<S>>) -> Summary<S> {
        let machine = self.machine;
        let unread = machine.unread(state);
        let (mut writes, mut writes_twice) = (S::EMPTY, S::EMPTY);
        let (mut reads_or_reserves, mut reads_or_reserves_twice) = (S::EMPTY, S::EMPTY);
        let (mut sleepers, mut only_stores_left) = (false, true);
        enabled.clear();
        for (h, hart_state) in self.all(state).enumerate() {
            writes_twice |= writes & hart_state.writes;
            writes |= hart_state.writes;
            reads_or_reserves_twice |= reads_or_reserves & hart_state.reads_or_reserves;
            reads_or_reserves |= hart_state.reads_or_reserves;
            sleepers |= !hart_state.sleepers.is_empty();
            only_stores_left &= hart_state.only_stores_left;
            let Some(first) = hart_state.enabled.stores.first() else { continue };
            if hart_state.enabled.stores == S::only(first) {
                if !hart_state.enabled.store_cells.meets(unread) {
                    enabled.push((h, first, hart_state.enabled.store_cells));
                }
                continue;
            }
            for place in hart_state.enabled.stores.members() {
                let cells = hart_state.cells_of(machine, h, place);
                if !cells.meets(unread) {
                    enabled.push((h, place, cells));
                }
            }
        }
        let watched = machine.observed_cells | reads_or_reserves;
        Summary {
            writes,
            writes_twice,
            reads_or_reserves,
            reads_or_reserves_twice,
            sleepers,
            only_stores_left,
            unread,
            watched,
        }
    }
}
