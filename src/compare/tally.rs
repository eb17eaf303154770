//! Counts over a whole run.

use rvlitmus_core::answer::{Column, Conclusion, Holds, Observation, Status, TestReport};
use rvlitmus_core::litmus::Quantifier;

/// What the summary and the exit code of a run are made of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    by_status: [usize; Status::ALL.len()],
    states: [usize; Column::ALL.len()],
    observed: [[usize; Observation::ALL.len()]; Column::ALL.len()],
    /// Tests of which RVWMO reaches a state that Ztso forbids.
    pub fewer_states: usize,
    /// Tests whose verdict differs between the two.
    pub verdict_changes: usize,
    /// Tests whose `~exists` or `forall` is false under one of the models.
    pub violated: usize,
}

/// What one test adds to a [`Tally`]: small, since it travels from the thread that ran the test to the
/// one that counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Count {
    status: Status,
    /// Number of states and verdict on each machine that it was run on.
    columns: [Option<(u32, Observation)>; Column::ALL.len()],
    fewer_states: bool,
    verdict_changes: bool,
    violated: bool,
}

impl Count {
    /// Counts one test.
    #[must_use]
    pub fn of(report: &TestReport) -> Count {
        let mut count = Count {
            status: report.status(),
            columns: [None; Column::ALL.len()],
            fewer_states: false,
            verdict_changes: false,
            violated: false,
        };
        if let Conclusion::Answered(answer) = &report.conclusion {
            for model in &answer.models {
                let states = u32::try_from(model.states.len()).unwrap_or(u32::MAX);
                count.columns[model.model as usize] = Some((states, model.observation));
            }
            let claim = answer.quantifier() != Quantifier::Exists;
            count.fewer_states = answer.forbidden_by_ztso.as_ref().is_some_and(|f| !f.is_empty());
            count.verdict_changes = answer.verdict_changes();
            count.violated = claim && answer.models.iter().any(|model| model.holds == Holds::No);
        }
        count
    }
}

impl Tally {
    /// Adds one test.
    pub fn add(&mut self, test: Count) {
        self.by_status[test.status as usize] += 1;
        let columns = self.states.iter_mut().zip(&mut self.observed).zip(test.columns);
        for ((all, observed), column) in columns {
            if let Some((states, observation)) = column {
                *all += states as usize;
                observed[observation as usize] += 1;
            }
        }
        self.fewer_states += usize::from(test.fewer_states);
        self.verdict_changes += usize::from(test.verdict_changes);
        self.violated += usize::from(test.violated);
    }

    /// Number of tests.
    #[must_use]
    pub fn tests(&self) -> usize {
        self.by_status.iter().sum()
    }

    /// Number of tests with this status.
    #[must_use]
    pub fn with_status(&self, status: Status) -> usize {
        self.by_status[status as usize]
    }

    /// Number of tests of which the states on `column` satisfy the condition this often.
    #[must_use]
    pub fn observed(&self, column: Column, observation: Observation) -> usize {
        self.observed[column as usize][observation as usize]
    }

    /// Number of tests without an answer.
    #[must_use]
    pub fn failed(&self) -> usize {
        let failed = Status::ALL.into_iter().filter(|status| !status.answered());
        failed.map(|status| self.with_status(status)).sum()
    }

    /// Number of states that all tests together reach on `model`.
    #[must_use]
    pub fn states(&self, model: Column) -> usize {
        self.states[model as usize]
    }
}
