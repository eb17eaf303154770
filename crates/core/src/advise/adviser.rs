//! The search for advice: forms of a test, each answered by the session.

use std::collections::BTreeSet;

use super::minimal::{Choice, Minimal, Problem};
use super::site::{self, Site, SiteKind, possible, present, with};
use super::{
    Advice, Change, Forbid, Lost, NoAdvice, Parts, PresentSite, Preserve, Question, Use, Way, Ways,
};
use crate::answer::{Answer, CutLoop, Extent, Failure};
use crate::litmus::{Condition, Quantifier, Test};
use crate::model::Rule;
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
    let mut adviser = Adviser { session, test, machine, question, watch, cut: BTreeSet::new() };
    let whole = adviser.seen(&test.test)?;
    if let Some(fault) = whole.failure {
        return Err(NoAdvice::Failure(fault));
    }
    let sites = adviser.kept_out(present(&test.test));
    let present = adviser.present(&sites, &whole)?;
    let instead = adviser.instead(&sites, &present, &whole)?;
    let forbid = adviser.forbid(&whole)?;
    Ok(Advice { present, instead, forbid, cut: adviser.cut.into_iter().collect() })
}

struct Adviser<'a> {
    session: &'a Session,
    test: &'a ReadTest,
    machine: &'a Machine,
    question: &'a Question,
    watch: &'a dyn Watch,
    cut: BTreeSet<CutLoop>,
}

/// The states of a form of the test.
struct Seen {
    /// As they print, and whether they satisfy the condition.
    states: BTreeSet<(String, bool)>,
    /// Why there are none, where an execution leaves the model.
    failure: Option<Failure>,
}

impl Seen {
    fn has(&self, satisfying: bool) -> bool {
        self.states.iter().any(|(_, satisfies)| *satisfies == satisfying)
    }
}

impl<'a> Adviser<'a> {
    /// The sites on lines that may change.
    fn kept_out(&self, mut sites: Vec<Site>) -> Vec<Site> {
        sites.retain(|site| !self.question.keep.contains(&self.at(site).0));
        sites
    }

    fn at(&self, site: &Site) -> (u32, u32) {
        self.test.lines.line_column(site.span.start)
    }

    fn form(&self, test: Test) -> ReadTest {
        ReadTest { test, lines: self.test.lines.clone(), hash: None, other_hashes: Vec::new() }
    }

    /// Answers a form of the test.
    fn seen(&mut self, test: &Test) -> Result<Seen, NoAdvice> {
        let machines = std::slice::from_ref(self.machine);
        let form = self.form(test.clone());
        let answer = self.session.answer(&form, machines, self.watch)?;
        match &answer.machines[0].extent {
            Extent::Failed(failure) if failure.status.unfinished() => {
                return Err(NoAdvice::Failure(failure.clone()));
            }
            Extent::Failed(failure) => {
                return Ok(Seen { states: BTreeSet::new(), failure: Some(failure.clone()) });
            }
            Extent::Bounded(cut) => self.cut.extend(cut.iter().cloned()),
            Extent::Complete | Extent::NoExecution => {}
        }
        let rows = answer.states.of(0);
        let states = rows.map(|row| (shown(&answer, row), answer.states.satisfies(row))).collect();
        Ok(Seen { states, failure: None })
    }

    /// Is what the question preserves the same in a form as in the whole test?
    fn preserved(&self, whole: &Seen, form: &Seen) -> bool {
        form.failure.is_none()
            && match self.question.preserve {
                Preserve::States => form.states == whole.states,
                Preserve::Verdict => {
                    [true, false].map(|it| form.has(it)) == [true, false].map(|it| whole.has(it))
                }
            }
    }

    /// Takes each site's parts away, all others being there.
    fn present(&mut self, sites: &[Site], whole: &Seen) -> Result<Vec<PresentSite>, NoAdvice> {
        let test = &self.test.test;
        let all: Choice = sites.iter().map(|site| site.parts).collect();
        let mut present = Vec::with_capacity(sites.len());
        for (number, site) in sites.iter().enumerate() {
            let with_parts = |parts| {
                let mut choice = all.clone();
                choice[number] = parts;
                with(test, sites, &choice)
            };
            let only = [site.parts];
            let problem = Problem {
                all: &only,
                cost: &|_, parts| self.question.costs.of(parts),
                closed: &|_, parts| site.closed(test, parts),
            };
            let mut without = None;
            let Minimal { choices, .. } = problem.minimal(usize::MAX, |choice| {
                let form = self.seen(&with_parts(choice[0]))?;
                let preserved = self.preserved(whole, &form);
                if choice[0].is_empty() {
                    without = Some(form);
                }
                Ok::<_, NoAdvice>(preserved)
            })?;
            let use_ = if choices.iter().any(|choice| choice[0].is_empty()) {
                Use::Nothing
            } else if choices.iter().any(|choice| choice[0] != site.parts) {
                let texts = choices.iter().filter_map(|choice| site.text(test, choice[0]));
                Use::Weaker(texts.collect())
            } else {
                let form = match without {
                    Some(form) => form,
                    None => self.seen(&with_parts(Parts::default()))?,
                };
                Use::Needed(self.lost(
                    whole,
                    form,
                    site::without(test, sites, number),
                    site.rules(),
                )?)
            };
            present.push(PresentSite {
                at: self.at(site),
                hart: site.hart,
                text: site.text(test, site.parts).unwrap_or_default(),
                use_,
            });
        }
        Ok(present)
    }

    /// The first state that a form has and the whole test lacks, for which these rules are to blame.
    fn lost(
        &mut self,
        whole: &Seen,
        form: Seen,
        without: Test,
        rules: &[Rule],
    ) -> Result<Lost, NoAdvice> {
        if let Some(failure) = form.failure {
            return Ok(Lost::Fault(failure.error.message));
        }
        let new = form.states.difference(&whole.states);
        // What the condition asks for is what the test is about.
        let asked = |state: &&(String, bool)| state.1 != self.is_forall();
        let mut new: Vec<&(String, bool)> = new.collect();
        new.sort_by_key(|state| !asked(state));
        let state = new.first().map(|state| state.0.clone()).unwrap_or_default();
        let without = self.form(without);
        let is = |values: &[(String, String)]| listed(values.iter().cloned()) == state;
        let forms = [self.test, &without];
        let argument = self.session.argument(forms, self.machine, rules, is, self.watch)?;
        Ok(Lost::State { state, reason: argument.map(|argument| argument.line) })
    }

    fn is_forall(&self) -> bool {
        matches!(self.test.test.condition, Some(Condition { quantifier: Quantifier::Forall, .. }))
    }

    /// What could stand instead of all that is there.
    fn instead(
        &mut self,
        sites: &[Site],
        present: &[PresentSite],
        whole: &Seen,
    ) -> Result<Ways, NoAdvice> {
        if present.iter().all(|site| matches!(site.use_, Use::Needed(_))) {
            return Ok(Ways::default());
        }
        let most = self.question.most;
        self.ways(sites, most, |adviser, form| {
            let seen = adviser.seen(form)?;
            Ok(adviser.preserved(whole, &seen))
        })
    }

    /// What could be added to forbid what the condition asks for.
    fn forbid(&mut self, whole: &Seen) -> Result<Forbid, NoAdvice> {
        if self.test.test.condition.is_none() {
            return Ok(Forbid::NoCondition);
        }
        let asked = !self.is_forall();
        if !whole.has(asked) {
            return Ok(Forbid::Forbidden);
        }
        let mut sites = self.kept_out(possible(&self.test.test, self.question.may));
        // Not every hart has every annotated instruction.
        sites.retain(|site| {
            let form = with(&self.test.test, std::slice::from_ref(site), &[site.parts]);
            self.session.link(&self.form(form), self.machine).is_ok()
        });
        let most = self.question.most;
        let ways = self.ways(&sites, most, |adviser, form| {
            let seen = adviser.seen(form)?;
            Ok(seen.failure.is_none() && !seen.states.is_empty() && !seen.has(asked))
        })?;
        Ok(if ways.ways.is_empty() && !ways.more { Forbid::Impossible } else { Forbid::Ways(ways) })
    }

    /// The minimal choices of the sites' parts that suffice, as tests.
    fn ways(
        &mut self,
        sites: &[Site],
        most: usize,
        mut suffices: impl FnMut(&mut Self, &Test) -> Result<bool, NoAdvice>,
    ) -> Result<Ways, NoAdvice> {
        let (test, question) = (self.test, self.question);
        let all: Choice = sites.iter().map(|site| site.parts).collect();
        let problem = Problem {
            all: &all,
            cost: &|site, parts| {
                let given = sites[site].given;
                question.costs.of(given.and(parts)) - question.costs.of(given)
            },
            closed: &|site, parts| sites[site].closed(&test.test, parts),
        };
        let Minimal { choices, more } =
            problem.minimal(most, |choice| suffices(self, &with(&test.test, sites, choice)))?;
        let way = |choice: &Choice| {
            let changed = sites.iter().zip(choice).filter(|(site, parts)| match site.kind {
                SiteKind::NewFence => !parts.is_empty(),
                _ => site.text(&test.test, **parts) != site.stands(&test.test),
            });
            let change = |(site, parts): (&Site, &Parts)| Change {
                at: test.lines.line_column(site.span.start),
                hart: site.hart,
                from: site.stands(&test.test),
                to: site.text(&test.test, *parts),
            };
            Way {
                cost: problem.total(choice),
                changes: changed.map(change).collect(),
                test: with(&test.test, sites, choice),
            }
        };
        Ok(Ways { ways: choices.iter().map(way).collect(), more })
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
