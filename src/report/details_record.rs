//! A test's text and executions in JSON.

use std::sync::Arc;

use rvlitmus_core::answer::Step;
use rvlitmus_core::axiomatic::picture::{Arrow, HartColumn, Picture, Position};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::record::Pairs;
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
    because: Vec<Step>,
    /// The harts, `P0` first, with their operations in program order.
    harts: Vec<HartColumn>,
    /// Arrows between operations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    arrows: Vec<Arrow>,
}

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
        let DrawnExecution { values, machine, allowed, because, picture } = execution.clone();
        let Picture { harts, arrows } = picture;
        let (values, machine) = (Pairs(values), machine.to_string());
        ExecutionRecord { values, machine, allowed, because, harts, arrows }
    }
}

impl ExecutionRecord {
    /// The execution, if its arrows lead from operation to operation.
    fn read(self) -> Option<DrawnExecution> {
        let ExecutionRecord { values, machine, allowed, because, harts, arrows } = self;
        let known =
            |at: Position| harts.get(at.hart).is_some_and(|hart| at.row < hart.events.len());
        arrows.iter().all(|arrow| known(arrow.from) && known(arrow.to)).then_some(())?;
        let (values, machine) = (values.0, Arc::from(&*machine));
        let picture = Picture { harts, arrows };
        Some(DrawnExecution { values, machine, allowed, because, picture })
    }
}
