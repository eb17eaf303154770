//! One state's successors.

use super::harts::Harts;
use super::machine::{Machine, Seen};
use super::perform::{Alive, Stop};
use super::ready::LoadChoice;
use super::set::Set;
use super::silent::Move;
use super::stubborn::{Closure, Enabled};
use super::tree::{End, Fork};
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
    /// A load returns this now, or waits for the next store.
    Load { hart: usize, place: usize, now: u64 },
    /// The fork at the end of a hart's node is guessed.
    Fork { hart: usize },
    /// One of the moves in [`Scratch`] comes next.
    Moves,
    /// The next operation to be performed is one of these loads or one of the stores in [`Scratch`].
    Any(Vec<(usize, usize, u64)>),
}

/// What makes a successor of a copy of the state.
type Step<'s> = &'s mut dyn FnMut(&mut [u64]) -> Result<Option<Harts>, Stop>;

/// Scratch that [`Machine::advance`] and [`Machine::branch`] share.
#[derive(Debug)]
pub(super) struct Scratch<S> {
    enabled: Vec<Enabled<S>>,
    closure: Closure<S>,
    moves: Vec<Move>,
    /// Loops that were taken further than the bound: hart and step.
    pub(super) cuts: Vec<(usize, usize)>,
}

impl<S: Set> Default for Scratch<S> {
    fn default() -> Self {
        Scratch {
            enabled: Vec::new(),
            closure: Closure::default(),
            moves: Vec::new(),
            cuts: Vec::new(),
        }
    }
}

impl<S: Set> Machine<'_, S> {
    /// Takes `state` as far as it goes without a choice. Only what hangs on the harts `again` may have
    /// changed since the state was looked at last.
    pub(super) fn advance(
        &self,
        state: &mut [u64],
        mut again: Harts,
        scratch: &mut Scratch<S>,
    ) -> Result<Expansion, Stop> {
        loop {
            if self.options.sc_failure == ScFailure::OnlyWhenForced {
                // Whether a path is certain depends on all harts.
                again = Harts::ALL;
            }
            let look_again = |h: &usize| again.has(*h);
            for h in (0..self.harts.len()).filter(look_again) {
                if self.settle(state, h, &mut scratch.cuts)? == Alive::No {
                    return Ok(Expansion::Dead);
                }
                self.look_ahead_for_writes(state, h);
            }
            if !self.reductions.sleep {
                return self.anything(state, scratch);
            }
            let mut open = Harts::NONE;
            let mut choice = None;
            for h in (0..self.harts.len()).filter(look_again) {
                match self.loads(state, h, &mut scratch.cuts)? {
                    Loads::Done => {}
                    Loads::Dead => return Ok(Expansion::Dead),
                    Loads::Choice(place, now) => {
                        open = open.with(Harts::only(h));
                        choice = choice.or(Some((h, place, now)));
                    }
                }
                self.look_ahead(state, h)?;
            }
            let mut guess = None;
            for h in (0..self.harts.len()).filter(look_again) {
                if self.must_guess(state, h) {
                    open = open.with(Harts::only(h));
                    guess = guess.or(Some(h));
                }
            }
            if let Some(hart) = guess {
                return Ok(Expansion::Branch(Branch::Fork { hart }, open));
            }
            if let Some((hart, place, now)) = choice {
                if !self.may_change(state, hart, place, self.cells_of(state, hart, place)) {
                    // Other harts have gone on since it was asked.
                    again = open.with(Harts::only(hart));
                    continue;
                }
                return Ok(Expansion::Branch(Branch::Load { hart, place, now }, open));
            }
            if self.sleeps_forever(state) || self.stays_unread(state) {
                return Ok(Expansion::Dead);
            }
            if self.only_unseen_stores_left(state) {
                return Ok(Expansion::Final);
            }
            self.enabled_stores(state, &mut scratch.enabled);
            if scratch.enabled.is_empty() {
                return Ok(self.ended(state));
            }
            let chosen = self.stubborn(state, &scratch.enabled, &mut scratch.closure);
            self.moves(state, chosen, &mut scratch.moves);
            let &[only] = &scratch.moves[..] else {
                return Ok(match scratch.moves.is_empty() {
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

    /// Appends the successors of `state`, which [`Machine::advance`] has just brought to `branch`, each
    /// followed by the harts that have to be looked at.
    pub(super) fn branch(
        &self,
        state: &[u64],
        branch: &Branch,
        open: Harts,
        scratch: &Scratch<S>,
        stack: &mut Vec<u64>,
    ) -> Result<(), Stop> {
        let mut successor = |make: Step<'_>| {
            let start = stack.len();
            stack.extend_from_slice(state);
            match make(&mut stack[start..])? {
                Some(again) => stack.push(again.with(open).0),
                None => stack.truncate(start),
            }
            Ok::<(), Stop>(())
        };
        let alive = |alive, hart| (alive == Alive::Yes).then(|| Harts::only(hart));
        match *branch {
            Branch::Load { hart, place, now } => {
                successor(&mut |next| {
                    let machine = &self.harts[hart];
                    machine.set_asleep(next, machine.asleep(next) | S::only(place));
                    Ok(Some(Harts::only(hart)))
                })?;
                successor(&mut |next| Ok(alive(self.perform_load(next, hart, place, now)?, hart)))
            }
            Branch::Fork { hart } => {
                let (node, _) = self.harts[hart].node(state);
                let End::Fork(Fork { arms, .. }) = &node.end else { return Ok(()) };
                arms.iter().rev().try_for_each(|&arm| {
                    successor(&mut |next| Ok(alive(self.enter(next, hart, arm)?, hart)))
                })
            }
            Branch::Any(ref loads) => {
                for &(h, place, now) in loads {
                    successor(&mut |next| Ok(alive(self.perform_load(next, h, place, now)?, h)))?;
                }
                scratch.enabled.iter().try_for_each(|&(h, place, _)| {
                    successor(&mut |n| self.perform_store(n, h, place))
                })
            }
            Branch::Moves => {
                scratch.moves.iter().rev().try_for_each(|m| successor(&mut |n| self.make(n, *m)))
            }
        }
    }

    /// Makes a move. Gives the harts that have to be looked at again, or `None` if there is no such
    /// execution.
    fn make(&self, state: &mut [u64], m: Move) -> Result<Option<Harts>, Stop> {
        match m {
            Move::Store(h, place) => self.perform_store(state, h, place),
            Move::ToBeRead(h, place) => {
                let cells = self.cells_of(state, h, place);
                self.set_unread(state, self.unread(state) | cells);
                self.perform_store(state, h, place)
            }
            Move::Last(h, place) => {
                let mut again = Harts::NONE;
                for (h, place) in self.with_last(state, h, place) {
                    match self.perform_store(state, h, place)? {
                        Some(harts) => again = again.with(harts),
                        None => return Ok(None),
                    }
                }
                Ok(Some(again))
            }
        }
    }

    /// The naive exploration: every fork is guessed at once, every ready operation may come next.
    fn anything(&self, state: &mut [u64], scratch: &mut Scratch<S>) -> Result<Expansion, Stop> {
        for (hart, machine) in self.harts.iter().enumerate() {
            if matches!(machine.node(state).0.end, End::Fork(_)) {
                return Ok(Expansion::Branch(Branch::Fork { hart }, Harts::ALL));
            }
        }
        let mut loads = Vec::new();
        for h in 0..self.harts.len() {
            self.look_ahead(state, h)?;
            for place in self.undecided_loads(state, h) {
                if let Some(LoadChoice { now: Some(now), .. }) =
                    self.load_choice(state, h, place)?
                {
                    loads.push((h, place, now));
                }
            }
        }
        self.enabled_stores(state, &mut scratch.enabled);
        if !loads.is_empty() || !scratch.enabled.is_empty() {
            return Ok(Expansion::Branch(Branch::Any(loads), Harts::ALL));
        }
        Ok(self.ended(state))
    }

    /// What a state is in which nothing can be performed.
    fn ended(&self, state: &[u64]) -> Expansion {
        match (0..self.harts.len()).all(|h| self.finished(state, h) && self.forced(state, h)) {
            true => Expansion::Final,
            false => Expansion::Dead,
        }
    }

    /// The values of the observed places in a final state, as the program's types read them.
    pub(super) fn observe(&self, state: &[u64], values: &mut Vec<u64>) {
        values.clear();
        for (observed, seen) in self.program.observed.iter().zip(&self.seen) {
            let raw = match *seen {
                Seen::Register(h, index) => {
                    let hart = &self.harts[h];
                    let End::Leaf(exprs) = &hart.node(state).0.end else { continue };
                    hart.tree.exprs.eval(exprs[index], hart.loaded(state))
                }
                Seen::Memory(span) => self.memory_value(state, span),
            };
            values.push(observed.rendering.normalize(raw));
        }
    }

    /// Performs the loads of hart `h` that have no choice, and finds one that has.
    fn loads(
        &self,
        state: &mut [u64],
        h: usize,
        cuts: &mut Vec<(usize, usize)>,
    ) -> Result<Loads, Stop> {
        let hart = &self.harts[h];
        'again: loop {
            let mut choice = Loads::Done;
            let mut loads = self.undecided_loads(state, h);
            while let Some(place) = loads.next() {
                let Some(load) = self.load_choice(state, h, place)? else { continue };
                match (load.now, load.later) {
                    (Some(now), true) => {
                        if matches!(choice, Loads::Done) {
                            choice = Loads::Choice(place, now);
                        }
                    }
                    (Some(now), false) => {
                        drop(loads);
                        if self.perform_load(state, h, place, now)? == Alive::No {
                            return Ok(Loads::Dead);
                        }
                        if self.settle(state, h, cuts)? == Alive::No {
                            return Ok(Loads::Dead);
                        }
                        self.look_ahead_for_writes(state, h);
                        continue 'again;
                    }
                    (None, true) => {
                        drop(loads);
                        hart.set_asleep(state, hart.asleep(state) | S::only(place));
                        continue 'again;
                    }
                    (None, false) => return Ok(Loads::Dead),
                }
            }
            return Ok(choice);
        }
    }

    /// Does a load wait for a store that cannot come?
    fn sleeps_forever(&self, state: &[u64]) -> bool {
        let (once, twice) = self.written_to_come(state);
        (0..self.harts.len()).any(|h| {
            let hart = &self.harts[h];
            let asleep = hart.asleep(state);
            if asleep.is_empty() {
                return false;
            }
            let by_others = twice | (once & !hart.writes_to_come(state));
            asleep.members().any(|place| {
                !self.cells_of(state, h, place).meets(by_others)
                    && !self.waits_for_own_store(state, h, place)
            })
        })
    }

    fn enabled_stores(&self, state: &[u64], enabled: &mut Vec<Enabled<S>>) {
        enabled.clear();
        let unread = self.unread(state);
        for (h, hart) in self.harts.iter().enumerate() {
            for place in hart.ready(state).members() {
                let cells = self.cells_of(state, h, place);
                if !cells.meets(unread) {
                    enabled.push((h, place, cells));
                }
            }
        }
    }
}

/// What [`Machine::loads`] came to.
enum Loads {
    Dead,
    Choice(usize, u64),
    Done,
}
