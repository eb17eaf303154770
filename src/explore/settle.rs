//! Forks and ends of paths that need no choice.

use super::machine::{Machine, Stuck};
use super::perform::{Alive, Stop};
use super::set::Set;
use super::tree::{Choice, End, Guard, NodeId};
use crate::litmus::HartId;
use crate::model::{Rule, ScFailure};
use crate::program::Fault;

impl<S: Set> Machine<'_, S> {
    /// Moves hart `h` through the forks that are decided by now.
    ///
    /// Where the hart takes a loop further than the bound for certain, hart and step go to `cuts`.
    pub(super) fn settle(
        &self,
        state: &mut [u64],
        h: usize,
        cuts: &mut Vec<(usize, usize)>,
    ) -> Result<Alive, Stop> {
        let hart = &self.harts[h];
        loop {
            let (node, _) = hart.node(state);
            let arm = match &node.end {
                End::Leaf(_) => return Ok(Alive::Yes),
                End::Repeats => return Ok(self.stuck_alive(h)),
                End::Fork(fork) => match &fork.choice {
                    Choice::Value(value, values) => {
                        if !hart.tree.exprs.sources(*value).within(hart.done(state)) {
                            return Ok(Alive::Yes);
                        }
                        let actual = hart.tree.exprs.eval(*value, hart.loaded(state));
                        fork.arms[Guard::arm_of(values, actual)]
                    }
                    Choice::Outcome if self.broken_conditional(state, h, fork.arms[0]) => {
                        fork.arms[1]
                    }
                    Choice::Outcome => return Ok(Alive::Yes),
                },
                End::Cut(step) => {
                    if !self.certain(state, h) {
                        return Ok(Alive::Yes);
                    }
                    if !cuts.contains(&(h, *step)) {
                        cuts.push((h, *step));
                    }
                    return Ok(self.stuck_alive(h));
                }
                End::BadJump(step, target) => {
                    let known = hart.tree.exprs.sources(*target).within(hart.done(state));
                    if known && self.certain(state, h) {
                        let address = hart.tree.exprs.eval(*target, hart.loaded(state));
                        let (hart, step) = (HartId(h as u16), *step);
                        let instr = self.program.harts[h].code[step].instr.to_string();
                        return Err(Fault::BadJump { hart, step, instr, address }.into());
                    }
                    return Ok(Alive::Yes);
                }
            };
            if self.enter(state, h, arm)? == Alive::No {
                return Ok(Alive::No);
            }
        }
    }

    /// What becomes of a state in which hart `h` goes no further, but is not at its end.
    fn stuck_alive(&self, h: usize) -> Alive {
        match self.stuck[h] {
            Stuck::Dropped => Alive::No,
            Stuck::Waits => Alive::Yes,
        }
    }

    /// Does the success arm of a fork begin with an SC whose reservation is lost?
    fn broken_conditional(&self, state: &[u64], h: usize, success: NodeId) -> bool {
        let hart = &self.harts[h];
        let arm = &hart.tree.nodes[success as usize];
        let paired = arm.path.get(arm.first).and_then(|id| hart.tree.ops[*id as usize].paired);
        self.options.rules.contains(Rule::Atomicity)
            && paired.is_some_and(|lr| hart.broken(state).has(lr.into()))
    }

    /// Is the hart's path taken for certain: its conditions hold, and whatever failed on the way, here
    /// or in another hart, had a reason to?
    pub(super) fn certain(&self, state: &[u64], h: usize) -> bool {
        self.confirmed(state, h) && (0..self.harts.len()).all(|h| self.forced(state, h))
    }

    /// Are all conditions of the hart's path known to hold?
    fn confirmed(&self, state: &[u64], h: usize) -> bool {
        let hart = &self.harts[h];
        let (node, _) = hart.node(state);
        let done = hart.done(state);
        node.guards.iter().all(|g| hart.tree.exprs.sources(g.value).within(done))
    }

    /// Option `sc-failure`: if an SC may only fail when forced, did every failed one lose its
    /// reservation?
    pub(super) fn forced(&self, state: &[u64], h: usize) -> bool {
        self.options.sc_failure == ScFailure::Spurious || {
            let hart = &self.harts[h];
            let (node, _) = hart.node(state);
            node.failed_pairs.within(hart.broken(state))
        }
    }

    /// Is the hart at the end of its code with every operation performed?
    pub(super) fn finished(&self, state: &[u64], h: usize) -> bool {
        let hart = &self.harts[h];
        let (node, _) = hart.node(state);
        matches!(node.end, End::Leaf(_)) && hart.done(state).len() == node.path.len()
    }
}
