//! The points of harts' paths that an exploration has met, each under a number.
//!
//! Beside each point stand the points that follow from it when an operation is performed, when a load
//! decides to wait, and when another hart stores to a cell: as far as no value has a say in it, that is
//! found out once. All of this serves every choice of models, but for what can be performed: that is found
//! out again for each. Harts that are alike share their points. Threads that work on one exploration share the numbers: each
//! has a copy of what is known, and adds to a common table what it is the first to meet.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::control::Control;
use super::local::{Can, Local};
use super::set::Set;

/// Points by number.
#[derive(Clone, Debug)]
pub(super) struct Locals<S> {
    list: Vec<Local<S>>,
    /// Open addressing: a number plus one, 0 for a free slot. A power of two long.
    slots: Vec<u32>,
    /// For each of the first [`MOST_POINTS`] points the next ones, by step.
    next: Vec<Noted>,
    /// The same by point and step, where a point has more than [`MOST_STEPS`]: it takes few of them.
    rare: FxHashMap<(u32, u32), Noted>,
    /// Steps of a point in [`Locals::next`].
    steps: usize,
    /// Most operations on a path.
    depth: usize,
    /// Number of the choice of models that is followed: what an earlier one could do is out of date.
    epoch: u32,
}

/// What may happen to a hart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Event {
    /// The operation at this place is performed.
    Performed(usize),
    /// The load at this place waits.
    Asleep(usize),
    /// Another hart stores to this cell alone.
    Stored(usize),
}

/// Where that leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    /// Not found out yet, or a matter of values.
    Unknown,
    /// Nowhere: there is no such execution.
    Dead,
    /// To the point with this number.
    To(u32),
}

/// The same in four bytes.
#[derive(Clone, Copy, Debug)]
struct Noted(u32);

impl Noted {
    const NOTHING: Noted = Noted(0);

    fn new(next: Next) -> Noted {
        match next {
            Next::Unknown => Noted::NOTHING,
            Next::Dead => Noted(1),
            Next::To(number) => Noted(number + 2),
        }
    }

    #[inline]
    fn next(self) -> Next {
        match self.0 {
            0 => Next::Unknown,
            1 => Next::Dead,
            number => Next::To(number - 2),
        }
    }
}

/// Points whose next ones are kept.
const MOST_POINTS: usize = 1 << 14;
/// Steps of a point that each have a place of their own.
const MOST_STEPS: usize = 96;
/// Steps of all points that are kept by point and step.
const MOST_RARE: usize = 1 << 20;

impl<S> Default for Locals<S> {
    fn default() -> Self {
        Locals {
            list: Vec::new(),
            slots: Vec::new(),
            next: Vec::new(),
            rare: FxHashMap::default(),
            steps: 0,
            depth: 0,
            epoch: 0,
        }
    }
}

impl<S: Set> Locals<S> {
    /// Forgets everything, keeps the allocations. For a machine with paths of so many operations at most,
    /// and so many cells.
    pub(super) fn reset(&mut self, depth: usize, cells: usize) {
        self.list.clear();
        self.next.clear();
        self.rare.clear();
        self.slots.clear();
        self.slots.resize(16, 0);
        self.depth = depth;
        self.steps = 2 * depth + cells;
        if self.steps > MOST_STEPS {
            self.steps = 0;
        }
    }

    /// Other models are followed from now on.
    pub(super) fn begin_epoch(&mut self) {
        self.epoch += 1;
    }

    pub(super) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Is what can be performed at a point out of date?
    #[inline]
    pub(super) fn stale(&self, number: u64) -> bool {
        self.list[number as usize].can.epoch != self.epoch
    }

    /// Brings what can be performed at a point up to date.
    pub(super) fn refresh(&mut self, number: u64, can: Can<S>) {
        self.list[number as usize].can = can;
    }

    /// The numbers of all points.
    pub(super) fn numbers(&self) -> std::ops::Range<u64> {
        0..self.list.len() as u64
    }

    /// Where `event` leads from the point with this number.
    #[inline]
    pub(super) fn next(&self, number: u64, event: Event) -> Next {
        match self.next.get(number as usize * self.steps + self.step(event)) {
            Some(noted) => noted.next(),
            None => self.rare_next(number, event),
        }
    }

    #[cold]
    fn rare_next(&self, number: u64, event: Event) -> Next {
        let noted = self.rare.get(&(number as u32, self.step(event) as u32));
        noted.map_or(Next::Unknown, |noted| noted.next())
    }

    /// Notes where `event` leads, if that is no matter of values.
    pub(super) fn note(&mut self, number: u64, event: Event, next: Next) {
        let step = self.step(event);
        match self.next.get_mut(number as usize * self.steps + step) {
            Some(noted) => *noted = Noted::new(next),
            None if self.rare.len() < MOST_RARE => {
                self.rare.insert((number as u32, step as u32), Noted::new(next));
            }
            None => {}
        }
    }

    #[inline]
    fn step(&self, event: Event) -> usize {
        match event {
            Event::Performed(place) => place,
            Event::Asleep(place) => self.depth + place,
            Event::Stored(cell) => 2 * self.depth + cell,
        }
    }

    /// Bytes of memory that they take.
    pub(super) fn memory(&self) -> usize {
        size_of::<Local<S>>() * self.list.capacity()
            + 4 * (self.slots.len() + self.next.capacity())
            + 16 * self.rare.capacity()
    }

    #[inline]
    pub(super) fn get(&self, number: u64) -> &Local<S> {
        &self.list[number as usize]
    }

    /// The number of a point, or the slot where it belongs.
    #[inline]
    fn find(&self, control: &Control<S>) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = control.hash() as usize & mask;
        loop {
            match self.slots[slot] {
                0 => return Err(slot),
                entry if self.list[entry as usize - 1].control == *control => return Ok(entry - 1),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    fn add(&mut self, local: Local<S>, slot: usize) -> u32 {
        self.list.push(local);
        if self.list.len() <= MOST_POINTS {
            self.next.resize(self.list.len() * self.steps, Noted::NOTHING);
        }
        let number = self.list.len() as u32;
        self.slots[slot] = number;
        if 2 * self.list.len() > self.slots.len() {
            self.grow();
        }
        number - 1
    }

    fn grow(&mut self) {
        let slots = 2 * self.slots.len();
        self.slots.clear();
        self.slots.resize(slots, 0);
        for (number, local) in (1..).zip(&self.list) {
            let mut slot = local.control.hash() as usize & (slots - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (slots - 1);
            }
            self.slots[slot] = number;
        }
    }

    /// Takes over what another thread has met since.
    fn follow(&mut self, common: &Locals<S>) {
        for local in &common.list[self.list.len()..] {
            let Err(slot) = self.find(&local.control) else { continue };
            self.add(local.clone(), slot);
        }
    }

    /// The number of a point, which is worked out if it was not met before.
    #[inline]
    pub(super) fn number(
        &mut self,
        control: Control<S>,
        common: Option<&Common<S>>,
        work_out: impl FnOnce(Control<S>, u32) -> Local<S>,
    ) -> u32 {
        match self.find(&control) {
            Ok(number) => number,
            Err(slot) => self.meet(control, slot, common, work_out),
        }
    }

    #[cold]
    fn meet(
        &mut self,
        control: Control<S>,
        slot: usize,
        common: Option<&Common<S>>,
        work_out: impl FnOnce(Control<S>, u32) -> Local<S>,
    ) -> u32 {
        let local = work_out(control, self.epoch);
        let Some(common) = common else { return self.add(local, slot) };
        let mut common = common.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.follow(&common);
        match self.find(&local.control) {
            Ok(number) => number,
            Err(slot) => {
                // Both have the same points under the same numbers, so the same slots are free.
                common.add(local.clone(), slot);
                self.add(local, slot)
            }
        }
    }
}

/// The points that several threads have met.
#[derive(Debug)]
pub(super) struct Common<S>(Mutex<Locals<S>>);

impl<S> Common<S> {
    pub(super) fn new(known: Locals<S>) -> Common<S> {
        Common(Mutex::new(known))
    }

    /// Makes `locals` know all that is known.
    pub(super) fn tell(&self, locals: &mut Locals<S>)
    where
        S: Set,
    {
        let common = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match locals.list.is_empty() {
            true => *locals = common.clone(),
            false => locals.follow(&common),
        }
    }
}
