//! What comparing two sets of results came to, as text, Markdown or JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use crate::compare::against::{Comparison, Finding, Pair, Source, State};

/// A format of comparisons.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum ComparisonFormat {
    /// For people
    #[default]
    Text,
    /// For issues and reviews
    Markdown,
    /// For programs
    Json,
}

/// The JSON form of a comparison.
#[derive(Debug, Serialize, JsonSchema)]
struct ComparisonRecord<'a> {
    /// Number of tests with the same states on both sides.
    equal: usize,
    /// Number of tests of which a model allows states that hardware never showed, nothing else.
    unseen_only: usize,
    /// Number of states, over all tests, that a model allows and hardware never showed.
    unseen_states: usize,
    /// The tests that differ in another way.
    different: Vec<DifferenceRecord<'a>>,
    /// Names of tests that only the first side has.
    only_a: &'a [String],
    /// Names of tests that only the second side has.
    only_b: &'a [String],
}

#[derive(Debug, Serialize, JsonSchema)]
struct DifferenceRecord<'a> {
    name: &'a str,
    /// `states`, `other-places`, `other-test` or `unfinished`.
    why: &'static str,
    /// States that only the first side has.
    only_a: &'a [State],
    /// States that only the second side has.
    only_b: &'a [State],
}

/// Renders a comparison of the sides called `a` and `b`.
#[must_use]
pub fn comparison(format: ComparisonFormat, found: &Comparison, a: &str, b: &str) -> String {
    let record = record(found);
    match format {
        ComparisonFormat::Json => serde_json::to_string(&record)
            .map_or_else(|error| error.to_string(), |text| text + "\n"),
        ComparisonFormat::Text => text(found, &record, [a, b], ["", "  ", "    "]),
        ComparisonFormat::Markdown => text(found, &record, [a, b], ["", "- ", "  - "]),
    }
}

fn record(found: &Comparison) -> ComparisonRecord<'_> {
    let differs = |pair: &&Pair| {
        pair.finding != Finding::Equal
            && (!matches!(pair.finding, Finding::Different { .. })
                || !pair.contradictions().is_empty())
    };
    let unseen_only = found.pairs.iter().filter(|pair| {
        matches!(pair.finding, Finding::Different { .. }) && pair.contradictions().is_empty()
    });
    ComparisonRecord {
        equal: found.pairs.iter().filter(|pair| pair.finding == Finding::Equal).count(),
        unseen_only: unseen_only.count(),
        unseen_states: found.pairs.iter().map(Pair::unseen).sum(),
        different: found.pairs.iter().filter(differs).map(difference).collect(),
        only_a: &found.only_a,
        only_b: &found.only_b,
    }
}

fn difference(pair: &Pair) -> DifferenceRecord<'_> {
    let (why, only_a, only_b): (_, &[State], &[State]) = match &pair.finding {
        Finding::Equal => ("equal", &[], &[]),
        Finding::Different { only_a, only_b } => ("states", only_a, only_b),
        Finding::OtherPlaces => ("other-places", &[], &[]),
        Finding::OtherTest => ("other-test", &[], &[]),
        Finding::Unfinished => ("unfinished", &[], &[]),
    };
    DifferenceRecord { name: &pair.name, why, only_a, only_b }
}

fn text(
    found: &Comparison,
    record: &ComparisonRecord<'_>,
    [a, b]: [&str; 2],
    [head, item, inner]: [&str; 3],
) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let others = found.pairs.iter().filter(|pair| pair.finding == Finding::OtherTest).count();
    let _ = writeln!(
        out,
        "{head}{} tests on both sides: {} equal, {} different",
        found.pairs.len() - others,
        record.equal,
        record.different.len() + record.unseen_only - others
    );
    if record.unseen_states > 0 {
        let _ = writeln!(
            out,
            "{item}{} tests show fewer states than the model allows ({} states never seen)",
            record.unseen_only, record.unseen_states
        );
    }
    for (names, side) in [(&found.only_a, a), (&found.only_b, b)] {
        if !names.is_empty() {
            let _ = writeln!(out, "{item}{} tests only in {side}", names.len());
        }
    }
    for (pair, record) in found.pairs.iter().filter_map(|pair| {
        record.different.iter().find(|d| std::ptr::eq(d.name, &*pair.name)).map(|d| (pair, d))
    }) {
        let why = match pair.finding {
            Finding::OtherPlaces => ": the two report other places",
            Finding::OtherTest => ": another test of the same name",
            Finding::Unfinished => ": not finished on one side",
            Finding::Equal | Finding::Different { .. } => "",
        };
        let _ = writeln!(out, "{item}{}{why}", pair.name);
        for (states, side, source, other) in
            [(record.only_a, a, pair.a, pair.b), (record.only_b, b, pair.b, pair.a)]
        {
            let what = match (source, other) {
                (Source::Hardware, Source::Model) => "seen and forbidden",
                (Source::Model, Source::Hardware) => continue,
                _ => "only",
            };
            for state in states {
                let _ = writeln!(out, "{inner}{what} in {side}: {}", shown(state));
            }
        }
    }
    out
}

fn shown(state: &BTreeMap<String, String>) -> String {
    let values = state.iter().map(|(place, value)| format!("{place}={value};"));
    values.collect::<Vec<_>>().join(" ")
}
