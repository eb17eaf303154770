//! The figures of a test's explanations.

use rvlitmus_core::axiomatic::explain::{CheckedExplanation, Describer, Explanation};
use rvlitmus_core::axiomatic::picture::Picture;
use rvlitmus_core::session::Explanations;

use super::around::no_state;
use super::convert;
use super::record::{ExplanationRecord, ImpossibleRecord, not_together};
use crate::report::picture::Figure;
use crate::run::Explained;

/// Returns the figures of one test, those that say the same once: of each state on each machine a
/// witness, or the execution of the main reason.
#[must_use]
pub fn figures(explained: &Explained) -> Vec<Figure> {
    let machines =
        explained.explanations.machines.iter().map(|machine| Describer::new(machine.machines()));
    let describers: Vec<Describer<'_>> = machines.collect();
    let mut figures: Vec<Figure> = Vec::new();
    for state in &explained.explanations.states {
        let values: Vec<String> = state.values.iter().map(|(p, v)| format!("{p}={v}")).collect();
        let title = format!("{}: {}", explained.name, values.join("; "));
        for (describer, explanation) in describers.iter().zip(&state.explanations) {
            let figure = figure(describer, &title, values.len(), explanation);
            figures.extend(figure.filter(|figure| figures.last() != Some(figure)));
        }
    }
    let Explanations { about, states, filtered, left_out, .. } = &explained.explanations;
    if states.is_empty() {
        let title = format!("{}: {about}", explained.name);
        let said = no_state(about, !left_out.and_more, *filtered);
        figures.push(Figure::of_words(title, &[said.to_owned()]));
    }
    figures
}

fn figure(
    describer: &Describer<'_>,
    title: &str,
    places: usize,
    checked: &CheckedExplanation,
) -> Option<Figure> {
    match &checked.explanation {
        Explanation::Allowed(witness) => {
            let picture = Picture::of_witness(describer, witness);
            Some(Figure::of_execution(format!("{title} is allowed"), picture))
        }
        Explanation::Forbidden { reasons, .. } => {
            let picture = Picture::of_refutation(describer, &reasons.first()?.example);
            Some(Figure::of_execution(format!("{title} is forbidden"), picture))
        }
        Explanation::NoExecution(_) => {
            let record = convert::explanation(describer, checked);
            let ExplanationRecord::NoExecution { impossible } = record else { return None };
            let mut lines: Vec<String> =
                impossible.iter().map(ImpossibleRecord::sentence).collect();
            if lines.is_empty() {
                lines.push(not_together(places).to_owned());
            }
            let title = format!("{title} is impossible, whatever loads return");
            Some(Figure::of_words(title, &lines))
        }
        Explanation::Unwitnessed | Explanation::GaveUp => None,
    }
}
