//! The reason beside each state that Ztso forbids.

use std::cell::{Cell, OnceCell};
use std::time::Instant;

use crate::axiomatic::explain::{Explainer, MOST_CANDIDATES, Refuted};
use crate::compare::{Answer, Argument, Column, ModelOutcomes, Reason, give_reasons};
use crate::litmus::Test;
use crate::model::{MemoryModel, Options};
use crate::program::{FinalState, Program};

use super::Setup;

/// How much is looked at for the reasons of one test in all. Counts and no time, so that the same states
/// have the same reasons everywhere.
const OF_TEST: Effort = Effort { candidates: 40_000, questions: 2_000_000 };
/// How often the search for one execution of a state whose reason is not found so may ask whether to go
/// on.
const MOST_QUESTIONS: u64 = 1_000_000;

/// A part of a search.
#[derive(Clone, Copy)]
struct Effort {
    /// Candidate executions.
    candidates: usize,
    /// How often the search may ask whether to go on.
    questions: u64,
}

/// Explains every state of `answer` that RVWMO reaches and Ztso does not, as far as the time of the test
/// and what is looked at go. A state whose reason is not found is said to have an unknown one.
pub(super) fn explain(
    answer: &mut Answer,
    test: &Test,
    program: &Program,
    options: &Options,
    found: &[ModelOutcomes],
    setup: &Setup,
) {
    if answer.forbidden_by_ztso.as_ref().is_none_or(Vec::is_empty) {
        return;
    }
    let of = |column| found.iter().find(|f| f.model == column).map(|f| &f.outcomes);
    let (Some(rvwmo), Some(ztso)) = (of(Column::Rvwmo), of(Column::Ztso)) else { return };
    let start = Instant::now();
    let expired = || setup.expired(start);
    let models = [MemoryModel::Rvwmo, MemoryModel::Ztso].map(|m| vec![m; program.harts.len()]);
    let explainer = |models| Explainer::new(program, models, options, &expired).ok();
    let strong = explainer(&models[1]);
    let weak = OnceCell::new();
    let mut left = OF_TEST;
    give_reasons(answer, test, program, rvwmo, ztso, |state: &FinalState| {
        let among_all = strong.as_ref().and_then(|s| most_frequent(s, state, &mut left, &expired));
        let argument = among_all.or_else(|| {
            let weak = weak.get_or_init(|| explainer(&models[0])).as_ref()?;
            of_one_execution(weak, strong.as_ref()?, state, &expired)
        });
        // A test that had no time left is as one that was not to be explained.
        argument.or_else(|| (!expired()).then(unknown))
    });
}

/// The most frequent argument against executions that end in `state`, if what is `left` suffices to look
/// at them all.
fn most_frequent(
    strong: &Explainer<'_>,
    state: &FinalState,
    left: &mut Effort,
    expired: &dyn Fn() -> bool,
) -> Option<Argument> {
    let most = left.candidates.min(MOST_CANDIDATES);
    let questions = Cell::new(left.questions);
    let stop = || asked_enough(&questions) || expired();
    if most == 0 || questions.get() == 0 {
        return None;
    }
    let refuted = strong.refute(state, most, &stop).ok()?;
    left.candidates -= refuted.candidates;
    left.questions = questions.get();
    argument(strong, &refuted)
}

/// The argument against an execution that RVWMO allows.
fn of_one_execution(
    weak: &Explainer<'_>,
    strong: &Explainer<'_>,
    state: &FinalState,
    expired: &dyn Fn() -> bool,
) -> Option<Argument> {
    let questions = Cell::new(MOST_QUESTIONS);
    let stop = || asked_enough(&questions) || expired();
    let witness = weak.allow(state, &stop)?;
    argument(strong, &strong.refute_execution(&witness, &stop))
}

/// Counts down.
fn asked_enough(questions: &Cell<u64>) -> bool {
    questions.set(questions.get().saturating_sub(1));
    questions.get() == 0
}

fn argument(strong: &Explainer<'_>, refuted: &Refuted) -> Option<Argument> {
    // What RVWMO forbids as well is not why Ztso forbids a state that RVWMO allows.
    let main = &refuted.reasons.first().filter(|reason| reason.beyond_rvwmo)?.example;
    let words = strong.words();
    let steps = words.steps(main).into_iter();
    let steps = steps.map(|s| Reason { rule: s.rule, also: s.also, orders: s.orders }).collect();
    Some(Argument { line: words.short(main), steps })
}

fn unknown() -> Argument {
    let line = "unknown: the search for it ended at its limit, `rvlitmus explain` goes further";
    Argument { line: line.to_owned(), steps: Vec::new() }
}
