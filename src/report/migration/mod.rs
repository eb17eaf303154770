//! What a migration would do, for people and programs: a summary first, then the tests whose outcomes change.

mod convert;
mod text;

use rvlitmus_onereg::RequestRecord;
use schemars::JsonSchema;
use serde::Serialize;

/// The name and version of the format.
pub const MIGRATION_SCHEMA: &str = "rvlitmus/migration/1";

/// What a migration would do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct MigrationRecord {
    /// `rvlitmus/migration/1`.
    pub schema: &'static str,
    /// By program; tests are about the first.
    pub programs: Vec<ProgramRecord>,
    /// Requests that the source refused before the guest ran.
    pub refused_on_source: Vec<RequestRecord>,
    /// What no answer speaks of.
    pub not_modelled: &'static str,
    /// The tests; absent where none was given, or the program moves no guest.
    pub tests: Option<TestsRecord>,
}

/// What it would do as one program makes it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ProgramRecord {
    /// Its name.
    pub program: &'static str,
    /// The version that was read.
    pub version: &'static str,
    /// Where it moves vCPUs: file and function; absent if it does not.
    pub file: Option<&'static str>,
    /// `same`, `other`, `stronger`, `cannot`, `refused` or `silently-weaker`.
    pub verdict: &'static str,
    /// The verdict in a sentence.
    pub why: String,
    /// Registers that the target does not restore.
    pub refused: Vec<RefusedRecord>,
    /// Registers that say what a vCPU is, are otherwise on the target, and are not reported by the program.
    pub silent: Vec<SilentRecord>,
    /// Each vCPU before and after; empty for a program that cannot move it.
    pub vcpus: Vec<VcpuRecord>,
    /// State that is not sent.
    pub stays_behind: &'static [&'static str],
    /// The verdict of the way back, after the guest has run on the target; absent for a program that cannot.
    pub back: Option<&'static str>,
    /// What is to be said of the vCPUs, for people.
    #[serde(skip)]
    lines: Vec<String>,
    /// What is to be said of the way back, for people.
    #[serde(skip)]
    back_said: Option<(String, Vec<String>)>,
}

/// A register that the target refuses.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct RefusedRecord {
    /// Which vCPU, from 0.
    pub vcpu: usize,
    /// The register's name.
    pub register: String,
    /// Its id.
    pub id: String,
    /// Its value on the source, hexadecimal.
    pub value: String,
    /// What the target answers.
    pub errno: String,
    /// One sentence.
    pub why: String,
}

/// A register that reads otherwise on the target.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SilentRecord {
    /// Which vCPU, from 0.
    pub vcpu: usize,
    /// The register's name.
    pub register: String,
    /// Its id.
    pub id: String,
    /// A value in hexadecimal, or an errno.
    pub here: String,
    /// The same on the target.
    pub there: String,
}

/// One vCPU.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct VcpuRecord {
    /// The memory model on the source.
    pub before: String,
    /// The memory model on the target.
    pub after: String,
    /// Extensions whose instructions are illegal on the target and were not on the source.
    pub lost: Vec<String>,
}

/// Tests on both hosts' harts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct TestsRecord {
    /// How many.
    pub compared: usize,
    /// How many have new outcomes.
    pub with_new_outcomes: usize,
    /// How many claims (`~exists`, `forall`) hold no longer.
    pub claims_violated: usize,
    /// How many have fewer outcomes, and no new one.
    pub with_fewer_outcomes: usize,
    /// How many would not run on the target.
    pub not_on_target: usize,
    /// How many do not run on the source, and would on the target.
    pub not_on_source: usize,
    /// How many run on neither host.
    pub on_neither: usize,
    /// Of how many it is not known what changes.
    pub undecided: usize,
    /// Those that change, that are not decided, or that do not run on both hosts; in the order of the arguments.
    pub changed: Vec<ChangedTestRecord>,
}

/// One test.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct ChangedTestRecord {
    /// Its path.
    pub path: String,
    /// Its name.
    pub name: String,
    /// States on the target only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Vec<String>>,
    /// States on the source only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<Vec<String>>,
    /// Does the test's claim hold no longer?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_violated: Option<bool>,
    /// Why it would not run on the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_not_run: Option<String>,
    /// Why it does not run on the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_on_source: Option<String>,
    /// Why it runs on neither host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_neither: Option<String>,
    /// Why it is not known what changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undecided: Option<String>,
}

/// The JSON Schema of [`MigrationRecord`].
#[must_use]
pub fn migration_schema() -> serde_json::Value {
    super::schema_of::<MigrationRecord>(MIGRATION_SCHEMA)
}
