//! Why the stronger of two machines does not reach states that the weaker one reaches.

use std::cell::OnceCell;

use crate::program::FinalState;

use super::comparison::Comparison;
use super::describe::{Describer, Step};
use super::effort::{Effort, within_traces};
use super::reason_search::{ReasonSearch, Reasons};
use super::witness_search::WitnessSearch;

/// How much is looked at for the reasons of one pair of machines: what is left goes to the next state.
/// Counts and no time, so that the same states have the same reasons everywhere.
const OF_PAIR: Effort = Effort { candidates: 1_000, questions: 3_000_000 };
/// How often the search for the traces of single harts may ask whether to go on; it asks seldom.
const FOR_TRACES: u64 = 400;
/// How often the search among all executions that end in a state may ask whether to go on.
const AMONG_ALL: u64 = 100_000;
/// How often the search for one of them may.
const FOR_ONE: u64 = 1_000_000;

/// Why a state is forbidden: the whole argument in a line, and step by step; or a line that says it is unknown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Argument {
    /// `ztso-store-release P0 sw->sw; rf; r9 P1 lw->lw; fr`
    pub line: String,
    /// The same with places: each step's first operation precedes its second, and the last step closes the
    /// cycle. Where all of these hold on the weaker machine, too, the order of stores that they rest on
    /// follows, as far as the weaker machine lacks it; the line says `given` before it.
    pub steps: Vec<Step>,
}

/// Why a state has no argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoArgument {
    /// The search ended after a number of executions.
    #[error("the search for the reason ended at its limit")]
    Limit,
    /// The caller's time ran out.
    #[error("the time for the search of the reason ran out")]
    Expired,
}

/// Finds arguments for the states of a weaker machine that a stronger one lacks.
pub struct DifferenceSearch<'p> {
    machines: Comparison<'p>,
    describer: Describer<'p>,
    /// `None` if the harts' traces are too many.
    reasons: Option<ReasonSearch<'p>>,
    /// Executions of the weaker machine, once they were needed.
    witnesses: OnceCell<Option<WitnessSearch<'p>>>,
    left: Effort,
    expired: &'p dyn Fn() -> bool,
}

impl<'p> DifferenceSearch<'p> {
    /// Prepares the search. `expired` is asked now and then whether the caller's time ran out; once it
    /// says `true` it has to go on doing so.
    #[must_use]
    pub fn new(machines: Comparison<'p>, expired: &'p dyn Fn() -> bool) -> Self {
        let reasons = within_traces(FOR_TRACES, expired, |stop| {
            let search = ReasonSearch::new(machines);
            search.prepare(stop).map(|()| search)
        });
        let describer = Describer::new(machines);
        let witnesses = OnceCell::new();
        DifferenceSearch { machines, describer, reasons, witnesses, left: OF_PAIR, expired }
    }

    /// Finds the argument of the stronger machine against a state that the weaker one reaches: the first
    /// that the weaker machine does not have itself.
    ///
    /// # Errors
    /// None was found, as far as the search may go.
    pub fn argument(&mut self, state: &FinalState) -> Result<Argument, NoArgument> {
        let found = self.most_frequent(state).or_else(|| self.of_one_execution(state));
        found.ok_or_else(|| if (self.expired)() { NoArgument::Expired } else { NoArgument::Limit })
    }

    /// Returns the most frequent argument against executions that end in `state`, if they are few enough
    /// to be looked at all.
    fn most_frequent(&mut self, state: &FinalState) -> Option<Argument> {
        let search = self.reasons.as_ref()?;
        let most = self.left.candidates;
        if most == 0 {
            return None;
        }
        let found =
            self.left.spend(AMONG_ALL, self.expired, |stop| search.of_state(state, most, stop));
        let found = found.ok()?;
        self.left.candidates -= found.candidates;
        found.exhaustive.then(|| self.told(&found)).flatten()
    }

    /// Returns the argument against an execution that the weaker machine allows.
    fn of_one_execution(&mut self, state: &FinalState) -> Option<Argument> {
        if !self.machines.same_operations() {
            return None;
        }
        let weaker = self.machines.weaker;
        let search =
            || within_traces(FOR_TRACES, self.expired, |stop| WitnessSearch::new(weaker, stop));
        let witnesses = self.witnesses.get_or_init(search).as_ref()?;
        let reasons = self.reasons.as_ref()?;
        let found = self.left.spend(FOR_ONE, self.expired, |stop| {
            let witness = witnesses.witness(state, stop)?;
            Some(reasons.of_execution(&witness, stop))
        });
        self.told(&found?)
    }

    fn told(&self, found: &Reasons) -> Option<Argument> {
        // What the weaker machine forbids as well is not why the stronger one forbids what it allows.
        let main = &found.reasons.first().filter(|reason| reason.beyond_weaker)?.example;
        let mut steps = self.describer.steps(main);
        let mut line = self.describer.one_line_of_steps(main, &steps);
        for edge in self.machines.hidden_grounds(main) {
            let (step, short) = self.describer.edge(&main.execution, edge);
            line.push_str("; given ");
            line.push_str(&short);
            steps.push(step);
        }
        Some(Argument { line, steps })
    }
}
