//! `amocas`, with single registers and with pairs.

use super::super::set::Set;
use super::super::tree::High;
use super::access::Access;
use super::{Decided, Next, Path, Unfolder, Value};
use crate::arch::{Extend, Function, MemoryAccess, RegisterOrPair, Width};
use crate::model::AccessKind;
use crate::program::Fault;

/// An operand: its low 8 bytes, and the upper 8 of 16.
struct Operand<S> {
    low: Value<S>,
    high: Option<Value<S>>,
}

impl<S: Set> Operand<S> {
    fn of(
        unfolder: &mut Unfolder<'_, '_, S>,
        path: &Path<S>,
        registers: RegisterOrPair,
        width: Width,
    ) -> Operand<S> {
        match registers {
            RegisterOrPair::Register(register) => Operand { low: path.get(register), high: None },
            RegisterOrPair::Pair(low, high) if width == Width::Q => {
                Operand { low: path.get(low), high: Some(path.get(high)) }
            }
            RegisterOrPair::Pair(low, high) => {
                let (low, high) = (path.get(low), path.get(high));
                let join = Function::new(|a, b| Width::W.zero_extend(a) | b << 32);
                let expr = unfolder.tree.exprs.apply(join, low.expr, high.expr);
                Operand { low: Value { expr, deps: low.deps | high.deps }, high: None }
            }
        }
    }

    fn deps(&self) -> S {
        self.low.deps | self.high.map_or(S::EMPTY, |high| high.deps)
    }
}

impl<S: Set> Unfolder<'_, '_, S> {
    /// Success stores, failure only reads; which it is, a fork decides.
    pub(super) fn compare_and_swap(
        &mut self,
        path: &mut Path<S>,
        expected: RegisterOrPair,
        new: RegisterOrPair,
        access: MemoryAccess,
        decided: Option<Decided>,
    ) -> Result<Next, Fault> {
        let Some(decided) = decided else { return Ok(Next::Outcome) };
        let (old, width) = (expected, access.width);
        let expected = Operand::of(self, path, expected, width);
        let new = Operand::of(self, path, new, width);
        let high = expected.high.zip(new.high);
        let high = high.map(|(expected, new)| High { data: new.expr, expected: expected.expr });
        let kind = match decided {
            Decided::Succeeds => AccessKind::Amo,
            _ => self.options.failed_cas.kind(),
        };
        let amo = Function::new(|_, new| new);
        let swap = Access {
            expected: Some(expected.low.expr),
            high,
            amo: (decided == Decided::Succeeds).then_some(amo),
            ..Access::new(kind, Extend::Sign)
        };
        let place = path.ops.len();
        let data = Value { expr: new.low.expr, deps: expected.deps() | new.deps() };
        let read = self.access(path, swap, access, Some(data))?;
        self.write_old(path, old, width, place, read);
        path.step += 1;
        Ok(Next::Straight)
    }

    fn write_old(
        &mut self,
        path: &mut Path<S>,
        registers: RegisterOrPair,
        width: Width,
        place: usize,
        read: Value<S>,
    ) {
        let exprs = &mut self.tree.exprs;
        let (low, high) = match registers {
            RegisterOrPair::Register(register) => return self.write(path, register, read),
            RegisterOrPair::Pair(low, high) => (low, high),
        };
        let (low_expr, high_expr) = match width {
            Width::Q => (read.expr, exprs.loaded_high(place)),
            _ => (
                exprs.apply(Function::new(|a, _| Width::W.sign_extend(a)), read.expr, self.zero),
                exprs.apply(
                    Function::new(|a, _| Width::W.sign_extend(a >> 32)),
                    read.expr,
                    self.zero,
                ),
            ),
        };
        self.write(path, low, Value { expr: low_expr, ..read });
        self.write(path, high, Value { expr: high_expr, ..read });
    }
}
