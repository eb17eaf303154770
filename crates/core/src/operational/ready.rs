//! Which operations can be performed, as far as their own hart is concerned.

use super::cells::CellSpan;
use super::control::At;
use super::set::Set;
use super::unfold::reservation_covers;
use crate::model::{AccessKind, Rule};

/// Can an operation be performed?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ready {
    No,
    Yes,
    /// It could, but its address is a bad one: a fault if the path is taken for certain.
    Faulty,
}

impl<S: Set> At<'_, S> {
    /// Can the load at `place` be performed? A failed `amocas` is one, too.
    pub(super) fn load_ready(&self, place: usize) -> Ready {
        let known = |expr| self.hart.tree.exprs.sources(expr).within(self.control.done);
        if !self.place(place).before.within(self.control.done) {
            return Ready::No;
        }
        let op = self.op(place);
        if !op.expected.is_none_or(known) || !op.high.is_none_or(|high| known(high.expected)) {
            return Ready::No;
        }
        match self.good_span(place) {
            Ok(span) if self.has_value(place, span) => Ready::Yes,
            Ok(_) => Ready::No,
            Err(ready) => ready,
        }
    }

    /// The span of an operation whose address is known and a good one.
    pub(super) fn good_span(&self, place: usize) -> Result<CellSpan, Ready> {
        let id = self.place(place).op as usize;
        if let Some(span) = self.hart.spans[id] {
            return Ok(span);
        }
        let Some(address) = self.address(place) else { return Err(Ready::No) };
        match self.span(place) {
            Some(span) if self.hart.tree.ops[id].fits(address) => Ok(span),
            _ => Err(Ready::Faulty),
        }
    }

    /// Is there a value for each cell of a load? If the youngest older store of its own hart is not
    /// performed, then it has to be ready to be forwarded from: an AMO or SC never is (rule 3), and a
    /// store is when everything that its address and data depend on is performed (rule 12).
    fn has_value(&self, place: usize, span: CellSpan) -> bool {
        let older = self.older_stores(place);
        older.is_empty()
            || span.indices().all(|cell| {
                self.youngest(older, cell).is_none_or(|store| self.can_be_forwarded(store))
            })
    }

    /// The youngest of `stores` that is known to write a cell.
    pub(super) fn youngest(&self, mut stores: S, cell: usize) -> Option<usize> {
        while let Some(store) = stores.last() {
            if self.cells_of(store).has(cell) {
                return Some(store);
            }
            stores = stores.without(store);
        }
        None
    }

    fn can_be_forwarded(&self, store: usize) -> bool {
        let (rules, done) = (self.machine.options.rules, self.control.done);
        let op = self.op(store);
        let open = !(op.address_deps | op.data_deps).within(done);
        let Some(data) = op.data else { return false };
        op.kind != AccessKind::Amo
            && !(op.kind == AccessKind::StoreConditional && rules.contains(Rule::R3))
            && !(open && rules.contains(Rule::R12))
            && self.hart.tree.exprs.sources(data).within(done)
    }

    /// Rule 2 seen from the younger load: an older load that sleeps until another store comes cannot
    /// then return the store that this one would return now.
    pub(super) fn overtakes_sleeper(&self, b: usize) -> bool {
        let asleep = self.control.asleep & self.rivals(b);
        !asleep.is_empty()
            && self.machine.options.rules.contains(Rule::R2)
            && asleep.members().any(|a| {
                let older = self.cells_of(a);
                older.within(self.cells_of(b)) && self.written_between(a, b, older).is_empty()
            })
    }

    /// Rule 2 seen from the older load: a younger one has returned the store that is there now, so
    /// waiting for another would come too late.
    pub(super) fn overtaken(&self, a: usize) -> bool {
        let younger = self.facts.reads & self.control.done & S::since(a + 1);
        let cells = self.cells_of(a);
        !younger.is_empty()
            && self.machine.options.rules.contains(Rule::R2)
            && younger.members().filter(|b| self.rivals(*b).has(a)).any(|b| {
                cells.within(self.cells_of(b)) && self.written_between(a, b, cells).is_empty()
            })
    }

    /// Can the store, SC or AMO at `place` be performed?
    pub(super) fn store_ready(&self, place: usize) -> Ready {
        let (facts, done) = (self.facts, self.control.done);
        if !self.place(place).before.within(done) {
            return Ready::No;
        }
        let op = self.op(place);
        let rules = self.machine.options.rules;
        let known = |expr| self.hart.tree.exprs.sources(expr).within(done);
        let high = op.high.is_none_or(|high| known(high.data) && known(high.expected));
        if !op.data.is_none_or(known) || !op.expected.is_none_or(known) || !high {
            return Ready::No;
        }
        let span = match self.good_span(place) {
            Ok(span) => span,
            Err(ready) => return ready,
        };
        if !facts.computed.is_empty() && rules.contains(Rule::R1) {
            let older = S::below(place) & !done & !op.siblings;
            if older.members().any(|a| self.cells_of(a).meets(span.set())) {
                return Ready::No;
            }
        }
        let Some(lr) = op.paired else { return Ready::Yes };
        match self.pair_ready(place, lr.into()) {
            true => Ready::Yes,
            false => Ready::No,
        }
    }

    /// May the SC at `sc` follow the LR that it is paired with?
    fn pair_ready(&self, sc: usize, lr: usize) -> bool {
        let rules = self.machine.options.rules;
        let addresses = self.address(lr).zip(self.address(sc));
        let paired = addresses.is_some_and(|(lr_address, address)| {
            let (lr_width, width) = (self.op(lr).width, self.op(sc).width);
            let reservation = self.machine.options.reservation;
            reservation_covers(reservation, lr_address, lr_width, address, width)
        });
        let source_is_performed = self.facts.computed.is_empty()
            || !rules.contains(Rule::Atomicity)
            || self.forwarded_cells(lr, self.cells_of(lr)).is_empty();
        let lr_may_follow = !rules.contains(Rule::R8);
        (self.control.done.has(lr) || lr_may_follow) && paired && source_is_performed
    }

    /// Must the fork at the end of the hart's node be decided now? Only if something below could be
    /// performed before the fork decides itself.
    pub(super) fn must_guess(&self) -> bool {
        let below = self.hart.below[self.control.node as usize].clone();
        self.hart.before_below[below].iter().any(|before| before.within(self.control.done))
    }
}
