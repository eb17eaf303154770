//! What a tool says of one test, in the form in which tools can be compared.

use std::collections::{BTreeMap, BTreeSet};

use rvlitmus_core::answer::Reached;
use rvlitmus_core::litmus::{CType, Quantifier};

use super::canonical::{NamedState, canonical_place, canonical_value};
use crate::results::TestReport;

/// What produced states, and so what it means that one is absent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    /// A model that was explored exhaustively: what is absent is forbidden.
    Model,
    /// A model of which loops were cut: what is absent was not found so far.
    BoundedModel,
    /// Hardware that was watched: what is absent was not seen.
    Hardware,
}

/// Whether a state satisfies the condition of an `exists` or `~exists`, or violates that of a `forall`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Witness {
    /// There is one.
    Found,
    /// There is none.
    None,
}

/// What a tool answers to a test.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ToolAnswer {
    /// Nothing: it did not finish.
    Unfinished,
    /// Whether there is a witness, and nothing else: isla.
    Verdict(Witness),
    /// States, and whether there is a witness where that is said.
    States(BTreeSet<NamedState>, Option<Witness>),
}

/// What a tool says of one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToolResult {
    /// The test's name.
    pub name: String,
    /// herd7's hashes of the test: one of a log, of a report all that its releases give the test.
    pub hashes: Vec<String>,
    /// Where the states come from.
    pub source: Source,
    /// The declared types of places, as far as the tool says them.
    pub types: BTreeMap<String, CType>,
    /// Are those all that are declared? Any other place is then an `int`.
    pub all_types: bool,
    /// What came out.
    pub answer: ToolAnswer,
    /// How often each state was seen, on hardware.
    pub seen: BTreeMap<NamedState, u64>,
}

impl ToolResult {
    /// Do the hashes say that both are of the same test? `None` where one has none.
    #[must_use]
    pub fn same_test(&self, other: &ToolResult) -> Option<bool> {
        let known = !self.hashes.is_empty() && !other.hashes.is_empty();
        known.then(|| self.hashes.iter().any(|hash| other.hashes.contains(hash)))
    }

    /// The result of a test that a model did not finish.
    #[must_use]
    pub fn unfinished(name: &str) -> ToolResult {
        ToolResult {
            name: name.to_owned(),
            hashes: Vec::new(),
            source: Source::Model,
            types: BTreeMap::new(),
            all_types: false,
            answer: ToolAnswer::Unfinished,
            seen: BTreeMap::new(),
        }
    }

    /// A result with these values of one register, for tests of what is done with it.
    #[cfg(test)]
    pub(super) fn with_values(
        name: &str,
        hash: Option<&str>,
        source: Source,
        values: &[&str],
    ) -> ToolResult {
        let state = |value: &&str| NamedState::from([("0:x5".to_owned(), (*value).to_owned())]);
        ToolResult {
            hashes: hash.into_iter().map(str::to_owned).collect(),
            source,
            answer: ToolAnswer::States(values.iter().map(state).collect(), Some(Witness::Found)),
            ..ToolResult::unfinished(name)
        }
    }
}

/// What reports of this program say of one machine. Tests that were not run on it are left out.
#[must_use]
pub fn results_on(reports: &[TestReport], machine: &str) -> Vec<ToolResult> {
    reports.iter().filter_map(|report| result_on(report, machine)).collect()
}

fn result_on(report: &TestReport, machine: &str) -> Option<ToolResult> {
    let hashes = report.hash.iter().chain(&report.other_hashes).cloned().collect();
    let mut result = ToolResult { hashes, ..ToolResult::unfinished(&report.name) };
    let Some(answer) = report.answer() else { return Some(result) };
    let machine = answer.position(machine)?;
    let Some(states) = answer.found(machine) else { return Some(result) };
    let source = match answer.reached(machine) {
        // Which others there are is not known.
        Reached::Deciding(_) => return Some(result),
        Reached::Some(..) => Source::BoundedModel,
        _ => Source::Model,
    };
    let places: Vec<String> = answer.places.iter().map(canonical_place).collect();
    let named = states.rows().map(|row| {
        let values = answer.states.row(row);
        let values = values.map(|value| canonical_value(&value.text(&answer.symbols)));
        places.iter().cloned().zip(values).collect()
    });
    let witnesses = match answer.quantifier() {
        Quantifier::Exists | Quantifier::NotExists => states.positive(),
        Quantifier::Forall => states.len() - states.positive(),
    };
    let witness = match (witnesses, source) {
        (1.., _) => Some(Witness::Found),
        (0, Source::BoundedModel) => None,
        (0, _) => Some(Witness::None),
    };
    result.answer = ToolAnswer::States(named.collect(), witness);
    result.source = source;
    let types = places.iter().zip(&answer.types);
    result.types = types.filter_map(|(place, ctype)| Some((place.clone(), (*ctype)?))).collect();
    result.all_types = true;
    Some(result)
}
