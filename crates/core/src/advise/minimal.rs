//! The cheapest choices that suffice, and all minimal ones.
//!
//! A choice says which parts each site has. More parts forbid more, so whether a choice suffices is
//! monotone, and a choice suffices only if it has a part of each *correction*: of what a largest
//! insufficient choice lacks. The cheapest choice that hits all known corrections is tried; where it
//! does not suffice it is grown to a largest one that does not, whose complement is the next correction
//! (implicit hitting sets). Each part costs something, so what is found first is minimal, and so is each
//! next one that contains no earlier one.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::Parts;

/// By site: the parts that it has.
pub type Choice = Vec<Parts>;

/// What is to be minimised.
pub(super) struct Problem<'a> {
    /// All parts of each site.
    pub(super) all: &'a [Parts],
    /// What a site costs that has these parts; more parts cost more.
    pub(super) cost: &'a dyn Fn(usize, Parts) -> u64,
    /// The parts that a site really has where it is to have these: a fence orders more pairs than were
    /// asked for.
    pub(super) closed: &'a dyn Fn(usize, Parts) -> Parts,
}

/// Choices that are looked at for one candidate, at most.
const MOST_LOOKED_AT: usize = 50_000;

/// Minimal choices, the cheapest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Minimal {
    pub(super) choices: Vec<Choice>,
    /// May there be more?
    pub(super) more: bool,
}

impl Problem<'_> {
    /// At most so many minimal choices that suffice, the cheapest first; none where not even all parts do.
    ///
    /// # Errors
    /// That of `suffices`.
    pub(super) fn minimal<E>(
        &self,
        most: usize,
        mut suffices: impl FnMut(&Choice) -> Result<bool, E>,
    ) -> Result<Minimal, E> {
        let mut found = Minimal::default();
        if !suffices(&self.all.to_vec())? {
            return Ok(found);
        }
        let mut corrections: Vec<Choice> = Vec::new();
        loop {
            let candidate = match self.candidate(&corrections, &found.choices) {
                Ok(Some(candidate)) => candidate,
                Ok(None) => return Ok(found),
                Err(TooMany) => return Ok(Minimal { more: true, ..found }),
            };
            if suffices(&candidate)? {
                if found.choices.len() == most {
                    return Ok(Minimal { more: true, ..found });
                }
                found.choices.push(candidate);
                continue;
            }
            let mut largest = candidate;
            for site in 0..self.all.len() {
                for part in self.all[site].without(largest[site]).each() {
                    let had = largest[site];
                    if had.has(part) {
                        continue;
                    }
                    largest[site] = (self.closed)(site, had.union(part));
                    if suffices(&largest)? {
                        largest[site] = had;
                    }
                }
            }
            let lacks = self.all.iter().zip(&largest).map(|(all, had)| all.without(*had));
            corrections.push(lacks.collect());
        }
    }

    /// The cheapest choice that hits every correction and contains none of `found`.
    fn candidate(
        &self,
        corrections: &[Choice],
        found: &[Choice],
    ) -> Result<Option<Choice>, TooMany> {
        let none = vec![Parts::default(); self.all.len()];
        let mut seen = BTreeSet::from([none.clone()]);
        let mut queue = BinaryHeap::from([Reverse((0, none))]);
        while let Some(Reverse((_, choice))) = queue.pop() {
            if found.iter().any(|known| contains(&choice, known)) {
                continue;
            }
            let Some(unhit) = corrections.iter().find(|correction| !hits(&choice, correction))
            else {
                return Ok(Some(choice));
            };
            for (site, parts) in unhit.iter().enumerate() {
                for part in parts.each() {
                    let mut next = choice.clone();
                    next[site] = (self.closed)(site, next[site].union(part));
                    if seen.insert(next.clone()) {
                        queue.push(Reverse((self.total(&next), next)));
                    }
                }
            }
            if seen.len() > MOST_LOOKED_AT {
                return Err(TooMany);
            }
        }
        Ok(None)
    }

    /// What a choice costs.
    pub(super) fn total(&self, choice: &Choice) -> u64 {
        choice.iter().enumerate().map(|(site, parts)| (self.cost)(site, *parts)).sum()
    }
}

/// There are more choices than anybody waits for.
struct TooMany;

/// Has a choice at every site all parts that another one has there?
#[must_use]
pub fn contains(choice: &[Parts], other: &[Parts]) -> bool {
    choice.iter().zip(other).all(|(own, other)| own.has(*other))
}

fn hits(choice: &Choice, correction: &Choice) -> bool {
    choice.iter().zip(correction).any(|(own, lacked)| own.0 & lacked.0 != 0)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Every monotone function of four parts of two sites, by its minimal choices.
    #[test]
    fn all_minimal_choices_are_found_the_cheapest_first() {
        let all = [Parts(3), Parts(3)];
        let problem = Problem {
            all: &all,
            cost: &|site, parts| u64::from(parts.0.count_ones()) * [2, 3][site],
            closed: &|_, parts| parts,
        };
        let choice = |bits: u8| vec![Parts(bits & 3), Parts(bits >> 2)];
        for function in 0u32..1 << 16 {
            let value = |bits: u8| function >> bits & 1 == 1;
            let monotone =
                (0..16u8).all(|bits| (0..4).all(|bit| !value(bits) || value(bits | 1 << bit)));
            if !monotone {
                continue;
            }
            let found = problem
                .minimal(100, |choice| Ok::<_, Infallible>(value(choice[0].0 | choice[1].0 << 2)))
                .unwrap();
            let minimal = (0..16u8).filter(|bits| {
                value(*bits) && (0..4).all(|bit| bits >> bit & 1 == 0 || !value(bits & !(1 << bit)))
            });
            let expected: BTreeSet<Choice> = minimal.map(choice).collect();
            let costs: Vec<u64> = found.choices.iter().map(|c| problem.total(c)).collect();
            assert!(costs.is_sorted());
            assert_eq!(found.choices.into_iter().collect::<BTreeSet<_>>(), expected);
        }
    }
}
