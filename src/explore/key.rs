//! A state as a short string of bytes, equal for states with equal futures.
//!
//! What cannot matter any more is left out: values that nothing is computed from, cells that nobody
//! looks at, reservations without an SC to come. A hart that is through is only what is observed of
//! it, whichever path it took.

use super::machine::Machine;
use super::set::Set;
use super::tree::End;
use crate::model::ScFailure;

impl<S: Set> Machine<'_, S> {
    /// Writes the part of the key that is hart `h`'s behind what is in `key`.
    pub(super) fn encode_hart(&self, state: &[u64], h: usize, key: &mut Vec<u8>) {
        let hart = &self.harts[h];
        let (node, facts) = hart.node(state);
        let done = hart.done(state);
        if !self.reductions.forget {
            push(key, hart.node_id(state) as u64);
            push_set(key, done);
            push_set(key, hart.asleep(state));
            push_set(key, hart.broken(state));
            hart.loaded(state).iter().for_each(|value| push(key, *value));
            for place in facts.computed.members() {
                push(key, state[hart.address_word(place)]);
                push_set(key, hart.forbidden(state, place));
            }
            return;
        }
        let forced = self.options.sc_failure == ScFailure::OnlyWhenForced;
        if let End::Leaf(observed) = &node.end
            && self.finished(state, h)
        {
            push(key, 0);
            for expr in observed {
                push(key, hart.tree.exprs.eval(*expr, hart.loaded(state)));
            }
            if forced {
                push_set(key, node.failed_pairs & !hart.broken(state));
            }
            return;
        }
        push(key, hart.node_id(state) as u64 + 1);
        push_set(key, done);
        push_set(key, hart.asleep(state));
        let mut pending = self.reserving(state, h);
        if forced {
            pending |= node.failed_pairs;
        }
        push_set(key, hart.broken(state) & pending);
        for place in self.live(state, h).members() {
            push(key, hart.loaded(state)[place]);
            if hart.values > hart.tree.depth {
                push(key, hart.loaded(state)[hart.tree.depth + place]);
            }
        }
        for place in facts.computed.members() {
            push(key, state[hart.address_word(place)]);
            push_set(key, hart.forbidden(state, place));
        }
    }

    /// Writes the part of the key that is memory's behind what is in `key`.
    pub(super) fn encode_memory(&self, state: &[u64], key: &mut Vec<u8>) {
        push_set(key, self.unread(state));
        let cells = &state[self.memory..self.memory + self.cells.list.len()];
        if !self.reductions.forget {
            cells.iter().for_each(|word| push(key, *word));
            return;
        }
        let watched = self.watched_cells(state);
        for (cell, value) in cells.iter().enumerate() {
            push(key, if watched.has(cell) { *value } else { 0 });
        }
    }

    /// Performed operations of a hart whose values something still depends on.
    fn live(&self, state: &[u64], h: usize) -> S {
        let hart = &self.harts[h];
        let (node, facts) = hart.node(state);
        let done = hart.done(state);
        let mut live = facts.needed_below;
        for guard in &node.guards {
            let sources = hart.tree.exprs.sources(guard.value);
            live |= sources.when(!sources.within(done));
        }
        for place in (done & facts.reads & !live).members() {
            live |= S::only(place).when(!hart.place_at(facts, place).users.within(done));
        }
        live & done
    }
}

/// A set: the words up to its last member.
fn push_set<S: Set>(key: &mut Vec<u8>, set: S) {
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
pub(super) fn push(key: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        key.push(value as u8 | 0x80);
        value >>= 7;
    }
    key.push(value as u8);
}
