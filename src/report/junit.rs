//! JUnit XML for CI: a suite per test, a case per machine.
//!
//! A case fails when a `~exists` or `forall` is false on its machine. What was not decided is a case in
//! error: a machine without an answer or without an execution, a condition where loops were cut. A test that ran on no machine is one such case. That an `exists` is not reached is an answer, not a
//! failure.

use std::io::{self, Seek, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use tempfile::SpooledTempFile;

use rvlitmus_core::answer::{Answer, Extent, Holds, Status};
use rvlitmus_core::litmus::Quantifier;

use super::words;
use crate::results::{Conclusion, TestReport};

/// A suite as text, and what of it the head of the document counts.
#[derive(Debug)]
pub struct Suite {
    text: Vec<u8>,
    count: Count,
}

/// Cases, and those of them that failed or could not be run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Count {
    cases: usize,
    failures: usize,
    errors: usize,
}

impl Suite {
    /// The suite of one test.
    pub(super) fn of(report: &TestReport) -> Suite {
        let mut suite = TestSuite::new(report.path.clone());
        match &report.conclusion {
            Conclusion::Answered(answer) => {
                let machines = 0..answer.machines.len();
                suite.add_test_cases(machines.map(|machine| case(report, answer, machine)));
            }
            Conclusion::Failed(failure) => {
                let status = error(failure.status, words::mistake(failure));
                let mut case = test_case(report, report.name.clone(), status);
                write_out(&mut case, String::new(), report);
                suite.add_test_case(case);
            }
        }
        Suite::new(suite)
    }

    /// What stands for the tests that an interrupted run did not come to.
    pub(super) fn interrupted() -> Suite {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("interrupted");
        status.set_message("the run was interrupted: tests are missing");
        let mut suite = TestSuite::new("interrupted");
        suite.add_test_case(TestCase::new("interrupted", status));
        Suite::new(suite)
    }

    fn new(suite: TestSuite) -> Suite {
        let mut document = Report::new(NAME);
        document.add_test_suite(suite);
        let count =
            Count { cases: document.tests, failures: document.failures, errors: document.errors };
        let document = document.to_string().expect("text is written to memory");
        let body = document.split_once(&head(count)).map(|(_, body)| body);
        let text = body.and_then(|body| body.strip_suffix(FOOT)).expect("a document of one suite");
        Suite { text: text.as_bytes().to_vec(), count }
    }

    /// Bytes of memory that it takes.
    pub(super) fn size(&self) -> usize {
        self.text.capacity()
    }
}

/// The document's suites, put aside until its head, which counts them, can be written: in memory as long
/// as they are few, then in a temporary file without a name.
pub(super) struct Aside {
    suites: SpooledTempFile,
    count: Count,
}

impl Aside {
    /// No suites yet.
    pub(super) fn new() -> Aside {
        Aside { suites: SpooledTempFile::new(IN_MEMORY), count: Count::default() }
    }

    /// Adds the next suite.
    pub(super) fn push(&mut self, suite: &Suite) -> io::Result<()> {
        self.count.cases += suite.count.cases;
        self.count.failures += suite.count.failures;
        self.count.errors += suite.count.errors;
        self.suites.write_all(&suite.text).map_err(|error| {
            io::Error::new(error.kind(), format!("no temporary file for the cases: {error}"))
        })
    }

    /// Writes the document.
    pub(super) fn write(mut self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{DECLARATION}")?;
        out.write_all(head(self.count).as_bytes())?;
        self.suites.rewind()?;
        io::copy(&mut self.suites, out)?;
        out.write_all(FOOT.as_bytes())
    }
}

const NAME: &str = "rvlitmus";
/// How the element begins that holds all others.
pub(super) const ROOT: &str = "<testsuites name=\"rvlitmus\" ";
pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
const FOOT: &str = "</testsuites>\n";
/// Bytes of suites that are kept in memory.
const IN_MEMORY: usize = 1 << 20;

/// The line that opens a document with such suites.
fn head(Count { cases, failures, errors }: Count) -> String {
    format!(
        "<testsuites name=\"{NAME}\" tests=\"{cases}\" skipped=\"0\" failures=\"{failures}\" errors=\"{errors}\">\n"
    )
}

fn case(report: &TestReport, answer: &Answer, machine: usize) -> TestCase {
    let of_machine = &answer.machines[machine];
    let condition = answer.condition.as_ref().map(ToString::to_string).unwrap_or_default();
    let verdict = words::verdict(answer, machine);
    let message = format!("{verdict} under {}: {condition}", of_machine.id);
    let claim = answer.condition.is_some() && answer.quantifier() != Quantifier::Exists;
    let status = match (&of_machine.extent, answer.holds(machine)) {
        (Extent::Failed(failure), _) => error(failure.status, words::mistake(failure)),
        (Extent::NoExecution, _) => error(
            Status::NoExecution,
            "no execution ends, or none passes the filter: nothing is decided".to_owned(),
        ),
        (Extent::Bounded(_), Holds::Unknown) => error(
            Status::Bounded,
            format!("{message}: not decided, because loops were cut; `--unroll 10` goes further"),
        ),
        (_, Holds::No) if claim => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(message.clone());
            status
        }
        _ => TestCaseStatus::success(),
    };
    let mut case = test_case(report, format!("{} {}", report.name, of_machine.id), status);
    let found = answer.found(machine).map(|states| format!("{message}\n{} states\n", states.len()));
    write_out(&mut case, found.unwrap_or_default(), report);
    case
}

/// Puts what was found beside a case, and the warnings behind it.
fn write_out(case: &mut TestCase, mut text: String, report: &TestReport) {
    text.extend(report.warnings.iter().map(|what| format!("warning: {what}\n")));
    if !text.is_empty() {
        case.set_system_out(text);
    }
}

fn error(kind: Status, message: String) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type(kind.name());
    status.set_message(message);
    status
}

fn test_case(report: &TestReport, name: String, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(report.path.clone());
    case
}
