//! One look at all harts: what may still be done to memory, and who looks.

use super::local::Local;
use super::set::Set;
use super::walker::{View, Walker};
use crate::model::{Rule, ScFailure};

/// What all harts together may still do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Survey<S> {
    /// Cells that some hart may still write, and those that two or more may.
    writes: S,
    writes_twice: S,
    /// Cells that some hart may still read or has reserved for an SC to come, and those of two or more.
    pub(super) looks: S,
    looks_twice: S,
    /// Does a load wait for a store of another hart?
    sleepers: bool,
    /// See [`Local::only_stores`]: everywhere?
    only_stores: bool,
    /// Cells that hold a store that has to be read, see `silent`.
    pub(super) unread: S,
    /// Cells whose contents, or the order of the stores to which, may still be seen by someone.
    pub(super) watched: S,
}

impl<S: Set> Survey<S> {
    /// Cells that another hart than the one at `local` may still write.
    #[inline]
    pub(super) fn written_by_others(&self, local: &Local<S>) -> S {
        self.writes_twice | self.writes & !local.writes
    }

    /// Cells that another hart than the one at `local` may still read or has reserved.
    #[inline]
    fn looked_at_by_others(&self, local: &Local<S>) -> S {
        self.looks_twice | self.looks & !local.looks
    }
}

impl<S: Set> Walker<'_, S> {
    /// Looks at all harts; the stores that can be performed go to the scratch.
    pub(super) fn survey(&mut self, state: &[u64]) -> Survey<S> {
        let Walker { machine, locals, scratch, .. } = self;
        let unread = machine.unread(state);
        let (mut writes, mut writes_twice) = (S::EMPTY, S::EMPTY);
        let (mut looks, mut looks_twice) = (S::EMPTY, S::EMPTY);
        let (mut sleepers, mut only_stores) = (false, true);
        scratch.enabled.clear();
        for (h, number) in state[..machine.harts.len()].iter().enumerate() {
            let local = locals.get(*number);
            writes_twice |= writes & local.writes;
            writes |= local.writes;
            looks_twice |= looks & local.looks;
            looks |= local.looks;
            sleepers |= !local.sleepers.is_empty();
            only_stores &= local.only_stores;
            let Some(first) = local.can.stores.first() else { continue };
            if local.can.stores == S::only(first) {
                if !local.can.store_cells.meets(unread) {
                    scratch.enabled.push((h, first, local.can.store_cells));
                }
                continue;
            }
            for place in local.can.stores.members() {
                let cells = machine.cells_of(h, local, place);
                if !cells.meets(unread) {
                    scratch.enabled.push((h, place, cells));
                }
            }
        }
        let watched = machine.observed_cells | looks;
        Survey { writes, writes_twice, looks, looks_twice, sleepers, only_stores, unread, watched }
    }

    /// Performs these stores.
    pub(super) fn store_what_is_left(&self, state: &mut [u64]) {
        let machine = self.machine;
        for h in 0..machine.harts.len() {
            let at = self.view().at(state, h);
            for place in at.open().members() {
                if at.cells_of(place).meets(machine.observed_cells) {
                    machine.store(state, h, at, place);
                }
            }
        }
    }
}

impl<S: Set> View<'_, S> {
    /// Does a load wait for a store that cannot come?
    pub(super) fn sleeps_forever(self, state: &[u64], survey: &Survey<S>) -> bool {
        survey.sleepers
            && self.all(state).enumerate().any(|(h, local)| {
                let by_others = survey.written_by_others(local);
                let cells = |place| self.machine.cells_of(h, local, place);
                local.sleepers.members().any(|place| !cells(place).meets(by_others))
            })
    }

    /// Does a cell hold a store that has to be read, while nobody reads it before the next one?
    pub(super) fn stays_unread(self, state: &[u64], survey: &Survey<S>) -> bool {
        let awake = |h| self.at(state, h).reads_awake();
        let harts = 0..self.machine.harts.len();
        !survey.unread.is_empty()
            && !survey.unread.within(harts.fold(S::EMPTY, |all, h| all | awake(h)))
    }

    /// Is all that is left to do to store, and no cell that the final state shows to be stored to by two
    /// harts? Then the youngest store of the one hart is the last, whatever comes when (rule 1), and
    /// the final state is known.
    pub(super) fn only_plain_stores_left(self, survey: &Survey<S>) -> bool {
        survey.only_stores
            && self.machine.reductions.silent
            && self.machine.options.rules.contains(Rule::R1)
            && self.machine.options.sc_failure == ScFailure::Spurious
            && survey.unread.is_empty()
            && !survey.writes_twice.meets(self.machine.observed_cells)
    }

    /// Is the store a stubborn set by itself?
    #[inline]
    pub(super) fn commutes_with_all(
        self,
        state: &[u64],
        survey: &Survey<S>,
        (h, place, cells): (usize, usize, S),
    ) -> bool {
        let local = self.local(state, h);
        if survey.looked_at_by_others(local).meets(cells) {
            return false;
        }
        let written = survey.written_by_others(local);
        let at = self.machine.at(h, &local.control);
        written.is_empty() || !written.meets(at.seen_of_store(place, cells, survey))
    }
}
