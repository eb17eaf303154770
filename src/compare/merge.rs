//! Finished reports made into one.
//!
//! Two results are of the same test when path and name are equal and what is known of its text, herd7's
//! hash and the condition, does not differ. Tests of one report are never taken for one another: it may
//! hold several of one path, from several folders.

use std::collections::BTreeMap;

use rvlitmus_core::answer::{Answer, Difference};

use super::named_state;
use crate::results::{Conclusion, TestReport};

/// All tests of all reports.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Merged {
    /// Each test once, in the order in which they first appear.
    pub tests: Vec<TestReport>,
    /// Tests with two answers; the first one is among `tests`.
    pub conflicts: Vec<Conflict>,
}

/// Two answers to one test.
#[derive(Clone, PartialEq, Debug)]
pub struct Conflict {
    /// The first answer and the index of its report.
    pub first: (usize, TestReport),
    /// The other answer and the index of its report.
    pub second: (usize, TestReport),
}

/// Merges reports, `0` being the first. Of the same answer the one on more machines is kept, or the one
/// with reasons; an answer outweighs a timeout, a memory limit or an internal error. Otherwise two
/// different results are a conflict.
#[must_use]
pub fn merge(reports: impl IntoIterator<Item = Vec<TestReport>>) -> Merged {
    let mut merged = Merged::default();
    // Which report each of the tests comes from.
    let mut origins: Vec<usize> = Vec::new();
    let mut known: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (report, tests) in reports.into_iter().enumerate() {
        let mut taken: Vec<bool> = vec![false; merged.tests.len()];
        for test in tests {
            let key = (test.path.clone(), test.name.clone());
            let places = known.entry(key).or_default();
            let free = |at: &&usize| taken.get(**at) == Some(&false);
            let same = places.iter().filter(free).find(|at| same_test(&merged.tests[**at], &test));
            let Some(&at) = same else {
                places.push(merged.tests.len());
                merged.tests.push(test);
                origins.push(report);
                continue;
            };
            taken[at] = true;
            match choose(&merged.tests[at], &test) {
                Choice::First => {}
                Choice::Second => {
                    merged.tests[at] = test;
                    origins[at] = report;
                }
                Choice::Neither => merged.conflicts.push(Conflict {
                    first: (origins[at], merged.tests[at].clone()),
                    second: (report, test),
                }),
            }
        }
    }
    merged
}

fn same_test(a: &TestReport, b: &TestReport) -> bool {
    let hashes = a.hash.is_none() || b.hash.is_none() || a.hash == b.hash;
    let answers = a.answer().zip(b.answer());
    hashes && answers.is_none_or(|(a, b)| a.condition == b.condition)
}

enum Choice {
    First,
    Second,
    Neither,
}

fn choose(a: &TestReport, b: &TestReport) -> Choice {
    match (unfinished(a), unfinished(b)) {
        (_, true) => return Choice::First,
        (true, false) => return Choice::Second,
        (false, false) => {}
    }
    if !agree(a, b) {
        return Choice::Neither;
    }
    let (of_a, of_b) = match (a.answer(), b.answer()) {
        (Some(of_a), Some(of_b)) => (of_a, of_b),
        (None, Some(_)) => return Choice::Second,
        (_, None) => return Choice::First,
    };
    let lacks = |a: &Answer, b: &Answer| a.machines.iter().any(|m| b.position(&m.id).is_none());
    if lacks(of_a, of_b) && lacks(of_b, of_a) {
        // Each was run on a machine that the other was not.
        return Choice::Neither;
    }
    match weight(of_b) > weight(of_a) {
        true => Choice::Second,
        false => Choice::First,
    }
}

/// Was the test ended on every machine before anything was known?
fn unfinished(test: &TestReport) -> bool {
    match &test.conclusion {
        Conclusion::Answered(answer) => finished(answer).next().is_none(),
        Conclusion::Failed(failure) => failure.status.unfinished(),
    }
}

/// The machines on which no limit ended the test: a refusal is an answer.
fn finished(answer: &Answer) -> impl Iterator<Item = usize> {
    let machines = answer.machines.iter().enumerate();
    machines.filter(|(_, machine)| !machine.extent.status().unfinished()).map(|(index, _)| index)
}

/// How much an answer says: on how many machines it was finished and run at all, and how many reasons.
fn weight(answer: &Answer) -> (usize, usize, usize) {
    let reasons = |difference: &Difference| {
        difference.states.iter().filter(|lacked| lacked.argument.is_some()).count()
    };
    let reasons = answer.differences.iter().map(reasons).sum();
    (finished(answer).count(), answer.machines.len(), reasons)
}

/// Do two runs agree on the machines that both finished? Figures of work and time, reasons and
/// fingerprints may differ.
fn agree(a: &TestReport, b: &TestReport) -> bool {
    let conclusions = match (&a.conclusion, &b.conclusion) {
        (Conclusion::Failed(a), Conclusion::Failed(b)) => a == b,
        (Conclusion::Answered(of_a), Conclusion::Answered(of_b)) => {
            let described = |test: &TestReport, id: &str| {
                test.described.iter().find(|machine| &*machine.id == id).cloned()
            };
            (&of_a.condition, &of_a.places, &of_a.types)
                == (&of_b.condition, &of_b.places, &of_b.types)
                && finished(of_a).all(|in_a| {
                    let id = of_a.id(in_a);
                    let in_b = finished(of_b).find(|in_b| of_b.id(*in_b) == id);
                    in_b.is_none_or(|in_b| {
                        described(a, id) == described(b, id) && same_states(of_a, in_a, of_b, in_b)
                    })
                })
        }
        // In version 1 of the format a failure on one machine was the test's.
        (Conclusion::Failed(failure), Conclusion::Answered(answer))
        | (Conclusion::Answered(answer), Conclusion::Failed(failure)) => {
            answer.machines.iter().any(|machine| machine.extent.failure() == Some(failure))
        }
    };
    conclusions && (&a.description, &a.metadata, &a.hash) == (&b.description, &b.metadata, &b.hash)
}

/// Does a machine reach the same states in both answers, as far as it was explored? Symbols are compared by
/// their text.
fn same_states(a: &Answer, in_a: usize, b: &Answer, in_b: usize) -> bool {
    let states = |answer: &Answer, machine: usize| -> Option<Vec<(bool, Vec<String>)>> {
        let rows = answer.found(machine)?.rows();
        let state = |row| {
            let values = named_state(answer, row).map(|(_, value)| value);
            (answer.states.satisfies(row), values.collect())
        };
        Some(rows.map(state).collect())
    };
    a.machines[in_a].extent == b.machines[in_b].extent && states(a, in_a) == states(b, in_b)
}
