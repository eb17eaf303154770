//! What earlier runs found out, so that it need not be found out again.

use std::fmt;
use std::time::Duration;

use super::{Finished, Setup};
use crate::results::{Conclusion, Fingerprint, TestReport};
use rvlitmus_core::answer::Status;
use rvlitmus_core::session::WantedStates;

/// A store of results: a report to go on with, a cache. Shared by all threads.
///
/// Whatever goes wrong inside, the worst is that a test is run again: nothing here fails.
pub trait Memo: fmt::Debug + Send + Sync {
    /// The result of the test with this fingerprint, as for the test called `path`, if it says enough.
    fn recall(
        &self,
        fingerprint: Fingerprint,
        path: &str,
        enough: &dyn Fn(&TestReport) -> bool,
    ) -> Option<TestReport>;

    /// Takes note of a result that the same text and options would give again, and of the time that it took by the
    /// clock.
    fn keep(&self, report: &TestReport, took: Duration);
}

/// Recognises the settings of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    pub(super) settings: Fingerprint,
    pub(super) limits: String,
}

impl Identity {
    pub(super) fn of_test(&self, text: &str) -> TestIdentity<'_> {
        TestIdentity { answer: self.settings.and(text.as_bytes()), limits: &self.limits }
    }
}

/// Recognises one test of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TestIdentity<'a> {
    /// Of an answer, whatever the limits.
    answer: Fingerprint,
    limits: &'a str,
}

impl TestIdentity<'_> {
    /// The fingerprint of what a limit ended or made less sure: another limit deserves another try.
    fn limited(self) -> Fingerprint {
        self.answer.and(self.limits.as_bytes())
    }

    /// The result of an earlier run, if one is known that says as much as this run wants to know.
    pub(super) fn recall(self, path: &str, setup: &Setup) -> Option<Finished> {
        if setup.memos.is_empty() {
            return None;
        }
        let known = |fingerprint, enough: &dyn Fn(&TestReport) -> bool| {
            setup.memos.iter().find_map(|memo| memo.recall(fingerprint, path, enough))
        };
        let mut report = known(self.answer, &|report| !lacks_something(report, setup))
            .or_else(|| known(self.limited(), &|_| true))?;
        if !setup.explains() {
            drop_reasons(&mut report);
        }
        Some(Finished { report, rendered: None })
    }

    /// Marks a result with what it depends on.
    pub(super) fn mark(self, report: &mut TestReport) {
        let limited = report
            .failures()
            .any(|failure| matches!(failure.status, Status::Timeout | Status::MemoryLimit))
            || report.answer().is_some_and(|answer| answer.by_fingerprints().is_some());
        report.fingerprint = Some(if limited { self.limited() } else { self.answer });
    }
}

/// Was the test ended on some machine before there was an answer?
pub(super) fn lacks_an_answer(report: &TestReport) -> bool {
    report.failures().any(|failure| failure.status == Status::Timeout)
}

/// Might the result say more with more time? Such a result is not worth keeping.
pub(super) fn lacks_something(report: &TestReport, setup: &Setup) -> bool {
    let differences = report.answer().map_or(&[][..], |answer| &answer.differences);
    let mut lacked = differences.iter().flat_map(|difference| &difference.states);
    let wants_all = setup.session.settings().wanted == WantedStates::All;
    lacks_an_answer(report)
        || setup.explains() && lacked.any(|lacked| lacked.argument.is_none())
        || wants_all && report.status() == Status::Decided
}

/// Leaves out why states are forbidden, as a run does that was not asked for it.
fn drop_reasons(report: &mut TestReport) {
    let Conclusion::Answered(answer) = &mut report.conclusion else { return };
    for lacked in answer.differences.iter_mut().flat_map(|difference| &mut difference.states) {
        lacked.argument = None;
    }
}
