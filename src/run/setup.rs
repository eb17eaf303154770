//! What every test of a run is run with.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Explorations, Identity, Memo, Selection};
use rvlitmus_core::answer::{Engine, Fingerprint};
use rvlitmus_core::litmus::Colour;
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::program::{HartConfig, full_hart};
use rvlitmus_onereg::{HartEdits, Machine, VmPlan};

/// The settings of a run. Shared by all threads.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The harts of the two standard machines, as far as instructions go: see
    /// [`Machine::standard`].
    pub hart: HartConfig,
    /// The machine of the column `vm`, besides what tests ask for.
    pub vm: VmChoice,
    /// Is every state that Ztso forbids explained?
    pub explain: bool,
    /// The models, RVWMO first, without repetition.
    pub models: Vec<BaseModel>,
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
    /// Is the time of each phase of a test taken?
    pub stats: bool,
    /// Whether mistakes are shown in colour.
    pub stderr: Colour,
    /// Which of the tests that are found are run.
    pub selection: Selection,
    /// Recognises the settings, when results are to carry a fingerprint; see [`Setup::identify`].
    pub identity: Option<Identity>,
    /// Asked for each test's result before it is run, and told the result after.
    pub memos: Vec<Arc<dyn Memo>>,
    /// What explorations leave for one another.
    pub explorations: Arc<Explorations>,
    /// Set from outside to end explorations that are running.
    pub stop: Arc<AtomicBool>,
}

impl Setup {
    /// Makes results carry a fingerprint: of the build of this program, of every setting that they
    /// depend on, and of the test's text. To be called once the settings are what they will be.
    ///
    /// An answer does not depend on the limits, nor on whether it was explained.
    pub fn identify(&mut self) {
        let Setup { hart, vm, models, options, engine, timeout, memory, times, .. } = self;
        let settings = format!(
            "{} {hart:?} {vm:?} {models:?} {options:?} {engine:?} {times}",
            env!("RVLITMUS_BUILD")
        );
        self.identity = Some(Identity {
            settings: Fingerprint::default().and(settings.as_bytes()),
            limits: format!("{timeout:?} {memory}"),
        });
    }

    /// Has the run been stopped from outside?
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Should an exploration that began at `start` end?
    #[must_use]
    pub fn expired(&self, start: Instant) -> bool {
        self.stopped() || self.timeout.is_some_and(|timeout| start.elapsed() >= timeout)
    }
}

/// Which machine a run describes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum VmChoice {
    /// None: only tests with a line `Harts=...` have one.
    #[default]
    OfTest,
    /// Every test runs on harts of this description, its own line outweighed.
    Harts(HartEdits),
    /// Every test runs on this VM, its own line outweighed.
    Vm(Box<VmPlan>),
}

impl Default for Setup {
    fn default() -> Self {
        let standard = Machine::standard(BaseModel::Rvwmo, 1).hart_configs();
        Setup {
            hart: standard.first().copied().unwrap_or(full_hart(BaseModel::Rvwmo)),
            vm: VmChoice::default(),
            explain: false,
            models: vec![BaseModel::Rvwmo, BaseModel::Ztso],
            options: Options::default(),
            engine: Engine::default(),
            timeout: None,
            memory: usize::MAX,
            times: false,
            stats: false,
            stderr: Colour::Never,
            selection: Selection::default(),
            identity: None,
            memos: Vec::new(),
            explorations: Arc::default(),
            stop: Arc::default(),
        }
    }
}
