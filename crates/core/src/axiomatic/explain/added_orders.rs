//! The pairs of operations that only the stronger machine puts in order.

use crate::axiomatic::evidence::{Contradiction, Edge, EdgeKind, EventId};
use crate::axiomatic::search::StepPair;
use crate::model::Rule;
use crate::program::FinalState;

use super::explainer::Explainer;
use super::reason_search::Reason;

/// A pair of operations that the stronger machine puts in order and the weaker one does not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddedOrder {
    /// By what.
    pub rules: Vec<Rule>,
    /// The number of the reason of which it is an edge.
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
    /// Returns the edges of preserved program order of the reasons' cycles that the weaker machine
    /// lacks, each pair of instructions once.
    #[must_use]
    pub fn added_orders(
        &self,
        state: &FinalState,
        reasons: &[Reason],
        stop: &dyn Fn() -> bool,
    ) -> Vec<AddedOrder> {
        let machines = self.machines();
        let mut seen: Vec<StepPair> = Vec::new();
        let mut added = Vec::new();
        for (number, reason) in reasons.iter().enumerate() {
            let execution = &reason.example.execution;
            let cycle: &[Edge] = match &reason.example.contradiction {
                Contradiction::Cycle(cycle) => cycle,
                _ => &[],
            };
            let proofs = reason.example.coherence.iter().flat_map(|c| &c.proof);
            for edge in cycle.iter().chain(proofs).filter(|e| e.why.kind() == EdgeKind::Ppo) {
                let (from, to) = (edge.from, edge.to);
                let step = |event| execution.op(event).step;
                let pair = StepPair { hart: from.hart, from: step(from), to: step(to) };
                if seen.contains(&pair) || machines.weaker_has(execution, edge) {
                    continue;
                }
                seen.push(pair);
                let rules = machines.rules(execution, edge);
                let needed = self.witnesses.witness_without(&[pair], state, stop).is_some();
                added.push(AddedOrder { rules, reason: number, from, to, needed });
            }
        }
        added
    }
}
