//! What a run found, test by test, as data: what every output format prints, and what is read back from a
//! finished report.
//!
//! A [`TestReport`] is an answer of the library with what belongs to the file that the test came from.
//! Nothing here knows how tests are run, nor how results are printed.

mod details;
mod fingerprint;
mod shard;
mod tally;

use std::path::Path;
use std::sync::Arc;

use rvlitmus_core::answer::{Answer, Failure, Status};
use rvlitmus_core::litmus::{Metadata, visible};
use rvlitmus_core::model::BaseModel;
use rvlitmus_onereg::RequestRecord;

pub use details::{Details, DrawnExecution};
pub use fingerprint::Fingerprint;
pub use shard::{Division, Listing, Shard, ShardError, ShardTests};
pub use tally::{Count, MachineTally, PairTally, Tally};

/// A path as people are shown it.
#[must_use]
pub fn shown_path(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

/// A number of things: `1 test`, `2 tests`.
#[must_use]
pub fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Everything that a run says of one test.
#[derive(Clone, PartialEq, Debug)]
pub struct TestReport {
    /// The path as given; inside the only argument, a directory or a list, relative to it.
    pub path: String,
    /// The place among the tests that the run's arguments name, in the report of a shard.
    pub index: Option<u64>,
    /// The test's own name; the file's name when the test cannot be read.
    pub name: String,
    /// The quoted text of the header.
    pub description: Option<String>,
    /// `Key=value` lines of the file, in order.
    pub metadata: Metadata,
    /// The hash by which herd7 recognises the test: the file's `Hash=`, or else computed; `None` for
    /// a test that herd7 cannot read.
    pub hash: Option<String>,
    /// Other hashes by which logs may know it: those of other releases of herd7.
    pub other_hashes: Vec<String>,
    /// Recognises the test's text and what it was run with; `None` where that was not asked for.
    pub fingerprint: Option<Fingerprint>,
    /// The machines of the answer whose harts are described one by one.
    pub described: Vec<DescribedMachine>,
    /// What should be looked at although it is no mistake, in whole sentences.
    pub warnings: Vec<String>,
    /// What came out.
    pub conclusion: Conclusion,
    /// Its text and executions, where they were asked for.
    pub details: Option<Box<Details>>,
}

/// A machine that a run or a test describes hart by hart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DescribedMachine {
    /// Its name in the answer.
    pub id: Arc<str>,
    /// The model of each hart, `P0` first.
    pub harts: Vec<BaseModel>,
    /// The registers that were set on the way, and the kernel's answers.
    pub requests: Vec<RequestRecord>,
}

impl DescribedMachine {
    /// The requests that the kernel refused, or said `ok` to without doing all of them.
    pub fn refused(&self) -> impl Iterator<Item = &RequestRecord> {
        self.requests.iter().filter(|request| request.why.is_some() || !request.not_done.is_empty())
    }
}

/// Either what each machine says, or the reason why the test ran on none.
#[derive(Clone, PartialEq, Debug)]
pub enum Conclusion {
    /// The test was run.
    Answered(Answer),
    /// It could not be read, or not be linked for any machine.
    Failed(Failure),
}

impl TestReport {
    /// How far the test got, on the machine on which it got least far.
    #[must_use]
    pub fn status(&self) -> Status {
        match &self.conclusion {
            Conclusion::Answered(answer) => answer.status(),
            Conclusion::Failed(failure) => failure.status,
        }
    }

    /// The answer, if there is one.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        match &self.conclusion {
            Conclusion::Answered(answer) => Some(answer),
            Conclusion::Failed(_) => None,
        }
    }

    /// Why the test, or a machine, has no answer.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        let (whole, machines) = match &self.conclusion {
            Conclusion::Answered(answer) => (None, &*answer.machines),
            Conclusion::Failed(failure) => (Some(failure), &[][..]),
        };
        whole.into_iter().chain(machines.iter().filter_map(|machine| machine.extent.failure()))
    }
}
