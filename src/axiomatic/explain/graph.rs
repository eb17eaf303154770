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
#[derive(Clone, Debug)]
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

/// The pairs of the traces that the last candidate had: most often the next one has them, too.
#[derive(Debug, Default)]
pub(super) struct Known<'t> {
    by_hart: Vec<Option<(&'t Trace, Vec<Pair>)>>,
}

impl<'t> Known<'t> {
    fn of(&mut self, hart: HartId, trace: &'t Trace, rules: RuleSet) -> &[Pair] {
        if self.by_hart.len() <= hart.index() {
            self.by_hart.resize_with(hart.index() + 1, || None);
        }
        let slot = &mut self.by_hart[hart.index()];
        if slot.as_ref().is_some_and(|(known, _)| !std::ptr::eq(*known, trace)) {
            *slot = None;
        }
        let (_, pairs) = slot.get_or_insert_with(|| {
            let numbers = || (0..trace.ops.len()).map(Nth::from_index);
            let pairs = numbers().flat_map(|a| numbers().skip(a.index() + 1).map(move |b| (a, b)));
            let known = |(a, b)| {
                let always = rules_between(trace, &Unknown, rules, a, b);
                let possible = rules_possible(trace, rules, a, b);
                let any = !always.is_empty() || !possible.is_empty();
                any.then_some(Pair { a, b, always, possible })
            };
            (trace, pairs.filter_map(known).collect())
        });
        pairs
    }
}

/// What is wrong with a candidate whatever the order: an SC that succeeded without being paired, or a
/// load that returns the initial state although a store to the same byte precedes it in program order.
pub(super) fn at_once(candidate: &Candidate<'_>) -> Option<Contradiction> {
    let layout = candidate.layout;
    let unpaired = |op: &Op| op.kind == AccessKind::StoreConditional && op.paired.is_none();
    if let Some((sc, _)) = candidate.ops().find(|(_, op)| unpaired(op)) {
        return Some(Contradiction::Unpaired(event(layout, sc)));
    }
    candidate.ops().filter(|(_, op)| op.reads()).find_map(|(load, op)| {
        let sources = candidate.sources_of(load)?;
        let initial = bytes_of(op.footprint.mask()).filter(|b| sources[*b] == Source::Initial);
        let initial = initial.fold(0, |mask, byte| mask | (1 << byte));
        if initial == 0 {
            return None;
        }
        let trace = candidate.traces[layout.hart(load).index()]?;
        let older = || trace.iter().take(layout.nth(load).index()).filter(|(_, op)| op.writes());
        let hidden = |store: &Op| initial & op.footprint.covered_by(store.footprint);
        let all = older().fold(0, |mask, (_, store)| mask | hidden(store));
        let first = all & all.wrapping_neg();
        let (store, _) = older().find(|(_, store)| hidden(store) & first != 0)?;
        let (load, hart) = (event(layout, load), layout.hart(load));
        Some(Contradiction::InitialHidden { load, store: EventId { hart, nth: store } })
    })
}

impl Graph {
    /// The demands of a complete candidate whose final memory puts the first of each pair before the
    /// second.
    pub(super) fn new<'t>(
        candidate: &Candidate<'t>,
        final_pairs: &[(OpId, OpId)],
        rules: RuleSet,
        known: &mut Known<'t>,
    ) -> Self {
        let mut graph = Graph {
            size: candidate.layout.size(),
            edges: Vec::with_capacity(4 * candidate.layout.size()),
            open: Vec::with_capacity(4 * candidate.layout.size()),
            excuses: Vec::new(),
        };
        graph.program_order(candidate, rules, known);
        let stores: Vec<(OpId, &Op)> = candidate.ops().filter(|(_, op)| op.writes()).collect();
        let mut covering: Vec<(OpId, ByteMask)> = Vec::with_capacity(stores.len());
        for (load, op) in candidate.ops().filter(|(_, op)| op.reads()) {
            let Some(sources) = candidate.sources_of(load) else { continue };
            let covers = |store: &Op| op.footprint.covered_by(store.footprint);
            covering.clear();
            covering.extend(stores.iter().map(|(id, store)| (*id, covers(store))));
            covering.retain(|(_, covers)| *covers != 0);
            for byte in bytes_of(op.footprint.mask()) {
                // What is as with the byte before demands the same once more.
                let as_before = |covers: ByteMask| (covers >> byte ^ covers >> (byte - 1)) & 1 == 0;
                if byte > 0
                    && sources[byte] == sources[byte - 1]
                    && covering.iter().all(|(_, covers)| as_before(*covers))
                {
                    continue;
                }
                let here = |(_, covers): &&(OpId, ByteMask)| covers >> byte & 1 != 0;
                let stores = || covering.iter().filter(here).map(|(store, _)| *store);
                graph.load_value(candidate, load, sources[byte], stores());
                if rules.contains(Rule::Atomicity) && op.kind == AccessKind::LoadReserved {
                    graph.atomicity(candidate, load, sources[byte], stores());
                }
            }
        }
        graph.failures(candidate);
        for (a, b) in final_pairs {
            graph.edges.push((*a, *b, Why::Final));
        }
        graph.edges.sort_unstable();
        graph.edges.dedup();
        graph
    }

    fn program_order<'t>(
        &mut self,
        candidate: &Candidate<'t>,
        rules: RuleSet,
        known: &mut Known<'t>,
    ) {
        for (hart, trace) in (0u16..).zip(&candidate.traces) {
            let (hart, Some(trace)) = (HartId(hart), *trace) else { continue };
            let origins = candidate.origins(hart);
            for &Pair { a, b, always, possible } in known.of(hart, trace, rules) {
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
    cycle.iter().zip(next).filter_map(|(a, b)| graph.edge(candidate, *a, *b)).collect()
}
