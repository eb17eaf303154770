//! What a stronger model adds, and whether that is what forbids a state.

use crate::axiomatic::evidence::{Contradiction, Edge, EventId, Why};
use crate::axiomatic::search::StepPair;
use crate::model::Rule;
use crate::program::FinalState;

use super::{Explainer, Reason};

/// A pair of operations that only Ztso, or only sequential consistency, puts in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Added {
    /// By what.
    pub rules: Vec<Rule>,
    /// Of which reason it is an edge.
    pub reason: usize,
    /// The earlier operation.
    pub from: EventId,
    /// The later one.
    pub to: EventId,
    /// Would the state be allowed if these two were not put in order? If no single pair is needed,
    /// each stands in for another.
    pub needed: bool,
}

impl Explainer<'_> {
    /// The edges of the reasons' cycles that RVWMO lacks, each pair of instructions once.
    #[must_use]
    pub fn added(
        &self,
        state: &FinalState,
        reasons: &[Reason],
        stop: &dyn Fn() -> bool,
    ) -> Vec<Added> {
        let words = self.words();
        let mut seen: Vec<StepPair> = Vec::new();
        let mut added = Vec::new();
        for (number, reason) in reasons.iter().enumerate() {
            let execution = &reason.example.execution;
            let cycle: &[Edge] = match &reason.example.contradiction {
                Contradiction::Cycle(cycle) => cycle,
                _ => &[],
            };
            let proofs = reason.example.coherence.iter().flat_map(|c| &c.proof);
            for edge in cycle.iter().chain(proofs) {
                let (from, to) = (edge.from, edge.to);
                let rules = words.added_alone(execution, edge);
                let step = |event| execution.op(event).step;
                let pair = StepPair { hart: from.hart, from: step(from), to: step(to) };
                if !matches!(edge.why, Why::Ppo(_)) || rules.is_empty() || seen.contains(&pair) {
                    continue;
                }
                seen.push(pair);
                let needed = self.witness(state, &[pair], stop).is_some();
                added.push(Added { rules, reason: number, from, to, needed });
            }
        }
        added
    }
}
