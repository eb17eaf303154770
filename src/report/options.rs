//! What a run was done with, as reports print it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{FailedCas, MemoryModel, Options, Reservation, ScFailure, ZalasrReading};

/// Which implementation answers.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum EngineChoice {
    /// The exhaustive machine.
    #[default]
    Machine,
    /// The checker of candidate executions.
    Axiomatic,
    /// Both; a difference is an internal error.
    Both,
}

/// The options of a run. Everything that an answer depends on, besides the test, is here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunOptions {
    /// The models, in the order in which they are reported: `rvwmo`, `ztso`.
    pub models: Vec<String>,
    /// Which implementation answers.
    pub engine: EngineChoice,
    /// How the annotations of Zalasr's loads and stores are read: `ratified` (RCsc) or `rcpc`.
    pub zalasr: String,
    /// When a paired SC may fail: `spurious` (always) or `only-when-forced`.
    pub sc_failure: String,
    /// Which bytes an SC may store to after its LR: `exact`, `line=N` or `any`.
    pub reservation: String,
    /// What a failed `amocas` is under Ztso: `load` or `amo`.
    pub failed_cas: String,
    /// How often a backward jump is followed before the execution is cut. A line `Unroll=N` of a
    /// test outweighs it.
    pub unroll: u32,
    /// Limit of one test under one model in seconds; `null` for none.
    pub timeout: Option<f64Bits>,
    /// Limit of the memory of one test in MiB; `null` for none.
    pub memory: Option<u64>,
}
