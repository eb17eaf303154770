//! A search by sets of local states is tried now and then, while states are met one by one.
//!
//! Whether sets help is not known before. So whenever twice as many states were met, the search by sets goes on from
//! where it was for about as long as that took: what is lost where it does not help is bounded by what was spent, and
//! where it helps nothing is done twice.

use super::local_sets::{Ended, Search};
use crate::operational::compile::{CompiledMachine, Set};
use crate::operational::reduce::Links;
use crate::operational::step::Stop;
use crate::program::{Limits, Outcomes};

/// Steps for each state that was met: not much more work than the states were.
const STEPS_A_STATE: usize = 16;
/// What part of the memory an attempt may keep till the next one, which else begins anew.
const PART_KEPT: usize = 8;

/// Numbers of states after which there is an attempt: an early one, and then none before it is clear that there
/// is much to do.
pub(super) const AFTER_STATES: [usize; 5] = [1 << 13, 1 << 17, 1 << 18, 1 << 19, 1 << 20];

/// Attempts at a search by sets.
pub(super) struct Attempts<'m, S> {
    machine: &'m CompiledMachine<'m, S>,
    limits: Limits<'m>,
    /// Without links, and with them.
    ways: [Attempt<'m, S>; 2],
}

enum Attempt<'m, S> {
    New,
    Begun(Box<Search<'m, S>>),
    GivenUp,
}

impl<'m, S: Set> Attempts<'m, S> {
    /// There was none yet.
    pub(super) fn new(machine: &'m CompiledMachine<'m, S>, limits: Limits<'m>) -> Self {
        Attempts { machine, limits, ways: [Attempt::New, Attempt::New] }
    }

    /// The limits of others, while attempts keep some of the memory.
    pub(super) fn limits_of_others(&self) -> Limits<'m> {
        Limits { memory: self.limits.memory.saturating_sub(self.memory()), ..self.limits }
    }

    fn memory(&self) -> usize {
        let memory = |attempt: &Attempt<'m, S>| match attempt {
            Attempt::Begun(search) => search.memory(),
            Attempt::New | Attempt::GivenUp => 0,
        };
        self.ways.iter().map(memory).sum()
    }

    /// Another attempt, once so many `states` were met; `held` bytes are taken by others. Gives every outcome, if
    /// it finds them.
    pub(super) fn again(&mut self, states: usize, held: usize) -> Result<Option<Outcomes>, Stop> {
        for way in 0..self.ways.len() {
            let mut search = match std::mem::replace(&mut self.ways[way], Attempt::GivenUp) {
                Attempt::Begun(search) => search,
                Attempt::GivenUp => continue,
                Attempt::New => {
                    let links = if way == 0 { None } else { Links::of(self.machine) };
                    if way > 0 && links.is_none() {
                        continue;
                    }
                    Box::new(Search::new(self.machine, links, self.limits))
                }
            };
            let Limits { memory, interrupted, parallel } = self.limits_of_others();
            let limits = Limits { memory: memory.saturating_sub(held), interrupted, parallel };
            match search.run(limits, STEPS_A_STATE * states)? {
                Ended::Everything => return Ok(Some(search.outcomes())),
                Ended::EnoughSteps if search.memory() <= self.limits.memory / PART_KEPT => {
                    self.ways[way] = Attempt::Begun(search);
                }
                Ended::EnoughSteps => self.ways[way] = Attempt::New,
                Ended::NoHelp | Ended::AtLimit => {}
            }
        }
        Ok(None)
    }
}
