//! What an operation finds in memory, or in older stores of its own hart.

use crate::operational::compile::{CellSpan, Op, Set, low_bytes};
use crate::operational::state::Cursor;

/// The value that the load at `place` would return of `span`: for each cell what the youngest older store
/// of its own hart writes, if that is not performed, else what memory holds.
pub(crate) fn current_value<S: Set>(
    at: &Cursor<'_, S>,
    state: &[u64],
    place: usize,
    span: CellSpan,
) -> u64 {
    let machine = at.machine;
    let stores = at.older_stores(place);
    if stores.is_empty() {
        return machine.memory_value(state, span);
    }
    let (mut value, mut shift) = (0, 0);
    for index in span.indices() {
        let cell = machine.cells.list[index];
        let own = at.youngest_writer(stores, index);
        let own =
            own.and_then(|store| Some((at.eval(at.op(store).data?, state), at.address(store)?)));
        let word = own.map_or(state[machine.memory + index], |(data, start)| {
            low_bytes(data >> (8 * (cell.address - start)), cell.bytes)
        });
        value |= word << shift;
        shift += 8 * cell.bytes;
    }
    value
}

/// Does `raw` equal what an `amocas` compares its low 8 bytes with?
pub(crate) fn compares_equal<S: Set>(
    at: &Cursor<'_, S>,
    state: &[u64],
    op: &Op<S>,
    raw: u64,
) -> bool {
    let expected = op.expected.map_or(0, |expected| at.eval(expected, state));
    low_bytes(expected, op.width.bytes()) == low_bytes(raw, op.width.bytes())
}
