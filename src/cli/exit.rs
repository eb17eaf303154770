//! The one place that decides exit codes.

use std::process::ExitCode;

use crate::compare::Tally;

/// How a command ended, for scripts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Outcome {
    /// 0: everything was run, and nothing differs from what was expected.
    AsExpected,
    /// 1: an outcome differs from what was expected.
    Differs,
    /// 2: something could not be run. Outweighs 1: what was not run may differ as well.
    NotRun,
}

/// Are violated claims of the tests themselves a difference?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Expect {
    /// Only that tests run.
    Answers,
    /// Also that every `~exists` and `forall` holds: `--strict`.
    Claims,
}

impl Outcome {
    /// The outcome of running tests; `troubles` counts what is no test's own failure: arguments that
    /// name no test, an interruption.
    pub(super) fn of_run(tally: &Tally, troubles: usize, expect: Expect) -> Outcome {
        if tally.failed() > 0 || troubles > 0 {
            Outcome::NotRun
        } else if expect == Expect::Claims && tally.violated > 0 {
            Outcome::Differs
        } else {
            Outcome::AsExpected
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        ExitCode::from(match outcome {
            Outcome::AsExpected => 0,
            Outcome::Differs => 1,
            Outcome::NotRun => 2,
        })
    }
}
