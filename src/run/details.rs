//! The executions of a test that a page shows.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rvlitmus_core::answer::{Answer, Step};
use rvlitmus_core::axiomatic::evidence::{Refutation, Witness};
use rvlitmus_core::axiomatic::explain::{Describer, Explanation};
use rvlitmus_core::axiomatic::picture::Picture;
use rvlitmus_core::litmus::Quantifier;
use rvlitmus_core::session::Explanations;

use super::machines::machines;
use super::{Setup, TestWatch};
use crate::results::{Details, DrawnExecution, TestReport};

/// Most states of a test whose executions a report holds.
const MOST: usize = 8;

/// The details of a test with this text.
pub(super) fn details(text: &str, report: &TestReport, setup: &Setup) -> Details {
    let about = report.answer().and_then(noteworthy);
    let executions = about.and_then(|about| executions(text, setup, &about, MOST));
    let executions = executions.map(|(_, executions)| executions).unwrap_or_default();
    Details { text: text.to_owned(), executions }
}

/// What holds of the states that a test is about: those that its condition asks for, and those that tell
/// machines apart.
fn noteworthy(answer: &Answer) -> Option<String> {
    let asked = answer.condition.as_ref().map(|condition| match condition.quantifier {
        Quantifier::Exists | Quantifier::NotExists => condition.proposition.clone(),
        Quantifier::Forall => format!("not {}", condition.proposition),
    });
    let mut rows: Vec<usize> =
        answer.differences.iter().flat_map(|d| &d.states).map(|lacked| lacked.row).collect();
    rows.sort_unstable();
    rows.dedup();
    let lacked = rows.into_iter().take(MOST).map(|row| {
        let values = answer.places.iter().zip(answer.states.row(row));
        let values =
            values.map(|(place, value)| format!("{place}={}", value.text(&answer.symbols)));
        format!("({})", values.collect::<Vec<_>>().join(" /\\ "))
    });
    let all: Vec<String> = asked.into_iter().chain(lacked).collect();
    (!all.is_empty()).then(|| all.join(" \\/ "))
}

/// The name of a test, and an execution for each state that satisfies a proposition, at most so many states, on
/// each machine: a witness, or the one that the main reason forbids. Nothing where the test cannot be read or
/// explained.
#[must_use]
pub fn executions(
    text: &str,
    setup: &Setup,
    about: &str,
    most: usize,
) -> Option<(String, Vec<DrawnExecution>)> {
    let explain = || {
        let test = setup.session.read(text).ok()?;
        let (machines, _) = machines(&test, setup).ok()?;
        let watch = TestWatch::new(setup);
        let explained = setup.session.explain(&test, &machines, Some(about), most, &watch).ok()?;
        Some((test.test.name, drawn(&explained)))
    };
    catch_unwind(AssertUnwindSafe(explain)).ok().flatten()
}

fn drawn(explanations: &Explanations) -> Vec<DrawnExecution> {
    let describers: Vec<Describer<'_>> =
        explanations.machines.iter().map(|machine| Describer::new(machine.machines())).collect();
    let mut all = Vec::new();
    for state in &explanations.states {
        let machines = explanations.machines.iter().zip(&describers).zip(&state.explanations);
        for ((machine, describer), checked) in machines {
            let (allowed, because, picture) = match &checked.explanation {
                Explanation::Allowed(witness) => allowed(describer, witness),
                Explanation::Forbidden { reasons, .. } => match reasons.first() {
                    Some(reason) => forbidden(describer, &reason.example),
                    None => continue,
                },
                _ => continue,
            };
            let (values, machine) = (state.values.clone(), machine.id.clone());
            all.push(DrawnExecution { values, machine, allowed, because, picture });
        }
    }
    all
}

fn allowed(describer: &Describer<'_>, witness: &Witness) -> (bool, Vec<Step>, Picture) {
    (true, Vec::new(), Picture::of_witness(describer, witness))
}

fn forbidden(describer: &Describer<'_>, refutation: &Refutation) -> (bool, Vec<Step>, Picture) {
    (false, describer.steps(refutation), Picture::of_refutation(describer, refutation))
}
