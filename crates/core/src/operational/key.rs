//! A state as a short string of bytes, equal for states with equal futures.
//!
//! What cannot matter any more is left out: values that nothing is computed from, cells that nobody
//! looks at, reservations without an SC to come. A hart that is through is only what is observed of
//! it, whichever path it took.

use super::control::Control;
use super::local::Stage;
use super::set::Set;
use super::walker::View;
use crate::model::ScFailure;

impl<S: Set> View<'_, S> {
    /// Writes the part of the key that is hart `h`'s behind what is in `key`.
    pub(super) fn encode_hart(self, state: &[u64], h: usize, key: &mut Vec<u8>) {
        let machine = self.machine;
        let hart = &machine.harts[h];
        let (number, local) = (state[h], self.local(state, h));
        let loaded = hart.loaded(state);
        if local.stage == Stage::Finished && machine.reductions.forget {
            push(key, 0);
            if let Some(leaf) = local.leaf {
                let observed = hart.tree.observed(leaf);
                observed.iter().for_each(|e| push(key, hart.tree.exprs.eval(*e, loaded)));
            }
            if machine.options.sc_failure == ScFailure::OnlyWhenForced {
                let at = machine.at(h, &local.control);
                push_set(key, at.node.failed_pairs & !local.control.broken);
            }
            return;
        }
        match machine.alike.is_empty() {
            true => push(key, number + 1),
            false => push_control(key, &local.control),
        }
        if !machine.reductions.forget {
            return loaded.iter().for_each(|value| push(key, *value));
        }
        local.live.members().for_each(|place| push(key, loaded[place]));
        if hart.values > hart.tree.depth {
            let high = &loaded[hart.tree.depth..];
            local.live.members().for_each(|place| push(key, high[place]));
        }
    }

    /// Writes the part of the key that is memory's behind what is in `key`.
    pub(super) fn encode_memory(self, state: &[u64], key: &mut Vec<u8>) {
        let machine = self.machine;
        push_set(key, machine.unread(state));
        let cells = &state[machine.memory..machine.memory + machine.cells.list.len()];
        let watched = match machine.reductions.forget {
            true => self.all(state).fold(machine.observed_cells, |all, local| all | local.looks),
            false => S::FULL,
        };
        for (cell, value) in cells.iter().enumerate() {
            push(key, if watched.has(cell) { *value } else { 0 });
        }
    }
}

/// A point of a hart's paths by what it is. Its number depends on who met it first, and harts that are
/// alike are put in an order that must not.
fn push_control<S: Set>(key: &mut Vec<u8>, control: &Control<S>) {
    push(key, u64::from(control.node) + 1);
    for set in [control.done, control.asleep, control.broken] {
        push_set(key, set);
    }
    for computed in &control.computed {
        push(key, computed.address);
        push_set(key, computed.forbidden);
    }
}

/// A set: the words up to its last member.
pub(super) fn push_set<S: Set>(key: &mut Vec<u8>, set: S) {
    if S::WORDS == 1 {
        let mut word = [0];
        set.put(&mut word);
        push(key, word[0]);
        return;
    }
    push(key, set.len() as u64);
    let mut from = 0;
    for member in set.members() {
        push(key, (member - from) as u64);
        from = member;
    }
}

/// LEB128.
#[inline]
pub(super) fn push(key: &mut Vec<u8>, value: u64) {
    match value {
        0..0x80 => key.push(value as u8),
        _ => push_long(key, value),
    }
}

fn push_long(key: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        key.push(value as u8 | 0x80);
        value >>= 7;
    }
    key.push(value as u8);
}
