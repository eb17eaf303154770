//! One term of a filter: a name, or a feature.

use std::str::FromStr;

use glob::{MatchOptions, Pattern};

use super::error::{Near, SelectionError};
use super::facts::{Facts, has_loop, instructions, locations};
use rvlitmus_core::arch::riscv::{Extension, ExtensionSet, all};
use rvlitmus_core::litmus::{Quantifier, Test};

/// A statement about a test.
#[derive(Clone, Debug)]
pub(super) enum Term {
    /// `MP+*`, `folder/*`
    Name(Pattern),
    /// `uses:zacas`: an instruction of the extension.
    Extension(Extension),
    /// `uses:amoswap.*`: an instruction of that name.
    Instruction(Pattern),
    /// `has:loop`
    Has(fn(&Test) -> bool),
    /// `harts>=3`
    Count { count: fn(&Test) -> usize, compare: fn(&usize, &usize) -> bool, bound: usize },
}

/// Words of filters and what they mean.
type Words<T> = &'static [(&'static str, T)];

/// What a test may have.
const FEATURES: Words<fn(&Test) -> bool> = &[
    ("loop", has_loop),
    ("filter", |test| test.filter.is_some()),
    ("exists", |test| has_condition(test, Quantifier::Exists)),
    ("~exists", |test| has_condition(test, Quantifier::NotExists)),
    ("forall", |test| has_condition(test, Quantifier::Forall)),
];

/// What of a test is counted.
const COUNTS: Words<fn(&Test) -> usize> = &[
    ("harts", |test| test.harts.len()),
    ("instructions", |test| instructions(test).count()),
    ("locations", locations),
];

/// How a count is compared. Longer signs stand first, so that they are not taken for shorter ones.
const RELATIONS: Words<fn(&usize, &usize) -> bool> = &[
    (">=", usize::ge),
    ("<=", usize::le),
    ("!=", usize::ne),
    ("==", usize::eq),
    (">", usize::gt),
    ("<", usize::lt),
    ("=", usize::eq),
];

impl Term {
    /// `None` where it depends on what cannot be known.
    pub(super) fn holds(&self, facts: &Facts<'_>) -> Option<bool> {
        match self {
            Term::Name(pattern) if pattern.as_str().contains('/') => {
                Some(facts.paths().any(|path| fits(pattern, path)))
            }
            Term::Name(pattern) => Some(facts.names().any(|name| fits(pattern, name))),
            other => facts.test.as_ref().map(|test| other.holds_of(test)),
        }
    }

    fn holds_of(&self, test: &Test) -> bool {
        match self {
            Term::Name(pattern) => fits(pattern, &test.name),
            Term::Extension(extension) => instructions(test)
                .filter_map(|instr| instr.riscv())
                .any(|instr| instr.def.requires().any(|required| required == *extension)),
            Term::Instruction(pattern) => instructions(test).any(|instr| {
                let [mnemonic, suffix] = instr.mnemonic();
                fits(pattern, mnemonic) || fits(pattern, &format!("{mnemonic}{}", suffix))
            }),
            Term::Has(feature) => feature(test),
            Term::Count { count, compare, bound } => compare(&count(test), bound),
        }
    }
}

fn has_condition(test: &Test, quantifier: Quantifier) -> bool {
    test.condition.as_ref().is_some_and(|condition| condition.quantifier == quantifier)
}

/// Does the pattern match? Names hold brackets and plus signs, so a pattern is a name first.
fn fits(pattern: &Pattern, text: &str) -> bool {
    pattern.as_str() == text || pattern.matches_with(text, MatchOptions::new())
}

impl FromStr for Term {
    type Err = SelectionError;

    fn from_str(text: &str) -> Result<Term, SelectionError> {
        if let Some((kind, what)) = text.split_once(':') {
            return match kind.trim() {
                "uses" => uses(what.trim()),
                "has" => has(what.trim()),
                kind => {
                    let word = format!("{kind}:");
                    let near = Near::to(&word, ["uses:", "has:"]);
                    Err(SelectionError::NoPrefix { word, near })
                }
            };
        }
        for (sign, compare) in RELATIONS {
            if let Some((counted, bound)) = text.split_once(sign) {
                return count(counted.trim(), *compare, bound.trim());
            }
        }
        pattern(text).map(Term::Name)
    }
}

fn uses(what: &str) -> Result<Term, SelectionError> {
    let lower = what.to_lowercase();
    if let Some(extension) = ExtensionSet::all().into_iter().find(|e| e.token() == lower) {
        return Ok(Term::Extension(extension));
    }
    let pattern = pattern(&lower)?;
    let suffixes = ["", ".aq", ".rl", ".aqrl"];
    let known =
        all().any(|def| suffixes.iter().any(|s| fits(&pattern, &format!("{}{s}", def.mnemonic))));
    if known {
        return Ok(Term::Instruction(pattern));
    }
    let tokens: Vec<String> = ExtensionSet::all().into_iter().map(Extension::token).collect();
    let candidates = tokens.iter().map(String::as_str).chain(all().map(|def| def.mnemonic));
    Err(SelectionError::NotUsable { word: what.to_owned(), near: Near::to(&lower, candidates) })
}

fn has(word: &str) -> Result<Term, SelectionError> {
    find(word, FEATURES).map(Term::Has).map_err(|(near, known)| {
        let word = word.to_owned();
        SelectionError::NoFeature { word, near, known }
    })
}

fn count(
    word: &str,
    compare: fn(&usize, &usize) -> bool,
    bound: &str,
) -> Result<Term, SelectionError> {
    let count = find(word, COUNTS).map_err(|(near, known)| {
        let word = word.to_owned();
        SelectionError::NotCountable { word, near, known }
    })?;
    let bound = bound.parse().map_err(|_| SelectionError::NoNumber(bound.to_owned()))?;
    Ok(Term::Count { count, compare, bound })
}

/// What is called `word`, or the nearest of the names and all of them.
fn find<T: Copy>(word: &str, named: &[(&'static str, T)]) -> Result<T, (Near, String)> {
    let found = named.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
        (Near::to(word, names.iter().copied()), names.join(", "))
    })
}

fn pattern(text: &str) -> Result<Pattern, SelectionError> {
    Pattern::new(text).map_err(|error| SelectionError::NoPattern { text: text.to_owned(), error })
}
