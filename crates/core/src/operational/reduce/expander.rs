//! One state after the other, and what it leads to.

use super::moves::Move;
use super::stubborn::Closure;
use crate::operational::compile::{CompiledMachine, Set};
use crate::operational::state::{EnabledStore, HartSet, HartStates, SharedHartStates};
use crate::operational::step::Stepper;

/// What a state leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Expansion {
    /// No execution goes through it.
    Dead,
    /// Every hart is through.
    Final,
    /// More than one thing can come next; nothing is done yet. Besides the harts that a choice
    /// changes, these have to be looked at then.
    Branch(Branch, HartSet),
}

/// A choice between successors.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Branch {
    /// A load is performed now, or waits for the next store.
    Load { hart: usize, place: usize },
    /// The fork at the end of a hart's node is guessed.
    Fork { hart: usize },
    /// One of the moves in [`Scratch`] comes next.
    Moves,
    /// The next operation to be performed is one of these loads or one of the stores in
    /// [`Scratch`].
    Any(Vec<(usize, usize)>),
}

/// Goes from a state to its successors, as far as the reductions leave any.
pub(crate) struct Expander<'m, S> {
    pub(crate) stepper: Stepper<'m, S>,
    pub(crate) scratch: Scratch<S>,
}

/// Scratch that deciding on what comes next shares with doing it.
#[derive(Debug, Default)]
pub(crate) struct Scratch<S> {
    pub(crate) enabled: Vec<EnabledStore<S>>,
    pub(crate) closure: Closure<S>,
    pub(crate) moves: Vec<Move>,
    /// The stores of a [`Move::Last`].
    pub(crate) last: Vec<(usize, usize)>,
}

/// What an expander leaves behind for the next one: what it knows, and allocations.
#[derive(Debug, Default)]
pub(crate) struct Retained<S> {
    pub(crate) hart_states: HartStates<S>,
    scratch: Scratch<S>,
}

impl<'m, S: Set> Expander<'m, S> {
    /// Makes an expander that knows what another one met: see [`Stepper::new`].
    pub(crate) fn new(
        machine: &'m CompiledMachine<'m, S>,
        Retained { hart_states, scratch }: Retained<S>,
        shared: Option<&'m SharedHartStates<S>>,
    ) -> Self {
        Expander { stepper: Stepper::new(machine, hart_states, shared), scratch }
    }

    /// How many successors a choice has, those included that turn out to be dead.
    #[inline]
    pub(crate) fn successors(&self, branch: &Branch) -> usize {
        match branch {
            Branch::Load { .. } => 2,
            // There are few arms.
            Branch::Fork { .. } => 2,
            Branch::Any(loads) => loads.len() + self.scratch.enabled.len(),
            Branch::Moves => self.scratch.moves.len(),
        }
    }

    /// Leaves behind what the next one can use, and adds the loops that were cut to `cuts`.
    pub(crate) fn finish(self, cuts: &mut Vec<(usize, usize)>) -> Retained<S> {
        let Expander { stepper, scratch } = self;
        cuts.extend(stepper.cuts);
        Retained { hart_states: stepper.hart_states, scratch }
    }
}
