//! Where a path comes to no good end: loops that are cut, and faults.

use super::control::At;
use super::local::Stage;
use super::machine::Machine;
use super::perform::{Alive, Stop};
use super::set::Set;
use super::tree::{Check, End, Guard};
use super::walker::Walker;
use crate::arch::Width;
use crate::litmus::HartId;
use crate::model::AccessKind;
use crate::program::{Fault, misaligned};

impl<S: Set> Walker<'_, S> {
    /// What becomes of hart `h` where its path comes to no good end: it takes a loop further than the
    /// bound, which is noted, or repeats one, or jumps to what is no code, which is a fault. So is a bad
    /// address before.
    pub(super) fn ends(&mut self, state: &[u64], h: usize) -> Result<Alive, Stop> {
        self.faults(state, h)?;
        if self.view().local(state, h).stage != Stage::Stuck || !self.view().certain(state, h) {
            return Ok(Alive::Yes);
        }
        let at = self.view().at(state, h);
        if !at.addresses_are_good() || !at.outcomes_are_known(at.node.len) {
            return Ok(Alive::Yes);
        }
        let (hart, control) = (at.hart, at.control);
        match at.node.end {
            End::Repeats => Ok(self.machine.stuck_alive(h)),
            End::Cut(step) => {
                if !self.scratch.cuts.contains(&(h, step)) {
                    self.scratch.cuts.push((h, step));
                }
                Ok(self.machine.stuck_alive(h))
            }
            End::BadJump(step, target) if hart.tree.exprs.sources(target).within(control.done) => {
                let address = hart.tree.exprs.eval(target, hart.loaded(state));
                let instr = self.machine.program.harts[h].text(step);
                Err(Fault::BadJump { hart: HartId(h as u16), step, instr, address }.into())
            }
            _ => Ok(Alive::Yes),
        }
    }

    /// An access to a bad address that certainly happens is a fault.
    fn faults(&self, state: &[u64], h: usize) -> Result<(), Stop> {
        let at = self.view().at(state, h);
        let place = self.view().local(state, h).can.faulty.members().find(|p| at.is_reached(*p));
        let access = match place {
            Some(place) => {
                let op = at.op(place);
                Some((op.step, op.width, at.address(place).unwrap_or_default()))
            }
            None => at.failing_check(at.hart.loaded(state)),
        };
        match access {
            Some((step, width, address)) if self.view().has_reasons(state) => {
                Err(self.machine.bad_access(h, step, width, address).into())
            }
            _ => Ok(()),
        }
    }
}

impl<S: Set> At<'_, S> {
    /// Are all addresses of the path known, and good ones?
    fn addresses_are_good(&self) -> bool {
        self.open().members().all(|place| self.good_span(place).is_ok())
            && self.hart.tree.checks(self.node).iter().all(|check| self.is_known(check))
    }

    /// The first access of the path that is certain to be to a bad address though it accesses nothing.
    fn failing_check(&self, loaded: &[u64]) -> Option<(usize, Width, u64)> {
        let tree = &self.hart.tree;
        let certain = tree.checks(self.node).iter().filter(|check| {
            let guards = &tree.guards(self.node)[..check.guards];
            self.is_known(check) && self.hold(guards) && self.outcomes_are_known(check.ops)
        });
        let mut accesses = certain.map(|check| (check, tree.exprs.eval(check.address, loaded)));
        let failing = accesses.find(|(check, address)| {
            let location = self.machine.program.location_at(*address, check.width.bytes());
            location.is_none() || check.alignment.at(*address) != misaligned::Access::Whole
        });
        failing.map(|(check, address)| (check.step, check.width, address))
    }

    /// Is it certain that the path comes to the operation at `place`?
    fn is_reached(&self, place: usize) -> bool {
        let tree = &self.hart.tree;
        let before = |guard: &Guard| tree.nodes[guard.fork as usize].len <= place;
        let guards = tree.guards(self.node);
        let count = guards.iter().take_while(|guard| before(guard)).count();
        self.hold(&guards[..count]) && self.outcomes_are_known(place)
    }

    /// Are these conditions known to hold?
    pub(super) fn hold(&self, guards: &[Guard]) -> bool {
        let exprs = &self.hart.tree.exprs;
        guards.iter().all(|guard| exprs.sources(guard.value).within(self.control.done))
    }

    fn is_known(&self, check: &Check) -> bool {
        self.hart.tree.exprs.sources(check.address).within(self.control.done)
    }

    /// Is it certain of the first `places` of the path that each SC succeeds, and each `amocas` has the
    /// outcome, that the path says? One that is not performed may yet turn out not to.
    fn outcomes_are_known(&self, places: usize) -> bool {
        let mut open = (self.open() & S::below(places)).members().map(|place| self.op(place));
        open.all(|op| op.kind != AccessKind::StoreConditional && op.expected.is_none())
    }
}

impl<S: Set> Machine<'_, S> {
    /// What is wrong with an access of hart `h` to `address`.
    fn bad_access(&self, h: usize, step: usize, width: Width, address: u64) -> Fault {
        let hart = HartId(h as u16);
        let instr = self.program.harts[h].text(step);
        if self.program.location_at(address, width.bytes()).is_none() {
            Fault::BadAddress { hart, step, instr, address }
        } else {
            Fault::Misaligned { hart, step, instr, address }
        }
    }
}
