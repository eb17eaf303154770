//! What the traces of a candidate demand whatever its loads read.

use crate::axiomatic::candidate::{Candidate, OpId, Source};
use crate::axiomatic::evidence::Contradiction;
use crate::axiomatic::footprint::{ByteMask, bytes_of};
use crate::axiomatic::ppo::{Unknown, rules_between, rules_possible};
use crate::axiomatic::relation::Index;
use crate::axiomatic::trace::{Nth, Op, Trace};
use crate::model::{AccessKind, RuleSet};

use super::execution::event;

/// Two operations of one trace, in program order, that some rule may order.
#[derive(Debug)]
pub(super) struct OrderedPair {
    pub(super) a: Nth,
    pub(super) b: Nth,
    /// The rules that order them wherever loads got their values,
    pub(super) always: RuleSet,
    /// and those that do if loads got them from the right places.
    pub(super) possible: RuleSet,
}

/// A load, and the stores that it could read from.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) id: OpId,
    pub(super) mask: ByteMask,
    /// Is it a load-reserved?
    pub(super) reserves: bool,
    /// With the bytes that each of them writes.
    pub(super) stores: Vec<(OpId, ByteMask)>,
    /// The bytes that all of these write, or leave, as they do the byte before.
    pub(super) as_before: ByteMask,
    /// The bytes that a store of its own hart before it writes.
    hidden: ByteMask,
}

/// What follows from the traces of a candidate, whatever its loads read. Most often the next candidate
/// has the same traces.
#[derive(Debug, Default)]
pub(super) struct TraceFacts<'t> {
    pub(super) traces: Vec<Option<&'t Trace>>,
    /// The pairs of each trace.
    pub(super) pairs: Vec<Vec<OrderedPair>>,
    pub(super) loads: Vec<Load>,
    /// An SC that succeeded without being paired.
    unpaired: Option<OpId>,
}

impl<'t> TraceFacts<'t> {
    /// Takes up the traces of a candidate that are not those of the one before.
    pub(super) fn update(&mut self, candidate: &Candidate<'t>, rules: RuleSet) {
        let same = |a: Option<&Trace>, b: Option<&Trace>| match (a, b) {
            (Some(a), Some(b)) => std::ptr::eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        self.traces.resize(candidate.traces.len(), None);
        self.pairs.resize_with(candidate.traces.len(), Vec::new);
        let mut any = false;
        let traces = self.traces.iter_mut().zip(&candidate.traces);
        for ((old, new), pairs) in traces.zip(&mut self.pairs) {
            if !same(*old, *new) {
                (*old, any) = (*new, true);
                pairs.clear();
                pairs.extend(new.iter().flat_map(|trace| pairs_of(trace, rules)));
            }
        }
        if !any {
            return;
        }
        let unpaired = |op: &Op| op.kind == AccessKind::StoreConditional && op.paired.is_none();
        self.unpaired = candidate.ops().find(|(_, op)| unpaired(op)).map(|(id, _)| id);
        self.loads.clear();
        self.loads.extend(
            candidate.ops().filter(|(_, op)| op.reads()).map(|(id, op)| load(candidate, id, op)),
        );
    }
}

/// Returns the pairs of a trace that some rule may order.
fn pairs_of(trace: &Trace, rules: RuleSet) -> impl Iterator<Item = OrderedPair> {
    let numbers = || (0..trace.ops.len()).map(Nth::from_index);
    let pairs = numbers().flat_map(move |a| numbers().skip(a.index() + 1).map(move |b| (a, b)));
    pairs.filter_map(move |(a, b)| {
        let always = rules_between(trace, &Unknown, rules, a, b);
        let possible = rules_possible(trace, rules, a, b);
        let any = !always.is_empty() || !possible.is_empty();
        any.then_some(OrderedPair { a, b, always, possible })
    })
}

fn load(candidate: &Candidate<'_>, id: OpId, op: &Op) -> Load {
    let mask = op.footprint.mask();
    let covers = |(store, by): (OpId, &Op)| {
        let covers = if by.writes() { op.footprint.covered_by(by.footprint) } else { 0 };
        (covers != 0).then_some((store, covers))
    };
    let stores: Vec<(OpId, ByteMask)> = candidate.ops().filter_map(covers).collect();
    let differs = stores.iter().fold(1, |differs, (_, covers)| differs | (covers ^ covers << 1));
    let own = stores.iter().filter(|(store, _)| candidate.layout.po(*store, id));
    let hidden = own.fold(0, |hidden, (_, covers)| hidden | covers);
    let reserves = op.kind == AccessKind::LoadReserved;
    Load { id, mask, reserves, stores, as_before: mask & !differs, hidden }
}

/// Returns what is wrong with a candidate whatever the order: an SC that succeeded without being paired, or a
/// load that returns the initial state although a store to the same byte precedes it in program order.
/// `facts` are of this candidate.
pub(super) fn at_once(candidate: &Candidate<'_>, facts: &TraceFacts<'_>) -> Option<Contradiction> {
    let layout = candidate.layout;
    if let Some(sc) = facts.unpaired {
        return Some(Contradiction::Unpaired(event(layout, sc)));
    }
    facts.loads.iter().filter(|load| load.hidden != 0).find_map(|load| {
        let sources = candidate.sources_of(load.id)?;
        let hidden = bytes_of(load.hidden).find(|byte| sources[*byte] == Source::Initial)?;
        let mut own = load.stores.iter().filter(|(store, _)| layout.po(*store, load.id));
        let (store, _) = own.find(|(_, covers)| covers >> hidden & 1 != 0)?;
        let (load, store) = (event(layout, load.id), event(layout, *store));
        Some(Contradiction::InitialHidden { load, store })
    })
}
