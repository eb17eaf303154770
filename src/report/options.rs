//! What a run was done with, as reports print it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use rvlitmus_core::arch::riscv::Base;
use rvlitmus_core::session::{Engine, Settings, WantedStates};

/// The options of a run. Everything that an answer depends on, besides the test, is here.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RunOptions {
    /// The models, in the order in which they are reported: `rvwmo`, `ztso`, `sc`, `rvwmo-r9`,
    /// `rvwmo:zalasr=rcpc`.
    pub models: Vec<String>,
    /// Which implementation answers.
    pub engine: Engine,
    /// Width of the harts' registers: `rv32` or `rv64`. A line `Base=...` of a test outweighs it.
    #[serde(default = "rv64")]
    pub base: String,
    /// How the annotations of Zalasr's loads and stores are read: `ratified` (RCsc) or `rcpc`.
    pub zalasr: String,
    /// When a paired SC may fail: `spurious` (always) or `only-when-forced`.
    pub sc_failure: String,
    /// Which bytes an SC may store to after its LR: `exact`, `line=N` or `any`.
    pub reservation: String,
    /// What a failed `amocas` is: `amo`, `load` or `amo-rl`.
    pub failed_cas: String,
    /// How often a backward jump is followed before the execution is cut. A line `Unroll=N` of a
    /// test outweighs it.
    pub unroll: u32,
    /// Bytes of the aligned blocks within which a misaligned access is one operation; 1 for none.
    /// Harts with Zama16b have at least 16.
    #[serde(default = "no_granule")]
    pub misaligned_granule: u64,
    /// Is it only decided whether conditions hold, as `--decide` asks for?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub decide: bool,
    /// Limit of one test under one model in seconds; `null` for none.
    pub timeout: Option<f64>,
    /// Limit of the memory of one test in MiB.
    pub memory: u64,
}

/// Of reports of versions that knew no other base.
fn rv64() -> String {
    Base::Rv64.to_string().to_lowercase()
}

/// Of reports of versions that kept no misaligned access whole.
fn no_granule() -> u64 {
    1
}

impl RunOptions {
    /// Describes a run with these settings, so many seconds and so many MiB for one test.
    #[must_use]
    pub fn new(settings: &Settings, timeout: Option<f64>, memory: u64) -> RunOptions {
        let options = &settings.options;
        RunOptions {
            models: settings.models.iter().map(ToString::to_string).collect(),
            engine: settings.engine,
            base: settings.hart.base.to_string().to_lowercase(),
            zalasr: options.zalasr.to_string(),
            sc_failure: options.sc_failure.to_string(),
            reservation: options.reservation.to_string(),
            failed_cas: options.failed_cas.to_string(),
            unroll: options.unroll,
            misaligned_granule: options.misaligned_granule,
            decide: settings.wanted == WantedStates::Deciding,
            timeout,
            memory,
        }
    }
}
