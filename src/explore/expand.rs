//! One state's successors.

use super::machine::{ASLEEP, BROKEN, DONE, Machine, NODE};
use super::perform::{Alive, Stop};
use super::ready::LoadChoice;
use super::settle::Settled;
use super::stubborn::{Closure, Enabled};
use super::tree::{End, Fork};
use crate::litmus::HartId;
use crate::model::ScFailure;
use crate::program::ObservedFrom;

/// What a state leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Expansion {
    /// No execution goes through it.
    Dead,
    /// A hart takes the loop of this step further than the bound.
    Cut(HartId, usize),
    /// Every hart is through.
    Final,
    /// More than one thing can come next; nothing is done yet.
    Branch(Branch),
}

/// A choice between successors.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Branch {
    /// A load returns this now, or waits for the next store.
    Load { hart: usize, place: usize, now: u64 },
    /// The fork at the end of a hart's node is guessed.
    Fork { hart: usize },
    /// The next store to be performed is one of those in [`Scratch`].
    Stores,
    /// The next operation to be performed is one of these loads or one of those stores.
    Any(Vec<(usize, usize, u64)>),
}

/// Scratch that [`Machine::advance`] and [`Machine::branch`] share.
#[derive(Default, Debug)]
pub(super) struct Scratch {
    enabled: Vec<Enabled>,
    closure: Closure,
    chosen: Vec<Enabled>,
}

impl Machine<'_> {
    /// Takes `state` as far as it goes without a choice.
    pub(super) fn advance(
        &self,
        state: &mut [u64],
        scratch: &mut Scratch,
    ) -> Result<Expansion, Stop> {
        loop {
            match self.settle(state)? {
                Settled::Alive => {}
                Settled::Dead => return Ok(Expansion::Dead),
                Settled::Cut(hart, step) => return Ok(Expansion::Cut(hart, step)),
            }
            if !self.reductions.sleep {
                return self.anything(state, scratch);
            }
            let load = match self.loads(state)? {
                Loads::Dead => return Ok(Expansion::Dead),
                Loads::Performed => continue,
                Loads::Choice(load) => Some(load),
                Loads::None => None,
            };
            if let Some(hart) = (0..self.harts.len()).find(|h| self.must_guess(state, *h)) {
                return Ok(Expansion::Branch(Branch::Fork { hart }));
            }
            if let Some((hart, place, now)) = load {
                return Ok(Expansion::Branch(Branch::Load { hart, place, now }));
            }
            if self.sleeps_forever(state) {
                return Ok(Expansion::Dead);
            }
            self.enabled_stores(state, &mut scratch.enabled)?;
            if scratch.enabled.is_empty() {
                let complete =
                    (0..self.harts.len()).all(|h| self.finished(state, h) && self.forced(state, h));
                return Ok(if complete { Expansion::Final } else { Expansion::Dead });
            }
            let chosen = self.stubborn(state, &scratch.enabled, &mut scratch.closure);
            scratch.chosen.clear();
            scratch.chosen.extend_from_slice(chosen);
            let &[(h, place, _)] = &scratch.chosen[..] else {
                return Ok(Expansion::Branch(Branch::Stores));
            };
            if self.perform_ready_store(state, h, place)? == Alive::No {
                return Ok(Expansion::Dead);
            }
        }
    }

    /// Appends the successors of `state`, which [`Machine::advance`] has just brought to `branch`.
    pub(super) fn branch(
        &self,
        state: &[u64],
        branch: &Branch,
        scratch: &Scratch,
        stack: &mut Vec<u64>,
    ) -> Result<(), Stop> {
        let mut successor = |make: &mut dyn FnMut(&mut [u64]) -> Result<Alive, Stop>| {
            let start = stack.len();
            stack.extend_from_slice(state);
            if make(&mut stack[start..])? == Alive::No {
                stack.truncate(start);
            }
            Ok::<(), Stop>(())
        };
        match *branch {
            Branch::Load { hart, place, now } => {
                successor(&mut |next| {
                    next[self.harts[hart].base + ASLEEP] |= 1 << place;
                    Ok(Alive::Yes)
                })?;
                successor(&mut |next| self.perform_load(next, hart, place, now))
            }
            Branch::Fork { hart } => {
                let machine = &self.harts[hart];
                let (node, _) = machine.node(state[machine.base + NODE]);
                let End::Fork(Fork { arms, .. }) = &node.end else { return Ok(()) };
                arms.iter()
                    .rev()
                    .try_for_each(|&arm| successor(&mut |next| self.enter(next, hart, arm)))
            }
            Branch::Any(ref loads) => {
                for &(h, place, now) in loads {
                    successor(&mut |next| self.perform_load(next, h, place, now))?;
                }
                scratch.enabled.iter().try_for_each(|&(h, place, _)| {
                    successor(&mut |next| self.perform_ready_store(next, h, place))
                })
            }
            Branch::Stores => scratch.chosen.iter().rev().try_for_each(|&(h, place, _)| {
                successor(&mut |next| self.perform_ready_store(next, h, place))
            }),
        }
    }

    /// The naive exploration: every fork is guessed at once, every ready operation may come next.
    fn anything(&self, state: &mut [u64], scratch: &mut Scratch) -> Result<Expansion, Stop> {
        for (hart, machine) in self.harts.iter().enumerate() {
            let (node, _) = machine.node(state[machine.base + NODE]);
            if matches!(node.end, End::Fork(_)) {
                return Ok(Expansion::Branch(Branch::Fork { hart }));
            }
        }
        let mut loads = Vec::new();
        for h in 0..self.harts.len() {
            for place in self.undecided_loads(state, h) {
                if let Some(LoadChoice { now: Some(now), .. }) =
                    self.load_choice(state, h, place)?
                {
                    loads.push((h, place, now));
                }
            }
        }
        self.enabled_stores(state, &mut scratch.enabled)?;
        if !loads.is_empty() || !scratch.enabled.is_empty() {
            return Ok(Expansion::Branch(Branch::Any(loads)));
        }
        let complete =
            (0..self.harts.len()).all(|h| self.finished(state, h) && self.forced(state, h));
        Ok(if complete { Expansion::Final } else { Expansion::Dead })
    }

    /// The values of the observed places in a final state, as the program's types read them.
    pub(super) fn observe(&self, state: &[u64], values: &mut Vec<u64>) {
        values.clear();
        let mut registers = vec![0; self.harts.len()];
        for observed in &self.program.observed {
            let raw = match observed.from {
                ObservedFrom::Register(hart, _) => {
                    let h = hart.index();
                    let machine = &self.harts[h];
                    let (node, _) = machine.node(state[machine.base + NODE]);
                    let End::Leaf(exprs) = &node.end else { continue };
                    let expr = exprs[registers[h]];
                    registers[h] += 1;
                    machine.tree.exprs.eval(expr, self.loaded(state, h))
                }
                ObservedFrom::Memory { address, bytes } => {
                    self.cells.span(address, bytes).map_or(0, |span| self.memory_value(state, span))
                }
            };
            values.push(observed.rendering.normalize(raw));
        }
    }

    /// Performs the loads that have no choice, or finds one that has.
    fn loads(&self, state: &mut [u64]) -> Result<Loads, Stop> {
        let mut choice = None;
        for h in 0..self.harts.len() {
            let mut loads = self.undecided_loads(state, h);
            while let Some(place) = loads.next() {
                let Some(load) = self.load_choice(state, h, place)? else { continue };
                match (load.now, load.later) {
                    (Some(now), true) => choice = choice.or(Some((h, place, now))),
                    (Some(now), false) => {
                        drop(loads);
                        return Ok(match self.perform_load(state, h, place, now)? {
                            Alive::Yes => Loads::Performed,
                            Alive::No => Loads::Dead,
                        });
                    }
                    (None, true) => {
                        drop(loads);
                        state[self.harts[h].base + ASLEEP] |= 1 << place;
                        return Ok(Loads::Performed);
                    }
                    (None, false) => return Ok(Loads::Dead),
                }
            }
        }
        Ok(choice.map_or(Loads::None, Loads::Choice))
    }

    /// Does a load wait for a store that cannot come?
    fn sleeps_forever(&self, state: &[u64]) -> bool {
        (0..self.harts.len()).any(|h| {
            super::expr::members(state[self.harts[h].base + ASLEEP])
                .any(|place| !self.may_change(state, h, place, self.cells_of(state, h, place)))
        })
    }

    fn enabled_stores(&self, state: &[u64], enabled: &mut Vec<Enabled>) -> Result<(), Stop> {
        enabled.clear();
        for h in 0..self.harts.len() {
            let hart = &self.harts[h];
            let (_, facts) = hart.node(state[hart.base + NODE]);
            for place in super::expr::members(facts.writes & !state[hart.base + DONE]) {
                if let Some(span) = self.store_ready(state, h, place)? {
                    enabled.push((h, place, span.set()));
                }
            }
        }
        Ok(())
    }

    fn perform_ready_store(
        &self,
        state: &mut [u64],
        h: usize,
        place: usize,
    ) -> Result<Alive, Stop> {
        match self.span(state, h, place) {
            Some(span) => self.perform_store(state, h, place, span),
            None => Ok(Alive::No),
        }
    }

    /// Is the hart at the end of its code with every operation performed?
    pub(super) fn finished(&self, state: &[u64], h: usize) -> bool {
        let hart = &self.harts[h];
        let (node, _) = hart.node(state[hart.base + NODE]);
        let all = node.path.len() as u32;
        matches!(node.end, End::Leaf(_)) && state[hart.base + DONE].count_ones() == all
    }

    /// Option `sc-failure`: if an SC may only fail when forced, did every failed one lose its
    /// reservation?
    pub(super) fn forced(&self, state: &[u64], h: usize) -> bool {
        let hart = &self.harts[h];
        let (node, _) = hart.node(state[hart.base + NODE]);
        self.options.sc_failure == ScFailure::Spurious
            || node.failed_pairs & !state[hart.base + BROKEN] == 0
    }
}

/// What [`Machine::loads`] came to.
enum Loads {
    Dead,
    Performed,
    Choice((usize, usize, u64)),
    None,
}
