//! Explanations as data: what the command prints as text is made from it, too.

use schemars::JsonSchema;
use serde::Serialize;

use crate::axiomatic::evidence::{
    Contradiction, Edge, EventId, Execution, Refutation, Why, Witness, Written,
};

use super::words::cycle_from_start;
use super::{Added, Annotated, Deciders, Explanation, Impossible, Reason, Step, Words};

/// The verdict on one state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum ExplanationRecord {
    /// It is reached.
    Allowed {
        /// Every operation once, in the global memory order.
        gmo: Vec<EventRecord>,
        /// rf: which store each load reads from, initial values left out.
        rf: Vec<OrderRecord>,
        /// co: stores to a common byte that follow one another in the global memory order.
        co: Vec<OrderRecord>,
    },
    /// It is not reached.
    Forbidden {
        /// Why: first what RVWMO does not forbid anyway, and of that the reason of the most executions.
        reasons: Vec<ReasonRecord>,
        /// Were all executions that would end in the state looked at?
        exhaustive: bool,
        /// What of the reasons RVWMO lacks.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        added: Vec<AddedRecord>,
        /// Which annotations forbid the state, where RVWMO allows it and no pair of `added` is needed.
        #[serde(skip_serializing_if = "Option::is_none")]
        decided_by: Option<DecidersRecord>,
    },
    /// Whatever loads return, the code does not end so.
    NoExecution {
        /// What cannot be so; empty if each part is possible alone.
        impossible: Vec<ImpossibleRecord>,
    },
    /// A limit ended the search: nothing is known.
    GaveUp,
}

/// A memory operation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct EventRecord {
    /// Place in the global memory order, from 1, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// Number of its hart.
    pub hart: u16,
    /// Line in the test.
    pub line: u32,
    /// The instruction.
    pub instruction: String,
    /// What it does: `[x]=1`, `[x] is 1`, `[x] is 0, becomes 1`.
    pub effect: String,
    /// The bytes of an operation that is part of a misaligned access: `[x+6, 2 bytes]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// What wrote what it read; several when its bytes come from several stores, none if it does not
    /// read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<SourceRecord>,
}

/// What wrote what a load read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SourceRecord {
    /// Its place in the global memory order, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// `the initial state` or `P0:7 sw x5,0(x6)`.
    pub written_by: String,
    /// The bytes of a store that is part of a misaligned access: `[x+6, 2 bytes]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
}

/// One operation before another, by their places in the global memory order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct OrderRecord {
    /// The earlier.
    pub from: usize,
    /// The later.
    pub to: usize,
}

/// Executions that are forbidden by the same argument.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ReasonRecord {
    /// The argument on one line.
    pub short: String,
    /// How many executions it forbids.
    pub executions: usize,
    /// Does the argument rest on what RVWMO lacks?
    pub beyond_rvwmo: bool,
    /// The argument: each step's first operation precedes its second, and the last step closes the
    /// cycle.
    pub steps: Vec<Step>,
    /// The operations of the cycle, each the first of the step with the same number; empty if what is
    /// wrong is no cycle.
    pub cycle: Vec<EventRecord>,
    /// For each step of a cycle its rules for people: `r4 fence w,w`, `r9 address dependency`, `rf`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Vec<String>>,
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

/// Two operations that only Ztso, or only sequential consistency, puts in order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct AddedRecord {
    /// `ztso-load-acquire`, `ztso-store-release`, `ztso-amo`, `sc-program-order`.
    pub rules: Vec<String>,
    /// `P0:7 sw x5,0(x6) -> P0:8 sw x5,0(x7)`.
    pub orders: String,
    /// Would the state be allowed without this pair alone?
    pub needed: bool,
}

/// Instructions whose annotations, beyond those of RVWMO, forbid a state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DecidersRecord {
    /// Which of them would have to be without: `any-one` of them is enough, or `all` have to be, and any
    /// one of them forbids the state.
    pub without: Enough,
    /// The instructions.
    pub instructions: Vec<AnnotatedRecord>,
}

/// How many instructions have to be without their annotations for a state to be allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Enough {
    /// Any one alone.
    AnyOne,
    /// All together.
    All,
}

/// An instruction with what its hart's model adds to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct AnnotatedRecord {
    /// `P1:13 lw x5,0(x6)`.
    pub instruction: String,
    /// `ztso-load-acquire`, `ztso-store-release`, `ztso-amo`, `sc-program-order`.
    pub rules: Vec<String>,
}

/// A part of the state that the code cannot leave so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ImpossibleRecord {
    /// `1:x5`, `[x]`; several registers of one hart belong together.
    pub places: Vec<String>,
    /// The values that they can have together, at most a dozen.
    pub possible: Vec<Vec<String>>,
    /// How many there are.
    pub count: usize,
}

impl ImpossibleRecord {
    /// `1:x6 can only be 0, 1`
    #[must_use]
    pub fn sentence(&self) -> String {
        let shown = |values: &Vec<String>| {
            let pairs = self.places.iter().zip(values).map(|(p, v)| format!("{p}={v}"));
            pairs.collect::<Vec<_>>().join(" ")
        };
        let possible: Vec<String> = match self.places.len() {
            1 => self.possible.iter().map(|values| values.join(" ")).collect(),
            _ => self.possible.iter().map(shown).collect(),
        };
        let more = match self.count.saturating_sub(possible.len()) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        match self.places.as_slice() {
            [place] => format!("{place} can only be {}{more}", possible.join(", ")),
            places => format!("{} can only be: {}{more}", places.join(", "), possible.join("; ")),
        }
    }
}

/// What is said of a state whose parts are each possible.
pub const NOT_TOGETHER: &str = "each part is possible alone, but not all of them together";

/// Most combinations of values that a record lists.
const MOST_POSSIBLE: usize = 12;

impl Words<'_> {
    /// The explanation as data, with what [`super::Explainer::added`] and
    /// [`super::Explainer::deciders`] say of its reasons.
    #[must_use]
    pub fn record(
        &self,
        explanation: &Explanation,
        added: &[Added],
        deciders: Option<&Deciders>,
    ) -> ExplanationRecord {
        match explanation {
            Explanation::Allowed(witness) => self.witness_record(witness),
            Explanation::Forbidden { reasons, exhaustive } => ExplanationRecord::Forbidden {
                reasons: reasons
                    .iter()
                    .zip(self.shorts(reasons))
                    .map(|(reason, short)| self.reason_record(reason, short))
                    .collect(),
                exhaustive: *exhaustive,
                added: added.iter().filter_map(|a| self.added_record(a, reasons)).collect(),
                decided_by: deciders.map(|deciders| self.deciders_record(deciders)),
            },
            Explanation::NoExecution(impossible) => ExplanationRecord::NoExecution {
                impossible: impossible.iter().map(|part| self.impossible_record(part)).collect(),
            },
            Explanation::GaveUp => ExplanationRecord::GaveUp,
        }
    }

    fn witness_record(&self, witness: &Witness) -> ExplanationRecord {
        let Witness { execution, gmo, .. } = witness;
        let number = |event| gmo.iter().position(|e| *e == event).map(|index| index + 1);
        let mut rf = Vec::new();
        let mut co = Vec::new();
        for (index, event) in gmo.iter().enumerate() {
            let to = index + 1;
            for source in distinct(execution.read(*event)) {
                if let Written::By(store) = source
                    && let Some(from) = number(store)
                {
                    rf.push(OrderRecord { from, to });
                }
            }
            let op = execution.op(*event);
            let before = gmo[..index].iter().rposition(|earlier| {
                let earlier = execution.op(*earlier);
                earlier.writes() && op.writes() && earlier.footprint.overlaps(op.footprint)
            });
            co.extend(before.map(|before| OrderRecord { from: before + 1, to }));
        }
        let events = gmo.iter().map(|event| self.event_record(execution, *event, &number));
        ExplanationRecord::Allowed { gmo: events.collect(), rf, co }
    }

    fn event_record(
        &self,
        execution: &Execution,
        event: EventId,
        number: &dyn Fn(EventId) -> Option<usize>,
    ) -> EventRecord {
        let step = execution.op(event).step;
        let sources = distinct(execution.read(event)).into_iter();
        EventRecord {
            number: number(event),
            hart: event.hart.0,
            line: self.line_of(event.hart, step),
            instruction: self.instruction_of(event.hart, step).to_string(),
            effect: self.effect(execution, event),
            part: self.part(execution, event),
            from: sources
                .map(|source| match source {
                    Written::Initially => {
                        let written_by = "the initial state".to_string();
                        SourceRecord { number: None, written_by, part: None }
                    }
                    Written::By(store) => SourceRecord {
                        number: number(store),
                        written_by: self.event(execution, store),
                        part: self.part(execution, store),
                    },
                })
                .collect(),
        }
    }

    fn reason_record(&self, reason: &Reason, short: String) -> ReasonRecord {
        let refutation = &reason.example;
        let execution = &refutation.execution;
        let steps = self.steps(refutation);
        let cycle: Vec<&Edge> = match &refutation.contradiction {
            Contradiction::Cycle(cycle) => cycle_from_start(cycle).collect(),
            _ => Vec::new(),
        };
        let by_ztso = |step: &Step| !cycle.is_empty() && step.rule.starts_with("ztso-");
        let ztso = (0..steps.len()).filter(|index| by_ztso(&steps[*index])).collect();
        let event = |event| self.event_record(execution, event, &|_| None);
        let loads = execution.events().filter(|event| execution.op(*event).reads());
        ReasonRecord {
            short,
            executions: reason.executions,
            beyond_rvwmo: reason.beyond_rvwmo,
            ztso,
            cycle: cycle.iter().map(|edge| event(edge.from)).collect(),
            rules: cycle.iter().map(|edge| self.glossed(execution, edge)).collect(),
            loads: loads.map(event).collect(),
            coherence: self.coherence_records(refutation),
            steps,
        }
    }

    fn coherence_records(&self, refutation: &Refutation) -> Vec<CoherenceRecord> {
        let name = |event| self.event(&refutation.execution, event);
        refutation
            .coherence
            .iter()
            .map(|pair| CoherenceRecord {
                before: name(pair.before),
                after: name(pair.after),
                supposed: pair.proof.iter().any(|edge| edge.why == Why::Chosen),
            })
            .collect()
    }

    fn added_record(&self, added: &Added, reasons: &[Reason]) -> Option<AddedRecord> {
        let execution = &reasons.get(added.reason)?.example.execution;
        let (from, to) = (self.event(execution, added.from), self.event(execution, added.to));
        Some(AddedRecord {
            rules: added.rules.iter().map(|rule| rule.name().to_string()).collect(),
            orders: format!("{from} -> {to}"),
            needed: added.needed,
        })
    }

    fn deciders_record(&self, deciders: &Deciders) -> DecidersRecord {
        let (without, all) = match deciders {
            Deciders::Each(all) => (Enough::AnyOne, all),
            Deciders::Together(all) => (Enough::All, all),
        };
        let record = |one: &Annotated| AnnotatedRecord {
            instruction: self.instruction(one.hart, one.step).to_string(),
            rules: one.rules.iter().map(|rule| rule.name().to_string()).collect(),
        };
        DecidersRecord { without, instructions: all.iter().map(record).collect() }
    }

    fn impossible_record(&self, impossible: &Impossible) -> ImpossibleRecord {
        let Impossible { places, possible } = impossible;
        let shown = |values: &Vec<u64>| {
            places.iter().zip(values).map(|(place, value)| self.observed(*place, *value)).collect()
        };
        ImpossibleRecord {
            places: places.iter().map(|place| self.place_observed(*place)).collect(),
            possible: possible.iter().take(MOST_POSSIBLE).map(shown).collect(),
            count: possible.len(),
        }
    }
}

/// What a load read from, each once.
fn distinct(sources: &[Written]) -> Vec<Written> {
    let mut sources = sources.to_vec();
    sources.sort_unstable();
    sources.dedup();
    sources
}
