//! One test that is to be explained: from its file to its explanations.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rvlitmus_core::answer::{Failure, Status};
use rvlitmus_core::litmus::{Diagnostics, LineIndex};
use rvlitmus_core::session::{Explanations, Unexplained as Cause};

use super::machines::machines;
use super::rendered::rendered;
use super::test::{panicked, read};
use super::{Setup, Source, TestWatch};

/// What is asked of every test.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// A proposition over final states; the test's condition without one.
    pub state: Option<&'q str>,
    /// Most states of a condition to explain.
    pub most: usize,
}

/// The explanations of one test.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The test's name.
    pub name: String,
    /// What was found.
    pub explanations: Explanations,
    /// What ended the search before its end, if anything did.
    pub ended: Option<Ended>,
}

/// What ends a search before its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// The test's own limit.
    TimeLimit,
    /// Somebody, from outside.
    Interruption,
}

impl Explained {
    /// Is it not known of some machine or state what is to be said: a machine failed, a loop was cut, no
    /// execution ends, or the search ended before its end?
    #[must_use]
    pub fn undecided(&self) -> bool {
        let Explanations { cut, failed, without_execution, .. } = &self.explanations;
        let open = !cut.is_empty() || !without_execution.is_empty();
        self.ended.is_some() || open || !failed.is_empty()
    }
}

/// Why a test has no explanation.
#[derive(Clone, Debug)]
pub struct Unexplained {
    /// What reports say.
    pub failure: Box<Failure>,
    /// The mistakes shown in their text, for the terminal.
    pub rendered: Option<Box<str>>,
    /// Was it ended from outside, rather than by a limit of its own?
    pub interrupted: bool,
}

impl Unexplained {
    /// What the terminal is told of the test that is shown so.
    #[must_use]
    pub fn told(&self, shown: &str) -> String {
        match &self.rendered {
            _ if self.interrupted => format!("{shown}: interrupted before its end\n"),
            Some(rendered) => rendered.to_string(),
            None => self.failure.told(shown),
        }
    }
}

/// Reads one test and explains the states asked for; `None` for a test that the selection of `setup`
/// leaves out.
///
/// # Errors
/// The test or the state cannot be read, a limit ran out, or evidence does not stand up.
pub fn explain_test(
    source: &Source,
    setup: &Setup,
    question: Question<'_>,
) -> Option<Result<Explained, Unexplained>> {
    asked(source, setup, |text| explain_text(source, text, setup, question))
}

/// Asks something of the text of a test; `None` for a test that the selection of `setup` leaves out.
///
/// # Errors
/// The test cannot be read, or that of `ask`.
pub(super) fn asked<T>(
    source: &Source,
    setup: &Setup,
    ask: impl FnOnce(&str) -> Result<T, Unexplained>,
) -> Option<Result<T, Unexplained>> {
    let text = match read(source, setup) {
        Ok(text) if setup.selection.wants(&source.shown, Some(&text)) => text,
        Err(finished) if setup.selection.wants(&source.shown, None) => {
            let failure = finished.report.failures().next().cloned()?;
            let rendered = finished.rendered.map(String::into_boxed_str);
            let failure = Box::new(failure);
            return Some(Err(Unexplained { failure, rendered, interrupted: false }));
        }
        _ => return None,
    };
    let answered = catch_unwind(AssertUnwindSafe(|| ask(&text))).unwrap_or_else(|panic| {
        let failure = Box::new(panicked(&*panic));
        Err(Unexplained { failure, rendered: None, interrupted: false })
    });
    Some(answered.map_err(|mut unexplained| {
        unexplained.failure.attach(&text);
        unexplained
    }))
}

fn explain_text(
    source: &Source,
    text: &str,
    setup: &Setup,
    question: Question<'_>,
) -> Result<Explained, Unexplained> {
    let mistaken = |mistakes| mistaken(mistakes, &source.shown, text, setup);
    let watch = TestWatch::new(setup);
    let test = setup.session.read_within(text, &watch).map_err(mistaken)?;
    let (machines, _) = machines(&test, setup).map_err(mistaken)?;
    let Question { state, most } = question;
    match setup.session.explain(&test, &machines, state, most, &watch) {
        Ok(mut explanations) => {
            let unfinished = |failure: &Failure| failure.status == Status::Timeout;
            let ended = match setup.stopped() {
                true => {
                    explanations.ended |= explanations.failed.iter().any(|(_, f)| unfinished(f));
                    Ended::Interruption
                }
                false => Ended::TimeLimit,
            };
            let ended = explanations.ended.then_some(ended);
            Ok(Explained { name: test.test.name, explanations, ended })
        }
        Err(cause) => {
            Err(unasked(cause, "--state", state.unwrap_or_default(), (source, text), setup))
        }
    }
}

/// Why what this option of the command line asks of a test has no answer.
pub(super) fn unasked(
    cause: Cause,
    option: &str,
    argument: &str,
    (source, text): (&Source, &str),
    setup: &Setup,
) -> Unexplained {
    match cause {
        Cause::Mistakes(mistakes) => mistaken(mistakes, &source.shown, text, setup),
        Cause::Question(mistakes) => {
            let mut unexplained = mistaken(mistakes, option, argument, setup);
            let message = &mut unexplained.failure.error.message;
            *message = format!("{option}: {message}");
            unexplained
        }
        Cause::Failure(failure) => failed(failure, setup),
    }
}

/// The mistakes of a text of this name.
pub(super) fn mistaken(
    mistakes: Diagnostics,
    name: &str,
    text: &str,
    setup: &Setup,
) -> Unexplained {
    Unexplained {
        failure: Box::new(Failure::of(&mistakes, &LineIndex::new(text))),
        rendered: Some(rendered(name, text, &mistakes, setup.stderr).into()),
        interrupted: false,
    }
}

/// The failure of a test that was read.
pub(super) fn failed(failure: Failure, setup: &Setup) -> Unexplained {
    let interrupted = failure.status == Status::Timeout && setup.stopped();
    Unexplained { failure: Box::new(failure), rendered: None, interrupted }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::run::source::Origin;

    #[test]
    fn an_interruption_is_no_time_out() {
        let text = "RISCV t\n{ 0:x6=x; }\n P0 ;\n lw x5,0(x6) ;\nexists (0:x5=0)\n";
        let source = Source { origin: Origin::Stdin, shown: "t.litmus".to_owned() };
        let question = Question { state: None, most: 8 };
        let setup = Setup::default();
        setup.stop.store(true, Ordering::Relaxed);
        match explain_text(&source, text, &setup, question) {
            Ok(explained) => assert_eq!(explained.ended, Some(Ended::Interruption)),
            Err(unexplained) => assert!(unexplained.interrupted, "{unexplained:?}"),
        }
        let setup = Setup { timeout: Some(std::time::Duration::ZERO), ..Setup::default() };
        match explain_text(&source, text, &setup, question) {
            Ok(explained) => assert_eq!(explained.ended, Some(Ended::TimeLimit)),
            Err(unexplained) => assert!(!unexplained.interrupted, "{unexplained:?}"),
        }
    }
}
