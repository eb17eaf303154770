//! Takes a state as far as it goes without a choice.

use super::early_ends::{only_plain_stores_left, sleeps_forever, stays_unread, store_the_rest};
use super::expander::{Branch, Expander, Expansion, Scratch};
use super::overwritten_stores::may_be_overwritten;
use super::twins::leave_out_twins;
use super::{overwritten_stores, stubborn};
use crate::model::ScFailure;
use crate::operational::compile::{End, Set};
use crate::operational::state::{Enabled, HartSet, HartState, Stage, Summary};
use crate::operational::step::{Alive, Stop};

impl<S: Set> Expander<'_, S> {
    /// Takes `state` as far as it goes without a choice. Only what hangs on the harts `again` may have
    /// changed since the state was looked at last.
    pub(crate) fn advance(
        &mut self,
        state: &mut [u64],
        mut again: HartSet,
    ) -> Result<Expansion, Stop> {
        let machine = self.stepper.machine;
        let harts = machine.harts.len();
        loop {
            if machine.options.sc_failure == ScFailure::OnlyWhenForced {
                // Whether a path is certain depends on all harts.
                again = HartSet::ALL;
            }
            if machine.may_end_badly() {
                for h in again.of(harts) {
                    if self.stepper.check_end(state, h)? == Alive::No {
                        return Ok(Expansion::Dead);
                    }
                }
            }
            if !machine.reductions.sleeping_loads {
                return self.anything(state);
            }
            let mut open = HartSet::NONE;
            let (mut choice, mut guess) = (None, None);
            for h in again.of(harts) {
                let hart_state = self.stepper.hart_states.get(state[h]);
                let mut guesses = hart_state.enabled.must_guess;
                if !hart_state.enabled.loads.is_empty() {
                    match self.loads(state, h)? {
                        Loads::Done => {}
                        Loads::Dead => return Ok(Expansion::Dead),
                        Loads::Choice(place) => {
                            open = open.with(HartSet::only(h));
                            choice = choice.or(Some((h, place)));
                        }
                    }
                    guesses = self.stepper.hart_states.get(state[h]).enabled.must_guess;
                }
                if guesses {
                    open = open.with(HartSet::only(h));
                    guess = guess.or(Some(h));
                }
            }
            if let Some(hart) = guess {
                return Ok(Expansion::Branch(Branch::Fork { hart }, open));
            }
            if let Some((hart, place)) = choice {
                if !self.may_change(state, hart, place, self.written_by_others(state, hart)) {
                    // Other harts have gone on since it was asked.
                    again = open.with(HartSet::only(hart));
                    continue;
                }
                return Ok(Expansion::Branch(Branch::Load { hart, place }, open));
            }
            let summary = self.stepper.view().summarize(state, &mut self.scratch.enabled);
            if sleeps_forever(self.stepper.view(), state, &summary)
                || stays_unread(self.stepper.view(), state, &summary)
            {
                return Ok(Expansion::Dead);
            }
            if only_plain_stores_left(self.stepper.view(), &summary) {
                store_the_rest(self.stepper.view(), state);
                return Ok(Expansion::Final);
            }
            if self.scratch.enabled.is_empty() {
                return Ok(self.ended(state));
            }
            match self.commuting(state, &summary)? {
                Moved::Nothing => {}
                Moved::Dead => return Ok(Expansion::Dead),
                Moved::Some(harts) => {
                    again = harts;
                    continue;
                }
            }
            if let &[(h, place, cells)] = &self.scratch.enabled[..]
                && !may_be_overwritten(self.stepper.view(), state, &summary, h, cells)
            {
                match self.stepper.perform_store(state, h, place)? {
                    Some(harts) => again = harts,
                    None => return Ok(Expansion::Dead),
                }
                continue;
            }
            self.find_moves(state, &summary);
            let &[only] = &self.scratch.moves[..] else {
                return Ok(match self.scratch.moves.is_empty() {
                    true => Expansion::Dead,
                    false => Expansion::Branch(Branch::Moves, HartSet::NONE),
                });
            };
            match self.make(state, only)? {
                Some(harts) => again = harts,
                None => return Ok(Expansion::Dead),
            }
        }
    }

    /// Performs every store that commutes with whatever others may do. What they may do only becomes
    /// less on the way, so one look at all harts will do.
    fn commuting(&mut self, state: &mut [u64], summary: &Summary<S>) -> Result<Moved, Stop> {
        if !self.stepper.machine.reductions.stubborn_sets {
            return Ok(Moved::Nothing);
        }
        let mut moved = Moved::Nothing;
        for index in 0..self.scratch.enabled.len() {
            let store @ (h, place, _) = self.scratch.enabled[index];
            // One before may have made an address known.
            if !self.stepper.view().hart_state(state, h).enabled.stores.has(place)
                || !stubborn::commutes_with_all(self.stepper.view(), state, summary, store)
            {
                continue;
            }
            let Some(again) = self.stepper.perform_store(state, h, place)? else {
                return Ok(Moved::Dead);
            };
            moved = match moved {
                Moved::Some(harts) => Moved::Some(harts.with(again)),
                _ => Moved::Some(again),
            };
        }
        Ok(moved)
    }

    /// Writes the moves that a stubborn set of the stores in the scratch comes to there.
    fn find_moves(&mut self, state: &[u64], summary: &Summary<S>) {
        let view = self.stepper.view();
        let Scratch { enabled, closure, moves, .. } = &mut self.scratch;
        stubborn::smallest(view, state, summary, enabled, closure);
        overwritten_stores::moves(view, state, summary, &closure.best, moves);
        if !self.stepper.machine.equal_harts.is_empty() {
            leave_out_twins(view, state, moves);
        }
    }

    /// The naive exploration: every fork is guessed at once, every ready operation may come next.
    fn anything(&mut self, state: &mut [u64]) -> Result<Expansion, Stop> {
        for (hart, machine) in self.stepper.machine.harts.iter().enumerate() {
            let node = self.stepper.view().hart_state(state, hart).position.node as usize;
            if matches!(machine.tree.nodes[node].end, End::Fork(_)) {
                return Ok(Expansion::Branch(Branch::Fork { hart }, HartSet::ALL));
            }
        }
        let mut loads = Vec::new();
        for h in 0..self.stepper.machine.harts.len() {
            let hart_state = self.stepper.view().hart_state(state, h);
            loads.extend(
                (hart_state.enabled.loads & !hart_state.enabled.too_early)
                    .members()
                    .map(|place| (h, place)),
            );
        }
        self.stepper.view().summarize(state, &mut self.scratch.enabled);
        if !loads.is_empty() || !self.scratch.enabled.is_empty() {
            return Ok(Expansion::Branch(Branch::Any(loads), HartSet::ALL));
        }
        Ok(self.ended(state))
    }

    /// What a state is in which nothing can be performed.
    fn ended(&self, state: &[u64]) -> Expansion {
        let ended = |hart_state: &HartState<S>| {
            hart_state.stage == Stage::Finished && hart_state.failures_forced
        };
        if self.stepper.view().all(state).all(ended) { Expansion::Final } else { Expansion::Dead }
    }

    /// Performs the loads of hart `h` that have no choice, and finds one that has.
    fn loads(&mut self, state: &mut [u64], h: usize) -> Result<Loads, Stop> {
        // The hart's own loads change nothing of this.
        let written = self.written_by_others(state, h);
        'again: loop {
            let hart_state = self.stepper.view().hart_state(state, h);
            let mut choice = Loads::Done;
            let Enabled { too_early, too_late, unused, .. } = hart_state.enabled;
            for place in hart_state.enabled.loads.members() {
                let later = !too_late.has(place)
                    && !unused.has(place)
                    && self.may_change(state, h, place, written);
                let alive = match (!too_early.has(place), later) {
                    (true, true) => {
                        if matches!(choice, Loads::Done) {
                            choice = Loads::Choice(place);
                        }
                        continue;
                    }
                    (true, false) => self.stepper.perform_load(state, h, place)?,
                    (false, true) => self.stepper.sleep(state, h, place)?,
                    (false, false) => Alive::No,
                };
                let bad = self.stepper.machine.may_end_badly();
                if alive == Alive::No || bad && self.stepper.check_end(state, h)? == Alive::No {
                    return Ok(Loads::Dead);
                }
                continue 'again;
            }
            return Ok(choice);
        }
    }

    /// Can the value of a load still change: by a store of another hart that is to come, to one of the
    /// cells `written`, or by an older one of its own whose address is not known?
    fn may_change(&self, state: &[u64], h: usize, place: usize, written: S) -> bool {
        let hart_state = self.stepper.view().hart_state(state, h);
        hart_state.enabled.unsettled.has(place)
            || hart_state.cells_of(self.stepper.machine, h, place).meets(written)
    }

    /// Cells that another hart than `h` may still write.
    fn written_by_others(&self, state: &[u64], h: usize) -> S {
        let others = self.stepper.view().all(state).enumerate().filter(|(other, _)| *other != h);
        others.fold(S::EMPTY, |all, (_, hart_state)| all | hart_state.writes)
    }
}

/// What [`Expander::loads`] came to.
enum Loads {
    Dead,
    /// This one may be performed now or wait.
    Choice(usize),
    Done,
}

/// What [`Expander::commuting`] came to.
enum Moved {
    Nothing,
    Dead,
    /// These harts have to be looked at again.
    Some(HartSet),
}
