//! Where a hart stands: all of its state but the values that its loads returned.

use super::facts::NodeFacts;
use super::machine::{HartMachine, Machine};
use super::set::{Set, mix};
use super::tree::{Node, NodeId};

/// A point of a hart's paths.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Control<S> {
    /// The hart, or the first of those that are alike.
    pub(super) hart: u16,
    /// The node that the hart is in.
    pub(super) node: NodeId,
    /// Operations of the path that are performed.
    pub(super) done: S,
    /// Loads of the path that have decided to wait for the next store to their bytes.
    pub(super) asleep: S,
    /// LRs of the path whose bytes another hart has stored to since, as far as an SC may still ask.
    pub(super) broken: S,
    /// By place, if some path of the hart computes an address; else empty.
    pub(super) computed: Vec<Computed<S>>,
}

/// What is known of an operation whose address is computed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Computed<S> {
    /// [`UNKNOWN`] until everything is known that it is computed from.
    pub(super) address: u64,
    /// Cells that a load whose address is not known yet must not turn out to read.
    pub(super) forbidden: S,
}

/// A computed address that is not known yet. No location lies at 0.
pub(super) const UNKNOWN: u64 = 0;

impl<S: Set> Control<S> {
    /// Before anything happened.
    pub(super) fn start(number: usize, hart: &HartMachine<S>) -> Control<S> {
        let places = if hart.computes { hart.tree.depth } else { 0 };
        let unknown = Computed { address: UNKNOWN, forbidden: S::EMPTY };
        Control {
            hart: number as u16,
            node: 0,
            done: hart.unseen,
            asleep: S::EMPTY,
            broken: S::EMPTY,
            computed: vec![unknown; places],
        }
    }

    pub(super) fn hash(&self) -> u64 {
        let sets = [self.done, self.asleep, self.broken];
        let place = u64::from(self.hart) << 32 | u64::from(self.node);
        let hash = sets.iter().fold(place + 1, |hash, set| set.hash(hash));
        self.computed
            .iter()
            .fold(hash, |hash, computed| computed.forbidden.hash(mix(hash, computed.address)))
    }
}

/// A hart at a point of its paths, with what is known of the node that it is in.
#[derive(Clone, Copy)]
pub(super) struct At<'a, S> {
    pub(super) machine: &'a Machine<'a, S>,
    pub(super) hart: &'a HartMachine<S>,
    pub(super) node: &'a Node<S>,
    pub(super) facts: &'a NodeFacts<S>,
    pub(super) control: &'a Control<S>,
}

impl<'p, S: Set> Machine<'p, S> {
    /// Hart `h` at `control`.
    #[inline]
    pub(super) fn at<'a>(&'a self, h: usize, control: &'a Control<S>) -> At<'a, S> {
        let hart = &self.harts[h];
        let node = control.node as usize;
        let (node, facts) = (&hart.tree.nodes[node], &hart.facts[node]);
        At { machine: self, hart, node, facts, control }
    }
}

impl<S: Set> At<'_, S> {
    /// Operations of the path that are not performed.
    #[inline]
    pub(super) fn open(&self) -> S {
        S::below(self.node.len) & !self.control.done
    }
}
