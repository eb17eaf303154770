//! Accesses of 16 bytes: `amocas.q`.
//!
//! The operation is one, at one place of the global memory order. Only its value takes two words: the
//! halves lie in cells of their own, and what it returned stands in two words of the state.

use super::stop::Alive;
use super::values::{compares_equal, current_value};
use crate::operational::compile::{High, Set};
use crate::operational::state::Cursor;

/// Keeps the upper half of what a failed `amocas.q` returns, whose low half is `low`. No execution if it
/// would have succeeded.
pub(crate) fn read_high<S: Set>(
    at: &Cursor<'_, S>,
    state: &mut [u64],
    place: usize,
    (operand, low): (High, u64),
) -> Alive {
    let Some((_, span)) = at.halves(place) else { return Alive::No };
    let high = current_value(at, state, place, span);
    if compares_equal(at, state, at.op(place), low) && at.eval(operand.expected, state) == high {
        return Alive::No;
    }
    keep_high(at, state, place, high);
    Alive::Yes
}

/// Writes what an `amocas.q` that succeeds writes; gives what it returns in its low half.
pub(crate) fn store_both<S: Set>(
    at: &Cursor<'_, S>,
    state: &mut [u64],
    place: usize,
    operand: High,
) -> Option<u64> {
    let (machine, op) = (at.machine, at.op(place));
    let (low_span, high_span) = at.halves(place)?;
    let low = machine.memory_value(state, low_span);
    let high = machine.memory_value(state, high_span);
    if !compares_equal(at, state, op, low) || at.eval(operand.expected, state) != high {
        return None;
    }
    let new_low = op.data.map_or(0, |data| at.eval(data, state));
    let new_high = at.eval(operand.data, state);
    machine.write_cells(state, low_span, new_low);
    machine.write_cells(state, high_span, new_high);
    keep_high(at, state, place, high);
    Some(low)
}

fn keep_high<S: Set>(at: &Cursor<'_, S>, state: &mut [u64], place: usize, high: u64) {
    state[at.hart.loaded_word(place) + at.hart.value_words / 2] = high;
}
