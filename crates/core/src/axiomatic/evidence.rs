//! Evidence for a verdict on one final state, in a form that a checker can follow.
//!
//! It owns everything it speaks of and knows nothing of how it was found: see [`super::check`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::litmus::HartId;
use crate::model::RuleSet;
use crate::program::FinalState;

use super::ppo::{Origin, Origins};
use super::trace::{Nth, Op, Trace};

/// A memory operation of an execution.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EventId {
    /// Whose.
    pub hart: HartId,
    /// Which, in program order.
    pub nth: Nth,
}

/// What wrote a byte that a load returned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Written {
    /// The initial state.
    Initially,
    /// A store.
    By(EventId),
}

/// What every hart did and what every load read, but no order between harts.
#[derive(Clone, Debug)]
pub struct Execution {
    /// By hart.
    pub traces: Vec<Trace>,
    /// By hart and operation: what wrote each byte that it returned. Empty for an operation that does
    /// not read.
    pub reads: Vec<Vec<Vec<Written>>>,
}

impl Execution {
    /// The operation.
    #[must_use]
    pub fn op(&self, event: EventId) -> &Op {
        self.traces[event.hart.index()].op(event.nth)
    }

    /// What wrote each byte that `load` returned.
    #[must_use]
    pub fn read(&self, load: EventId) -> &[Written] {
        &self.reads[load.hart.index()][usize::from(load.nth.0)]
    }

    /// All operations, by hart and in program order.
    pub fn events(&self) -> impl Iterator<Item = EventId> + '_ {
        (0u16..).zip(&self.traces).flat_map(|(hart, trace)| {
            trace.iter().map(move |(nth, _)| EventId { hart: HartId(hart), nth })
        })
    }
}

/// What one hart's loads read, as the rules of preserved program order ask for it.
#[derive(Clone, Copy)]
pub struct ReadsOf<'e> {
    /// The execution.
    pub execution: &'e Execution,
    /// The hart.
    pub hart: HartId,
}

impl Origins for ReadsOf<'_> {
    fn origin(&self, load: Nth, byte: usize) -> Option<Origin> {
        let load = EventId { hart: self.hart, nth: load };
        Some(match self.execution.read(load).get(byte)? {
            Written::Initially => Origin::Initial,
            Written::By(store) if store.hart == self.hart => Origin::Own(store.nth),
            Written::By(store) => {
                Origin::Foreign(store.hart.index() << 8 | usize::from(store.nth.0))
            }
        })
    }
}

/// An execution that the model allows: it obeys every axiom when its operations take place in the
/// order of `gmo`.
#[derive(Clone, Debug)]
pub struct Witness {
    /// What happened.
    pub execution: Execution,
    /// Every operation once, in the global memory order.
    pub gmo: Vec<EventId>,
    /// How it ends.
    pub state: FinalState,
}

/// Why one operation precedes another in every global memory order of an execution.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Why {
    /// Preserved program order, by these rules.
    Ppo(RuleSet),
    /// Load value axiom: the second reads from the first, which does not precede it in program order.
    ReadsFrom,
    /// Load value axiom: the first reads from `Initially` or from a store that the second follows.
    FromRead(Written),
    /// Load value axiom: the first precedes, in program order, this load that reads from the second.
    ReadPast(EventId),
    /// Both store to a byte that ends with what the second stored.
    Final,
    /// One of two ways to order two stores to a common byte.
    Chosen,
    /// Atomicity axiom: the paired LR, the event given, reads from the first, and the second is its SC.
    AtomicSource(EventId),
    /// Atomicity axiom: the paired LR reads from what is given, which the second follows, a store of
    /// another hart; the first is its SC.
    Atomic(EventId, Written),
}

/// The relation that an edge belongs to.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Serialize,
    Deserialize,
    JsonSchema
)]
#[serde(rename_all = "kebab-case")]
pub enum EdgeKind {
    /// Preserved program order.
    Ppo,
    /// Reads from.
    Rf,
    /// Coherence: the order of two stores.
    Co,
    /// From-read: reads from an earlier store than the other.
    Fr,
    /// The atomicity axiom.
    Atomicity,
}

impl EdgeKind {
    /// Returns its name in arguments and pictures.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            EdgeKind::Ppo => "ppo",
            EdgeKind::Rf => "rf",
            EdgeKind::Co => "co",
            EdgeKind::Fr => "fr",
            EdgeKind::Atomicity => "atomicity",
        }
    }
}

impl Why {
    /// Returns the relation that such an edge belongs to.
    #[must_use]
    pub const fn kind(&self) -> EdgeKind {
        match self {
            Why::Ppo(_) => EdgeKind::Ppo,
            Why::ReadsFrom => EdgeKind::Rf,
            Why::FromRead(_) => EdgeKind::Fr,
            Why::ReadPast(_) | Why::Final | Why::Chosen => EdgeKind::Co,
            Why::AtomicSource(_) | Why::Atomic(..) => EdgeKind::Atomicity,
        }
    }
}

/// `from` precedes `to` in every global memory order of the execution.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Edge {
    /// The earlier.
    pub from: EventId,
    /// The later.
    pub to: EventId,
    /// Why.
    pub why: Why,
}

/// Two stores to a common byte in their order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coherence {
    /// The earlier store.
    pub before: EventId,
    /// The later store.
    pub after: EventId,
    /// Edges from the one to the other; a single [`Why::Chosen`] when it is an assumption whose
    /// opposite is refuted elsewhere.
    pub proof: Vec<Edge>,
}

/// What is wrong with an execution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Contradiction {
    /// Each precedes the next, the last precedes the first.
    Cycle(Vec<Edge>),
    /// Load value axiom: the load returns the initial value of a byte though the store, to the same
    /// byte, precedes it in program order.
    InitialHidden {
        /// The load.
        load: EventId,
        /// The store.
        store: EventId,
    },
    /// An SC succeeded that is not paired: no LR comes before it without another LR or SC between, or
    /// its bytes are not those that the LR reserved.
    Unpaired(EventId),
    /// An SC failed, at this step of the hart, though no store of another hart forced it to.
    Unforced {
        /// Whose.
        hart: HartId,
        /// Which step of its code.
        step: usize,
    },
}

/// An execution that would end in the state in question, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Refutation {
    /// What would have happened.
    pub execution: Execution,
    /// The order of stores, as far as the contradiction needs it.
    pub coherence: Vec<Coherence>,
    /// What is wrong.
    pub contradiction: Contradiction,
    /// How it would end.
    pub state: FinalState,
}

/// Returns the cycle from an edge of preserved program order of the first hart that has one.
pub fn cycle_from_start(cycle: &[Edge]) -> impl Iterator<Item = &Edge> {
    let start = cycle
        .iter()
        .enumerate()
        .filter(|(_, edge)| matches!(edge.why, Why::Ppo(_)))
        .min_by_key(|(_, edge)| (edge.from.hart, edge.from.nth))
        .map_or(0, |(index, _)| index);
    let (end, beginning) = cycle.split_at(start);
    beginning.iter().chain(end)
}
