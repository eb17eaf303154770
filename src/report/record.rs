//! The JSON contract as types: published as a schema, and read back.
//!
//! [`json`](super::json) writes it; a test holds that against what serde makes of these types. What is read
//! may come from another version of this program: it may lack fields that were added since, each of which
//! says what its absence means, and have fields that are not known here. What could not be read so has
//! another number than 2; reports of number 1 are read by [`super::version1`].

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};

use rvlitmus_core::answer::{Observation, Status, Step};
use rvlitmus_onereg::RequestRecord;

use super::RunOptions;
use super::details_record::DetailsRecord;
use crate::results::Listing;

/// The format `json`: a whole run.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct RunRecord {
    /// Name and version of this format: `rvlitmus/result/2`.
    pub(super) schema: String,
    /// What the tests were run with. Absent when finished reports were merged that do not say it, or say
    /// different things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) options: Option<RunOptions>,
    /// Which part of a run's tests these are: `hash:2/7`, `count:2/7` or `balance:2/7`. Absent when they
    /// are all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) shard: Option<String>,
    /// One per test, in the order of the input.
    pub(super) tests: Vec<TestRecord>,
    /// Of what the shard is a part. Absent without a shard, and when the run did not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) listing: Option<ListingRecord>,
    /// Set when the run was ended by a signal or by its deadline: tests are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) interrupted: Option<bool>,
}

/// What a shard is a part of: shards that agree on it are those of one run.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ListingRecord {
    /// How many tests the arguments name, whichever shard they are in.
    pub(super) tests: u64,
    /// 32 hexadecimal digits that change with their paths, their order, the costs by which they were balanced and
    /// the settings of the run.
    pub(super) digest: String,
    /// The tests that follow in this report.
    pub(super) own: ShardTestsRecord,
}

/// The tests in the report of a shard.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ShardTestsRecord {
    /// How many there are.
    pub(super) count: u64,
    /// 32 hexadecimal digits that change with their places in the whole run and their paths.
    pub(super) digest: String,
}

impl From<Listing> for ListingRecord {
    fn from(Listing { tests, digest, own }: Listing) -> ListingRecord {
        let own = ShardTestsRecord { count: own.count, digest: own.digest.to_string() };
        ListingRecord { tests, digest: digest.to_string(), own }
    }
}

/// A line of the format `jsonl` that is of no test: the first of the report of a shard, which says what was
/// run, and its last; the last of a report when the run was ended by a signal or by its deadline.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct RunLine {
    /// Name and version of this format: `rvlitmus/result/2`.
    pub(super) schema: String,
    /// In the first line, which part of a run's tests follows: `hash:2/7`, `count:2/7` or `balance:2/7`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) shard: Option<String>,
    /// In the first line, what the tests are run with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) options: Option<RunOptions>,
    /// In the last line, of what the shard is a part. Absent when the run did not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) listing: Option<ListingRecord>,
    /// `true` in the last line when the run was ended by a signal or by its deadline: tests are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) interrupted: Option<bool>,
}

/// One test: a line of the format `jsonl`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct TestRecord {
    /// Name and version of this format: `rvlitmus/result/2`.
    pub(super) schema: String,
    /// The file as given on the command line. Where the only argument is a directory or a list, relative
    /// to it; where there are several, with what the argument says before.
    pub(super) path: String,
    /// In a shard, the place among the tests that the arguments name, from 0: the whole report has them in
    /// this order. Absent in the report of a whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<u64>,
    /// The name in the test's header, or the file's name when it has none that can be read.
    pub(super) name: String,
    /// How far the test got on the machine on which it got least far.
    pub(super) status: Status,
    /// Why the test ran on no machine: it cannot be read, or not be linked for any. Absent when there are
    /// `machines`, each of which has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorRecord>,
    /// The quoted text of the test's header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    /// The `Key=value` lines of the test, in its order.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub(super) metadata: Pairs,
    /// The hash by which herd7 recognises the test, 32 hexadecimal digits: the file's own `Hash=`, or
    /// else computed. Absent for a test that herd7 cannot read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hash: Option<String>,
    /// Hashes by which logs of other releases of herd7 may know the test; absent without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) other_hashes: Vec<String>,
    /// 32 hexadecimal digits that change with the test's text, with every option that its answer depends
    /// on and with the program: by it `--resume` and `--cache` recognise what need not be run again.
    /// Absent when there was no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fingerprint: Option<String>,
    /// The final condition; absent when the test has none, which means `forall (true)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<ConditionRecord>,
    /// The declared types among the places of the states, by `stdint.h` name: `{"[x]":"uint8_t"}`. A
    /// place without one is an `int`.
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub(super) types: Pairs,
    /// What the test came to on each machine, in the order asked; absent when it ran on none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) machines: Option<Vec<MachineRecord>>,
    /// What one machine reaches and another does not, for every two machines that were explored: what the
    /// later one lacks, and what the earlier one lacks if it lacks something. Absent when fewer than two
    /// were explored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) differences: Vec<DifferenceRecord>,
    /// What should be looked at although it is no mistake; absent when there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<String>,
    /// The test's text and executions of it; absent where they were not asked for with `--details`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) details: Option<DetailsRecord>,
}

/// A mistake and its place.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ErrorRecord {
    /// Line, from 1; line 0, column 0 when the whole file is meant.
    pub(super) line: u32,
    /// Column in characters, from 1.
    pub(super) column: u32,
    /// What is wrong.
    pub(super) message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<String>,
    /// The other mistakes of the same file, in the order of their places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) also: Vec<ErrorRecord>,
    /// The whole text of the test, when the status is `internal-error`: this program failed on it, or its
    /// two engines differ. Absent where the test had no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) test: Option<String>,
}

/// The final condition.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ConditionRecord {
    /// How it ranges over the states.
    pub(super) quantifier: QuantifierRecord,
    /// What it says of one state, spelled as herd7 prints it.
    pub(super) proposition: String,
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
pub(super) struct MachineRecord {
    /// The machine's name: `rvwmo`, `ztso`, `sc`, a model with a rule less or another reading
    /// (`rvwmo-r9`, `rvwmo:zalasr=rcpc`), `vm`.
    pub(super) id: String,
    /// How far the machine was explored.
    pub(super) status: Status,
    /// Why there is no answer; absent when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorRecord>,
    /// How many of the reachable states satisfy the proposition; `bounded` when loops were cut and the
    /// states found do not decide it. Absent without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) observation: Option<Observation>,
    /// Whether the condition, with its quantifier, is true of the machine; `null` when that is not decided:
    /// without an answer, without an execution, or when loops were cut and the states found do not tell.
    pub(super) holds: Option<bool>,
    /// Every reachable final state, sorted by value, place by place. Absent without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) states: Option<Vec<StateRecord>>,
    /// The backward jumps beyond which loops were not followed; present when `status` is `bounded`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) cut: Vec<CutRecord>,
    /// The memory model of each hart, `P0` first: `rvwmo` or `ztso`. Present for a machine that the run or
    /// the test describes hart by hart; the harts of others are all alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) harts: Vec<String>,
    /// The registers that the VMM asked KVM to set for the harts, in order, and the answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) requests: Vec<RequestRecord>,
    /// How the states that the exploration met were told apart: by fingerprints once all that is in them took more
    /// memory than the option `memory` gives. What was found can happen then, and something is missing with a chance
    /// below 1e-20. Absent where they were told apart by all that is in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) told_apart: Option<ToldApartRecord>,
    /// What it took. Only here may two runs differ.
    pub(super) stats: StatsRecord,
}

/// How states were told apart.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ToldApartRecord {
    /// By hashes of 128 bits.
    Fingerprints,
}

/// A loop that was cut.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct CutRecord {
    /// The hart, from 0; absent in reports of versions that did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hart: Option<u16>,
    /// Line of the jump back, from 1.
    pub(super) line: u32,
    /// Column in characters, from 1.
    pub(super) column: u32,
    /// The label that it jumps to; absent for a jump through a register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<String>,
}

/// One final state.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct StateRecord {
    /// What the condition and `locations` name, registers first: `0:x5` for a register, `[x]` for
    /// memory, `x[1]` for an element of an array. Values are decimal numbers of the declared
    /// type or symbols of addresses: `x`, `x+4`, `P1:LC00`.
    pub(super) values: Pairs,
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
pub(super) struct DifferenceRecord {
    /// The machine that reaches the states, by its `id`.
    pub(super) weaker: String,
    /// The machine that does not.
    pub(super) stronger: String,
    /// Those states; none where the stronger one reaches all that the weaker one does.
    pub(super) states: Vec<LackedRecord>,
}

/// A state that the stronger of two machines does not reach.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct LackedRecord {
    /// The state, as among the `states` of the weaker one.
    pub(super) values: Pairs,
    /// The argument in one line, the rules alone; `unknown: ...` where the search for it ended at its
    /// limit, which is the same for every run; absent where no explanation was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) argument: Option<String>,
    /// Why: orders that make up a cycle, so that no global memory order can hold them all. Of several
    /// executions that would give the state, the most frequent argument. Absent without an explanation and
    /// where it is unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) because: Vec<Step>,
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
/// what is said of the run.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, clippy::large_enum_variant)] // described, never made: the schema is all that it is for
enum Document {
    Run(RunRecord),
    Test(TestRecord),
    Line(RunLine),
}

/// The JSON Schema of both formats.
#[must_use]
pub fn schema() -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12();
    let mut schema = settings.into_generator().into_root_schema_for::<Document>();
    schema.insert("title".to_owned(), super::SCHEMA.into());
    schema.to_value()
}
