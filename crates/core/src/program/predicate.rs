//! What a condition says of a final state, ready to be asked of many.

use crate::litmus::Relation;

/// A side of a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PredicateTerm {
    /// Index into [`super::Program::observed`].
    Observed(usize),
    /// A constant, already extended as the other side's type says.
    Constant(u64),
}

/// One comparison of a predicate, and where it goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// The one side.
    pub left: PredicateTerm,
    /// The other side.
    pub right: PredicateTerm,
    /// Where to go on when they are equal.
    pub equal: Next,
    /// Where to go on when they are not.
    pub different: Next,
}

/// What comes after a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// The predicate holds.
    Holds,
    /// It does not.
    Fails,
    /// Another comparison, by its number.
    Compare(usize),
}

/// A proposition over final states with all names resolved: comparisons, each of which says where to go
/// on when it is true and when it is false. So a state costs as many comparisons as decide it, and
/// nothing for the connectives between them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Predicate(Vec<Step>);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Step {
    left: PredicateTerm,
    right: PredicateTerm,
    equal: Exit,
    different: Exit,
}

/// Index of the next step, or one of those below.
type Exit = u32;
const TRUE: Exit = Exit::MAX;
const FALSE: Exit = Exit::MAX - 1;

impl Predicate {
    /// Does `state` satisfy it?
    #[must_use]
    pub fn holds(&self, state: &[u64]) -> bool {
        self.holds_where(|index| state[index])
    }

    /// Its comparisons, of which the first is the beginning, for whoever decides it in another language.
    pub fn decisions(&self) -> impl Iterator<Item = Decision> + '_ {
        let next = |exit| match exit {
            TRUE => Next::Holds,
            FALSE => Next::Fails,
            step => Next::Compare(step as usize),
        };
        self.0.iter().map(move |step| Decision {
            left: step.left,
            right: step.right,
            equal: next(step.equal),
            different: next(step.different),
        })
    }

    /// How many comparisons a state may cost.
    pub(crate) fn comparisons(&self) -> usize {
        self.0.len()
    }

    /// The same of a state whose values are looked up where they are needed.
    #[inline]
    pub fn holds_where(&self, observed: impl Fn(usize) -> u64) -> bool {
        let value = |term| match term {
            PredicateTerm::Observed(index) => observed(index),
            PredicateTerm::Constant(value) => value,
        };
        let mut at = 0;
        while let Some(step) = self.0.get(at as usize) {
            at = if value(step.left) == value(step.right) { step.equal } else { step.different };
        }
        at == TRUE
    }

    /// The one state of `places` places that satisfies it, if it is a conjunction of equations, one for
    /// each place.
    #[must_use]
    pub fn only_state(&self, places: usize) -> Option<Box<[u64]>> {
        let mut values = vec![None; places];
        for (index, step) in self.0.iter().enumerate() {
            let last = index + 1 == self.0.len();
            let next = if last { TRUE } else { index as Exit + 1 };
            let Step { left: PredicateTerm::Observed(place), equal, different: FALSE, .. } = *step
            else {
                return None;
            };
            let PredicateTerm::Constant(value) = step.right else { return None };
            let known = values[place].replace(value);
            if equal != next || known.is_some_and(|known| known != value) {
                return None;
            }
        }
        values.into_iter().collect()
    }

    /// What it asks of which place, if it is a conjunction of equations of a place and a constant.
    pub fn equations(&self) -> Option<impl Iterator<Item = (usize, u64)> + '_> {
        let equation = |step: &Step| match (step.left, step.right) {
            (PredicateTerm::Observed(place), PredicateTerm::Constant(value)) => {
                Some((place, value))
            }
            _ => None,
        };
        let last = self.0.len().checked_sub(1)?;
        let conjunction = self.0.iter().enumerate().all(|(index, step)| {
            let next = if index == last { TRUE } else { index as Exit + 1 };
            step.equal == next && step.different == FALSE && equation(step).is_some()
        });
        conjunction.then(|| self.0.iter().filter_map(equation))
    }

    /// What it is of every state, if that is known without any: it compares a place with two values at once, or
    /// says nothing of places. `None` also where it would take long to find out.
    #[must_use]
    pub fn decided_by_form(&self) -> Option<bool> {
        const MOST: usize = 1 << 12;
        if let Some(equations) = self.equations() {
            let mut equations: Vec<(usize, u64)> = equations.collect();
            equations.sort_unstable();
            let contradicts =
                |pair: &[(usize, u64)]| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1;
            return equations.windows(2).any(contradicts).then_some(false);
        }
        let terms = || self.0.iter().flat_map(|step| [step.left, step.right]);
        let mut values: Vec<u64> = terms()
            .filter_map(|term| match term {
                PredicateTerm::Constant(value) => Some(value),
                PredicateTerm::Observed(_) => None,
            })
            .collect();
        values.sort_unstable();
        values.dedup();
        // Any two others stand for all that are not named.
        let others = (0..).filter(|value| values.binary_search(value).is_err());
        let others: Vec<u64> = others.take(2).collect();
        values.extend(others);
        let places = terms().filter_map(|term| match term {
            PredicateTerm::Observed(place) => Some(place),
            PredicateTerm::Constant(_) => None,
        });
        let mut places: Vec<usize> = places.collect();
        places.sort_unstable();
        places.dedup();
        let count = u32::try_from(places.len()).ok().and_then(|n| values.len().checked_pow(n));
        let count = count.filter(|count| *count <= MOST)?;
        let mut seen = [false; 2];
        for number in 0..count {
            let value = |place: usize| {
                let digit = places.binary_search(&place).unwrap_or(0) as u32;
                values[number / values.len().pow(digit) % values.len()]
            };
            seen[usize::from(self.holds_where(value))] = true;
            if seen == [true; 2] {
                return None;
            }
        }
        Some(seen[1])
    }

    /// One that has no comparison yet.
    pub(super) fn empty() -> Predicate {
        Predicate(Vec::with_capacity(16))
    }

    /// Where the next comparison will stand.
    #[inline]
    pub(super) fn end(&self) -> usize {
        self.0.len()
    }

    /// Adds a comparison, or with two equal constants what is always true.
    #[inline]
    pub(super) fn compare(
        &mut self,
        left: PredicateTerm,
        relation: Relation,
        right: PredicateTerm,
    ) {
        let (equal, different) = match relation {
            Relation::Equal => (TRUE, FALSE),
            Relation::NotEqual => (FALSE, TRUE),
        };
        self.0.push(Step { left, right, equal, different });
    }

    /// Adds what does not depend on the state.
    pub(super) fn constant(&mut self, truth: bool) {
        let zero = PredicateTerm::Constant(0);
        self.compare(zero, if truth { Relation::Equal } else { Relation::NotEqual }, zero);
    }

    /// What decides `truth` of the comparisons from `start` on no longer decides the whole: the next
    /// comparison is to be looked at.
    #[inline]
    pub(super) fn then(&mut self, start: usize, truth: bool) {
        let (from, to) = (if truth { TRUE } else { FALSE }, self.0.len() as Exit);
        self.redirect(start, |exit| if exit == from { to } else { exit });
    }

    /// The contrary of what the comparisons from `start` on say.
    #[inline]
    pub(super) fn negate(&mut self, start: usize) {
        self.redirect(start, |exit| match exit {
            TRUE => FALSE,
            FALSE => TRUE,
            step => step,
        });
    }

    #[inline]
    fn redirect(&mut self, start: usize, to: impl Fn(Exit) -> Exit) {
        for Step { equal, different, .. } in &mut self.0[start..] {
            (*equal, *different) = (to(*equal), to(*different));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: usize = 3;

    /// Adds `place = 1`.
    fn is_one(predicate: &mut Predicate, place: usize) {
        let (place, one) = (PredicateTerm::Observed(place), PredicateTerm::Constant(1));
        predicate.compare(place, Relation::Equal, one);
    }

    fn states() -> impl Iterator<Item = [u64; PLACES]> {
        (0..8).map(|bits| [bits & 1, bits >> 1 & 1, bits >> 2])
    }

    #[test]
    fn connectives_are_where_to_go_on() {
        // not (a /\ (b \/ c)) \/ (true /\ b)
        let mut predicate = Predicate::empty();
        is_one(&mut predicate, 0);
        predicate.then(0, true);
        is_one(&mut predicate, 1);
        predicate.then(1, false);
        is_one(&mut predicate, 2);
        predicate.negate(0);
        predicate.then(0, false);
        let start = predicate.end();
        predicate.constant(true);
        predicate.then(start, true);
        is_one(&mut predicate, 1);
        for [a, b, c] in states() {
            let left = a == 1 && (b == 1 || c == 1);
            assert_eq!(predicate.holds(&[a, b, c]), !left || b == 1, "{a} {b} {c}");
        }
    }

    #[test]
    fn a_conjunction_of_equations_has_one_state() {
        let mut predicate = Predicate::empty();
        for place in 0..PLACES {
            predicate.then(0, true);
            is_one(&mut predicate, place);
        }
        assert_eq!(predicate.only_state(PLACES).as_deref(), Some(&[1; PLACES][..]));
        assert_eq!(predicate.only_state(PLACES + 1), None, "a place without an equation");
        let mut other = predicate.clone();
        other.then(0, true);
        other.compare(PredicateTerm::Observed(0), Relation::Equal, PredicateTerm::Constant(2));
        assert_eq!(other.only_state(PLACES), None, "a contradiction");
        predicate.negate(0);
        assert_eq!(predicate.only_state(PLACES), None, "a disjunction");
    }
}
