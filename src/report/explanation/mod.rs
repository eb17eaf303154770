//! What `rvlitmus explain` prints: one JSON object for the run, or text for people.

mod convert;
mod evidence_record;
mod figures;
mod text;

use schemars::JsonSchema;
use serde::Serialize;

use super::RunOptions;
use super::record::Pairs;
use crate::run::{Explained, Unexplained};
use rvlitmus_core::axiomatic::explain::Describer;

pub use evidence_record::ExplanationRecord;
pub use figures::figures;
pub use text::write_text;

/// The name and version of the format.
pub const EXPLANATION_SCHEMA: &str = "rvlitmus/explanation/1";

/// The explanations of one run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExplanationsRecord {
    /// `rvlitmus/explanation/1`.
    pub schema: &'static str,
    /// What the answers depend on.
    pub options: RunOptions,
    /// In the order of the arguments.
    pub tests: Vec<ExplainedTestRecord>,
}

/// The explanations of one test.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExplainedTestRecord {
    /// The path as given; inside the only argument, a directory or a list, relative to it.
    pub path: String,
    /// The explanations, or why there are none.
    #[serde(flatten)]
    pub result: ResultRecord,
}

/// The explanations of one test, or why there are none.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ResultRecord {
    /// The test ran.
    Explained(AnswerRecord),
    /// It did not.
    Failed {
        /// What went wrong.
        error: FailureRecord,
    },
}

/// The explanations of one test.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AnswerRecord {
    /// The test's name.
    pub name: String,
    /// What the states satisfy, or violate where it starts with `forall`.
    pub about: String,
    /// Lines of loops that were cut: what is forbidden is so as far as they were followed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cut: Vec<u32>,
    /// The states, those that models disagree on first, then those that are reached.
    pub states: Vec<StateRecord>,
    /// How many more such states there are.
    pub left_out: usize,
}

/// A test without explanations.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FailureRecord {
    /// As in the results of `run`: `parse-error`, `timeout`, ...
    pub status: String,
    /// Line in the test.
    pub line: u32,
    /// Column in the line.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

/// One state.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StateRecord {
    /// Its values, as in the results of `run`.
    pub values: Pairs,
    /// What each model says of it.
    pub models: Vec<MachineRecord>,
}

/// What one model says of a state.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MachineRecord {
    /// `rvwmo`, `ztso`, `sc`, or `vm` for the machine of `--vm`, `--hart` or the line `Harts=`.
    pub model: String,
    /// The model of each hart, `P0` first.
    pub harts: Vec<String>,
    /// The verdict and its evidence.
    #[serde(flatten)]
    pub explanation: ExplanationRecord,
}

impl ExplainedTestRecord {
    /// The record of what came of one test.
    #[must_use]
    pub fn new(path: &str, result: &Result<Explained, Unexplained>) -> ExplainedTestRecord {
        let result = match result {
            Ok(explained) => ResultRecord::Explained(AnswerRecord::new(explained)),
            Err(unexplained) => {
                let (status, error) = (unexplained.failure.status, &unexplained.failure.error);
                let (line, column) = (error.line, error.column);
                let message = error.message.clone();
                let status = status.to_string();
                ResultRecord::Failed { error: FailureRecord { status, line, column, message } }
            }
        };
        ExplainedTestRecord { path: path.to_owned(), result }
    }
}

impl AnswerRecord {
    fn new(explained: &Explained) -> AnswerRecord {
        let machines = explained.explanations.machines.iter();
        let machines: Vec<_> = machines.map(|m| (m, Describer::new(m.machines()))).collect();
        let states = explained.explanations.states.iter().map(|state| {
            let models = machines.iter().zip(&state.explanations);
            let models = models.map(|((machine, describer), explanation)| MachineRecord {
                model: machine.id.to_string(),
                harts: machine.harts.iter().map(ToString::to_string).collect(),
                explanation: convert::explanation(describer, explanation),
            });
            StateRecord { values: Pairs(state.values.clone()), models: models.collect() }
        });
        AnswerRecord {
            name: explained.name.clone(),
            about: explained.explanations.about.clone(),
            cut: explained.explanations.cut.clone(),
            states: states.collect(),
            left_out: explained.explanations.left_out,
        }
    }
}

/// The JSON Schema of [`ExplanationsRecord`].
#[must_use]
pub fn explanation_schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<ExplanationsRecord>();
    schema.insert("title".to_owned(), EXPLANATION_SCHEMA.into());
    schema.to_value()
}
