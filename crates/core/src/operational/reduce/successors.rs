//! Puts the successors of a state in its place.

use super::expander::{Branch, Expander};
use super::moves::Move;
use super::overwritten_stores::with_last;
use super::twins::sleep_with_twins;
use crate::operational::compile::{End, Fork, NodeId, Set};
use crate::operational::state::HartSet;
use crate::operational::step::{Alive, Stop};
use crate::program::{Completeness, Fault};

/// Successors between two looks at the time.
const MANY: usize = 16;

/// One thing that may come next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Successor {
    /// A load is performed.
    Load(usize, usize),
    /// A load waits.
    Sleep(usize, usize),
    /// A hart goes on in an arm of its fork.
    Arm(usize, NodeId),
    Move(Move),
}

impl<S: Set> Expander<'_, S> {
    /// Puts the successors of the state at the top of `stack`, which [`Expander::advance`] has just brought to
    /// `branch`, in its place, each followed by the harts that have to be looked at. `start` is where
    /// the state begins.
    pub(crate) fn branch(
        &mut self,
        stack: &mut Vec<u64>,
        start: usize,
        branch: &Branch,
        open: HartSet,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), Stop> {
        match *branch {
            Branch::Load { hart, place } => {
                self.put(stack, start, open, 2, interrupted, |_, index| match index {
                    0 => Successor::Sleep(hart, place),
                    _ => Successor::Load(hart, place),
                })
            }
            Branch::Fork { hart } => {
                let machine = self.stepper.machine;
                let node =
                    self.stepper.view().hart_state(&stack[start..], hart).position.node as usize;
                let End::Fork(Fork { arms, .. }) = &machine.harts[hart].tree.nodes[node].end else {
                    return Ok(());
                };
                let count = arms.len();
                self.put(stack, start, open, count, interrupted, |_, index| {
                    Successor::Arm(hart, arms[count - 1 - index])
                })
            }
            Branch::Any(ref loads) => {
                let count = loads.len() + self.scratch.enabled.len();
                self.put(stack, start, open, count, interrupted, |expander, index| {
                    match loads.get(index) {
                        Some(&(h, place)) => Successor::Load(h, place),
                        None => {
                            let (h, place, _) = expander.scratch.enabled[index - loads.len()];
                            Successor::Move(Move::Store(h, place))
                        }
                    }
                })
            }
            Branch::Moves => {
                let count = self.scratch.moves.len();
                self.put(stack, start, open, count, interrupted, |expander, index| {
                    Successor::Move(expander.scratch.moves[count - 1 - index])
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
        open: HartSet,
        count: usize,
        interrupted: &dyn Fn() -> bool,
        next: impl Fn(&Self, usize) -> Successor,
    ) -> Result<(), Stop> {
        let words = stack.len() - start - 1;
        for index in 1..count {
            // Each may take all harts' stores.
            if index.is_multiple_of(MANY) && interrupted() {
                return Err(Fault::RanOut(Completeness::Timeout).into());
            }
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
    fn take(&mut self, state: &mut [u64], next: Successor) -> Result<Option<HartSet>, Stop> {
        let (alive, hart) = match next {
            Successor::Move(next) => return self.make(state, next),
            Successor::Sleep(hart, place) => {
                return sleep_with_twins(&mut self.stepper, state, hart, place);
            }
            Successor::Load(hart, place) => (self.stepper.perform_load(state, hart, place)?, hart),
            Successor::Arm(hart, arm) => {
                let mut position = self.stepper.view().hart_state(state, hart).position.clone();
                let loaded = self.stepper.machine.harts[hart].loaded(state);
                match self.stepper.enter(hart, &mut position, loaded, arm)? {
                    Alive::Yes => (self.stepper.go(state, hart, position)?, hart),
                    Alive::No => (Alive::No, hart),
                }
            }
        };
        Ok((alive == Alive::Yes).then(|| HartSet::only(hart)))
    }

    /// Makes a move. Gives the harts that have to be looked at again, or `None` if there is no such
    /// execution.
    pub(crate) fn make(&mut self, state: &mut [u64], next: Move) -> Result<Option<HartSet>, Stop> {
        match next {
            Move::Store(h, place) => self.stepper.perform_store(state, h, place),
            Move::ToBeRead(h, place) => {
                let cells = self.stepper.view().at(state, h).cells_of(place);
                self.stepper.machine.set_unread(state, self.stepper.machine.unread(state) | cells);
                self.stepper.perform_store(state, h, place)
            }
            Move::Last(h, place) => {
                let mut again = HartSet::NONE;
                let mut stores = std::mem::take(&mut self.scratch.last);
                with_last(self.stepper.view(), state, h, place, &mut stores);
                for &(h, place) in &stores {
                    match self.stepper.perform_store(state, h, place)? {
                        Some(harts) => again = again.with(harts),
                        None => return Ok(None),
                    }
                }
                self.scratch.last = stores;
                Ok(Some(again))
            }
        }
    }
}
