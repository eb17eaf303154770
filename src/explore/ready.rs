//! Which operations can be performed now.

use super::cells::{CellSet, CellSpan};
use super::expr::members;
use super::machine::{ASLEEP, DONE, Machine, NODE};
use super::perform::Stop;
use super::tree::{Address, Op};
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

impl Machine<'_> {
    /// The place of each load of hart `h` that could be performed and has not decided to wait.
    pub(super) fn undecided_loads(&self, state: &[u64], h: usize) -> impl Iterator<Item = usize> {
        let hart = &self.harts[h];
        let (node, facts) = hart.node(state[hart.base + NODE]);
        let done = state[hart.base + DONE];
        let candidates = facts.reads & !facts.writes & !done & !state[hart.base + ASLEEP];
        members(candidates)
            .filter(move |place| hart.before[node.path[*place] as usize] & !done == 0)
    }

    /// What the load at `place` can do; `None` if it is not ready.
    pub(super) fn load_choice(
        &self,
        state: &[u64],
        h: usize,
        place: usize,
    ) -> Result<Option<LoadChoice>, Stop> {
        let hart = &self.harts[h];
        let op = self.op(state, h, place).0;
        let needs = [op.expected, op.wide.map(|wide| wide.expected)].into_iter().flatten();
        if needs.into_iter().any(|e| hart.tree.exprs.sources(e) & !state[hart.base + DONE] != 0) {
            return Ok(None);
        }
        let Some(span) = self.good_span(state, h, place)? else { return Ok(None) };
        let raw = match self.halves(state, h, place).filter(|_| op.wide.is_some()) {
            None => self.value_now(state, h, place, span),
            Some((low, high)) => {
                let high = self.value_now(state, h, place, high);
                high.and_then(|_| self.value_now(state, h, place, low))
            }
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
        let (op, id) = self.op(state, h, place);
        if let (Address::Known(_), span @ Some(_)) = (op.address, self.harts[h].spans[id]) {
            return Ok(span);
        }
        let Some(address) = self.address(state, h, place) else { return Ok(None) };
        match self.span(state, h, place) {
            Some(span) if address % op.width.bytes() == 0 => Ok(Some(span)),
            _ if self.certain(state, h) => Err(self.fault(h, op, address).into()),
            _ => Ok(None),
        }
    }

    fn fault(&self, h: usize, op: &Op, address: u64) -> Fault {
        let (hart, step) = (HartId(h as u16), op.step);
        let instr = self.program.harts[h].code[step].instr.to_string();
        let plain = matches!(op.kind, AccessKind::Load | AccessKind::Store);
        if self.program.location_at(address, op.width.bytes()).is_none() {
            Fault::BadAddress { hart, step, instr, address }
        } else if plain {
            Fault::MisalignedUnsupported { hart, step, instr, address }
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
        let (node, facts) = hart.node(state[hart.base + NODE]);
        let done = state[hart.base + DONE];
        let stores = facts.writes & !done & ((1 << place) - 1);
        if stores == 0 {
            return Some(self.memory_value(state, span));
        }
        let rules = self.options.rules;
        let mut value = 0;
        let mut shift = 0;
        for cell in span.indices() {
            let bit: CellSet = 1 << cell;
            let youngest =
                members(stores).filter(|s| self.cells_of(state, h, *s) & bit != 0).last();
            let word = match youngest {
                None => state[self.memory + cell],
                Some(store) => {
                    let op = hart.tree.op(node, store);
                    let data = op.data?;
                    let open = (op.address_deps | op.data_deps) & !done != 0;
                    if op.kind == AccessKind::Amo
                        || (op.kind == AccessKind::StoreConditional && rules.contains(Rule::R3))
                        || (open && rules.contains(Rule::R12))
                        || hart.tree.exprs.sources(data) & !done != 0
                    {
                        return None;
                    }
                    let data = hart.tree.exprs.eval(data, self.loaded(state, h));
                    let start = self.address(state, h, store)?;
                    let cell = self.cells.list[cell];
                    super::cells::low_bytes(data >> (8 * (cell.address - start)), cell.bytes)
                }
            };
            value |= word << shift;
            shift += 8 * self.cells.list[cell].bytes;
        }
        Some(value)
    }

    /// Rule 2 seen from the younger load: an older load that sleeps until another store comes cannot
    /// then return the store that this one would return now.
    fn overtakes_sleeper(&self, state: &[u64], h: usize, b: usize, cells: CellSet) -> bool {
        let asleep = state[self.harts[h].base + ASLEEP] & ((1 << b) - 1);
        asleep != 0
            && self.options.rules.contains(Rule::R2)
            && members(asleep).any(|a| {
                let older = self.cells_of(state, h, a);
                older & !cells == 0 && self.written_between(state, h, a, b, older) == 0
            })
    }

    /// Rule 2 seen from the older load: a younger one has returned the store that is there now, so
    /// waiting for another would come too late.
    fn overtaken(&self, state: &[u64], h: usize, a: usize, cells: CellSet) -> bool {
        let hart = &self.harts[h];
        let (_, facts) = hart.node(state[hart.base + NODE]);
        let younger = facts.reads & state[hart.base + DONE] & !((2 << a) - 1);
        younger != 0
            && self.options.rules.contains(Rule::R2)
            && members(younger).any(|b| {
                cells & !self.cells_of(state, h, b) == 0
                    && self.written_between(state, h, a, b, cells) == 0
            })
    }

    /// Can the value of a load still change: by a store of another hart that is to come, or by an
    /// older one of its own whose address is not known?
    pub(super) fn may_change(&self, state: &[u64], h: usize, place: usize, cells: CellSet) -> bool {
        let (_, facts) = self.harts[h].node(state[self.harts[h].base + NODE]);
        let own = facts.computed & facts.writes & ((1 << place) - 1);
        members(own).any(|store| self.address(state, h, store).is_none())
            || (0..self.harts.len()).any(|other| {
                if other == h {
                    return false;
                }
                let done = state[self.harts[other].base + DONE];
                self.facts(state, other).writes_below & cells != 0
                    || self.possible_writers(state, other, cells) & !done != 0
            })
    }

    /// The span that the store, SC or AMO at `place` would write, if it can be performed now.
    pub(super) fn store_ready(
        &self,
        state: &[u64],
        h: usize,
        place: usize,
    ) -> Result<Option<CellSpan>, Stop> {
        let hart = &self.harts[h];
        let (node, facts) = hart.node(state[hart.base + NODE]);
        let done = state[hart.base + DONE];
        let (op, id) = self.op(state, h, place);
        let rules = self.options.rules;
        if hart.before[id] & !done != 0 {
            return Ok(None);
        }
        let wide = op.wide.map(|wide| [wide.data, wide.expected]);
        let needs = [op.data, op.expected].into_iter().flatten().chain(wide.into_iter().flatten());
        if needs.into_iter().any(|expr| hart.tree.exprs.sources(expr) & !done != 0) {
            return Ok(None);
        }
        let Some(span) = self.good_span(state, h, place)? else { return Ok(None) };
        if facts.computed != 0 && rules.contains(Rule::R1) {
            let older = !done & ((1 << place) - 1);
            if members(older & !op.siblings).any(|a| self.cells_of(state, h, a) & span.set() != 0) {
                return Ok(None);
            }
        }
        if let Some(lr) = op.paired {
            let lr = lr as usize;
            let addresses = self.address(state, h, lr).zip(self.address(state, h, place));
            let paired = addresses.is_some_and(|(lr_address, address)| {
                let width = hart.tree.op(node, lr).width;
                reservation_covers(self.options.reservation, lr_address, width, address, op.width)
            });
            let source_is_performed = facts.computed == 0
                || !rules.contains(Rule::Atomicity)
                || self.forwarded_cells(state, h, lr, self.cells_of(state, h, lr)) == 0;
            let lr_may_follow = !rules.contains(Rule::R8);
            if (done >> lr & 1 == 0 && !lr_may_follow) || !paired || !source_is_performed {
                return Ok(None);
            }
        }
        Ok(Some(span))
    }

    /// Must the fork at the end of the hart's node be decided now? Only if something below could be
    /// performed before the fork decides itself.
    pub(super) fn must_guess(&self, state: &[u64], h: usize) -> bool {
        let hart = &self.harts[h];
        let done = state[hart.base + DONE];
        hart.before_below[state[hart.base + NODE] as usize].iter().any(|before| before & !done == 0)
    }
}
