//! What a set comes to: the harts see stores, and go as far as they go unseen.

use super::{LocalSets, SetNumber};
use crate::operational::compile::{End, Set};
use crate::operational::step::{Alive, Stop};

impl<S: Set> LocalSets<'_, S> {
    /// Writes to [`LocalSets::words`] all that it depends on what becomes of a set when others store to
    /// `cells` and may still write `written`.
    pub(super) fn ask(&mut self, set: SetNumber, cells: S, written: S) {
        let machine = self.stepper.machine;
        let looks = self.store.set(set).looks;
        self.words.clear();
        self.words.resize(2 * S::WORDS + 2, 0);
        self.words[0] = u64::from(set);
        self.words[1] = self.chain.word();
        cells.put(&mut self.words[2..]);
        (written & looks).put(&mut self.words[2 + S::WORDS..]);
        let known = looks & S::below(machine.cells.list.len());
        let read = known.members().map(|cell| self.state[machine.memory + cell]);
        self.words.extend(read);
    }

    /// What the `set` of hart `h` comes to when another hart has stored to `cells`, and may still write
    /// `written`; `moved` is whether the chain is elsewhere than before.
    pub(super) fn see(
        &mut self,
        h: usize,
        set: SetNumber,
        cells: S,
        moved: bool,
        written: S,
    ) -> Result<SetNumber, Stop> {
        let facts = *self.store.set(set);
        let affected = facts.affected_by.meets(cells);
        let may_tell =
            facts.looks.meets(cells) && self.results.as_ref().is_some_and(|r| r.shown[h] > 0);
        if !affected && !moved && !may_tell && facts.awaited.within(written) {
            return Ok(set);
        }
        self.ask(set, cells & facts.affected_by, written);
        self.words.push(may_tell.into());
        if let Some(seen) = self.seen.get(&self.words[..]) {
            return Ok(*seen);
        }
        let key: Box<[u64]> = self.words[..].into();
        for index in 0..self.store.members(set).len() {
            let member = self.store.members(set)[index];
            self.get(h, member);
            self.step()?;
            let hart_state = self.stepper.view().hart_state(&self.state, h);
            if hart_state.affected_by.meets(cells) {
                if self.stepper.see_store(&mut self.state, h, cells)? == Alive::Yes {
                    self.put(h);
                }
            } else if may_tell {
                self.put(h);
            } else if !self.sleeps_forever(h, written) && !self.is_lost(h) {
                self.found.push(member);
            }
        }
        let next = self.settle(h, written)?;
        self.seen.insert(key, next);
        Ok(next)
    }

    /// Takes all of [`LocalSets::todo`] as far as hart `h` goes unseen, others possibly still writing `written`.
    /// Gives the set of what that comes to, and of what was found before.
    pub(super) fn settle(&mut self, h: usize, written: S) -> Result<SetNumber, Stop> {
        while self.take(h) {
            self.step()?;
            if self.settle_one(h, written)? == Alive::Yes
                && !self.sleeps_forever(h, written)
                && !self.is_lost(h)
            {
                let LocalSets { stepper, store, state, extra, key, found, .. } = self;
                found.push(store.local(stepper.view(), state, h, &extra[h], key));
            }
        }
        Ok(self.store.number(self.stepper.view(), &mut self.found, h))
    }

    /// Takes hart `h` as far as it goes unseen; what else it may come to is put to [`LocalSets::todo`].
    fn settle_one(&mut self, h: usize, written: S) -> Result<Alive, Stop> {
        'again: loop {
            let machine = self.stepper.machine;
            if machine.may_end_badly() && self.stepper.check_end(&self.state, h)? == Alive::No {
                return Ok(Alive::No);
            }
            if let Some(place) = self.idle_load(h) {
                if self.stepper.perform_load(&mut self.state, h, place)? == Alive::No {
                    return Ok(Alive::No);
                }
                let word = machine.harts[h].loaded_word(place);
                self.state[word] = 0;
                continue 'again;
            }
            let hart_state = self.stepper.hart_states.get(self.state[h]);
            let enabled = hart_state.enabled;
            let mut choice = None;
            let mut carrier = None;
            for place in enabled.loads.members() {
                if self.is_carrier(h, place) && !enabled.too_early.has(place) {
                    carrier = carrier.or(Some(place));
                    continue;
                }
                let may_change = enabled.unsettled.has(place)
                    || !enabled.unused.has(place)
                        && hart_state.cells_of(machine, h, place).meets(written);
                let alive = match (
                    !enabled.too_early.has(place),
                    !enabled.too_late.has(place) && may_change,
                ) {
                    (true, true) => {
                        choice = choice.or(Some(place));
                        continue;
                    }
                    (true, false) => self.stepper.perform_load(&mut self.state, h, place)?,
                    (false, true) => self.stepper.sleep(&mut self.state, h, place)?,
                    (false, false) => Alive::No,
                };
                if alive == Alive::No {
                    return Ok(Alive::No);
                }
                continue 'again;
            }
            if self.find_results(h, written) {
                continue 'again;
            }
            if let Some(place) = carrier {
                let hart_state = self.stepper.hart_states.get(self.state[h]);
                let later = !enabled.too_late.has(place)
                    && !enabled.unused.has(place)
                    && hart_state.cells_of(machine, h, place).meets(written);
                return self.settle_carrier(h, place, later);
            }
            if enabled.must_guess {
                self.guess(h)?;
                return Ok(Alive::No);
            }
            let Some(place) = choice else { return Ok(Alive::Yes) };
            let before = self.part(h);
            if self.stepper.sleep(&mut self.state, h, place)? == Alive::Yes {
                self.put(h);
            }
            self.set_part(h, &before);
            if self.stepper.perform_load(&mut self.state, h, place)? == Alive::No {
                return Ok(Alive::No);
            }
        }
    }

    /// Puts the arms of the fork that hart `h` is at to [`LocalSets::todo`].
    fn guess(&mut self, h: usize) -> Result<(), Stop> {
        let machine = self.stepper.machine;
        let before = self.part(h);
        let node = self.stepper.view().hart_state(&self.state, h).position.node as usize;
        let End::Fork(fork) = &machine.harts[h].tree.nodes[node].end else { return Ok(()) };
        for &arm in &fork.arms {
            self.set_part(h, &before);
            let mut position = self.stepper.view().hart_state(&self.state, h).position.clone();
            let loaded = machine.harts[h].loaded(&self.state);
            if self.stepper.enter(h, &mut position, loaded, arm)? == Alive::Yes
                && self.stepper.go(&mut self.state, h, position)? == Alive::Yes
            {
                self.put(h);
            }
        }
        Ok(())
    }

    /// Does hart `h` wait for a store to none of the cells `written`?
    pub(super) fn sleeps_forever(&self, h: usize, written: S) -> bool {
        let hart_state = self.stepper.view().hart_state(&self.state, h);
        let cells = |place| hart_state.cells_of(self.stepper.machine, h, place);
        hart_state.sleepers.members().any(|place| !cells(place).meets(written))
    }
}
