//! The one place that decides exit codes.

use std::process::ExitCode;

use super::output;
use crate::compare::foreign::{Comparison, Finding, Pair};
use crate::results::Tally;

/// How a command ended, for scripts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Outcome {
    /// 0: everything was run, and nothing differs from what was expected.
    AsExpected,
    /// 1: an outcome differs from what was expected.
    Differs,
    /// 2: something could not be run or not be decided. Outweighs 1: that may differ as well.
    NotRun,
}

/// What a run expects of its tests besides that they run and are decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Expect {
    /// Every `~exists` and `forall` holds: `--strict`.
    pub(super) claims: bool,
    /// No test has a warning: `--warnings deny`.
    pub(super) no_warnings: bool,
}

/// Must both sides of a comparison have the same tests?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Coverage {
    /// What only one side has does not count.
    Common,
    /// It does: `--same-tests`.
    Same,
}

impl Outcome {
    /// The outcome of running tests; `troubles` counts what is no test's own failure: arguments that
    /// name no test, an interruption.
    pub(super) fn of_run(tally: &Tally, troubles: usize, expect: Expect) -> Outcome {
        let denied = if expect.no_warnings { tally.warned } else { 0 };
        if tally.failed() + tally.undecided + troubles + denied > 0 {
            Outcome::NotRun
        } else if expect.claims && tally.violated > 0 {
            Outcome::Differs
        } else {
            Outcome::AsExpected
        }
    }

    /// The outcome of answers that are compared with reviewed ones.
    pub(super) fn of_review(tally: &Tally, troubles: usize, differences: usize) -> Outcome {
        if tally.failed() + tally.undecided + troubles > 0 {
            Outcome::NotRun
        } else if differences > 0 {
            Outcome::Differs
        } else {
            Outcome::AsExpected
        }
    }

    /// The outcome of comparing results.
    pub(super) fn of_comparison(found: &Comparison, coverage: Coverage) -> Outcome {
        let has = |finding: &Finding| found.pairs.iter().any(|pair| pair.finding == *finding);
        let one_sided = has(&Finding::OtherTest) || found.only_a.len() + found.only_b.len() > 0;
        if found.pairs.iter().any(Pair::undecided) || found.compares_nothing() {
            Outcome::NotRun
        } else if coverage == Coverage::Same && one_sided
            || found.pairs.iter().any(Pair::contradicts)
        {
            Outcome::Differs
        } else {
            Outcome::AsExpected
        }
    }

    /// The outcome of a question about tests: `undecided` counts those of which the answer is not known.
    pub(super) fn of_decisions(troubles: usize, undecided: usize) -> Outcome {
        if troubles + undecided > 0 { Outcome::NotRun } else { Outcome::AsExpected }
    }

    /// The outcome of checking maps: `unsound` counts what they break.
    pub(super) fn of_maps(troubles: usize, unsound: usize) -> Outcome {
        match (troubles, unsound) {
            (0, 0) => Outcome::AsExpected,
            (0, _) => Outcome::Differs,
            _ => Outcome::NotRun,
        }
    }

    /// The outcome of merging reports.
    pub(super) fn of_merge(conflicts: usize) -> Outcome {
        if conflicts > 0 { Outcome::Differs } else { Outcome::AsExpected }
    }

    /// The outcome of a command that could not do its work, with a message. That the reader of our
    /// output has gone is its right.
    pub(super) fn of_error(error: &anyhow::Error) -> Outcome {
        if output::is_broken_pipe(error) {
            return Outcome::AsExpected;
        }
        output::complain(&output::causes(error));
        Outcome::NotRun
    }

    /// What the process says to its caller.
    pub(super) fn code(self) -> u8 {
        match self {
            Outcome::AsExpected => 0,
            Outcome::Differs => 1,
            Outcome::NotRun => 2,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        ExitCode::from(outcome.code())
    }
}
