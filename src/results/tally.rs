//! Counts over a whole run.

use std::sync::Arc;

use rvlitmus_core::answer::{Answer, Extent, Holds, Observation, Status};
use rvlitmus_core::litmus::Quantifier;

use rvlitmus_onereg::RequestRecord;

use super::TestReport;

/// What the summary and the exit code of a run are made of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    by_status: [usize; Status::ALL.len()],
    /// In the order in which they first appear.
    machines: Vec<MachineTally>,
    pairs: Vec<PairTally>,
    /// Tests whose `~exists` or `forall` is false on one of the machines.
    pub violated: usize,
    /// Tests with warnings.
    pub warned: usize,
    /// What kernels refused on the way to the machines, each once.
    pub refused: Vec<String>,
    /// Tests that are not decided on one of the machines that were explored: loops were cut, or no execution
    /// ends.
    pub undecided: usize,
    /// Of these, tests of which no execution ends on such a machine.
    pub without_execution: usize,
}

/// What all tests come to on one machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MachineTally {
    /// The machine.
    pub id: Arc<str>,
    /// States that all tests together reach.
    pub states: usize,
    /// Tests of which it was decided whether the condition holds, and no more.
    pub decided: usize,
    /// Of these, tests of which it holds.
    pub held: usize,
    observed: [usize; Observation::ALL.len()],
}

/// What tells two machines apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PairTally {
    /// The machine that was asked for first.
    pub first: Arc<str>,
    /// The other one.
    pub second: Arc<str>,
    /// Tests of which the first machine reaches a state that the second does not.
    pub fewer_states: usize,
    /// Tests of which the second machine reaches a state that the first does not.
    pub more_states: usize,
    /// Tests whose verdict differs between the two.
    pub verdict_changes: usize,
    /// Tests of which all states of both are known, as far as loops were followed.
    pub compared: usize,
}

/// What one test adds to a [`Tally`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Count {
    status: Status,
    machines: Vec<MachineTally>,
    pairs: Vec<PairTally>,
    violated: bool,
    undecided: bool,
    without_execution: bool,
    warned: bool,
    refused: Vec<String>,
}

impl Count {
    /// Counts one test.
    #[must_use]
    pub fn of(report: &TestReport) -> Count {
        let (status, mut violated, mut undecided) = (report.status(), false, false);
        let room = report.answer().map_or(0, |answer| answer.machines.len());
        let (mut machines, mut pairs) = (Vec::with_capacity(room), Vec::with_capacity(room));
        if let Some(answer) = report.answer() {
            let claim = answer.quantifier() != Quantifier::Exists;
            for (index, machine) in answer.machines.iter().enumerate() {
                violated |= claim && answer.holds(index) == Holds::No;
                let Some(states) = answer.found(index) else { continue };
                undecided |= answer.holds(index) == Holds::Unknown;
                let mut observed = [0; Observation::ALL.len()];
                if let Some(observation) = answer.observation(index) {
                    observed[observation as usize] = 1;
                }
                let decided = machine.extent == Extent::Decided;
                machines.push(MachineTally {
                    id: machine.id.clone(),
                    states: if decided { 0 } else { states.len() },
                    decided: usize::from(decided),
                    held: usize::from(decided && answer.holds(index) == Holds::Yes),
                    observed,
                });
            }
            let explored = |machine: &usize| answer.found(*machine).is_some();
            for first in (0..answer.machines.len()).filter(explored) {
                for second in (first + 1..answer.machines.len()).filter(explored) {
                    pairs.push(PairTally::of(answer, first, second));
                }
            }
        }
        let warned = !report.warnings.is_empty();
        let described = report.described.iter();
        let refused = described.flat_map(|m| m.refused().map(|request| refusal(&m.id, request)));
        let refused = refused.collect();
        let without_execution =
            report.answer().is_some_and(|answer| answer.without_execution().is_some());
        Count { status, machines, pairs, violated, undecided, without_execution, warned, refused }
    }
}

/// `vm: set isa_ext.ztso = 0x1: ENOENT: the host lacks Ztso`, whichever vCPU it was.
fn refusal(machine: &str, request: &RequestRecord) -> String {
    let RequestRecord { register, value, answer, why, not_done, .. } = request;
    let why = why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let left = if not_done.is_empty() {
        String::new()
    } else {
        format!(", but {} stayed as it was", not_done.join(", "))
    };
    format!("{machine}: set {register} = {value}: {answer}{why}{left}")
}

impl PairTally {
    /// Counts one test of which both machines were explored.
    fn of(answer: &Answer, first: usize, second: usize) -> PairTally {
        let reaches_more = |a, b| {
            let difference = answer.difference(a, b);
            usize::from(difference.is_some_and(|difference| !difference.states.is_empty()))
        };
        let verdict = |machine| (answer.holds(machine), answer.observation(machine));
        PairTally {
            first: answer.machines[first].id.clone(),
            second: answer.machines[second].id.clone(),
            fewer_states: reaches_more(first, second),
            more_states: reaches_more(second, first),
            verdict_changes: usize::from(verdict(first) != verdict(second)),
            compared: usize::from(
                ![first, second].iter().any(|m| answer.machines[*m].extent == Extent::Decided),
            ),
        }
    }
}

impl Tally {
    /// Adds one test.
    pub fn add(&mut self, test: Count) {
        self.by_status[test.status as usize] += 1;
        self.violated += usize::from(test.violated);
        self.undecided += usize::from(test.undecided);
        self.without_execution += usize::from(test.without_execution);
        self.warned += usize::from(test.warned);
        for refusal in test.refused {
            if !self.refused.contains(&refusal) {
                self.refused.push(refusal);
            }
        }
        for machine in test.machines {
            match self.machines.iter_mut().find(|known| known.id == machine.id) {
                Some(known) => {
                    known.states += machine.states;
                    known.decided += machine.decided;
                    known.held += machine.held;
                    known.observed.iter_mut().zip(machine.observed).for_each(|(a, b)| *a += b);
                }
                None => self.machines.push(machine),
            }
        }
        for pair in test.pairs {
            let same = |known: &&mut PairTally| {
                (&known.first, &known.second) == (&pair.first, &pair.second)
            };
            match self.pairs.iter_mut().find(same) {
                Some(known) => {
                    known.fewer_states += pair.fewer_states;
                    known.more_states += pair.more_states;
                    known.verdict_changes += pair.verdict_changes;
                    known.compared += pair.compared;
                }
                None => self.pairs.push(pair),
            }
        }
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

    /// Number of tests that lack an answer on some machine.
    #[must_use]
    pub fn failed(&self) -> usize {
        let failed = Status::ALL.into_iter().filter(|status| !status.answered());
        failed.map(|status| self.with_status(status)).sum()
    }

    /// The machines, in the order in which they first appear.
    #[must_use]
    pub fn machines(&self) -> &[MachineTally] {
        &self.machines
    }

    /// What tells every two machines apart.
    #[must_use]
    pub fn pairs(&self) -> &[PairTally] {
        &self.pairs
    }
}

impl MachineTally {
    /// Number of tests of which the states satisfy the condition this often.
    #[must_use]
    pub fn observed(&self, observation: Observation) -> usize {
        self.observed[observation as usize]
    }
}
