//! What every test of a run is run with.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::compare::Engine;
use crate::litmus::Colour;
use crate::model::{MemoryModel, Options};

/// The settings of a run. Shared by all threads.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The models, RVWMO first, without repetition.
    pub models: Vec<MemoryModel>,
    /// How the models are read.
    pub options: Options,
    /// Which implementation answers.
    pub engine: Engine,
    /// Wall time that a test may take under one model.
    pub timeout: Option<Duration>,
    /// Bytes that the exploration of one test may take.
    pub memory: usize,
    /// Is the wall time of each exploration reported?
    pub times: bool,
    /// Whether mistakes are shown in colour.
    pub stderr: Colour,
    /// Set from outside to end explorations that are running.
    pub stop: Arc<AtomicBool>,
}

impl Setup {
    /// Should an exploration that began at `start` end?
    #[must_use]
    pub fn expired(&self, start: Instant) -> bool {
        self.stop.load(Ordering::Relaxed)
            || self.timeout.is_some_and(|timeout| start.elapsed() >= timeout)
    }
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            models: vec![MemoryModel::Rvwmo, MemoryModel::Ztso],
            options: Options::default(),
            engine: Engine::default(),
            timeout: None,
            memory: usize::MAX,
            times: false,
            stderr: Colour::Never,
            stop: Arc::default(),
        }
    }
}
