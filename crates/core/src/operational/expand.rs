//! One state's successors.

use super::harts::Harts;
use super::local::{Local, Stage};
use super::perform::{Alive, Stop};
use super::set::Set;
use super::silent::Move;
use super::survey::Survey;
use super::tree::{End, Fork, NodeId};
use super::walker::{Scratch, View, Walker};
use crate::model::ScFailure;

/// What a state leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Expansion {
    /// No execution goes through it.
    Dead,
    /// Every hart is through.
    Final,
    /// More than one thing can come next; nothing is done yet. Besides the harts that a choice
    /// changes, these have to be looked at then.
    Branch(Branch, Harts),
}

/// A choice between successors.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Branch {
    /// A load is performed now, or waits for the next store.
    Load { hart: usize, place: usize },
    /// The fork at the end of a hart's node is guessed.
    Fork { hart: usize },
    /// One of the moves in [`super::walker::Scratch`] comes next.
    Moves,
    /// The next operation to be performed is one of these loads or one of the stores in
    /// [`super::walker::Scratch`].
    Any(Vec<(usize, usize)>),
}

/// One thing that may come next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    /// A load is performed.
    Load(usize, usize),
    /// A load waits.
    Sleep(usize, usize),
    /// A hart goes on in an arm of its fork.
    Arm(usize, NodeId),
    Move(Move),
}

impl<S: Set> Walker<'_, S> {
    /// Takes `state` as far as it goes without a choice. Only what hangs on the harts `again` may have
    /// changed since the state was looked at last.
    pub(super) fn advance(
        &mut self,
        state: &mut [u64],
        mut again: Harts,
    ) -> Result<Expansion, Stop> {
        let machine = self.machine;
        let harts = machine.harts.len();
        loop {
            if machine.options.sc_failure == ScFailure::OnlyWhenForced {
                // Whether a path is certain depends on all harts.
                again = Harts::ALL;
            }
            if machine.may_end_badly {
                for h in again.of(harts) {
                    if self.ends(state, h)? == Alive::No {
                        return Ok(Expansion::Dead);
                    }
                }
            }
            if !machine.reductions.sleep {
                return self.anything(state);
            }
            let mut open = Harts::NONE;
            let (mut choice, mut guess) = (None, None);
            for h in again.of(harts) {
                let local = self.locals.get(state[h]);
                let mut guesses = local.can.guess;
                if !local.can.loads.is_empty() {
                    match self.loads(state, h)? {
                        Loads::Done => {}
                        Loads::Dead => return Ok(Expansion::Dead),
                        Loads::Choice(place) => {
                            open = open.with(Harts::only(h));
                            choice = choice.or(Some((h, place)));
                        }
                    }
                    guesses = self.locals.get(state[h]).can.guess;
                }
                if guesses {
                    open = open.with(Harts::only(h));
                    guess = guess.or(Some(h));
                }
            }
            if let Some(hart) = guess {
                return Ok(Expansion::Branch(Branch::Fork { hart }, open));
            }
            if let Some((hart, place)) = choice {
                if !self.may_change(state, hart, place, self.written_by_others(state, hart)) {
                    // Other harts have gone on since it was asked.
                    again = open.with(Harts::only(hart));
                    continue;
                }
                return Ok(Expansion::Branch(Branch::Load { hart, place }, open));
            }
            let survey = self.survey(state);
            if self.view().sleeps_forever(state, &survey)
                || self.view().stays_unread(state, &survey)
            {
                return Ok(Expansion::Dead);
            }
            if self.view().only_plain_stores_left(&survey) {
                self.store_what_is_left(state);
                return Ok(Expansion::Final);
            }
            if self.scratch.enabled.is_empty() {
                return Ok(self.ended(state));
            }
            match self.commuting(state, &survey)? {
                Moved::Nothing => {}
                Moved::Dead => return Ok(Expansion::Dead),
                Moved::Some(harts) => {
                    again = harts;
                    continue;
                }
            }
            if let &[(h, place, cells)] = &self.scratch.enabled[..]
                && !self.view().overwritten_by_others(state, &survey, h, cells)
            {
                match self.perform_store(state, h, place)? {
                    Some(harts) => again = harts,
                    None => return Ok(Expansion::Dead),
                }
                continue;
            }
            self.find_moves(state, &survey);
            let &[only] = &self.scratch.moves[..] else {
                return Ok(match self.scratch.moves.is_empty() {
                    true => Expansion::Dead,
                    false => Expansion::Branch(Branch::Moves, Harts::NONE),
                });
            };
            match self.make(state, only)? {
                Some(harts) => again = harts,
                None => return Ok(Expansion::Dead),
            }
        }
    }

    /// Puts the successors of the state at the top of `stack`, which [`Walker::advance`] has just brought to
    /// `branch`, in its place, each followed by the harts that have to be looked at. `start` is where
    /// the state begins.
    pub(super) fn branch(
        &mut self,
        stack: &mut Vec<u64>,
        start: usize,
        branch: &Branch,
        open: Harts,
    ) -> Result<(), Stop> {
        match *branch {
            Branch::Load { hart, place } => {
                self.put(stack, start, open, 2, |_, index| match index {
                    0 => Next::Sleep(hart, place),
                    _ => Next::Load(hart, place),
                })
            }
            Branch::Fork { hart } => {
                let machine = self.machine;
                let node = self.view().local(&stack[start..], hart).control.node as usize;
                let End::Fork(Fork { arms, .. }) = &machine.harts[hart].tree.nodes[node].end else {
                    return Ok(());
                };
                let count = arms.len();
                self.put(stack, start, open, count, |_, index| {
                    Next::Arm(hart, arms[count - 1 - index])
                })
            }
            Branch::Any(ref loads) => {
                let count = loads.len() + self.scratch.enabled.len();
                self.put(stack, start, open, count, |walker, index| match loads.get(index) {
                    Some(&(h, place)) => Next::Load(h, place),
                    None => {
                        let (h, place, _) = walker.scratch.enabled[index - loads.len()];
                        Next::Move(Move::Store(h, place))
                    }
                })
            }
            Branch::Moves => {
                let count = self.scratch.moves.len();
                self.put(stack, start, open, count, |walker, index| {
                    Next::Move(walker.scratch.moves[count - 1 - index])
                })
            }
        }
    }

    /// Puts `count` successors in the place of a state, the first of them where it stood.
    #[inline]
    fn put(
        &mut self,
        stack: &mut Vec<u64>,
        start: usize,
        open: Harts,
        count: usize,
        next: impl Fn(&Self, usize) -> Next,
    ) -> Result<(), Stop> {
        let words = stack.len() - start - 1;
        for index in 1..count {
            let top = stack.len();
            stack.extend_from_within(start..=start + words);
            match self.take(&mut stack[top..top + words], next(self, index))? {
                Some(again) => stack[top + words] = again.with(open).0,
                None => stack.truncate(top),
            }
        }
        match self.take(&mut stack[start..start + words], next(self, 0))? {
            Some(again) => stack[start + words] = again.with(open).0,
            None => {
                // Any other one takes its place.
                let last = stack.len() - words - 1;
                stack.copy_within(last.., start);
                stack.truncate(last);
            }
        }
        Ok(())
    }

    /// What comes next comes. Gives the harts that have to be looked at again, or `None` if there is no
    /// such execution.
    #[inline]
    fn take(&mut self, state: &mut [u64], next: Next) -> Result<Option<Harts>, Stop> {
        let (alive, hart) = match next {
            Next::Move(next) => return self.make(state, next),
            Next::Sleep(hart, place) => return self.sleep_with_twins(state, hart, place),
            Next::Load(hart, place) => (self.perform_load(state, hart, place)?, hart),
            Next::Arm(hart, arm) => {
                let mut control = self.view().local(state, hart).control.clone();
                let loaded = self.machine.harts[hart].loaded(state);
                match self.enter(hart, &mut control, loaded, arm)? {
                    Alive::Yes => (self.go(state, hart, control)?, hart),
                    Alive::No => (Alive::No, hart),
                }
            }
        };
        Ok((alive == Alive::Yes).then(|| Harts::only(hart)))
    }

    /// Makes a move. Gives the harts that have to be looked at again, or `None` if there is no such
    /// execution.
    fn make(&mut self, state: &mut [u64], next: Move) -> Result<Option<Harts>, Stop> {
        match next {
            Move::Store(h, place) => self.perform_store(state, h, place),
            Move::ToBeRead(h, place) => {
                let cells = self.view().at(state, h).cells_of(place);
                self.machine.set_unread(state, self.machine.unread(state) | cells);
                self.perform_store(state, h, place)
            }
            Move::Last(h, place) => {
                let mut again = Harts::NONE;
                let mut stores = std::mem::take(&mut self.scratch.last);
                self.view().with_last(state, h, place, &mut stores);
                for &(h, place) in &stores {
                    match self.perform_store(state, h, place)? {
                        Some(harts) => again = again.with(harts),
                        None => return Ok(None),
                    }
                }
                self.scratch.last = stores;
                Ok(Some(again))
            }
        }
    }

    /// Performs every store that commutes with whatever others may do. What they may do only becomes
    /// less on the way, so one look at all harts will do.
    fn commuting(&mut self, state: &mut [u64], survey: &Survey<S>) -> Result<Moved, Stop> {
        if !self.view().stubborn_sets() {
            return Ok(Moved::Nothing);
        }
        let mut moved = Moved::Nothing;
        for index in 0..self.scratch.enabled.len() {
            let store @ (h, place, _) = self.scratch.enabled[index];
            // One before may have made an address known.
            if !self.view().local(state, h).can.stores.has(place)
                || !self.view().commutes_with_all(state, survey, store)
            {
                continue;
            }
            let Some(again) = self.perform_store(state, h, place)? else {
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
    fn find_moves(&mut self, state: &[u64], survey: &Survey<S>) {
        let view = View { machine: self.machine, locals: &self.locals };
        let Scratch { enabled, closure, moves, .. } = &mut self.scratch;
        view.stubborn(state, survey, enabled, closure);
        view.moves(state, survey, &closure.best, moves);
        if !self.machine.alike.is_empty() {
            view.leave_out_twins(state, moves);
        }
    }

    /// The naive exploration: every fork is guessed at once, every ready operation may come next.
    fn anything(&mut self, state: &mut [u64]) -> Result<Expansion, Stop> {
        for (hart, machine) in self.machine.harts.iter().enumerate() {
            let node = self.view().local(state, hart).control.node as usize;
            if matches!(machine.tree.nodes[node].end, End::Fork(_)) {
                return Ok(Expansion::Branch(Branch::Fork { hart }, Harts::ALL));
            }
        }
        let mut loads = Vec::new();
        for h in 0..self.machine.harts.len() {
            let local = self.view().local(state, h);
            loads
                .extend((local.can.loads & !local.can.too_early).members().map(|place| (h, place)));
        }
        self.survey(state);
        if !loads.is_empty() || !self.scratch.enabled.is_empty() {
            return Ok(Expansion::Branch(Branch::Any(loads), Harts::ALL));
        }
        Ok(self.ended(state))
    }

    /// What a state is in which nothing can be performed.
    fn ended(&self, state: &[u64]) -> Expansion {
        let ended = |local: &Local<S>| local.stage == Stage::Finished && local.forced;
        if self.view().all(state).all(ended) { Expansion::Final } else { Expansion::Dead }
    }

    /// Performs the loads of hart `h` that have no choice, and finds one that has.
    fn loads(&mut self, state: &mut [u64], h: usize) -> Result<Loads, Stop> {
        // The hart's own loads change nothing of this.
        let written = self.written_by_others(state, h);
        'again: loop {
            let local = self.view().local(state, h);
            let mut choice = Loads::Done;
            let (too_early, too_late) = (local.can.too_early, local.can.too_late);
            for place in local.can.loads.members() {
                let later = !too_late.has(place) && self.may_change(state, h, place, written);
                let alive = match (!too_early.has(place), later) {
                    (true, true) => {
                        if matches!(choice, Loads::Done) {
                            choice = Loads::Choice(place);
                        }
                        continue;
                    }
                    (true, false) => self.perform_load(state, h, place)?,
                    (false, true) => self.sleep(state, h, place)?,
                    (false, false) => Alive::No,
                };
                let bad = self.machine.may_end_badly;
                if alive == Alive::No || bad && self.ends(state, h)? == Alive::No {
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
        let local = self.view().local(state, h);
        local.can.unsettled.has(place) || self.machine.cells_of(h, local, place).meets(written)
    }

    /// Cells that another hart than `h` may still write.
    fn written_by_others(&self, state: &[u64], h: usize) -> S {
        let others = self.view().all(state).enumerate().filter(|(other, _)| *other != h);
        others.fold(S::EMPTY, |all, (_, local)| all | local.writes)
    }
}

/// What [`Walker::loads`] came to.
enum Loads {
    Dead,
    /// This one may be performed now or wait.
    Choice(usize),
    Done,
}

/// What [`Walker::commuting`] came to.
enum Moved {
    Nothing,
    Dead,
    /// These harts have to be looked at again.
    Some(Harts),
}
