//! What the means of ordering that a test has are good for, by whoever judges its forms.

use super::minimal::{Choice, Minimal, Problem};
use super::rewrite::with;
use super::site::{Site, SiteKind};
use super::{Change, Costs, Lost, NoAdvice, Parts, PresentSite, Question, Use, Way, Ways};
use crate::session::ReadTest;

/// Says whether less ordering will do: in one test, or wherever else.
pub trait Sufficiency {
    /// Is what is to be preserved the same with these parts of the sites as with all of them?
    ///
    /// # Errors
    /// It cannot be said within the limits.
    fn suffices(&mut self, choice: &Choice) -> Result<bool, NoAdvice>;

    /// What happens without one of the sites, all others being there.
    ///
    /// # Errors
    /// It cannot be said within the limits.
    fn lost(&mut self, site: usize) -> Result<Lost, NoAdvice>;
}

/// What each of these sites does, all others being there, and what could stand instead of all of them.
///
/// # Errors
/// Those of the judge.
pub fn uses_of(
    test: &ReadTest,
    sites: &[Site],
    question: &Question,
    judge: &mut dyn Sufficiency,
) -> Result<(Vec<PresentSite>, Ways), NoAdvice> {
    let all: Choice = sites.iter().map(|site| site.parts).collect();
    let mut present = Vec::with_capacity(sites.len());
    for (number, site) in sites.iter().enumerate() {
        let problem = Problem {
            all: &[site.parts],
            cost: &|_, parts| question.costs.of(parts),
            closed: &|_, parts| site.closed(&test.test, parts),
        };
        let Minimal { choices, .. } = problem.minimal(usize::MAX, |choice| {
            let mut parts = all.clone();
            parts[number] = choice[0];
            judge.suffices(&parts)
        })?;
        let use_ = if choices.iter().any(|choice| choice[0].is_empty()) {
            Use::Nothing
        } else if choices.iter().any(|choice| choice[0] != site.parts) {
            let texts = choices.iter().filter_map(|choice| site.text(&test.test, choice[0]));
            Use::Weaker(texts.collect(), judge.lost(number)?)
        } else {
            Use::Needed(judge.lost(number)?)
        };
        present.push(PresentSite {
            at: test.lines.line_column(site.span.start),
            hart: site.hart,
            text: site.text(&test.test, site.parts).unwrap_or_default(),
            use_,
        });
    }
    let instead = match present.iter().all(|site| matches!(site.use_, Use::Needed(_))) {
        true => Ways::default(),
        false => ways(test, sites, question, |choice| judge.suffices(choice))?,
    };
    Ok((present, instead))
}

/// The minimal choices of the sites' parts that suffice, as tests.
///
/// # Errors
/// Those of `suffices`.
pub(super) fn ways(
    test: &ReadTest,
    sites: &[Site],
    Question { costs, most, .. }: &Question,
    suffices: impl FnMut(&Choice) -> Result<bool, NoAdvice>,
) -> Result<Ways, NoAdvice> {
    let all: Choice = sites.iter().map(|site| site.parts).collect();
    let problem = Problem {
        all: &all,
        cost: &|site, parts| added(costs, &sites[site], parts),
        closed: &|site, parts| sites[site].closed(&test.test, parts),
    };
    let Minimal { choices, more } = problem.minimal(*most, suffices)?;
    let way = |choice: &Choice| {
        let changed = sites.iter().zip(choice).filter(|(site, parts)| match site.kind {
            SiteKind::NewFence | SiteKind::NewDependency { .. } => !parts.is_empty(),
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

/// What parts cost besides those that a site has in any case.
fn added(costs: &Costs, site: &Site, parts: Parts) -> u64 {
    costs.of(site.given.union(parts)) - costs.of(site.given)
}
