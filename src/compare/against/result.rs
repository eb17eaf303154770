//! The states of one test, in the form in which tools can be compared.

use std::collections::{BTreeMap, BTreeSet};

use rvlitmus_core::answer::{Column, Conclusion, TestReport};
use rvlitmus_core::arch::riscv::Reg;
use rvlitmus_core::litmus::{CType, Quantifier};

use super::normal::{normal_place, normal_value};

/// A final state: value by place, both in normal form.
pub type State = BTreeMap<String, String>;

/// What sort of thing produced states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// A model, explored exhaustively: what is absent is forbidden.
    Model,
    /// A machine that was watched: what is absent was not seen.
    Hardware,
}

/// Is there a state that satisfies the condition of an `exists` or `~exists`, or that violates that of a
/// `forall`?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Witness {
    /// There is one.
    Found,
    /// There is none.
    None,
}

impl Witness {
    /// From the truth of "there is one".
    #[must_use]
    pub fn of(found: bool) -> Witness {
        if found { Witness::Found } else { Witness::None }
    }
}

/// What one side says of a test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// It was not finished.
    Unfinished,
    /// Nothing but whether there is a witness: isla.
    Verdict(Witness),
    /// All states, and whether there is a witness where the side says so.
    States(BTreeSet<State>, Option<Witness>),
}

/// What one side knows of one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// The test's name.
    pub name: String,
    /// herd7's hash.
    pub hash: Option<String>,
    /// Model or machine.
    pub source: Source,
    /// The declared types of places, as far as the side knows them.
    pub types: BTreeMap<String, CType>,
    /// What came out.
    pub content: Content,
    /// How often each state was seen, on hardware.
    pub seen: BTreeMap<State, u64>,
}

impl Known {
    /// A test of which nothing but the name is known yet.
    #[must_use]
    pub fn named(name: &str) -> Known {
        Known {
            name: name.to_owned(),
            hash: None,
            source: Source::Model,
            types: BTreeMap::new(),
            content: Content::Unfinished,
            seen: BTreeMap::new(),
        }
    }

    /// A test with these values of one register, for tests of what is done with it.
    #[cfg(test)]
    pub(super) fn with_values(
        name: &str,
        hash: Option<&str>,
        source: Source,
        values: &[&str],
    ) -> Known {
        let state = |value: &&str| State::from([("0:x5".to_owned(), (*value).to_owned())]);
        Known {
            hash: hash.map(str::to_owned),
            source,
            content: Content::States(values.iter().map(state).collect(), Some(Witness::Found)),
            ..Known::named(name)
        }
    }
}

/// What our own reports say in the column `model`. Tests that were not run under it are left out.
#[must_use]
pub fn results_of(reports: &[TestReport], model: Column) -> Vec<Known> {
    reports.iter().filter_map(|report| result_of(report, model)).collect()
}

fn result_of(report: &TestReport, model: Column) -> Option<Known> {
    let mut known = Known { hash: report.hash.clone(), ..Known::named(&report.name) };
    let Conclusion::Answered(answer) = &report.conclusion else { return Some(known) };
    let table = &answer.model(model)?.states;
    let places: Vec<String> = answer.places.iter().map(normal_place).collect();
    let states = table.iter().map(|(values, _)| {
        let values = values.map(|value| normal_value(&value.text(&answer.symbols)));
        places.iter().cloned().zip(values).collect()
    });
    let counted = match answer.quantifier() {
        Quantifier::Exists | Quantifier::NotExists => table.positive(),
        Quantifier::Forall => table.len() - table.positive(),
    };
    known.content = Content::States(states.collect(), Some(Witness::of(counted > 0)));
    let types = places.iter().zip(&answer.types);
    known.types = types.filter_map(|(place, ctype)| Some((place.clone(), (*ctype)?))).collect();
    Some(known)
}

/// Is it a register's place?
pub(super) fn is_register(place: &str) -> bool {
    place.split_once(':').is_some_and(|(_, register)| Reg::parse(register).is_some())
}
