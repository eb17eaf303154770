//! What the machines that a test was run on say of it.

use std::sync::Arc;

use super::{
    ConditionText, CutLoop, Failure, Holds, Observation, PlaceNames, States, Status, Symbols,
    Warning,
};
use crate::axiomatic::explain::Argument;
use crate::litmus::{CType, Quantifier};
use crate::program::ToldApart;

/// Machines that one test is answered on, at most, for every two of them are compared.
pub const MOST_MACHINES: usize = 64;

/// The answer to one test: the states that each machine reaches, side by side.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Answer {
    /// The condition, if the test has one. Without one the proposition is `true`, for all states.
    pub condition: Option<ConditionText>,
    /// What states consist of: `0:x5`, `[x]`, `x[1]`; registers first.
    pub places: PlaceNames,
    /// The declared type of each place, by which its values are cut and printed; `None` for a register or
    /// location without one. Empty where none has one.
    pub types: Vec<Option<CType>>,
    /// The symbols among the values.
    pub symbols: Symbols,
    /// Every state that some machine was seen to reach.
    pub states: States,
    /// The machines, in the order asked for.
    pub machines: Vec<MachineAnswer>,
    /// Of two machines that were both explored, what one reaches and the other does not.
    pub differences: Vec<Difference>,
    /// What looks like slips of the test's author.
    pub warnings: Vec<Warning>,
}

/// What is known of one machine; the states that it reaches are [`Answer::reached`].
#[derive(Clone, PartialEq, Debug)]
pub struct MachineAnswer {
    /// Its name: `rvwmo`, `ztso-r4`, `vm`.
    pub id: Arc<str>,
    /// How far it was explored.
    pub extent: Extent,
    /// How surely: by fingerprints, states may be missing, with a chance below 10⁻²⁰.
    pub told_apart: ToldApart,
    /// What that took.
    pub stats: Stats,
}

/// How far a machine was explored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Extent {
    /// Every state that it reaches is known, and there is one.
    Complete,
    /// Whether the condition holds is decided, and no more: there are more states than those that show it.
    Decided,
    /// Every execution was followed, and none ends (or none that ends passes the test's filter).
    NoExecution,
    /// These loops were cut: there may be more states than those found.
    Bounded(Vec<CutLoop>),
    /// There is no answer.
    Failed(Failure),
}

/// The states that a machine reaches, as far as they are known.
#[derive(Clone, Copy, Debug)]
pub enum Reached<'a> {
    /// All of them, and there is one.
    All(MachineStates<'a>),
    /// One that decides the condition, or none where there is none that would; of the others nothing is known.
    Deciding(MachineStates<'a>),
    /// There is none, for no execution ends or none that ends passes the test's filter: nothing is decided.
    NoExecution,
    /// Those that were found before loops were cut: there may be others.
    Some(MachineStates<'a>, &'a [CutLoop]),
    /// Nothing is known.
    Unknown(&'a Failure),
}

/// The states of one machine among those of the test.
#[derive(Clone, Copy, Debug)]
pub struct MachineStates<'a> {
    states: &'a States,
    machine: usize,
}

impl<'a> MachineStates<'a> {
    /// The rows of [`Answer::states`] that the machine reaches.
    pub fn rows(self) -> impl Iterator<Item = usize> + Clone + 'a {
        self.states.of(self.machine)
    }

    /// How many they are.
    #[must_use]
    pub fn len(self) -> usize {
        self.states.count(self.machine)
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// How many of them satisfy the proposition.
    #[must_use]
    pub fn positive(self) -> usize {
        self.states.positive(self.machine)
    }
}

/// What it took. The only part of an answer that may differ between two runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Machine states branched on, or candidate executions checked.
    pub work: u64,
    /// Choices that were followed from these states; none where candidates are checked.
    pub transitions: u64,
    /// Wall time of the exploration, where it was asked for.
    pub microseconds: Option<u64>,
}

/// What one machine reaches and another does not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The machine that reaches the states, by its place among [`Answer::machines`].
    pub weaker: usize,
    /// The machine that does not.
    pub stronger: usize,
    /// Those states, by row; none where the stronger one reaches all that the weaker one does.
    pub states: Vec<Lacked>,
}

/// A state that the stronger of two machines does not reach.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lacked {
    /// Its row in [`Answer::states`].
    pub row: usize,
    /// Why; `None` where no explanation was asked for.
    pub argument: Option<Argument>,
}

impl Extent {
    /// How far the machine was explored, in a word.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Extent::Complete => Status::Complete,
            Extent::Decided => Status::Decided,
            Extent::NoExecution => Status::NoExecution,
            Extent::Bounded(_) => Status::Bounded,
            Extent::Failed(failure) => failure.status,
        }
    }

    /// The loops that were cut.
    #[must_use]
    pub fn cut(&self) -> &[CutLoop] {
        match self {
            Extent::Bounded(cut) => cut,
            _ => &[],
        }
    }

    /// Why there is no answer.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Extent::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// Why there is no answer, to add to it.
    pub fn failure_mut(&mut self) -> Option<&mut Failure> {
        match self {
            Extent::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl Answer {
    /// How far the test got on the machine on which it got least far.
    #[must_use]
    pub fn status(&self) -> Status {
        let statuses = self.machines.iter().map(|machine| machine.extent.status());
        statuses.max().unwrap_or(Status::Complete)
    }

    /// The place of the machine of that name.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        self.machines.iter().position(|machine| &*machine.id == id)
    }

    /// The name of a machine.
    #[must_use]
    pub fn id(&self, machine: usize) -> &str {
        self.machines.get(machine).map_or("", |machine| &machine.id)
    }

    /// The states that a machine reaches.
    #[must_use]
    pub fn reached(&self, machine: usize) -> Reached<'_> {
        let states = MachineStates { states: &self.states, machine };
        match &self.machines[machine].extent {
            Extent::Complete => Reached::All(states),
            Extent::Decided => Reached::Deciding(states),
            Extent::NoExecution => Reached::NoExecution,
            Extent::Bounded(cut) => Reached::Some(states, cut),
            Extent::Failed(failure) => Reached::Unknown(failure),
        }
    }

    /// The states that were found, all or not; `None` where nothing is known.
    #[must_use]
    pub fn found(&self, machine: usize) -> Option<MachineStates<'_>> {
        match self.reached(machine) {
            Reached::All(states) | Reached::Deciding(states) | Reached::Some(states, _) => {
                Some(states)
            }
            Reached::NoExecution => Some(MachineStates { states: &self.states, machine }),
            Reached::Unknown(_) => None,
        }
    }

    /// Does a machine reach a state? `None` where that is not known.
    #[must_use]
    pub fn reaches(&self, machine: usize, row: usize) -> Option<bool> {
        let reached = self.states.reaches(machine, row);
        match self.reached(machine) {
            Reached::Unknown(_) => None,
            // Where none decides the condition, those that would are not reached.
            Reached::Deciding(states) if !reached => {
                let decides =
                    self.states.satisfies(row) != (self.quantifier() == Quantifier::Forall);
                (decides && states.is_empty()).then_some(false)
            }
            _ => Some(reached),
        }
    }

    /// How many of a machine's states satisfy the proposition; `None` where nothing is known, or no more than whether
    /// the condition holds.
    #[must_use]
    pub fn observation(&self, machine: usize) -> Option<Observation> {
        if self.machines[machine].extent == Extent::Decided {
            return None;
        }
        let states = self.found(machine)?;
        let found = Observation::of_found(states.len(), states.positive());
        Some(found.claimed_by(self.machines[machine].extent.status()))
    }

    /// Whether the condition, quantifier included, is true of a machine.
    #[must_use]
    pub fn holds(&self, machine: usize) -> Holds {
        let Some(states) = self.found(machine) else { return Holds::Unknown };
        let status = self.machines[machine].extent.status();
        Holds::judge(self.quantifier(), states.len(), states.positive(), status)
    }

    /// How the condition ranges; `forall` (of `true`) when the test has none.
    #[must_use]
    pub fn quantifier(&self) -> Quantifier {
        self.condition.as_ref().map_or(Quantifier::Forall, |condition| condition.quantifier)
    }

    /// What one machine reaches and another does not, if both were explored.
    #[must_use]
    pub fn difference(&self, weaker: usize, stronger: usize) -> Option<&Difference> {
        self.differences.iter().find(|d| (d.weaker, d.stronger) == (weaker, stronger))
    }

    /// Two machines disagree on whether the condition holds or how often.
    #[must_use]
    pub fn verdict_changes(&self) -> bool {
        let answered = (0..self.machines.len()).filter(|machine| self.found(*machine).is_some());
        let mut verdicts = answered.map(|m| (self.holds(m), self.observation(m)));
        let first = verdicts.next();
        verdicts.any(|verdict| Some(verdict) != first)
    }

    /// The loops that were cut on any machine, sorted, each once.
    #[must_use]
    pub fn cut(&self) -> Vec<CutLoop> {
        let all = self.machines.iter().flat_map(|machine| machine.extent.cut());
        let mut all: Vec<CutLoop> = all.cloned().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// That no execution ends, and on which machines; `None` where there is one on each that was explored.
    #[must_use]
    pub fn without_execution(&self) -> Option<String> {
        let none = self.machines.iter().filter(|machine| machine.extent == Extent::NoExecution);
        let names: Vec<&str> = none.map(|machine| &*machine.id).collect();
        (!names.is_empty()).then(|| without_execution(&names))
    }

    /// That states were told apart by fingerprints, and on which machines; `None` where they were nowhere.
    #[must_use]
    pub fn by_fingerprints(&self) -> Option<String> {
        let machines = self.machines.iter().filter(|m| m.told_apart == ToldApart::ByFingerprints);
        let names: Vec<&str> = machines.map(|machine| &*machine.id).collect();
        (!names.is_empty()).then(|| {
            format!(
                "under {} states were told apart by 128-bit fingerprints, for want of memory: what was found can \
                 happen, and something is missing with a chance below 1e-20",
                names.join(" and ")
            )
        })
    }
}

/// Says of machines that no execution ends: `under rvwmo and ztso no execution ends, or ...`.
#[must_use]
pub fn without_execution<S: std::borrow::Borrow<str>>(machines: &[S]) -> String {
    format!("under {} no execution ends, or none passes the filter", machines.join(" and "))
}
