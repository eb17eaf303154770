//! What the states of one model say of the test's condition.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::litmus::Quantifier;

use super::{States, Status};

/// How many of the states found satisfy the proposition, in herd's words. When loops were cut,
/// `Never` and `Always` speak of the executions explored only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Observation {
    /// None.
    Never,
    /// Some do and some do not.
    Sometimes,
    /// All, and there is one.
    Always,
}

impl Observation {
    /// All of them.
    pub const ALL: [Observation; 3] =
        [Observation::Never, Observation::Sometimes, Observation::Always];

    /// Counts.
    #[must_use]
    pub fn of(states: &States) -> Observation {
        match states.positive() {
            0 => Observation::Never,
            positive if positive == states.len() => Observation::Always,
            _ => Observation::Sometimes,
        }
    }

    /// herd's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Observation::Never => "Never",
            Observation::Sometimes => "Sometimes",
            Observation::Always => "Always",
        }
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Whether a condition, quantifier included, is true of a model.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Holds {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// The states found do not decide it, and loops were cut before all states were found.
    Unknown,
}

impl Holds {
    /// Judges the states found. A state that was found is real even when loops were cut; that there
    /// is no other is known only of a complete exploration.
    #[must_use]
    pub fn judge(quantifier: Quantifier, states: &States, status: Status) -> Holds {
        let positive = states.positive();
        let (decided, answer) = match quantifier {
            Quantifier::Exists => (positive > 0, Holds::Yes),
            Quantifier::NotExists => (positive > 0, Holds::No),
            Quantifier::Forall => (positive < states.len(), Holds::No),
        };
        match (decided, status, answer) {
            (true, _, answer) => answer,
            (false, Status::Bounded, _) => Holds::Unknown,
            (false, _, Holds::Yes) => Holds::No,
            (false, _, _) => Holds::Yes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{Symbols, Unsorted, Value};

    fn states(positive: i64, negative: i64) -> States {
        let mut states = Unsorted::new(1);
        for state in 0..positive + negative {
            states.push([Value::Signed(state)], state < positive);
        }
        states.sorted(&Symbols::default())
    }

    #[test]
    fn judgements_follow_the_quantifier_and_boundedness() {
        use Holds::{No, Unknown, Yes};
        use Quantifier::{Exists, Forall, NotExists};
        for (positive, negative, exists, not_exists, forall) in
            [(0, 2, No, Yes, No), (1, 1, Yes, No, No), (2, 0, Yes, No, Yes), (0, 0, No, Yes, Yes)]
        {
            let states = states(positive, negative);
            let judge = |quantifier| Holds::judge(quantifier, &states, Status::Complete);
            assert_eq!(
                (judge(Exists), judge(NotExists), judge(Forall)),
                (exists, not_exists, forall)
            );
            let judge = |quantifier| Holds::judge(quantifier, &states, Status::Bounded);
            let seen = positive > 0;
            assert_eq!(judge(Exists), if seen { Yes } else { Unknown });
            assert_eq!(judge(NotExists), if seen { No } else { Unknown });
            assert_eq!(judge(Forall), if negative > 0 { No } else { Unknown });
        }
        assert_eq!(Observation::of(&states(0, 0)), Observation::Never);
        assert_eq!(Observation::of(&states(1, 0)), Observation::Always);
    }
}
