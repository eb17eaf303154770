//! Finished reports made into one.
//!
//! Two results are of the same test when path and name are equal and what is known of its text, herd7's
//! hash and the condition, does not differ. Tests of one report are never taken for one another: it may
//! hold several of one path, from several folders.

use std::collections::BTreeMap;

use rvlitmus_core::answer::{Column, Conclusion, Fingerprint, Forbidden, Stats, TestReport};

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
    /// The other one.
    pub second: (usize, TestReport),
}

/// Merges reports, `0` being the first. Of the same answer the one under more models is kept, or the one
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
    let condition = |test: &TestReport| match &test.conclusion {
        Conclusion::Answered(answer) => Some(answer.condition.clone()),
        Conclusion::Failed(_) => None,
    };
    let hashes = a.hash.is_none() || b.hash.is_none() || a.hash == b.hash;
    let conditions = condition(a).zip(condition(b)).is_none_or(|(a, b)| a == b);
    hashes && conditions
}

enum Choice {
    First,
    Second,
    Neither,
}

fn choose(a: &TestReport, b: &TestReport) -> Choice {
    match (a.status().unfinished(), b.status().unfinished()) {
        (_, true) => return Choice::First,
        (true, false) => return Choice::Second,
        (false, false) => {}
    }
    let (in_a, in_b) = (columns(a), columns(b));
    let common: Vec<Column> = in_a.iter().copied().filter(|model| in_b.contains(model)).collect();
    if essence(a, &common) != essence(b, &common) {
        return Choice::Neither;
    }
    match (in_a.len() - common.len(), in_b.len() - common.len()) {
        (0, 0) if reasons(b) > reasons(a) => Choice::Second,
        (_, 0) => Choice::First,
        (0, _) => Choice::Second,
        // Each was run under a model that the other was not.
        (_, _) => Choice::Neither,
    }
}

fn columns(test: &TestReport) -> Vec<Column> {
    let Conclusion::Answered(answer) = &test.conclusion else { return Vec::new() };
    answer.models.iter().map(|model| model.model).collect()
}

fn reasons(test: &TestReport) -> usize {
    let Conclusion::Answered(answer) = &test.conclusion else { return 0 };
    answer.forbidden_by_ztso.iter().flatten().filter(|f| f.argument.is_some()).count()
}

/// What two runs must agree on under the models that both had: all but figures of work and time, reasons
/// and recognition. Symbols are compared by their text.
fn essence(test: &TestReport, common: &[Column]) -> (TestReport, Vec<Vec<String>>) {
    let mut test = TestReport { fingerprint: None::<Fingerprint>, ..test.clone() };
    let mut states = Vec::new();
    if let Conclusion::Answered(answer) = &mut test.conclusion {
        answer.models.retain(|model| common.contains(&model.model));
        if !(common.contains(&Column::Rvwmo) && common.contains(&Column::Ztso)) {
            answer.forbidden_by_ztso = None;
        }
        if !common.contains(&Column::Vm) {
            answer.vm = None;
        }
        for model in &mut answer.models {
            model.stats = Stats::default();
            let rows = model.states.iter();
            let text = rows.flat_map(|(row, _)| row.map(|v| v.text(&answer.symbols)));
            states.push(text.collect());
            model.states = rvlitmus_core::answer::States::default();
        }
        for Forbidden { argument, because, .. } in answer.forbidden_by_ztso.iter_mut().flatten() {
            *argument = None;
            because.clear();
        }
        answer.symbols = rvlitmus_core::answer::Symbols::default();
    }
    (test, states)
}
