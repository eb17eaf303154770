//! A sequence of instructions in every context: what its means of ordering are good for, whoever uses it.
//!
//! [`sequence`] cuts the sequence out of its test, [`enumerate`] lists the contexts, [`write`] makes a test of
//! both, [`search`] looks for the first one in which a weaker form of the sequence reaches other states.

mod enumerate;
mod search;
mod sequence;
mod write;

use std::ops::Range;

use rvlitmus_core::advise::{
    Advice, Choice, Contexts, Forbid, Lost, NoAdvice, Question, Sufficiency, Ways, uses_of,
};
use rvlitmus_core::answer::{CutLoop, Failure, Mistake, Status};
use rvlitmus_core::session::{Harts, Machine, ReadTest, Session, Settings, Watch};

use crate::Alphabet;
use search::Search;
use sequence::sequences;

/// Says what the means of ordering of a test's marked sequence, or of each of its harts, are good for in every
/// context of so many accesses made of this alphabet. All states are preserved, whatever the question says.
///
/// # Errors
/// The sequence cannot stand by itself, there are too many contexts, or one has no answer within the limits.
pub fn advise_in_contexts(
    session: &Session,
    (test, text): (&ReadTest, &str),
    machine: &Machine,
    question: &Question,
    (accesses, alphabet): (usize, &Alphabet),
    watch: &dyn Watch,
) -> Result<Advice, NoAdvice> {
    session.link(test, machine)?;
    let settings = session.settings().clone();
    let session = Session::new(Settings { remember: false, parallel: false, ..settings });
    let (mut searches, mut sites) = (Vec::new(), Vec::new());
    for mut sequence in sequences(text, test)? {
        sequence.sites.retain(|site| !question.keeps(test, site));
        let first = sites.len();
        sites.extend(sequence.sites.iter().cloned());
        let harts = match &machine.harts {
            Harts::Each(_) => Harts::All(machine.harts.of(sequence.hart)),
            harts => harts.clone(),
        };
        let machine = Machine { harts, ..machine.clone() };
        let search = Search::new(&session, machine, sequence, (accesses, alphabet), watch)?;
        searches.push((first..sites.len(), search));
    }
    let mut judge = InContexts { searches };
    let (present, mut instead) = uses_of(test, &sites, question, &mut judge)?;
    let searches = || judge.searches.iter().map(|(_, search)| search);
    let count = searches().map(Search::count).sum();
    let undecided = searches().map(Search::undecided).sum();
    if undecided > 0 {
        // Among these may be one that needs what is to go.
        instead = Ways::default();
    }
    let mut cut: Vec<CutLoop> = searches().flat_map(|search| search.cut.iter().cloned()).collect();
    cut.sort();
    cut.dedup();
    let contexts = Some(Contexts { accesses, count, undecided });
    Ok(Advice { present, instead, forbid: Forbid::NotAsked, contexts, cut })
}

/// Judges forms of sequences by all of their contexts.
struct InContexts<'a> {
    /// Which of all sites are those of the search's sequence.
    searches: Vec<(Range<usize>, Search<'a>)>,
}

impl Sufficiency for InContexts<'_> {
    fn suffices(&mut self, choice: &Choice) -> Result<bool, NoAdvice> {
        for (own, search) in &mut self.searches {
            if search.is_refuted(&choice[own.clone()])? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn lost(&mut self, site: usize) -> Result<Lost, NoAdvice> {
        let found = self.searches.iter_mut().find(|(own, _)| own.contains(&site));
        let (own, search) = found.ok_or_else(|| wrong_here("a site is of no sequence"))?;
        search.lost(site - own.start)
    }
}

/// A mistake of this program.
fn wrong_here(what: &str) -> NoAdvice {
    NoAdvice::Failure(Failure::new(Status::InternalError, Mistake::of_file(what.to_owned())))
}
