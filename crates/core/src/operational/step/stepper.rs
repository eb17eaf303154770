//! What a thread needs to go from state to state.

use super::derive;
use super::enabled::enabled;
use crate::operational::compile::{CompiledMachine, Set};
use crate::operational::state::{Cursor, HartStates, Position, SharedHartStates, View};

/// A machine, and what one thread knows of its harts' states.
pub(crate) struct Stepper<'m, S> {
    pub(crate) machine: &'m CompiledMachine<'m, S>,
    pub(crate) hart_states: HartStates<S>,
    /// What all threads know, where there are several.
    shared: Option<&'m SharedHartStates<S>>,
    /// Has a value been looked at since this was set to `false`?
    pub(crate) used_values: bool,
    /// Loops that were taken further than the bound: hart and step.
    pub(crate) cuts: Vec<(usize, usize)>,
}

impl<'m, S: Set> Stepper<'m, S> {
    /// Makes a stepper that knows what another one met. If `shared` is what all threads know, then that was
    /// in the same search; else it may have followed other models.
    pub(crate) fn new(
        machine: &'m CompiledMachine<'m, S>,
        mut hart_states: HartStates<S>,
        shared: Option<&'m SharedHartStates<S>>,
    ) -> Stepper<'m, S> {
        match shared {
            Some(shared) => shared.tell(&mut hart_states),
            None => hart_states.begin_epoch(),
        }
        Stepper { machine, hart_states, shared, used_values: false, cuts: Vec::new() }
    }

    /// Brings everything up to date, before it is handed to others.
    #[cfg(feature = "parallel")]
    pub(crate) fn refresh_all(&mut self) {
        for number in self.hart_states.numbers() {
            self.refresh(number);
        }
    }

    /// Brings what is enabled in a hart state up to date.
    #[inline]
    pub(crate) fn refresh(&mut self, number: u64) {
        if self.hart_states.is_stale(number) {
            let position = &self.hart_states.get(number).position;
            let at = Cursor::new(self.machine, position.hart.into(), position);
            let enabled = enabled(&at, self.hart_states.epoch());
            self.hart_states.refresh(number, enabled);
        }
    }

    /// What can be asked of states.
    #[inline]
    pub(crate) fn view(&self) -> View<'_, S> {
        View { machine: self.machine, hart_states: &self.hart_states }
    }

    /// The number of a position of hart `h`.
    #[inline]
    pub(crate) fn number(&mut self, h: usize, mut position: Position<S>) -> u32 {
        let Stepper { machine, hart_states, shared, .. } = self;
        if !position.broken.is_empty() {
            position.broken &= Cursor::new(machine, h, &position).pending_reservations();
        }
        hart_states.number(position, *shared, |position, epoch| {
            derive::hart_state(machine, h, position, epoch)
        })
    }
}
