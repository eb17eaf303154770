//! The positions of harts that an exploration has met, each under a number.
//!
//! Beside each position stand the positions that follow from it when an operation is performed, when a load
//! decides to wait, and when another hart stores to a cell: as far as no value has a say in it, that is
//! found out once. All of this serves every choice of models, but for what is enabled: that is found out
//! again for each. Equal harts share their positions. Threads that work on one exploration share the
//! numbers: each has a copy of what is known, and adds to a common table what it is the first to meet.
//!
//! Where an exploration meets more positions than states, as a reader of many words does that are written one by one,
//! most are come by once: those on which no state of the stack stands are forgotten now and then. A number means
//! nothing then beyond its thread's stack, and keys name positions in full.

use std::sync::{Mutex, PoisonError};

use hashbrown::HashTable;
use rustc_hash::FxHashMap;

use super::hart_state::{Enabled, HartState};
use super::position::Position;
use crate::operational::compile::{CompiledMachine, Set};

/// Hart states by number.
#[derive(Clone, Default, Debug)]
pub(crate) struct HartStates<S> {
    list: Vec<HartState<S>>,
    /// The numbers, by the hash of the position.
    numbers: HashTable<u32>,
    /// The transitions of each of the first [`MOST_STATES`] hart states, by event.
    transitions: Vec<Transition>,
    /// Transitions by number and event, where a hart state has more than [`MOST_EVENTS`]: it takes few.
    sparse: FxHashMap<(u32, u32), Transition>,
    /// Events of a hart state in [`HartStates::transitions`].
    events: usize,
    /// Most operations on a path.
    depth: usize,
    /// Number of the choice of models that is followed: what was enabled under another is out of date.
    epoch: u32,
    /// Are they forgotten where there are many?
    forgetful: bool,
    /// How many were left when they were forgotten last.
    left: usize,
}

/// What may happen to a hart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    /// The operation at this place is performed.
    Performed(usize),
    /// The load at this place waits.
    Asleep(usize),
    /// Another hart stores to this cell alone.
    Stored(usize),
}

/// Where an event leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Transition {
    /// Not found out yet, or a matter of values.
    Unknown,
    /// Nowhere: there is no such execution.
    Dead,
    /// To the hart state with this number.
    To(u32),
}

/// Hart states whose transitions have a place of their own.
const MOST_STATES: usize = 1 << 14;
/// Hart states that are not forgotten even if there is hardly memory left: to meet them anew takes time.
const MOST_STATES_WHERE_SCARCE: usize = 1 << 10;
/// Events of a hart state that each have a place of their own.
const MOST_EVENTS: usize = 96;
/// Transitions that are kept by number and event.
const MOST_SPARSE: usize = 1 << 20;

impl<S: Set> HartStates<S> {
    /// Forgets everything, for another machine; keeps the allocations.
    pub(crate) fn reset(&mut self, machine: &CompiledMachine<'_, S>) {
        self.list.clear();
        self.numbers.clear();
        self.transitions.clear();
        self.sparse.clear();
        (self.forgetful, self.left) = (false, 0);
        self.depth = machine.harts.iter().map(|hart| hart.tree.depth).max().unwrap_or(0);
        self.events = 2 * self.depth + machine.cells.list.len();
        if self.events > MOST_EVENTS {
            self.events = 0;
        }
    }

    /// Other models are followed from now on.
    pub(crate) fn begin_epoch(&mut self) {
        self.epoch += 1;
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Is what is enabled in a hart state out of date?
    #[inline]
    pub(crate) fn is_stale(&self, number: u64) -> bool {
        self.list[number as usize].enabled.epoch != self.epoch
    }

    /// Brings what is enabled in a hart state up to date.
    pub(crate) fn refresh(&mut self, number: u64, enabled: Enabled<S>) {
        self.list[number as usize].enabled = enabled;
    }

    /// How many hart states there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The numbers of all hart states.
    #[cfg(feature = "parallel")]
    pub(crate) fn numbers(&self) -> std::ops::Range<u64> {
        0..self.list.len() as u64
    }

    /// Where `event` leads from the hart state with this number.
    #[inline]
    pub(crate) fn transition(&self, number: u64, event: Event) -> Transition {
        match self.transitions.get(number as usize * self.events + self.index(event)) {
            Some(transition) => *transition,
            None => self.sparse_transition(number, event),
        }
    }

    #[cold]
    fn sparse_transition(&self, number: u64, event: Event) -> Transition {
        let found = self.sparse.get(&(number as u32, self.index(event) as u32));
        found.copied().unwrap_or(Transition::Unknown)
    }

    /// Notes where `event` leads, if that is no matter of values.
    pub(crate) fn note(&mut self, number: u64, event: Event, transition: Transition) {
        let index = self.index(event);
        match self.transitions.get_mut(number as usize * self.events + index) {
            Some(place) => *place = transition,
            None if self.sparse.len() < MOST_SPARSE => {
                self.sparse.insert((number as u32, index as u32), transition);
            }
            None => {}
        }
    }

    #[inline]
    fn index(&self, event: Event) -> usize {
        match event {
            Event::Performed(place) => place,
            Event::Asleep(place) => self.depth + place,
            Event::Stored(cell) => 2 * self.depth + cell,
        }
    }

    /// From here on keys do not name them by their numbers, and [`HartStates::forget`] may be called.
    pub(crate) fn be_forgetful(&mut self) {
        self.forgetful = true;
    }

    pub(crate) fn are_forgetful(&self) -> bool {
        self.forgetful
    }

    /// Are there so many to be forgotten that it is worth while? Fewer are where memory is `scarce`.
    pub(crate) fn may_forget(&self, scarce: bool) -> bool {
        let more = if scarce { MOST_STATES_WHERE_SCARCE } else { MOST_STATES };
        self.forgetful && self.list.len() > 2 * self.left + more
    }

    /// Forgets all but those on which harts stand in the states of a stack, and gives these other numbers and their
    /// memory back.
    pub(crate) fn forget(&mut self, machine: &CompiledMachine<'_, S>, stack: &mut [u64]) {
        let kept = self.take_along(machine, stack);
        self.list = Vec::new();
        self.numbers = HashTable::new();
        self.transitions = Vec::new();
        self.sparse = FxHashMap::default();
        self.left = kept.len();
        self.bring(kept, machine, stack);
    }

    /// Those on which harts stand in the states of a stack, which is to be another thread's: it names them by their
    /// places among these.
    pub(crate) fn take_along(
        &self,
        machine: &CompiledMachine<'_, S>,
        stack: &mut [u64],
    ) -> Vec<HartState<S>> {
        let (mut places, mut taken) = (FxHashMap::default(), Vec::new());
        for number in machine.hart_states_of(stack) {
            let place = *places.entry(*number).or_insert_with(|| {
                taken.push(self.get(*number).clone());
                taken.len() as u64 - 1
            });
            *number = place;
        }
        taken
    }

    /// Adds those that came along with a stack.
    pub(crate) fn bring(
        &mut self,
        brought: Vec<HartState<S>>,
        machine: &CompiledMachine<'_, S>,
        stack: &mut [u64],
    ) {
        let mut numbers = Vec::with_capacity(brought.len());
        for mut hart_state in brought {
            hart_state.enabled.epoch = self.epoch;
            let hash = hart_state.position.hash();
            numbers.push(match self.find(&hart_state.position, hash) {
                Some(number) => {
                    self.refresh(number.into(), hart_state.enabled);
                    number
                }
                None => self.add(hart_state, hash),
            });
        }
        for number in machine.hart_states_of(stack) {
            *number = numbers[*number as usize].into();
        }
    }

    /// Bytes of memory that they take.
    pub(crate) fn memory(&self) -> usize {
        size_of::<HartState<S>>() * self.list.capacity()
            + self.numbers.allocation_size()
            + size_of::<Transition>() * self.transitions.capacity()
            + 16 * self.sparse.capacity()
    }

    #[inline]
    pub(crate) fn get(&self, number: u64) -> &HartState<S> {
        &self.list[number as usize]
    }

    /// The number of a position, if it was met.
    #[inline]
    fn find(&self, position: &Position<S>, hash: u64) -> Option<u32> {
        let same = |number: &u32| self.list[*number as usize].position == *position;
        self.numbers.find(hash, same).copied()
    }

    fn add(&mut self, hart_state: HartState<S>, hash: u64) -> u32 {
        let number = self.list.len() as u32;
        self.list.push(hart_state);
        if self.list.len() <= MOST_STATES {
            self.transitions.resize(self.list.len() * self.events, Transition::Unknown);
        }
        let HartStates { list, numbers, .. } = self;
        numbers.insert_unique(hash, number, |number| list[*number as usize].position.hash());
        number
    }

    /// Takes over what another thread has met since.
    fn follow(&mut self, others: &HartStates<S>) {
        for hart_state in &others.list[self.list.len()..] {
            self.add(hart_state.clone(), hart_state.position.hash());
        }
    }

    /// The number of a position; what follows from it is worked out if it was not met before.
    #[inline]
    pub(crate) fn number(
        &mut self,
        position: Position<S>,
        shared: Option<&SharedHartStates<S>>,
        work_out: impl FnOnce(Position<S>, u32) -> HartState<S>,
    ) -> u32 {
        let hash = position.hash();
        match self.find(&position, hash) {
            Some(number) => number,
            None => self.meet(position, hash, shared, work_out),
        }
    }

    #[cold]
    fn meet(
        &mut self,
        position: Position<S>,
        hash: u64,
        shared: Option<&SharedHartStates<S>>,
        work_out: impl FnOnce(Position<S>, u32) -> HartState<S>,
    ) -> u32 {
        let hart_state = work_out(position, self.epoch);
        let Some(shared) = shared else { return self.add(hart_state, hash) };
        let mut shared = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.follow(&shared);
        self.find(&hart_state.position, hash).unwrap_or_else(|| {
            // Both have the same hart states under the same numbers.
            shared.add(hart_state.clone(), hash);
            self.add(hart_state, hash)
        })
    }
}

/// The hart states that several threads have met.
#[derive(Debug)]
pub(crate) struct SharedHartStates<S>(Mutex<HartStates<S>>);

impl<S: Set> SharedHartStates<S> {
    #[cfg(feature = "parallel")]
    pub(crate) fn new(known: HartStates<S>) -> SharedHartStates<S> {
        SharedHartStates(Mutex::new(known))
    }

    /// Makes `hart_states` know all that is known.
    pub(crate) fn tell(&self, hart_states: &mut HartStates<S>) {
        let shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match hart_states.list.is_empty() {
            true => *hart_states = shared.clone(),
            false => hart_states.follow(&shared),
        }
    }
}
