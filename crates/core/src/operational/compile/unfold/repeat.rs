//! Loops that come back to where they were: see [`crate::program::repeat`] for when and why.

use std::rc::Rc;

use super::super::expr::ExprId;
use super::super::set::Set;
use super::{Path, Unfolder, Value};
use crate::arch::{Function, Register, Width};
use crate::model::AccessKind;
use crate::program::repeat::{LoopHead, Skippable};

/// An arrival at the head of a loop.
#[derive(Clone)]
pub(super) struct Visit<S> {
    step: usize,
    /// Operations of the path before it.
    ops: usize,
    registers: Rc<[Value<S>; Register::COUNT]>,
    reserved: Option<u16>,
}

impl<S: Set> Visit<S> {
    /// The arrival of `path` at its step.
    pub(super) fn of(path: &Path<S>) -> Visit<S> {
        let registers = Rc::new(path.registers);
        Visit { step: path.step, ops: path.ops.len(), registers, reserved: path.reserved }
    }
}

/// How a path comes to the head of a loop.
pub(super) enum Arrival {
    /// As it never was there before.
    New,
    /// As it was there before.
    Repeats,
    /// As it was there before, if this is not 0.
    RepeatsIf(ExprId),
}

impl<S: Set> Unfolder<'_, '_, S> {
    /// Compares the path at its step with what it was there before.
    pub(super) fn arrival(&mut self, path: &Path<S>, head: &LoopHead) -> Arrival {
        let mut maybe: Option<ExprId> = None;
        for visit in path.visits.iter().rev().filter(|visit| visit.step == path.step) {
            match self.same(path, visit, head) {
                Some(same) => match self.tree.exprs.as_constant(same) {
                    Some(0) => {}
                    Some(_) => return Arrival::Repeats,
                    None => {
                        maybe = Some(match maybe {
                            Some(other) => self.tree.exprs.apply(Function::OR, other, same),
                            None => same,
                        });
                    }
                },
                None => continue,
            }
        }
        maybe.map_or(Arrival::New, Arrival::RepeatsIf)
    }

    /// 1 if the path since `visit` may be left out, else 0; `None` where no value decides.
    fn same(&mut self, path: &Path<S>, visit: &Visit<S>, head: &LoopHead) -> Option<ExprId> {
        let live = head.live;
        if live.reservation() && path.reserved != visit.reserved {
            return None;
        }
        let operations = path.ops.iter().map(|op| {
            let op = &self.tree.ops[*op as usize];
            (op.kind, op.step)
        });
        let skippable = head.skippable(operations, visit.ops, self.options);
        let lost = |reg: Register| {
            !visit.registers[reg.number()].deps.within(path.registers[reg.number()].deps)
        };
        if skippable == Skippable::Never || live.registers().any(lost) {
            return None;
        }
        let mut same = self.tree.exprs.constant(1);
        for reg in live.registers() {
            let (now, then) = (path.registers[reg.number()], visit.registers[reg.number()]);
            same = self.and_equal(same, now.expr, then.expr);
        }
        for place in visit.ops..path.ops.len() {
            if self.tree.ops[path.ops[place] as usize].kind == AccessKind::Amo {
                same = self.and_unchanged(same, path, place)?;
            }
        }
        Some(same)
    }

    fn and_equal(&mut self, same: ExprId, a: ExprId, b: ExprId) -> ExprId {
        let exprs = &mut self.tree.exprs;
        if a == b {
            return same;
        }
        let equal = match (exprs.as_constant(a), exprs.as_constant(b)) {
            (Some(a), Some(b)) => exprs.constant(u64::from(a == b)),
            _ => exprs.condition(|a, b| a == b, a, b),
        };
        match (exprs.as_constant(same), exprs.as_constant(equal)) {
            (Some(0), _) | (_, Some(1)) => same,
            (_, Some(_)) | (Some(_), _) => equal,
            (None, None) => exprs.apply(Function::AND, same, equal),
        }
    }

    /// And the AMO at `place` wrote the bytes that it read. `None` if that cannot be said.
    fn and_unchanged(&mut self, same: ExprId, path: &Path<S>, place: usize) -> Option<ExprId> {
        let op = &self.tree.ops[path.ops[place] as usize];
        let (width, f, data) = (op.width, op.amo?, op.data?);
        let extend = Function::new(match width {
            Width::B => |a, _| Width::B.sign_extend(a),
            Width::H => |a, _| Width::H.sign_extend(a),
            Width::W => |a, _| Width::W.sign_extend(a),
            Width::D | Width::Q => |a, _| a,
        });
        let high = op.high;
        let exprs = &mut self.tree.exprs;
        let old = exprs.loaded(place);
        let data = exprs.apply(extend, data, self.zero);
        let new = exprs.apply(f, old, data);
        let new = exprs.apply(extend, new, self.zero);
        let same = self.and_equal(same, old, new);
        let Some(high) = high else { return Some(same) };
        let old = self.tree.exprs.loaded_high(place);
        Some(self.and_equal(same, old, high.data))
    }
}
