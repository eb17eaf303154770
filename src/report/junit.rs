//! JUnit XML for CI: a suite per test, a case per model.
//!
//! A case fails when a `~exists` or `forall` is false under its model; a test without an answer is one
//! case in error. That an `exists` is not reached is an answer, not a failure.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::compare::{Answer, Conclusion, Failure, Holds, ModelReport, TestReport};
use crate::litmus::Quantifier;

/// The suite of one test.
pub(super) fn suite(report: &TestReport) -> TestSuite {
    let mut suite = TestSuite::new(report.path.clone());
    match &report.conclusion {
        Conclusion::Answered(answer) => {
            suite.add_test_cases(answer.models.iter().map(|model| case(report, answer, model)));
        }
        Conclusion::Failed(failure) => {
            suite.add_test_case(failed(report, failure));
        }
    }
    suite
}

/// What stands for the tests that an interrupted run did not come to.
pub(super) fn interrupted() -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("interrupted");
    status.set_message("the run was interrupted: tests are missing");
    let mut suite = TestSuite::new("interrupted");
    suite.add_test_case(TestCase::new("interrupted", status));
    suite
}

/// The document.
pub(super) fn write(suites: Vec<TestSuite>, out: &mut impl Write) -> io::Result<()> {
    let mut report = Report::new("rvlitmus");
    report.add_test_suites(suites);
    report.serialize(&mut *out).map_err(io::Error::other)?;
    writeln!(out)
}

fn case(report: &TestReport, answer: &Answer, model: &ModelReport) -> TestCase {
    let violated = answer.quantifier() != Quantifier::Exists && model.holds == Holds::No;
    let mut status = if violated {
        TestCaseStatus::non_success(NonSuccessKind::Failure)
    } else {
        TestCaseStatus::success()
    };
    let condition = answer.condition.as_ref().map(ToString::to_string).unwrap_or_default();
    let message = format!("{} under {}: {condition}", answer.word(model), model.model);
    if violated {
        status.set_message(message.clone());
    }
    let mut case = TestCase::new(format!("{} {}", report.name, model.model), status);
    case.set_classname(report.path.clone());
    case.set_system_out(format!("{message}\n{} states\n", model.states.len()));
    case
}

fn failed(report: &TestReport, failure: &Failure) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    let error = &failure.error;
    status.set_type(failure.status.name());
    status.set_message(format!("line {}, column {}: {}", error.line, error.column, error.message));
    let mut case = TestCase::new(report.name.clone(), status);
    case.set_classname(report.path.clone());
    case
}
