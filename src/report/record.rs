//! The JSON contract as types: what is written, published as a schema, and read back.
//!
//! The schema describes what is written. What is read may come from another version of this program: it
//! may lack fields that were added since, each of which says what its absence means, and have fields that
//! are not known here. What could not be read so has another number than 2; reports of number 1 are read by
//! [`super::version1`].

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::{Deserialize, Serialize};

use rvlitmus_core::answer::{Observation, Status};
use rvlitmus_onereg::RequestRecord;

use super::RunOptions;
use super::view::{LackedView, StatesView, ValuesView};

/// A text that is borrowed where it is written, and owned where it was read.
pub(super) type Text<'a> = Cow<'a, str>;

/// The format `json`: a whole run.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct RunRecord<'a> {
    /// Name and version of this format: `rvlitmus/result/2`.
    pub(super) schema: Text<'a>,
    /// What the tests were run with. Absent when finished reports were merged that do not say it, or say
    /// different things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) options: Option<RunOptions>,
    /// One per test, in the order of the input.
    pub(super) tests: Vec<TestRecord<'a>>,
    /// Set when the run was ended by a signal or by its deadline: tests are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) interrupted: Option<bool>,
}

/// The last line of the format `jsonl` when the run was ended by a signal or by its deadline.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct EndRecord<'a> {
    /// Name and version of this format: `rvlitmus/result/2`.
    pub(super) schema: Text<'a>,
    /// Always `true`: tests are missing.
    pub(super) interrupted: bool,
}

/// One test: a line of the format `jsonl`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct TestRecord<'a> {
    /// Name and version of this format: `rvlitmus/result/2`.
    pub(super) schema: Text<'a>,
    /// The file as given on the command line. Where the only argument is a directory or a list, relative
    /// to it; where there are several, with what the argument says before.
    pub(super) path: Text<'a>,
    /// The name in the test's header, or the file's name when it has none that can be read.
    pub(super) name: Text<'a>,
    /// How far the test got on the machine on which it got least far.
    pub(super) status: Status,
    /// Why the test ran on no machine: it cannot be read, or not be linked for any. Absent when there are
    /// `machines`, each of which has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorRecord<'a>>,
    /// The quoted text of the test's header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Text<'a>>,
    /// The `Key=value` lines of the test, in its order.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub(super) metadata: Pairs<Text<'a>>,
    /// The hash by which herd7 recognises the test, 32 hexadecimal digits: the file's own `Hash=`, or
    /// else computed. Absent for a test that herd7 cannot read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hash: Option<Text<'a>>,
    /// 32 hexadecimal digits that change with the test's text, with every option that its answer depends
    /// on and with the program: by it `--resume` and `--cache` recognise what need not be run again.
    /// Absent when there was no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fingerprint: Option<Text<'a>>,
    /// The final condition; absent when the test has none, which means `forall (true)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<ConditionRecord<'a>>,
    /// The declared types among the places of the states, by `stdint.h` name: `{"[x]":"uint8_t"}`. A
    /// register without one is 64 bits with a sign, a location without one an `int`, or 64 bits with a
    /// sign when the upper half is used.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub(super) types: Pairs<Text<'a>>,
    /// What the test came to on each machine, in the order asked; absent when it ran on none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) machines: Option<Vec<MachineRecord<'a>>>,
    /// What one machine reaches and another does not, for every two machines that were explored: what the
    /// later one lacks, and what the earlier one lacks if it lacks something. Absent when fewer than two
    /// were explored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) differences: Vec<DifferenceRecord<'a>>,
    /// What should be looked at although it is no mistake; absent when there is nothing.
    #[serde(default, skip_serializing_if = "<[Text<'_>]>::is_empty")]
    pub(super) warnings: Vec<Text<'a>>,
}

/// A mistake and its place.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ErrorRecord<'a> {
    /// Line, from 1; line 1, column 1 when the whole file is meant.
    pub(super) line: u32,
    /// Column in characters, from 1.
    pub(super) column: u32,
    /// What is wrong.
    pub(super) message: Text<'a>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<Text<'a>>,
    /// The other mistakes of the same file, in the order of their places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) also: Vec<ErrorRecord<'a>>,
    /// The whole text of the test, when the status is `internal-error`: this program failed on it, or its
    /// two engines differ. Absent where the test had no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) test: Option<Text<'a>>,
}

/// The final condition.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ConditionRecord<'a> {
    /// How it ranges over the states.
    pub(super) quantifier: QuantifierRecord,
    /// What it says of one state, spelled as herd7 prints it.
    pub(super) proposition: Text<'a>,
}

/// How a condition ranges over the final states.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) enum QuantifierRecord {
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

/// What a test came to on one machine.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct MachineRecord<'a> {
    /// The machine's name: `rvwmo`, `ztso`, `sc`, a model with a rule less or another reading
    /// (`rvwmo-r9`, `rvwmo:zalasr=rcpc`), `vm`.
    pub(super) id: Text<'a>,
    /// How far the machine was explored.
    pub(super) status: Status,
    /// Why there is no answer; absent when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorRecord<'a>>,
    /// How many of the reachable states satisfy the proposition; `bounded` when loops were cut and the
    /// states found do not decide it. Absent without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) observation: Option<Observation>,
    /// Whether the condition, with its quantifier, is true of the machine; `null` when that is not decided:
    /// without an answer, without an execution, or when loops were cut and the states found do not tell.
    pub(super) holds: Option<bool>,
    /// Every reachable final state, sorted by value, place by place. Absent without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) states: Option<Listed<StatesView<'a>, Vec<StateRecord<'a>>>>,
    /// The backward jumps beyond which loops were not followed; present when `status` is `bounded`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) cut: Vec<CutRecord<'a>>,
    /// The memory model of each hart, `P0` first: `rvwmo` or `ztso`. Present for a machine that the run or
    /// the test describes hart by hart; the harts of others are all alike.
    #[serde(default, skip_serializing_if = "<[Text<'_>]>::is_empty")]
    pub(super) harts: Vec<Text<'a>>,
    /// The registers that the VMM asked KVM to set for the harts, in order, and the answers.
    #[serde(default, skip_serializing_if = "no_requests")]
    pub(super) requests: Cow<'a, [RequestRecord]>,
    /// What it took. Only here may two runs differ.
    pub(super) stats: StatsRecord,
}

fn no_requests(requests: &[RequestRecord]) -> bool {
    requests.is_empty()
}

/// A loop that was cut.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct CutRecord<'a> {
    /// The hart, from 0; absent in reports of versions that did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hart: Option<u16>,
    /// Line of the jump back, from 1.
    pub(super) line: u32,
    /// Column in characters, from 1.
    pub(super) column: u32,
    /// The label that it jumps to; absent for a jump through a register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<Text<'a>>,
}

/// One final state.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct StateRecord<'a> {
    /// What the condition and `locations` name, registers first: `0:x5` for a register, `[x]` for
    /// memory, `x[1]` for an element of an array. Values are decimal numbers of the declared
    /// type or symbols of addresses: `x`, `x+4`, `P1:LC00`.
    pub(super) values: Listed<ValuesView<'a>, Pairs<Text<'a>>>,
    /// Whether the state satisfies the condition's proposition.
    pub(super) satisfies: bool,
}

/// What an answer took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct StatsRecord {
    /// Machine states that were branched on (engine `machine`) or candidate executions that were checked
    /// (engine `axiomatic`).
    pub(super) work: u64,
    /// Wall time of the exploration in microseconds, with the option `--times`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) microseconds: Option<u64>,
}

/// What one machine reaches and another does not.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct DifferenceRecord<'a> {
    /// The machine that reaches the states, by its `id`.
    pub(super) weaker: Text<'a>,
    /// The machine that does not.
    pub(super) stronger: Text<'a>,
    /// Those states; none where the stronger one reaches all that the weaker one does.
    pub(super) states: Listed<LackedView<'a>, Vec<LackedRecord<'a>>>,
}

/// A state that the stronger of two machines does not reach.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct LackedRecord<'a> {
    /// The state, as among the `states` of the weaker one.
    pub(super) values: Listed<ValuesView<'a>, Pairs<Text<'a>>>,
    /// The argument in one line, the rules alone; `unknown: ...` where the search for it ended at its
    /// limit, which is the same for every run; absent where no explanation was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) argument: Option<Text<'a>>,
    /// Why: orders that make up a cycle, so that no global memory order can hold them all. Of several
    /// executions that would give the state, the most frequent argument. Absent without an explanation and
    /// where it is unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) because: Vec<ReasonRecord<'a>>,
}

/// One step of the argument why a state is forbidden.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ReasonRecord<'a> {
    /// The rule: `r1` to `r13`, `ztso-load-acquire`, `ztso-store-release`, `ztso-amo`, `rf`, `co`,
    /// `fr`, `atomicity`, `load-value`, `sc-failure`. A `ztso-` rule says that nothing but Ztso orders the
    /// two.
    pub(super) rule: Text<'a>,
    /// Other rules that order the same two operations.
    #[serde(default, skip_serializing_if = "no_texts")]
    pub(super) also: Cow<'a, [String]>,
    /// What it orders in this test: `P0:7 sw x5,0(x6) -> P0:8 sw x5,0(x7)`, hart, line, instruction.
    pub(super) orders: Text<'a>,
}

fn no_texts(texts: &[String]) -> bool {
    texts.is_empty()
}

/// A JSON object of strings whose order is kept.
#[derive(Clone, PartialEq, Eq, Debug, Default, JsonSchema)]
#[schemars(with = "std::collections::BTreeMap<String, String>")]
pub struct Pairs<T = String>(pub Vec<(T, T)>);

impl<T> Pairs<T> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Serialize> Serialize for Pairs<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(Vec<(T, T)>);
        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Visitor<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                mut self,
                mut map: A,
            ) -> Result<Pairs<T>, A::Error> {
                while let Some(pair) = map.next_entry()? {
                    self.0.push(pair);
                }
                Ok(Pairs(self.0))
            }
        }
        deserializer.deserialize_map(Visitor(Vec::new()))
    }
}

/// What a report has much of: written from the answer as it stands, and read into records. The two have the
/// same form in JSON.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Listed<V, R> {
    /// A view of an answer.
    View(V),
    /// What was read.
    Records(R),
}

impl<V, R: Default> Listed<V, R> {
    /// What was read.
    pub(super) fn into_records(self) -> R {
        match self {
            Listed::Records(records) => records,
            Listed::View(_) => R::default(),
        }
    }
}

impl<'de, V, R: Deserialize<'de>> Deserialize<'de> for Listed<V, R> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        R::deserialize(deserializer).map(Listed::Records)
    }
}

impl<V, R: JsonSchema> JsonSchema for Listed<V, R> {
    fn inline_schema() -> bool {
        R::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        R::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        R::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        R::json_schema(generator)
    }
}

/// What this program writes as JSON: a whole run in the format `json`; in a line of `jsonl` one test, or
/// the end of a run that did not come to its end.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, clippy::large_enum_variant)] // described, never made: the schema is all that it is for
enum Document<'a> {
    Run(RunRecord<'a>),
    Test(TestRecord<'a>),
    End(EndRecord<'a>),
}

/// The JSON Schema of both formats.
#[must_use]
pub fn schema() -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12();
    let mut schema = settings.into_generator().into_root_schema_for::<Document<'_>>();
    schema.insert("title".to_owned(), super::SCHEMA.into());
    schema.to_value()
}
