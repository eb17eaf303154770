//! Performing one operation, that is, appending it to the global memory order.

use super::coherence::after_store_of_another;
use super::effects::{load, store};
use super::stepper::Stepper;
use super::stop::{Alive, Stop};
use crate::operational::compile::{Set, SimpleAccess};
use crate::operational::state::{Cursor, Event, HartSet, Position, Transition};

impl<S: Set> Stepper<'_, S> {
    /// Writes the state before anything happened to `state`, replacing what is there. It is none if a hart
    /// cannot come to an end.
    pub(crate) fn start(&mut self, state: &mut Vec<u64>) -> Result<Alive, Stop> {
        let machine = self.machine;
        machine.initial(state);
        for (h, hart) in machine.harts.iter().enumerate() {
            if self.go(state, h, Position::start(machine.representatives[h], hart))? == Alive::No {
                return Ok(Alive::No);
            }
        }
        Ok(Alive::Yes)
    }

    /// Performs a load that is ready.
    pub(crate) fn perform_load(
        &mut self,
        state: &mut [u64],
        h: usize,
        place: usize,
    ) -> Result<Alive, Stop> {
        let machine = self.machine;
        let hart_state = self.view().hart_state(state, h);
        let value = match hart_state.simple(machine, h, place) {
            SimpleAccess::Load(cell, width, extend)
                if machine.unread(state).is_empty()
                    && self.view().at(state, h).older_stores(place).is_empty() =>
            {
                Some(extend.apply(width, state[machine.memory + usize::from(cell)]))
            }
            _ => load(&Cursor::new(machine, h, &hart_state.position), state, place),
        };
        match value {
            Some(value) => self.returned(state, h, place, value),
            None => Ok(Alive::No),
        }
    }

    /// Performs a store, SC or AMO that is ready. Gives the harts that have to be looked at again, or
    /// `None` if there is no such execution.
    pub(crate) fn perform_store(
        &mut self,
        state: &mut [u64],
        h: usize,
        place: usize,
    ) -> Result<Option<HartSet>, Stop> {
        let Some((cells, returns)) = self.write(state, h, place) else { return Ok(None) };
        let Some(again) = self.seen_by_others(state, h, cells)? else { return Ok(None) };
        Ok(match self.returned(state, h, place, returns)? {
            Alive::Yes => Some(again.with(HartSet::only(h))),
            Alive::No => None,
        })
    }

    /// As [`Stepper::perform_store`], but no other hart sees it yet. Gives its cells.
    pub(crate) fn perform_unseen(
        &mut self,
        state: &mut [u64],
        h: usize,
        place: usize,
    ) -> Result<Option<S>, Stop> {
        let Some((cells, returns)) = self.write(state, h, place) else { return Ok(None) };
        Ok((self.returned(state, h, place, returns)? == Alive::Yes).then_some(cells))
    }

    /// Does to memory what a store, SC or AMO does. Gives its cells and what it returns, or `None` for an
    /// `amocas` that would fail.
    #[inline]
    fn write(&mut self, state: &mut [u64], h: usize, place: usize) -> Option<(S, u64)> {
        let machine = self.machine;
        let hart_state = self.view().hart_state(state, h);
        match hart_state.simple(machine, h, place) {
            SimpleAccess::Store(cell, data, bytes) => {
                let hart = &machine.harts[h];
                let data = hart.tree.exprs.eval(data, hart.loaded(state)) & bytes;
                let cell = usize::from(cell);
                state[machine.memory + cell] = data;
                Some((S::only(cell), 0))
            }
            _ => {
                let at = Cursor::new(machine, h, &hart_state.position);
                let cells = at.cells_of(place);
                store(&at, state, place).map(|returns| (cells, returns))
            }
        }
    }

    /// A store of hart `writer` to `cells` has just been performed. Gives the other harts that have to be
    /// looked at again, or `None` if there is no such execution.
    fn seen_by_others(
        &mut self,
        state: &mut [u64],
        writer: usize,
        cells: S,
    ) -> Result<Option<HartSet>, Stop> {
        let mut again = HartSet::NONE;
        for h in 0..self.machine.harts.len() {
            if h == writer || !self.view().hart_state(state, h).affected_by.meets(cells) {
                continue;
            }
            if self.see_store(state, h, cells)? == Alive::No {
                return Ok(None);
            }
            again = again.with(HartSet::only(h));
        }
        Ok(Some(again))
    }

    /// Another hart has just stored to `cells`, which changes where hart `h` stands.
    pub(crate) fn see_store(
        &mut self,
        state: &mut [u64],
        h: usize,
        cells: S,
    ) -> Result<Alive, Stop> {
        let stored = |stepper: &mut Self, state: &mut [u64]| match after_store_of_another(
            &stepper.view().at(state, h),
            cells,
        ) {
            Ok(next) => stepper.go(state, h, next),
            Err(dead) => Ok(dead),
        };
        match cells.first() {
            Some(cell) if cells == S::only(cell) => {
                self.follow(state, h, Event::Stored(cell), stored)
            }
            _ => stored(self, state),
        }
    }

    /// The operation at `place` is performed and returned `value` (0 for a store).
    fn returned(
        &mut self,
        state: &mut [u64],
        h: usize,
        place: usize,
        value: u64,
    ) -> Result<Alive, Stop> {
        state[self.machine.harts[h].loaded_word(place)] = value;
        self.follow(state, h, Event::Performed(place), |stepper, state| {
            stepper.performed(state, h, place)
        })
    }

    fn performed(&mut self, state: &mut [u64], h: usize, place: usize) -> Result<Alive, Stop> {
        let machine = self.machine;
        let hart = &machine.harts[h];
        let at = self.view().at(state, h);
        let (node, computed) = (at.node, at.facts.computed);
        let mut next = at.position.clone();
        next.performed |= S::only(place);
        next.asleep = next.asleep.without(place);
        let loaded = hart.loaded(state);
        for guard in hart.tree.guards(node) {
            let sources = hart.tree.exprs.sources(guard.value);
            if sources.has(place) && sources.within(next.performed) {
                self.used_values = true;
                let actual = hart.tree.exprs.eval(guard.value, loaded);
                if !hart.tree.holds(guard, actual) {
                    return Ok(Alive::No);
                }
            }
        }
        let computed = computed & !next.performed;
        if !computed.is_empty()
            && self.resolve_addresses(h, &mut next, loaded, computed)? == Alive::No
        {
            return Ok(Alive::No);
        }
        self.go(state, h, next)
    }

    /// The load at `place` of hart `h` waits for the next store to its bytes.
    pub(crate) fn sleep(
        &mut self,
        state: &mut [u64],
        h: usize,
        place: usize,
    ) -> Result<Alive, Stop> {
        self.follow(state, h, Event::Asleep(place), |stepper, state| {
            let mut next = stepper.view().hart_state(state, h).position.clone();
            next.asleep |= S::only(place);
            stepper.go(state, h, next)
        })
    }

    /// Hart `h` goes where `event` leads it, which `find` finds out if it is not known yet.
    #[inline]
    fn follow(
        &mut self,
        state: &mut [u64],
        h: usize,
        event: Event,
        find: impl FnOnce(&mut Self, &mut [u64]) -> Result<Alive, Stop>,
    ) -> Result<Alive, Stop> {
        let number = state[h];
        match self.hart_states.transition(number, event) {
            Transition::To(next) => {
                state[h] = next.into();
                self.refresh(state[h]);
                Ok(Alive::Yes)
            }
            Transition::Dead => Ok(Alive::No),
            Transition::Unknown => {
                self.used_values = false;
                let alive = find(self, state)?;
                if !self.used_values {
                    let next = match alive {
                        Alive::Yes => Transition::To(state[h] as u32),
                        Alive::No => Transition::Dead,
                    };
                    self.hart_states.note(number, event, next);
                }
                Ok(alive)
            }
        }
    }

    /// Hart `h` stands at `next` now.
    pub(crate) fn go(
        &mut self,
        state: &mut [u64],
        h: usize,
        mut next: Position<S>,
    ) -> Result<Alive, Stop> {
        let machine = self.machine;
        if self.resolve_forks(h, &mut next, machine.harts[h].loaded(state))? == Alive::No {
            return Ok(Alive::No);
        }
        state[h] = self.number(h, next).into();
        self.refresh(state[h]);
        Ok(Alive::Yes)
    }
}
