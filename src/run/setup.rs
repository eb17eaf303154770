//! What every test of a run is run with.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rvlitmus_core::litmus::Colour;
use rvlitmus_core::model::BaseModel;
use rvlitmus_core::session::{Session, Settings, WantedStates};
use rvlitmus_onereg::{HartEdits, Vm, VmPlan};

use super::{Identity, Memo, RunMemory, Selection};
use crate::results::Fingerprint;

/// Bytes that a test may take for each of its text.
const BYTES_OF_A_BYTE: usize = 128;
/// So long a text is read whatever the limit is.
const LEAST_TEXT: usize = 1 << 16;

/// The settings of a run. Shared by all threads.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Runs the tests.
    pub session: Session,
    /// The machine that every test is run on besides, or which tests ask for it.
    pub vm: VmChoice,
    /// Wall time that a test may take on one machine.
    pub timeout: Option<Duration>,
    /// Is the wall time of each exploration reported?
    pub times: bool,
    /// Do results have the text of the test and its executions?
    pub details: bool,
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
    /// What all tests together may hold.
    pub memory: Arc<RunMemory>,
    /// Set from outside to end explorations that are running.
    pub stop: Arc<AtomicBool>,
}

impl Setup {
    /// Makes results carry a fingerprint: of the build of this program, of every setting that they
    /// depend on, and of the test's text. To be called once the settings are what they will be.
    ///
    /// An answer does not depend on the limits, nor on whether it was explained.
    pub fn identify(&mut self) {
        let Setup { session, timeout, .. } = self;
        let limits = format!("{timeout:?} {}", session.settings().memory);
        self.identity = Some(Identity { settings: self.answered_with(), limits });
    }

    /// Of the build of this program, and of every setting that answers depend on.
    fn answered_with(&self) -> Fingerprint {
        let Setup { session, vm, times, .. } = self;
        let Settings { models, x86_models, hart, options, engine, wanted, .. } = session.settings();
        let decide = *wanted == WantedStates::Deciding;
        let settings = format!(
            "{} {hart:?} {vm:?} {models:?} {x86_models:?} {options:?} {engine:?} {decide} {times}",
            env!("RVLITMUS_BUILD")
        );
        Fingerprint::default().and(settings.as_bytes())
    }

    /// Of all that a report depends on besides its tests and their limits.
    #[must_use]
    pub fn reported_with(&self) -> Fingerprint {
        let shown = format!("{} {} {}", self.explains(), self.details, self.stats);
        self.answered_with().and(shown.as_bytes())
    }

    /// Bytes that the text of one test may have: what is made of it takes many times as much.
    #[must_use]
    pub fn longest_text(&self) -> usize {
        (self.session.settings().memory / BYTES_OF_A_BYTE).max(LEAST_TEXT)
    }

    /// Has the run been stopped from outside?
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Are states that one machine reaches and another does not explained?
    #[must_use]
    pub fn explains(&self) -> bool {
        self.session.settings().explain
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

impl VmChoice {
    /// The files that it was read from.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        match self {
            VmChoice::Vm(plan) => plan.files(),
            VmChoice::OfTest | VmChoice::Harts(_) => &[],
        }
    }
}

/// The harts of the standard machines are those of [`Vm::standard`].
impl Default for Setup {
    fn default() -> Self {
        let standard = Vm::standard(BaseModel::Rvwmo, 1).hart_configs();
        let mut settings = Settings { parallel: true, ..Settings::default() };
        settings.hart = standard.first().copied().unwrap_or(settings.hart);
        Setup {
            session: Session::new(settings),
            vm: VmChoice::default(),
            timeout: None,
            times: false,
            details: false,
            stats: false,
            stderr: Colour::Never,
            selection: Selection::default(),
            identity: None,
            memos: Vec::new(),
            memory: Arc::default(),
            stop: Arc::default(),
        }
    }
}
