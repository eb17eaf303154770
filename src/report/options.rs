//! What a run was done with, as reports print it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use rvlitmus_core::answer::Engine;
use rvlitmus_core::arch::riscv::Base;
use rvlitmus_core::model::{BaseModel, FailedCas, Options, Reservation, ScFailure, ZalasrReading};

/// The options of a run. Everything that an answer depends on, besides the test, is here.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RunOptions {
    /// The models, in the order in which they are reported: `rvwmo`, `ztso`, `sc`.
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
    /// What a failed `amocas` is under Ztso: `load` or `amo`.
    pub failed_cas: String,
    /// How often a backward jump is followed before the execution is cut. A line `Unroll=N` of a
    /// test outweighs it.
    pub unroll: u32,
    /// Bytes of the aligned blocks within which a misaligned access is one operation; 1 for none.
    /// Harts with Zama16b have at least 16.
    #[serde(default = "no_granule")]
    pub misaligned_granule: u64,
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
    /// Describes a run.
    #[must_use]
    pub fn new(
        models: &[BaseModel],
        engine: Engine,
        base: Base,
        options: &Options,
        timeout: Option<f64>,
        memory: u64,
    ) -> RunOptions {
        RunOptions {
            models: models.iter().map(ToString::to_string).collect(),
            engine,
            base: base.to_string().to_lowercase(),
            zalasr: match options.zalasr {
                ZalasrReading::Ratified => "ratified",
                ZalasrReading::Rcpc => "rcpc",
            }
            .to_owned(),
            sc_failure: match options.sc_failure {
                ScFailure::Spurious => "spurious",
                ScFailure::OnlyWhenForced => "only-when-forced",
            }
            .to_owned(),
            reservation: match options.reservation {
                Reservation::Exact => "exact".to_owned(),
                Reservation::Line(bytes) => format!("line={bytes}"),
                Reservation::Any => "any".to_owned(),
            },
            failed_cas: match options.failed_cas {
                FailedCas::Load => "load",
                FailedCas::Amo => "amo",
            }
            .to_owned(),
            unroll: options.unroll,
            misaligned_granule: options.misaligned_granule,
            timeout,
            memory,
        }
    }
}
