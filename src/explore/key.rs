//! A state as a short string of bytes, equal for states with equal futures.
//!
//! What cannot matter any more is left out: values that nothing is computed from, cells that nobody
//! looks at, reservations without an SC to come. A hart that is through is only what is observed of
//! it, whichever path it took.

use super::expr::{OpSet, members};
use super::machine::{ASLEEP, BROKEN, DONE, Machine, NODE};
use super::tree::End;
use crate::model::ScFailure;

impl Machine<'_> {
    /// Writes the key of `state` to `key`, replacing what is there.
    pub(super) fn encode(&self, state: &[u64], key: &mut Vec<u8>) {
        key.clear();
        if !self.reductions.forget {
            state.iter().for_each(|word| push(key, *word));
            return;
        }
        for h in 0..self.harts.len() {
            self.encode_hart(state, h, key);
        }
        let watched = self.watched_cells(state);
        for (cell, value) in state[self.memory..].iter().enumerate() {
            push(key, if watched >> cell & 1 != 0 { *value } else { 0 });
        }
    }

    fn encode_hart(&self, state: &[u64], h: usize, key: &mut Vec<u8>) {
        let hart = &self.harts[h];
        let base = hart.base;
        let (node, facts) = hart.node(state[base + NODE]);
        let done = state[base + DONE];
        let forced = self.options.sc_failure == ScFailure::OnlyWhenForced;
        if let End::Leaf(observed) = &node.end
            && self.finished(state, h)
        {
            push(key, 0);
            for expr in observed {
                push(key, hart.tree.exprs.eval(*expr, self.loaded(state, h)));
            }
            if forced {
                push(key, node.failed_pairs & !state[base + BROKEN]);
            }
            return;
        }
        push(key, state[base + NODE] + 1);
        push(key, done);
        push(key, state[base + ASLEEP]);
        let mut pending = facts.reserved_below;
        for sc in members(facts.conditionals & !done) {
            pending |= hart.tree.op(node, sc).paired.map_or(0, |lr| 1 << lr);
        }
        if forced {
            pending |= node.failed_pairs;
        }
        push(key, state[base + BROKEN] & pending);
        for place in members(self.live(state, h)) {
            push(key, self.loaded(state, h)[place]);
            if hart.values > hart.tree.depth {
                push(key, self.loaded(state, h)[hart.tree.depth + place]);
            }
        }
        for place in members(facts.computed) {
            push(key, state[base + hart.address_word(place)]);
            push(key, state[base + hart.forbidden_word(place)]);
        }
    }

    /// Performed operations of a hart whose values something still depends on.
    fn live(&self, state: &[u64], h: usize) -> OpSet {
        let hart = &self.harts[h];
        let (node, facts) = hart.node(state[hart.base + NODE]);
        let done = state[hart.base + DONE];
        let mut live = facts.needed_below;
        for guard in &node.guards {
            let sources = hart.tree.exprs.sources(guard.value);
            live |= if sources & !done != 0 { sources } else { 0 };
        }
        for place in members(done & facts.reads & !live) {
            live |= OpSet::from(facts.users[place] & !done != 0) << place;
        }
        live & done
    }
}

/// LEB128.
pub(super) fn push(key: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        key.push(value as u8 | 0x80);
        value >>= 7;
    }
    key.push(value as u8);
}

/// Reads back what [`push`] wrote, in order.
pub(super) fn pull(key: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = key.split_first()?;
        *key = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let numbers = [0, 1, 127, 128, 0x6000_0000, u64::MAX, 1 << 63];
        let mut key = Vec::new();
        for number in numbers {
            push(&mut key, number);
        }
        let mut rest = &key[..];
        for number in numbers {
            assert_eq!(pull(&mut rest), Some(number));
        }
        assert_eq!(pull(&mut rest), None);
    }
}
