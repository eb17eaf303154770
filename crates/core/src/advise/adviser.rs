//! Advice on one test by itself.

use super::find::{possible, present};
use super::forms::{FormStates, Forms};
use super::minimal::Choice;
use super::rewrite::with;
use super::site::Site;
use super::uses::{Sufficiency, uses_of, ways};
use super::{Advice, Forbid, Lost, NoAdvice, Preserve, Question};
use crate::litmus::Test;
use crate::session::{Machine, ReadTest, Session, Watch};

/// Says what a test's means of ordering are good for on one machine, and what forbids its condition there.
///
/// # Errors
/// The test has no answer on the machine, or one of its forms has none within the limits.
pub fn advise(
    session: &Session,
    test: &ReadTest,
    machine: &Machine,
    question: &Question,
    watch: &dyn Watch,
) -> Result<Advice, NoAdvice> {
    let mut forms = Forms::new(session, test, machine, watch);
    let whole = forms.seen(&test.test)?;
    if let Some(fault) = whole.failure {
        return Err(NoAdvice::Failure(fault));
    }
    let kept_out = |site: &Site| !question.keeps(test, site);
    let sites: Vec<Site> = present(&test.test).into_iter().filter(kept_out).collect();
    let preserve = question.preserve;
    let mut judge = InItself { forms, sites: &sites, whole, preserve };
    let (present, instead) = uses_of(test, &sites, question, &mut judge)?;
    let InItself { mut forms, whole, .. } = judge;
    let forbid = forbid(&mut forms, &whole, question)?;
    Ok(Advice { present, instead, forbid, contexts: None, cut: forms.cut.into_iter().collect() })
}

/// Judges forms of a test by their own states.
struct InItself<'a> {
    forms: Forms<'a>,
    sites: &'a [Site],
    whole: FormStates,
    preserve: Preserve,
}

impl Sufficiency for InItself<'_> {
    fn suffices(&mut self, choice: &Choice) -> Result<bool, NoAdvice> {
        let form = self.forms.seen(&with(&self.forms.test.test, self.sites, choice))?;
        let same = match self.preserve {
            Preserve::States => form.states == self.whole.states,
            Preserve::Verdict => {
                [true, false].iter().all(|it| form.has(*it) == self.whole.has(*it))
            }
        };
        Ok(form.failure.is_none() && same)
    }

    fn lost(&mut self, site: usize) -> Result<Lost, NoAdvice> {
        self.forms.lost(&self.whole, self.sites, site)
    }
}

/// What could be added to forbid what the condition asks for.
fn forbid(
    forms: &mut Forms<'_>,
    whole: &FormStates,
    question: &Question,
) -> Result<Forbid, NoAdvice> {
    let test: &ReadTest = forms.test;
    if test.test.condition.is_none() {
        return Ok(Forbid::NoCondition);
    }
    let asked = !forms.is_forall();
    if !whole.has(asked) {
        return Ok(Forbid::Forbidden);
    }
    let mut sites = possible(&test.test, question.may);
    sites.retain(|site| {
        // Not every hart has every annotated instruction.
        let form = || with(&test.test, std::slice::from_ref(site), &[site.parts]);
        let links = |form: Test| forms.session.link(&forms.read(form), forms.machine).is_ok();
        !question.keeps(test, site) && links(form())
    });
    let found = ways(test, &sites, question, |choice| {
        let seen = forms.seen(&with(&test.test, &sites, choice))?;
        Ok(seen.failure.is_none() && !seen.states.is_empty() && !seen.has(asked))
    })?;
    Ok(match found.ways.is_empty() && !found.more {
        true => Forbid::Impossible,
        false => Forbid::Ways(found),
    })
}
