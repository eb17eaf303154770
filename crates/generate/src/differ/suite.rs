//! From two models to the tests that tell them apart.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use rvlitmus_core::model::Model;
use rvlitmus_core::session::Machine;

use super::Alphabet;
use super::necklaces::{self, Item};
use super::plain;
use super::segments::{Found, Wanted, segments};
use crate::cycle::Dir;
use crate::generated_test::conjunction;
use crate::judge::{Judge, machine, observed};
use crate::program::Program;

/// What tests are looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Every test whose states differ, and of which no single weakening's do.
    Minimal,
    /// Exactly one segment is ordered by one model alone, all others by their weakest means in both.
    Isolate,
    /// Every minimal test that one model forbids.
    Forbid,
}

impl Mode {
    /// `minimal`, `isolate`, `forbid`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mode::Minimal => "minimal",
            Mode::Isolate => "isolate",
            Mode::Forbid => "forbid",
        }
    }
}

/// What is asked for.
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    /// Two models, or one for [`Mode::Forbid`].
    pub models: Vec<Model>,
    /// The most operations of a test.
    pub operations: usize,
    /// The most harts.
    pub harts: usize,
    /// What tests are made of.
    pub alphabet: Alphabet,
    /// Which of them.
    pub mode: Mode,
}

/// A test that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Synthesised {
    /// What it is called.
    pub name: String,
    /// What its harts do, in short.
    pub shape: String,
    /// How many operations it has.
    pub operations: usize,
    /// How many harts.
    pub harts: usize,
    /// The text of its file.
    pub text: String,
}

/// The tests that are asked for, fewer operations first; `None` if `stop` was set before they were all known.
#[must_use]
pub fn synthesise(request: &Request, stop: &AtomicBool) -> Option<Vec<Synthesised>> {
    let stopped = || stop.load(Ordering::Relaxed);
    let suite = Suite::new(request);
    let programs = match request.mode {
        Mode::Minimal => suite.minimal(&stopped),
        Mode::Isolate => suite.isolate(&stopped),
        Mode::Forbid => super::forbid::tests(&suite, &stopped),
    };
    let mut programs: Vec<Program> = programs.into_iter().collect();
    let size = |program: &Program| match request.mode {
        Mode::Forbid => program.events(),
        _ => program.operations(),
    };
    programs.sort_by_cached_key(|program| (size(program), program.harts.len(), program.clone()));
    let tests = programs.iter().filter_map(|program| suite.written(program)).collect();
    (!stopped()).then_some(tests)
}

/// Everything that is known of the two models so far.
pub(super) struct Suite<'r> {
    pub(super) request: &'r Request,
    pub(super) machines: Vec<Machine>,
    pub(super) judge: Judge,
    differ: Mutex<HashMap<Program, bool>>,
}

impl<'r> Suite<'r> {
    pub(super) fn new(request: &'r Request) -> Suite<'r> {
        Suite {
            request,
            machines: request.models.iter().map(machine).collect(),
            judge: Judge::default(),
            differ: Mutex::default(),
        }
    }

    /// Do the models reach other states of a program?
    fn differs(&self, program: &Program) -> bool {
        let program = program.trimmed().canonical();
        let known = || self.differ.lock().ok()?.get(&program).copied();
        if let Some(known) = known() {
            return known;
        }
        let differs = observed(&program)
            .is_some_and(|o| self.judge.differ(&o.test.to_string(), &self.machines));
        if let Ok(mut known) = self.differ.lock() {
            known.insert(program, differs);
        }
        differs
    }

    /// Does it differ, and nothing that is weaker by one step?
    pub(super) fn is_minimal(&self, program: &Program) -> bool {
        self.differs(program)
            && !program.weakenings(&self.request.alphabet).iter().any(|weaker| self.differs(weaker))
    }

    fn minimal(&self, stopped: &(dyn Fn() -> bool + Sync)) -> BTreeSet<Program> {
        let mut candidates = self.small();
        for (a, b) in [(0, 1), (1, 0)] {
            let [stronger, weaker] = [&self.request.models[a], &self.request.models[b]];
            let found = self.segments(std::slice::from_ref(stronger), Some(weaker), stopped);
            self.cycles(&found, false, stopped, &|others| others > 0, &mut |program| {
                candidates.insert(program.canonical());
            });
        }
        self.kept(candidates, stopped, |program| self.is_minimal(program))
    }

    fn isolate(&self, stopped: &(dyn Fn() -> bool + Sync)) -> BTreeSet<Program> {
        let mut candidates = BTreeSet::new();
        for (a, b) in [(0, 1), (1, 0)] {
            let [stronger, weaker] = [&self.request.models[a], &self.request.models[b]];
            let mut found = self.segments(std::slice::from_ref(stronger), Some(weaker), stopped);
            found.retain(|found| !found.by_other);
            found.extend(self.segments(&self.request.models, Some(weaker), stopped));
            self.cycles(&found, false, stopped, &|others| others == 1, &mut |program| {
                candidates.insert(program.canonical());
            });
        }
        self.kept(candidates, stopped, |program| self.differs(program))
    }

    /// Those of which something holds.
    fn kept(
        &self,
        candidates: BTreeSet<Program>,
        stopped: &(dyn Fn() -> bool + Sync),
        holds: impl Fn(&Program) -> bool + Sync,
    ) -> BTreeSet<Program> {
        let candidates: Vec<Program> = candidates.into_iter().collect();
        candidates.into_par_iter().filter(|program| !stopped() && holds(program)).collect()
    }

    /// All programs of a few operations: for what is no cycle, and for what is one of a single location.
    fn small(&self) -> BTreeSet<Program> {
        let Request { alphabet, operations, harts, .. } = self.request;
        let bare = alphabet.bare();
        let kinds = alphabet.kinds().len();
        let few = kinds <= 3 && !alphabet.deps && alphabet.fences().len() <= 2;
        let whole = if few { 3 } else { 2 };
        let mut all = BTreeSet::new();
        for count in 1..=whole.min(*operations) {
            all.extend(match kinds <= 8 {
                true => plain::programs(alphabet, count, *harts, count, true),
                false => plain::programs(&bare, count, *harts, count, false),
            });
        }
        if kinds <= 8 {
            for count in whole + 1..=(*operations).min(4) {
                all.extend(plain::programs(&bare, count, *harts, 1, false));
            }
        }
        all
    }

    pub(super) fn segments(
        &self,
        models: &[Model],
        other: Option<&Model>,
        stopped: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Found> {
        let Request { alphabet, operations, .. } = self.request;
        let most = operations.saturating_sub(1).min(if alphabet.deps { 4 } else { 3 });
        let same_location = self.request.mode == Mode::Forbid;
        let operations = *operations;
        let wanted = Wanted { alphabet, models, most, operations, same_location };
        segments(&wanted, other, &self.judge, stopped)
    }

    /// The programs of all cycles of these segments; `wanted` says how many of them one model alone may
    /// order, `short_cuts` whether single accesses may stand where none is needed.
    pub(super) fn cycles(
        &self,
        found: &[Found],
        short_cuts: bool,
        stopped: &(dyn Fn() -> bool + Sync),
        wanted: &dyn Fn(usize) -> bool,
        each: &mut dyn FnMut(Program),
    ) {
        let mut beads: Vec<Bead<'_>> = found
            .iter()
            .map(|found| Bead {
                item: Item::Segment(&found.segment),
                cost: found.segment.operations(),
                alone: usize::from(!found.by_other),
            })
            .collect();
        for dir in [Dir::W, Dir::R] {
            beads.push(Bead { item: Item::Single(dir), cost: 1, alone: 0 });
        }
        necklaces(&beads, self.request.operations, &mut Vec::new(), stopped, &mut |chosen| {
            let alone: usize = chosen.iter().map(|at| beads[*at].alone).sum();
            if wanted(alone) {
                let items: Vec<Item<'_>> = chosen.iter().map(|at| beads[*at].item).collect();
                necklaces::programs(&items, self.request.harts, short_cuts, each);
            }
        });
    }

    /// The test of a program, with the first state that one model alone reaches as its condition.
    fn written(&self, program: &Program) -> Option<Synthesised> {
        let mut observed = observed(program)?;
        let states = self.judge.states(&observed.test.to_string(), &self.machines)?;
        let models = &self.request.models;
        let (condition, about) = match states.as_slice() {
            [a, b] => {
                let (state, reached, not) = match (b.difference(a).next(), a.difference(b).next()) {
                    (Some(state), _) => (state, 1, 0),
                    (None, Some(state)) => (state, 0, 1),
                    (None, None) => return None,
                };
                let about = format!("{} reaches it, {} does not", models[reached], models[not]);
                (conjunction(state.terms()), about)
            }
            _ => {
                let state = super::forbid::forbidden(self, program)?;
                (conjunction(state.terms()), format!("{} forbids it", models[0]))
            }
        };
        let name = program.name();
        observed.test.name.clone_from(&name);
        observed.test.about = about;
        observed.test.metadata = vec![("Generator", crate::GENERATOR.to_owned())];
        observed.test.locations.clear();
        observed.test.condition = format!("exists ({condition})");
        Some(Synthesised {
            name,
            shape: program.shape(),
            operations: match self.request.mode {
                Mode::Forbid => program.events(),
                _ => program.operations(),
            },
            harts: program.harts.len(),
            text: observed.test.to_string(),
        })
    }
}

/// One piece of a necklace.
struct Bead<'a> {
    item: Item<'a>,
    cost: usize,
    /// 1 if one model alone orders it.
    alone: usize,
}

/// Calls `each` with every cyclic sequence of beads that costs at most so much, each at least once.
fn necklaces(
    beads: &[Bead<'_>],
    left: usize,
    chosen: &mut Vec<usize>,
    stopped: &(dyn Fn() -> bool + Sync),
    each: &mut dyn FnMut(&[usize]),
) {
    if !chosen.is_empty() && !stopped() {
        let length = chosen.len();
        // Of all rotations the least is enough.
        let least = (1..length)
            .all(|by| chosen.iter().copied().le((0..length).map(|at| chosen[(at + by) % length])));
        if least {
            each(chosen);
        }
    }
    for next in chosen.first().copied().unwrap_or(0)..beads.len() {
        let fits = chosen.last().is_none_or(|last| beads[*last].item.meets(&beads[next].item));
        if fits && beads[next].cost <= left && !stopped() {
            chosen.push(next);
            necklaces(beads, left - beads[next].cost, chosen, stopped, each);
            chosen.pop();
        }
    }
}
