//! Everything that can be said of a hart without looking at values, at memory or at other harts.
//!
//! A hart stands at few different points of its paths ([`Control`]), and an exploration comes by each of
//! them many times, in combination with all that the other harts do. So what follows from a point is found
//! once, kept, and a state names the point by its number.

use super::control::{At, Control};
use super::facts::Simple;
use super::machine::Machine;
use super::ready::Ready;
use super::set::Set;
use super::tree::End;
use crate::model::ScFailure;

/// A point of a hart's paths, and what follows from it.
#[derive(Clone, Debug)]
pub(super) struct Local<S> {
    pub(super) control: Control<S>,
    /// Index of the path's first place, see [`super::facts::NodeFacts::start`]; `None` if some
    /// operation of the path has a computed address.
    pub(super) start: Option<u32>,
    /// What can be performed.
    pub(super) can: Can<S>,
    /// Cells that the rest of the path may read or has reserved for an SC to come,
    pub(super) looks: S,
    /// may read,
    pub(super) reads: S,
    /// may write,
    pub(super) writes: S,
    /// and that an LR reserved, or may reserve, for an SC to come.
    pub(super) reserved: S,
    /// Cells such that a store of another hart to them changes where this one stands.
    pub(super) sees: S,
    /// Loads that sleep, and that nothing but a store of another hart can wake.
    pub(super) sleepers: S,
    /// Performed operations whose values something still depends on.
    pub(super) live: S,
    pub(super) stage: Stage,
    /// At the end of the hart's code: see [`super::tree::Tree::observed`].
    pub(super) leaf: Option<u32>,
    /// Are all conditions of the path known to hold?
    pub(super) confirmed: bool,
    /// Had everything that failed on the path a reason to? Always, where an SC may fail without one.
    pub(super) forced: bool,
    /// Is all that is left to do to store, each store where it is known to and what?
    pub(super) only_stores: bool,
}

/// What a hart can do at a point: all that depends on the memory model that it follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Can<S> {
    /// Loads that can be performed and do not sleep.
    pub(super) loads: S,
    /// Of these, those that would break rule 2 if they returned what is there now,
    pub(super) too_early: S,
    /// or if they waited for the next store,
    pub(super) too_late: S,
    /// and those that an older store of the hart may still turn out to be the source of.
    pub(super) unsettled: S,
    /// Stores, SCs and AMOs that can be performed, and their cells.
    pub(super) stores: S,
    pub(super) store_cells: S,
    /// Operations that could be performed if their address were not a bad one.
    pub(super) faulty: S,
    /// Is the fork at the end of the node to be decided before it is known how?
    pub(super) guess: bool,
    /// The choice of models that this holds for: see [`super::locals::Locals::epoch`].
    pub(super) epoch: u32,
}

/// How far a hart has got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// Something is still to come.
    Under,
    /// At the end of its code, with everything performed.
    Finished,
    /// Where its path comes to no good end: [`End::Cut`], [`End::BadJump`] or [`End::Repeats`].
    Stuck,
}

impl<S: Set> Machine<'_, S> {
    /// How to do an operation of hart `h`, which stands at `local`, without much ado.
    #[inline]
    pub(super) fn simple(&self, h: usize, local: &Local<S>, place: usize) -> Simple {
        match local.start {
            Some(start) => self.harts[h].places[start as usize + place].simple,
            None => Simple::No,
        }
    }

    /// The cells of an operation of hart `h`, which stands at `local`.
    #[inline]
    pub(super) fn cells_of(&self, h: usize, local: &Local<S>, place: usize) -> S {
        match local.start {
            Some(start) => self.harts[h].places[start as usize + place].cells,
            None => self.at(h, &local.control).cells_of(place),
        }
    }

    /// What follows from a point of hart `h`'s paths.
    pub(super) fn local(&self, h: usize, control: Control<S>, epoch: u32) -> Local<S> {
        let at = self.at(h, &control);
        // Without a computed address nothing waits for one.
        let computed = S::FULL.when(!at.facts.computed.is_empty());
        let (reads, reserved) = (at.reads_to_come(), at.reserved());
        let forced = self.options.sc_failure == ScFailure::Spurious
            || at.node.failed_pairs.within(control.broken);
        Local {
            can: at.can(epoch),
            looks: reads | reserved,
            reads,
            writes: at.writes_to_come(),
            reserved,
            sees: at.sees(),
            sleepers: control.asleep
                & !those(control.asleep & computed, |place| at.waits_for_own_store(place)),
            live: at.live(),
            stage: at.stage(),
            leaf: match at.node.end {
                End::Leaf(leaf) => Some(leaf),
                _ => None,
            },
            confirmed: at.hold(at.hart.tree.guards(at.node)),
            forced,
            only_stores: at.only_stores_left(),
            start: at.facts.computed.is_empty().then_some(at.facts.start as u32),
            control,
        }
    }
}

/// Those of `places` that are `like` that.
fn those<S: Set>(places: S, like: impl Fn(usize) -> bool) -> S {
    let mut those = S::EMPTY;
    places.members().filter(|place| like(*place)).for_each(|place| those.insert(place));
    those
}

impl<S: Set> At<'_, S> {
    /// What can be performed under the models that are followed now.
    pub(super) fn can(&self, epoch: u32) -> Can<S> {
        let (facts, control) = (self.facts, self.control);
        let mut faulty = S::EMPTY;
        let mut sort = |place: usize, ready: Ready, all: &mut S| match ready {
            Ready::Yes => all.insert(place),
            Ready::Faulty => faulty.insert(place),
            Ready::No => {}
        };
        let mut loads = S::EMPTY;
        let awake = facts.reads & !facts.writes & !control.done & !control.asleep;
        for place in awake.members() {
            sort(place, self.load_ready(place), &mut loads);
        }
        let mut stores = S::EMPTY;
        for place in (facts.writes & !control.done).members() {
            sort(place, self.store_ready(place), &mut stores);
        }
        let computed = S::FULL.when(!facts.computed.is_empty());
        Can {
            loads,
            too_early: match control.asleep.is_empty() {
                true => S::EMPTY,
                false => those(loads, |place| self.overtakes_sleeper(place)),
            },
            too_late: those(loads, |place| self.overtaken(place)),
            unsettled: those(loads & computed, |place| self.waits_for_own_store(place)),
            stores,
            store_cells: self.cells_of_all(stores),
            faulty,
            guess: self.must_guess(),
            epoch,
        }
    }

    fn stage(&self) -> Stage {
        match self.node.end {
            End::Leaf(_) if self.open().is_empty() => Stage::Finished,
            End::Cut(_) | End::BadJump(..) | End::Repeats => Stage::Stuck,
            End::Leaf(_) | End::Fork(_) => Stage::Under,
        }
    }

    fn only_stores_left(&self) -> bool {
        let open = self.open();
        matches!(self.node.end, End::Leaf(_))
            && self.hart.tree.checks(self.node).is_empty()
            && !open.meets(self.facts.reads | self.facts.computed | self.facts.conditionals)
            && open.members().all(|place| !self.place(place).cells.is_empty())
    }
}
