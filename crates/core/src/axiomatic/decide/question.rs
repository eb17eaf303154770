//! What is asked, and what is said of it.

use batsat::Lit;

use super::Decider;
use crate::axiomatic::evidence::Witness;
use crate::program::{FinalState, FinalStates, Next, Predicate, PredicateTerm};

/// What is asked of the executions that end.
#[derive(Clone, Copy, Debug)]
pub enum Question<'q> {
    /// Does one end so that the predicate has that truth?
    Predicate(&'q Predicate, bool),
    /// Does one end in that state?
    State(&'q FinalState),
    /// Does one end in another state than these?
    OtherThan(&'q FinalStates),
    /// Does one end?
    Any,
}

impl Question<'_> {
    /// Is it asked for this state?
    #[must_use]
    pub fn is_about(self, state: &FinalState) -> bool {
        match self {
            Question::Predicate(predicate, truth) => predicate.holds(state) == truth,
            Question::State(asked) => asked == state,
            Question::OtherThan(states) => !states.contains(state),
            Question::Any => true,
        }
    }
}

/// What is said of a question.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Yes, in that state, by this execution if it has not too many operations for one.
    Reached(FinalState, Option<Box<Witness>>),
    /// No.
    Unreached,
    /// It took too long.
    GaveUp,
}

impl Decider<'_> {
    /// Literals that are true exactly of what is asked for.
    pub(super) fn asked(&mut self, question: Question<'_>) -> Vec<Lit> {
        let observed = &self.encoding.unrolled.observed;
        match question {
            Question::Any => Vec::new(),
            Question::State(state) => observed
                .iter()
                .zip(state)
                .map(|(term, value)| self.encoding.is(*term, *value))
                .collect(),
            Question::Predicate(predicate, truth) => vec![self.predicate(predicate, truth)],
            Question::OtherThan(states) => {
                let asked = self.encoding.sat.literal();
                for state in states.iter() {
                    let mut clause = vec![!asked];
                    clause.extend(
                        observed
                            .iter()
                            .zip(&state)
                            .map(|(term, value)| !self.encoding.is(*term, *value)),
                    );
                    self.encoding.sat.clause(&clause);
                }
                vec![asked]
            }
        }
    }

    /// A literal that may be true only where the predicate has that truth.
    pub(super) fn predicate(&mut self, predicate: &Predicate, truth: bool) -> Lit {
        let decisions: Vec<_> = predicate.decisions().collect();
        let literals: Vec<Lit> = decisions.iter().map(|_| self.encoding.sat.literal()).collect();
        for (decision, literal) in decisions.iter().zip(&literals) {
            let equal = self.equal(decision.left, decision.right);
            for (next, unless) in [(decision.equal, !equal), (decision.different, equal)] {
                let next = match next {
                    Next::Holds => self.encoding.sat.constant(truth),
                    Next::Fails => self.encoding.sat.constant(!truth),
                    Next::Compare(step) => literals[step],
                };
                self.encoding.sat.clause(&[!*literal, unless, next]);
            }
        }
        literals.first().copied().unwrap_or(self.encoding.sat.constant(!truth))
    }

    fn equal(&mut self, left: PredicateTerm, right: PredicateTerm) -> Lit {
        use PredicateTerm::{Constant, Observed};
        let observed = &self.encoding.unrolled.observed;
        match (left, right) {
            (Constant(a), Constant(b)) => self.encoding.sat.constant(a == b),
            (Observed(place), Constant(value)) | (Constant(value), Observed(place)) => {
                self.encoding.is(observed[place], value)
            }
            (Observed(a), Observed(b)) if a == b => self.encoding.sat.constant(true),
            (Observed(a), Observed(b)) => {
                let (a, b) = (observed[a], observed[b]);
                let both = self
                    .encoding
                    .values(a)
                    .into_iter()
                    .map(|(value, is)| [is, self.encoding.is(b, value)])
                    .collect::<Vec<_>>();
                let both: Vec<Lit> =
                    both.into_iter().map(|both| self.encoding.sat.all(&both)).collect();
                self.encoding.sat.any(&both)
            }
        }
    }
}
