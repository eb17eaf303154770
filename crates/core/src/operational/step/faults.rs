//! Where a path comes to no good end: loops that are cut, and faults.

use super::enabled::good_span;
use super::resolve::after_stuck;
use super::stepper::Stepper;
use super::stop::{Alive, Stop};
use crate::arch::riscv::Width;
use crate::litmus::HartId;
use crate::model::AccessKind;
use crate::operational::compile::{Check, CompiledMachine, End, Guard, Set};
use crate::operational::state::{Cursor, Stage};
use crate::program::{Fault, misaligned};

impl<S: Set> Stepper<'_, S> {
    /// What becomes of hart `h` where its path comes to no good end: it takes a loop further than the
    /// bound, which is noted, or repeats one, or jumps to what is no code, which is a fault. So is a bad
    /// address before.
    pub(crate) fn check_end(&mut self, state: &[u64], h: usize) -> Result<Alive, Stop> {
        self.check_targets(state, h)?;
        self.check_faults(state, h)?;
        if self.view().hart_state(state, h).stage != Stage::Stuck || !self.view().certain(state, h)
        {
            return Ok(Alive::Yes);
        }
        let at = self.view().at(state, h);
        if !addresses_are_good(&at) || !outcomes_are_known(&at, at.node.len) {
            return Ok(Alive::Yes);
        }
        let (hart, position) = (at.hart, at.position);
        match at.node.end {
            End::Repeats => Ok(after_stuck(self.machine, h)),
            End::Cut(step) => {
                if !self.cuts.contains(&(h, step)) {
                    self.cuts.push((h, step));
                }
                Ok(after_stuck(self.machine, h))
            }
            End::BadJump(step, target)
                if hart.tree.exprs.sources(target).within(position.performed) =>
            {
                let address = hart.tree.exprs.eval(target, hart.loaded(state));
                let instr = self.machine.program.harts[h].text(step);
                Err(Fault::BadJump { hart: HartId(h as u16), step, instr, address }.into())
            }
            _ => Ok(Alive::Yes),
        }
    }

    /// A computed jump to a step that no path goes to needs one, be the jump certain or not: what excuses a
    /// failed SC before it may lie behind it.
    fn check_targets(&self, state: &[u64], h: usize) -> Result<(), Stop> {
        if self.view().hart_state(state, h).stage != Stage::Stuck {
            return Ok(());
        }
        let at = self.view().at(state, h);
        let End::BadJump(_, target) = at.node.end else { return Ok(()) };
        let exprs = &at.hart.tree.exprs;
        if !exprs.sources(target).within(at.position.performed) {
            return Ok(());
        }
        let address = exprs.eval(target, at.hart.loaded(state));
        match self.machine.program.harts[h].step_at(address) {
            Some(step) => Err(Stop::Target(h, step)),
            None => Ok(()),
        }
    }

    /// An access to a bad address that certainly happens is a fault.
    fn check_faults(&self, state: &[u64], h: usize) -> Result<(), Stop> {
        let at = self.view().at(state, h);
        let place =
            self.view().hart_state(state, h).enabled.faulty.members().find(|p| is_reached(&at, *p));
        let access = match place {
            Some(place) => {
                let op = at.op(place);
                Some((op.step, op.width, at.address(place).unwrap_or_default()))
            }
            None => failing_check(&at, at.hart.loaded(state)),
        };
        match access {
            Some((step, width, address)) if self.view().has_reasons(state) => {
                Err(bad_access(self.machine, h, step, width, address).into())
            }
            _ => Ok(()),
        }
    }
}

/// Are all addresses of the path known, and good ones?
fn addresses_are_good<S: Set>(at: &Cursor<'_, S>) -> bool {
    at.open().members().all(|place| good_span(at, place).is_ok())
        && at.hart.tree.checks(at.node).iter().all(|check| is_known(at, check))
}

/// The first access of the path that is certain to be to a bad address though it accesses nothing.
fn failing_check<S: Set>(at: &Cursor<'_, S>, loaded: &[u64]) -> Option<(usize, Width, u64)> {
    let tree = &at.hart.tree;
    let certain = tree.checks(at.node).iter().filter(|check| {
        let guards = &tree.guards(at.node)[..check.guards];
        is_known(at, check) && at.guards_hold(guards) && outcomes_are_known(at, check.ops)
    });
    let mut accesses = certain.map(|check| (check, tree.exprs.eval(check.address, loaded)));
    let failing = accesses.find(|(check, address)| {
        let location = at.machine.program.location_at(*address, check.width.bytes());
        location.is_none() || check.alignment.at(*address) != misaligned::Access::Whole
    });
    failing.map(|(check, address)| (check.step, check.width, address))
}

/// Is it certain that the path comes to the operation at `place`?
fn is_reached<S: Set>(at: &Cursor<'_, S>, place: usize) -> bool {
    let tree = &at.hart.tree;
    let before = |guard: &Guard| tree.nodes[guard.fork as usize].len <= place;
    let guards = tree.guards(at.node);
    let count = guards.iter().take_while(|guard| before(guard)).count();
    at.guards_hold(&guards[..count]) && outcomes_are_known(at, place)
}

fn is_known<S: Set>(at: &Cursor<'_, S>, check: &Check) -> bool {
    at.hart.tree.exprs.sources(check.address).within(at.position.performed)
}

/// Is it certain of the first `places` of the path that each SC succeeds, and each `amocas` has the
/// outcome, that the path says? One that is not performed may yet turn out not to.
fn outcomes_are_known<S: Set>(at: &Cursor<'_, S>, places: usize) -> bool {
    let mut open = (at.open() & S::below(places)).members().map(|place| at.op(place));
    open.all(|op| op.kind != AccessKind::StoreConditional && op.expected.is_none())
}

/// What is wrong with an access of hart `h` to `address`.
fn bad_access<S: Set>(
    machine: &CompiledMachine<'_, S>,
    h: usize,
    step: usize,
    width: Width,
    address: u64,
) -> Fault {
    let hart = HartId(h as u16);
    let instr = machine.program.harts[h].text(step);
    if machine.program.location_at(address, width.bytes()).is_none() {
        Fault::BadAddress { hart, step, instr, address }
    } else {
        Fault::Misaligned { hart, step, instr, address }
    }
}
