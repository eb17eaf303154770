//! Two machines side by side: what the stronger one orders and forbids that the weaker one does not.

use crate::axiomatic::evidence::{Contradiction, Edge, EventId, Execution, Refutation, Why};
use crate::model::{Rule, ScFailure};

use super::machine::{Machine, added_rules, without_added};

/// A machine that is explained, and a weaker one that runs the same program.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'p> {
    /// The machine that may reach more states.
    pub weaker: Machine<'p>,
    /// The machine that forbids some of them.
    pub stronger: Machine<'p>,
}

impl Comparison<'_> {
    /// Returns the rules by which the stronger machine has an edge of preserved program order: those
    /// that the weaker one has, too, if there are any, else those of RVWMO, else what the model of the
    /// hart adds.
    #[must_use]
    pub fn rules(&self, execution: &Execution, edge: &Edge) -> Vec<Rule> {
        let Why::Ppo(rules) = &edge.why else { return Vec::new() };
        let Edge { from, to, .. } = *edge;
        let in_force = self.stronger.options.rules;
        let under = |rules| self.stronger.rules_between_under(rules, execution, from, to);
        let unstrengthened: Vec<Rule> = under(without_added(in_force, None)).iter().collect();
        if !unstrengthened.is_empty() {
            let of_weaker = self.weaker.rules_between(execution, from, to);
            let shared = unstrengthened.iter().copied().filter(|rule| of_weaker.contains(*rule));
            let shared: Vec<Rule> = shared.collect();
            return if shared.is_empty() { unstrengthened } else { shared };
        }
        let adds = |rule: &Rule| {
            in_force.contains(*rule) && !under(without_added(in_force, Some(*rule))).is_empty()
        };
        let model = self.stronger.models[from.hart.index()];
        let of_model = added_rules().filter(|rule| model.has(*rule));
        let added: Vec<Rule> = of_model.filter(adds).collect();
        if added.is_empty() { rules.iter().collect() } else { added }
    }

    /// Does the weaker machine, too, demand that the edge's operations take place in its order?
    #[must_use]
    pub fn weaker_has(&self, execution: &Execution, edge: &Edge) -> bool {
        let whole = |event: EventId| self.weaker.keeps_whole(event.hart, execution.op(event));
        whole(edge.from)
            && whole(edge.to)
            && match &edge.why {
                Why::Ppo(_) => !self.weaker.rules_between(execution, edge.from, edge.to).is_empty(),
                Why::AtomicSource(_) | Why::Atomic(..) => {
                    self.weaker.options.rules.contains(Rule::Atomicity)
                }
                Why::ReadsFrom | Why::FromRead(_) | Why::ReadPast(_) | Why::Final | Why::Chosen => {
                    true
                }
            }
    }

    /// Does the stronger machine's argument rest on something that the weaker one does not demand?
    #[must_use]
    pub fn only_stronger_forbids(&self, refutation: &Refutation) -> bool {
        let Refutation { execution, coherence, contradiction, .. } = refutation;
        let (weak, strong) = (self.weaker.options, self.stronger.options);
        match contradiction {
            Contradiction::Cycle(cycle) => {
                let proofs = coherence.iter().flat_map(|pair| &pair.proof);
                cycle.iter().chain(proofs).any(|edge| !self.weaker_has(execution, edge))
            }
            Contradiction::InitialHidden { .. } => false,
            Contradiction::Unpaired(_) => weak.reservation != strong.reservation,
            Contradiction::Unforced { .. } => weak.sc_failure == ScFailure::Spurious,
        }
    }

    /// Returns the edges that the order of stores rests on and that the weaker machine lacks, where every
    /// edge of the cycle itself is one that it has: what a cycle alone would not tell.
    #[must_use]
    pub fn hidden_grounds<'r>(&self, refutation: &'r Refutation) -> Vec<&'r Edge> {
        let Refutation { execution, coherence, contradiction, .. } = refutation;
        let lacks = |edge: &&Edge| !self.weaker_has(execution, edge);
        match contradiction {
            Contradiction::Cycle(cycle) if !cycle.iter().any(|edge| lacks(&edge)) => {
                coherence.iter().flat_map(|pair| &pair.proof).filter(lacks).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Do the harts of both machines make the same operations, annotations aside?
    #[must_use]
    pub fn same_operations(&self) -> bool {
        let (weak, strong) = (self.weaker.options, self.stronger.options);
        weak.reservation == strong.reservation
            && weak.sc_failure == strong.sc_failure
            && weak.misaligned_granule == strong.misaligned_granule
    }
}
