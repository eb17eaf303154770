//! What the states of one model say of the test's condition.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumCount, VariantArray};

use crate::litmus::Quantifier;

use super::Status;

/// How many of the states satisfy the proposition, in herd's words; or that loops were cut, where those
/// words would claim what the states found do not prove.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[derive(strum::Display, EnumCount, strum::IntoStaticStr, VariantArray)]
pub enum Observation {
    /// None.
    Never,
    /// Some do and some do not.
    Sometimes,
    /// All, and there is one.
    Always,
    /// Loops were cut, and of the states found none satisfies it, or all do.
    #[serde(rename = "bounded")]
    #[strum(serialize = "bounded")]
    Bounded,
}

impl Observation {
    /// All of them.
    pub const ALL: [Observation; Observation::COUNT] =
        *Observation::VARIANTS.first_chunk().unwrap();

    /// Counts, as if these were all states: herd's word, whether loops were cut or not.
    #[must_use]
    pub fn of_found(states: usize, positive: usize) -> Observation {
        match positive {
            0 => Observation::Never,
            positive if positive == states => Observation::Always,
            _ => Observation::Sometimes,
        }
    }

    /// What of it an exploration with this status may claim.
    #[must_use]
    pub fn claimed_by(self, status: Status) -> Observation {
        match (self, status) {
            (Observation::Never | Observation::Always, Status::Bounded) => Observation::Bounded,
            (observation, _) => observation,
        }
    }

    /// The word.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
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
    /// is no other is known only of a complete exploration. Where no execution ends, nothing is decided.
    #[must_use]
    pub fn judge(quantifier: Quantifier, states: usize, positive: usize, status: Status) -> Holds {
        let (decided, answer) = match quantifier {
            Quantifier::Exists => (positive > 0, Holds::Yes),
            Quantifier::NotExists => (positive > 0, Holds::No),
            Quantifier::Forall => (positive < states, Holds::No),
        };
        match (decided, status, answer) {
            (true, _, answer) => answer,
            (false, Status::Bounded | Status::NoExecution, _) => Holds::Unknown,
            (false, _, Holds::Yes) => Holds::No,
            (false, _, _) => Holds::Yes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judgements_follow_the_quantifier_and_boundedness() {
        use Holds::{No, Unknown, Yes};
        use Quantifier::{Exists, Forall, NotExists};
        for (positive, negative, exists, not_exists, forall) in
            [(0, 2, No, Yes, No), (1, 1, Yes, No, No), (2, 0, Yes, No, Yes)]
        {
            let states = positive + negative;
            let judge = |quantifier, status| Holds::judge(quantifier, states, positive, status);
            let complete = [Exists, NotExists, Forall].map(|q| judge(q, Status::Complete));
            assert_eq!(complete, [exists, not_exists, forall]);
            let seen = positive > 0;
            assert_eq!(judge(Exists, Status::Bounded), if seen { Yes } else { Unknown });
            assert_eq!(judge(NotExists, Status::Bounded), if seen { No } else { Unknown });
            assert_eq!(judge(Forall, Status::Bounded), if negative > 0 { No } else { Unknown });
        }
        for quantifier in [Exists, NotExists, Forall] {
            assert_eq!(Holds::judge(quantifier, 0, 0, Status::NoExecution), Unknown);
        }
        let of =
            |states, positive, status| Observation::of_found(states, positive).claimed_by(status);
        assert_eq!(of(1, 0, Status::Complete), Observation::Never);
        assert_eq!(of(1, 1, Status::Complete), Observation::Always);
        for (states, positive) in [(0, 0), (1, 0), (1, 1)] {
            assert_eq!(of(states, positive, Status::Bounded), Observation::Bounded);
        }
        assert_eq!(of(2, 1, Status::Bounded), Observation::Sometimes);
    }
}
