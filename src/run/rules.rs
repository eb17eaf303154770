//! Which rules a test's answer depends on: each is removed in turn, and the states compared.
//!
//! The axiomatic engine answers, since it knows every rule alone; the machine's search supposes some of
//! them.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Setup, Source, metadata};
use rvlitmus_core::axiomatic;
use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::{BaseModel, Options, Rule};
use rvlitmus_core::program::{Completeness, HartConfig, Outcomes, Program, link};

/// How often one search may ask whether to go on. A count, not a time, so that the table is the same
/// everywhere.
const MOST_QUESTIONS: u32 = 2_000;

/// A rule without which a test has other states.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Dependence {
    /// The rule.
    pub rule: Rule,
    /// Under which model.
    pub model: BaseModel,
}

/// What removing rules does to one test.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RuleUse {
    /// The rules that its states depend on, in the manual's order.
    pub depends: Vec<Dependence>,
    /// The rules for which the search was too long.
    pub undecided: Vec<Dependence>,
}

/// Removes each rule in turn under each model of `setup`; `None` for a test that its selection leaves
/// out.
///
/// # Errors
/// In words: the test cannot be read or run.
pub fn rule_use(source: &Source, setup: &Setup) -> Result<Option<RuleUse>, String> {
    let text = source.text().map_err(|error| error.to_string())?;
    if !setup.selection.wants(&source.shown, Some(&text)) {
        return Ok(None);
    }
    let run = AssertUnwindSafe(|| {
        let test = parse(&text).map_err(|error| error.to_string())?;
        let base = metadata::base_for(&test, setup.hart.base).map_err(|e| e.to_string())?;
        let hart = HartConfig { base, ..setup.hart };
        let program =
            link(&test, &LineIndex::new(&text), |_| hart).map_err(|error| error.to_string())?;
        let options = metadata::options_for(&test, &setup.options);
        let options = options.map_err(|error| error.to_string())?;
        let mut found = RuleUse::default();
        for model in &setup.models {
            remove_each(&program, *model, &options, &mut found)?;
        }
        found.depends.sort_unstable();
        found.undecided.sort_unstable();
        Ok(Some(found))
    });
    catch_unwind(run).unwrap_or_else(|_| Err("panic".to_owned()))
}

/// The rules that a model has.
pub fn rules_of(model: BaseModel) -> impl Iterator<Item = Rule> {
    Rule::ALL.into_iter().filter(move |rule| match rule {
        Rule::ZtsoLoadAcquire | Rule::ZtsoStoreRelease | Rule::ZtsoAmo => model == BaseModel::Ztso,
        Rule::ScProgramOrder => model == BaseModel::Sc,
        _ => true,
    })
}

fn remove_each(
    program: &Program,
    model: BaseModel,
    options: &Options,
    found: &mut RuleUse,
) -> Result<(), String> {
    let Some(whole) = outcomes(program, model, options)? else {
        found.undecided.extend(rules_of(model).map(|rule| Dependence { rule, model }));
        return Ok(());
    };
    for rule in rules_of(model) {
        let weaker = Options { rules: options.rules.without(rule), ..*options };
        match outcomes(program, model, &weaker) {
            Ok(Some(weaker)) if weaker.states == whole.states => {}
            Ok(None) => found.undecided.push(Dependence { rule, model }),
            // Other states, or an execution that faults and did not exist before.
            Ok(Some(_)) | Err(_) => found.depends.push(Dependence { rule, model }),
        }
    }
    Ok(())
}

/// `None` if the search is too long.
fn outcomes(
    program: &Program,
    model: BaseModel,
    options: &Options,
) -> Result<Option<Outcomes>, String> {
    let models = vec![model; program.harts.len()];
    let questions = Cell::new(0);
    let stop = || {
        questions.set(questions.get() + 1);
        questions.get() > MOST_QUESTIONS
    };
    let found = axiomatic::outcomes(program, &models, options, &stop);
    let found = found.map_err(|fault| fault.to_string())?;
    Ok((found.completeness != Completeness::Timeout).then_some(found))
}
