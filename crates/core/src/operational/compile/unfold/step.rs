//! One instruction, run on expressions.

use super::super::set::Set;
use super::super::tree::{Address, Check};
use super::access::{Access, reservation_covers};
use super::{Decided, Next, Path, Target, Unfolder, Value};
use crate::arch::riscv::{Extend, FenceSet, Instr, Kind, Reg, Width};
use crate::model::AccessKind;
use crate::program::misaligned::{self, Alignment};
use crate::program::{Fault, Step};

impl<S: Set> Unfolder<'_, S> {
    /// Runs one instruction.
    pub(super) fn step(
        &mut self,
        path: &mut Path<S>,
        step: &Step,
        decided: Option<Decided>,
    ) -> Result<Next, Fault> {
        let instr = &step.instr;
        let operands = &instr.operands;
        let rs1 = path.registers[operands.rs1.number()];
        let rs2 = path.registers[operands.rs2.number()];
        match instr.def.kind {
            Kind::AluReg(f) => {
                let expr = if instr.def.cancels() && rs1.expr == rs2.expr {
                    self.zero
                } else {
                    self.tree.exprs.apply(f, rs1.expr, rs2.expr)
                };
                self.write(path, operands.rd, Value { expr, deps: rs1.deps | rs2.deps });
            }
            Kind::AluImm(f) => {
                let immediate = self.tree.exprs.constant(operands.imm as u64);
                let expr = if instr.def.masks() && operands.imm == 0 {
                    self.zero
                } else {
                    self.tree.exprs.apply(f, rs1.expr, immediate)
                };
                self.write(path, operands.rd, Value { expr, deps: rs1.deps });
            }
            Kind::Constant(f) => self.write_constant(path, operands.rd, f(operands.imm)),
            Kind::Auipc(f) => {
                let value = step.address.wrapping_add(((operands.imm as i32) << 12) as u64);
                self.write_constant(path, operands.rd, f(value));
            }
            Kind::LoadAddress => self.write_constant(path, operands.rd, step.symbol),
            Kind::Hint => {}
            Kind::Fence => {
                path.fence(false, operands.pred, operands.succ);
            }
            Kind::FenceTso => {
                path.fence(true, FenceSet::IORW, FenceSet::IORW);
            }
            Kind::Jal => {
                self.write_constant(path, operands.rd, step.address + instr.bytes());
                return Ok(Next::Jump(step.target));
            }
            Kind::Jalr => {
                let link = step.address + instr.bytes();
                return Ok(self.indirect(path, operands.rd, link, rs1, operands.imm));
            }
            Kind::Branch(f) => {
                path.control |= rs1.deps | rs2.deps;
                return Ok(self.conditional(path, f, rs1, rs2, step));
            }
            Kind::Load(width, extend) => {
                if decided.is_none()
                    && let Some(splits) = self.may_split(path, instr, width, rs1)
                {
                    return Ok(Next::Alignment(splits));
                }
                let value = self.access(
                    path,
                    instr,
                    Access { decided, ..Access::new(AccessKind::Load, width, extend) },
                    rs1,
                    None,
                )?;
                self.write(path, operands.rd, value);
            }
            Kind::LoadReserved(width) => {
                path.reserved = Some(path.ops.len() as u16);
                let access = Access::new(AccessKind::LoadReserved, width, Extend::Sign);
                let value = self.access(path, instr, access, rs1, None)?;
                self.write(path, operands.rd, value);
            }
            Kind::Store(width) => {
                if decided.is_none()
                    && let Some(splits) = self.may_split(path, instr, width, rs1)
                {
                    return Ok(Next::Alignment(splits));
                }
                self.access(
                    path,
                    instr,
                    Access { decided, ..Access::new(AccessKind::Store, width, Extend::Zero) },
                    rs1,
                    Some(rs2),
                )?;
            }
            Kind::Amo(width, f) => {
                let access =
                    Access { amo: Some(f), ..Access::new(AccessKind::Amo, width, Extend::Sign) };
                let value = self.access(path, instr, access, rs1, Some(rs2))?;
                self.write(path, operands.rd, value);
            }
            Kind::StoreConditional(width) => {
                return self.store_conditional(path, instr, width, rs1, rs2, decided);
            }
            Kind::CompareAndSwap(_) | Kind::CompareAndSwapPair(_) => {
                return self.compare_and_swap(path, instr, rs1, decided);
            }
        }
        path.step += 1;
        Ok(Next::Straight)
    }

    pub(super) fn write(&mut self, path: &mut Path<S>, rd: Reg, value: Value<S>) {
        if !rd.is_zero() {
            path.registers[rd.number()] = value;
        }
    }

    fn write_constant(&mut self, path: &mut Path<S>, rd: Reg, value: u64) {
        let expr = self.tree.exprs.constant(value);
        self.write(path, rd, Value { expr, deps: S::EMPTY });
    }

    fn conditional(
        &mut self,
        path: &Path<S>,
        f: fn(u64, u64) -> bool,
        rs1: Value<S>,
        rs2: Value<S>,
        step: &Step,
    ) -> Next {
        let next = path.step + 1;
        // Both ways lead to the same place: a control dependency, but no fork.
        if step.target == next {
            return Next::Jump(next);
        }
        let exprs = &self.tree.exprs;
        if let (Some(a), Some(b)) = (exprs.as_constant(rs1.expr), exprs.as_constant(rs2.expr)) {
            return Next::Jump(if f(a, b) { step.target } else { next });
        }
        if rs1.expr == rs2.expr && !exprs.sources(rs1.expr).is_empty() {
            return Next::Jump(if f(0, 0) { step.target } else { next });
        }
        let value = self.tree.exprs.condition(f, rs1.expr, rs2.expr);
        Next::Branch(value, vec![(Some(1), Target::Step(step.target)), (None, Target::Step(next))])
    }

    fn indirect(
        &mut self,
        path: &mut Path<S>,
        rd: Reg,
        link: u64,
        rs1: Value<S>,
        offset: i64,
    ) -> Next {
        path.control |= rs1.deps;
        let offset = self.tree.exprs.constant(offset as u64);
        let value = self.tree.exprs.apply(|a, b| a.wrapping_add(b) & !1, rs1.expr, offset);
        self.write_constant(path, rd, link);
        if let Some(address) = self.tree.exprs.as_constant(value) {
            return self.code.step_at(address).map_or(Next::Stuck(value), Next::Jump);
        }
        let mut targets: Vec<(Option<u64>, Target)> = self
            .code
            .indirect_targets
            .iter()
            .map(|&step| (Some(self.code.address(step)), Target::Step(step)))
            .collect();
        targets.push((None, Target::Nowhere));
        Next::Branch(value, targets)
    }

    /// Fails at once when it is not paired; otherwise either outcome is a path of its own.
    fn store_conditional(
        &mut self,
        path: &mut Path<S>,
        instr: &Instr,
        width: Width,
        rs1: Value<S>,
        rs2: Value<S>,
        decided: Option<Decided>,
    ) -> Result<Next, Fault> {
        let address = self.address(rs1, instr.operands.imm);
        let possible = path.reserved.is_some_and(|lr| self.may_match(path, lr, address, width));
        let rd = instr.operands.rd;
        match (possible, decided) {
            (true, None) => return Ok(Next::Outcome),
            (true, Some(Decided::Succeeds)) => {
                let paired = path.reserved.take();
                let op = path.ops.len();
                let access = Access {
                    paired,
                    ..Access::new(AccessKind::StoreConditional, width, Extend::Zero)
                };
                self.access(path, instr, access, rs1, Some(rs2))?;
                let deps = S::only(op).when(path.ops.len() > op);
                self.write(path, rd, Value { expr: self.zero, deps });
            }
            (false, _) | (true, Some(_)) => {
                let paired = path.reserved.take();
                if possible && let Some(lr) = paired {
                    path.failed_pairs |= S::only(lr as usize);
                }
                self.check(path, instr, width, address);
                self.write_constant(path, rd, 1);
            }
        }
        path.step += 1;
        Ok(Next::Straight)
    }

    /// An SC that fails accesses nothing, but raises an exception where one that succeeds would.
    fn check(&mut self, path: &mut Path<S>, instr: &Instr, width: Width, address: Address) {
        let alignment = Alignment::of(instr, width.bytes(), self.code, self.options);
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
