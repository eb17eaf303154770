//! What earlier runs found out, so that it need not be found out again.

use std::fmt;

use crate::compare::{Fingerprint, TestReport};

/// A store of results: a report to go on with, a cache. Shared by all threads.
///
/// Whatever goes wrong inside, the worst is that a test is run again: nothing here fails.
pub trait Memo: fmt::Debug + Send + Sync {
    /// The result of the test with this fingerprint, as for the test called `path`.
    fn recall(&self, fingerprint: Fingerprint, path: &str) -> Option<TestReport>;

    /// Takes note of a result that the same text and options would give again.
    fn keep(&self, report: &TestReport);
}
