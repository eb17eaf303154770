//! The reason beside each state that one machine reaches and another does not.

use std::cell::{Cell, OnceCell};

use super::{Machine, Watch};
use crate::answer::{Answer, Argument, Found, Reason};
use crate::axiomatic::explain::{Explainer, Refuted, Refuter};
use crate::litmus::Test;
use crate::program::{Fault, FinalState, Program};

/// How much is looked at for the reasons of one test: what is left goes to the next state. Counts and no
/// time, so that the same states have the same reasons everywhere.
const OF_TEST: Effort = Effort { candidates: 1_000, questions: 3_000_000 };
/// How often the search for the ways of single harts may ask whether to go on; it asks seldom.
const FOR_WAYS: u64 = 400;
/// How often the search among all executions that end in a state may ask whether to go on.
const AMONG_ALL: u64 = 100_000;
/// How often the search for one of them may.
const FOR_ONE: u64 = 1_000_000;
/// How often either may whatever is left.
const AT_LEAST: u64 = 2_000;

/// A part of a search.
#[derive(Clone, Copy)]
struct Effort {
    /// Candidate executions.
    candidates: usize,
    /// How often the search may ask whether to go on.
    questions: u64,
}

impl Effort {
    /// Does part of a search that may ask so often, and takes what that took off what is left.
    fn spend<T>(
        &mut self,
        most: u64,
        expired: &dyn Fn() -> bool,
        search: impl FnOnce(&dyn Fn() -> bool) -> T,
    ) -> T {
        let given = self.questions.min(most).max(AT_LEAST);
        let asked = Cell::new(0);
        let found = search(&|| {
            asked.set(asked.get() + 1);
            asked.get() > given || expired()
        });
        self.questions = self.questions.saturating_sub(asked.get());
        found
    }
}

/// Explains every state of every difference of `answer`, as far as the time of the test and what is
/// looked at go. A state whose reason is not found is said to have an unknown one.
///
/// `program` is what both machines run, or nothing where they run different ones: then there is no reason.
pub(super) fn explain<'p>(
    answer: &mut Answer,
    test: &Test,
    machines: &[Machine],
    found: &[Found],
    program: impl Fn(usize, usize) -> Option<&'p Program>,
    watch: &dyn Watch,
) {
    let expired = || watch.expired();
    for index in 0..answer.differences.len() {
        let difference = &answer.differences[index];
        let (weaker, stronger) = (difference.weaker, difference.stronger);
        if difference.states.is_empty() {
            continue;
        }
        let Some(program) = program(weaker, stronger) else { continue };
        let [Ok(reached), Ok(lacking)] = [weaker, stronger].map(|m| &found[m].outcomes) else {
            continue;
        };
        let models = [weaker, stronger].map(|m| machines[m].harts.models(program.harts.len()));
        let options = [weaker, stronger].map(|m| &machines[m].options);
        let strong = within_ways(&expired, |stop| {
            let refuter = Refuter::new(program, &models[1], options[1]);
            refuter.prepare(stop).map(|()| refuter)
        });
        let weak = OnceCell::new();
        let explainer =
            || within_ways(&expired, |stop| Explainer::new(program, &models[0], options[0], stop));
        let mut left = OF_TEST;
        answer.argue(index, (test, program), (reached, lacking), |state: &FinalState| {
            let among_all =
                strong.as_ref().and_then(|s| most_frequent(s, state, &mut left, &expired));
            let argument = among_all.or_else(|| {
                let weak = weak.get_or_init(explainer).as_ref()?;
                of_one_execution(weak, strong.as_ref()?, state, &mut left, &expired)
            });
            // A test that had no time left is as one that was not to be explained.
            argument.or_else(|| (!expired()).then(unknown))
        });
    }
}

/// What `prepare` makes, unless harts can go so many ways that even these are too many.
fn within_ways<T>(
    expired: &dyn Fn() -> bool,
    prepare: impl FnOnce(&dyn Fn() -> bool) -> Result<T, Fault>,
) -> Option<T> {
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > FOR_WAYS || expired()
    };
    let prepared = prepare(&stop).ok()?;
    (!stop()).then_some(prepared)
}

/// The most frequent argument against executions that end in `state`, if they are few enough to be
/// looked at all.
fn most_frequent(
    strong: &Refuter<'_>,
    state: &FinalState,
    left: &mut Effort,
    expired: &dyn Fn() -> bool,
) -> Option<Argument> {
    let most = left.candidates;
    if most == 0 {
        return None;
    }
    let refuted = left.spend(AMONG_ALL, expired, |stop| strong.refute(state, most, stop)).ok()?;
    left.candidates -= refuted.candidates;
    refuted.exhaustive.then(|| argument(strong, &refuted)).flatten()
}

/// The argument against an execution that RVWMO allows.
fn of_one_execution(
    weak: &Explainer<'_>,
    strong: &Refuter<'_>,
    state: &FinalState,
    left: &mut Effort,
    expired: &dyn Fn() -> bool,
) -> Option<Argument> {
    left.spend(FOR_ONE, expired, |stop| {
        let witness = weak.allow(state, stop)?;
        argument(strong, &strong.refute_execution(&witness, stop))
    })
}

fn argument(strong: &Refuter<'_>, refuted: &Refuted) -> Option<Argument> {
    // What RVWMO forbids as well is not why Ztso forbids a state that RVWMO allows.
    let main = &refuted.reasons.first().filter(|reason| reason.beyond_rvwmo)?.example;
    let words = strong.words();
    let steps = words.steps(main);
    let line = words.short_of_steps(main, &steps);
    let steps = steps.into_iter();
    let steps = steps.map(|s| Reason { rule: s.rule, also: s.also, orders: s.orders }).collect();
    Some(Argument { line, steps })
}

fn unknown() -> Argument {
    let line = "unknown: the search for it ended at its limit, `rvlitmus explain` goes further";
    Argument { line: line.to_owned(), steps: Vec::new() }
}
