//! Minimal tests that one model forbids, as Lustig and others define them (ASPLOS 2017): of a forbidden outcome
//! every event is needed. Whoever leaves out a store lets those that read from it read anything.

use std::collections::BTreeSet;

use rayon::prelude::*;
use rvlitmus_core::model::{BaseModel, Model, Rule};

use super::suite::Suite;
use crate::judge::{State, machine, observed_as_it_is};
use crate::program::{Access, Fence, Op, Order, Program, Set, Step};

/// The tests of at most so many events.
pub(super) fn tests(suite: &Suite<'_>, stopped: &(dyn Fn() -> bool + Sync)) -> BTreeSet<Program> {
    let request = suite.request;
    let found = suite.segments(&request.models, None, stopped);
    let mut candidates = BTreeSet::new();
    suite.cycles(&found, true, stopped, &|ordered| ordered > 0, &mut |program| {
        if program.events() <= request.operations {
            candidates.insert(program.canonical());
        }
    });
    // A read that precedes a store in coherence can read from another one that does.
    let mut last = candidates.clone();
    while !last.is_empty() && !stopped() {
        let longer = last.iter().filter(|program| program.events() < request.operations);
        let with_stores = longer.flat_map(with_a_store).map(|program| program.canonical());
        last = with_stores
            .filter(|program| program.harts.len() <= request.harts && !candidates.contains(program))
            .collect();
        candidates.extend(last.iter().cloned());
    }
    let candidates: Vec<Program> = candidates.into_iter().collect();
    let is_minimal = |program: &Program| !stopped() && forbidden(suite, program).is_some();
    candidates.into_par_iter().filter(is_minimal).collect()
}

/// The program with one store more, at every place.
fn with_a_store(program: &Program) -> Vec<Program> {
    let mut found = Vec::new();
    for location in 0..program.locations() {
        let store = Step::Access(Access::new(Op::Store(Order::Plain), location, 0));
        let mut alone = program.clone();
        alone.harts.push(vec![store.clone()]);
        found.push(alone);
        for hart in 0..program.harts.len() {
            for at in 0..=program.harts[hart].len() {
                let index =
                    program.harts[hart][..at].iter().filter(|step| step.access().is_some()).count();
                let mut longer = program.clone();
                for access in longer.harts[hart][at..].iter_mut().filter_map(Step::access_mut) {
                    access.dep = access.dep.map(|(dep, source)| match source >= index {
                        true => (dep, source + 1),
                        false => (dep, source),
                    });
                }
                longer.harts[hart].insert(at, store.clone());
                found.push(longer);
            }
        }
    }
    found
}

/// The first outcome that the model forbids, though nothing but the order of operations does, and of which
/// every event is needed.
pub(super) fn forbidden(suite: &Suite<'_>, program: &Program) -> Option<State> {
    let program = program.valued();
    let observed = observed_as_it_is(&program)?;
    let no_order = Rule::ALL[..13]
        .iter()
        .fold(Model::of(BaseModel::Rvwmo), |model, rule| model.without(*rule));
    let machines = [suite.machines[0].clone(), machine(&no_order)];
    let states = suite.judge.states(&observed.test.to_string(), &machines)?;
    let [allowed, possible] = states.as_slice() else { return None };
    let mut outcomes = possible
        .difference(allowed)
        .filter(|state| !reads_ahead(&program, &observed.results, state));
    let relaxed: Vec<Relaxed> = relaxed(&program, suite);
    let mut of_relaxed: Vec<Option<Vec<Seen>>> = vec![None; relaxed.len()];
    let outcome = outcomes.find(|state| {
        let reads = seen(&program, &observed.results, state);
        relaxed.iter().zip(&mut of_relaxed).all(|(relaxed, known)| {
            let known = known.get_or_insert_with(|| relaxed.allowed(suite));
            known.iter().any(|other| relaxed.matches(&program, &reads, other))
        })
    });
    outcome.cloned()
}

type Results = [Vec<(Option<String>, Option<String>)>];

/// What an execution ended with.
#[derive(Clone, Debug)]
struct Seen {
    /// By hart and access: what it read.
    reads: Vec<Vec<Option<i64>>>,
    /// By location.
    finals: Vec<i64>,
}

fn seen(program: &Program, results: &Results, state: &State) -> Seen {
    let read = |(value, _): &(Option<String>, Option<String>)| state.get(value.as_ref()?);
    let name = crate::program::location_name;
    Seen {
        reads: results.iter().map(|hart| hart.iter().map(read).collect()).collect(),
        finals: (0..program.locations()).map(|l| state.get(&name(l)).unwrap_or(0)).collect(),
    }
}

/// Does a read return what its own hart stores later?
fn reads_ahead(program: &Program, results: &Results, state: &State) -> bool {
    let seen = seen(program, results, state);
    program.harts.iter().zip(&seen.reads).any(|(hart, reads)| {
        let accesses: Vec<&Access> = hart.iter().filter_map(Step::access).collect();
        (0..accesses.len()).any(|at| {
            accesses[at..].iter().any(|later| {
                later.op.writes()
                    && later.location == accesses[at].location
                    && reads[at] == Some(later.value)
            })
        })
    })
}

/// A program of which something is left out.
struct Relaxed {
    program: Program,
    /// By hart and access: the access of the whole program that it reads as.
    origins: Vec<Vec<Option<usize>>>,
}

fn relaxed(program: &Program, suite: &Suite<'_>) -> Vec<Relaxed> {
    let identity: Vec<Vec<Option<usize>>> = program
        .harts
        .iter()
        .map(|hart| (0..hart.iter().filter_map(Step::access).count()).map(Some).collect())
        .collect();
    let mut found = Vec::new();
    for (hart, steps) in program.harts.iter().enumerate() {
        for (at, step) in steps.iter().enumerate() {
            let index = steps[..at].iter().filter(|step| step.access().is_some()).count();
            let mut origins = identity.clone();
            if step.access().is_some() {
                origins[hart].remove(index);
            }
            found.push(Relaxed { program: program.without(hart, at), origins });
            let Step::Access(access) = step else { continue };
            if matches!(access.op, Op::Amo(..)) {
                found.push(halved(program, &identity, hart, at));
            }
        }
    }
    let is_annotation = |weaker: &Program| {
        weaker.harts.iter().flatten().count() == program.harts.iter().flatten().count()
            && weaker
                .accesses()
                .zip(program.accesses())
                .all(|(a, b)| (a.op.reads(), a.op.writes()) == (b.op.reads(), b.op.writes()))
    };
    let weaker = program.weakenings(&suite.request.alphabet).into_iter().filter(is_annotation);
    found.extend(weaker.map(|program| Relaxed { program, origins: identity.clone() }));
    found
}

/// An AMO as a load and a store. As in the published model, the load stays behind earlier stores.
fn halved(program: &Program, identity: &[Vec<Option<usize>>], hart: usize, at: usize) -> Relaxed {
    let mut program = program.clone();
    let mut origins = identity.to_vec();
    let steps = &mut program.harts[hart];
    let index = steps[..at].iter().filter(|step| step.access().is_some()).count();
    if let Step::Access(access) = steps[at].clone() {
        let half = |op| Step::Access(Access { op, dep: None, ..access.clone() });
        let halves = [
            Step::Fence(Fence::Sets(Set::W, Set::R)),
            half(Op::Load(Order::Plain)),
            half(Op::Store(Order::Plain)),
        ];
        steps.splice(at..=at, halves);
        for later in steps[at + 3..].iter_mut().filter_map(Step::access_mut) {
            later.dep = later.dep.map(|(dep, source)| (dep, source + usize::from(source > index)));
        }
        origins[hart].insert(index + 1, None);
    }
    Relaxed { program, origins }
}

impl Relaxed {
    /// What the model allows.
    fn allowed(&self, suite: &Suite<'_>) -> Vec<Seen> {
        let Some(observed) = observed_as_it_is(&self.program) else { return Vec::new() };
        let text = observed.test.to_string();
        let states = suite.judge.states(&text, &suite.machines[..1]).unwrap_or_default();
        states.iter().flatten().map(|state| seen(&self.program, &observed.results, state)).collect()
    }

    /// Is it what is left of an outcome of the whole program?
    fn matches(&self, whole: &Program, reads: &Seen, seen: &Seen) -> bool {
        let is_left = |location: usize, value: i64| {
            value == 0
                || self
                    .program
                    .accesses()
                    .any(|a| a.op.writes() && (a.location, a.value) == (location, value))
        };
        let finals = seen.finals.iter().enumerate().all(|(location, value)| {
            let wanted = reads.finals[location];
            !is_left(location, wanted) || *value == wanted
        });
        finals
            && self.origins.iter().enumerate().all(|(hart, origins)| {
                let accesses = whole.harts[hart].iter().filter_map(Step::access);
                let accesses: Vec<&Access> = accesses.collect();
                origins.iter().enumerate().all(|(at, origin)| {
                    let Some(origin) = origin else { return true };
                    let Some(wanted) = reads.reads[hart][*origin] else { return true };
                    !is_left(accesses[*origin].location, wanted)
                        || seen.reads[hart][at] == Some(wanted)
                })
            })
    }
}
