//! Which rules a test's answer depends on: each is removed in turn, and the states compared.

use std::sync::atomic::{AtomicU32, Ordering};

use rvlitmus_core::answer::{Answer, Extent, Failure};
use rvlitmus_core::model::{Model, Rule};
use rvlitmus_core::session::{Phase, Watch};

use super::explain::{asked, failed, mistaken};
use super::{Setup, Source, TestWatch, Unexplained};

/// How often one search may ask whether to go on. A count, not a time, so that the table is the same
/// everywhere.
const MOST_QUESTIONS: u32 = 2_000;

/// A rule without which a test has other states.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dependence {
    /// The rule.
    pub rule: Rule,
    /// The model that lost it, by its place among those asked for.
    pub model: usize,
}

/// What removing rules does to one test.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RuleUse {
    /// The rules that its states depend on.
    pub depends: Vec<Dependence>,
    /// The rules of which it is not known, because a search was too long or loops were cut.
    pub undecided: Vec<Dependence>,
    /// Which of the models are of the test's architecture, by their places among those asked for.
    pub models: Vec<usize>,
}

/// Each model followed by the same one without each of its rules: what a session for [`rule_use`] must be
/// asked for.
#[must_use]
pub fn without_each_rule(models: &[Model]) -> Vec<Model> {
    let without = |model: &Model| {
        let weaker = model.rules().map(|rule| model.without(rule)).collect::<Vec<_>>();
        [vec![model.clone()], weaker].concat()
    };
    models.iter().flat_map(without).collect()
}

/// Removes each rule in turn under each of `models`; `None` for a test that the selection of `setup` leaves
/// out. The models of the session of `setup` are those of [`without_each_rule`].
///
/// # Errors
/// The test cannot be read, or not be run under a model that has all its rules.
pub fn rule_use(
    source: &Source,
    models: &[Model],
    setup: &Setup,
) -> Option<Result<RuleUse, Unexplained>> {
    asked(source, setup, |text| {
        let watch = Counting { watch: TestWatch::new(setup), questions: AtomicU32::new(0) };
        let session = &setup.session;
        let answer = session.read_within(text, &watch).and_then(|test| {
            let machines = session.machines(&test)?;
            session.answer(&test, &machines, &watch)
        });
        let answer = answer.map_err(|mistakes| mistaken(mistakes, &source.shown, text, setup))?;
        uses(&answer, models).map_err(|failure| failed(failure, setup))
    })
}

fn uses(answer: &Answer, models: &[Model]) -> Result<RuleUse, Failure> {
    let mut found = RuleUse::default();
    for (model, asked) in models.iter().enumerate() {
        // A model of another architecture is none of the test's.
        let Some(whole) = answer.position(asked.name()) else { continue };
        found.models.push(model);
        if let Some(failure) = answer.machines[whole].extent.failure()
            && !failure.status.unfinished()
        {
            return Err(failure.clone());
        }
        for rule in asked.rules() {
            let dependence = Dependence { rule, model };
            let Some(machine) = answer.position(asked.without(rule).name()) else { continue };
            match depends(answer, whole, machine) {
                Some(true) => found.depends.push(dependence),
                Some(false) => {}
                None => found.undecided.push(dependence),
            }
        }
    }
    Ok(found)
}

/// Are the states of the weaker machine others than those of the whole one? `None` if that is not known.
fn depends(answer: &Answer, whole: usize, weaker: usize) -> Option<bool> {
    let extent = |machine: usize| &answer.machines[machine].extent;
    match (extent(whole), extent(weaker)) {
        (Extent::Failed(_) | Extent::Bounded(_) | Extent::Decided, _) => None,
        (_, Extent::Decided) => None,
        (Extent::NoExecution, Extent::NoExecution) => None,
        // An execution that did not exist before does what has no meaning.
        (_, Extent::Failed(failure)) => (!failure.status.unfinished()).then_some(true),
        (_, weaker_extent) => {
            let others = answer.states.lacked(weaker, whole).next().is_some()
                || answer.states.lacked(whole, weaker).next().is_some();
            (others || !matches!(weaker_extent, Extent::Bounded(_))).then_some(others)
        }
    }
}

/// Ends each search after so many questions.
struct Counting<'s> {
    watch: TestWatch<'s>,
    questions: AtomicU32,
}

impl Watch for Counting<'_> {
    fn begin(&self, phase: Phase) {
        self.questions.store(0, Ordering::Relaxed);
        self.watch.begin(phase);
    }

    fn end(&self, phase: Phase) {
        self.watch.end(phase);
    }

    fn expired(&self) -> bool {
        self.questions.fetch_add(1, Ordering::Relaxed) >= MOST_QUESTIONS || self.watch.expired()
    }
}
