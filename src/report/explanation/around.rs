//! What is said of a test around its states: how far it goes, and of which states no more is said.

use super::record::{AnswerRecord, EndedRecord};
use super::text::wrapped;
use crate::report::record::Pairs;

/// What holds of everything that is said of a test.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Were loops cut?
    pub(super) cut: bool,
    /// What ended the search before its end.
    pub(super) ended: Option<EndedRecord>,
}

impl Limits {
    /// Returns what belongs to a verdict that loops which go on may change.
    pub(super) fn as_far(self) -> &'static str {
        if self.cut { " as far as loops were followed" } else { "" }
    }

    pub(super) fn not_decided(self) -> &'static str {
        self.ended.map_or("a limit ran out", EndedRecord::words)
    }
}

/// Appends the states that are named only, in a line of each kind: `2 more values of [c] cannot be: 0, 5`.
pub(super) fn write_folded(answer: &AnswerRecord, limits: Limits, out: &mut String) {
    let as_far = limits.as_far();
    let cannot = format!("cannot be{as_far}, whatever loads return");
    folded(&answer.impossible, &cannot, out);
    let not = if answer.unargued.len() == 1 { "is not" } else { "are not" };
    let ended = "the search for an execution that would end so ended at its limit";
    folded(&answer.unargued, &format!("{not} reached{as_far}; {ended}"), out);
}

fn folded(states: &[Pairs], what: &str, out: &mut String) {
    let Some(Pairs(first)) = states.first() else { return };
    let shown: Vec<String> = (states.iter())
        .map(|Pairs(values)| match values.as_slice() {
            [(_, value)] => value.clone(),
            values => joined(values),
        })
        .collect();
    let s = if states.len() == 1 { "" } else { "s" };
    let (things, separator) = match first.as_slice() {
        [(place, _)] => (format!("value{s} of {place}"), ", "),
        _ => (format!("state{s}"), " | "),
    };
    let text = format!("{} more {things} {what}: {}", states.len(), shown.join(separator));
    wrapped(&text, "", out);
    out.push('\n');
}

/// Appends how many states are not told of.
pub(super) fn write_left_out(answer: &AnswerRecord, out: &mut String) {
    let number = match (answer.left_out, answer.and_more) {
        (0, false) => return,
        (0, true) => "Other states were not looked at".to_owned(),
        (1, false) => "1 more state satisfies it".to_owned(),
        (states, false) => format!("{states} more states satisfy it"),
        (states, true) => format!("{states} more states satisfy it, and others may"),
    };
    let text = match answer.ended {
        Some(ended) => format!("Other states: not decided, {}.", ended.words()),
        None if answer.left_out == 0 => format!("{number}. Name a state with --state."),
        None => format!("{number}: name one with --state, or raise --most."),
    };
    wrapped(&text, "    ", out);
    out.push('\n');
}

/// Returns `[c]=0; 1:x5=1`.
pub(super) fn joined(values: &[(String, String)]) -> String {
    let values: Vec<String> =
        values.iter().map(|(place, value)| format!("{place}={value}")).collect();
    values.join("; ")
}

/// Returns what is said of a proposition for which there is no state to explain: no model reaches one. Not
/// all that stores write may have been looked at, and the test may have a filter.
#[must_use]
pub(super) fn no_state(about: &str, looked_at_all: bool, filtered: bool) -> &'static str {
    match (about.starts_with("forall"), looked_at_all, filtered) {
        (true, false, _) => "No state that is reached violates it.",
        (false, false, _) => "No state that is reached satisfies it.",
        (true, true, false) => {
            "No values that stores write violate it: every state of the code satisfies it."
        }
        (false, true, false) => "Whatever loads return, the code ends in no such state.",
        (true, true, true) => "No state that the test's filter accepts violates it.",
        (false, true, true) => "No state that the test's filter accepts satisfies it.",
    }
}
