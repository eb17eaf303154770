//! What is wrong with a candidate, for every order of stores that it leaves open.

use crate::axiomatic::candidate::{Candidate, OpId};
use crate::axiomatic::evidence::{Coherence, Contradiction, Edge, Why, Written};

use super::event;
use super::graph::{Graph, Known, Open, at_once, edges_of};
use crate::model::RuleSet;

/// A contradiction and the order of stores that it rests on.
pub(super) type Refuted = (Vec<Coherence>, Contradiction);

/// What is kept from one candidate to the next: they are many, and small.
#[derive(Debug, Default)]
pub(super) struct Scratch<'t> {
    known: Known<'t>,
    graph: Graph,
}

/// Every contradiction, one for each order of stores that had to be assumed. Empty only if the
/// candidate, whose final memory puts the first of each of `final_pairs` before the second, is consistent.
pub(super) fn refute<'t>(
    candidate: &Candidate<'t>,
    final_pairs: &[(OpId, OpId)],
    rules: RuleSet,
    Scratch { known, graph }: &mut Scratch<'t>,
) -> Vec<Refuted> {
    known.learn(candidate, rules);
    if let Some(contradiction) = at_once(candidate, known) {
        return vec![(Vec::new(), contradiction)];
    }
    graph.fill(candidate, final_pairs, rules, known);
    let mut all = Vec::new();
    if descend(graph, candidate, &mut Vec::new(), &mut all) { all } else { Vec::new() }
}

/// `false` if some order of stores meets every demand.
fn descend(
    graph: &mut Graph,
    candidate: &Candidate<'_>,
    coherence: &mut Vec<Coherence>,
    all: &mut Vec<Refuted>,
) -> bool {
    let layout = candidate.layout;
    let assumed = coherence.len();
    loop {
        let relation = graph.relation();
        if let Some(cycle) = relation.shortest_cycle() {
            let cycle = edges_of(graph, candidate, &cycle);
            all.push((needed(coherence, &cycle), Contradiction::Cycle(cycle)));
            coherence.truncate(assumed);
            return true;
        }
        let closed = relation.closure();
        let mut certain = Vec::new();
        graph.open.retain(|open| {
            let known = closed.contains(open.store, open.other);
            if known {
                certain.push(open.clone());
            }
            !known && !closed.contains(open.other, open.store)
        });
        if certain.is_empty() {
            let refuted = split(graph, candidate, coherence, all);
            coherence.truncate(assumed);
            return refuted;
        }
        for Open { store, other, then, why } in certain {
            let proof = graph.path(candidate, store, other);
            let (before, after) = (event(layout, store), event(layout, other));
            coherence.push(Coherence { before, after, proof });
            graph.edges.push((then, other, why));
        }
    }
}

/// Nothing more is certain: assumes one order and the other.
fn split(
    graph: &Graph,
    candidate: &Candidate<'_>,
    coherence: &mut Vec<Coherence>,
    all: &mut Vec<Refuted>,
) -> bool {
    if let Some(open) = graph.open.first() {
        let (a, b) = (open.store, open.other);
        return descend(&mut assume(graph, a, b), candidate, coherence, all)
            && descend(&mut assume(graph, b, a), candidate, coherence, all);
    }
    let closed = graph.relation().closure();
    let unmet =
        graph.excuses.iter().find(|e| !e.pairs.iter().any(|(a, b)| closed.contains(*a, *b)));
    let Some(excuse) = unmet.cloned() else { return false };
    let (hart, step) = (excuse.hart, excuse.step);
    all.push((Vec::new(), Contradiction::Unforced { hart, step }));
    let possible = |(a, b): &&(OpId, OpId)| !closed.contains(*b, *a);
    excuse
        .pairs
        .iter()
        .filter(possible)
        .all(|(a, b)| descend(&mut assume(graph, *a, *b), candidate, coherence, all))
}

fn assume(graph: &Graph, a: OpId, b: OpId) -> Graph {
    let mut graph = graph.clone();
    graph.edges.push((a, b, Why::Chosen));
    graph
}

/// The coherence that the edges of a cycle rest on, and what its proofs rest on in turn.
fn needed(coherence: &[Coherence], cycle: &[Edge]) -> Vec<Coherence> {
    let mut needed: Vec<Coherence> = Vec::new();
    let mut waiting: Vec<&Edge> = cycle.iter().collect();
    while let Some(edge) = waiting.pop() {
        let (Why::FromRead(from) | Why::Atomic(_, from)) = &edge.why else { continue };
        let Written::By(store) = from else { continue };
        let known = |c: &&Coherence| c.before == *store && c.after == edge.to;
        if needed.iter().any(|c| known(&c)) {
            continue;
        }
        if let Some(found) = coherence.iter().find(known) {
            needed.push(found.clone());
            waiting.extend(found.proof.iter());
        }
    }
    needed
}
