//! Forks and ends of paths that need no choice.

use super::machine::{Machine, Repeats};
use super::perform::{Alive, Stop};
use super::set::Set;
use super::tree::{Choice, End, Guard, NodeId};
use crate::litmus::HartId;
use crate::model::{Rule, ScFailure};
use crate::program::Fault;

impl<S: Set> Machine<'_, S> {
    /// Moves hart `h` through the forks that are decided by now.
    pub(super) fn settle(&self, state: &mut [u64], h: usize) -> Result<Settled, Stop> {
        let hart = &self.harts[h];
        loop {
            let (node, _) = hart.node(state);
            let arm = match &node.end {
                End::Repeats if self.repeats == Repeats::Dropped => return Ok(Settled::Dead),
                End::Leaf(_) | End::Repeats => return Ok(Settled::Alive),
                End::Fork(fork) => match &fork.choice {
                    Choice::Value(value, values) => {
                        if !hart.tree.exprs.sources(*value).within(hart.done(state)) {
                            return Ok(Settled::Alive);
                        }
                        let actual = hart.tree.exprs.eval(*value, hart.loaded(state));
                        fork.arms[Guard::arm_of(values, actual)]
                    }
                    Choice::Outcome if self.broken_conditional(state, h, fork.arms[0]) => {
                        fork.arms[1]
                    }
                    Choice::Outcome => return Ok(Settled::Alive),
                },
                End::Cut(step) => {
                    return Ok(match self.certain(state, h) {
                        true => Settled::Cut(h, *step),
                        false => Settled::Alive,
                    });
                }
                End::BadJump(step, target) => {
                    let known = hart.tree.exprs.sources(*target).within(hart.done(state));
                    if known && self.certain(state, h) {
                        let address = hart.tree.exprs.eval(*target, hart.loaded(state));
                        let (hart, step) = (HartId(h as u16), *step);
                        let instr = self.program.harts[h].code[step].instr.to_string();
                        return Err(Fault::BadJump { hart, step, instr, address }.into());
                    }
                    return Ok(Settled::Alive);
                }
            };
            if self.enter(state, h, arm)? == Alive::No {
                return Ok(Settled::Dead);
            }
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

/// What [`Machine::settle`] came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Settled {
    /// Go on.
    Alive,
    /// No execution goes through this state.
    Dead,
    /// The execution takes the loop of this hart and step further than the bound.
    Cut(usize, usize),
}
