//! Forks and ends of paths that need no choice.

use super::machine::{BROKEN, DONE, Machine, NODE, Repeats};
use super::perform::{Alive, Stop};
use super::tree::{Choice, End, Guard, NodeId};
use crate::litmus::HartId;
use crate::model::Rule;
use crate::program::Fault;

impl Machine<'_> {
    /// Moves every hart through the forks that are decided by now.
    ///
    /// Gives the step of the loop when a hart has reached the bound of its loop for certain.
    pub(super) fn settle(&self, state: &mut [u64]) -> Result<Settled, Stop> {
        for h in 0..self.harts.len() {
            loop {
                let hart = &self.harts[h];
                let (node, _) = hart.node(state[hart.base + NODE]);
                let arm = match &node.end {
                    End::Repeats if self.repeats == Repeats::Dropped => return Ok(Settled::Dead),
                    End::Leaf(_) | End::Repeats => break,
                    End::Fork(fork) => match &fork.choice {
                        Choice::Value(value, values) => {
                            if hart.tree.exprs.sources(*value) & !state[hart.base + DONE] != 0 {
                                break;
                            }
                            let actual = hart.tree.exprs.eval(*value, self.loaded(state, h));
                            fork.arms[Guard::arm_of(values, actual)]
                        }
                        Choice::Outcome if self.broken_conditional(state, h, fork.arms[0]) => {
                            fork.arms[1]
                        }
                        Choice::Outcome => break,
                    },
                    End::Cut(step) => {
                        if self.certain(state, h) {
                            return Ok(Settled::Cut(HartId(h as u16), *step));
                        }
                        break;
                    }
                    End::BadJump(step, target) => {
                        let known =
                            hart.tree.exprs.sources(*target) & !state[hart.base + DONE] == 0;
                        if known && self.certain(state, h) {
                            let address = hart.tree.exprs.eval(*target, self.loaded(state, h));
                            let (hart, step) = (HartId(h as u16), *step);
                            let instr = self.program.harts[h].code[step].instr.to_string();
                            return Err(Fault::BadJump { hart, step, instr, address }.into());
                        }
                        break;
                    }
                };
                if self.enter(state, h, arm)? == Alive::No {
                    return Ok(Settled::Dead);
                }
            }
        }
        Ok(Settled::Alive)
    }

    /// Does the success arm of a fork begin with an SC whose reservation is lost?
    fn broken_conditional(&self, state: &[u64], h: usize, success: NodeId) -> bool {
        let hart = &self.harts[h];
        let (arm, _) = hart.node(u64::from(success));
        let paired = arm.path.get(arm.first).and_then(|id| hart.tree.ops[*id as usize].paired);
        self.options.rules.contains(Rule::Atomicity)
            && paired.is_some_and(|lr| state[hart.base + BROKEN] >> lr & 1 != 0)
    }

    /// Is the hart's path taken for certain: its conditions hold, and whatever failed on the way, here
    /// or in another hart, had a reason to?
    pub(super) fn certain(&self, state: &[u64], h: usize) -> bool {
        self.confirmed(state, h) && (0..self.harts.len()).all(|h| self.forced(state, h))
    }

    /// Are all conditions of the hart's path known to hold?
    fn confirmed(&self, state: &[u64], h: usize) -> bool {
        let hart = &self.harts[h];
        let (node, _) = hart.node(state[hart.base + NODE]);
        let done = state[hart.base + DONE];
        node.guards.iter().all(|g| hart.tree.exprs.sources(g.value) & !done == 0)
    }
}

/// What [`Machine::settle`] came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Settled {
    /// Go on.
    Alive,
    /// No execution goes through this state.
    Dead,
    /// The execution takes the loop of this step further than the bound.
    Cut(HartId, usize),
}
