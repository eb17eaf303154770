//! From an instruction to what it does.

use super::{Instr, Operands, Operation, Reg};
use crate::arch::{
    Action, Cancels, Condition, Extend, FencePairs, Link, MemoryAccess, Operand, Register,
    RegisterOrPair, Width,
};

/// What the names and the place of an instruction come to in a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Resolved {
    /// The address of the instruction.
    pub address: u64,
    /// The step of its label, if it jumps to one.
    pub target: usize,
    /// The address of its symbol, if it loads one.
    pub symbol: u64,
}

impl From<Reg> for Register {
    fn from(reg: Reg) -> Register {
        Register::new(reg.number() as u8)
    }
}

impl Instr {
    /// The actions that the instruction is, in order: two for a pair of words, else one. Its definition has to
    /// be the one of the hart's base.
    pub fn actions(&self, resolved: Resolved) -> impl Iterator<Item = Action> {
        let second = self.pair().map(|[_, second]| second);
        std::iter::once(self.lower(resolved)).chain(second)
    }

    /// How many actions it is.
    #[must_use]
    pub fn steps(&self) -> usize {
        if matches!(self.def.operation, Operation::LoadPair | Operation::StorePair) { 2 } else { 1 }
    }

    /// The accesses of a pair of words. A load whose address is in its own first register fills that last.
    fn pair(&self) -> Option<[Action; 2]> {
        let Operands { rd, rs1, rs2, imm, .. } = self.operands;
        let half = |upper: bool| {
            let of = |reg: Reg| Register::from(if upper { reg.pair() } else { reg });
            let offset = imm + 4 * i64::from(upper);
            let access =
                MemoryAccess { base: rs1.into(), offset, width: Width::W, order: self.order };
            match self.def.operation {
                Operation::LoadPair => {
                    Some(Action::Load { destination: of(rd), extend: Extend::Sign, access })
                }
                Operation::StorePair => Some(Action::Store { source: of(rs2), access }),
                _ => None,
            }
        };
        let upper_first = matches!(self.def.operation, Operation::LoadPair) && rd == rs1;
        Some([half(upper_first)?, half(!upper_first)?])
    }

    /// The first action that the instruction is. Its definition has to be the one of the hart's base.
    #[must_use]
    pub fn lower(&self, resolved: Resolved) -> Action {
        let Operands { rd, rs1, rs2, imm, .. } = self.operands;
        let [destination, left, source] = [rd, rs1, rs2].map(Register::from);
        let Resolved { address, target, symbol } = resolved;
        let access =
            |width: Width| MemoryAccess { base: left, offset: imm, width, order: self.order };
        let link = || match destination {
            Register::ZERO => Link::NONE,
            register => Link { register, address: address.wrapping_add(self.bytes()) },
        };
        match self.def.operation {
            Operation::AluReg(f) => Action::Compute {
                destination,
                function: f,
                left,
                right: Operand::Register(source),
                cancels: if self.def.cancels() { Cancels::EqualArguments } else { Cancels::Never },
            },
            Operation::AluImm(f) => Action::Compute {
                destination,
                function: f,
                left,
                right: Operand::Immediate(imm as u64),
                cancels: if imm == 0 && self.def.masks() {
                    Cancels::Always
                } else {
                    Cancels::Never
                },
            },
            Operation::Constant(f) => Action::Constant { destination, value: f(imm) },
            Operation::Auipc(f) => {
                let upper = (imm << 12) as i32 as u64;
                Action::Constant { destination, value: f(address.wrapping_add(upper)) }
            }
            Operation::LoadAddress => Action::Constant { destination, value: symbol },
            Operation::Branch(f) => {
                Action::Branch { condition: Condition(f), left, right: source, target }
            }
            Operation::Jal => Action::Jump { target, link: link() },
            Operation::Jalr => Action::JumpRegister { base: left, offset: imm, link: link() },
            Operation::Fence | Operation::FenceTso => Action::Fence(self.fence_pairs()),
            Operation::Hint => Action::Nop,
            Operation::Load(width, extend) => {
                Action::Load { destination, extend, access: access(width) }
            }
            Operation::Store(width) => Action::Store { source, access: access(width) },
            Operation::LoadPair | Operation::StorePair => {
                self.pair().map_or(Action::Nop, |[first, _]| first)
            }
            Operation::LoadReserved(width) => {
                Action::LoadReserved { destination, access: access(width) }
            }
            Operation::StoreConditional(width) => {
                Action::StoreConditional { destination, source, access: access(width) }
            }
            Operation::Amo(width, f) => {
                Action::Amo { destination, source, function: f, access: access(width) }
            }
            Operation::CompareAndSwap(width) => Action::CompareAndSwap {
                expected: RegisterOrPair::Register(destination),
                new: RegisterOrPair::Register(source),
                access: access(width),
            },
            Operation::CompareAndSwapPair(width) => {
                let pair = |reg: Reg| RegisterOrPair::Pair(reg.into(), reg.pair().into());
                Action::CompareAndSwap { expected: pair(rd), new: pair(rs2), access: access(width) }
            }
        }
    }

    /// The pairs of memory operations that it orders as a fence; none if it is no fence. Those of I/O are left
    /// out.
    #[must_use]
    pub fn fence_pairs(&self) -> FencePairs {
        let Operands { pred, succ, .. } = match self.def.operation {
            Operation::Fence => &self.operands,
            Operation::FenceTso => return FencePairs::TSO,
            _ => return FencePairs::default(),
        };
        FencePairs {
            load_load: pred.r && succ.r,
            load_store: pred.r && succ.w,
            store_load: pred.w && succ.r,
            store_store: pred.w && succ.w,
        }
    }
}
