//! Asking what states a generated test reaches, in process.

use std::collections::BTreeSet;

use rvlitmus_core::answer::Reached;
use rvlitmus_core::model::Model;
use rvlitmus_core::session::{Session, Settings, Unwatched};

/// A final state: each place with its value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct State(Vec<(String, i64)>);

impl State {
    /// The equations that say it.
    pub(crate) fn terms(&self) -> Vec<String> {
        self.0.iter().map(|(place, value)| format!("{place}={value}")).collect()
    }
}

/// The states that a test reaches under some of the models.
pub(crate) fn states_under(text: &str, models: &[Model]) -> BTreeSet<State> {
    let session = Session::new(Settings { models: models.to_vec(), ..Settings::default() });
    let Ok(test) = session.read(text) else { return BTreeSet::new() };
    let Ok(machines) = session.machines(&test) else { return BTreeSet::new() };
    let Ok(answer) = session.answer(&test, &machines, &Unwatched) else { return BTreeSet::new() };
    let mut states = BTreeSet::new();
    for machine in 0..machines.len() {
        let Reached::All(found) = answer.reached(machine) else { continue };
        for row in found.rows() {
            let values = answer.states.row(row).map(|value| value.text(&answer.symbols));
            let place = |name: &str| name.trim_matches(['[', ']']).to_owned();
            let places = answer.places.iter().map(place);
            let numbers = values.map(|value| value.parse().unwrap_or(0));
            states.insert(State(places.zip(numbers).collect()));
        }
    }
    states
}
