//! What happens to the whole machine when one operation is performed, that is, appended to the
//! global memory order.

use super::cells::{CellSet, CellSpan, low_bytes};
use super::expr::{OpSet, members};
use super::machine::{ASLEEP, BROKEN, DONE, LOADED, Machine, NODE};
use super::touch::UNKNOWN;
use super::tree::{Address, Guard, NodeId, Op};
use crate::isa::Width;
use crate::model::{AccessKind, Rule};
use crate::program::Fault;

/// Is the state still one of a valid execution?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Alive {
    /// As far as is known.
    Yes,
    /// No execution goes through it: drop it.
    No,
}

/// Why an exploration cannot go on as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Stop {
    /// The test has no answer.
    Fault(Fault),
    /// An access of so many bytes at this address cuts a cell: start over with finer cells.
    Refine(u64, u64),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Fault(fault)
    }
}

impl Machine<'_> {
    /// The loaded values of hart `h`.
    pub(super) fn loaded<'s>(&self, state: &'s [u64], h: usize) -> &'s [u64] {
        let hart = &self.harts[h];
        &state[hart.base + LOADED..hart.base + LOADED + hart.values]
    }

    /// Performs a load that returns `raw`, its bytes in the low end.
    pub(super) fn perform_load(
        &self,
        state: &mut [u64],
        h: usize,
        place: usize,
        raw: u64,
    ) -> Result<Alive, Stop> {
        let (op, _) = self.op(state, h, place);
        if op.width == Width::Q {
            return self.perform_wide_load(state, h, place, raw);
        }
        if op.kind == AccessKind::FailedCas && self.compares_equal(state, h, op, raw) {
            return Ok(Alive::No);
        }
        let value = op.extend.apply(op.width, raw);
        self.returned(state, h, place, value)
    }

    /// Performs a store, SC or AMO.
    pub(super) fn perform_store(
        &self,
        state: &mut [u64],
        h: usize,
        place: usize,
        span: CellSpan,
    ) -> Result<Alive, Stop> {
        let hart = &self.harts[h];
        let (op, _) = self.op(state, h, place);
        if let Some(wide) = op.wide {
            return self.perform_wide_store(state, h, place, span, wide);
        }
        let data = op.data.map_or(0, |data| hart.tree.exprs.eval(data, self.loaded(state, h)));
        let (old, new) = match op.amo {
            None => (0, data),
            Some(f) => {
                let raw = self.memory_value(state, span);
                if op.expected.is_some() && !self.compares_equal(state, h, op, raw) {
                    return Ok(Alive::No);
                }
                let old = op.width.sign_extend(raw);
                (old, f(old, op.width.sign_extend(data)))
            }
        };
        self.write_cells(state, span, new);
        if self.seen_by_others(state, h, span.set()) == Alive::No {
            return Ok(Alive::No);
        }
        self.returned(state, h, place, old)
    }

    pub(super) fn compares_equal(&self, state: &[u64], h: usize, op: &Op, raw: u64) -> bool {
        let expected =
            op.expected.map_or(0, |e| self.harts[h].tree.exprs.eval(e, self.loaded(state, h)));
        low_bytes(expected, op.width.bytes()) == low_bytes(raw, op.width.bytes())
    }

    /// The bytes of a span as one number.
    pub(super) fn memory_value(&self, state: &[u64], span: CellSpan) -> u64 {
        let mut value = 0;
        let mut shift = 0;
        for cell in span.indices() {
            value |= state[self.memory + cell] << shift;
            shift += 8 * self.cells.list[cell].bytes;
        }
        value
    }

    pub(super) fn write_cells(&self, state: &mut [u64], span: CellSpan, value: u64) {
        let mut rest = value;
        for cell in span.indices() {
            let bytes = self.cells.list[cell].bytes;
            state[self.memory + cell] = low_bytes(rest, bytes);
            rest = if bytes < 8 { rest >> (8 * bytes) } else { 0 };
        }
    }

    /// A store of hart `writer` to `cells` has just been performed: it wakes loads, breaks
    /// reservations and makes the value that other loads returned an old one.
    pub(super) fn seen_by_others(&self, state: &mut [u64], writer: usize, cells: CellSet) -> Alive {
        for h in 0..self.harts.len() {
            if h == writer {
                continue;
            }
            let base = self.harts[h].base;
            let (node, facts) = self.harts[h].node(state[base + NODE]);
            let done = state[base + DONE];
            if !self.options.rules.contains(Rule::R8) && self.parts_pair(state, h, cells) {
                return Alive::No;
            }
            let seeing = facts.reads & !facts.writes & (done | state[base + ASLEEP]);
            if seeing == 0 {
                continue;
            }
            for place in members(seeing & self.readers(state, h, cells)) {
                let hit = self.cells_of(state, h, place) & cells;
                // What is forwarded from a store of its own does not change until that store is
                // performed.
                let hit = hit & !self.forwarded_cells(state, h, place, hit);
                if hit == 0 {
                    continue;
                }
                if done >> place & 1 == 0 {
                    state[base + ASLEEP] &= !(1 << place);
                    continue;
                }
                if self.harts[h].tree.op(node, place).kind == AccessKind::LoadReserved {
                    state[base + BROKEN] |= 1 << place;
                    if self.conditional_of(state, h, place).is_some()
                        && self.options.rules.contains(Rule::Atomicity)
                    {
                        return Alive::No;
                    }
                }
                if self.options.rules.contains(Rule::R2)
                    && self.outdates(state, h, place, hit) == Alive::No
                {
                    return Alive::No;
                }
            }
        }
        Alive::Yes
    }

    /// Without rule 8 an SC may go before the LR that it is paired with. The atomicity axiom then asks
    /// that no other hart stores to the LR's bytes until the LR has followed.
    fn parts_pair(&self, state: &[u64], h: usize, cells: CellSet) -> bool {
        let base = self.harts[h].base;
        let (node, facts) = self.harts[h].node(state[base + NODE]);
        let done = state[base + DONE];
        self.options.rules.contains(Rule::Atomicity)
            && members(facts.conditionals & done).any(|sc| {
                self.harts[h].tree.op(node, sc).paired.is_some_and(|lr| {
                    done >> lr & 1 == 0 && self.cells_of(state, h, lr as usize) & cells != 0
                })
            })
    }

    /// The SC of the path, still to be performed, that is paired with the LR at `lr`.
    pub(super) fn conditional_of(&self, state: &[u64], h: usize, lr: usize) -> Option<usize> {
        let base = self.harts[h].base;
        let (node, facts) = self.harts[h].node(state[base + NODE]);
        members(facts.conditionals & !state[base + DONE])
            .find(|sc| self.harts[h].tree.op(node, *sc).paired == Some(lr as u8))
    }

    /// Of `cells`, those that the load at `place` takes, or took, from a store of its own hart that
    /// is not performed.
    pub(super) fn forwarded_cells(
        &self,
        state: &[u64],
        h: usize,
        place: usize,
        cells: CellSet,
    ) -> CellSet {
        let done = state[self.harts[h].base + DONE];
        let older = self.facts(state, h).writes & !done & ((1 << place) - 1);
        members(older).fold(0, |found, store| found | self.cells_of(state, h, store)) & cells
    }

    /// Of `cells`, those that a store between two places of the path writes.
    pub(super) fn written_between(
        &self,
        state: &[u64],
        h: usize,
        from: usize,
        to: usize,
        cells: CellSet,
    ) -> CellSet {
        let (_, facts) = self.harts[h].node(state[self.harts[h].base + NODE]);
        let between = ((1 << to) - 1) & !((2 << from) - 1);
        members(facts.writes & between)
            .fold(0, |found, store| found | self.cells_of(state, h, store))
            & cells
    }

    /// Rule 2: the value of the performed load `b` for `cells` is now an old one, so an older load of
    /// one of these bytes that is still to come, without a store between, would return another
    /// store's, and come too late.
    fn outdates(&self, state: &mut [u64], h: usize, b: usize, cells: CellSet) -> Alive {
        let base = self.harts[h].base;
        let (_, facts) = self.harts[h].node(state[base + NODE]);
        let pending = facts.reads & !state[base + DONE] & ((1 << b) - 1);
        for a in members(pending) {
            match self.address(state, h, a) {
                Some(_) => {
                    let common = self.cells_of(state, h, a) & cells;
                    if common & !self.written_between(state, h, a, b, common) != 0 {
                        return Alive::No;
                    }
                }
                None => {
                    let open = cells & !self.written_between(state, h, a, b, cells);
                    state[base + self.harts[h].forbidden_word(a)] |= open;
                }
            }
        }
        Alive::Yes
    }

    /// The operation at `place` is performed and returned `value` (0 for a store).
    pub(super) fn returned(
        &self,
        state: &mut [u64],
        h: usize,
        place: usize,
        value: u64,
    ) -> Result<Alive, Stop> {
        let hart = &self.harts[h];
        let base = hart.base;
        state[base + LOADED + place] = value;
        state[base + DONE] |= 1 << place;
        state[base + ASLEEP] &= !(1 << place);
        let done = state[base + DONE];
        let (node, facts) = hart.node(state[base + NODE]);
        for guard in &node.guards {
            let sources = hart.tree.exprs.sources(guard.value);
            if sources >> place & 1 != 0 && sources & !done == 0 {
                let actual = hart.tree.exprs.eval(guard.value, self.loaded(state, h));
                if Guard::arm_of(&guard.values, actual) != guard.arm {
                    return Ok(Alive::No);
                }
            }
        }
        self.resolve(state, h, facts.computed & !done)
    }

    /// Computes the addresses among `places` whose sources are known by now.
    fn resolve(&self, state: &mut [u64], h: usize, places: OpSet) -> Result<Alive, Stop> {
        let hart = &self.harts[h];
        let base = hart.base;
        for place in members(places) {
            let (op, _) = self.op(state, h, place);
            let Address::Computed(expr) = op.address else { continue };
            let word = base + hart.address_word(place);
            if state[word] != UNKNOWN || hart.tree.exprs.sources(expr) & !state[base + DONE] != 0 {
                continue;
            }
            let address = hart.tree.exprs.eval(expr, self.loaded(state, h));
            // Address 0 lies in no location; any other bad address serves as well.
            state[word] = if address == UNKNOWN { u64::MAX } else { address };
            let bytes = op.width.bytes();
            let good =
                address.is_multiple_of(bytes) && self.program.location_at(address, bytes).is_some();
            if !good {
                continue;
            }
            let Some(span) = self.cells.span(address, bytes) else {
                return Err(Stop::Refine(address, bytes));
            };
            if self.fits_what_happened(state, h, place, span.set()) == Alive::No {
                return Ok(Alive::No);
            }
        }
        Ok(Alive::Yes)
    }

    /// The operation `a`, not performed yet, has just turned out to access `cells`: is that possible
    /// after what younger operations already did?
    fn fits_what_happened(&self, state: &mut [u64], h: usize, a: usize, cells: CellSet) -> Alive {
        let hart = &self.harts[h];
        let base = hart.base;
        let (_, facts) = hart.node(state[base + NODE]);
        let rules = self.options.rules;
        let writes = facts.writes >> a & 1 != 0;
        let younger = !((2 << a) - 1);
        for b in members(state[base + DONE] & younger) {
            let common = self.cells_of(state, h, b) & cells;
            if common == 0 {
                continue;
            }
            let store = facts.writes >> b & 1 != 0;
            if store && rules.contains(Rule::R1) {
                return Alive::No;
            }
            // Load value axiom: b would have had to return this store's value.
            if writes && !store && common & !self.written_between(state, h, a, b, common) != 0 {
                return Alive::No;
            }
        }
        if writes {
            for b in members(state[base + ASLEEP] & younger) {
                if self.cells_of(state, h, b) & cells != 0 {
                    state[base + ASLEEP] &= !(1 << b);
                }
            }
        }
        if !writes || facts.reads >> a & 1 != 0 {
            let word = base + hart.forbidden_word(a);
            let forbidden = state[word];
            state[word] = 0;
            if forbidden & cells != 0 {
                return Alive::No;
            }
        }
        Alive::Yes
    }

    /// Hart `h` goes on in node `arm`.
    pub(super) fn enter(&self, state: &mut [u64], h: usize, arm: NodeId) -> Result<Alive, Stop> {
        let hart = &self.harts[h];
        state[hart.base + NODE] = u64::from(arm);
        let (node, facts) = hart.node(u64::from(arm));
        let new = if node.first >= 64 { 0 } else { OpSet::MAX << node.first };
        self.resolve(state, h, facts.computed & new)
    }
}
