//! What is wrong with a candidate, for every order of stores that it leaves open.

use crate::axiomatic::candidate::{Candidate, OpId};
use crate::axiomatic::evidence::{Coherence, Contradiction, Edge, Why, Written};
use crate::model::RuleSet;

use super::constraints::{Constraints, OpenConstraint, edges_of};
use super::execution::event;
use super::trace_facts::{TraceFacts, at_once};

/// A contradiction and the order of stores that it rests on.
pub(super) type Found = (Vec<Coherence>, Contradiction);

/// Memory that is kept from one candidate to the next: they are many, and small.
#[derive(Debug, Default)]
pub(super) struct Buffers<'t> {
    facts: TraceFacts<'t>,
    constraints: Constraints,
}

/// Returns every contradiction, one for each order of stores that had to be assumed: none only if the
/// candidate, whose final memory puts the first of each of `final_pairs` before the second, is consistent.
pub(super) fn contradictions<'t>(
    candidate: &Candidate<'t>,
    final_pairs: &[(OpId, OpId)],
    rules: RuleSet,
    Buffers { facts, constraints }: &mut Buffers<'t>,
) -> Vec<Found> {
    facts.update(candidate, rules);
    if let Some(contradiction) = at_once(candidate, facts) {
        return vec![(Vec::new(), contradiction)];
    }
    constraints.fill(candidate, final_pairs, rules, facts);
    let mut all = Vec::new();
    if descend(constraints, candidate, &mut Vec::new(), &mut all) { all } else { Vec::new() }
}

/// Adds the contradictions of every order of stores; returns `false` if some order meets every demand.
fn descend(
    constraints: &mut Constraints,
    candidate: &Candidate<'_>,
    coherence: &mut Vec<Coherence>,
    all: &mut Vec<Found>,
) -> bool {
    let layout = candidate.layout;
    let assumed = coherence.len();
    loop {
        let relation = constraints.relation();
        if let Some(cycle) = relation.shortest_cycle() {
            let cycle = edges_of(constraints, candidate, &cycle);
            all.push((needed(coherence, &cycle), Contradiction::Cycle(cycle)));
            coherence.truncate(assumed);
            return true;
        }
        let closed = relation.closure();
        let mut certain = Vec::new();
        constraints.open.retain(|open| {
            let known = closed.contains(open.store, open.other);
            if known {
                certain.push(open.clone());
            }
            !known && !closed.contains(open.other, open.store)
        });
        if certain.is_empty() {
            let refuted = split(constraints, candidate, coherence, all);
            coherence.truncate(assumed);
            return refuted;
        }
        for OpenConstraint { store, other, then, why } in certain {
            let proof = constraints.path(candidate, store, other);
            let (before, after) = (event(layout, store), event(layout, other));
            coherence.push(Coherence { before, after, proof });
            constraints.edges.push((then, other, why));
        }
    }
}

/// Assumes one order of two stores and the other, where nothing more is certain.
fn split(
    constraints: &Constraints,
    candidate: &Candidate<'_>,
    coherence: &mut Vec<Coherence>,
    all: &mut Vec<Found>,
) -> bool {
    if let Some(open) = constraints.open.first() {
        let (a, b) = (open.store, open.other);
        return descend(&mut assume(constraints, a, b), candidate, coherence, all)
            && descend(&mut assume(constraints, b, a), candidate, coherence, all);
    }
    let closed = constraints.relation().closure();
    let unmet =
        constraints.excuses.iter().find(|e| !e.pairs.iter().any(|(a, b)| closed.contains(*a, *b)));
    let Some(excuse) = unmet.cloned() else { return false };
    let (hart, step) = (excuse.hart, excuse.step);
    all.push((Vec::new(), Contradiction::Unforced { hart, step }));
    let possible = |(a, b): &&(OpId, OpId)| !closed.contains(*b, *a);
    excuse
        .pairs
        .iter()
        .filter(possible)
        .all(|(a, b)| descend(&mut assume(constraints, *a, *b), candidate, coherence, all))
}

fn assume(constraints: &Constraints, a: OpId, b: OpId) -> Constraints {
    let mut constraints = constraints.clone();
    constraints.edges.push((a, b, Why::Chosen));
    constraints
}

/// Returns the coherence that the edges of a cycle rest on, and what its proofs rest on in turn.
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
