//! Local states and sets of them, each kept once, under a number.

use std::hash::Hasher;

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use super::is_at_end;
use super::part::{Extra, push_part};
use crate::operational::compile::{Set, push};
use crate::operational::reduce::key::encode_hart;
use crate::operational::state::View;

/// The number of a set.
pub(crate) type SetNumber = u32;

/// Local states and sets of them by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Store<S> {
    /// The parts of states one behind the other, and where each begins.
    parts: Vec<u64>,
    starts: Vec<(usize, usize)>,
    /// The keys of local states one behind the other.
    keys: Vec<u8>,
    locals: HashTable<u32>,
    members: Vec<u32>,
    sets: Vec<LocalSet<S>>,
    numbers: HashTable<u32>,
}

/// What is known of a set of local states.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocalSet<S> {
    start: usize,
    count: usize,
    /// Cells that some member may still write.
    pub(crate) writes: S,
    /// Cells that some member may still read or has reserved.
    pub(crate) looks: S,
    /// Cells such that a store of another hart changes some member.
    pub(crate) affected_by: S,
    /// Cells of loads that sleep.
    pub(crate) awaited: S,
    /// The set of those members that are at their end.
    pub(crate) ended: SetNumber,
}

fn hash(words: impl Iterator<Item = u64>) -> u64 {
    let mut hasher = FxHasher::default();
    words.for_each(|word| hasher.write_u64(word));
    hasher.finish()
}

fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    hasher.finish()
}

impl<S: Set> Store<S> {
    /// Bytes of memory that it takes.
    pub(crate) fn memory(&self) -> usize {
        size_of::<u64>() * self.parts.capacity()
            + size_of::<(usize, usize)>() * self.starts.capacity()
            + self.keys.capacity()
            + self.locals.allocation_size()
            + size_of::<u32>() * self.members.capacity()
            + size_of::<LocalSet<S>>() * self.sets.capacity()
            + self.numbers.allocation_size()
    }

    /// Have sets one member each, on average, or little more?
    pub(crate) fn are_small(&self) -> bool {
        4 * self.members.len() < 5 * self.sets.len()
    }

    /// The number of the local state of hart `h` in `state`.
    pub(crate) fn local(
        &mut self,
        view: View<'_, S>,
        state: &[u64],
        h: usize,
        extra: &Extra,
        key: &mut Vec<u8>,
    ) -> u32 {
        key.clear();
        push(key, view.machine.representatives[h] as u64);
        push(key, extra.carried.map_or(0, |place| place as u64 + 1));
        extra.results.iter().for_each(|word| push(key, *word));
        encode_hart(view, state, h, key);
        let hash = hash_bytes(key);
        let Store { parts, starts, keys, locals, .. } = self;
        let key_of = |number: u32| {
            let start = starts[number as usize].1;
            let end = starts.get(number as usize + 1).map_or(keys.len(), |next| next.1);
            &keys[start..end]
        };
        if let Some(number) = locals.find(hash, |number| key_of(*number) == *key) {
            return *number;
        }
        let number = starts.len() as u32;
        locals.insert_unique(hash, number, |number| hash_bytes(key_of(*number)));
        starts.push((parts.len(), keys.len()));
        keys.extend_from_slice(key);
        push_part(view.machine, state, extra, h, parts);
        number
    }

    /// The part of a state that a local state is.
    pub(crate) fn part(&self, local: u32) -> &[u64] {
        let start = self.starts[local as usize].0;
        let end = self.starts.get(local as usize + 1).map_or(self.parts.len(), |next| next.0);
        &self.parts[start..end]
    }

    /// The members of a set, in order.
    pub(crate) fn members(&self, set: SetNumber) -> &[u32] {
        let LocalSet { start, count, .. } = self.sets[set as usize];
        &self.members[start..start + count]
    }

    pub(crate) fn set(&self, set: SetNumber) -> &LocalSet<S> {
        &self.sets[set as usize]
    }

    /// The number of a set of local states of hart `h`, which is emptied.
    pub(crate) fn number(
        &mut self,
        view: View<'_, S>,
        members: &mut Vec<u32>,
        h: usize,
    ) -> SetNumber {
        members.sort_unstable();
        members.dedup();
        let ended: Vec<u32> =
            members.iter().copied().filter(|m| is_at_end(self.hart_state(view, *m))).collect();
        let all = ended.len() == members.len();
        let ended = if all { None } else { Some(self.add(view, &ended, h, None)) };
        let number = self.add(view, members, h, ended);
        members.clear();
        number
    }

    fn hart_state<'v>(
        &self,
        view: View<'v, S>,
        local: u32,
    ) -> &'v crate::operational::state::HartState<S> {
        view.hart_states.get(self.part(local)[0])
    }

    /// Adds a set, of whose members those of `ended` are at their end, or all.
    fn add(
        &mut self,
        view: View<'_, S>,
        members: &[u32],
        h: usize,
        ended: Option<SetNumber>,
    ) -> SetNumber {
        let hash_of = |members: &[u32]| hash(members.iter().map(|m| u64::from(*m)));
        let hash = hash_of(members);
        let same = |number: &u32| self.members(*number) == members;
        if let Some(number) = self.numbers.find(hash, same) {
            return *number;
        }
        let number = self.sets.len() as u32;
        let mut set = LocalSet {
            start: self.members.len(),
            count: members.len(),
            writes: S::EMPTY,
            looks: S::EMPTY,
            affected_by: S::EMPTY,
            awaited: S::EMPTY,
            ended: ended.unwrap_or(number),
        };
        for member in members {
            let hart_state = self.hart_state(view, *member);
            set.writes |= hart_state.writes;
            set.looks |= hart_state.reads_or_reserves;
            set.affected_by |= hart_state.affected_by;
            for place in hart_state.sleepers.members() {
                set.awaited |= hart_state.cells_of(view.machine, h, place);
            }
        }
        self.members.extend_from_slice(members);
        self.sets.push(set);
        let Store { members, sets, numbers, .. } = self;
        numbers.insert_unique(hash, number, |number| {
            let LocalSet { start, count, .. } = sets[*number as usize];
            hash_of(&members[start..start + count])
        });
        number
    }
}
