//! One state after the other, and what it leads to.

use crate::operational::compile::machine::CompiledMachine;
use crate::operational::compile::set::Set;
use crate::operational::reduce::moves::Move;
use crate::operational::reduce::stubborn::Closure;
use crate::operational::state::hart_set::HartSet;
use crate::operational::state::interner::HartStates;
#[cfg(feature = "parallel")]
use crate::operational::state::interner::SharedHartStates;
use crate::operational::state::summary::EnabledStore;
use crate::operational::step::stepper::Stepper;

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
    /// Makes an expander that knows what another one of the machine met, which may have followed other
    /// models.
    pub(crate) fn new(machine: &'m CompiledMachine<'m, S>, retained: Retained<S>) -> Self {
        let Retained { hart_states, scratch } = retained;
        Expander { stepper: Stepper::new(machine, hart_states), scratch }
    }

    /// Makes an expander that knows what all threads know, and what another one of this search met.
    #[cfg(feature = "parallel")]
    pub(crate) fn sharing(
        machine: &'m CompiledMachine<'m, S>,
        retained: Retained<S>,
        shared: &'m SharedHartStates<S>,
    ) -> Self {
        let Retained { hart_states, scratch } = retained;
        Expander { stepper: Stepper::sharing(machine, hart_states, shared), scratch }
    }

    /// Leaves behind what the next one can use, and adds the loops that were cut to `cuts`.
    pub(crate) fn finish(self, cuts: &mut Vec<(usize, usize)>) -> Retained<S> {
        let Expander { stepper, scratch } = self;
        cuts.extend(stepper.cuts);
        Retained { hart_states: stepper.hart_states, scratch }
    }
}
