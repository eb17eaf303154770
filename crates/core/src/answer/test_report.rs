//! The result of one test as data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::litmus::{CType, Metadata, Quantifier};
use crate::model::BaseModel;

use super::{
    Column, ConditionText, CutLoop, Failure, Fingerprint, Holds, Observation, PlaceNames, States,
    Status, Symbols,
};

/// Everything that a run says of one test.
#[derive(Clone, PartialEq, Debug)]
pub struct TestReport {
    /// The path as given; inside the only argument, a directory or a list, relative to it.
    pub path: String,
    /// The test's own name; the file's name when the test cannot be read.
    pub name: String,
    /// The quoted text of the header.
    pub description: Option<String>,
    /// `Key=value` lines of the file, in order.
    pub metadata: Metadata,
    /// The hash by which herd7 recognises the test: the file's `Hash=`, or else computed; `None` for
    /// a test that herd7 cannot read.
    pub hash: Option<String>,
    /// Recognises the test's text and what it was run with; `None` where that was not asked for.
    pub fingerprint: Option<Fingerprint>,
    /// What came out.
    pub conclusion: Conclusion,
}

/// Either states under each model, or the reason why there are none.
#[derive(Clone, PartialEq, Debug)]
pub enum Conclusion {
    /// The test ran.
    Answered(Answer),
    /// It did not.
    Failed(Failure),
}

/// The states of a test that ran.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// The condition, if the test has one. Without one the proposition is `true`, for all states.
    pub condition: Option<ConditionText>,
    /// What states consist of: `0:x5`, `[x]`, `x[1]`; registers first.
    pub places: PlaceNames,
    /// The declared type of each place, by which its values are cut and printed; `None` for a register or
    /// location without one. Empty where none has one.
    pub types: Vec<Option<CType>>,
    /// The symbols among the values.
    pub symbols: Symbols,
    /// One per model, in the order asked for.
    pub models: Vec<ModelReport>,
    /// The states that RVWMO reaches and Ztso does not, by row, when both were run.
    pub forbidden_by_ztso: Option<Vec<Forbidden>>,
    /// The machine of the column `vm`, where there is one.
    pub vm: Option<VmReport>,
    /// The loops that were cut, sorted; empty for a complete answer.
    pub cut: Vec<CutLoop>,
}

/// What was asked of one register of a vCPU, and the answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RequestRecord {
    /// Which vCPU, from 0.
    pub vcpu: usize,
    /// The register's name: `isa_ext.ztso`.
    pub register: String,
    /// The register's id, 16 hexadecimal digits: `0x8030000007000034`.
    pub id: String,
    /// The value asked for, hexadecimal.
    pub value: String,
    /// `ok`, or the name of the errno.
    pub answer: String,
    /// One sentence, if the request was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Extensions that the kernel silently left as they were although it said `ok`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_done: Vec<String>,
}

/// The machine that a run or a test asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VmReport {
    /// The model of each hart, `P0` first.
    pub harts: Vec<BaseModel>,
    /// The registers that were set on the way, and the kernel's answers.
    pub requests: Vec<RequestRecord>,
}

/// The states of one model.
#[derive(Clone, PartialEq, Debug)]
pub struct ModelReport {
    /// What it was run on.
    pub model: Column,
    /// How many states satisfy the condition's proposition.
    pub observation: Observation,
    /// Whether the condition is true of the model.
    pub holds: Holds,
    /// All states.
    pub states: States,
    /// How much work it was.
    pub stats: Stats,
}

/// What it took. The only part of a report that may differ between two runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Machine states branched on, or candidate executions checked.
    pub work: u64,
    /// Wall time of the exploration, where it was asked for.
    pub microseconds: Option<u64>,
}

/// A state that Ztso forbids.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Forbidden {
    /// Its row among the states of RVWMO.
    pub row: usize,
    /// The argument in one line, or that it is unknown; `None` where no explanation was asked for.
    pub argument: Option<String>,
    /// The argument step by step.
    pub because: Vec<Reason>,
}

/// One step of the argument why a state is forbidden.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// The rule's short name, as [`crate::model::Rule::name`].
    pub rule: String,
    /// Other rules that order the same two operations.
    pub also: Vec<String>,
    /// What it orders in this test.
    pub orders: String,
}

impl TestReport {
    /// How far the test got.
    #[must_use]
    pub fn status(&self) -> Status {
        match &self.conclusion {
            Conclusion::Answered(answer) => answer.status(),
            Conclusion::Failed(failure) => failure.status,
        }
    }
}

impl Answer {
    /// Complete, or bounded when a loop was cut.
    #[must_use]
    pub fn status(&self) -> Status {
        if self.cut.is_empty() { Status::Complete } else { Status::Bounded }
    }

    /// What is to be known of a verdict over no states: that there are none, and on which machines. `None`
    /// where there are some, or where loops were cut, which is said anyway.
    #[must_use]
    pub fn without_states(&self) -> Option<String> {
        let empty = self.models.iter().filter(|model| model.states.is_empty());
        let names: Vec<&str> = empty.map(|model| model.model.name()).collect();
        (self.cut.is_empty() && !names.is_empty()).then(|| {
            let names = names.join(" and ");
            format!("under {names} no execution ends, or none passes the filter")
        })
    }

    /// The report of one model.
    #[must_use]
    pub fn model(&self, model: Column) -> Option<&ModelReport> {
        self.models.iter().find(|report| report.model == model)
    }

    /// How the condition ranges; `forall` (of `true`) when the test has none.
    #[must_use]
    pub fn quantifier(&self) -> Quantifier {
        self.condition.as_ref().map_or(Quantifier::Forall, |condition| condition.quantifier)
    }

    /// Both models ran and disagree on whether the condition holds or how often.
    #[must_use]
    pub fn verdict_changes(&self) -> bool {
        match (self.model(Column::Rvwmo), self.model(Column::Ztso)) {
            (Some(a), Some(b)) => (a.holds, a.observation) != (b.holds, b.observation),
            _ => false,
        }
    }
}
