//! Everything that can be said of a hart without looking at values, at memory or at other harts.
//!
//! A hart stands at few different positions ([`Position`]), and an exploration comes by each of
//! them many times, in combination with all that the other harts do. So what follows from a position is found
//! once, kept, and a state names the position by its number (see `interner`).

use super::cursor::Cursor;
use super::position::Position;
use crate::operational::compile::{CompiledMachine, ExprId, Set, SimpleAccess};

/// A position of a hart, and what follows from it.
#[derive(Clone, Debug)]
pub(crate) struct HartState<S> {
    pub(crate) position: Position<S>,
    /// Index of the path's first place among those of the hart; `None` if some operation of the path has a
    /// computed address.
    pub(crate) first_place: Option<u32>,
    /// What can be performed.
    pub(crate) enabled: Enabled<S>,
    /// Cells that the rest of the path may read or has reserved for an SC to come.
    pub(crate) reads_or_reserves: S,
    /// Cells that the rest of the path may read.
    pub(crate) reads: S,
    /// Cells that the rest of the path may write.
    pub(crate) writes: S,
    /// Cells that an LR reserved, or may reserve, for an SC to come.
    pub(crate) reserved: S,
    /// Cells such that a store of another hart to them changes where this one stands.
    pub(crate) affected_by: S,
    /// Loads that sleep, and that nothing but a store of another hart can wake.
    pub(crate) sleepers: S,
    /// Performed operations whose values something still depends on.
    pub(crate) live: S,
    /// What something still depends on of these values, where that is fewer.
    pub(crate) computed: Option<Box<[ExprId]>>,
    pub(crate) stage: Stage,
    /// The leaf that the hart is in, at the end of its code.
    pub(crate) leaf: Option<u32>,
    /// Are all conditions of the path known to hold?
    pub(crate) confirmed: bool,
    /// Had everything that failed on the path a reason to? Always, where an SC may fail without one.
    pub(crate) failures_forced: bool,
    /// Is all that is left to do to store, each store where it is known to and what?
    pub(crate) only_stores_left: bool,
}

/// What a hart can do at a position: all that depends on the memory model that it follows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Enabled<S> {
    /// Loads that can be performed and do not sleep.
    pub(crate) loads: S,
    /// Of these, the loads that would break rule 2 if they returned what is there now.
    pub(crate) too_early: S,
    /// Of these, the loads that would break rule 2 if they waited for the next store.
    pub(crate) too_late: S,
    /// Of these, the loads that an older store of the hart may still turn out to be the source of.
    pub(crate) unsettled: S,
    /// Of these, the loads whose value nobody asks for, none before them still to read their bytes.
    pub(crate) unused: S,
    /// Stores, SCs and AMOs that can be performed, and their cells.
    pub(crate) stores: S,
    pub(crate) store_cells: S,
    /// Operations that could be performed if their address were not a bad one.
    pub(crate) faulty: S,
    /// Is the fork at the end of the node to be decided before it is known how?
    pub(crate) must_guess: bool,
    /// The choice of models that this holds for: see `interner`.
    pub(crate) epoch: u32,
}

/// How far a hart has got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// Something is still to come.
    Running,
    /// At the end of its code, with everything performed.
    Finished,
    /// Where its path comes to no good end: a loop that is cut or repeats, or a bad jump.
    Stuck,
}

impl<S: Set> HartState<S> {
    /// How to do an operation of the hart, which is number `h`, where that is simple.
    #[inline]
    pub(crate) fn simple(
        &self,
        machine: &CompiledMachine<'_, S>,
        h: usize,
        place: usize,
    ) -> SimpleAccess {
        match self.first_place {
            Some(first) => machine.harts[h].places[first as usize + place].simple,
            None => SimpleAccess::None,
        }
    }

    /// The cells of an operation of the hart, which is number `h`.
    #[inline]
    pub(crate) fn cells_of(&self, machine: &CompiledMachine<'_, S>, h: usize, place: usize) -> S {
        match self.first_place {
            Some(first) => machine.harts[h].places[first as usize + place].cells,
            None => Cursor::new(machine, h, &self.position).cells_of(place),
        }
    }
}
