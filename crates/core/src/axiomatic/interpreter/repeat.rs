//! Loops that come back to where they were: see [`crate::program::repeat`] for when and why.

use std::rc::Rc;

use crate::arch::Register;
use crate::axiomatic::footprint::bit_mask;
use crate::axiomatic::trace::{End, Op};
use crate::program::repeat::{Live, Skippable, skippable};

use super::Interpreter;
use super::state::{InterpreterState, Registers, Visit};

impl Interpreter<'_> {
    /// The hart comes to a step, maybe a loop's head. Gives an end if it was there before and nothing
    /// has changed, or if the loop has been taken often enough.
    pub(super) fn arrive(
        &self,
        state: &mut InterpreterState,
        heads: &[Option<Live>],
    ) -> Option<End> {
        if let Some(live) = heads.get(state.pc).copied().flatten() {
            let mut visits = state.visits.iter().filter(|visit| visit.step == state.pc);
            if visits.any(|visit| self.unchanged(state, visit, live)) {
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

    fn unchanged(&self, state: &InterpreterState, visit: &Visit, live: Live) -> bool {
        let Registers { values, provenances } = &*visit.registers;
        let same = |register: Register| {
            let (now, then) =
                (state.provenance(register).deps, provenances[register.number()].deps);
            state.get(register) == values[register.number()] && now | then == now
        };
        let skips = |op: &Op| match skippable(op.kind, self.options) {
            Skippable::Always => true,
            Skippable::IfUnchanged => (op.read ^ op.written) & bit_mask(op.footprint.mask()) == 0,
            Skippable::Never => false,
        };
        (!live.reservation() || state.reservation == visit.reservation)
            && live.registers().all(same)
            && state.ops[visit.ops..].iter().all(skips)
    }
}
