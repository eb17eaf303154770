//! The reason beside each state that Ztso forbids.

use std::time::Instant;

use rvlitmus_core::answer::{self, Answer, Column, ModelOutcomes, Reason, give_reasons};
use rvlitmus_core::axiomatic::explain::{
    Argument, Comparison, DifferenceSearch, Machine, NoArgument, Step,
};
use rvlitmus_core::litmus::Test;
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::program::{FinalState, Program};

use super::Setup;

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
    let [weak, strong] =
        [BaseModel::Rvwmo, BaseModel::Ztso].map(|model| vec![model; program.harts.len()]);
    let machines = Comparison {
        weaker: Machine { program, models: &weak, options },
        stronger: Machine { program, models: &strong, options },
    };
    let mut search = DifferenceSearch::new(machines, &expired);
    give_reasons(answer, test, program, rvwmo, ztso, |state: &FinalState| {
        match search.argument(state) {
            Ok(argument) => Some(reported(argument)),
            Err(NoArgument::Limit) => Some(unknown()),
            // A test that had no time left is as one that was not to be explained.
            Err(NoArgument::Expired) => None,
        }
    });
}

/// Returns the argument as answers have it.
fn reported(Argument { line, steps }: Argument) -> answer::Argument {
    let reason = |Step { rule, also, orders }: Step| {
        let also = also.into_iter().map(str::to_owned).collect();
        Reason { rule: rule.to_owned(), also, orders }
    };
    answer::Argument { line, steps: steps.into_iter().map(reason).collect() }
}

fn unknown() -> answer::Argument {
    let line = "unknown: the search for it ended at its limit, `rvlitmus explain` goes further";
    answer::Argument { line: line.to_owned(), steps: Vec::new() }
}
