//! Which operations can be performed now.

use super::cells::{CellSpan, low_bytes};
use super::machine::Machine;
use super::perform::Stop;
use super::set::Set;
use super::tree::Op;
use super::unfold::reservation_covers;
use crate::litmus::HartId;
use crate::model::{AccessKind, Rule};
use crate::program::Fault;

/// What a load can do now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct LoadChoice {
    /// The value that it would return, its bytes in the low end; `None` if it would break rule 2.
    pub(super) now: Option<u64>,
    /// It may as well wait for the next store to its bytes.
    pub(super) later: bool,
}

impl<S: Set> Machine<'_, S> {
    /// The place of each load of hart `h` that could be performed and has not decided to wait.
    pub(super) fn undecided_loads(&self, state: &[u64], h: usize) -> impl Iterator<Item = usize> {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        let done = hart.done(state);
        let candidates = facts.reads & !facts.writes & !done & !hart.asleep(state);
        candidates.members().filter(move |place| hart.place_at(facts, *place).before.within(done))
    }

    /// What the load at `place` can do; `None` if it is not ready.
    pub(super) fn load_choice(
        &self,
        state: &[u64],
        h: usize,
        place: usize,
    ) -> Result<Option<LoadChoice>, Stop> {
        let hart = &self.harts[h];
        let op = self.op(state, h, place);
        let known = |expr| hart.tree.exprs.sources(expr).within(hart.done(state));
        if !op.expected.is_none_or(known) || !op.high.is_none_or(|high| known(high.expected)) {
            return Ok(None);
        }
        let Some(span) = self.good_span(state, h, place)? else { return Ok(None) };
        let raw = match op.high {
            None => self.value_now(state, h, place, span),
            Some(_) => self.wide_value_now(state, h, place),
        };
        let Some(raw) = raw else { return Ok(None) };
        let now = (!self.overtakes_sleeper(state, h, place, span.set())).then_some(raw);
        let later = !self.overtaken(state, h, place, span.set())
            && self.may_change(state, h, place, span.set());
        Ok(Some(LoadChoice { now, later }))
    }

    /// The span of an operation whose address is known; an error when that is a bad one and the
    /// access certainly happens.
    fn good_span(&self, state: &[u64], h: usize, place: usize) -> Result<Option<CellSpan>, Stop> {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        let id = hart.place_at(facts, place).op as usize;
        if let span @ Some(_) = hart.spans[id] {
            return Ok(span);
        }
        let Some(address) = self.address(state, h, place) else { return Ok(None) };
        let op = &hart.tree.ops[id];
        match self.span(state, h, place) {
            Some(span) if op.fits(address) => Ok(Some(span)),
            _ if self.certain(state, h) => Err(self.fault(h, op, address).into()),
            _ => Ok(None),
        }
    }

    fn fault(&self, h: usize, op: &Op<S>, address: u64) -> Fault {
        let (hart, step) = (HartId(h as u16), op.step);
        let instr = self.program.harts[h].code[step].instr.to_string();
        if self.program.location_at(address, op.width.bytes()).is_none() {
            Fault::BadAddress { hart, step, instr, address }
        } else {
            Fault::Misaligned { hart, step, instr, address }
        }
    }

    /// What a load of `span` would return: for each cell what the youngest older store of its own
    /// hart writes, if that is not performed, else what memory holds. `None` while such a store is
    /// not ready to be forwarded from: an AMO or SC never is (rule 3), and a store is when everything
    /// that its address and data depend on is performed (rule 12).
    pub(super) fn value_now(
        &self,
        state: &[u64],
        h: usize,
        place: usize,
        span: CellSpan,
    ) -> Option<u64> {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        let done = hart.done(state);
        let stores = facts.writes & !done & S::below(place);
        if stores.is_empty() {
            return Some(self.memory_value(state, span));
        }
        let rules = self.options.rules;
        let mut value = 0;
        let mut shift = 0;
        for cell in span.indices() {
            let youngest =
                stores.members().filter(|s| self.cells_of(state, h, *s).has(cell)).last();
            let word = match youngest {
                None => state[self.memory + cell],
                Some(store) => {
                    let op = self.op(state, h, store);
                    let data = op.data?;
                    let open = !(op.address_deps | op.data_deps).within(done);
                    if op.kind == AccessKind::Amo
                        || (op.kind == AccessKind::StoreConditional && rules.contains(Rule::R3))
                        || (open && rules.contains(Rule::R12))
                        || !hart.tree.exprs.sources(data).within(done)
                    {
                        return None;
                    }
                    let data = hart.tree.exprs.eval(data, hart.loaded(state));
                    let start = self.address(state, h, store)?;
                    let cell = self.cells.list[cell];
                    low_bytes(data >> (8 * (cell.address - start)), cell.bytes)
                }
            };
            value |= word << shift;
            shift += 8 * self.cells.list[cell].bytes;
        }
        Some(value)
    }

    /// Rule 2 seen from the younger load: an older load that sleeps until another store comes cannot
    /// then return the store that this one would return now.
    fn overtakes_sleeper(&self, state: &[u64], h: usize, b: usize, cells: S) -> bool {
        let asleep = self.harts[h].asleep(state) & S::below(b);
        !asleep.is_empty()
            && self.options.rules.contains(Rule::R2)
            && asleep.members().any(|a| {
                let older = self.cells_of(state, h, a);
                older.within(cells) && self.written_between(state, h, a, b, older).is_empty()
            })
    }

    /// Rule 2 seen from the older load: a younger one has returned the store that is there now, so
    /// waiting for another would come too late.
    fn overtaken(&self, state: &[u64], h: usize, a: usize, cells: S) -> bool {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        let younger = facts.reads & hart.done(state) & S::since(a + 1);
        !younger.is_empty()
            && self.options.rules.contains(Rule::R2)
            && younger.members().any(|b| {
                cells.within(self.cells_of(state, h, b))
                    && self.written_between(state, h, a, b, cells).is_empty()
            })
    }

    /// Can the value of a load still change: by a store of another hart that is to come, or by an
    /// older one of its own whose address is not known?
    pub(super) fn may_change(&self, state: &[u64], h: usize, place: usize, cells: S) -> bool {
        self.waits_for_own_store(state, h, place)
            || self
                .harts
                .iter()
                .enumerate()
                .any(|(other, hart)| other != h && hart.writes_to_come(state).meets(cells))
    }

    /// Is there an older store whose address is not known?
    pub(super) fn waits_for_own_store(&self, state: &[u64], h: usize, place: usize) -> bool {
        let (_, facts) = self.harts[h].node(state);
        let own = facts.computed & facts.writes & S::below(place);
        own.members().any(|store| self.address(state, h, store).is_none())
    }

    /// Can the store, SC or AMO at `place` be performed now, as far as its own hart is concerned?
    pub(super) fn store_ready(&self, state: &[u64], h: usize, place: usize) -> Result<bool, Stop> {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state);
        let done = hart.done(state);
        if !hart.place_at(facts, place).before.within(done) {
            return Ok(false);
        }
        let op = self.op(state, h, place);
        let rules = self.options.rules;
        let known = |expr| hart.tree.exprs.sources(expr).within(done);
        let high = op.high.is_none_or(|high| known(high.data) && known(high.expected));
        if !op.data.is_none_or(known) || !op.expected.is_none_or(known) || !high {
            return Ok(false);
        }
        let Some(span) = self.good_span(state, h, place)? else { return Ok(false) };
        if !facts.computed.is_empty() && rules.contains(Rule::R1) {
            let older = S::below(place) & !done & !op.siblings;
            if older.members().any(|a| self.cells_of(state, h, a).meets(span.set())) {
                return Ok(false);
            }
        }
        let Some(lr) = op.paired else { return Ok(true) };
        let lr = usize::from(lr);
        let addresses = self.address(state, h, lr).zip(self.address(state, h, place));
        let paired = addresses.is_some_and(|(lr_address, address)| {
            let width = self.op(state, h, lr).width;
            reservation_covers(self.options.reservation, lr_address, width, address, op.width)
        });
        let source_is_performed = facts.computed.is_empty()
            || !rules.contains(Rule::Atomicity)
            || self.forwarded_cells(state, h, lr, self.cells_of(state, h, lr)).is_empty();
        let lr_may_follow = !rules.contains(Rule::R8);
        Ok((done.has(lr) || lr_may_follow) && paired && source_is_performed)
    }

    /// Must the fork at the end of the hart's node be decided now? Only if something below could be
    /// performed before the fork decides itself.
    pub(super) fn must_guess(&self, state: &[u64], h: usize) -> bool {
        let hart = &self.harts[h];
        let done = hart.done(state);
        hart.before_below[hart.node_id(state)].iter().any(|before| before.within(done))
    }
}
