//! Explanations as data for other programs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::axiomatic::evidence::{Contradiction, EventId, Execution, Why, Written};

use super::{Explanation, Reason, Step, Words};

/// The verdict on one state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum ExplanationRecord {
    /// It is reached.
    Allowed {
        /// Every operation once, in the global memory order.
        gmo: Vec<EventRecord>,
    },
    /// It is not reached.
    Forbidden {
        /// Why, the reason of the most executions first.
        reasons: Vec<ReasonRecord>,
        /// Were all executions that would end in the state looked at?
        exhaustive: bool,
    },
    /// Whatever loads return, the code does not end so.
    NoExecution,
}

/// A memory operation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct EventRecord {
    /// Number of its hart.
    pub hart: u16,
    /// Line in the test.
    pub line: u32,
    /// The instruction.
    pub instruction: String,
    /// What it does: `[x]=1`, `[x] is 1`, `[x] is 0, becomes 1`.
    pub effect: String,
    /// What wrote what it read: `the initial state` or `P0:7 sw x5,0(x6)`; several when its bytes come
    /// from several stores, none if it does not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
}

/// Executions that are forbidden by the same argument.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ReasonRecord {
    /// The argument on one line.
    pub short: String,
    /// How many executions it forbids.
    pub executions: usize,
    /// The argument: each step's first operation precedes its second, and the last step closes the
    /// cycle.
    pub steps: Vec<Step>,
    /// Numbers, from 0, of the steps that only Ztso makes.
    pub ztso: Vec<usize>,
    /// The loads of one of these executions and what they read.
    pub loads: Vec<EventRecord>,
    /// The order of stores that the argument rests on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub coherence: Vec<CoherenceRecord>,
}

/// Two stores to a common byte in their order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CoherenceRecord {
    /// The earlier: `P0:7 sw x5,0(x6)`.
    pub before: String,
    /// The later.
    pub after: String,
    /// Is it one of two possibilities, the other of which another reason forbids?
    pub supposed: bool,
}

impl Words<'_> {
    /// The explanation as data.
    #[must_use]
    pub fn record(&self, explanation: &Explanation) -> ExplanationRecord {
        match explanation {
            Explanation::Allowed(witness) => ExplanationRecord::Allowed {
                gmo: witness
                    .gmo
                    .iter()
                    .map(|event| self.event_record(&witness.execution, *event))
                    .collect(),
            },
            Explanation::Forbidden { reasons, exhaustive } => ExplanationRecord::Forbidden {
                reasons: reasons.iter().map(|reason| self.reason_record(reason)).collect(),
                exhaustive: *exhaustive,
            },
            Explanation::NoExecution => ExplanationRecord::NoExecution,
        }
    }

    fn event_record(&self, execution: &Execution, event: EventId) -> EventRecord {
        let step = self.step_of(execution, event);
        EventRecord {
            hart: event.hart.0,
            line: step.line,
            instruction: step.instr.to_string(),
            effect: self.effect(execution, event),
            from: self.sources(execution, event),
        }
    }

    /// What wrote what a load read, each once.
    pub(super) fn sources(&self, execution: &Execution, load: EventId) -> Vec<String> {
        let mut sources: Vec<Written> = execution.read(load).to_vec();
        sources.sort_unstable();
        sources.dedup();
        sources
            .iter()
            .map(|source| match source {
                Written::Initially => "the initial state".to_string(),
                Written::By(store) => self.event(execution, *store),
            })
            .collect()
    }

    fn reason_record(&self, reason: &Reason) -> ReasonRecord {
        let refutation = &reason.example;
        let execution = &refutation.execution;
        let steps = self.steps(refutation);
        let cycle = matches!(refutation.contradiction, Contradiction::Cycle(_));
        let ztso = steps.iter().enumerate().filter(|(_, s)| cycle && s.rule.starts_with("ztso-"));
        let ztso = ztso.map(|(index, _)| index).collect();
        let loads = execution.events().filter(|event| execution.op(*event).reads());
        ReasonRecord {
            short: self.short(refutation),
            executions: reason.executions,
            ztso,
            loads: loads.map(|event| self.event_record(execution, event)).collect(),
            coherence: refutation
                .coherence
                .iter()
                .map(|pair| CoherenceRecord {
                    before: self.event(execution, pair.before),
                    after: self.event(execution, pair.after),
                    supposed: pair.proof.iter().any(|edge| edge.why == Why::Chosen),
                })
                .collect(),
            steps,
        }
    }
}
