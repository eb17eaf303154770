//! What earlier runs found out, so that it need not be found out again.

use std::fmt;

use super::one::lacks_something;
use super::{Finished, Setup};
use rvlitmus_core::answer::{Conclusion, Fingerprint, Status, TestReport};

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

    /// Takes note of a result that the same text and options would give again.
    fn keep(&self, report: &TestReport);
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
    /// Of what a limit ended: another one deserves another try.
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
        if !setup.explain {
            drop_reasons(&mut report);
        }
        Some(Finished { report, rendered: None })
    }

    /// Marks a result with what it depends on.
    pub(super) fn mark(self, report: &mut TestReport) {
        let limited = match &report.conclusion {
            Conclusion::Answered(_) => false,
            Conclusion::Failed(failure) => {
                matches!(failure.status, Status::Timeout | Status::MemoryLimit)
            }
        };
        report.fingerprint = Some(if limited { self.limited() } else { self.answer });
    }
}

/// Leaves out why states are forbidden, as a run does that was not asked for it.
fn drop_reasons(report: &mut TestReport) {
    let Conclusion::Answered(answer) = &mut report.conclusion else { return };
    for forbidden in answer.forbidden_by_ztso.iter_mut().flatten() {
        forbidden.argument = None;
        forbidden.because.clear();
    }
}
