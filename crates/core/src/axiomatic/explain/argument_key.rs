//! What makes two arguments the same: the instructions and why each precedes the next.

use crate::axiomatic::candidate::Candidate;
use crate::axiomatic::evidence::{Contradiction, EdgeKind, EventId, Why, cycle_from_start};
use crate::litmus::HartId;
use crate::model::RuleSet;

/// An instruction: a hart and a step of its code.
type Instruction = (HartId, usize);

/// An argument without what differs from one execution to the next: which turn of a loop it was, and
/// what loads read that are not part of it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum ArgumentKey {
    /// A cycle, edge by edge, with the rules of preserved program order.
    Cycle(Vec<(Instruction, Instruction, EdgeKind, RuleSet)>),
    /// A load and the store of its own hart that it misses.
    InitialHidden(Instruction, Instruction),
    /// An SC that succeeds without being paired.
    Unpaired(Instruction),
    /// An SC that fails unforced.
    Unforced(Instruction),
}

impl ArgumentKey {
    /// Returns the key of what is wrong with a candidate.
    pub(super) fn new(candidate: &Candidate<'_>, contradiction: &Contradiction) -> ArgumentKey {
        let instruction = |event: EventId| {
            let op = candidate.get(candidate.layout.id(event.hart, event.nth));
            (event.hart, op.map_or(0, |op| op.step))
        };
        match contradiction {
            Contradiction::Cycle(cycle) => {
                let edges = cycle_from_start(cycle).map(|edge| {
                    let rules = match &edge.why {
                        Why::Ppo(rules) => *rules,
                        _ => RuleSet::NONE,
                    };
                    (instruction(edge.from), instruction(edge.to), edge.why.kind(), rules)
                });
                ArgumentKey::Cycle(edges.collect())
            }
            Contradiction::InitialHidden { load, store } => {
                ArgumentKey::InitialHidden(instruction(*load), instruction(*store))
            }
            Contradiction::Unpaired(sc) => ArgumentKey::Unpaired(instruction(*sc)),
            Contradiction::Unforced { hart, step } => ArgumentKey::Unforced((*hart, *step)),
        }
    }
}
