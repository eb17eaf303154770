//! Forks and ends of paths that need no choice.

use super::coherence::fits_what_happened;
use super::stepper::Stepper;
use super::stop::{Alive, Stop};
use crate::operational::compile::{Address, Choice, CompiledMachine, End, NodeId, Set};
use crate::operational::state::{Cursor, Position, UNKNOWN_ADDRESS};
use crate::program::misaligned::Access;

impl<S: Set> Stepper<'_, S> {
    /// Moves hart `h` through the forks that are decided by now; `loaded` is what its loads returned.
    pub(crate) fn resolve_forks(
        &mut self,
        h: usize,
        position: &mut Position<S>,
        loaded: &[u64],
    ) -> Result<Alive, Stop> {
        let machine = self.machine;
        let hart = &machine.harts[h];
        loop {
            let arm = match &hart.tree.nodes[position.node as usize].end {
                End::Leaf(_) | End::Cut(_) | End::BadJump(..) => return Ok(Alive::Yes),
                // A fault before the loop would be lost.
                End::Repeats if hart.may_fault => return Ok(Alive::Yes),
                End::Repeats => return Ok(after_stuck(machine, h)),
                End::Fork(fork) => match &fork.choice {
                    Choice::Value(value, _) => {
                        if !hart.tree.exprs.sources(*value).within(position.performed) {
                            return Ok(Alive::Yes);
                        }
                        self.used_values = true;
                        let actual = hart.tree.exprs.eval(*value, loaded);
                        fork.arms[fork.arm_of(actual)]
                    }
                    Choice::Outcome
                        if is_conditional_broken(machine, h, position, fork.arms[0]) =>
                    {
                        fork.arms[1]
                    }
                    Choice::Outcome => return Ok(Alive::Yes),
                },
            };
            if self.enter(h, position, loaded, arm)? == Alive::No {
                return Ok(Alive::No);
            }
        }
    }

    /// Hart `h` goes on in node `arm`.
    pub(crate) fn enter(
        &mut self,
        h: usize,
        position: &mut Position<S>,
        loaded: &[u64],
        arm: NodeId,
    ) -> Result<Alive, Stop> {
        position.node = arm;
        let hart = &self.machine.harts[h];
        let first = hart.tree.nodes[arm as usize].first;
        let computed = hart.facts[arm as usize].computed & S::since(first);
        self.resolve_addresses(h, position, loaded, computed)
    }

    /// Computes the addresses among `places` whose sources are known by now.
    pub(crate) fn resolve_addresses(
        &mut self,
        h: usize,
        position: &mut Position<S>,
        loaded: &[u64],
        places: S,
    ) -> Result<Alive, Stop> {
        let machine = self.machine;
        let hart = &machine.harts[h];
        for place in places.members() {
            let node = &hart.tree.nodes[position.node as usize];
            let op = hart.tree.op(node, place);
            let Address::Computed(expr) = op.address else { continue };
            let known = hart.tree.exprs.sources(expr).within(position.performed);
            if position.computed[place].address != UNKNOWN_ADDRESS || !known {
                continue;
            }
            self.used_values = true;
            let address = hart.tree.exprs.eval(expr, loaded);
            // Address 0 lies in no location; any other bad address serves as well.
            position.computed[place].address =
                if address == UNKNOWN_ADDRESS { u64::MAX } else { address };
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
            let mut next = position.clone();
            if fits_what_happened(&Cursor::new(machine, h, position), place, span.set(), &mut next)
                == Alive::No
            {
                return Ok(Alive::No);
            }
            *position = next;
        }
        Ok(Alive::Yes)
    }
}

/// What becomes of a state in which hart `h` goes no further, but is not at its end. It has no final state
/// that is not reached without it; but another hart may still be seen to come to no good end.
pub(crate) fn after_stuck<S: Set>(machine: &CompiledMachine<'_, S>, h: usize) -> Alive {
    if machine.others_may_end_badly(h) { Alive::Yes } else { Alive::No }
}

/// Does the success arm of a fork begin with an SC whose reservation is lost?
fn is_conditional_broken<S: Set>(
    machine: &CompiledMachine<'_, S>,
    h: usize,
    position: &Position<S>,
    success: NodeId,
) -> bool {
    let hart = &machine.harts[h];
    let arm = &hart.tree.nodes[success as usize];
    let first = hart.tree.path(arm).get(arm.first);
    let paired = first.and_then(|id| hart.tree.ops[*id as usize].paired);
    paired.is_some_and(|lr| position.broken.has(lr.into()))
}
