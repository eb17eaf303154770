//! What a store that is performed means for the other harts, and what an operation means for younger
//! ones of its own hart that went first: rule 2, the load value axiom and the atomicity axiom.

use super::harts::Harts;
use super::machine::Machine;
use super::perform::Alive;
use super::set::Set;
use crate::model::{AccessKind, Rule};

impl<S: Set> Machine<'_, S> {
    /// A store of hart `writer` to `cells` has just been performed: it wakes loads, breaks
    /// reservations and makes the value that other loads returned an old one. Gives the harts that
    /// have to be looked at again, or `None` if there is no such execution.
    pub(super) fn seen_by_others(
        &self,
        state: &mut [u64],
        writer: usize,
        cells: S,
    ) -> Option<Harts> {
        let mut again = Harts::NONE;
        for h in 0..self.harts.len() {
            if h == writer {
                continue;
            }
            let hart = &self.harts[h];
            let (_, facts) = hart.node(state);
            if !self.options.rules.contains(Rule::R8) && self.parts_pair(state, h, cells) {
                return None;
            }
            if !facts.read_cells.meets(cells) {
                continue;
            }
            let done = hart.done(state);
            let seeing = facts.reads & !facts.writes & (done | hart.asleep(state));
            for place in seeing.members() {
                let hit = self.cells_of(state, h, place) & cells;
                if hit.is_empty() {
                    continue;
                }
                // What is forwarded from a store of its own does not change until that store is
                // performed.
                let hit = hit & !self.forwarded_cells(state, h, place, hit);
                if hit.is_empty() {
                    continue;
                }
                if !done.has(place) {
                    hart.set_asleep(state, hart.asleep(state).without(place));
                    again = again.with(Harts::only(h));
                    continue;
                }
                if self.op(state, h, place).kind == AccessKind::LoadReserved {
                    hart.set_broken(state, hart.broken(state) | S::only(place));
                    again = again.with(Harts::only(h));
                    if self.conditional_of(state, h, place).is_some()
                        && self.options.rules.contains(Rule::Atomicity)
                    {
                        return None;
                    }
                }
                if self.options.rules.contains(Rule::R2)
                    && self.outdates(state, h, place, hit) == Alive::No
                {
                    return None;
                }
            }
        }
        Some(again)
    }

    /// Without rule 8 an SC may go before the LR that it is paired with. The atomicity axiom then asks
    /// that no other hart stores to the LR's bytes until the LR has followed.
    fn parts_pair(&self, state: &[u64], h: usize, cells: S) -> bool {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        let done = hart.done(state);
        self.options.rules.contains(Rule::Atomicity)
            && (facts.conditionals & done).members().any(|sc| {
                self.op(state, h, sc).paired.is_some_and(|lr| {
                    !done.has(lr.into()) && self.cells_of(state, h, lr.into()).meets(cells)
                })
            })
    }

    /// The SC of the path, still to be performed, that is paired with the LR at `lr`.
    fn conditional_of(&self, state: &[u64], h: usize, lr: usize) -> Option<usize> {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        (facts.conditionals & !hart.done(state))
            .members()
            .find(|sc| self.op(state, h, *sc).paired == Some(lr as u16))
    }

    /// Of `cells`, those that the load at `place` takes, or took, from a store of its own hart that
    /// is not performed.
    pub(super) fn forwarded_cells(&self, state: &[u64], h: usize, place: usize, cells: S) -> S {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        let older = facts.writes & !hart.done(state) & S::below(place);
        self.cells_of_all(state, h, older) & cells
    }

    /// Of `cells`, those that a store between two places of the path writes.
    pub(super) fn written_between(
        &self,
        state: &[u64],
        h: usize,
        from: usize,
        to: usize,
        cells: S,
    ) -> S {
        let (_, facts) = self.harts[h].node(state);
        let between = facts.writes & S::below(to) & S::since(from + 1);
        self.cells_of_all(state, h, between) & cells
    }

    fn cells_of_all(&self, state: &[u64], h: usize, places: S) -> S {
        places.members().fold(S::EMPTY, |cells, place| cells | self.cells_of(state, h, place))
    }

    /// Rule 2: the value of the performed load `b` for `cells` is now an old one, so an older load of
    /// one of these bytes that is still to come, without a store between, would return another
    /// store's, and come too late.
    fn outdates(&self, state: &mut [u64], h: usize, b: usize, cells: S) -> Alive {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        let pending = facts.reads & !hart.done(state) & S::below(b);
        for a in pending.members() {
            match self.address(state, h, a) {
                Some(_) => {
                    let common = self.cells_of(state, h, a) & cells;
                    if !common.within(self.written_between(state, h, a, b, common)) {
                        return Alive::No;
                    }
                }
                None => {
                    let open = cells & !self.written_between(state, h, a, b, cells);
                    hart.set_forbidden(state, a, hart.forbidden(state, a) | open);
                }
            }
        }
        Alive::Yes
    }

    /// The operation `a`, not performed yet, has just turned out to access `cells`: is that possible
    /// after what younger operations already did?
    pub(super) fn fits_what_happened(
        &self,
        state: &mut [u64],
        h: usize,
        a: usize,
        cells: S,
    ) -> Alive {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        let rules = self.options.rules;
        let writes = facts.writes.has(a);
        let younger = S::since(a + 1);
        for b in (hart.done(state) & younger).members() {
            let common = self.cells_of(state, h, b) & cells;
            if common.is_empty() {
                continue;
            }
            let store = facts.writes.has(b);
            if store && rules.contains(Rule::R1) {
                return Alive::No;
            }
            // Load value axiom: b would have had to return this store's value.
            if writes && !store && !common.within(self.written_between(state, h, a, b, common)) {
                return Alive::No;
            }
        }
        if writes {
            let mut asleep = hart.asleep(state);
            for b in (asleep & younger).members() {
                if self.cells_of(state, h, b).meets(cells) {
                    asleep = asleep.without(b);
                }
            }
            hart.set_asleep(state, asleep);
        }
        if !writes || facts.reads.has(a) {
            let forbidden = hart.forbidden(state, a);
            hart.set_forbidden(state, a, S::EMPTY);
            if forbidden.meets(cells) {
                return Alive::No;
            }
        }
        Alive::Yes
    }
}
