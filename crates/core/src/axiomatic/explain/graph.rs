//! What a candidate demands of the global memory order, each demand with its reason.

use crate::axiomatic::axioms::{self, Demand};
use crate::axiomatic::candidate::{Candidate, OpId, Source};
use crate::axiomatic::evidence::{Contradiction, Edge, EventId, Why};
use crate::axiomatic::footprint::{ByteMask, bytes_of};
use crate::axiomatic::ppo::{Unknown, rules_between, rules_by_value, rules_possible};
use crate::axiomatic::relation::{Index, Relation};
use crate::axiomatic::trace::{Nth, Op, Trace};
use crate::litmus::HartId;
use crate::model::{AccessKind, Rule, RuleSet};

use super::{event, written};

/// An edge that holds once two stores to a common byte turn out to be in this order.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) store: OpId,
    pub(super) other: OpId,
    pub(super) then: OpId,
    pub(super) why: Why,
}

/// A failed SC that one of these orders of stores excuses.
#[derive(Clone, Debug)]
pub(super) struct Excuse {
    pub(super) hart: HartId,
    pub(super) step: usize,
    pub(super) pairs: Vec<(OpId, OpId)>,
}

/// All demands.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub(super) size: usize,
    pub(super) edges: Vec<(OpId, OpId, Why)>,
    pub(super) open: Vec<Open>,
    pub(super) excuses: Vec<Excuse>,
}

/// Two operations of one trace, in program order, that some rule may order.
#[derive(Debug)]
struct Pair {
    a: Nth,
    b: Nth,
    /// The rules that order them wherever loads got their values,
    always: RuleSet,
    /// and those that do if loads got them from the right places.
    possible: RuleSet,
}

/// A load, and the stores that it could read from.
#[derive(Debug)]
struct Load {
    id: OpId,
    mask: ByteMask,
    reserves: bool,
    /// With the bytes that each of them writes.
    stores: Vec<(OpId, ByteMask)>,
    /// The bytes that all of these write, or leave, as they do the byte before.
    as_before: ByteMask,
    /// The bytes that a store of its own hart before it writes.
    hidden: ByteMask,
}

/// What follows from the traces of a candidate, whatever its loads read: most often the next one has the
/// same traces.
#[derive(Debug, Default)]
pub(super) struct Known<'t> {
    traces: Vec<Option<&'t Trace>>,
    /// The pairs of each trace.
    pairs: Vec<Vec<Pair>>,
    loads: Vec<Load>,
    /// An SC that succeeded without being paired.
    unpaired: Option<OpId>,
}

impl<'t> Known<'t> {
    /// Finds out what is not known of the candidate's traces.
    pub(super) fn learn(&mut self, candidate: &Candidate<'t>, rules: RuleSet) {
        let same = |a: Option<&Trace>, b: Option<&Trace>| match (a, b) {
            (Some(a), Some(b)) => std::ptr::eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        self.traces.resize(candidate.traces.len(), None);
        self.pairs.resize_with(candidate.traces.len(), Vec::new);
        let mut any = false;
        let traces = self.traces.iter_mut().zip(&candidate.traces);
        for ((known, new), pairs) in traces.zip(&mut self.pairs) {
            if !same(*known, *new) {
                (*known, any) = (*new, true);
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

/// The pairs of a trace that some rule may order.
fn pairs_of(trace: &Trace, rules: RuleSet) -> impl Iterator<Item = Pair> {
    let numbers = || (0..trace.ops.len()).map(Nth::from_index);
    let pairs = numbers().flat_map(move |a| numbers().skip(a.index() + 1).map(move |b| (a, b)));
    pairs.filter_map(move |(a, b)| {
        let always = rules_between(trace, &Unknown, rules, a, b);
        let possible = rules_possible(trace, rules, a, b);
        let any = !always.is_empty() || !possible.is_empty();
        any.then_some(Pair { a, b, always, possible })
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

/// What is wrong with a candidate whatever the order: an SC that succeeded without being paired, or a
/// load that returns the initial state although a store to the same byte precedes it in program order.
/// `known` is of this candidate.
pub(super) fn at_once(candidate: &Candidate<'_>, known: &Known<'_>) -> Option<Contradiction> {
    let layout = candidate.layout;
    if let Some(sc) = known.unpaired {
        return Some(Contradiction::Unpaired(event(layout, sc)));
    }
    known.loads.iter().filter(|load| load.hidden != 0).find_map(|load| {
        let sources = candidate.sources_of(load.id)?;
        let hidden = bytes_of(load.hidden).find(|byte| sources[*byte] == Source::Initial)?;
        let mut own = load.stores.iter().filter(|(store, _)| layout.po(*store, load.id));
        let (store, _) = own.find(|(_, covers)| covers >> hidden & 1 != 0)?;
        let (load, store) = (event(layout, load.id), event(layout, *store));
        Some(Contradiction::InitialHidden { load, store })
    })
}

impl Graph {
    /// Takes up the demands of a complete candidate whose final memory puts the first of each pair before
    /// the second, in place of those that it held. `known` is of this candidate.
    pub(super) fn fill(
        &mut self,
        candidate: &Candidate<'_>,
        final_pairs: &[(OpId, OpId)],
        rules: RuleSet,
        known: &Known<'_>,
    ) {
        self.size = candidate.layout.size();
        self.edges.clear();
        self.open.clear();
        self.excuses.clear();
        self.program_order(candidate, known);
        for load in &known.loads {
            let Some(sources) = candidate.sources_of(load.id) else { continue };
            for byte in bytes_of(load.mask) {
                // What is as with the byte before demands the same once more.
                if load.as_before >> byte & 1 != 0 && sources[byte] == sources[byte - 1] {
                    continue;
                }
                let here = |(_, covers): &&(OpId, ByteMask)| covers >> byte & 1 != 0;
                let stores = || load.stores.iter().filter(here).map(|(store, _)| *store);
                self.load_value(candidate, load.id, sources[byte], stores());
                if load.reserves && rules.contains(Rule::Atomicity) {
                    self.atomicity(candidate, load.id, sources[byte], stores());
                }
            }
        }
        self.failures(candidate);
        self.edges.extend(final_pairs.iter().map(|(a, b)| (*a, *b, Why::Final)));
        self.edges.sort_unstable();
        self.edges.dedup();
    }

    fn program_order(&mut self, candidate: &Candidate<'_>, known: &Known<'_>) {
        for ((hart, trace), pairs) in (0u16..).zip(&known.traces).zip(&known.pairs) {
            let (hart, Some(trace)) = (HartId(hart), *trace) else { continue };
            let origins = candidate.origins(hart);
            for &Pair { a, b, always, possible } in pairs {
                let by = match possible.is_empty() {
                    true => always,
                    false => always.with(rules_by_value(trace, &origins, possible, a, b)),
                };
                if !by.is_empty() {
                    let id = |nth| candidate.layout.id(hart, nth);
                    self.edges.push((id(a), id(b), Why::Ppo(by)));
                }
            }
        }
    }

    fn load_value(
        &mut self,
        candidate: &Candidate<'_>,
        load: OpId,
        source: Source,
        stores: impl Iterator<Item = OpId>,
    ) {
        let layout = candidate.layout;
        if let Demand::Before(store, load) = axioms::source(layout, load, source) {
            self.edges.push((store, load, Why::ReadsFrom));
        }
        let from_read = Why::FromRead(written(layout, source));
        for other in stores {
            match axioms::other(layout, load, source, other) {
                Demand::Nothing | Demand::Impossible => {}
                Demand::Before(a, b) if a == load => self.edges.push((a, b, from_read.clone())),
                Demand::Before(a, b) => {
                    self.edges.push((a, b, Why::ReadPast(event(layout, load))));
                }
                Demand::Implies { store, other, then } => {
                    self.open.push(Open { store, other, then, why: from_read.clone() });
                }
            }
        }
    }

    fn atomicity(
        &mut self,
        candidate: &Candidate<'_>,
        lr: OpId,
        source: Source,
        stores: impl Iterator<Item = OpId>,
    ) {
        let layout = candidate.layout;
        let Some(sc) = candidate
            .ops()
            .find(|(id, op)| layout.po(lr, *id) && op.paired == Some(layout.nth(lr)))
            .map(|(id, _)| id)
        else {
            return;
        };
        let lr = event(layout, lr);
        if let Demand::Before(store, sc) = axioms::atomic_source(sc, source) {
            self.edges.push((store, sc, Why::AtomicSource(lr)));
        }
        let why = Why::Atomic(lr, written(layout, source));
        for other in stores {
            match axioms::atomic_other(layout, sc, source, other) {
                Demand::Before(a, b) => self.edges.push((a, b, why.clone())),
                Demand::Implies { store, other, then } => {
                    self.open.push(Open { store, other, then, why: why.clone() });
                }
                Demand::Nothing | Demand::Impossible => {}
            }
        }
    }

    fn failures(&mut self, candidate: &Candidate<'_>) {
        let layout = candidate.layout;
        for (hart, trace) in (0u16..).zip(&candidate.traces) {
            for failed in trace.iter().flat_map(|t| &t.failed) {
                let hart = HartId(hart);
                let lr = layout.id(hart, failed.paired);
                let (Some(op), Some(sources)) = (candidate.get(lr), candidate.sources_of(lr))
                else {
                    continue;
                };
                let mut pairs = Vec::new();
                let mut excused = false;
                for (store, by) in candidate.ops() {
                    if !by.writes() || layout.hart(store) == hart {
                        continue;
                    }
                    for byte in bytes_of(op.footprint.covered_by(by.footprint)) {
                        match sources[byte] {
                            Source::Initial => excused = true,
                            Source::Store(from) if from != store => pairs.push((from, store)),
                            Source::Store(_) => {}
                        }
                    }
                }
                if !excused {
                    self.excuses.push(Excuse { hart, step: failed.step, pairs });
                }
            }
        }
    }

    /// The edges without their reasons.
    pub(super) fn relation(&self) -> Relation<OpId> {
        let mut relation = Relation::new(self.size);
        for (a, b, _) in &self.edges {
            relation.insert(*a, *b);
        }
        relation
    }

    /// The edge from `a` to `b`, with the first of its reasons.
    pub(super) fn edge(&self, candidate: &Candidate<'_>, a: OpId, b: OpId) -> Option<Edge> {
        let event = |op| -> EventId { event(candidate.layout, op) };
        let why = self.edges.iter().find(|(x, y, _)| (*x, *y) == (a, b)).map(|(_, _, why)| why)?;
        Some(Edge { from: event(a), to: event(b), why: why.clone() })
    }

    /// A shortest path from `a` to `b`.
    pub(super) fn path(&self, candidate: &Candidate<'_>, a: OpId, b: OpId) -> Vec<Edge> {
        let mut with_way_back = self.relation();
        with_way_back.insert(b, a);
        let Some(cycle) = with_way_back.shortest_cycle_through(a) else { return Vec::new() };
        cycle.windows(2).filter_map(|pair| self.edge(candidate, pair[0], pair[1])).collect()
    }
}

/// The edges of a cycle.
pub(super) fn edges_of(graph: &Graph, candidate: &Candidate<'_>, cycle: &[OpId]) -> Vec<Edge> {
    let next = cycle.iter().cycle().skip(1);
    let mut edges = Vec::with_capacity(cycle.len());
    edges.extend(cycle.iter().zip(next).filter_map(|(a, b)| graph.edge(candidate, *a, *b)));
    edges
}
