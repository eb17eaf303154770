//! What makes two arguments the same: the instructions and why each precedes the next.

use crate::axiomatic::candidate::Candidate;
use crate::axiomatic::evidence::{Contradiction, EventId, Why};
use crate::litmus::HartId;
use crate::model::RuleSet;

use super::words::cycle_from_start;

/// An instruction: a hart and a step of its code.
type Instruction = (HartId, usize);

/// An argument without what differs from one execution to the next: which turn of a loop it was, and
/// what loads read that are not part of it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Key {
    /// Each edge of a cycle.
    Cycle(Vec<(Instruction, Instruction, Kind)>),
    /// [`Contradiction::InitialHidden`]
    Hidden(Instruction, Instruction),
    /// [`Contradiction::Unpaired`]
    Unpaired(Instruction),
    /// [`Contradiction::Unforced`]
    Unforced(Instruction),
}

/// [`Why`] without operations.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Kind {
    Ppo(RuleSet),
    Rf,
    Fr,
    Co,
    Atomicity,
}

impl Key {
    pub(super) fn new(candidate: &Candidate<'_>, contradiction: &Contradiction) -> Key {
        let instruction = |event: EventId| {
            let op = candidate.get(candidate.layout.id(event.hart, event.nth));
            (event.hart, op.map_or(0, |op| op.step))
        };
        match contradiction {
            Contradiction::Cycle(cycle) => {
                let edges = cycle_from_start(cycle);
                let edges = edges.map(|edge| {
                    let kind = match &edge.why {
                        Why::Ppo(rules) => Kind::Ppo(*rules),
                        Why::ReadsFrom => Kind::Rf,
                        Why::FromRead(_) => Kind::Fr,
                        Why::ReadPast(_) | Why::Final | Why::Chosen => Kind::Co,
                        Why::AtomicSource(_) | Why::Atomic(..) => Kind::Atomicity,
                    };
                    (instruction(edge.from), instruction(edge.to), kind)
                });
                Key::Cycle(edges.collect())
            }
            Contradiction::InitialHidden { load, store } => {
                Key::Hidden(instruction(*load), instruction(*store))
            }
            Contradiction::Unpaired(sc) => Key::Unpaired(instruction(*sc)),
            Contradiction::Unforced { hart, step } => Key::Unforced((*hart, *step)),
        }
    }
}
