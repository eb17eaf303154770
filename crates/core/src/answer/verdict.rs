//! What the states of one model say of the test's condition.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::litmus::Quantifier;

use super::{States, Status};

/// How many of the states satisfy the proposition, in herd's words; or that loops were cut, where those
/// words would claim what the states found do not prove.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Observation {
    /// None.
    Never,
    /// Some do and some do not.
    Sometimes,
    /// All, and there is one.
    Always,
    /// Loops were cut, and of the states found none satisfies it, or all do.
    #[serde(rename = "bounded")]
    Bounded,
}

impl Observation {
    /// All of them.
    pub const ALL: [Observation; 4] =
        [Observation::Never, Observation::Sometimes, Observation::Always, Observation::Bounded];

    /// Counts, and claims no more than an exploration with this status may.
    #[must_use]
    pub fn of(states: &States, status: Status) -> Observation {
        match (Observation::of_found(states), status) {
            (Observation::Never | Observation::Always, Status::Bounded) => Observation::Bounded,
            (observation, _) => observation,
        }
    }

    /// Counts, as if these were all states: herd's word, whether loops were cut or not.
    #[must_use]
    pub fn of_found(states: &States) -> Observation {
        match states.positive() {
            0 => Observation::Never,
            positive if positive == states.len() => Observation::Always,
            _ => Observation::Sometimes,
        }
    }

    /// The word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Observation::Never => "Never",
            Observation::Sometimes => "Sometimes",
            Observation::Always => "Always",
            Observation::Bounded => "bounded",
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
    use crate::answer::{Symbols, Unsorted, Value};

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
        let of = |positive, negative, status| Observation::of(&states(positive, negative), status);
        assert_eq!(of(0, 0, Status::Complete), Observation::Never);
        assert_eq!(of(1, 0, Status::Complete), Observation::Always);
        for (positive, negative) in [(0, 0), (0, 1), (1, 0)] {
            assert_eq!(of(positive, negative, Status::Bounded), Observation::Bounded);
        }
        assert_eq!(of(1, 1, Status::Bounded), Observation::Sometimes);
    }
}
