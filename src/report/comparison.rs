//! What comparing two sets of results came to, as text, Markdown or JSON.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use rvlitmus_core::litmus::visible;

use super::json::harmless;
use super::markdown::span;
use crate::compare::foreign::{Comparison, Finding, NamedState, Pair, Source, Witness};
use crate::results::counted;

/// The name and version of the JSON form.
pub const COMPARISON_SCHEMA: &str = "rvlitmus/comparison/1";

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

/// The JSON form of a comparison: one object.
#[derive(Debug, Serialize, JsonSchema)]
struct ComparisonRecord<'a> {
    /// Name and version of this form: `rvlitmus/comparison/1`.
    schema: &'static str,
    /// The first file.
    a: &'a str,
    /// The second file.
    b: &'a str,
    /// Number of tests that were compared: on both sides, and the same test there.
    tests: usize,
    /// Number of tests with the same answer on both sides.
    equal: usize,
    /// Number of tests of which a model allows states that hardware never showed, nothing else.
    unseen_only: usize,
    /// Number of states, over all tests, that a model allows and hardware never showed.
    unseen_states: usize,
    /// Number of states, over all tests, that hardware showed and a model forbids.
    seen_and_forbidden: usize,
    /// Number of tests of which it is not known whether they differ: not finished, or loops were cut.
    undecided: usize,
    /// Number of tests whose hashes differ, so that they were taken for one by their names.
    hashes_differ: usize,
    /// The tests that differ in another way, in the order of the first file.
    different: Vec<DifferenceRecord<'a>>,
    /// Names of tests that only the first file has; several times, when several tests of one name differ
    /// in their hashes.
    only_a: &'a [String],
    /// Names of tests that only the second file has, likewise.
    only_b: &'a [String],
    /// Number of results of the first file that say the same of the same test (equal name and hash) as an
    /// earlier one, and were taken as one with it.
    repeated_a: usize,
    /// The same of the second file.
    repeated_b: usize,
}

/// One test that differs.
#[derive(Debug, Serialize, JsonSchema)]
struct DifferenceRecord<'a> {
    /// The test's name.
    name: &'a str,
    /// `states`; `verdict`, where one file has no states; `other-places`, which cannot be compared;
    /// `other-test`, by its hash and its places; `not-told-apart`, too many results of one name and no hash
    /// that tells them apart; `unfinished` on one side or both; `bounded`, where loops were cut on one side
    /// and the states found do not decide whether the two differ.
    why: &'static str,
    /// Whether the first file's states were seen on hardware, rather than computed from a model.
    a_is_hardware: bool,
    /// The same of the second file.
    b_is_hardware: bool,
    /// States that only the first file has, by place: values are signed 64-bit decimals or symbols.
    only_a: &'a [NamedState],
    /// States that only the second file has.
    only_b: &'a [NamedState],
    /// How often each state of the hardware's list was seen, in its order; empty without hardware.
    seen: Vec<u64>,
}

/// The JSON Schema of the format `json`.
#[must_use]
pub fn comparison_schema() -> serde_json::Value {
    super::schema_of::<ComparisonRecord<'_>>(COMPARISON_SCHEMA)
}

/// Renders a comparison of the files called `a` and `b`.
#[must_use]
pub fn comparison(format: ComparisonFormat, found: &Comparison, a: &str, b: &str) -> String {
    let record = record(found, a, b);
    match format {
        ComparisonFormat::Json => serde_json::to_string(&record)
            .map_or_else(|error| error.to_string(), |text| harmless(&text) + "\n"),
        ComparisonFormat::Text => text(found, &record, &PLAIN),
        ComparisonFormat::Markdown => text(found, &record, &MARKDOWN),
    }
}

fn record<'a>(found: &'a Comparison, a: &'a str, b: &'a str) -> ComparisonRecord<'a> {
    let same = |pair: &&Pair| pair.finding != Finding::OtherTest;
    let equal = found.pairs.iter().filter(|pair| pair.finding == Finding::Equal).count();
    let seen = |pair: &&Pair| {
        (pair.a == Source::Hardware) != (pair.b == Source::Hardware) && !pair.hashes_differ
    };
    ComparisonRecord {
        schema: COMPARISON_SCHEMA,
        a,
        b,
        tests: found.pairs.iter().filter(same).count(),
        equal,
        unseen_only: found.pairs.iter().filter(|pair| unseen_only(pair)).count(),
        unseen_states: found.pairs.iter().map(Pair::unseen).sum(),
        seen_and_forbidden: found
            .pairs
            .iter()
            .filter(seen)
            .map(|pair| pair.contradictions().len())
            .sum(),
        undecided: found.pairs.iter().filter(|pair| pair.undecided()).count(),
        hashes_differ: found.pairs.iter().filter(|pair| by_name(pair)).count(),
        different: found.pairs.iter().filter(|pair| differs(pair)).map(difference).collect(),
        only_a: &found.only_a,
        only_b: &found.only_b,
        repeated_a: found.repeated_a,
        repeated_b: found.repeated_b,
    }
}

/// Hardware that did not show everything: no contradiction.
fn unseen_only(pair: &Pair) -> bool {
    matches!(pair.finding, Finding::Different { .. } | Finding::OtherVerdict(_))
        && !pair.contradicts()
        && !pair.undecided()
}

/// Compared although the hashes differ.
fn by_name(pair: &Pair) -> bool {
    pair.hashes_differ && pair.finding != Finding::OtherTest
}

fn differs(pair: &Pair) -> bool {
    pair.finding != Finding::Equal && !unseen_only(pair)
}

fn difference(pair: &Pair) -> DifferenceRecord<'_> {
    let (why, only_a, only_b): (_, &[NamedState], &[NamedState]) = match &pair.finding {
        Finding::Equal => ("equal", &[], &[]),
        Finding::Different { only_a, only_b } => ("states", only_a, only_b),
        Finding::Bounded { only_a, only_b } => ("bounded", only_a, only_b),
        Finding::OtherVerdict(_) => ("verdict", &[], &[]),
        Finding::OtherPlaces => ("other-places", &[], &[]),
        Finding::OtherTest => ("other-test", &[], &[]),
        Finding::NotToldApart => ("not-told-apart", &[], &[]),
        Finding::Unfinished(_) => ("unfinished", &[], &[]),
    };
    let states = match (pair.a, pair.b) {
        (Source::Hardware, Source::Hardware) => &[],
        (Source::Hardware, _) => only_a,
        (_, Source::Hardware) => only_b,
        _ => &[],
    };
    DifferenceRecord {
        seen: states.iter().map(|state| pair.seen.get(state).copied().unwrap_or(0)).collect(),
        name: &pair.name,
        why,
        a_is_hardware: pair.a == Source::Hardware,
        b_is_hardware: pair.b == Source::Hardware,
        only_a,
        only_b,
    }
}

/// How lines begin, and what stands around names and states.
struct Style {
    item: &'static str,
    inner: &'static str,
    quoted: fn(&str) -> String,
    /// What stands below the first line.
    gap: &'static str,
}

const PLAIN: Style = Style { item: "  ", inner: "    ", quoted: str::to_owned, gap: "" };
const MARKDOWN: Style = Style { item: "- ", inner: "  - ", quoted: span, gap: "\n" };

fn text(found: &Comparison, record: &ComparisonRecord<'_>, style: &Style) -> String {
    let mut out = String::new();
    let Style { item, inner, gap, .. } = style;
    let quoted = |text: &str| (style.quoted)(&visible(text));
    let (a, b) = (&quoted(record.a), &quoted(record.b));
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "{} on both sides: {} equal{}, {} different{}",
        counted(record.tests, "test"),
        record.equal,
        besides(record.unseen_only, "not seen as a whole"),
        record.tests - record.equal - record.unseen_only - record.undecided,
        besides(record.undecided, "not decided"),
    );
    out.push_str(gap);
    if record.unseen_states > 0 {
        let _ = writeln!(
            out,
            "{item}states that the model allows and hardware never showed: {}",
            record.unseen_states
        );
    }
    for (names, side) in [(record.only_a, a), (record.only_b, b)] {
        if !names.is_empty() {
            let _ = writeln!(out, "{item}{} only in {side}", counted(names.len(), "test"));
        }
    }
    if record.hashes_differ > 0 {
        let _ = writeln!(
            out,
            "{item}{} compared by name, although the hashes differ",
            counted(record.hashes_differ, "test")
        );
    }
    for (repeated, side) in [(record.repeated_a, a), (record.repeated_b, b)] {
        if repeated > 0 {
            let results = if repeated == 1 { "1 result" } else { &format!("{repeated} results") };
            let _ =
                writeln!(out, "{item}{results} of {side} taken as one with an earlier, equal one");
        }
    }
    for pair in found.pairs.iter().filter(|pair| differs(pair)) {
        let DifferenceRecord { name, only_a, only_b, .. } = difference(pair);
        let perhaps = if by_name(pair) { " (the hashes differ: perhaps another test)" } else { "" };
        let _ = writeln!(out, "{item}{}{}{perhaps}", quoted(name), why(pair));
        for (states, side, source, other) in
            [(only_a, a, pair.a, pair.b), (only_b, b, pair.b, pair.a)]
        {
            let what = match (source, other) {
                (Source::Hardware, Source::Model) => "seen and forbidden",
                (Source::Hardware, Source::BoundedModel) => "seen and not found",
                (Source::Model | Source::BoundedModel, Source::Hardware) => continue,
                _ => "only",
            };
            for state in states {
                let what = match pair.seen.get(state) {
                    Some(1) => format!("{what} (once)"),
                    Some(count) => format!("{what} ({count} times)"),
                    None => what.to_owned(),
                };
                let state = quoted(&shown(state));
                let _ = writeln!(out, "{inner}{what} in {side}: {state}");
            }
        }
    }
    out
}

fn why(pair: &Pair) -> &'static str {
    match pair.finding {
        Finding::OtherPlaces => ": the two report other places",
        Finding::OtherTest => ": another test of the same name",
        Finding::NotToldApart => ": too many results of this name that no hash tells apart",
        Finding::Unfinished([true, true]) => ": not finished on both sides",
        Finding::Unfinished(_) => ": not finished on one side",
        Finding::Bounded { .. } if pair.a == pair.b => {
            ": not decided, because loops were cut on both sides"
        }
        Finding::Bounded { .. } => ": not decided, because loops were cut on one side",
        Finding::OtherVerdict(Witness::Found) => ": the condition has a witness in the first only",
        Finding::OtherVerdict(Witness::None) => ": the condition has a witness in the second only",
        Finding::Equal | Finding::Different { .. } => "",
    }
}

/// `, 3 not decided`; nothing if there are none.
fn besides(count: usize, what: &str) -> String {
    if count == 0 { String::new() } else { format!(", {count} {what}") }
}

fn shown(state: &NamedState) -> String {
    let values = state.iter().map(|(place, value)| format!("{place}={value};"));
    values.collect::<Vec<_>>().join(" ")
}
