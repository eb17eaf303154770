//! A sequence of instructions in every context: what its means of ordering are good for, whoever uses it.
//!
//! [`sequence`] cuts the sequence out of its test, [`enumerate`] lists the contexts, [`write`] makes a test of
//! both. Whether less ordering will do is a question to all of these tests: the first one in which a weaker
//! form of the sequence reaches another set of states refutes it.

mod enumerate;
mod sequence;
mod write;

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::{Mutex, OnceLock};

use rayon::prelude::*;
use rvlitmus_core::advise::{
    Advice, Choice, Contexts, Forbid, Forms, Judge, Lost, NoAdvice, Parts, Question, Seen, Site,
    SiteKind, Ways, on_present, present, with,
};
use rvlitmus_core::answer::{CutLoop, Failure, Mistake, Status};
use rvlitmus_core::litmus::HartId;
use rvlitmus_core::session::{Harts, Machine, ReadTest, Session, Settings, Watch};

use crate::Alphabet;
use crate::program::{Access, Op, Order};
use enumerate::{Context, Kinds};
use sequence::{Sequence, sequences};
use write::Written;

/// The most contexts of a sequence.
const MOST_CONTEXTS: usize = 500_000;

/// Says what the means of ordering of a test's marked sequence, or of each of its harts, are good for in every
/// context of so many accesses made of this alphabet.
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
    for mut sequence in sequences(text, &test.test)? {
        sequence.sites.retain(|site| !question.keeps(test, site));
        let first = sites.len();
        sites.extend(sequence.sites.iter().cloned());
        let harts = match &machine.harts {
            Harts::Each(_) => Harts::All(machine.harts.of(sequence.hart)),
            harts => harts.clone(),
        };
        let machine = Machine { harts, ..machine.clone() };
        let range = first..sites.len();
        let search = Search::new(&session, &test.test.name, sequence, machine, range, watch);
        searches.push(search.of_contexts(accesses, alphabet)?);
    }
    let mut judge = InContexts { searches };
    let (present, mut instead) = on_present(test, &sites, question, &mut judge)?;
    let count = judge.searches.iter().map(|search| search.contexts.len()).sum();
    let faulting = judge.searches.iter().map(|search| search.faulting).sum();
    if faulting > 0 {
        // Among these may be one that needs what is to go.
        instead = Ways::default();
    }
    let mut cut: Vec<CutLoop> = judge.searches.into_iter().flat_map(|search| search.cut).collect();
    cut.sort();
    cut.dedup();
    let contexts = Some(Contexts { accesses, count, faulting });
    Ok(Advice { present, instead, forbid: Forbid::NotAsked, contexts, cut })
}

/// Judges forms of sequences by all of their contexts.
struct InContexts<'a> {
    searches: Vec<Search<'a>>,
}

impl Judge for InContexts<'_> {
    fn suffices(&mut self, choice: &Choice) -> Result<bool, NoAdvice> {
        for search in &mut self.searches {
            if search.first_refuting(&choice[search.range.clone()])?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn lost(&mut self, site: usize) -> Result<Lost, NoAdvice> {
        let mut searches = self.searches.iter_mut();
        let search = searches.find(|search| search.range.contains(&site));
        search
            .map_or(Ok(Lost::Fault(String::new())), |search| search.lost(site - search.range.start))
    }
}

/// The search for contexts that tell forms of one sequence from the whole.
struct Search<'a> {
    session: &'a Session,
    name: &'a str,
    sequence: Sequence,
    machine: Machine,
    /// Which of all sites are its own.
    range: Range<usize>,
    watch: &'a dyn Watch,
    kinds: Kinds,
    contexts: Vec<Context>,
    /// By context, as far as it was asked: the states of the whole sequence, by their hash; `None` where an
    /// execution leaves the model.
    whole: Vec<OnceLock<Option<u128>>>,
    /// Choices that suffice.
    sufficient: Vec<Choice>,
    /// Choices that do not, and the first context that says so.
    refuted: Vec<(Choice, usize)>,
    /// How many contexts fault, once all were asked.
    faulting: usize,
    cut: Vec<CutLoop>,
}

impl<'a> Search<'a> {
    fn new(
        session: &'a Session,
        name: &'a str,
        sequence: Sequence,
        machine: Machine,
        range: Range<usize>,
        watch: &'a dyn Watch,
    ) -> Search<'a> {
        let plain = [Op::Load(Order::Plain), Op::Store(Order::Plain)];
        let depends = |site: &Site| site.kind == SiteKind::ValueDependency;
        let behind = match sequence.sites.iter().any(depends) {
            true => sequence.written.clone(),
            false => Vec::new(),
        };
        let kinds = Kinds {
            own: Vec::new(),
            other: plain.map(|op| Access::new(op, 0, 0)).to_vec(),
            locations: sequence.places.len() as u8,
            behind,
        };
        Search {
            session,
            name,
            sequence,
            machine,
            range,
            watch,
            kinds,
            contexts: Vec::new(),
            whole: Vec::new(),
            sufficient: Vec::new(),
            refuted: Vec::new(),
            faulting: 0,
            cut: Vec::new(),
        }
    }

    /// With the contexts of so many accesses that the hart can execute.
    fn of_contexts(mut self, accesses: usize, alphabet: &Alphabet) -> Result<Self, NoAdvice> {
        for access in alphabet.accesses(true) {
            self.kinds.own.push(access);
            let kind = self.kinds.own.len() as u8 - 1;
            let access = enumerate::ContextAccess { kind, location: 0, behind: 0 };
            let alone = Context { before: vec![access], ..Context::default() };
            let links = |it: &InContext| self.session.link(&it.test, &self.machine).is_ok();
            if !self.test(&alone, &[])?.is_some_and(|it| links(&it)) {
                self.kinds.own.pop();
            }
        }
        self.contexts = self.kinds.contexts(accesses, MOST_CONTEXTS).map_err(|_| {
            let what = format!("{accesses} accesses make more than {MOST_CONTEXTS} contexts");
            let help = Some("ask for fewer accesses, or a smaller --alphabet".to_owned());
            let mistake = Mistake { help, ..Mistake::of_file(what) };
            NoAdvice::Failure(Failure::new(Status::Unsupported, mistake))
        })?;
        self.whole = self.contexts.iter().map(|_| OnceLock::new()).collect();
        Ok(self)
    }

    /// The sequence in a context, and its sites there; `None` if a hart has too few registers. `state` is what
    /// the condition asks for.
    fn test(&self, context: &Context, state: &[String]) -> Result<Option<InContext>, NoAdvice> {
        let written = write::write(self.name, &self.sequence, &self.kinds, context, state);
        let Some(Written { text, first }) = written else { return Ok(None) };
        let test = self.session.read(&text)?;
        let mut sites = present(&test.test);
        let cells = first..first + self.sequence.cells;
        sites.retain(|site| site.hart == HartId(0) && cells.contains(&site.cell));
        // Those that are to stay as they are have none of their own.
        let own = |site: &Site| {
            let cell = self.sequence.first + site.cell - first;
            self.sequence.sites.iter().any(|known| known.cell == cell)
        };
        sites.retain(own);
        Ok(Some(InContext { test, sites }))
    }

    /// Do a form of the sequence and the whole have different states in a context? The loops that were cut
    /// are said besides.
    fn differs(&self, at: usize, choice: &[Parts]) -> Result<(bool, Vec<CutLoop>), NoAdvice> {
        if self.watch.expired() {
            let what = "the time limit ran out among the contexts".to_owned();
            let failure = Failure::new(Status::Timeout, Mistake::of_file(what));
            return Err(NoAdvice::Failure(failure));
        }
        let Some(InContext { test, sites }) = self.test(&self.contexts[at], &[])? else {
            return Ok((false, Vec::new()));
        };
        let mut forms = Forms::new(self.session, &test, &self.machine, self.watch);
        let whole = match self.whole[at].get() {
            Some(known) => *known,
            None => {
                let hash = hash(&forms.seen(&test.test)?);
                *self.whole[at].get_or_init(|| hash)
            }
        };
        let differs = match whole {
            // Nobody uses it so.
            None => false,
            whole => hash(&forms.seen(&with(&test.test, &sites, choice))?) != whole,
        };
        Ok((differs, forms.cut.into_iter().collect()))
    }

    /// The first context in which a form has other states than the whole.
    fn first_refuting(&mut self, choice: &[Parts]) -> Result<Option<usize>, NoAdvice> {
        let contains =
            |all: &[Parts], part: &[Parts]| all.iter().zip(part).all(|(all, part)| all.has(*part));
        let whole = self.sequence.sites.iter().map(|site| site.parts);
        if whole.eq(choice.iter().copied()) {
            return Ok(None);
        }
        if self.sufficient.iter().any(|known| contains(choice, known)) {
            return Ok(None);
        }
        let mut refuted = self.refuted.iter();
        if let Some((_, at)) = refuted.find(|(known, _)| contains(known, choice)) {
            return Ok(Some(*at));
        }
        // What told other forms from the whole tells this one, too, more often than not.
        let mut known: Vec<usize> = self.refuted.iter().map(|(_, at)| *at).collect();
        known.sort_unstable();
        known.dedup();
        for at in known {
            if self.differs(at, choice)?.0 {
                self.refuted.push((choice.to_vec(), at));
                return Ok(Some(at));
            }
        }
        let found = self.first(choice)?;
        match found {
            Some(at) => self.refuted.push((choice.to_vec(), at)),
            None => self.sufficient.push(choice.to_vec()),
        }
        Ok(found)
    }

    /// The same by all contexts in their order.
    fn first(&mut self, choice: &[Parts]) -> Result<Option<usize>, NoAdvice> {
        let cut = Mutex::new(BTreeSet::new());
        let one = |at: usize| match self.differs(at, choice) {
            Ok((differs, own)) => {
                if !own.is_empty()
                    && let Ok(mut cut) = cut.lock()
                {
                    cut.extend(own);
                }
                differs.then_some(Ok(at))
            }
            Err(none) => Some(Err(none)),
        };
        let contexts = (0..self.contexts.len()).into_par_iter();
        let found = contexts.find_map_first(one).transpose()?;
        if found.is_none() {
            self.faulting = self.whole.iter().filter(|it| it.get() == Some(&None)).count();
            self.cut.extend(cut.into_inner().unwrap_or_default());
        }
        Ok(found)
    }

    /// What happens without a site, in the first context that tells.
    fn lost(&mut self, site: usize) -> Result<Lost, NoAdvice> {
        let mut choice: Choice = self.sequence.sites.iter().map(|site| site.parts).collect();
        choice[site] = Parts::default();
        let Some(at) = self.first(&choice)? else { return Ok(Lost::Fault(String::new())) };
        let context = &self.contexts[at];
        let Some(InContext { test, sites }) = self.test(context, &[])? else {
            return Ok(Lost::Fault(String::new()));
        };
        let mut forms = Forms::new(self.session, &test, &self.machine, self.watch);
        let whole = forms.seen(&test.test)?;
        let mut lost = forms.lost(&whole, &sites, site)?;
        if let Lost::State { state, context: shown, .. } = &mut lost {
            let terms: Vec<String> = state.split(' ').map(str::to_owned).collect();
            *shown = self.test(context, &terms)?.map(|it| Box::new(it.test.test));
        }
        Ok(lost)
    }
}

/// A sequence in a context.
struct InContext {
    test: ReadTest,
    sites: Vec<Site>,
}

/// Two hashes of the states; `None` where an execution leaves the model.
fn hash(seen: &Seen) -> Option<u128> {
    if seen.failure.is_some() {
        return None;
    }
    let of = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        (seed, &seen.states).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    Some(of(0) << 64 | of(1))
}
