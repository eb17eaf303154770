//! What two models allow of the tests by which they are best known: SB, MP and LB.

use rvlitmus_core::model::{BaseModel, Model};
use rvlitmus_core::session::{Session, Settings, Unwatched};

const TESTS: [&str; 3] = [
    include_str!("../../litmus/sb/SB.litmus"),
    include_str!("../../litmus/mp/MP.litmus"),
    include_str!("../../litmus/lb/LB.litmus"),
];

/// The outcome that one of the tests asks about.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BasicOutcome {
    /// The test's name.
    pub test: String,
    /// The proposition of its condition.
    pub outcome: String,
    /// Is it possible under each model?
    pub possible: Vec<bool>,
}

/// The outcomes that the tests ask about, under these models in this order.
#[must_use]
pub fn basic_outcomes(models: &[BaseModel]) -> Vec<BasicOutcome> {
    TESTS.iter().filter_map(|text| basic_outcome(text, models)).collect()
}

/// `None` for a test that is wrong or has no condition, which none of these is.
fn basic_outcome(text: &str, models: &[BaseModel]) -> Option<BasicOutcome> {
    let mut outcome = BasicOutcome::default();
    for model in models {
        let models = vec![Model::of(*model)];
        let session = Session::new(Settings { models, ..Settings::default() });
        let test = session.read(text).ok()?;
        let answer = session.answer(&test, &session.machines(&test).ok()?, &Unwatched).ok()?;
        outcome.possible.push(answer.found(0)?.positive() > 0);
        outcome.outcome = answer.condition?.proposition;
        outcome.test = test.test.name;
    }
    Some(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ztso_excludes_two_of_three() {
        let found = basic_outcomes(&[BaseModel::Rvwmo, BaseModel::Ztso]);
        let possible: Vec<(&str, &[bool])> =
            found.iter().map(|o| (o.test.as_str(), o.possible.as_slice())).collect();
        let both = [("SB", &[true, true][..]), ("MP", &[true, false]), ("LB", &[true, false])];
        assert_eq!(possible, both);
        assert_eq!(found[1].outcome, "(1:x6=1 /\\ 1:x7=0)");
    }
}
