//! What each action does to a hart.

use crate::arch::{Action, Operand};
use crate::axiomatic::trace::{End, Fence};
use crate::model::AccessKind;
use crate::program::Fault;
use crate::program::counted::ends_soon;

use super::state::{InterpreterState, Provenance};
use super::{BadAddress, Interpreter, Progress};

impl Interpreter<'_> {
    /// Executes the action at the state's `pc`. Where it can have several results, the state gets
    /// the first and the others join those `waiting`, the second as the last.
    pub(super) fn step(
        &self,
        state: &mut InterpreterState,
        waiting: &mut Vec<InterpreterState>,
    ) -> Result<Progress, Fault> {
        let code = &self.program.harts[self.hart.index()].code;
        let Some(step) = code.get(state.pc) else {
            return Ok(Progress::Ends(End::Complete));
        };
        match step.action {
            Action::Nop => {}
            Action::Constant { destination, value } => {
                state.set(destination, value, Provenance::default());
            }
            Action::Compute { destination, function, left, right, .. } => {
                let (a, from_a) = (state.get(left), state.provenance(left));
                let (b, from_b) = match right {
                    Operand::Register(right) => (state.get(right), state.provenance(right)),
                    Operand::Immediate(value) => (value, Provenance::default()),
                };
                state.set(destination, function.apply(a, b), from_a.and(from_b));
            }
            Action::Branch { condition, left, right, target } => {
                state.control =
                    state.control.and(state.provenance(left)).and(state.provenance(right));
                if (condition.0)(state.get(left), state.get(right)) {
                    if target <= state.pc && self.ends_soon(state) {
                        state.pc = target;
                        return Ok(Progress::Continues);
                    }
                    return Ok(self.jump(state, target));
                }
            }
            Action::Jump { target, link } => {
                state.set(link.register, link.address, Provenance::default());
                return Ok(self.jump(state, target));
            }
            Action::JumpRegister { base, offset, link } => {
                let address = state.get(base).wrapping_add(offset as u64) & !1;
                state.control = state.control.and(state.provenance(base));
                let Some(target) = self.program.step_at(self.hart, address) else {
                    let fault = self.fault(state.pc, address, BadAddress::Jump);
                    return Ok(Progress::Ends(End::Fault(Box::new(fault))));
                };
                state.set(link.register, link.address, Provenance::default());
                return Ok(self.jump(state, target));
            }
            Action::Fence(pairs) => {
                let (step, after) = (state.pc, state.ops.len());
                state.fences.push(Fence { step, after, pairs });
            }
            action @ Action::Load { access, .. } => {
                return self.access(state, waiting, action, AccessKind::Load, access);
            }
            action @ Action::Store { access, .. } => {
                return self.access(state, waiting, action, AccessKind::Store, access);
            }
            action @ Action::LoadReserved { access, .. } => {
                return self.access(state, waiting, action, AccessKind::LoadReserved, access);
            }
            action @ Action::StoreConditional { access, .. } => {
                return self.access(state, waiting, action, AccessKind::StoreConditional, access);
            }
            action @ (Action::Amo { access, .. } | Action::CompareAndSwap { access, .. }) => {
                return self.access(state, waiting, action, AccessKind::Amo, access);
            }
        }
        state.pc += 1;
        Ok(Progress::Continues)
    }

    /// Is the branch back that is taken now that of a loop which is counted by constants?
    fn ends_soon(&self, state: &InterpreterState) -> bool {
        let code = &self.program.harts[self.hart.index()];
        ends_soon(code, state.pc, |register| {
            state.provenance(register).deps.is_empty().then(|| state.get(register))
        })
    }

    /// Goes to step `target`. A backward jump is counted, and [`InterpreterState::over`] set if it is one too many.
    fn jump(&self, state: &mut InterpreterState, target: usize) -> Progress {
        let from = state.pc;
        if target <= from {
            let taken = match state.jumps.iter_mut().find(|(step, _)| *step == from) {
                Some((_, taken)) => {
                    *taken += 1;
                    *taken
                }
                None => {
                    state.jumps.push((from, 1));
                    1
                }
            };
            state.over = (taken > self.options.unroll).then_some(from);
        }
        state.pc = target;
        Progress::Continues
    }

    pub(super) fn fault(&self, step: usize, address: u64, bad: BadAddress) -> Fault {
        let (hart, instr) = (self.hart, self.program.harts[self.hart.index()].text(step));
        match bad {
            BadAddress::Outside => Fault::BadAddress { hart, step, instr, address },
            BadAddress::Misaligned => Fault::Misaligned { hart, step, instr, address },
            BadAddress::Jump => Fault::BadJump { hart, step, instr, address },
        }
    }
}
