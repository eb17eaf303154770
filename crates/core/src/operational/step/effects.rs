//! What an operation does to memory, and what it returns.

use super::amocas_q::{read_high, store_both};
use super::stop::Alive;
use super::values::{compares_equal, current_value};
use crate::operational::compile::Set;
use crate::operational::state::Cursor;

/// The value that the load at `place` returns; `None` if there is no such execution. Takes note of what is
/// read.
pub(crate) fn load<S: Set>(at: &Cursor<'_, S>, state: &mut [u64], place: usize) -> Option<u64> {
    let (machine, op) = (at.machine, at.op(place));
    let span = match op.high {
        None => at.span(place),
        Some(_) => at.halves(place).map(|(low, _)| low),
    };
    let raw = current_value(at, state, place, span?);
    let unread = machine.unread(state);
    if !unread.is_empty() {
        let cells = at.cells_of(place);
        let read = cells & !at.forwarded_cells(place, cells);
        machine.set_unread(state, unread & !read);
    }
    let succeeds = match op.high {
        Some(high) => read_high(at, state, place, (high, raw)) == Alive::No,
        None => {
            let fails = op.expected.is_some() && !op.kind.writes();
            fails && compares_equal(at, state, op, raw)
        }
    };
    (!succeeds).then(|| op.extend.apply(op.width, raw))
}

/// Writes what the store, SC or AMO at `place` writes; gives what it returns. `None` for an `amocas`
/// that would fail.
pub(crate) fn store<S: Set>(at: &Cursor<'_, S>, state: &mut [u64], place: usize) -> Option<u64> {
    let (machine, op) = (at.machine, at.op(place));
    if let Some(high) = op.high {
        return store_both(at, state, place, high);
    }
    let span = at.span(place)?;
    let data = op.data.map_or(0, |data| at.eval(data, state));
    let Some(f) = op.amo else {
        machine.write_cells(state, span, data);
        return Some(0);
    };
    let raw = machine.memory_value(state, span);
    if op.expected.is_some() && !compares_equal(at, state, op, raw) {
        return None;
    }
    let old = op.width.sign_extend(raw);
    machine.write_cells(state, span, f.apply(old, op.width.sign_extend(data)));
    Some(old)
}
