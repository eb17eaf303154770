//! The search for contexts that tell forms of a sequence from the whole.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, OnceLock};

use rayon::prelude::*;
use rvlitmus_core::advise::{
    Choice, FormStates, Forms, Lost, NoAdvice, Parts, Site, SiteKind, contains, present, with,
};
use rvlitmus_core::answer::{CutLoop, Failure, Mistake, Status};
use rvlitmus_core::litmus::HartId;
use rvlitmus_core::session::{Machine, ReadTest, Session, Watch};

use super::enumerate::{Context, ContextAccess, Kinds};
use super::sequence::Sequence;
use super::write::{Written, write};
use super::wrong_here;
use crate::Alphabet;
use crate::program::{Access, Op, Order};

/// The most contexts of a sequence.
const MOST_CONTEXTS: usize = 500_000;

/// What is known of one sequence in its contexts.
pub(super) struct Search<'a> {
    session: &'a Session,
    machine: Machine,
    sequence: Sequence,
    watch: &'a dyn Watch,
    kinds: Kinds,
    contexts: Vec<Context>,
    /// By context, as far as it was asked: the states of the whole sequence, by their hash; `None` where nothing
    /// can be said, as an execution leaves the model or a hart has too few registers.
    whole: Vec<OnceLock<Option<u128>>>,
    /// Choices that suffice.
    sufficient: Vec<Choice>,
    /// Choices that do not, and a context that says so.
    refuted: Vec<(Choice, usize)>,
    /// Was every context asked?
    complete: bool,
    /// Loops that were cut where something was decided, at their places in the sequence's test.
    pub(super) cut: BTreeSet<CutLoop>,
}

/// A sequence in a context.
struct InContext {
    test: ReadTest,
    /// The cell that the sequence begins with.
    first: usize,
    sites: Vec<Site>,
}

/// Whether a form and the whole have different states, and the loops that were cut for it.
type Differs = (bool, BTreeSet<CutLoop>);

impl<'a> Search<'a> {
    /// A search in all contexts of so many accesses of the alphabet, as far as the hart can execute them.
    ///
    /// # Errors
    /// There are too many.
    pub(super) fn new(
        session: &'a Session,
        machine: Machine,
        sequence: Sequence,
        (accesses, alphabet): (usize, &Alphabet),
        watch: &'a dyn Watch,
    ) -> Result<Search<'a>, NoAdvice> {
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
        let mut search = Search {
            session,
            machine,
            sequence,
            watch,
            kinds,
            contexts: Vec::new(),
            whole: Vec::new(),
            sufficient: Vec::new(),
            refuted: Vec::new(),
            complete: false,
            cut: BTreeSet::new(),
        };
        for access in alphabet.accesses(true) {
            search.kinds.own.push(access);
            let kind = search.kinds.own.len() as u8 - 1;
            let access = ContextAccess { kind, location: 0, behind: 0 };
            let alone = Context { before: vec![access], ..Context::default() };
            let links = |it: &InContext| session.link(&it.test, &search.machine).is_ok();
            if !search.test(&alone, &[])?.is_some_and(|it| links(&it)) {
                search.kinds.own.pop();
            }
        }
        search.contexts = search.kinds.contexts(accesses, MOST_CONTEXTS).map_err(|_| {
            let what = format!("{accesses} accesses make more than {MOST_CONTEXTS} contexts");
            let help = Some("ask for fewer accesses, or a smaller --alphabet".to_owned());
            let mistake = Mistake { help, ..Mistake::of_file(what) };
            NoAdvice::Failure(Failure::new(Status::Unsupported, mistake))
        })?;
        search.whole = search.contexts.iter().map(|_| OnceLock::new()).collect();
        Ok(search)
    }

    /// How many contexts there are.
    pub(super) fn count(&self) -> usize {
        self.contexts.len()
    }

    /// In how many of them nothing can be said, once all were asked.
    pub(super) fn undecided(&self) -> usize {
        let silent = self.whole.iter().filter(|it| it.get() == Some(&None));
        if self.complete { silent.count() } else { 0 }
    }

    /// The sequence in a context; `None` if a hart has too few registers. `state` is what the condition asks for.
    fn test(&self, context: &Context, state: &[String]) -> Result<Option<InContext>, NoAdvice> {
        let written = write(&self.sequence, &self.kinds, context, state);
        let Some(Written { text, first }) = written else { return Ok(None) };
        let read = self.session.read(&text);
        let test = read.map_err(|mistakes| wrong_here(&format!("{mistakes}")))?;
        let mut sites = present(&test.test);
        // Those that are to stay as they are have none in the sequence.
        let own = |cell: usize| {
            let cell = cell.checked_sub(first)? + self.sequence.first;
            self.sequence.sites.iter().find(|known| known.cell == cell)
        };
        sites.retain(|site| site.hart == HartId(0) && own(site.cell).is_some());
        Ok(Some(InContext { test, first, sites }))
    }

    /// Do a form of the sequence and the whole have different states in a context?
    fn differs(&self, at: usize, choice: &[Parts]) -> Result<Differs, NoAdvice> {
        if self.watch.expired() {
            let what = "the time limit ran out among the contexts".to_owned();
            let failure = Failure::new(Status::Timeout, Mistake::of_file(what));
            return Err(NoAdvice::Failure(failure));
        }
        let Some(context) = self.test(&self.contexts[at], &[])? else {
            self.whole[at].get_or_init(|| None);
            return Ok((false, BTreeSet::new()));
        };
        let InContext { test, sites, .. } = &context;
        let mut forms = Forms::new(self.session, test, &self.machine, self.watch);
        let whole = match self.whole[at].get() {
            Some(known) => *known,
            None => {
                let hash = hash(&forms.seen(&test.test)?);
                *self.whole[at].get_or_init(|| hash)
            }
        };
        let differs = match whole {
            // A context in which the whole sequence faults is none that it is used in.
            None => false,
            whole => hash(&forms.seen(&with(&test.test, sites, choice))?) != whole,
        };
        let cut = forms.cut.into_iter().map(|cut| self.in_sequence(cut, &context)).collect();
        Ok((differs, cut))
    }

    /// A loop of the sequence, with the place that it has in the sequence's test.
    fn in_sequence(&self, cut: CutLoop, context: &InContext) -> CutLoop {
        let InContext { test, first, .. } = context;
        let places = test.test.harts[0].cells[*first..].iter().map(|cell| {
            let instr = cell.instr.as_ref()?;
            Some(test.lines.line_column(instr.span.start))
        });
        let mut places = places.zip(&self.sequence.lines);
        let jump = (cut.line, cut.column);
        let (line, column) = places.find(|(at, _)| *at == Some(jump)).map_or(jump, |it| *it.1);
        CutLoop { line, column, hart: Some(self.sequence.hart), ..cut }
    }

    /// Does a form have other states than the whole in some context?
    pub(super) fn is_refuted(&mut self, choice: &[Parts]) -> Result<bool, NoAdvice> {
        let whole = self.sequence.sites.iter().map(|site| site.parts);
        let suffices = |known: &Choice| contains(choice, known);
        if whole.eq(choice.iter().copied()) || self.sufficient.iter().any(suffices) {
            return Ok(false);
        }
        if self.refuted.iter().any(|(known, _)| contains(known, choice)) {
            return Ok(true);
        }
        // What told other forms from the whole tells this one, too, more often than not.
        let known: BTreeSet<usize> = self.refuted.iter().map(|(_, at)| *at).collect();
        for at in known {
            let (differs, cut) = self.differs(at, choice)?;
            if differs {
                self.cut.extend(cut);
                self.refuted.push((choice.to_vec(), at));
                return Ok(true);
            }
        }
        let found = self.first_refuting(choice)?;
        match found {
            Some(at) => self.refuted.push((choice.to_vec(), at)),
            None => self.sufficient.push(choice.to_vec()),
        }
        Ok(found.is_some())
    }

    /// The first context in which a form has other states than the whole.
    fn first_refuting(&mut self, choice: &[Parts]) -> Result<Option<usize>, NoAdvice> {
        let cut = Mutex::new(BTreeSet::new());
        let contexts = (0..self.contexts.len()).into_par_iter();
        let found = contexts.find_map_first(|at| match self.differs(at, choice) {
            Ok((true, cut)) => Some(Ok((at, cut))),
            Ok((false, own)) if own.is_empty() => None,
            Ok((false, own)) => {
                cut.lock().ok()?.extend(own);
                None
            }
            Err(none) => Some(Err(none)),
        });
        match found.transpose()? {
            Some((at, cut)) => {
                self.cut.extend(cut);
                Ok(Some(at))
            }
            None => {
                self.complete = true;
                self.cut.extend(cut.into_inner().unwrap_or_default());
                Ok(None)
            }
        }
    }

    /// What happens without a site, in the first context that tells.
    pub(super) fn lost(&mut self, site: usize) -> Result<Lost, NoAdvice> {
        let mut choice: Choice = self.sequence.sites.iter().map(|site| site.parts).collect();
        choice[site] = Parts::default();
        let found = self.first_refuting(&choice)?;
        let at = found.ok_or_else(|| wrong_here("no context tells what one has told"))?;
        let context = &self.contexts[at];
        let in_context = self.test(context, &[])?;
        let InContext { test, sites, .. } =
            in_context.ok_or_else(|| wrong_here("a context that was tried is none"))?;
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

/// What states are compared by, two hashes of them; `None` where an execution leaves the model.
fn hash(seen: &FormStates) -> Option<u128> {
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
