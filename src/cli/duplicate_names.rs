//! Warns of different tests of one name, because `compare`, herd logs and people know tests by it.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use crate::results::{Conclusion, TestReport};
use rvlitmus_core::litmus::visible;

/// How many tests are shown.
const SHOWN: usize = 3;
/// How many names are kept: memory must not grow with the number of tests.
const KEPT: usize = 1 << 16;

/// A test's name and what tells it from another test of that name, both as digests: there may be many tests.
pub(super) struct TestName {
    digest: u64,
    content: u64,
    name: String,
    path: String,
}

impl TestName {
    /// Takes the name of the test at this path; `None` for a test that cannot be read, whose name is not sure.
    pub(super) fn of(report: &TestReport, path: String) -> Option<TestName> {
        let TestReport { name, hash, conclusion: Conclusion::Answered(answer), .. } = report else {
            return None;
        };
        let content = match hash {
            Some(hash) => {
                let condition = answer.condition.as_ref();
                digest((hash, condition.map(|c| (c.quantifier, &c.proposition))))
            }
            None => digest(&path),
        };
        Some(TestName { digest: digest(name), content, name: name.clone(), path })
    }
}

fn digest(of: impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    of.hash(&mut hasher);
    hasher.finish()
}

/// The names of a run so far, and which of them were met again.
#[derive(Default)]
pub(super) struct DuplicateNames {
    /// The content of the first test by name, both as digests.
    known: FxHashMap<u64, u64>,
    /// How many tests have the name of another one.
    duplicates: usize,
    shown: Vec<String>,
}

impl DuplicateNames {
    /// Adds the next test of the run.
    pub(super) fn add(&mut self, test: TestName) {
        let first = match self.known.get(&test.digest) {
            Some(first) => *first,
            None => {
                if self.known.len() < KEPT {
                    self.known.insert(test.digest, test.content);
                }
                return;
            }
        };
        if first != test.content {
            self.duplicates += 1;
            if self.shown.len() < SHOWN {
                self.shown.push(format!("{} in {}", visible(&test.name), visible(&test.path)));
            }
        }
    }

    /// Says at the end of the run which tests have the name of another one.
    pub(super) fn warning(&self) -> Option<String> {
        let more = match self.duplicates.checked_sub(self.shown.len())? {
            0 => String::new(),
            more => format!(" ... and {more} more"),
        };
        (self.duplicates > 0).then(|| {
            let (tests, have) = if self.duplicates == 1 { ("test", "has") } else { ("tests", "have") };
            let shown = self.shown.join(", ");
            format!(
                "warning: {} {tests} {have} the name of another, different test of this run: {shown}{more}",
                self.duplicates
            )
        })
    }
}
