//! Asking what states a generated program reaches, in process.

use std::collections::{BTreeSet, HashMap};

use rvlitmus_core::answer::Reached;
use rvlitmus_core::model::{BaseModel, Model};
use rvlitmus_core::program::full_hart;
use rvlitmus_core::session::{Harts, Machine, Session, Settings, Unwatched};

use crate::assemble::{Assembled, assemble};
use crate::generated_test::GeneratedTest;
use crate::program::{Program, location_name};

/// A final state: each place with its value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct State(Vec<(String, i64)>);

impl State {
    /// The equations that say it.
    pub(crate) fn terms(&self) -> Vec<String> {
        self.0.iter().map(|(place, value)| format!("{place}={value}")).collect()
    }

    /// What a place holds.
    pub(crate) fn get(&self, place: &str) -> Option<i64> {
        self.0.iter().find(|(name, _)| name == place).map(|(_, value)| *value)
    }
}

/// Runs generated tests.
#[derive(Debug)]
pub(crate) struct Judge {
    session: Session,
}

impl Default for Judge {
    fn default() -> Judge {
        Judge { session: Session::new(Settings { remember: false, ..Settings::default() }) }
    }
}

impl Judge {
    /// The states that a test reaches on each machine; `None` if they are not all known.
    pub(crate) fn states(&self, text: &str, machines: &[Machine]) -> Option<Vec<BTreeSet<State>>> {
        let test = self.session.read(text).ok()?;
        let answer = self.session.answer(&test, machines, &Unwatched).ok()?;
        let place = |name: &str| name.trim_matches(['[', ']']).to_owned();
        let places: Vec<String> = answer.places.iter().map(place).collect();
        let states = (0..machines.len()).map(|machine| match answer.reached(machine) {
            Reached::All(found) => Some(
                found
                    .rows()
                    .map(|row| {
                        let values = answer.states.row(row).map(|v| v.text(&answer.symbols));
                        let numbers = values.map(|value| value.parse().unwrap_or(0));
                        State(places.iter().cloned().zip(numbers).collect())
                    })
                    .collect(),
            ),
            _ => None,
        });
        states.collect()
    }

    /// Do two machines reach other states? A test that does not run tells nothing.
    pub(crate) fn differ(&self, text: &str, machines: &[Machine]) -> bool {
        let Ok(test) = self.session.read(text) else { return false };
        let Ok(answer) = self.session.answer(&test, machines, &Unwatched) else { return false };
        let all = |machine| matches!(answer.reached(machine), Reached::All(_));
        all(0) && all(1) && !answer.states.same(0, 1)
    }
}

/// Harts that all follow a model.
pub(crate) fn machine(model: &Model) -> Machine {
    Machine {
        id: model.name().clone(),
        harts: Harts::All(full_hart(model.base())),
        options: model.options(&Default::default()),
    }
}

/// A first hart that follows a model, and others that are sequentially consistent.
pub(crate) fn first_of(model: &Model) -> Machine {
    let harts = vec![full_hart(model.base()), full_hart(BaseModel::Sc)];
    Machine { harts: Harts::Each(harts), ..machine(model) }
}

/// The states that a test reaches under some of the models.
pub(crate) fn states_under(text: &str, models: &[Model]) -> BTreeSet<State> {
    let machines: Vec<Machine> = models.iter().map(machine).collect();
    let states = Judge::default().states(text, &machines);
    states.into_iter().flatten().flatten().collect()
}

/// A program as a test that observes everything.
pub(crate) struct Observed {
    pub(crate) test: GeneratedTest,
    /// By hart and access: the places of what it read, and of whether its SC failed.
    pub(crate) results: Vec<Vec<(Option<String>, Option<String>)>>,
}

/// Writes a program, with values of its own, so that every register and location is observed.
pub(crate) fn observed(program: &Program) -> Option<Observed> {
    observed_as_it_is(&program.valued())
}

/// Writes a program so that every register and location is observed.
pub(crate) fn observed_as_it_is(program: &Program) -> Option<Observed> {
    let Assembled { harts, results } = assemble(program).ok()?;
    let place = |hart: usize, register: Option<u8>| register.map(|r| format!("{hart}:x{r}"));
    let results: Vec<Vec<_>> = results
        .iter()
        .enumerate()
        .map(|(hart, own)| {
            own.iter().map(|r| (place(hart, r.value), place(hart, r.failed))).collect()
        })
        .collect();
    let mut wide: HashMap<usize, bool> = HashMap::new();
    for access in program.accesses() {
        let ends = [Some(access.bytes), access.sc_bytes].into_iter().flatten();
        let is_wide = ends.map(|bytes| bytes.offset + bytes.width.bytes()).any(|end| end > 4);
        *wide.entry(access.location).or_default() |= is_wide;
    }
    let count = program.locations();
    let declared = (0..count).filter(|location| wide.get(location) == Some(&true));
    let memory = declared.map(|location| format!("uint64_t {}", location_name(location))).collect();
    let registers = results.iter().flatten().flat_map(|(value, failed)| [value, failed]);
    let registers = registers.flatten().cloned();
    let locations = registers.chain((0..count).map(location_name)).collect();
    let test = GeneratedTest {
        name: "test".to_owned(),
        memory,
        harts,
        locations,
        ..GeneratedTest::default()
    };
    Some(Observed { test, results })
}
