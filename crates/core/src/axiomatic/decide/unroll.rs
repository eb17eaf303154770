//! The code of every hart, run once for all executions.
//!
//! Where paths meet they are one again: registers hold the value of the path that was taken, a dependency is
//! there if it is there on that path. Points of a hart's code are told apart by how often its backward jumps were
//! taken, so that every point comes after those before it and a loop is as long as its bound.
//!
//! What a path does is what `super::super::interpreter` does; loops end by the same words, those of
//! [`crate::program::repeat`] and [`crate::program::counted`].

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::arch::{
    Action, Cancels, Extend, FencePairs, MemoryAccess, Operand, Order, Register, RegisterOrPair,
};
use crate::litmus::HartId;
use crate::model::{AccessKind, Annotation, BaseModel, Options, ScFailure, annotate};
use crate::program::counted::ends_soon;
use crate::program::misaligned::{self, Alignment};
use crate::program::repeat::{LoopHead, loop_heads, may_skip_stores};
use crate::program::{Fault, Hart, ObservedFrom, Program};

use super::terms::{EventId, Fact, Operation, Term, Terms, Test};
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

    /// Paths that meet, as one.
    fn merged(&mut self, mut paths: Vec<Path>) -> Path {
        if paths.len() == 1
            && let Some(only) = paths.pop()
        {
            return only;
        }
        let here: Vec<Fact> = paths.iter().map(|path| path.here).collect();
        let all = self.terms().or(&here);
        let registers = (0..Register::COUNT)
            .map(|number| {
                let values: Vec<(Fact, Term)> =
                    paths.iter().map(|path| (path.here, path.registers[number].0)).collect();
                let sets: Vec<(Fact, EventSet)> = paths
                    .iter()
                    .map(|path| (path.here, path.registers[number].1.clone()))
                    .collect();
                (self.terms().choice(&values), self.merged_sets(&sets))
            })
            .collect();
        let of = |set: fn(&Path) -> &EventSet| -> Vec<(Fact, EventSet)> {
            paths.iter().map(|path| (path.here, set(path).clone())).collect()
        };
        let (control, reservation) = (of(|path| &path.control), of(|path| &path.reservation));
        Path {
            here: all,
            registers,
            control: self.merged_sets(&control),
            reservation: self.merged_sets(&reservation),
            previous: None,
        }
    }

    /// The set of the path that was taken.
    fn merged_sets(&mut self, sets: &[(Fact, EventSet)]) -> EventSet {
        let (_, first) = &sets[0];
        if sets.iter().all(|(_, set)| set == first) {
            return first.clone();
        }
        let mut events: Vec<EventId> =
            sets.iter().flat_map(|(_, set)| set.iter().map(|(event, _)| *event)).collect();
        events.sort_unstable();
        events.dedup();
        let merged = events
            .into_iter()
            .map(|event| {
                let facts: Vec<Fact> = sets.iter().map(|(_, set)| fact_of(set, event)).collect();
                if facts.iter().all(|fact| *fact == facts[0]) {
                    return (event, facts[0]);
                }
                let on_paths: Vec<Fact> = sets
                    .iter()
                    .zip(facts)
                    .map(|((here, _), fact)| self.terms().and(&[*here, fact]))
                    .collect();
                (event, self.terms().or(&on_paths))
            })
            .collect();
        Rc::new(merged)
    }

    /// Everything that is in one of two sets.
    fn union(&mut self, a: &EventSet, b: &EventSet) -> EventSet {
        if a.is_empty() || Rc::ptr_eq(a, b) {
            return b.clone();
        }
        if b.is_empty() {
            return a.clone();
        }
        let mut events: Vec<EventId> = a.iter().chain(b.iter()).map(|(event, _)| *event).collect();
        events.sort_unstable();
        events.dedup();
        let both = events
            .into_iter()
            .map(|event| (event, self.terms().or(&[fact_of(a, event), fact_of(b, event)])))
            .collect();
        Rc::new(both)
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

    /// Is the hart where it was at an earlier visit, and nothing has changed in between?
    fn unchanged(&mut self, visit: usize, path: &Path, head: &LoopHead) -> Result<Fact, Fault> {
        let live = head.live;
        let visit = &self.visits[visit];
        self.work.add(self.unrolled.events.len() - visit.events + Register::COUNT)?;
        let (registers, reservation) = (visit.registers.clone(), visit.reservation.clone());
        let first = visit.events;
        let mut all = vec![visit.here];
        self.skips(first, head, &mut all);
        for register in live.registers() {
            let (now, now_deps) = &path.registers[register.number()];
            let (then, then_deps) = &registers[register.number()];
            all.push(self.terms().holds(Test::Equal, *now, *then));
            for (event, fact) in then_deps.iter() {
                let not = self.terms().not(*fact);
                all.push(self.terms().or(&[not, fact_of(now_deps, *event)]));
            }
        }
        if live.reservation() {
            for (event, _) in reservation.iter().chain(path.reservation.iter()) {
                let (now, then) =
                    (fact_of(&path.reservation, *event), fact_of(&reservation, *event));
                let (not_now, not_then) = (self.terms().not(now), self.terms().not(then));
                let same = [self.terms().or(&[not_now, then]), self.terms().or(&[not_then, now])];
                all.extend(same);
            }
        }
        Ok(self.terms().and(&all))
    }

    /// What must be true of the events from number `first` on so that they may be left out: see [`LoopHead::skippable`].
    fn skips(&mut self, first: usize, head: &LoopHead, all: &mut Vec<Fact>) {
        let may_store = may_skip_stores(self.options);
        let writes: Vec<EventId> = (self.first..self.unrolled.events.len() as u32)
            .map(EventId)
            .filter(|event| self.unrolled.events[event.index()].kind.writes())
            .collect();
        let mut stored: Vec<(AccessKind, Fact)> = Vec::new();
        for event in writes.iter().filter(|event| event.index() >= first) {
            let Event { kind, executed, written, bytes, step, .. } =
                self.unrolled.events[event.index()];
            let not = self.terms().not(executed);
            let unseen = head.unseen.iter().find(|store| store.step == step);
            match (kind, unseen) {
                (AccessKind::Amo, _) if may_store => {
                    let read = self.terms().read(*event);
                    let written = written.map_or(read, |written| self.cut(written, bytes));
                    let same = self.terms().holds(Test::Equal, read, written);
                    all.push(self.terms().or(&[not, same]));
                }
                (AccessKind::Store, Some(unseen)) if may_store => {
                    for other in &writes {
                        let Event { step, executed, .. } = self.unrolled.events[other.index()];
                        if unseen.publishers.contains(&step) {
                            let no_other = self.terms().not(executed);
                            all.push(self.terms().or(&[not, no_other]));
                        }
                    }
                }
                _ => {
                    all.push(not);
                    continue;
                }
            }
            // One or the other.
            for (_, other) in stored.iter().filter(|(other, _)| *other != kind) {
                let no_other = self.unrolled.terms.not(*other);
                all.push(self.terms().or(&[not, no_other]));
            }
            stored.push((kind, executed));
        }
    }

    /// The lowest bytes of a value.
    fn cut(&mut self, term: Term, bytes: u8) -> Term {
        match super::width_of(bytes) {
            Some(width) => self.terms().apply_to(Operation::Extend(Extend::Zero, width), term),
            None => term,
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

    fn step(&mut self, mut point: Point, mut path: Path) -> Result<(), Fault> {
        let Some(step) = self.code.code.get(point.step) else {
            self.end(path.here, End::Complete);
            let values = path.registers.iter().map(|(term, _)| *term).collect();
            self.this.registers.push((path.here, values));
            return Ok(());
        };
        match step.action {
            Action::Nop => {}
            Action::Constant { destination, value } => {
                let term = self.terms().constant(value);
                set(&mut path, destination, term, Rc::default());
            }
            Action::Compute { destination, function, left, right, cancels } => {
                let (a, from_a) = get(&path, left);
                let (b, from_b) = match right {
                    Operand::Register(right) => get(&path, right),
                    Operand::Immediate(value) => (self.terms().constant(value), Rc::default()),
                };
                let zero =
                    cancels == Cancels::Always || cancels == Cancels::EqualArguments && a == b;
                let value = match zero {
                    true => self.terms().constant(0),
                    false => self.terms().apply(Operation::Function(function), a, b),
                };
                let deps = self.union(&from_a, &from_b);
                set(&mut path, destination, value, deps);
            }
            Action::Branch { condition, left, right, target } => {
                let ((a, from_a), (b, from_b)) = (get(&path, left), get(&path, right));
                let deps = self.union(&from_a, &from_b);
                path.control = self.union(&path.control.clone(), &deps);
                let taken = self.terms().holds(Test::Condition(condition), a, b);
                let free = target <= point.step
                    && ends_soon(self.code, point.step, |register| {
                        let (term, deps) = get(&path, register);
                        deps.is_empty().then(|| self.unrolled.terms.value(term)).flatten()
                    });
                let mut jumps = path.clone();
                jumps.here = self.terms().and(&[path.here, taken]);
                let not = self.terms().not(taken);
                path.here = self.terms().and(&[path.here, not]);
                self.jump(point.clone(), jumps, target, free);
            }
            Action::Jump { target, link } => {
                let value = self.terms().constant(link.address);
                set(&mut path, link.register, value, Rc::default());
                self.jump(point, path, target, false);
                return Ok(());
            }
            Action::JumpRegister { base, offset, link } => {
                let (base, deps) = get(&path, base);
                let offset = self.terms().constant(offset as u64);
                let address = self.terms().apply(Operation::Target, base, offset);
                path.control = self.union(&path.control.clone(), &deps);
                let value = self.terms().constant(link.address);
                set(&mut path, link.register, value, Rc::default());
                self.computed_jump(point, path, address);
                return Ok(());
            }
            Action::Fence(pairs) => {
                let before = EventId(self.unrolled.events.len() as u32);
                let (step, executed) = (point.step, path.here);
                self.this.fences.push(Fence { step, executed, before, pairs });
            }
            action @ Action::Load { access, .. } => {
                return self.access(point, path, action, AccessKind::Load, access);
            }
            action @ Action::Store { access, .. } => {
                return self.access(point, path, action, AccessKind::Store, access);
            }
            action @ Action::LoadReserved { access, .. } => {
                return self.access(point, path, action, AccessKind::LoadReserved, access);
            }
            action @ Action::StoreConditional { access, .. } => {
                return self.access(point, path, action, AccessKind::StoreConditional, access);
            }
            action @ (Action::Amo { access, .. } | Action::CompareAndSwap { access, .. }) => {
                return self.access(point, path, action, AccessKind::Amo, access);
            }
        }
        point.step += 1;
        self.go(point, path);
        Ok(())
    }

    /// Goes to whichever of the steps that jumps may lead to has the address.
    fn computed_jump(&mut self, point: Point, path: Path, address: Term) {
        if let Some(address) = self.terms().value(address) {
            match self.program.step_at(self.hart, address) {
                Some(target) => self.jump(point, path, target, false),
                None => self.end(path.here, End::Fault),
            }
            return;
        }
        let targets = self.code.indirect_targets.clone();
        let addresses: Vec<u64> = targets.iter().map(|step| self.code.address(*step)).collect();
        for (target, there) in targets.into_iter().zip(&addresses) {
            let there = self.terms().constant(*there);
            let taken = self.terms().holds(Test::Equal, address, there);
            let mut jumps = path.clone();
            jumps.here = self.terms().and(&[path.here, taken]);
            self.jump(point.clone(), jumps, target, false);
        }
        self.unrolled.jumps.push((path.here, address, addresses));
    }

    fn access(
        &mut self,
        mut point: Point,
        mut path: Path,
        action: Action,
        kind: AccessKind,
        access: MemoryAccess,
    ) -> Result<(), Fault> {
        let MemoryAccess { base, offset, width, order } = access;
        let bytes = width.bytes();
        if bytes > 8 {
            return Err(unsupported("operations of 16 bytes"));
        }
        let (base, address_dep) = get(&path, base);
        let offset = self.terms().constant(offset as u64);
        let address = self.terms().apply(Operation::Sum, base, offset);
        let alignment = Alignment::of(kind, access, self.code, self.options);
        let id = EventId(self.unrolled.events.len() as u32);
        let first = path.previous.filter(|_| self.code.continues(point.step));
        let first = match first {
            Some(event) => self.unrolled.events[event.index()].first,
            None => id,
        };
        let new = NewEvent {
            step: point.step,
            address,
            bytes: bytes as u8,
            order,
            first,
            address_dep,
            alignment,
        };
        let mut splits = false;
        if let Some(address) = self.terms().value(address) {
            let valid = self.program.location_at(address, bytes).is_some();
            let access = alignment.at(address);
            if !valid || access == misaligned::Access::Exception {
                self.end(path.here, End::Fault);
                return Ok(());
            }
            splits = access == misaligned::Access::Bytes;
        } else {
            // The first event that is made asks it for the others.
            let zero = self.terms().constant(0);
            let valid = self.terms().holds(Test::Valid(id), address, zero);
            let not = self.terms().not(valid);
            let faults = self.terms().and(&[path.here, not]);
            self.end(faults, End::Fault);
            path.here = self.terms().and(&[path.here, valid]);
        }
        if splits {
            self.split(&mut path, action, &new);
        } else {
            self.whole(&mut path, action, kind, &new)?;
        }
        path.previous = self.unrolled.events.len().checked_sub(1).map(|last| EventId(last as u32));
        point.step += 1;
        self.go(point, path);
        Ok(())
    }

    /// The access is one operation.
    fn whole(
        &mut self,
        path: &mut Path,
        action: Action,
        kind: AccessKind,
        new: &NewEvent,
    ) -> Result<(), Fault> {
        match action {
            Action::Store { source, .. } => {
                let (value, deps) = get(path, source);
                self.event(path, path.here, kind, new, Some((value, deps)));
            }
            Action::StoreConditional { destination, source, .. } => {
                self.store_conditional(path, destination, source, new);
            }
            Action::Load { destination, extend, access } => {
                let event = self.event(path, path.here, kind, new, None);
                let read = self.terms().read(event);
                let value = self.terms().apply_to(Operation::Extend(extend, access.width), read);
                set(path, destination, value, alone(event));
            }
            Action::LoadReserved { destination, access, .. } => {
                let event = self.event(path, path.here, kind, new, None);
                path.reservation = alone(event);
                let read = self.terms().read(event);
                let extend = Operation::Extend(Extend::Sign, access.width);
                let value = self.terms().apply_to(extend, read);
                set(path, destination, value, alone(event));
            }
            Action::Amo { destination, source, function, access } => {
                let event = EventId(self.unrolled.events.len() as u32);
                let extend = Operation::Extend(Extend::Sign, access.width);
                let read = self.terms().read(event);
                let old = self.terms().apply_to(extend, read);
                let (argument, deps) = get(path, source);
                let argument = self.terms().apply_to(extend, argument);
                let value = self.terms().apply(Operation::Function(function), old, argument);
                self.event(path, path.here, kind, new, Some((value, deps)));
                set(path, destination, old, alone(event));
            }
            Action::CompareAndSwap {
                expected: RegisterOrPair::Register(expected),
                new: RegisterOrPair::Register(source),
                access,
            } => {
                let (compared, from_expected) = get(path, expected);
                let compared = self.cut(compared, new.bytes);
                let (value, from_new) = get(path, source);
                let deps = self.union(&from_expected, &from_new);
                let equal = self.terms().free();
                let differs = self.terms().not(equal);
                let swaps = self.terms().and(&[path.here, equal]);
                let fails = self.terms().and(&[path.here, differs]);
                let amo = self.event(path, swaps, kind, new, Some((value, deps.clone())));
                let load = self.event(path, fails, self.options.failed_cas.kind(), new, None);
                self.unrolled.events[load.index()].data_dep = deps;
                let reads = [amo, load].map(|event| self.terms().read(event));
                let [same, other] =
                    reads.map(|read| self.terms().holds(Test::Equal, read, compared));
                let (no_swap, no_failure) = (self.terms().not(swaps), self.terms().not(fails));
                let other = self.terms().not(other);
                let always =
                    [self.terms().or(&[no_swap, same]), self.terms().or(&[no_failure, other])];
                self.unrolled.always.extend(always);
                let read = self.terms().choice(&[(equal, reads[0]), (differs, reads[1])]);
                let extend = Operation::Extend(Extend::Sign, access.width);
                let read = self.terms().apply_to(extend, read);
                set(path, expected, read, Rc::new(vec![(amo, equal), (load, differs)]));
            }
            _ => return Err(unsupported("comparisons of pairs of registers")),
        }
        Ok(())
    }

    /// Each byte is an operation of its own.
    fn split(&mut self, path: &mut Path, action: Action, new: &NewEvent) {
        let pieces = |this: &mut Self, byte: u32| {
            let byte_of_address = this.terms().constant(u64::from(byte));
            let address = this.terms().apply(Operation::Sum, new.address, byte_of_address);
            NewEvent { address, bytes: 1, alignment: Alignment::BYTE, ..new.clone() }
        };
        match action {
            Action::Store { source, .. } => {
                let (value, deps) = get(path, source);
                for byte in 0..u32::from(new.bytes) {
                    let new = pieces(self, byte);
                    let value = self.terms().apply_to(Operation::Drop(byte), value);
                    self.event(
                        path,
                        path.here,
                        AccessKind::Store,
                        &new,
                        Some((value, deps.clone())),
                    );
                }
            }
            Action::Load { destination, extend, access } => {
                let mut value = self.terms().constant(0);
                let mut deps: EventSet = Rc::default();
                for byte in 0..u32::from(new.bytes) {
                    let new = pieces(self, byte);
                    let event = self.event(path, path.here, AccessKind::Load, &new, None);
                    let read = self.terms().read(event);
                    value = self.terms().apply(Operation::Join(byte), value, read);
                    deps = self.union(&deps, &alone(event));
                }
                let value = self.terms().apply_to(Operation::Extend(extend, access.width), value);
                set(path, destination, value, deps);
            }
            // Nothing else may be misaligned.
            _ => {}
        }
    }

    /// An SC succeeds or fails; any SC ends the reservation.
    fn store_conditional(
        &mut self,
        path: &mut Path,
        destination: Register,
        source: Register,
        new: &NewEvent,
    ) {
        let id = EventId(self.unrolled.events.len() as u32);
        let reservation = std::mem::take(&mut path.reservation);
        let paired: Vec<(EventId, Fact)> = reservation
            .iter()
            .map(|(lr, fact)| {
                let address = self.unrolled.events[lr.index()].address;
                let pair = self.terms().holds(Test::Pair(*lr, id), address, new.address);
                (*lr, self.terms().and(&[*fact, pair]))
            })
            .filter(|(_, fact)| *fact != Fact::FALSE)
            .collect();
        let pairs: Vec<Fact> = paired.iter().map(|(_, fact)| *fact).collect();
        let any = self.terms().or(&pairs);
        let luck = if any == Fact::FALSE { Fact::FALSE } else { self.terms().free() };
        let succeeds = self.terms().and(&[any, luck]);
        let fails = self.terms().not(succeeds);
        if self.options.sc_failure == ScFailure::OnlyWhenForced {
            let before = EventId(id.0 + 1);
            for (lr, pair) in &paired {
                let fails = self.terms().and(&[path.here, fails, *pair]);
                self.this.failed.push(FailedSc { step: new.step, fails, paired: *lr, before });
            }
        }
        let executed = self.terms().and(&[path.here, succeeds]);
        let stored = get(path, source);
        let event = self.event(path, executed, AccessKind::StoreConditional, new, Some(stored));
        self.unrolled.events[event.index()].paired = paired;
        let [zero, one] = [0, 1].map(|value| self.terms().constant(value));
        let value = self.terms().choice(&[(succeeds, zero), (fails, one)]);
        let deps = match succeeds {
            Fact::FALSE => Vec::new(),
            _ => vec![(event, succeeds)],
        };
        set(path, destination, value, Rc::new(deps));
    }

    fn event(
        &mut self,
        path: &Path,
        executed: Fact,
        kind: AccessKind,
        new: &NewEvent,
        written: Option<(Term, EventSet)>,
    ) -> EventId {
        let id = EventId(self.unrolled.events.len() as u32);
        let (written, data_dep) = match written {
            Some((value, deps)) => (Some(value), deps),
            None => (None, Rc::default()),
        };
        self.unrolled.events.push(Event {
            hart: self.hart,
            step: new.step,
            executed,
            kind,
            annotation: annotate(new.order, kind, self.model, self.options),
            address: new.address,
            bytes: new.bytes,
            written,
            first: new.first,
            paired: Vec::new(),
            address_dep: new.address_dep.clone(),
            data_dep,
            control_dep: path.control.clone(),
            alignment: new.alignment,
        });
        id
    }
}

/// What the events of one access have in common.
#[derive(Clone)]
struct NewEvent {
    step: usize,
    address: Term,
    bytes: u8,
    order: Order,
    first: EventId,
    address_dep: EventSet,
    alignment: Alignment,
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
