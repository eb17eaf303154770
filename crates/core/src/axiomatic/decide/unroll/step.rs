//! What each action does to a path.

use std::rc::Rc;

use crate::arch::{Action, Cancels, Operand};
use crate::axiomatic::decide::terms::{EventId, Operation, Term, Test};
use crate::model::AccessKind;
use crate::program::Fault;
use crate::program::counted::ends_soon;

use super::{End, Fence, Path, Point, Unroller, get, set};

impl Unroller<'_, '_> {
    pub(super) fn step(&mut self, mut point: Point, mut path: Path) -> Result<(), Fault> {
        let Some(step) = self.code.code.get(point.step) else {
            self.end(path.here, End::Complete);
            let values = path.registers.iter().map(|(term, _)| *term).collect();
            self.this.registers.push((path.here, values));
            return Ok(());
        };
        match step.action {
            Action::Nop => {}
            Action::Constant { destination, value } => {
                let term = self.terms().constant(value);
                set(&mut path, destination, term, Rc::default());
            }
            Action::Compute { destination, function, left, right, cancels } => {
                let (a, from_a) = get(&path, left);
                let (b, from_b) = match right {
                    Operand::Register(right) => get(&path, right),
                    Operand::Immediate(value) => (self.terms().constant(value), Rc::default()),
                };
                let zero =
                    cancels == Cancels::Always || cancels == Cancels::EqualArguments && a == b;
                let value = match zero {
                    true => self.terms().constant(0),
                    false => self.terms().apply(Operation::Function(function), a, b),
                };
                let deps = self.union(&from_a, &from_b);
                set(&mut path, destination, value, deps);
            }
            Action::Branch { condition, left, right, target } => {
                let ((a, from_a), (b, from_b)) = (get(&path, left), get(&path, right));
                let deps = self.union(&from_a, &from_b);
                path.control = self.union(&path.control.clone(), &deps);
                let taken = self.terms().holds(Test::Condition(condition), a, b);
                let free = target <= point.step
                    && ends_soon(self.code, point.step, |register| {
                        let (term, deps) = get(&path, register);
                        deps.is_empty().then(|| self.unrolled.terms.value(term)).flatten()
                    });
                let mut jumps = path.clone();
                jumps.here = self.terms().and(&[path.here, taken]);
                let not = self.terms().not(taken);
                path.here = self.terms().and(&[path.here, not]);
                self.jump(point.clone(), jumps, target, free);
            }
            Action::Jump { target, link } => {
                let value = self.terms().constant(link.address);
                set(&mut path, link.register, value, Rc::default());
                self.jump(point, path, target, false);
                return Ok(());
            }
            Action::JumpRegister { base, offset, link } => {
                let (base, deps) = get(&path, base);
                let offset = self.terms().constant(offset as u64);
                let address = self.terms().apply(Operation::Target, base, offset);
                path.control = self.union(&path.control.clone(), &deps);
                let value = self.terms().constant(link.address);
                set(&mut path, link.register, value, Rc::default());
                self.computed_jump(point, path, address);
                return Ok(());
            }
            Action::Fence(pairs) => {
                let before = EventId(self.unrolled.events.len() as u32);
                let (step, executed) = (point.step, path.here);
                self.this.fences.push(Fence { step, executed, before, pairs });
            }
            action @ Action::Load { access, .. } => {
                return self.access(point, path, action, AccessKind::Load, access);
            }
            action @ Action::Store { access, .. } => {
                return self.access(point, path, action, AccessKind::Store, access);
            }
            action @ Action::LoadReserved { access, .. } => {
                return self.access(point, path, action, AccessKind::LoadReserved, access);
            }
            action @ Action::StoreConditional { access, .. } => {
                return self.access(point, path, action, AccessKind::StoreConditional, access);
            }
            action @ (Action::Amo { access, .. } | Action::CompareAndSwap { access, .. }) => {
                return self.access(point, path, action, AccessKind::Amo, access);
            }
        }
        point.step += 1;
        self.go(point, path);
        Ok(())
    }

    /// Goes to whichever of the steps that jumps may lead to has the address.
    fn computed_jump(&mut self, point: Point, path: Path, address: Term) {
        if let Some(address) = self.terms().value(address) {
            match self.program.step_at(self.hart, address) {
                Some(target) => self.jump(point, path, target, false),
                None => self.end(path.here, End::Fault),
            }
            return;
        }
        let targets = self.code.indirect_targets.clone();
        let addresses: Vec<u64> = targets.iter().map(|step| self.code.address(*step)).collect();
        for (target, there) in targets.into_iter().zip(&addresses) {
            let there = self.terms().constant(*there);
            let taken = self.terms().holds(Test::Equal, address, there);
            let mut jumps = path.clone();
            jumps.here = self.terms().and(&[path.here, taken]);
            self.jump(point.clone(), jumps, target, false);
        }
        self.unrolled.jumps.push((path.here, address, addresses));
    }
}
