//! A test's text and executions in JSON.

use std::sync::Arc;

use rvlitmus_core::answer::Reason;
use rvlitmus_core::axiomatic::evidence::EdgeKind;
use rvlitmus_core::axiomatic::picture::{Arrow, ArrowKind, Event, HartColumn, Picture, Position};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::record::{Pairs, ReasonRecord};
use crate::results::{Details, DrawnExecution};

/// What a page shows of a test besides its answer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct DetailsRecord {
    /// The text of the test.
    text: String,
    /// Executions that end in a state that the condition asks for or that tells machines apart, or that would
    /// and are forbidden.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    executions: Vec<ExecutionRecord>,
}

/// An execution on one machine.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ExecutionRecord {
    /// The state, or as much of it as decides the condition.
    values: Pairs,
    /// The machine's `id`.
    machine: String,
    /// Does the machine allow the execution?
    allowed: bool,
    /// Why it does not: orders that make up a cycle, or what violates an axiom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    because: Vec<ReasonRecord>,
    /// The harts, `P0` first, with their operations in program order.
    harts: Vec<HartRecord>,
    /// Arrows between operations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    arrows: Vec<ArrowRecord>,
}

/// A hart of a picture.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct HartRecord {
    /// The hart with its model.
    heading: String,
    /// Its operations.
    events: Vec<EventRecord>,
}

/// An operation of a picture.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct EventRecord {
    /// The instruction, with its line.
    instruction: String,
    /// What it does to memory.
    effect: String,
    /// Its number in the global memory order, from 1, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<usize>,
    /// The axiom that it violates by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    violates: Option<String>,
}

/// An arrow of a picture.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ArrowRecord {
    /// Hart and operation where it starts, each from 0.
    from: [usize; 2],
    /// Hart and operation where its head is.
    to: [usize; 2],
    /// What it means.
    kind: KindRecord,
    /// Its text, a line for each rule.
    label: Vec<String>,
    /// Is it part of what is wrong?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    wrong: bool,
}

/// What an arrow means.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum KindRecord {
    /// Preserved program order.
    Ppo,
    /// Reads from.
    Rf,
    /// Coherence.
    Co,
    /// From-read.
    Fr,
    /// The atomicity axiom.
    Atomicity,
    /// What one axiom forbids without a cycle.
    Violation,
}

/// The axioms that one operation can violate by itself.
const VIOLATED: [&str; 1] = ["sc-failure"];

impl From<&Details> for DetailsRecord {
    fn from(details: &Details) -> DetailsRecord {
        let executions = details.executions.iter().map(ExecutionRecord::from).collect();
        DetailsRecord { text: details.text.clone(), executions }
    }
}

impl From<DetailsRecord> for Details {
    fn from(DetailsRecord { text, executions }: DetailsRecord) -> Details {
        Details {
            text,
            executions: executions.into_iter().filter_map(ExecutionRecord::read).collect(),
        }
    }
}

impl From<&DrawnExecution> for ExecutionRecord {
    fn from(execution: &DrawnExecution) -> ExecutionRecord {
        let DrawnExecution { values, machine, allowed, because, picture } = execution;
        let event = |event: &Event| EventRecord {
            instruction: event.instruction.clone(),
            effect: event.effect.clone(),
            number: event.number,
            violates: event.violates.map(str::to_owned),
        };
        let harts = picture.harts.iter().map(|hart| HartRecord {
            heading: hart.heading.clone(),
            events: hart.events.iter().map(event).collect(),
        });
        let place = |at: Position| [at.hart, at.row];
        let arrows = picture.arrows.iter().map(|arrow| ArrowRecord {
            from: place(arrow.from),
            to: place(arrow.to),
            kind: arrow.kind.into(),
            label: arrow.label.clone(),
            wrong: arrow.wrong,
        });
        ExecutionRecord {
            values: Pairs(values.clone()),
            machine: machine.to_string(),
            allowed: *allowed,
            because: because.iter().map(ReasonRecord::from).collect(),
            harts: harts.collect(),
            arrows: arrows.collect(),
        }
    }
}

impl ExecutionRecord {
    /// The execution, if its arrows lead from operation to operation.
    fn read(self) -> Option<DrawnExecution> {
        let ExecutionRecord { values, machine, allowed, because, harts, arrows } = self;
        let known =
            |[hart, row]: [usize; 2]| harts.get(hart).is_some_and(|hart| row < hart.events.len());
        if !arrows.iter().all(|arrow| known(arrow.from) && known(arrow.to)) {
            return None;
        }
        let event = |event: EventRecord| Event {
            instruction: event.instruction,
            effect: event.effect,
            number: event.number,
            violates: event.violates.and_then(|name| VIOLATED.into_iter().find(|v| *v == name)),
        };
        let place = |[hart, row]: [usize; 2]| Position { hart, row };
        let arrows = arrows.into_iter().map(|arrow| Arrow {
            from: place(arrow.from),
            to: place(arrow.to),
            kind: arrow.kind.into(),
            label: arrow.label,
            wrong: arrow.wrong,
        });
        let arrows = arrows.collect();
        let harts = harts.into_iter().map(|hart| HartColumn {
            heading: hart.heading,
            events: hart.events.into_iter().map(event).collect(),
        });
        Some(DrawnExecution {
            values: values.0,
            machine: Arc::from(&*machine),
            allowed,
            because: because.into_iter().map(Reason::from).collect(),
            picture: Picture { harts: harts.collect(), arrows },
        })
    }
}

impl From<ArrowKind> for KindRecord {
    fn from(kind: ArrowKind) -> KindRecord {
        match kind {
            ArrowKind::Relation(EdgeKind::Ppo) => KindRecord::Ppo,
            ArrowKind::Relation(EdgeKind::Rf) => KindRecord::Rf,
            ArrowKind::Relation(EdgeKind::Co) => KindRecord::Co,
            ArrowKind::Relation(EdgeKind::Fr) => KindRecord::Fr,
            ArrowKind::Relation(EdgeKind::Atomicity) => KindRecord::Atomicity,
            ArrowKind::Violation => KindRecord::Violation,
        }
    }
}

impl From<KindRecord> for ArrowKind {
    fn from(kind: KindRecord) -> ArrowKind {
        ArrowKind::Relation(match kind {
            KindRecord::Ppo => EdgeKind::Ppo,
            KindRecord::Rf => EdgeKind::Rf,
            KindRecord::Co => EdgeKind::Co,
            KindRecord::Fr => EdgeKind::Fr,
            KindRecord::Atomicity => EdgeKind::Atomicity,
            KindRecord::Violation => return ArrowKind::Violation,
        })
    }
}

impl From<&Reason> for ReasonRecord {
    fn from(Reason { rule, also, orders }: &Reason) -> ReasonRecord {
        ReasonRecord { rule: rule.clone(), also: also.clone(), orders: orders.clone() }
    }
}

impl From<ReasonRecord> for Reason {
    fn from(ReasonRecord { rule, also, orders }: ReasonRecord) -> Reason {
        Reason { rule, also, orders }
    }
}
