//! Performing one operation, that is, appending it to the global memory order.

use super::cells::{CellSpan, low_bytes};
use super::harts::Harts;
use super::machine::Machine;
use super::set::Set;
use super::touch::UNKNOWN;
use super::tree::{Address, Guard, NodeId, Op};
use crate::program::Fault;
use crate::program::misaligned::Access;

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
    /// The access of this hart and step turned out to be misaligned, and falls into bytes: start over
    /// with a path for that.
    Split(usize, usize),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Fault(fault)
    }
}

impl<S: Set> Machine<'_, S> {
    /// Performs a load that returns `raw`, its bytes in the low end.
    pub(super) fn perform_load(
        &self,
        state: &mut [u64],
        h: usize,
        place: usize,
        raw: u64,
    ) -> Result<Alive, Stop> {
        let op = self.op(state, h, place);
        if let Some(high) = op.high {
            if self.read_high(state, h, place, high, raw) == Alive::No {
                return Ok(Alive::No);
            }
        } else if op.expected.is_some()
            && !op.kind.writes()
            && self.compares_equal(state, h, op, raw)
        {
            return Ok(Alive::No);
        }
        let unread = self.unread(state);
        if !unread.is_empty() {
            let cells = self.cells_of(state, h, place);
            let read = cells & !self.forwarded_cells(state, h, place, cells);
            self.set_unread(state, unread & !read);
        }
        let value = op.extend.apply(op.width, raw);
        self.returned(state, h, place, value)
    }

    /// Performs a store, SC or AMO that is ready. Gives the harts that have to be looked at again, or
    /// `None` if there is no such execution.
    pub(super) fn perform_store(
        &self,
        state: &mut [u64],
        h: usize,
        place: usize,
    ) -> Result<Option<Harts>, Stop> {
        let Some(span) = self.span(state, h, place) else { return Ok(None) };
        let hart = &self.harts[h];
        let op = self.op(state, h, place);
        if let Some(high) = op.high {
            return self.perform_wide_store(state, h, place, span, high);
        }
        let data = op.data.map_or(0, |data| hart.tree.exprs.eval(data, hart.loaded(state)));
        let (old, new) = match op.amo {
            None => (0, data),
            Some(f) => {
                let raw = self.memory_value(state, span);
                if op.expected.is_some() && !self.compares_equal(state, h, op, raw) {
                    return Ok(None);
                }
                let old = op.width.sign_extend(raw);
                (old, f(old, op.width.sign_extend(data)))
            }
        };
        self.write_cells(state, span, new);
        let Some(again) = self.seen_by_others(state, h, span.set()) else { return Ok(None) };
        Ok(match self.returned(state, h, place, old)? {
            Alive::Yes => Some(again.with(Harts::only(h))),
            Alive::No => None,
        })
    }

    pub(super) fn compares_equal(&self, state: &[u64], h: usize, op: &Op<S>, raw: u64) -> bool {
        let hart = &self.harts[h];
        let expected = op.expected.map_or(0, |e| hart.tree.exprs.eval(e, hart.loaded(state)));
        low_bytes(expected, op.width.bytes()) == low_bytes(raw, op.width.bytes())
    }

    /// The bytes of a span as one number.
    #[inline]
    pub(super) fn memory_value(&self, state: &[u64], span: CellSpan) -> u64 {
        if span.count == 1 {
            return state[self.memory + usize::from(span.first)];
        }
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

    /// The operation at `place` is performed and returned `value` (0 for a store).
    pub(super) fn returned(
        &self,
        state: &mut [u64],
        h: usize,
        place: usize,
        value: u64,
    ) -> Result<Alive, Stop> {
        let hart = &self.harts[h];
        state[hart.loaded_word(place)] = value;
        let done = hart.done(state) | S::only(place);
        hart.set_done(state, done);
        hart.set_asleep(state, hart.asleep(state).without(place));
        let (node, facts) = hart.node(state);
        for guard in &node.guards {
            let sources = hart.tree.exprs.sources(guard.value);
            if sources.has(place) && sources.within(done) {
                let actual = hart.tree.exprs.eval(guard.value, hart.loaded(state));
                if Guard::arm_of(&guard.values, actual) != guard.arm {
                    return Ok(Alive::No);
                }
            }
        }
        self.resolve(state, h, facts.computed & !done)
    }

    /// Computes the addresses among `places` whose sources are known by now.
    fn resolve(&self, state: &mut [u64], h: usize, places: S) -> Result<Alive, Stop> {
        let hart = &self.harts[h];
        for place in places.members() {
            let op = self.op(state, h, place);
            let Address::Computed(expr) = op.address else { continue };
            let word = hart.address_word(place);
            if state[word] != UNKNOWN || !hart.tree.exprs.sources(expr).within(hart.done(state)) {
                continue;
            }
            let address = hart.tree.exprs.eval(expr, hart.loaded(state));
            // Address 0 lies in no location; any other bad address serves as well.
            state[word] = if address == UNKNOWN { u64::MAX } else { address };
            let bytes = op.width.bytes();
            if self.program.location_at(address, bytes).is_none() {
                continue;
            }
            match op.alignment.at(address) {
                Access::Whole => {}
                Access::Bytes => return Err(Stop::Split(h, op.step)),
                Access::Exception => continue,
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

    /// Hart `h` goes on in node `arm`.
    pub(super) fn enter(&self, state: &mut [u64], h: usize, arm: NodeId) -> Result<Alive, Stop> {
        let hart = &self.harts[h];
        hart.set_node(state, arm);
        let (node, facts) = hart.node(state);
        self.resolve(state, h, facts.computed & S::since(node.first))
    }
}
