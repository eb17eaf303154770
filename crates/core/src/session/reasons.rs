//! The reason beside each state that one machine reaches and another does not.

use super::{Machine, Watch};
use crate::answer::{Answer, Found};
use crate::axiomatic::explain::{self, Argument, Comparison, DifferenceSearch, NoArgument};
use crate::litmus::Test;
use crate::model::{Options, Rule};
use crate::program::{FinalState, Program};

/// Explains every state of every difference of `answer`, as far as the time of the test and what is
/// looked at go. A state whose reason is not found is said to have an unknown one.
///
/// `program_of` is what a machine runs, if it runs anything.
pub(super) fn explain<'p>(
    answer: &mut Answer,
    test: &Test,
    machines: &[Machine],
    found: &[Found],
    program_of: impl Fn(usize) -> Option<&'p Program>,
    watch: &dyn Watch,
) {
    let expired = || watch.expired();
    for index in 0..answer.differences.len() {
        let difference = &answer.differences[index];
        let pair = [difference.weaker, difference.stronger];
        if difference.states.is_empty() {
            continue;
        }
        let [Some(weaker), Some(stronger)] = pair.map(&program_of) else { continue };
        let [Ok(reached), Ok(lacking)] = pair.map(|machine| &found[machine].outcomes) else {
            continue;
        };
        let [weak, strong] = pair.map(|m| machines[m].harts.models(weaker.harts.len()));
        let [weak_options, strong_options] = pair.map(|m| &machines[m].options);
        let comparison = Comparison {
            weaker: explain::Machine { program: weaker, models: &weak, options: weak_options },
            stronger: explain::Machine {
                program: stronger,
                models: &strong,
                options: strong_options,
            },
        };
        let same_operations = weaker == stronger && comparison.same_operations();
        let mut search = DifferenceSearch::new(comparison, &expired);
        answer.argue(index, (test, weaker), (reached, lacking), |state: &FinalState| {
            match search.argument(state) {
                Ok(argument) => Some(argument),
                Err(NoArgument::Limit) => Some(unknown(same_operations)),
                // A test that had no time left is as one that was not to be explained.
                Err(NoArgument::Expired) => None,
            }
        });
    }
}

/// Finds what forbids a state by one of these rules.
pub(super) fn argument(
    program: &Program,
    machine: &Machine,
    rules: &[Rule],
    state: &FinalState,
    watch: &dyn Watch,
) -> Option<Argument> {
    let models = machine.harts.models(program.harts.len());
    let left = rules.iter().fold(machine.options.rules, |left, rule| left.without(*rule));
    let options = Options { rules: left, ..machine.options };
    let comparison = Comparison {
        weaker: explain::Machine { program, models: &models, options: &options },
        stronger: explain::Machine { program, models: &models, options: &machine.options },
    };
    let expired = || watch.expired();
    DifferenceSearch::new(comparison, &expired).argument(state).ok()
}

fn unknown(same_operations: bool) -> Argument {
    let line = match same_operations {
        true => "unknown: the search for it ended at its limit, `rvlitmus explain` goes further",
        // An execution of one machine is none of the other.
        false => "unknown: the two machines make different operations of the test",
    };
    Argument { line: line.to_owned(), steps: Vec::new() }
}
