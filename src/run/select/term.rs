//! One term of a filter: a name, or a feature.

use std::str::FromStr;

use glob::{MatchOptions, Pattern};

use super::facts::{Facts, has_loop, instructions, locations};
use super::filter::SelectionError;
use rvlitmus_core::arch::riscv::{Extension, ExtensionSet, all};
use rvlitmus_core::litmus::{Quantifier, Test};

/// Something that holds of a test or does not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Term {
    /// `MP+*`, `folder/*`
    Name(Pattern),
    /// `uses:zacas`: an instruction of the extension.
    Extension(Extension),
    /// `uses:amoswap.*`: an instruction of that name.
    Instruction(Pattern),
    /// `has:loop`
    Has(Part),
    /// `harts>=3`
    Count(Counted, Relation, usize),
}

/// What a test may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Loop,
    Filter,
    Condition(Quantifier),
}

const PARTS: [(&str, Part); 5] = [
    ("loop", Part::Loop),
    ("filter", Part::Filter),
    ("exists", Part::Condition(Quantifier::Exists)),
    ("~exists", Part::Condition(Quantifier::NotExists)),
    ("forall", Part::Condition(Quantifier::Forall)),
];

/// What of a test is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Counted {
    Harts,
    Instructions,
    Locations,
}

const COUNTED: [(&str, Counted); 3] = [
    ("harts", Counted::Harts),
    ("instructions", Counted::Instructions),
    ("locations", Counted::Locations),
];

/// How a count is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Relation {
    AtLeast,
    AtMost,
    NotEqual,
    Equal,
    More,
    Less,
}

/// Longer signs first, so that they are not taken for shorter ones.
const RELATIONS: [(&str, Relation); 7] = [
    (">=", Relation::AtLeast),
    ("<=", Relation::AtMost),
    ("!=", Relation::NotEqual),
    ("==", Relation::Equal),
    (">", Relation::More),
    ("<", Relation::Less),
    ("=", Relation::Equal),
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
                .any(|instr| instr.def.requires().any(|required| required == *extension)),
            Term::Instruction(pattern) => instructions(test).any(|instr| {
                let mnemonic = instr.def.mnemonic;
                fits(pattern, mnemonic)
                    || fits(pattern, &format!("{mnemonic}{}", instr.order.suffix()))
            }),
            Term::Has(Part::Loop) => has_loop(test),
            Term::Has(Part::Filter) => test.filter.is_some(),
            Term::Has(Part::Condition(quantifier)) => {
                test.condition.as_ref().is_some_and(|c| c.quantifier == *quantifier)
            }
            Term::Count(counted, relation, bound) => {
                let count = match counted {
                    Counted::Harts => test.harts.len(),
                    Counted::Instructions => instructions(test).count(),
                    Counted::Locations => locations(test),
                };
                match relation {
                    Relation::AtLeast => count >= *bound,
                    Relation::AtMost => count <= *bound,
                    Relation::NotEqual => count != *bound,
                    Relation::Equal => count == *bound,
                    Relation::More => count > *bound,
                    Relation::Less => count < *bound,
                }
            }
        }
    }
}

/// Names hold brackets and plus signs, so a pattern is a name first.
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
                    let help = meant(&format!("{kind}:"), ["uses:", "has:"].into_iter());
                    Err(SelectionError(format!("`{kind}:` is not known{help} (uses:, has:)")))
                }
            };
        }
        for (sign, relation) in RELATIONS {
            if let Some((counted, bound)) = text.split_once(sign) {
                return count(counted.trim(), relation, bound.trim());
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
    let help = meant(&lower, candidates);
    Err(SelectionError(format!("`{what}` is no extension and no instruction{help}")))
}

fn has(what: &str) -> Result<Term, SelectionError> {
    named(what, &PARTS, "is nothing that a test may have").map(Term::Has)
}

fn count(counted: &str, relation: Relation, bound: &str) -> Result<Term, SelectionError> {
    let counted = named(counted, &COUNTED, "cannot be counted")?;
    let bound = bound.parse().map_err(|_| SelectionError(format!("`{bound}` is no number")))?;
    Ok(Term::Count(counted, relation, bound))
}

fn named<T: Copy>(text: &str, names: &[(&str, T)], why: &str) -> Result<T, SelectionError> {
    let found = names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        let help = meant(text, known.iter().copied());
        SelectionError(format!("`{text}` {why}{help} ({})", known.join(", ")))
    })
}

fn pattern(text: &str) -> Result<Pattern, SelectionError> {
    Pattern::new(text).map_err(|error| SelectionError(format!("`{text}` is no pattern: {error}")))
}

/// `; did you mean ...?`, or nothing.
fn meant<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    let near = candidates
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min_by_key(|(distance, _)| *distance);
    near.map_or_else(String::new, |(_, candidate)| format!("; did you mean `{candidate}`?"))
}
