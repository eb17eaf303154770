//! `amocas`, with single registers and with pairs.

use super::super::set::Set;
use super::super::tree::High;
use super::access::Access;
use super::{Decided, Next, Path, Unfolder, Value};
use crate::arch::riscv::{Extend, Instr, Kind, Reg, Width};
use crate::model::AccessKind;
use crate::program::Fault;

/// An operand: its low 8 bytes, and the upper 8 of 16.
struct Operand<S> {
    low: Value<S>,
    high: Option<Value<S>>,
}

impl<S: Set> Operand<S> {
    fn of(unfolder: &mut Unfolder<'_, S>, path: &Path<S>, reg: Reg, kind: Kind) -> Operand<S> {
        let low = path.registers[reg.number()];
        let high = path.registers[reg.pair().number()];
        match kind {
            Kind::CompareAndSwapPair(Width::Q) => Operand { low, high: Some(high) },
            Kind::CompareAndSwapPair(_) => {
                let join: fn(u64, u64) -> u64 = |a, b| Width::W.zero_extend(a) | b << 32;
                let expr = unfolder.tree.exprs.apply(join, low.expr, high.expr);
                Operand { low: Value { expr, deps: low.deps | high.deps }, high: None }
            }
            _ => Operand { low, high: None },
        }
    }

    fn deps(&self) -> S {
        self.low.deps | self.high.map_or(S::EMPTY, |high| high.deps)
    }
}

impl<S: Set> Unfolder<'_, S> {
    /// Success stores, failure is a load; which it is, a fork decides.
    pub(super) fn compare_and_swap(
        &mut self,
        path: &mut Path<S>,
        instr: &Instr,
        rs1: Value<S>,
        decided: Option<Decided>,
    ) -> Result<Next, Fault> {
        let kind = instr.def.kind;
        let (Kind::CompareAndSwap(width) | Kind::CompareAndSwapPair(width)) = kind else {
            return Ok(Next::Straight);
        };
        let Some(decided) = decided else { return Ok(Next::Outcome) };
        let rd = instr.operands.rd;
        let expected = Operand::of(self, path, rd, kind);
        let new = Operand::of(self, path, instr.operands.rs2, kind);
        let high = expected.high.zip(new.high);
        let high = high.map(|(expected, new)| High { data: new.expr, expected: expected.expr });
        let action = match decided {
            Decided::Succeeds => AccessKind::Amo,
            Decided::Fails | Decided::Whole | Decided::Bytes => AccessKind::FailedCas,
        };
        let amo: fn(u64, u64) -> u64 = |_, new| new;
        let access = Access {
            expected: Some(expected.low.expr),
            high,
            amo: (decided == Decided::Succeeds).then_some(amo),
            ..Access::new(action, width, Extend::Sign)
        };
        let place = path.ops.len();
        let data = Value { expr: new.low.expr, deps: expected.deps() | new.deps() };
        let old = self.access(path, instr, access, rs1, Some(data))?;
        self.write_old(path, kind, rd, place, old);
        path.step += 1;
        Ok(Next::Straight)
    }

    fn write_old(&mut self, path: &mut Path<S>, kind: Kind, rd: Reg, place: usize, old: Value<S>) {
        let exprs = &mut self.tree.exprs;
        let (low, high) = match kind {
            Kind::CompareAndSwapPair(Width::Q) => (old.expr, exprs.loaded_high(place)),
            Kind::CompareAndSwapPair(_) => (
                exprs.apply(|a, _| Width::W.sign_extend(a), old.expr, self.zero),
                exprs.apply(|a, _| Width::W.sign_extend(a >> 32), old.expr, self.zero),
            ),
            _ => return self.write(path, rd, old),
        };
        self.write(path, rd, Value { expr: low, ..old });
        self.write(path, rd.pair(), Value { expr: high, ..old });
    }
}
