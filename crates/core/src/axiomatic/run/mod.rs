//! Running one hart alone: every trace that it can have when loads return values of the pool.

mod access;
mod readable;
mod repeat;
mod split;
mod state;

use crate::arch::{Action, Operand};
use crate::litmus::HartId;
use crate::model::{AccessKind, BaseModel, Options};
use crate::program::repeat::loop_heads;
use crate::program::{Fault, Program};

use super::pool::{Image, Pool};
use super::trace::{End, Fence, Trace};
pub(super) use readable::initial_value;
use state::{Origin, State};

/// A hart to run, and under which rules.
#[derive(Clone, Copy)]
pub(super) struct Runner<'a> {
    /// Its program.
    pub(super) program: &'a Program,
    /// Which of its harts.
    pub(super) hart: HartId,
    /// The model that this hart follows.
    pub(super) model: BaseModel,
    /// Choices.
    pub(super) options: &'a Options,
    /// What loads may return.
    pub(super) pool: &'a Pool,
    /// Which traces are of interest.
    pub(super) scope: Scope,
    /// Asked now and then whether to give up.
    pub(super) stop: &'a dyn Fn() -> bool,
}

/// Steps between two such questions.
const PATIENCE: usize = 4096;

/// Which traces are of interest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scope {
    /// Those that may be part of a consistent execution.
    Plausible,
    /// Those too in which a load returns its own hart's future, a store causes itself or an SC succeeds
    /// that is not paired, so that it can be explained what forbids them.
    Any,
}

/// A trace with what each of its stores would add to the pool.
pub(super) struct Run {
    /// What happened.
    pub(super) trace: Trace,
    /// Its stores.
    pub(super) images: Vec<Image>,
}

/// What becomes of a state by one instruction.
enum Next {
    /// It went on.
    Step,
    /// It went on, and what else it could have become waits.
    Chosen,
    /// It cannot go on; what it could have become, if anything, waits.
    Gone,
    /// The trace ends here.
    End(End),
}

impl Runner<'_> {
    /// Every trace of the hart, in an order that depends on the program and the pool alone.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] if a trace has too many operations or stores.
    pub(super) fn traces(&self) -> Result<Vec<Run>, Fault> {
        let mut runs = Vec::new();
        let heads = loop_heads(self.program, self.hart);
        let registers = self.program.harts[self.hart.index()].registers;
        let mut waiting = vec![State::initial(registers)];
        let mut steps = 0_usize;
        while let Some(mut state) = waiting.pop() {
            let end = loop {
                steps += 1;
                if steps.is_multiple_of(PATIENCE) && (self.stop)() {
                    return Ok(runs);
                }
                if let Some(end) = self.arrive(&mut state, &heads) {
                    break Some(end);
                }
                match self.step(&mut state, &mut waiting)? {
                    Next::Step => {}
                    Next::Chosen if self.enough(&runs) => return Ok(runs),
                    Next::Chosen => {}
                    Next::Gone => break None,
                    Next::End(end) => break Some(end),
                }
            };
            runs.extend(end.map(|end| state.finish(end)));
            if self.enough(&runs) {
                break;
            }
        }
        Ok(runs)
    }

    /// Is it time to give up? Asked wherever a state has become others or has come to its end.
    fn enough(&self, runs: &[Run]) -> bool {
        runs.len() % 256 == 255 && (self.stop)()
    }

    /// Executes the action at the state's `pc`. Where it can have several results, the state gets
    /// the first and the others join those `waiting`, the second as the last.
    fn step(&self, state: &mut State, waiting: &mut Vec<State>) -> Result<Next, Fault> {
        let code = &self.program.harts[self.hart.index()].code;
        let Some(step) = code.get(state.pc) else {
            return Ok(Next::End(End::Complete));
        };
        match step.action {
            Action::Nop => {}
            Action::Constant { destination, value } => {
                state.set(destination, value, Origin::default());
            }
            Action::Compute { destination, function, left, right, .. } => {
                let (a, from_a) = (state.get(left), state.origin(left));
                let (b, from_b) = match right {
                    Operand::Register(right) => (state.get(right), state.origin(right)),
                    Operand::Immediate(value) => (value, Origin::default()),
                };
                state.set(destination, (function.0)(a, b), from_a.and(from_b));
            }
            Action::Branch { condition, left, right, target } => {
                state.control = state.control.and(state.origin(left)).and(state.origin(right));
                if (condition.0)(state.get(left), state.get(right)) {
                    return Ok(self.jump(state, target));
                }
            }
            Action::Jump { target, link } => {
                state.set(link.register, link.address, Origin::default());
                return Ok(self.jump(state, target));
            }
            Action::JumpRegister { base, offset, link } => {
                let address = state.get(base).wrapping_add(offset as u64) & !1;
                state.control = state.control.and(state.origin(base));
                let Some(target) = self.program.step_at(self.hart, address) else {
                    let fault = self.fault(state.pc, address, BadAddress::Jump);
                    return Ok(Next::End(End::Fault(Box::new(fault))));
                };
                state.set(link.register, link.address, Origin::default());
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
        Ok(Next::Step)
    }

    /// Goes to step `target`. A backward jump is counted, and [`State::over`] set if it is one too many.
    fn jump(&self, state: &mut State, target: usize) -> Next {
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
        Next::Step
    }

    fn fault(&self, step: usize, address: u64, bad: BadAddress) -> Fault {
        let (hart, instr) = (self.hart, self.program.harts[self.hart.index()].text(step));
        match bad {
            BadAddress::Outside => Fault::BadAddress { hart, step, instr, address },
            BadAddress::Misaligned => Fault::Misaligned { hart, step, instr, address },
            BadAddress::Jump => Fault::BadJump { hart, step, instr, address },
        }
    }
}

/// What is wrong with an address.
#[derive(Clone, Copy)]
enum BadAddress {
    Outside,
    Misaligned,
    Jump,
}
