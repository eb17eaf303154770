//! What a candidate demands of the global memory order, each demand with its reason.

use crate::axiomatic::axioms::{self, Demand};
use crate::axiomatic::candidate::{Candidate, OpId, Source};
use crate::axiomatic::evidence::{Edge, EventId, Why};
use crate::axiomatic::footprint::{ByteMask, bytes_of};
use crate::axiomatic::ppo::rules_by_value;
use crate::axiomatic::relation::Relation;
use crate::litmus::HartId;
use crate::model::{Rule, RuleSet};

use super::execution::{event, written};
use super::trace_facts::{OrderedPair, TraceFacts};

/// An edge that holds once two stores to a common byte turn out to be in a certain order.
#[derive(Clone, Debug)]
pub(super) struct OpenConstraint {
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

/// All that a candidate demands of the global memory order.
#[derive(Clone, Debug, Default)]
pub(super) struct Constraints {
    pub(super) size: usize,
    pub(super) edges: Vec<(OpId, OpId, Why)>,
    pub(super) open: Vec<OpenConstraint>,
    pub(super) excuses: Vec<Excuse>,
}

impl Constraints {
    /// Takes up the demands of a complete candidate whose final memory puts the first of each pair before
    /// the second, in place of those that it held. `facts` are of this candidate.
    pub(super) fn fill(
        &mut self,
        candidate: &Candidate<'_>,
        final_pairs: &[(OpId, OpId)],
        rules: RuleSet,
        facts: &TraceFacts<'_>,
    ) {
        self.size = candidate.layout.size();
        self.edges.clear();
        self.open.clear();
        self.excuses.clear();
        self.program_order(candidate, facts);
        for load in &facts.loads {
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

    fn program_order(&mut self, candidate: &Candidate<'_>, facts: &TraceFacts<'_>) {
        for ((hart, trace), pairs) in (0u16..).zip(&facts.traces).zip(&facts.pairs) {
            let (hart, Some(trace)) = (HartId(hart), *trace) else { continue };
            let origins = candidate.origins(hart);
            for &OrderedPair { a, b, always, possible } in pairs {
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
                    self.open.push(OpenConstraint { store, other, then, why: from_read.clone() });
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
                    self.open.push(OpenConstraint { store, other, then, why: why.clone() });
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

    /// Returns the edges without their reasons.
    pub(super) fn relation(&self) -> Relation<OpId> {
        let mut relation = Relation::new(self.size);
        for (a, b, _) in &self.edges {
            relation.insert(*a, *b);
        }
        relation
    }

    /// Returns the edge from `a` to `b`, with the first of its reasons.
    pub(super) fn edge(&self, candidate: &Candidate<'_>, a: OpId, b: OpId) -> Option<Edge> {
        let event = |op| -> EventId { event(candidate.layout, op) };
        let why = self.edges.iter().find(|(x, y, _)| (*x, *y) == (a, b)).map(|(_, _, why)| why)?;
        Some(Edge { from: event(a), to: event(b), why: why.clone() })
    }

    /// Returns a shortest path from `a` to `b`.
    pub(super) fn path(&self, candidate: &Candidate<'_>, a: OpId, b: OpId) -> Vec<Edge> {
        let mut with_way_back = self.relation();
        with_way_back.insert(b, a);
        let Some(cycle) = with_way_back.shortest_cycle_through(a) else { return Vec::new() };
        cycle.windows(2).filter_map(|pair| self.edge(candidate, pair[0], pair[1])).collect()
    }
}

/// Returns the edges of a cycle.
pub(super) fn edges_of(
    constraints: &Constraints,
    candidate: &Candidate<'_>,
    cycle: &[OpId],
) -> Vec<Edge> {
    let next = cycle.iter().cycle().skip(1);
    let mut edges = Vec::with_capacity(cycle.len());
    edges.extend(cycle.iter().zip(next).filter_map(|(a, b)| constraints.edge(candidate, *a, *b)));
    edges
}
