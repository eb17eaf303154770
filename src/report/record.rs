//! The JSON contract as types: what is documented, published as a schema, and read back.
//!
//! The schema describes what is written. What is read may come from another version of this program: it
//! may lack fields that were added since, each of which says what its absence means, and have fields that
//! are not known here. What could not be read so has another number than 1.
//!
//! `json` writes the same bytes that serde makes of these types, only faster; a test compares them.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};

use super::RunOptions;
use rvlitmus_core::answer::RequestRecord;
use rvlitmus_core::answer::{Observation, Status};

/// The format `json`: a whole run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RunRecord {
    /// Name and version of this format: `rvlitmus/result/1`.
    pub schema: String,
    /// What the tests were run with. Absent when finished reports were merged that do not say it, or say
    /// different things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<RunOptions>,
    /// One per test, in the order of the input.
    pub tests: Vec<TestRecord>,
    /// Set when the run was ended by a signal or by its deadline: tests are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<bool>,
}

/// The last line of the format `jsonl` when the run was ended by a signal or by its deadline.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct EndRecord {
    /// Name and version of this format: `rvlitmus/result/1`.
    pub schema: String,
    /// Always `true`: tests are missing.
    pub interrupted: bool,
}

/// One test: a line of the format `jsonl`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TestRecord {
    /// Name and version of this format: `rvlitmus/result/1`.
    pub schema: String,
    /// The file as given on the command line. Where the only argument is a directory or a list, relative
    /// to it; where there are several, with what the argument says before.
    pub path: String,
    /// The name in the test's header, or the file's name when it has none that can be read.
    pub name: String,
    /// How far the test got.
    pub status: Status,
    /// Why there are no states; absent exactly when `status` is `complete` or `bounded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorRecord>,
    /// The quoted text of the test's header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The `Key=value` lines of the test, in its order.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub metadata: Pairs,
    /// The hash by which herd7 recognises the test, 32 hexadecimal digits: the file's own `Hash=`, or
    /// else computed. Absent for a test that herd7 cannot read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// 32 hexadecimal digits that change with the test's text, with every option that its answer depends
    /// on and with the program: by it `--resume` and `--cache` recognise what need not be run again.
    /// Absent when there was no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The final condition; absent when the test has none, which means `forall (true)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionRecord>,
    /// The declared types among the places of the states, by `stdint.h` name: `{"[x]":"uint8_t"}`. A
    /// register without one is 64 bits with a sign, a location without one an `int`, or 64 bits with a
    /// sign when the upper half is used.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub types: Pairs,
    /// The answer under each model; absent when the test has no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<ModelsRecord>,
    /// The states that RVWMO reaches and Ztso does not; present when both were run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forbidden_by_ztso: Option<Vec<ForbiddenRecord>>,
    /// The machine of `models.vm`; present when that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vm: Option<VmRecord>,
    /// The backward jumps beyond which loops were not followed; present when `status` is `bounded`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut: Vec<CutRecord>,
}

/// A mistake and its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ErrorRecord {
    /// Line, from 1; line 1, column 1 when the whole file is meant.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The other mistakes of the same file, in the order of their places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<ErrorRecord>,
    /// The whole text of the test, when `status` is `internal-error`: this program failed on it, or its
    /// two engines differ. Absent where the test had no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<String>,
}

/// A loop that was cut.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CutRecord {
    /// The hart, from 0; absent in reports of versions that did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hart: Option<u16>,
    /// Line of the jump back, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The label that it jumps to; absent for a jump through a register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// The final condition.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ConditionRecord {
    /// How it ranges over the states.
    pub quantifier: QuantifierRecord,
    /// What it says of one state, spelled as herd7 prints it.
    pub proposition: String,
}

/// How a condition ranges over the final states.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub enum QuantifierRecord {
    /// Some state satisfies the proposition.
    #[serde(rename = "exists")]
    Exists,
    /// No state does.
    #[serde(rename = "~exists")]
    NotExists,
    /// Every state does.
    #[serde(rename = "forall")]
    Forall,
}

/// The answers, one field for each model that was run.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ModelsRecord {
    /// All harts follow RVWMO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rvwmo: Option<ModelRecord>,
    /// All harts follow Ztso.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ztso: Option<ModelRecord>,
    /// All harts sequentially consistent, where `--model` asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sc: Option<ModelRecord>,
    /// The harts are those of the VM that the run or the test describes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vm: Option<ModelRecord>,
}

/// The machine of `models.vm`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct VmRecord {
    /// The memory model of each hart, `P0` first: `rvwmo` or `ztso`.
    pub harts: Vec<String>,
    /// The registers that the VMM asked KVM to set, in order, and the answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<RequestRecord>,
}

/// The answer under one model.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ModelRecord {
    /// How many of the reachable states satisfy the proposition; `bounded` when `status` is `bounded` and
    /// the states found do not decide it (earlier versions wrote `Never` or `Always` there).
    pub observation: Observation,
    /// Whether the condition, with its quantifier, is true of the model; `null` when loops were cut
    /// and the states found do not decide it.
    pub holds: Option<bool>,
    /// Every reachable final state, sorted by value, place by place.
    pub states: Vec<StateRecord>,
    /// What it took. Only here may two runs differ.
    pub stats: StatsRecord,
}

/// One final state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StateRecord {
    /// What the condition and `locations` name, registers first: `0:x5` for a register, `[x]` for
    /// memory, `x[1]` for an element of an array. Values are decimal numbers of the declared
    /// type or symbols of addresses: `x`, `x+4`, `P1:LC00`.
    pub values: Pairs,
    /// Whether the state satisfies the condition's proposition.
    pub satisfies: bool,
}

/// What an answer took.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StatsRecord {
    /// Machine states that were branched on (engine `machine`) or candidate executions that were checked
    /// (engine `axiomatic`).
    pub work: u64,
    /// Wall time of the exploration in microseconds, with the option `--times`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub microseconds: Option<u64>,
}

/// A state that RVWMO reaches and Ztso does not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ForbiddenRecord {
    /// The state, as in `models.rvwmo.states`.
    pub values: Pairs,
    /// The argument in one line, the rules alone; `unknown: ...` where the search for it ended at its
    /// limit, which is the same for every run; absent where no explanation was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argument: Option<String>,
    /// Why: orders that make up a cycle, so that no global memory order can hold them all. Of several
    /// executions that would give the state, the most frequent argument. Empty without an explanation and
    /// where it is unknown.
    pub because: Vec<ReasonRecord>,
}

/// One step of the argument why a state is forbidden.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ReasonRecord {
    /// The rule: `r1` to `r13`, `ztso-load-acquire`, `ztso-store-release`, `ztso-amo`, `rf`, `co`,
    /// `fr`, `atomicity`, `load-value`, `sc-failure`. A `ztso-` rule says that nothing but Ztso orders the
    /// two.
    pub rule: String,
    /// Other rules that order the same two operations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// What it orders in this test: `P0:7 sw x5,0(x6) -> P0:8 sw x5,0(x7)`, hart, line, instruction.
    pub orders: String,
}

/// A JSON object of strings whose order is kept.
#[derive(Clone, PartialEq, Eq, Debug, Default, JsonSchema)]
#[schemars(with = "std::collections::BTreeMap<String, String>")]
pub struct Pairs(pub Vec<(String, String)>);

impl Pairs {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Pairs {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Pairs;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// What this program writes as JSON: a whole run in the format `json`; in a line of `jsonl` one test, or
/// the end of a run that did not come to its end.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, clippy::large_enum_variant)] // described, never made: the schema is all that it is for
enum Document {
    Run(RunRecord),
    Test(TestRecord),
    End(EndRecord),
}

/// The JSON Schema of both formats.
#[must_use]
pub fn schema() -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12();
    let mut schema = settings.into_generator().into_root_schema_for::<Document>();
    schema.insert("title".to_owned(), super::SCHEMA.into());
    schema.to_value()
}
