//! What can be said of the rest of a hart's path, kept in the state so that it is found once for each
//! step of the hart, not once for each state.

use super::machine::Machine;
use super::perform::Stop;
use super::set::Set;

impl<S: Set> Machine<'_, S> {
    /// Brings up to date what hart `h` may still write: what others need to know of it.
    pub(super) fn look_ahead_for_writes(&self, state: &mut [u64], h: usize) {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        let mut writes = facts.writes_below;
        for place in (facts.writes & !hart.done(state)).members() {
            writes |= self.possible_cells(state, h, place);
        }
        hart.set_writes_to_come(state, writes);
    }

    /// Brings up to date what the state says of the rest of hart `h`'s path besides.
    pub(super) fn look_ahead(&self, state: &mut [u64], h: usize) -> Result<(), Stop> {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        let done = hart.done(state);
        let mut ready = S::EMPTY;
        for place in (facts.writes & !done).members() {
            ready |= S::only(place).when(self.store_ready(state, h, place)?);
        }
        let mut reads = facts.reads_below;
        for place in (facts.reads & !done).members() {
            reads |= self.possible_cells(state, h, place);
        }
        let mut reserved = S::EMPTY;
        for lr in self.reserving(state, h).members() {
            reserved |= self.possible_cells(state, h, lr);
        }
        hart.set_ahead(state, ready, reads, reserved);
        Ok(())
    }

    /// LRs that an SC of the path or below it is still to follow.
    pub(super) fn reserving(&self, state: &[u64], h: usize) -> S {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        let mut reserving = facts.reserved_below;
        for sc in (facts.conditionals & !hart.done(state)).members() {
            if let Some(lr) = self.op(state, h, sc).paired {
                reserving |= S::only(lr.into());
            }
        }
        reserving
    }

    /// Cells whose contents, or the order of the stores to which, may still be seen by someone.
    pub(super) fn watched_cells(&self, state: &[u64]) -> S {
        self.harts.iter().fold(self.observed_cells, |watched, hart| {
            watched | hart.reads_to_come(state) | hart.reserved(state)
        })
    }

    /// By hart, whether another may still write one of `cells`: the cells that one hart may write, and
    /// those that two may.
    pub(super) fn written_to_come(&self, state: &[u64]) -> (S, S) {
        let (mut once, mut twice) = (S::EMPTY, S::EMPTY);
        for hart in &self.harts {
            let writes = hart.writes_to_come(state);
            twice |= once & writes;
            once |= writes;
        }
        (once, twice)
    }
}
