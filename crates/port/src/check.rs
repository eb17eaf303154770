//! One test under one map: is what the target may do among what the source may do?

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rvlitmus_core::answer::{Answer, Failure, Reached};
use rvlitmus_core::litmus::Diagnostics;
use rvlitmus_core::model::{BaseModel, Model, Rule};
use rvlitmus_core::session::{ReadTest, Session, Settings, Unwatched, Watch};

use crate::lower::{Lowered, NotLowered, lower};
use crate::map::{Construct, Map};

/// A final state: the values of the source's places in its order.
pub type State = Vec<Box<str>>;

/// A test of x86 with what it may do.
#[derive(Clone, Debug)]
pub struct Source {
    /// The test.
    pub test: ReadTest,
    /// Its places, as reports call them.
    pub places: Vec<String>,
    /// The states that it may end in under x86-TSO.
    pub states: BTreeSet<State>,
}

/// What became of a test under a map.
#[derive(Clone, Debug)]
pub struct Target {
    /// The test of RISC-V.
    pub lowered: Lowered,
    /// States that it may end in and the source may not.
    pub more: Vec<State>,
    /// States that the source may end in and it may not.
    pub fewer: Vec<State>,
}

/// Why nothing is known of a test under a map.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotChecked {
    /// The source cannot be read.
    #[error("{0}")]
    Mistakes(Diagnostics),
    /// The source cannot be run, or not all of its states are known.
    #[error("{0}")]
    Source(String),
    /// A limit or a fault ended the search for the states of the source.
    #[error("{}", .0.error.message)]
    Failed(Failure),
    /// It cannot be lowered.
    #[error("{0}")]
    NotLowered(#[from] NotLowered),
    /// Of the target not all states are known.
    #[error("its target: {0}")]
    Target(String),
}

/// Runs sources and targets.
#[derive(Debug)]
pub struct Checker {
    settings: Settings,
    of_sources: Session,
    /// By the model of the target: a session keeps what it allocated for the next test.
    of_targets: Mutex<Vec<(Model, Session)>>,
}

impl Default for Checker {
    fn default() -> Checker {
        Checker::new(Settings { remember: false, ..Settings::default() })
    }
}

impl Checker {
    /// With these settings but for the models.
    #[must_use]
    pub fn new(settings: Settings) -> Checker {
        let x86_models = vec![Model::of(BaseModel::X86Tso)];
        let settings = Settings { x86_models, explain: false, ..settings };
        let of_sources = Session::new(settings.clone());
        Checker { settings, of_sources, of_targets: Mutex::default() }
    }

    /// Reads a test of x86 and finds its states.
    ///
    /// # Errors
    /// It cannot be read, it is no test of x86, or not all of its states are known.
    pub fn source(&self, text: &str, watch: &dyn Watch) -> Result<Source, NotChecked> {
        let session = &self.of_sources;
        let unknown = |error: String| NotChecked::Source(error);
        let test = session.read_within(text, watch).map_err(NotChecked::Mistakes)?;
        if test.test.language.syntax().is_none() {
            return Err(unknown("it is no test of x86".into()));
        }
        let answer = answer(session, &test, watch).map_err(unknown)?;
        if let Some(failure) = answer.machines.first().and_then(|m| m.extent.failure()) {
            return Err(NotChecked::Failed(failure.clone()));
        }
        let states = states(&answer).map_err(unknown)?;
        let states = states.into_iter().collect();
        Ok(Source { places: places(&answer), states, test })
    }

    /// Lowers a test and compares.
    ///
    /// # Errors
    /// It cannot be lowered, or not all states of the target are known.
    pub fn target(
        &self,
        source: &Source,
        map: &Map,
        model: &Model,
        watch: &dyn Watch,
    ) -> Result<Target, NotChecked> {
        let lowered = lower(&source.test.test, map, source.test.hash.as_deref())?;
        let session = self.of_target(model);
        let unknown = |error: String| NotChecked::Target(error);
        let test = session.read(&lowered.text).map_err(|mistakes| unknown(mistakes.to_string()))?;
        let answer = answer(&session, &test, watch).map_err(unknown)?;
        let order = order(source, &lowered, &answer).map_err(unknown)?;
        let found: BTreeSet<State> =
            states(&answer).map_err(unknown)?.map(|state| reordered(&state, &order)).collect();
        let more = found.difference(&source.states).cloned().collect();
        let fewer = source.states.difference(&found).cloned().collect();
        Ok(Target { lowered, more, fewer })
    }

    /// Why x86-TSO forbids a state of a source, rule by rule.
    #[must_use]
    pub fn forbidden_by_source(&self, source: &Source, state: &State) -> Option<String> {
        let strong = Model::of(BaseModel::X86Tso);
        let models = vec![without_its_order(&strong), strong];
        let settings = Settings { x86_models: models, explain: true, ..self.settings.clone() };
        let session = Session::new(settings);
        let answer = answer(&session, &source.test, &Unwatched).ok()?;
        argument(&answer, |found| found == *state)
    }

    /// Why a target has not a state that its source has, rule by rule.
    #[must_use]
    pub fn forbidden_by_target(
        &self,
        source: &Source,
        target: &Target,
        model: &Model,
        state: &State,
    ) -> Option<String> {
        let models = vec![without_its_order(model), model.clone()];
        let session = Session::new(Settings { models, explain: true, ..self.settings.clone() });
        let test = session.read(&target.lowered.text).ok()?;
        let answer = answer(&session, &test, &Unwatched).ok()?;
        let order = order(source, &target.lowered, &answer).ok()?;
        argument(&answer, |found| reordered(&found, &order) == *state)
    }

    fn of_target(&self, model: &Model) -> Session {
        let mut known = self.of_targets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, session)) = known.iter().find(|(known, _)| known == model) {
            return session.clone();
        }
        let models = vec![model.clone()];
        let session = Session::new(Settings { models, ..self.settings.clone() });
        known.push((model.clone(), session.clone()));
        session
    }
}

/// The model without what orders by fences and annotations.
fn without_its_order(model: &Model) -> Model {
    let of_riscv = |rule: &Rule| BaseModel::Rvwmo.has(*rule);
    let by_means = [Rule::R4, Rule::R5, Rule::R6, Rule::R7];
    let removed = model.rules().filter(|rule| by_means.contains(rule) || !of_riscv(rule));
    removed.collect::<Vec<_>>().into_iter().fold(model.clone(), |model, rule| model.without(rule))
}

fn answer(session: &Session, test: &ReadTest, watch: &dyn Watch) -> Result<Answer, String> {
    let machines = session.machines(test).map_err(|mistakes| mistakes.to_string())?;
    session.answer(test, &machines, watch).map_err(|mistakes| mistakes.to_string())
}

fn places(answer: &Answer) -> Vec<String> {
    answer.places.iter().map(ToString::to_string).collect()
}

/// The states of the only machine, if they are all.
fn states(answer: &Answer) -> Result<impl Iterator<Item = State> + '_, String> {
    match answer.reached(0) {
        Reached::All(found) => Ok(found.rows().map(|row| state(answer, row))),
        _ => Err(match answer.machines.first().and_then(|machine| machine.extent.failure()) {
            Some(failure) => failure.error.message.clone(),
            None => "not all of its states are known".to_owned(),
        }),
    }
}

fn state(answer: &Answer, row: usize) -> State {
    answer.states.row(row).map(|value| value.text(&answer.symbols).to_string().into()).collect()
}

/// For each place of the source, which place of the target it is.
fn order(source: &Source, lowered: &Lowered, answer: &Answer) -> Result<Vec<usize>, String> {
    let names = places(answer);
    let found = source.places.iter().map(|place| {
        let name = lowered.places.get(place).unwrap_or(place);
        names.iter().position(|known| known == name).ok_or_else(|| format!("{place} is lost"))
    });
    found.collect()
}

fn reordered(state: &State, order: &[usize]) -> State {
    order.iter().map(|place| state[*place].clone()).collect()
}

/// The argument against a state that the first machine has and the second lacks.
fn argument(answer: &Answer, is: impl Fn(State) -> bool) -> Option<String> {
    let difference = answer.difference(0, 1)?;
    let lacked = difference.states.iter().find(|lacked| is(state(answer, lacked.row)))?;
    lacked.argument.as_ref().map(|argument| argument.line.clone())
}

/// What a test counts as where the smallest is looked for: accesses and fences, harts, length.
#[must_use]
pub fn size(source: &Source, lowered: &Lowered) -> (usize, usize, usize) {
    let accesses = lowered.uses.iter().filter(|((c, _), _)| *c != Construct::Mfence);
    let all: usize = lowered.uses.values().sum();
    let accesses: usize = accesses.map(|(_, uses)| uses).sum();
    (accesses, all, source.test.test.harts.len())
}

/// A state as people read it.
#[must_use]
pub fn shown(source: &Source, state: &State) -> String {
    let terms = source.places.iter().zip(state).map(|(place, value)| format!("{place}={value}"));
    terms.collect::<Vec<_>>().join(" ")
}
