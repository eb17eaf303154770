//! One action, run on expressions.

use super::super::expr::ExprId;
use super::super::set::Set;
use super::super::tree::{Address, Check};
use super::access::{Access, reservation_covers};
use super::{Decided, Next, Path, Target, Unfolder, Value};
use crate::arch::{
    Action, Cancels, Condition, Extend, Function, Link, MemoryAccess, Operand, Register, Width,
};
use crate::model::{AccessKind, Reservation, ScFailure};
use crate::program::Fault;
use crate::program::counted::ends_soon;
use crate::program::misaligned::{self, Alignment};

impl<S: Set> Unfolder<'_, '_, S> {
    /// Runs one action.
    pub(super) fn step(
        &mut self,
        path: &mut Path<S>,
        action: Action,
        decided: Option<Decided>,
    ) -> Result<Next, Fault> {
        match action {
            Action::Nop => {}
            Action::Constant { destination, value } => {
                self.write_constant(path, destination, value);
            }
            Action::Compute { destination, function, left, right, cancels } => {
                let left = path.get(left);
                let (right, deps) = match right {
                    Operand::Register(right) => {
                        let right = path.get(right);
                        (right.expr, left.deps | right.deps)
                    }
                    Operand::Immediate(value) => (self.tree.exprs.constant(value), left.deps),
                };
                let cancelled = match cancels {
                    Cancels::Never => false,
                    Cancels::EqualArguments => left.expr == right,
                    Cancels::Always => true,
                };
                let expr = if cancelled {
                    self.zero
                } else {
                    self.tree.exprs.apply(function, left.expr, right)
                };
                self.write(path, destination, Value { expr, deps });
            }
            Action::Branch { condition, left, right, target } => {
                let (left, right) = (path.get(left), path.get(right));
                path.control |= left.deps | right.deps;
                return Ok(self.conditional(path, condition, left, right, target));
            }
            Action::Jump { target, link } => {
                self.write_constant(path, link.register, link.address);
                return Ok(Next::Jump(target));
            }
            Action::JumpRegister { base, offset, link } => {
                return Ok(self.indirect(path, path.get(base), offset, link));
            }
            Action::Fence(pairs) => path.fence(pairs),
            Action::Load { destination, extend, access } => {
                if decided.is_none()
                    && let Some(splits) = self.may_split(path, AccessKind::Load, access)
                {
                    return Ok(Next::Either(splits, [Decided::Bytes, Decided::Whole]));
                }
                let load = Access { decided, ..Access::new(AccessKind::Load, extend) };
                let value = self.access(path, load, access, None)?;
                self.write(path, destination, value);
            }
            Action::Store { source, access } => {
                if decided.is_none()
                    && let Some(splits) = self.may_split(path, AccessKind::Store, access)
                {
                    return Ok(Next::Either(splits, [Decided::Bytes, Decided::Whole]));
                }
                let store = Access { decided, ..Access::new(AccessKind::Store, Extend::Zero) };
                self.access(path, store, access, Some(path.get(source)))?;
            }
            Action::LoadReserved { destination, access } => {
                path.reserved = Some(path.ops.len() as u16);
                let load = Access::new(AccessKind::LoadReserved, Extend::Sign);
                let value = self.access(path, load, access, None)?;
                self.write(path, destination, value);
            }
            Action::StoreConditional { destination, source, access } => {
                return self.store_conditional(path, destination, source, access, decided);
            }
            Action::Amo { destination, source, function, access } => {
                let amo = Some(function);
                let amo = Access { amo, ..Access::new(AccessKind::Amo, Extend::Sign) };
                let value = self.access(path, amo, access, Some(path.get(source)))?;
                self.write(path, destination, value);
            }
            Action::CompareAndSwap { expected, new, access } => {
                return self.compare_and_swap(path, expected, new, access, decided);
            }
        }
        path.step += 1;
        Ok(Next::Straight)
    }

    pub(super) fn write(&mut self, path: &mut Path<S>, register: Register, value: Value<S>) {
        if !register.is_zero() {
            path.registers[register.number()] = value;
        }
    }

    fn write_constant(&mut self, path: &mut Path<S>, register: Register, value: u64) {
        let expr = self.tree.exprs.constant(value);
        self.write(path, register, Value { expr, deps: S::EMPTY });
    }

    fn conditional(
        &mut self,
        path: &mut Path<S>,
        Condition(condition): Condition,
        left: Value<S>,
        right: Value<S>,
        target: usize,
    ) -> Next {
        let next = path.step + 1;
        // Both ways lead to the same place: a control dependency, but no fork.
        if target == next {
            return Next::Jump(next);
        }
        let exprs = &self.tree.exprs;
        if let (Some(a), Some(b)) = (exprs.as_constant(left.expr), exprs.as_constant(right.expr)) {
            return match condition(a, b) {
                true if target <= path.step && self.ends_soon(path) => {
                    self.followed = true;
                    Next::Goes(target)
                }
                true => Next::Jump(target),
                false => Next::Jump(next),
            };
        }
        if left.expr == right.expr && !exprs.sources(left.expr).is_empty() {
            return Next::Jump(if condition(0, 0) { target } else { next });
        }
        let value = self.tree.exprs.condition(condition, left.expr, right.expr);
        if self.select(path, value, target, next) {
            self.selected = true;
            return Next::Goes(path.step);
        }
        Next::Branch(value, vec![(Some(1), Target::Step(target)), (None, Target::Step(next))])
    }

    /// Is the branch back that is taken now that of a loop which is counted by constants?
    fn ends_soon(&self, path: &Path<S>) -> bool {
        self.follows_counted
            && ends_soon(self.code, path.step, |register| {
                let Value { expr, deps } = path.get(register);
                self.tree.exprs.as_constant(expr).filter(|_| deps.is_empty())
            })
    }

    fn indirect(&mut self, path: &mut Path<S>, base: Value<S>, offset: i64, link: Link) -> Next {
        path.control |= base.deps;
        let offset = self.tree.exprs.constant(offset as u64);
        let value =
            self.tree.exprs.apply(Function::new(|a, b| a.wrapping_add(b) & !1), base.expr, offset);
        self.write_constant(path, link.register, link.address);
        if let Some(address) = self.tree.exprs.as_constant(value) {
            return self.code.step_at(address).map_or(Next::Stuck(value), Next::Jump);
        }
        let met = self.refinement.targets.iter().filter(|(hart, _)| *hart == self.hart.index());
        let mut steps: Vec<usize> = met.map(|(_, step)| *step).collect();
        steps.extend(&self.code.indirect_targets);
        steps.sort_unstable();
        let target = |step| (Some(self.code.address(step)), Target::Step(step));
        let mut targets: Vec<(Option<u64>, Target)> = steps.into_iter().map(target).collect();
        targets.push((None, Target::Nowhere));
        Next::Branch(value, targets)
    }

    /// Fails at once when it is not paired; otherwise either outcome is a path of its own.
    fn store_conditional(
        &mut self,
        path: &mut Path<S>,
        destination: Register,
        source: Register,
        access: MemoryAccess,
        decided: Option<Decided>,
    ) -> Result<Next, Fault> {
        let address = self.address(path, access);
        let possible =
            path.reserved.is_some_and(|lr| self.may_match(path, lr, address, access.width));
        match (possible, decided) {
            (true, None) => {
                if let Some(lr) = path.reserved
                    && let Some(covered) = self.is_covered(path, lr, address, access.width)
                {
                    return Ok(Next::Either(covered, [Decided::Reserved, Decided::Elsewhere]));
                }
                return Ok(Next::Outcome);
            }
            (true, Some(Decided::Reserved)) => return Ok(Next::Outcome),
            (true, Some(Decided::Succeeds)) => {
                let paired = path.reserved.take();
                let op = path.ops.len();
                let store =
                    Access { paired, ..Access::new(AccessKind::StoreConditional, Extend::Zero) };
                self.access(path, store, access, Some(path.get(source)))?;
                let deps = S::only(op).when(path.ops.len() > op);
                self.write(path, destination, Value { expr: self.zero, deps });
            }
            (false, _) | (true, Some(_)) => {
                let paired = path.reserved.take();
                let must_fail = decided == Some(Decided::Elsewhere);
                if possible
                    && !must_fail
                    && let Some(lr) = paired
                {
                    path.failed_pairs |= S::only(lr as usize);
                }
                self.check(path, access, address);
                self.write_constant(path, destination, 1);
            }
        }
        path.step += 1;
        Ok(Next::Straight)
    }

    /// Where a paired SC must have a reason to fail: an expression that is 1 if the SC lies within what the LR
    /// reserved, unless that is known.
    fn is_covered(
        &mut self,
        path: &Path<S>,
        lr: u16,
        address: Address,
        width: Width,
    ) -> Option<ExprId> {
        let lr = &self.tree.ops[path.ops[lr as usize] as usize];
        let room = match self.options.reservation {
            _ if self.options.sc_failure == ScFailure::Spurious => return None,
            Reservation::Any => return None,
            Reservation::Exact => lr.width.bytes().checked_sub(width.bytes()).map_or(0, |r| r + 1),
            Reservation::Line(bytes) => match bytes.max(lr.width.bytes()) {
                line if line < width.bytes() => 0,
                line => line,
            },
        };
        let (reserved, stored) = match (lr.address, address) {
            (Address::Known(_), Address::Known(_)) => return None,
            (reserved, stored) => (self.address_value(reserved), self.address_value(stored)),
        };
        let distance = Function::new(match self.options.reservation {
            Reservation::Exact => |sc, lr| sc.wrapping_sub(lr),
            _ => |sc, lr| sc ^ lr,
        });
        let distance = self.tree.exprs.apply(distance, stored, reserved);
        let room = self.tree.exprs.constant(room);
        Some(self.tree.exprs.condition(|distance, room| distance < room, distance, room))
    }

    fn address_value(&mut self, address: Address) -> ExprId {
        match address {
            Address::Known(address) => self.tree.exprs.constant(address),
            Address::Computed(address) => address,
        }
    }

    /// An SC that fails accesses nothing, but raises an exception where one that succeeds would.
    fn check(&mut self, path: &mut Path<S>, access: MemoryAccess, address: Address) {
        let width = access.width;
        let alignment =
            Alignment::of(AccessKind::StoreConditional, access, self.code, self.options);
        let address = match address {
            Address::Known(address) => {
                let good = self.program.location_at(address, width.bytes()).is_some()
                    && alignment.at(address) == misaligned::Access::Whole;
                if good {
                    return;
                }
                self.tree.exprs.constant(address)
            }
            Address::Computed(address) => address,
        };
        let (step, ops, guards) = (path.step, path.ops.len(), path.guards.len());
        path.checks.push(Check { step, ops, guards, address, width, alignment });
    }

    /// May the SC's bytes lie within what the LR reserved? `true` also when nobody knows yet.
    fn may_match(&self, path: &Path<S>, lr: u16, address: Address, width: Width) -> bool {
        let lr = &self.tree.ops[path.ops[lr as usize] as usize];
        match (lr.address, address) {
            (Address::Known(lr_address), Address::Known(sc_address)) => reservation_covers(
                self.options.reservation,
                lr_address,
                lr.width,
                sc_address,
                width,
            ),
            _ => true,
        }
    }
}
