//! What `rvlitmus explain` prints: one JSON object for the run, text for people, or figures.

mod around;
mod convert;
mod figures;
mod record;
mod text;

pub use figures::figures;
pub use record::{
    AnswerRecord, EXPLANATION_SCHEMA, ExplainedTestRecord, ExplanationRecord, ExplanationsRecord,
    FailureRecord, MachineRecord, ResultRecord, StateRecord, explanation_schema,
};
pub use text::write_text;
