//! A report for people: every text in it that a format for people shows made visible, whatever the file or the report that it was read
//! from holds. All formats but JSON, which has escapes of its own, are made from such reports.

use std::sync::Arc;

use rvlitmus_core::answer::{Answer, Extent, Failure, Mistake};
use rvlitmus_core::litmus::visible;

use crate::results::{Conclusion, TestReport};

/// Makes all texts of a report visible that a format for people shows.
pub(super) fn visible_report(mut report: TestReport) -> TestReport {
    let TestReport { path, name, hash, warnings, described, .. } = &mut report;
    [path, name].into_iter().chain(hash).chain(warnings).for_each(show);
    for machine in described {
        show_shared(&mut machine.id);
        for request in &mut machine.requests {
            let texts = [&mut request.register, &mut request.value, &mut request.answer];
            texts.into_iter().chain(&mut request.why).for_each(show);
        }
    }
    match &mut report.conclusion {
        Conclusion::Answered(answer) => show_answer(answer),
        Conclusion::Failed(failure) => show_failure(failure),
    }
    report
}

fn show_answer(answer: &mut Answer) {
    if let Some(condition) = &mut answer.condition {
        show(&mut condition.proposition);
    }
    if answer.places.iter().any(|place| visible(place) != place) {
        let places: Vec<_> = answer.places.iter().map(visible).collect();
        answer.places = places.iter().map(|place| &**place).collect();
    }
    answer.symbols.rename(visible);
    for machine in &mut answer.machines {
        show_shared(&mut machine.id);
        match &mut machine.extent {
            Extent::Failed(failure) => show_failure(failure),
            Extent::Bounded(cut) => {
                let labels = cut.iter_mut().filter_map(|cut| cut.label.as_mut());
                labels.for_each(|label| *label = (&*visible(label)).into());
            }
            Extent::Complete | Extent::Decided | Extent::NoExecution => {}
        }
    }
    let lacked = answer.differences.iter_mut().flat_map(|difference| &mut difference.states);
    lacked.filter_map(|lacked| lacked.argument.as_mut()).for_each(|a| show(&mut a.line));
}

fn show_failure(failure: &mut Failure) {
    for Mistake { message, .. } in std::iter::once(&mut failure.error).chain(&mut failure.also) {
        show(message);
    }
}

fn show(text: &mut String) {
    if let std::borrow::Cow::Owned(shown) = visible(text) {
        *text = shown;
    }
}

fn show_shared(text: &mut Arc<str>) {
    if let std::borrow::Cow::Owned(shown) = visible(text) {
        *text = shown.into();
    }
}
