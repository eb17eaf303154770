//! Performing one operation, that is, appending it to the global memory order.

use super::cells::{CellSpan, low_bytes};
use super::control::{At, Control};
use super::facts::Simple;
use super::harts::Harts;
use super::locals::{Event, Next};
use super::machine::Machine;
use super::set::Set;
use super::tree::Op;
use super::walker::Walker;
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
    /// The access of this hart and step turned out to be misaligned, and falls into bytes: start over
    /// with a path for that.
    Split(usize, usize),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Fault(fault)
    }
}

impl<S: Set> Walker<'_, S> {
    /// Performs a load that is ready.
    pub(super) fn perform_load(
        &mut self,
        state: &mut [u64],
        h: usize,
        place: usize,
    ) -> Result<Alive, Stop> {
        let machine = self.machine;
        let local = self.view().local(state, h);
        let value = match machine.simple(h, local, place) {
            Simple::Load(cell, width, extend)
                if machine.unread(state).is_empty()
                    && machine.at(h, &local.control).older_stores(place).is_empty() =>
            {
                Some(extend.apply(width, state[machine.memory + usize::from(cell)]))
            }
            _ => machine.load(state, h, machine.at(h, &local.control), place),
        };
        match value {
            Some(value) => self.returned(state, h, place, value),
            None => Ok(Alive::No),
        }
    }

    /// Performs a store, SC or AMO that is ready. Gives the harts that have to be looked at again, or
    /// `None` if there is no such execution.
    pub(super) fn perform_store(
        &mut self,
        state: &mut [u64],
        h: usize,
        place: usize,
    ) -> Result<Option<Harts>, Stop> {
        let machine = self.machine;
        let local = self.view().local(state, h);
        let (cells, returns) = match machine.simple(h, local, place) {
            Simple::Store(cell, data, bytes) => {
                let hart = &machine.harts[h];
                let data = hart.tree.exprs.eval(data, hart.loaded(state)) & bytes;
                let cell = usize::from(cell);
                state[machine.memory + cell] = data;
                (S::only(cell), Some(0))
            }
            _ => {
                let at = machine.at(h, &local.control);
                (at.cells_of(place), machine.store(state, h, at, place))
            }
        };
        let Some(returns) = returns else { return Ok(None) };
        let Some(again) = self.seen_by_others(state, h, cells)? else { return Ok(None) };
        Ok(match self.returned(state, h, place, returns)? {
            Alive::Yes => Some(again.with(Harts::only(h))),
            Alive::No => None,
        })
    }

    /// A store of hart `writer` to `cells` has just been performed. Gives the other harts that have to be
    /// looked at again, or `None` if there is no such execution.
    fn seen_by_others(
        &mut self,
        state: &mut [u64],
        writer: usize,
        cells: S,
    ) -> Result<Option<Harts>, Stop> {
        let mut again = Harts::NONE;
        for h in 0..self.machine.harts.len() {
            if h == writer || !self.view().local(state, h).sees.meets(cells) {
                continue;
            }
            let store = |walker: &mut Self, state: &mut [u64]| match walker
                .view()
                .at(state, h)
                .after_store_of_another(cells)
            {
                Ok(next) => walker.go(state, h, next),
                Err(dead) => Ok(dead),
            };
            let alive = match cells.first() {
                Some(cell) if cells == S::only(cell) => {
                    self.follow(state, h, Event::Stored(cell), store)?
                }
                _ => store(self, state)?,
            };
            if alive == Alive::No {
                return Ok(None);
            }
            again = again.with(Harts::only(h));
        }
        Ok(Some(again))
    }

    /// The operation at `place` is performed and returned `value` (0 for a store).
    fn returned(
        &mut self,
        state: &mut [u64],
        h: usize,
        place: usize,
        value: u64,
    ) -> Result<Alive, Stop> {
        state[self.machine.harts[h].loaded_word(place)] = value;
        self.follow(state, h, Event::Performed(place), |walker, state| {
            walker.performed(state, h, place)
        })
    }

    fn performed(&mut self, state: &mut [u64], h: usize, place: usize) -> Result<Alive, Stop> {
        let machine = self.machine;
        let hart = &machine.harts[h];
        let at = self.view().at(state, h);
        let (node, facts) = (&hart.tree.nodes[at.control.node as usize], at.facts.computed);
        let mut next = at.control.clone();
        next.done |= S::only(place);
        next.asleep = next.asleep.without(place);
        let loaded = hart.loaded(state);
        for guard in hart.tree.guards(node) {
            let sources = hart.tree.exprs.sources(guard.value);
            if sources.has(place) && sources.within(next.done) {
                self.consulted = true;
                let actual = hart.tree.exprs.eval(guard.value, loaded);
                if !hart.tree.holds(guard, actual) {
                    return Ok(Alive::No);
                }
            }
        }
        let computed = facts & !next.done;
        if !computed.is_empty() && self.resolve(h, &mut next, loaded, computed)? == Alive::No {
            return Ok(Alive::No);
        }
        self.go(state, h, next)
    }

    /// The load at `place` of hart `h` waits for the next store to its bytes.
    pub(super) fn sleep(
        &mut self,
        state: &mut [u64],
        h: usize,
        place: usize,
    ) -> Result<Alive, Stop> {
        self.follow(state, h, Event::Asleep(place), |walker, state| {
            let mut next = walker.view().local(state, h).control.clone();
            next.asleep |= S::only(place);
            walker.go(state, h, next)
        })
    }

    /// Hart `h` goes where `event` leads it, which `find` finds out if it is not known yet.
    #[inline]
    fn follow(
        &mut self,
        state: &mut [u64],
        h: usize,
        event: Event,
        find: impl FnOnce(&mut Self, &mut [u64]) -> Result<Alive, Stop>,
    ) -> Result<Alive, Stop> {
        let number = state[h];
        match self.locals.next(number, event) {
            Next::To(next) => {
                state[h] = next.into();
                self.refresh(state[h]);
                Ok(Alive::Yes)
            }
            Next::Dead => Ok(Alive::No),
            Next::Unknown => {
                self.consulted = false;
                let alive = find(self, state)?;
                if !self.consulted {
                    let next = match alive {
                        Alive::Yes => Next::To(state[h] as u32),
                        Alive::No => Next::Dead,
                    };
                    self.locals.note(number, event, next);
                }
                Ok(alive)
            }
        }
    }

    /// Hart `h` stands at `next` now.
    pub(super) fn go(
        &mut self,
        state: &mut [u64],
        h: usize,
        mut next: Control<S>,
    ) -> Result<Alive, Stop> {
        let machine = self.machine;
        if self.settle(h, &mut next, machine.harts[h].loaded(state))? == Alive::No {
            return Ok(Alive::No);
        }
        state[h] = self.number(h, next).into();
        self.refresh(state[h]);
        Ok(Alive::Yes)
    }
}

impl<S: Set> Machine<'_, S> {
    /// What a load of `span` would return: for each cell what the youngest older store of its own
    /// hart writes, if that is not performed, else what memory holds.
    pub(super) fn value_now(
        &self,
        state: &[u64],
        h: usize,
        at: At<'_, S>,
        place: usize,
        span: CellSpan,
    ) -> u64 {
        let stores = at.older_stores(place);
        if stores.is_empty() {
            return self.memory_value(state, span);
        }
        let (mut value, mut shift) = (0, 0);
        for cell in span.indices() {
            let own = at.youngest(stores, cell).and_then(|store| {
                let data = at.hart.tree.exprs.eval(at.op(store).data?, self.harts[h].loaded(state));
                Some((data, at.address(store)?))
            });
            let word = own.map_or(state[self.memory + cell], |(data, start)| {
                let cell = self.cells.list[cell];
                low_bytes(data >> (8 * (cell.address - start)), cell.bytes)
            });
            value |= word << shift;
            shift += 8 * self.cells.list[cell].bytes;
        }
        value
    }

    /// What the load at `place` returns; `None` if there is no such execution. Takes note of what is read.
    fn load(&self, state: &mut [u64], h: usize, at: At<'_, S>, place: usize) -> Option<u64> {
        let op = at.op(place);
        let span = match op.high {
            None => at.span(place),
            Some(_) => at.halves(place).map(|(low, _)| low),
        };
        let raw = self.value_now(state, h, at, place, span?);
        let unread = self.unread(state);
        if !unread.is_empty() {
            let cells = at.cells_of(place);
            let read = cells & !at.forwarded_cells(place, cells);
            self.set_unread(state, unread & !read);
        }
        let succeeds = match op.high {
            Some(high) => self.read_high(state, h, at, place, (high, raw)) == Alive::No,
            None => {
                let fails = op.expected.is_some() && !op.kind.writes();
                fails && self.compares_equal(state, h, op, raw)
            }
        };
        (!succeeds).then(|| op.extend.apply(op.width, raw))
    }

    /// Writes what the store, SC or AMO at `place` writes; gives what it returns. `None` for an `amocas`
    /// that would fail.
    pub(super) fn store(
        &self,
        state: &mut [u64],
        h: usize,
        at: At<'_, S>,
        place: usize,
    ) -> Option<u64> {
        let (hart, op) = (&self.harts[h], at.op(place));
        if let Some(high) = op.high {
            return self.store_wide(state, h, place, op, at.halves(place)?, high);
        }
        let span = at.span(place)?;
        let data = op.data.map_or(0, |data| hart.tree.exprs.eval(data, hart.loaded(state)));
        let Some(f) = op.amo else {
            self.write_cells(state, span, data);
            return Some(0);
        };
        let raw = self.memory_value(state, span);
        if op.expected.is_some() && !self.compares_equal(state, h, op, raw) {
            return None;
        }
        let old = op.width.sign_extend(raw);
        self.write_cells(state, span, f(old, op.width.sign_extend(data)));
        Some(old)
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
        let (mut value, mut shift) = (0, 0);
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
}
