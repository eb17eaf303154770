//! The code of every hart, run once for all executions.
//!
//! Where paths meet they are one again: registers hold the value of the path that was taken, a dependency is
//! there if it is there on that path. Points of a hart's code are told apart by how often its backward jumps were
//! taken, so that every point comes after those before it and a loop is as long as its bound.
//!
//! What a path does is what `super::super::interpreter` does; loops end by the same words, those of
//! [`crate::program::repeat`] and [`crate::program::counted`].

mod access;
mod loops;
mod merge;
mod step;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::arch::{FencePairs, Register};
use crate::litmus::HartId;
use crate::model::{AccessKind, Annotation, BaseModel, Options};
use crate::program::misaligned::Alignment;
use crate::program::repeat::{LoopHead, loop_heads};
use crate::program::{Fault, Hart, ObservedFrom, Program};

use super::terms::{EventId, Fact, Operation, Term, Terms};
use super::work::Work;

/// Most points of one hart's code, loops unrolled, and most events of a program.
const MOST_POINTS: usize = 20_000;
const MOST_EVENTS: usize = 4_000;
/// Most nodes of values and facts.
const MOST_NODES: usize = 400_000;

/// Events with the facts by which they belong to a set, ascending.
type EventSet = Rc<Vec<(EventId, Fact)>>;

/// A memory operation that some execution may have.
pub(super) struct Event {
    pub(super) hart: HartId,
    /// Index into the hart's code.
    pub(super) step: usize,
    /// Is it executed?
    pub(super) executed: Fact,
    pub(super) kind: AccessKind,
    pub(super) annotation: Annotation,
    pub(super) address: Term,
    pub(super) bytes: u8,
    /// What it writes, of which the lowest bytes count.
    pub(super) written: Option<Term>,
    /// Itself, or of the operations that its instruction makes the first.
    pub(super) first: EventId,
    /// For an SC, the LRs that it may be paired with.
    pub(super) paired: Vec<(EventId, Fact)>,
    pub(super) address_dep: EventSet,
    pub(super) data_dep: EventSet,
    pub(super) control_dep: EventSet,
    pub(super) alignment: Alignment,
}

/// A fence between events of its hart.
pub(super) struct Fence {
    pub(super) step: usize,
    pub(super) executed: Fact,
    /// The event before which it stands in the order of all.
    pub(super) before: EventId,
    pub(super) pairs: FencePairs,
}

/// A paired SC that fails, which a store of another hart must excuse.
pub(super) struct FailedSc {
    pub(super) step: usize,
    pub(super) fails: Fact,
    pub(super) paired: EventId,
    /// The event before which it stands in the order of all.
    pub(super) before: EventId,
}

/// How a hart ends.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum End {
    Complete,
    Cut(usize),
    Repeats,
    Fault,
}

/// The unrolled code of one hart.
#[derive(Default)]
pub(super) struct UnrolledHart {
    /// Its events: from the first to before the second.
    pub(super) events: (u32, u32),
    pub(super) fences: Vec<Fence>,
    pub(super) failed: Vec<FailedSc>,
    /// Exactly one of them happens.
    pub(super) ends: Vec<(Fact, End)>,
    /// Register values at a complete end.
    pub(super) registers: Vec<(Fact, Vec<Term>)>,
}

/// The unrolled code of all harts.
pub(super) struct Unrolled {
    pub(super) terms: Terms,
    pub(super) events: Vec<Event>,
    pub(super) harts: Vec<UnrolledHart>,
    /// What must be true of every execution.
    pub(super) always: Vec<Fact>,
    /// Computed jumps: whether they are executed, where to, and the addresses that were followed.
    pub(super) jumps: Vec<(Fact, Term, Vec<u64>)>,
    /// What is observed, as it is shown.
    pub(super) observed: Vec<Term>,
    /// The same before it is cut to its type.
    pub(super) raw: Vec<Term>,
}

/// Unrolls all harts.
///
/// # Errors
/// [`Fault::TooLarge`] for what is too long, or is not unrolled.
pub(super) fn unroll(
    program: &Program,
    models: &[BaseModel],
    options: &Options,
    work: &Work<'_>,
) -> Result<Unrolled, Fault> {
    let mut unrolled = Unrolled {
        terms: Terms::new(),
        events: Vec::new(),
        harts: Vec::new(),
        always: Vec::new(),
        jumps: Vec::new(),
        observed: Vec::new(),
        raw: Vec::new(),
    };
    for (index, model) in models.iter().enumerate() {
        let hart = HartId(index as u16);
        let first = unrolled.events.len() as u32;
        let unroller = Unroller {
            program,
            hart,
            code: &program.harts[index],
            model: *model,
            options,
            heads: loop_heads(program, hart, options),
            first,
            unrolled: &mut unrolled,
            this: UnrolledHart::default(),
            waiting: BTreeMap::new(),
            visits: Vec::new(),
            work,
        };
        let mut this = unroller.run()?;
        this.events = (first, unrolled.events.len() as u32);
        unrolled.harts.push(this);
    }
    for (index, observed) in program.observed.iter().enumerate() {
        let raw = match observed.from {
            ObservedFrom::Register(hart, register) => {
                let ends = &unrolled.harts[hart.index()].registers;
                let values: Vec<(Fact, Term)> =
                    ends.iter().map(|(end, values)| (*end, values[register.number()])).collect();
                unrolled.terms.choice(&values)
            }
            ObservedFrom::Memory { .. } => unrolled.terms.last(index),
        };
        unrolled.raw.push(raw);
        let shown = unrolled.terms.apply_to(Operation::Normalize(observed.ctype()), raw);
        unrolled.observed.push(shown);
    }
    Ok(unrolled)
}

/// How often each backward jump was taken: those that count against the bound, and those that do not.
type Counts = Vec<(usize, u32, u32)>;

/// A point of a hart's code, in an order in which each comes after those before it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    jumps: u32,
    step: usize,
    counts: Counts,
}

/// A hart at a point, on some paths.
#[derive(Clone)]
struct Path {
    /// Is it there?
    here: Fact,
    registers: Vec<(Term, EventSet)>,
    control: EventSet,
    /// The last LR, unless another LR or an SC came after it.
    reservation: EventSet,
    /// The event of the step just before.
    previous: Option<EventId>,
}

/// A hart at the head of a loop.
struct Visit {
    step: usize,
    here: Fact,
    registers: Vec<(Term, EventSet)>,
    reservation: EventSet,
    /// Events of all harts so far.
    events: usize,
}

struct Unroller<'p, 'u> {
    program: &'p Program,
    hart: HartId,
    code: &'p Hart,
    model: BaseModel,
    options: &'p Options,
    heads: Vec<Option<LoopHead>>,
    /// Its first event.
    first: u32,
    unrolled: &'u mut Unrolled,
    this: UnrolledHart,
    waiting: BTreeMap<Point, Vec<Path>>,
    visits: Vec<Visit>,
    work: &'u Work<'u>,
}

impl Unroller<'_, '_> {
    fn run(mut self) -> Result<UnrolledHart, Fault> {
        let nothing: EventSet = Rc::default();
        let registers = self.code.registers;
        let registers =
            registers.map(|value| (self.terms().constant(value), nothing.clone())).to_vec();
        let start = Path {
            here: Fact::TRUE,
            registers,
            control: nothing.clone(),
            reservation: nothing,
            previous: None,
        };
        self.waiting.insert(Point { jumps: 0, step: 0, counts: Vec::new() }, vec![start]);
        let mut points = 0;
        while let Some((point, paths)) = self.waiting.pop_first() {
            points += 1;
            let too_many = |what: &str, limit| {
                Err(Fault::TooLarge { what: format!("more than {limit} {what}"), limit })
            };
            if points > MOST_POINTS {
                return too_many("points of one hart's unrolled code", MOST_POINTS);
            }
            if self.unrolled.events.len() > MOST_EVENTS {
                return too_many("memory operations in unrolled code", MOST_EVENTS);
            }
            if self.unrolled.terms.len() > MOST_NODES {
                return too_many("values in unrolled code", MOST_NODES);
            }
            self.work.add(Register::COUNT * paths.len())?;
            let path = self.merged(paths);
            self.visit(point, path)?;
        }
        Ok(self.this)
    }

    fn terms(&mut self) -> &mut Terms {
        &mut self.unrolled.terms
    }

    /// A hart arrives at a point and executes what stands there.
    fn visit(&mut self, point: Point, mut path: Path) -> Result<(), Fault> {
        if let Some(head) = self.heads.get(point.step).cloned().flatten() {
            let repeats: Vec<Fact> = (0..self.visits.len())
                .filter(|visit| self.visits[*visit].step == point.step)
                .collect::<Vec<usize>>()
                .into_iter()
                .map(|visit| self.unchanged(visit, &path, &head))
                .collect::<Result<_, Fault>>()?;
            let repeats = self.terms().or(&repeats);
            let here = self.terms().and(&[path.here, repeats]);
            self.end(here, End::Repeats);
            let goes_on = self.terms().not(repeats);
            path.here = self.terms().and(&[path.here, goes_on]);
            self.visits.push(Visit {
                step: point.step,
                here: path.here,
                registers: path.registers.clone(),
                reservation: path.reservation.clone(),
                events: self.unrolled.events.len(),
            });
        }
        if path.here == Fact::FALSE {
            return Ok(());
        }
        let over = point.counts.iter().find(|(_, counted, _)| *counted > self.options.unroll);
        if let Some((from, ..)) = over {
            self.end(path.here, End::Cut(*from));
            return Ok(());
        }
        self.step(point, path)
    }

    fn end(&mut self, here: Fact, end: End) {
        if here != Fact::FALSE {
            self.this.ends.push((here, end));
        }
    }

    fn go(&mut self, point: Point, path: Path) {
        if path.here != Fact::FALSE {
            self.waiting.entry(point).or_default().push(path);
        }
    }

    /// Goes to `target`, and counts the jump if it leads back.
    fn jump(&mut self, mut point: Point, path: Path, target: usize, free: bool) {
        let from = point.step;
        if target <= from {
            point.jumps += 1;
            let (counted, uncounted) = if free { (0, 1) } else { (1, 0) };
            match point.counts.binary_search_by_key(&from, |(step, ..)| *step) {
                Ok(index) => {
                    point.counts[index].1 += counted;
                    point.counts[index].2 += uncounted;
                }
                Err(index) => point.counts.insert(index, (from, counted, uncounted)),
            }
        }
        point.step = target;
        self.go(point, path);
    }
}

fn get(path: &Path, register: Register) -> (Term, EventSet) {
    path.registers[register.number()].clone()
}

fn set(path: &mut Path, register: Register, value: Term, deps: EventSet) {
    if !register.is_zero() {
        path.registers[register.number()] = (value, deps);
    }
}

fn alone(event: EventId) -> EventSet {
    Rc::new(vec![(event, Fact::TRUE)])
}

/// The fact by which an event is in a set.
pub(super) fn fact_of(set: &[(EventId, Fact)], event: EventId) -> Fact {
    match set.binary_search_by_key(&event, |(event, _)| *event) {
        Ok(index) => set[index].1,
        Err(_) => Fact::FALSE,
    }
}

/// What is left to the other engines.
pub(super) fn unsupported(what: &str) -> Fault {
    Fault::TooLarge { what: format!("{what}, which are not decided without enumeration"), limit: 0 }
}
