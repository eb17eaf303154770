//! Forks and ends of paths that need no choice.

use super::control::{Control, UNKNOWN};
use super::machine::{Machine, Stuck};
use super::perform::{Alive, Stop};
use super::set::Set;
use super::tree::{Address, Choice, End, NodeId};
use super::walker::Walker;
use crate::model::Rule;
use crate::program::misaligned::Access;

impl<S: Set> Walker<'_, S> {
    /// Moves hart `h` through the forks that are decided by now; `loaded` is what its loads returned.
    pub(super) fn settle(
        &mut self,
        h: usize,
        control: &mut Control<S>,
        loaded: &[u64],
    ) -> Result<Alive, Stop> {
        let machine = self.machine;
        let hart = &machine.harts[h];
        loop {
            let arm = match &hart.tree.nodes[control.node as usize].end {
                End::Leaf(_) | End::Cut(_) | End::BadJump(..) => return Ok(Alive::Yes),
                // A fault before the loop would be lost.
                End::Repeats if hart.may_fault => return Ok(Alive::Yes),
                End::Repeats => return Ok(machine.stuck_alive(h)),
                End::Fork(fork) => match &fork.choice {
                    Choice::Value(value, _) => {
                        if !hart.tree.exprs.sources(*value).within(control.done) {
                            return Ok(Alive::Yes);
                        }
                        self.consulted = true;
                        let actual = hart.tree.exprs.eval(*value, loaded);
                        fork.arms[fork.arm_of(actual)]
                    }
                    Choice::Outcome if machine.broken_conditional(h, control, fork.arms[0]) => {
                        fork.arms[1]
                    }
                    Choice::Outcome => return Ok(Alive::Yes),
                },
            };
            if self.enter(h, control, loaded, arm)? == Alive::No {
                return Ok(Alive::No);
            }
        }
    }

    /// Hart `h` goes on in node `arm`.
    pub(super) fn enter(
        &mut self,
        h: usize,
        control: &mut Control<S>,
        loaded: &[u64],
        arm: NodeId,
    ) -> Result<Alive, Stop> {
        control.node = arm;
        let hart = &self.machine.harts[h];
        let first = hart.tree.nodes[arm as usize].first;
        let computed = hart.facts[arm as usize].computed & S::since(first);
        self.resolve(h, control, loaded, computed)
    }

    /// Computes the addresses among `places` whose sources are known by now.
    pub(super) fn resolve(
        &mut self,
        h: usize,
        control: &mut Control<S>,
        loaded: &[u64],
        places: S,
    ) -> Result<Alive, Stop> {
        let machine = self.machine;
        let hart = &machine.harts[h];
        for place in places.members() {
            let node = &hart.tree.nodes[control.node as usize];
            let op = hart.tree.op(node, place);
            let Address::Computed(expr) = op.address else { continue };
            let known = hart.tree.exprs.sources(expr).within(control.done);
            if control.computed[place].address != UNKNOWN || !known {
                continue;
            }
            self.consulted = true;
            let address = hart.tree.exprs.eval(expr, loaded);
            // Address 0 lies in no location; any other bad address serves as well.
            control.computed[place].address = if address == UNKNOWN { u64::MAX } else { address };
            let bytes = op.width.bytes();
            if machine.program.location_at(address, bytes).is_none() {
                continue;
            }
            match op.alignment.at(address) {
                Access::Whole => {}
                Access::Bytes => return Err(Stop::Split(h, op.step)),
                Access::Exception => continue,
            }
            let Some(span) = machine.cells.span(address, bytes) else {
                return Err(Stop::Refine(address, bytes));
            };
            let mut next = control.clone();
            if machine.at(h, control).fits_what_happened(place, span.set(), &mut next) == Alive::No
            {
                return Ok(Alive::No);
            }
            *control = next;
        }
        Ok(Alive::Yes)
    }
}

impl<S: Set> Machine<'_, S> {
    /// What becomes of a state in which hart `h` goes no further, but is not at its end.
    pub(super) fn stuck_alive(&self, h: usize) -> Alive {
        match self.stuck[h] {
            Stuck::Dropped => Alive::No,
            Stuck::Waits => Alive::Yes,
        }
    }

    /// Does the success arm of a fork begin with an SC whose reservation is lost?
    fn broken_conditional(&self, h: usize, control: &Control<S>, success: NodeId) -> bool {
        let hart = &self.harts[h];
        let arm = &hart.tree.nodes[success as usize];
        let first = hart.tree.path(arm).get(arm.first);
        let paired = first.and_then(|id| hart.tree.ops[*id as usize].paired);
        self.options.rules.contains(Rule::Atomicity)
            && paired.is_some_and(|lr| control.broken.has(lr.into()))
    }
}
