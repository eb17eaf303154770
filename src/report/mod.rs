//! Results to bytes, one file per format, and finished reports back to results.
//!
//! A format turns one [`TestReport`](crate::results::TestReport) into a [`Piece`] without knowing the others,
//! so pieces are made in parallel; a [`Writer`] joins them in order. Nothing here knows the terminal (colour is
//! an argument), or files but for a nameless one in which a long JUnit report is put aside.

mod advice;
mod comparison;
mod csv;
mod details_record;
mod explanation;
mod format;
mod from_record;
mod herd;
pub mod html;
mod json;
mod junit;
mod markdown;
mod marks;
mod migration;
mod options;
mod ours;
mod out;
pub mod picture;
mod port;
mod read;
mod record;
mod registers;
mod rules;
mod summary;
mod table;
mod verdicts;
mod version1;
mod visible;
mod words;
mod wrap;

use schemars::{JsonSchema, generate::SchemaSettings};

pub use advice::{ADVICE_SCHEMA, AdviceRecord, AdvisedTestRecord, advice_schema};
pub use comparison::{COMPARISON_SCHEMA, ComparisonFormat, comparison, comparison_schema};
pub use explanation::{
    AnswerRecord, EXPLANATION_SCHEMA, ExplainedTestRecord, ExplanationRecord, ExplanationsRecord,
    FailureRecord, MachineRecord, ResultRecord, StateRecord, explanation_schema, figures,
    write_text,
};
pub use format::{About, Detail, End, Format, Piece, Renderer, Writer};
pub use json::{harmless, json_line};
pub use migration::{MIGRATION_SCHEMA, MigrationRecord, migration_schema};
pub use options::RunOptions;
pub use ours::is_ours;
pub use port::{PortRecord, search_text};
pub use read::{FinishedReport, Lines, ReadError, is_lines, last_listing, read_line, read_report};
pub use record::{Pairs, schema};
pub use registers::{KernelRegisterRecord, REGISTERS_SCHEMA, VcpuRegisterRecord, registers_schema};
pub use rules::{RULES_SCHEMA, RuleRecord, RulesRecord};
pub(crate) use words::undecided;
pub(crate) use wrap::wrapped_lines;

/// The name and version of the JSON format.
pub const SCHEMA: &str = "rvlitmus/result/2";

/// The JSON Schema of a record as it is written.
fn schema_of<T: JsonSchema>(title: &str) -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}
