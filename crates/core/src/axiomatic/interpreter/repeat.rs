//! Loops that come back to where they were: see [`crate::program::repeat`] for when and why.

use std::rc::Rc;

use crate::arch::Register;
use crate::axiomatic::footprint::bit_mask;
use crate::axiomatic::trace::{End, Op};
use crate::model::AccessKind;
use crate::program::repeat::{LoopHead, Skippable};

use super::Interpreter;
use super::state::{InterpreterState, Registers, Visit};

impl Interpreter<'_> {
    /// The hart comes to a step, maybe a loop's head. Gives an end if it was there before and nothing
    /// has changed, or if the loop has been taken often enough.
    pub(super) fn arrive(
        &self,
        state: &mut InterpreterState,
        heads: &[Option<LoopHead>],
    ) -> Option<End> {
        if let Some(Some(head)) = heads.get(state.pc) {
            let mut visits = state.visits.iter().filter(|visit| visit.step == state.pc);
            if visits.any(|visit| self.unchanged(state, visit, head)) {
                return Some(End::Repeats);
            }
            state.visits.push(Visit {
                step: state.pc,
                ops: state.ops.len(),
                registers: Rc::new((*state.registers).clone()),
                reservation: state.reservation,
            });
        }
        state.over.map(End::Cut)
    }

    fn unchanged(&self, state: &InterpreterState, visit: &Visit, head: &LoopHead) -> bool {
        let Registers { values, provenances } = &*visit.registers;
        let same = |register: Register| {
            let (now, then) =
                (state.provenance(register).deps, provenances[register.number()].deps);
            state.get(register) == values[register.number()] && now | then == now
        };
        let same_memory = |op: &Op| {
            op.kind != AccessKind::Amo
                || (op.read ^ op.written) & bit_mask(op.footprint.mask()) == 0
        };
        let operations = state.ops.iter().map(|op| (op.kind, op.step));
        let live = head.live;
        (!live.reservation() || state.reservation == visit.reservation)
            && live.registers().all(same)
            && match head.skippable(operations, visit.ops, self.options) {
                Skippable::Always => true,
                Skippable::IfUnchanged => state.ops[visit.ops..].iter().all(same_memory),
                Skippable::Never => false,
            }
    }
}
