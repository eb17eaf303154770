//! The part of a state that is one hart's: a local state.

use super::LocalSets;
use crate::operational::compile::{CompiledMachine, Set};

/// What of a local state is not part of a state.
#[derive(Clone, Default, Debug)]
pub(super) struct Extra {
    /// The carrier by which the hart carries the chain.
    pub(super) carried: Option<usize>,
    /// A bit for each register that is shown and is known to end with a value, and all those values; nothing
    /// where that is not asked.
    pub(super) results: Vec<u64>,
}

impl<S: Set> LocalSets<'_, S> {
    /// Words of hart `h`'s part.
    pub(super) fn part_words(&self, h: usize) -> usize {
        2 + self.stepper.machine.harts[h].value_words + self.extra[h].results.len()
    }

    /// The part of the state that is hart `h`'s.
    pub(super) fn part(&self, h: usize) -> Vec<u64> {
        let mut part = Vec::with_capacity(self.part_words(h));
        push_part(self.stepper.machine, &self.state, &self.extra[h], h, &mut part);
        part
    }

    pub(super) fn set_part(&mut self, h: usize, part: &[u64]) {
        let LocalSets { stepper, state, extra, .. } = self;
        take_part(stepper.machine, state, &mut extra[h], h, part);
    }

    /// Puts the part of hart `h` to what has to settle.
    pub(super) fn put(&mut self, h: usize) {
        let LocalSets { stepper, state, extra, todo, .. } = self;
        push_part(stepper.machine, state, &extra[h], h, todo);
    }

    /// Takes the part of hart `h` that was put last.
    pub(super) fn take(&mut self, h: usize) -> bool {
        let Some(start) = self.todo.len().checked_sub(self.part_words(h)) else { return false };
        let LocalSets { stepper, state, extra, todo, .. } = self;
        take_part(stepper.machine, state, &mut extra[h], h, &todo[start..]);
        todo.truncate(start);
        true
    }

    /// Hart `h` is in the local state with this number.
    pub(super) fn get(&mut self, h: usize, member: u32) {
        let LocalSets { stepper, state, extra, store, .. } = self;
        take_part(stepper.machine, state, &mut extra[h], h, store.part(member));
    }
}

/// Writes hart `h`'s part of `state` behind what is in `words`.
pub(super) fn push_part<S: Set>(
    machine: &CompiledMachine<'_, S>,
    state: &[u64],
    extra: &Extra,
    h: usize,
    words: &mut Vec<u64>,
) {
    words.push(state[h]);
    words.extend_from_slice(machine.harts[h].loaded(state));
    words.push(extra.carried.map_or(0, |place| place as u64 + 1));
    words.extend_from_slice(&extra.results);
}

fn take_part<S: Set>(
    machine: &CompiledMachine<'_, S>,
    state: &mut [u64],
    extra: &mut Extra,
    h: usize,
    part: &[u64],
) {
    let hart = &machine.harts[h];
    state[h] = part[0];
    let values = 1 + hart.value_words;
    state[hart.first_value..hart.first_value + hart.value_words].copy_from_slice(&part[1..values]);
    extra.carried = (part[values] as usize).checked_sub(1);
    extra.results.copy_from_slice(&part[values + 1..]);
}
