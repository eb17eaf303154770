//! Forms of a test, with more ordering or less, each answered by the session.

use std::collections::BTreeSet;

use super::rewrite::{with, without};
use super::site::Site;
use super::{Lost, NoAdvice, Parts};
use crate::answer::{Answer, CutLoop, Extent, Failure};
use crate::litmus::{Condition, Quantifier, Test};
use crate::session::{Machine, ReadTest, Session, Watch};

/// Answers the forms of a test on one machine.
pub struct Forms<'a> {
    pub(super) session: &'a Session,
    pub(super) test: &'a ReadTest,
    pub(super) machine: &'a Machine,
    watch: &'a dyn Watch,
    /// Loops that were cut in any of them.
    pub cut: BTreeSet<CutLoop>,
}

/// The states of a form of a test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormStates {
    /// As they print, and whether they satisfy the condition.
    pub states: BTreeSet<(String, bool)>,
    /// Why there are none, where an execution leaves the model.
    pub failure: Option<Failure>,
}

impl FormStates {
    /// Is there a state that satisfies the condition, or one that does not?
    #[must_use]
    pub fn has(&self, satisfying: bool) -> bool {
        self.states.iter().any(|(_, satisfies)| *satisfies == satisfying)
    }
}

impl<'a> Forms<'a> {
    /// The forms of this test on this machine.
    #[must_use]
    pub fn new(
        session: &'a Session,
        test: &'a ReadTest,
        machine: &'a Machine,
        watch: &'a dyn Watch,
    ) -> Forms<'a> {
        Forms { session, test, machine, watch, cut: BTreeSet::new() }
    }

    /// A form as if it had been read.
    pub(super) fn read(&self, form: Test) -> ReadTest {
        let lines = self.test.lines.clone();
        ReadTest { test: form, lines, hash: None, other_hashes: Vec::new() }
    }

    /// Answers a form of the test.
    ///
    /// # Errors
    /// It cannot be run, or has no answer within the limits.
    pub fn seen(&mut self, form: &Test) -> Result<FormStates, NoAdvice> {
        let machines = std::slice::from_ref(self.machine);
        let answer = self.session.answer(&self.read(form.clone()), machines, self.watch)?;
        match &answer.machines[0].extent {
            Extent::Failed(failure) if failure.status.unfinished() => {
                return Err(NoAdvice::Failure(failure.clone()));
            }
            Extent::Failed(failure) => {
                return Ok(FormStates { states: BTreeSet::new(), failure: Some(failure.clone()) });
            }
            Extent::Bounded(cut) => self.cut.extend(cut.iter().cloned()),
            Extent::Complete | Extent::Decided | Extent::NoExecution => {}
        }
        let rows = answer.states.of(0);
        let states = rows.map(|row| (shown(&answer, row), answer.states.satisfies(row))).collect();
        Ok(FormStates { states, failure: None })
    }

    /// What happens without one of the sites, all others being there: the first state that the whole test
    /// lacks, and the reason why it does.
    ///
    /// # Errors
    /// As of [`Forms::seen`].
    pub fn lost(
        &mut self,
        whole: &FormStates,
        sites: &[Site],
        site: usize,
    ) -> Result<Lost, NoAdvice> {
        let mut parts: Vec<Parts> = sites.iter().map(|site| site.parts).collect();
        parts[site] = Parts::default();
        let form = self.seen(&with(&self.test.test, sites, &parts))?;
        if let Some(failure) = form.failure {
            return Ok(Lost::Fault(failure.error.message));
        }
        // What the condition asks for is what the test is about.
        let asked = |state: &&(String, bool)| state.1 != self.is_forall();
        let mut new: Vec<&(String, bool)> = form.states.difference(&whole.states).collect();
        new.sort_by_key(|state| !asked(state));
        let state = new.first().map(|state| state.0.clone()).unwrap_or_default();
        let without = self.read(without(&self.test.test, sites, site));
        let is = |values: &[(String, String)]| listed(values.iter().cloned()) == state;
        let (forms, rules) = ([self.test, &without], sites[site].rules());
        let argument = self.session.argument(forms, self.machine, rules, is, self.watch)?;
        Ok(Lost::State { state, reason: argument.map(|argument| argument.line), context: None })
    }

    /// Does the condition speak of all states?
    pub(super) fn is_forall(&self) -> bool {
        let condition = self.test.test.condition.as_ref();
        matches!(condition, Some(Condition { quantifier: Quantifier::Forall, .. }))
    }
}

/// A state as it prints.
fn shown(answer: &Answer, row: usize) -> String {
    let values = answer.places.iter().zip(answer.states.row(row));
    listed(values.map(|(place, value)| (place.to_owned(), value.text(&answer.symbols))))
}

/// `0:x5=1 [x]=2`
fn listed(values: impl Iterator<Item = (String, String)>) -> String {
    values.map(|(place, value)| format!("{place}={value}")).collect::<Vec<_>>().join(" ")
}
