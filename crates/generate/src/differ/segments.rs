//! The weakest pieces of one hart's code whose first access a model orders before its last.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use rayon::prelude::*;
use rvlitmus_core::model::Model;
use rvlitmus_core::session::Machine;

use super::Alphabet;
use super::plain::dependencies;
use crate::cycle::Dir;
use crate::judge::{Judge, State, first_of, observed};
use crate::program::{Access, Bytes, Op, Program, Step, location_name};

/// Where the first access of a segment is, and the last, if that is elsewhere.
const ENTRY: usize = 0;
const EXIT: usize = 1;

/// A piece of one hart's code, and what its first and last access do in a cycle.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Segment {
    pub(super) steps: Vec<Step>,
    pub(super) entry: Dir,
    pub(super) exit: Dir,
}

impl Segment {
    pub(super) fn operations(&self) -> usize {
        self.steps.iter().filter_map(Step::access).map(|access| access.op.operations()).sum()
    }

    /// Do its first and last access have one location?
    pub(super) fn same_location(&self) -> bool {
        !self.steps.iter().filter_map(Step::access).any(|access| access.location == EXIT)
    }
}

/// Which segments are looked for.
pub(super) struct Wanted<'a> {
    pub(super) alphabet: &'a Alphabet,
    /// Every one of these models has to order them.
    pub(super) models: &'a [Model],
    /// The most accesses.
    pub(super) most: usize,
    /// The most operations.
    pub(super) operations: usize,
    /// Are those of one location wanted, too?
    pub(super) same_location: bool,
}

/// A segment, and whether another model orders it, too.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) segment: Segment,
    pub(super) by_other: bool,
}

/// Annotations, fences and dependencies that a segment of so many operations may have at most.
fn most_means(accesses: usize) -> usize {
    if accesses <= 2 { 3 } else { 2 }
}

/// The weakest segments that all of the wanted models order.
pub(super) fn segments(
    wanted: &Wanted<'_>,
    other: Option<&Model>,
    judge: &Judge,
    stopped: &(dyn Fn() -> bool + Sync),
) -> Vec<Found> {
    let search = Search {
        wanted,
        judge,
        machines: wanted.models.iter().map(first_of).collect(),
        known: Mutex::default(),
    };
    let mut all: BTreeSet<Segment> = BTreeSet::new();
    for accesses in 2..=wanted.most {
        let mut level: Vec<Segment> = shapes(wanted, accesses).into_iter().collect();
        for means in 0..=most_means(accesses) {
            let judged: Vec<(Segment, bool)> = level
                .into_par_iter()
                .filter(|segment| !stopped() && !search.has_ordered_weakening(segment))
                .map(|segment| {
                    let ordered = search.orders(&segment);
                    (segment, ordered)
                })
                .collect();
            let mut next = BTreeSet::new();
            for (segment, ordered) in judged {
                if ordered {
                    all.insert(segment);
                } else if means < most_means(accesses) {
                    next.extend(strengthened(&segment, wanted.alphabet));
                }
            }
            level = next.into_iter().collect();
        }
    }
    let other = other.map(|model| vec![first_of(model)]);
    let by_other = |segment: &Segment| {
        other.as_ref().is_some_and(|machines| is_ordered(segment, machines, judge))
    };
    all.into_par_iter()
        .filter(|segment| search.can_fail(segment))
        .map(|segment| Found { by_other: by_other(&segment), segment })
        .collect()
}

struct Search<'a> {
    wanted: &'a Wanted<'a>,
    judge: &'a Judge,
    machines: Vec<Machine>,
    known: Mutex<HashMap<Segment, bool>>,
}

impl Search<'_> {
    fn orders(&self, segment: &Segment) -> bool {
        let known = || self.known.lock().ok()?.get(segment).copied();
        if let Some(known) = known() {
            return known;
        }
        let found = self
            .machines
            .iter()
            .all(|machine| is_ordered(segment, std::slice::from_ref(machine), self.judge));
        if let Ok(mut known) = self.known.lock() {
            known.insert(segment.clone(), found);
        }
        found
    }

    /// Is something weaker enough already?
    fn has_ordered_weakening(&self, segment: &Segment) -> bool {
        let program = Program { harts: vec![segment.steps.clone()] };
        let weaker = program.weakenings(self.wanted.alphabet);
        weaker.into_iter().any(|mut program| {
            let steps = program.harts.pop().unwrap_or_default();
            let weaker = Segment { steps, ..segment.clone() };
            weaker.keeps_roles(segment) && self.orders(&weaker)
        })
    }

    /// Can the cycle that asks for the segment come about at all, if nothing is ordered?
    fn can_fail(&self, segment: &Segment) -> bool {
        let weakest = rvlitmus_core::model::Rule::ALL[..13]
            .iter()
            .fold(Model::of(rvlitmus_core::model::BaseModel::Rvwmo), |model, rule| {
                model.without(*rule)
            });
        !is_ordered(segment, &[first_of(&weakest)], self.judge)
    }
}

impl Segment {
    fn access(&self, last: bool) -> Option<&Access> {
        let mut accesses = self.steps.iter().filter_map(Step::access);
        if last { accesses.next_back() } else { accesses.next() }
    }

    /// Are the ends still where they were, and do what they did?
    fn keeps_roles(&self, from: &Segment) -> bool {
        let keeps = |last, dir: Dir| match (self.access(last), from.access(last)) {
            (Some(now), Some(before)) => {
                now.location == before.location
                    && does(now, dir)
                    && (now.bytes, now.sc_bytes) == (before.bytes, before.sc_bytes)
            }
            _ => false,
        };
        let ends_with_access = |steps: &[Step]| {
            steps.first().is_some_and(|s| s.access().is_some())
                && steps.last().is_some_and(|s| s.access().is_some())
        };
        let several = self.steps.iter().filter_map(Step::access).count() > 1;
        several
            && keeps(false, self.entry)
            && keeps(true, self.exit)
            && ends_with_access(&self.steps)
    }
}

/// Can an access of this kind be a read, or a write, of a cycle?
fn does(access: &Access, dir: Dir) -> bool {
    match dir {
        // An LR of other bytes than its SC is no way into a location.
        Dir::R => access.op.reads() && access.sc_bytes.is_none(),
        Dir::W => access.op.writes(),
    }
}

/// The segments without annotations, fences and dependencies.
fn shapes(wanted: &Wanted<'_>, accesses: usize) -> BTreeSet<Segment> {
    let kinds = wanted.alphabet.kinds();
    let mut bodies: Vec<Vec<Step>> = vec![Vec::new()];
    for place in 0..accesses {
        let last = place + 1 == accesses;
        let mut longer = Vec::new();
        for body in &bodies {
            for (op, bytes, sc_bytes) in &kinds {
                // Between locations it does not matter how much of them is accessed, but where SC stores.
                let plain = *bytes == Bytes::default() || sc_bytes.is_some();
                let simple = matches!(op, Op::Load(_) | Op::Store(_));
                if !plain || (sc_bytes.is_some() && accesses > 2) || (!simple && accesses > 3) {
                    continue;
                }
                let locations: &[usize] = match (place, last) {
                    (0, _) => &[ENTRY],
                    (_, true) if wanted.same_location && accesses == 2 => &[ENTRY, EXIT],
                    (_, true) => &[EXIT],
                    _ => &[ENTRY, EXIT, 2],
                };
                for location in locations {
                    let (bytes, sc_bytes) = (*bytes, *sc_bytes);
                    let access = Access { bytes, sc_bytes, ..Access::new(*op, *location, 0) };
                    let mut body = body.clone();
                    body.push(Step::Access(access));
                    longer.push(body);
                }
            }
        }
        bodies = longer;
    }
    let mut all = BTreeSet::new();
    for steps in bodies {
        for (entry, exit) in
            [(Dir::R, Dir::R), (Dir::R, Dir::W), (Dir::W, Dir::R), (Dir::W, Dir::W)]
        {
            let segment = Segment { steps: steps.clone(), entry, exit };
            let fits = segment.access(false).is_some_and(|a| does(a, entry))
                && segment.access(true).is_some_and(|a| does(a, exit));
            let own_read = segment.same_location() && (entry, exit) == (Dir::W, Dir::R);
            if fits && !own_read && segment.operations() <= wanted.operations {
                all.insert(segment);
            }
        }
    }
    all
}

/// Every segment with one annotation, fence or dependency more. Long ones have dependencies only, and those of
/// three accesses no fence if one of many between the first and the last does as well.
fn strengthened(segment: &Segment, alphabet: &Alphabet) -> Vec<Segment> {
    let mut found = Vec::new();
    let accesses = segment.steps.iter().filter_map(Step::access).count();
    let long = accesses > 3;
    let fenced = accesses == 2 || !long && alphabet.fences().len() <= 2;
    for (at, step) in segment.steps.iter().enumerate() {
        let mut put = |steps: Vec<Step>| found.push(Segment { steps, ..segment.clone() });
        let Step::Access(access) = step else { continue };
        let with = |access: Access| {
            let mut steps = segment.steps.clone();
            steps[at] = Step::Access(access);
            steps
        };
        for op in alphabet.stronger(access.op).into_iter().filter(|_| !long) {
            put(with(Access { op, ..access.clone() }));
        }
        if alphabet.deps && access.dep.is_none() {
            for dep in dependencies(&segment.steps[..at], access).into_iter().skip(1) {
                put(with(Access { dep, ..access.clone() }));
            }
        }
        let next = segment.steps.get(at + 1);
        if fenced && next.is_some_and(|step| step.access().is_some()) {
            for fence in alphabet.fences() {
                let mut steps = segment.steps.clone();
                steps.insert(at + 1, Step::Fence(*fence));
                put(steps);
            }
        }
    }
    found
}

/// Does no machine reach a state in which the last access of the segment, on the first hart, comes before its
/// first, as a second hart sees it?
fn is_ordered(segment: &Segment, machines: &[Machine], judge: &Judge) -> bool {
    let link = link(segment);
    let program = Program { harts: vec![segment.steps.clone(), link] };
    let Some(observed) = observed(&program) else { return false };
    let Some(states) = judge.states(&observed.test.to_string(), machines) else { return false };
    let pattern = Pattern::new(segment, &program, &observed.results);
    !states.iter().flatten().any(|state| pattern.holds(state))
}

/// What a second hart does to come from the last access of a segment to its first.
fn link(segment: &Segment) -> Vec<Step> {
    let op = |dir| match dir {
        Dir::R => Op::Store(Default::default()),
        Dir::W => Op::Load(Default::default()),
    };
    let store = |location| Step::Access(Access::new(Op::Store(Default::default()), location, 0));
    if segment.same_location() {
        return vec![store(ENTRY)];
    }
    let end = |last, dir| {
        let access = segment.access(last);
        let location = access.map_or(ENTRY, |access| access.location);
        let own = access.map_or(Bytes::default(), |access| access.bytes);
        let bytes = match access.and_then(|access| access.sc_bytes) {
            Some(bytes) if last => bytes,
            _ => own,
        };
        Step::Access(Access { bytes, ..Access::new(op(dir), location, 0) })
    };
    vec![end(true, segment.exit), end(false, segment.entry)]
}

/// What is seen when the last access of a segment came before its first.
struct Pattern {
    /// Places with a value that they have, or one that they have not.
    equal: Vec<(String, i64)>,
    unequal: Vec<(String, i64)>,
}

impl Pattern {
    fn new(
        segment: &Segment,
        program: &Program,
        results: &[Vec<(Option<String>, Option<String>)>],
    ) -> Pattern {
        let valued = program.valued();
        let accesses = |hart: usize| valued.harts[hart].iter().filter_map(Step::access);
        let mut pattern = Pattern { equal: Vec::new(), unequal: Vec::new() };
        for (_, failed) in &results[0] {
            pattern.equal.extend(failed.iter().map(|place| (place.clone(), 0)));
        }
        let count = accesses(0).count();
        let (Some(first), Some(last)) = (accesses(0).next(), accesses(0).next_back()) else {
            return pattern;
        };
        let read = |hart: usize, at: usize| results[hart][at].0.clone();
        let link: Vec<&Access> = accesses(1).collect();
        let (Some(to_exit), Some(to_entry)) = (link.first(), link.last()) else { return pattern };
        match segment.exit {
            Dir::W => match to_exit.op.reads() {
                true => pattern.equal.extend(read(1, 0).map(|place| (place, last.value))),
                // A single store in the same location: it comes behind what the segment stores.
                false => pattern.equal.push((location_name(last.location), to_exit.value)),
            },
            Dir::R => {
                pattern.unequal.extend(read(0, count - 1).map(|place| (place, to_exit.value)));
                if accesses(0).any(|a| a.location == last.location && a.op.writes()) {
                    pattern.equal.push((location_name(last.location), to_exit.value));
                }
            }
        }
        match segment.entry {
            Dir::R => pattern.equal.extend(read(0, 0).map(|place| (place, to_entry.value))),
            Dir::W if to_entry.op.reads() => {
                pattern.equal.extend(read(1, link.len() - 1).map(|place| (place, 0)));
            }
            // The first store is the last of its location.
            Dir::W => {
                pattern.equal.retain(|(place, _)| *place != location_name(first.location));
                pattern.equal.push((location_name(first.location), first.value));
            }
        }
        if segment.entry == Dir::W && matches!(first.op, Op::Amo(crate::program::AmoOp::Cas, _)) {
            pattern.equal.extend(read(0, 0).map(|place| (place, 0)));
        }
        if segment.exit == Dir::W && matches!(last.op, Op::Amo(crate::program::AmoOp::Cas, _)) {
            pattern.equal.extend(read(0, count - 1).map(|place| (place, 0)));
        }
        pattern
    }

    fn holds(&self, state: &State) -> bool {
        self.equal.iter().all(|(place, value)| state.get(place) == Some(*value))
            && self.unequal.iter().all(|(place, value)| state.get(place) != Some(*value))
    }
}
