//! The reason beside each state that Ztso forbids.

use crate::axiomatic::explain::{Explainer, Explanation};
use crate::compare::{Answer, Argument, Column, ModelOutcomes, Reason, give_reasons};
use crate::litmus::Test;
use crate::model::{MemoryModel, Options};
use crate::program::{FinalState, Program};

use super::Setup;

/// How often the searches for the reasons of one test may ask whether to go on. A count, so that the
/// same states have reasons everywhere; of the public corpus every state has.
const MOST_QUESTIONS: u64 = 500_000;

/// Explains every state of `answer` that RVWMO reaches and Ztso forbids, as far as the time of the
/// test and [`MOST_QUESTIONS`] go: a state without a reason is still forbidden.
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
    let models = vec![MemoryModel::Ztso; program.harts.len()];
    let start = std::time::Instant::now();
    let questions = std::cell::Cell::new(0);
    let stop = || {
        questions.set(questions.get() + 1);
        questions.get() > MOST_QUESTIONS || setup.expired(start)
    };
    let Ok(explainer) = Explainer::new(program, &models, options, &stop) else { return };
    let words = explainer.words();
    give_reasons(answer, test, program, rvwmo, ztso, |state: &FinalState| {
        let Ok(Explanation::Forbidden { reasons, .. }) = explainer.explain(state, &stop) else {
            return None;
        };
        let main = &reasons.first()?.example;
        let steps = words.steps(main).into_iter();
        Some(Argument {
            line: words.short(main),
            steps: steps.map(|s| Reason { rule: s.rule, also: s.also, orders: s.orders }).collect(),
        })
    });
}
