//! Explanations as data: what the command prints as text is made from it, too.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::RunOptions;
use crate::report::record::Pairs;
use rvlitmus_core::axiomatic::explain::Step;

/// The name and version of the format.
pub const EXPLANATION_SCHEMA: &str = "rvlitmus/explanation/1";

/// The explanations of one run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExplanationsRecord {
    /// `rvlitmus/explanation/1`.
    pub schema: &'static str,
    /// What the answers depend on.
    pub options: RunOptions,
    /// What ended the run before its end: tests that are not here were not begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
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
    /// Models under which no execution ends, or none that ends passes the filter: nothing is decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_execution: Vec<String>,
    /// Does the test have a filter, which leaves out every other state?
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub filtered: bool,
    /// Models of which nothing is said, since the test cannot be run under them or was not finished.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<FailedRecord>,
    /// What ended the search before its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndedRecord>,
    /// The states: those that models disagree on first, then those that are reached; of a `forall` those
    /// that all models reach come first.
    pub states: Vec<StateRecord>,
    /// Values of more states that no execution ends in, whatever loads return.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub impossible: Vec<Pairs>,
    /// Values of more states that are not reached, and of which no execution was found within the limits
    /// of the search.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unargued: Vec<Pairs>,
    /// How many more such states there are.
    pub left_out: usize,
    /// Are there others still, which were not counted?
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub and_more: bool,
}

/// A model of which nothing is said.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FailedRecord {
    /// Its name.
    pub model: String,
    /// Why.
    pub error: FailureRecord,
}

/// What ended the search for explanations before its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EndedRecord {
    /// The option `timeout`.
    Timeout,
    /// A signal, or the end of the run's own time.
    Interrupted,
}

impl EndedRecord {
    /// Returns what it says to people: `the time limit ran out`.
    pub(super) fn words(self) -> &'static str {
        match self {
            EndedRecord::Timeout => "the time limit ran out",
            EndedRecord::Interrupted => "interrupted",
        }
    }
}

/// A test without explanations.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FailureRecord {
    /// As in the results of `run`: `parse-error`, `timeout`, ...; or `interrupted`.
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
    /// It is reached, as the exploration found; the search for an order ended at its limit.
    AllowedWithoutOrder,
    /// It is not reached.
    Forbidden {
        /// Why: first what RVWMO does not forbid anyway, and of that the reason of the most executions.
        reasons: Vec<ReasonRecord>,
        /// Were all executions that would end in the state looked at? If not, the exploration found that
        /// it is not reached, and `reasons` say what is wrong with one execution, or nothing.
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
    pub rules: Vec<&'static str>,
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
    pub rules: Vec<&'static str>,
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
    /// Returns the record as a sentence: `1:x6 can only be 0, 1`.
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
            places if possible.is_empty() => {
                format!("{} can be nothing: no path of the hart ends", places.join(", "))
            }
            [place] => format!("{place} can only be {}{more}", possible.join(", ")),
            places => format!("{} can only be: {}{more}", places.join(", "), possible.join("; ")),
        }
    }
}

/// Returns what is said of a state of so many places whose parts are each possible.
pub(super) fn not_together(places: usize) -> &'static str {
    match places {
        0 | 1 => "in no execution that ends so are there stores for all that its loads return",
        _ => "each part is possible alone, but not all of them together",
    }
}

/// Returns the JSON Schema of [`ExplanationsRecord`].
#[must_use]
pub fn explanation_schema() -> serde_json::Value {
    super::super::schema_of::<ExplanationsRecord>(EXPLANATION_SCHEMA)
}
