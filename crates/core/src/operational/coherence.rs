//! What a store that is performed means for the other harts, and what an operation means for younger
//! ones of its own hart that went first: rule 2, the load value axiom and the atomicity axiom.

use super::control::{At, Control};
use super::perform::Alive;
use super::set::Set;
use crate::model::{AccessKind, Rule};

impl<S: Set> At<'_, S> {
    /// Cells such that a store of another hart to them changes where this one stands.
    pub(super) fn sees(&self) -> S {
        let (done, asleep) = (self.control.done, self.control.asleep);
        let loads = self.facts.reads & !self.facts.writes;
        let mut sees = S::EMPTY;
        for place in (loads & (done | asleep)).members() {
            let wakes_or_breaks = asleep.has(place)
                || (self.op(place).kind == AccessKind::LoadReserved
                    && !self.control.broken.has(place)
                    && self.pending_reservations().has(place));
            if !wakes_or_breaks && self.rivals(place).within(done) {
                continue;
            }
            let cells = self.cells_of(place);
            // What is forwarded from a store of its own does not change until that store is performed.
            let cells = cells & !self.forwarded_cells(place, cells);
            if wakes_or_breaks || self.older_loads_to_come(place, cells).next().is_some() {
                sees |= cells;
            }
        }
        if !self.machine.options.rules.contains(Rule::R8) {
            sees |= self.parted_pairs();
        }
        sees
    }

    /// A store of another hart to `cells` has just been performed: it wakes loads, breaks reservations
    /// and makes the value that other loads returned an old one.
    pub(super) fn after_store_of_another(&self, cells: S) -> Result<Control<S>, Alive> {
        let rules = self.machine.options.rules;
        if !rules.contains(Rule::R8) && self.parted_pairs().meets(cells) {
            return Err(Alive::No);
        }
        let done = self.control.done;
        let mut next = self.control.clone();
        let seeing = self.facts.reads & !self.facts.writes & (done | self.control.asleep);
        for place in seeing.members() {
            let hit = self.cells_of(place) & cells;
            let hit = hit & !self.forwarded_cells(place, hit);
            if hit.is_empty() {
                continue;
            }
            if !done.has(place) {
                next.asleep = next.asleep.without(place);
                continue;
            }
            if self.op(place).kind == AccessKind::LoadReserved {
                if rules.contains(Rule::Atomicity) && self.has_conditional_to_come(place) {
                    return Err(Alive::No);
                }
                next.broken |= S::only(place) & self.pending_reservations();
            }
            if rules.contains(Rule::R2) && self.outdates(place, hit, &mut next) == Alive::No {
                return Err(Alive::No);
            }
        }
        Ok(next)
    }

    /// Without rule 8 an SC may go before the LR that it is paired with. The atomicity axiom then asks
    /// that no other hart stores to the LR's bytes, these, until the LR has followed.
    fn parted_pairs(&self) -> S {
        if !self.machine.options.rules.contains(Rule::Atomicity) {
            return S::EMPTY;
        }
        let done = self.control.done;
        let pairs = (self.facts.conditionals & done).members().filter_map(|sc| self.op(sc).paired);
        let open = pairs.map(usize::from).filter(|lr| !done.has(*lr));
        open.fold(S::EMPTY, |cells, lr| cells | self.cells_of(lr))
    }

    /// Is the SC that is paired with the LR at `lr` on the path, and still to be performed?
    fn has_conditional_to_come(&self, lr: usize) -> bool {
        let open = self.facts.conditionals & !self.control.done;
        open.members().any(|sc| self.op(sc).paired == Some(lr as u16))
    }

    /// Older loads still to come that may read one of `cells`, bytes of the performed load `b`, without
    /// a store between.
    fn older_loads_to_come(&self, b: usize, cells: S) -> impl Iterator<Item = (usize, S)> {
        let pending = self.rivals(b) & !self.control.done;
        pending.members().filter_map(move |a| {
            let common = self.possible_cells(a) & cells;
            let open = common & !self.written_between(a, b, common);
            (!open.is_empty()).then_some((a, open))
        })
    }

    /// Rule 2: the value of the performed load `b` for `cells` is now an old one, so an older load of
    /// one of these bytes that is still to come, without a store between, would return another
    /// store's, and come too late.
    fn outdates(&self, b: usize, cells: S, next: &mut Control<S>) -> Alive {
        for (a, open) in self.older_loads_to_come(b, cells) {
            if self.address(a).is_some() {
                return Alive::No;
            }
            next.computed[a].forbidden |= open;
        }
        Alive::Yes
    }

    /// The operation `a`, not performed yet, has just turned out to access `cells`: is that possible
    /// after what younger operations already did? Then `next` is where the hart stands.
    pub(super) fn fits_what_happened(&self, a: usize, cells: S, next: &mut Control<S>) -> Alive {
        let rules = self.machine.options.rules;
        let writes = self.facts.writes.has(a);
        let younger = S::since(a + 1);
        for b in (self.control.done & younger).members() {
            let common = self.cells_of(b) & cells;
            if common.is_empty() {
                continue;
            }
            let store = self.facts.writes.has(b);
            if store && rules.contains(Rule::R1) {
                return Alive::No;
            }
            // Load value axiom: b would have had to return this store's value.
            if writes && !store && !common.within(self.written_between(a, b, common)) {
                return Alive::No;
            }
        }
        if writes {
            for b in (self.control.asleep & younger).members() {
                if self.cells_of(b).meets(cells) {
                    next.asleep = next.asleep.without(b);
                }
            }
        }
        if !writes || self.facts.reads.has(a) {
            next.computed[a].forbidden = S::EMPTY;
            if self.control.computed[a].forbidden.meets(cells) {
                return Alive::No;
            }
        }
        Alive::Yes
    }
}
