//! A state as a short string of bytes, equal for states with equal futures.
//!
//! What cannot matter any more is left out: values that nothing is computed from, cells that nobody
//! looks at, reservations without an SC to come. A hart that is through is only what is observed of
//! it, whichever path it took.

use crate::operational::compile::{Set, push, push_set};
use crate::operational::state::{HartState, Position, Stage, View};

/// Writes the part of the key that is hart `h`'s behind what is in `key`.
pub(crate) fn encode_hart<S: Set>(view: View<'_, S>, state: &[u64], h: usize, key: &mut Vec<u8>) {
    let machine = view.machine;
    let hart = &machine.harts[h];
    let (number, hart_state) = (state[h], view.hart_state(state, h));
    let loaded = hart.loaded(state);
    let dead_values = machine.reductions.dead_values;
    // One whose SC failed and has no reason yet still looks at the bytes that its LR reserved.
    if hart_state.stage == Stage::Finished && dead_values && hart_state.failures_forced {
        push(key, 0);
        if let Some(leaf) = hart_state.leaf {
            let observed = hart.tree.observed(leaf);
            observed.iter().for_each(|e| push(key, hart.tree.exprs.eval(*e, loaded)));
        }
        return;
    }
    match machine.equal_harts.is_empty() && !view.hart_states.are_forgetful() {
        true => push(key, number + 1),
        false => push_control(key, &hart_state.position),
    }
    if !dead_values {
        return loaded.iter().for_each(|value| push(key, *value));
    }
    if let Some(computed) = &hart_state.computed {
        computed.iter().for_each(|expr| push(key, hart.tree.exprs.eval(*expr, loaded)));
        return;
    }
    hart_state.live.members().for_each(|place| push(key, loaded[place]));
    if hart.value_words > hart.tree.depth {
        let high = &loaded[hart.tree.depth..];
        hart_state.live.members().for_each(|place| push(key, high[place]));
    }
}

/// Writes the part of the key that is memory's behind what is in `key`.
pub(crate) fn encode_memory<S: Set>(view: View<'_, S>, state: &[u64], key: &mut Vec<u8>) {
    let machine = view.machine;
    push_set(key, machine.unread(state));
    let cells = &state[machine.memory..machine.memory + machine.cells.list.len()];
    let watched = watched_cells(view, state);
    for (cell, value) in cells.iter().enumerate() {
        push(key, if watched.has(cell) { *value } else { 0 });
    }
}

/// Cells whose content is part of a state's key.
pub(crate) fn watched_cells<S: Set>(view: View<'_, S>, state: &[u64]) -> S {
    let looks = |all: S, hart_state: &HartState<S>| all | hart_state.reads_or_reserves;
    match view.machine.reductions.dead_values {
        true => view.all(state).fold(view.machine.observed_cells, looks),
        false => S::FULL,
    }
}

/// Writes a position by what it is. Its number depends on who met it first, and equal harts are put in an
/// order that must not.
fn push_control<S: Set>(key: &mut Vec<u8>, position: &Position<S>) {
    push(key, u64::from(position.node) + 1);
    for set in [position.performed, position.asleep, position.broken] {
        push_set(key, set);
    }
    for computed in &position.computed {
        push(key, computed.address);
        push_set(key, computed.forbidden);
    }
}
