//! Counts over a whole run.

use super::{Column, Conclusion, Holds, Observation, Status, TestReport};
use crate::litmus::Quantifier;

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

impl Tally {
    /// Counts one test.
    #[must_use]
    pub fn of(report: &TestReport) -> Tally {
        let mut tally = Tally::default();
        tally.by_status[report.status() as usize] = 1;
        if let Conclusion::Answered(answer) = &report.conclusion {
            for model in &answer.models {
                tally.states[model.model as usize] = model.states.len();
                tally.observed[model.model as usize][model.observation as usize] = 1;
            }
            let forbidden = answer.forbidden_by_ztso.as_ref().is_some_and(|f| !f.is_empty());
            let claim = answer.quantifier() != Quantifier::Exists;
            let violated = claim && answer.models.iter().any(|model| model.holds == Holds::No);
            tally.fewer_states = usize::from(forbidden);
            tally.verdict_changes = usize::from(answer.verdict_changes());
            tally.violated = usize::from(violated);
        }
        tally
    }

    /// Adds another count to this one.
    pub fn add(&mut self, other: &Tally) {
        for (mine, theirs) in self.by_status.iter_mut().zip(other.by_status) {
            *mine += theirs;
        }
        for (mine, theirs) in self.states.iter_mut().zip(other.states) {
            *mine += theirs;
        }
        let mine = self.observed.iter_mut().flatten();
        for (mine, theirs) in mine.zip(other.observed.as_flattened()) {
            *mine += theirs;
        }
        self.fewer_states += other.fewer_states;
        self.verdict_changes += other.verdict_changes;
        self.violated += other.violated;
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
