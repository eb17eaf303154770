//! From an instruction to the actions that it comes to.
//!
//! Registers of actions 1 to 16 are the general-purpose registers, 17 the flags, those above hold what is on its
//! way within one instruction and nothing between two.

mod arithmetic;
mod exchange;
mod values;

use super::functions::{self as f, at_width};
use super::{Instr, Operand, Operation, Part, Reg, Width};
use crate::arch::{Action, Condition as Test, Extend, FencePairs, Link, Register};

/// The flags, in the layout of EFLAGS.
pub const FLAGS: Register = Register::new(17);

/// The first register that holds what is on its way.
const FIRST_TEMPORARY: u8 = 18;

/// What the names of an instruction come to in a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Resolved {
    /// The step of its label, if it jumps to one.
    pub target: usize,
    /// The address of its symbol, if it names one.
    pub symbol: u64,
    /// Does anything read the flags that it leaves?
    pub flags: bool,
}

impl Instr {
    /// The actions that it is, in order.
    #[must_use]
    pub fn actions(&self, resolved: Resolved) -> Vec<Action> {
        let mut lowering =
            Lowering { instr: self, resolved, next: FIRST_TEMPORARY, actions: Vec::new() };
        lowering.instruction();
        if lowering.actions.is_empty() {
            lowering.actions.push(Action::Nop);
        }
        lowering.actions
    }

    /// Does it read the flags?
    #[must_use]
    pub const fn reads_flags(&self) -> bool {
        matches!(
            self.operation,
            Operation::Adc
                | Operation::Sbb
                | Operation::JumpIf(_)
                | Operation::SetIf(_)
                | Operation::MoveIf(_)
        )
    }
}

/// Where an address is: a register, and what is added to it.
type Place = (Register, i64);

struct Lowering<'i> {
    instr: &'i Instr,
    resolved: Resolved,
    next: u8,
    actions: Vec<Action>,
}

impl Lowering<'_> {
    fn instruction(&mut self) {
        let (instr, width) = (self.instr, self.instr.width);
        let operands = &instr.operands;
        match instr.operation {
            Operation::Mov => self.mov(&operands[0], &operands[1]),
            Operation::MoveZero => {
                let value = self.read(&operands[1], instr.from);
                let value = self.unary(at_width!(instr.from, f::zero_extended), value);
                self.write(&operands[0], value);
            }
            Operation::MoveSign => {
                let value = self.read(&operands[1], instr.from);
                let value = self.unary(at_width!(instr.from, f::sign_extended), value);
                self.write(&operands[0], value);
            }
            Operation::Lea => {
                if let Operand::Memory(address) = &operands[1] {
                    let (base, offset) = self.address(address);
                    let value = self.plus(base, offset);
                    self.write(&operands[0], value);
                }
            }
            Operation::Xchg => self.exchange(&operands[0], &operands[1]),
            Operation::Xadd => self.exchange_and_add(&operands[0], &operands[1]),
            Operation::Cmpxchg => self.compare_and_exchange(&operands[0], &operands[1]),
            Operation::CmpxchgPair => self.compare_and_exchange_pair(),
            Operation::Add => self.binary(at_width!(width, f::add), at_width!(width, f::add_flags)),
            Operation::Sub => self.binary(at_width!(width, f::sub), at_width!(width, f::sub_flags)),
            Operation::And => self.binary(at_width!(width, f::and), at_width!(width, f::and_flags)),
            Operation::Or => self.binary(at_width!(width, f::or), at_width!(width, f::or_flags)),
            Operation::Xor => self.binary(at_width!(width, f::xor), at_width!(width, f::xor_flags)),
            Operation::Cmp => self.compare(at_width!(width, f::sub_flags)),
            Operation::Test => self.compare(at_width!(width, f::and_flags)),
            Operation::Adc => {
                self.with_carry(at_width!(width, f::add), at_width!(width, f::add_flags))
            }
            Operation::Sbb => {
                self.with_carry(at_width!(width, f::sub), at_width!(width, f::sub_flags))
            }
            Operation::Inc => self.by_one(at_width!(width, f::add), at_width!(width, f::add_flags)),
            Operation::Dec => self.by_one(at_width!(width, f::sub), at_width!(width, f::sub_flags)),
            Operation::Neg => {
                self.update(&operands[0], at_width!(width, f::neg), Register::ZERO, |this, old| {
                    this.set_flags(at_width!(width, f::neg_flags), old, Register::ZERO);
                });
            }
            Operation::Not => {
                self.update(&operands[0], at_width!(width, f::not), Register::ZERO, |_, _| {});
            }
            Operation::Shl => self.shift(at_width!(width, f::shl), at_width!(width, f::shl_flags)),
            Operation::Shr => self.shift(at_width!(width, f::shr), at_width!(width, f::shr_flags)),
            Operation::Sar => self.shift(at_width!(width, f::sar), at_width!(width, f::sar_flags)),
            Operation::Imul => self.multiply(),
            Operation::Bt => self.bit(None),
            Operation::Bts => self.bit(Some(at_width!(width, f::or))),
            Operation::Btr => self.bit(Some(at_width!(width, f::clear))),
            Operation::Btc => self.bit(Some(at_width!(width, f::xor))),
            Operation::Jump => {
                let target = self.resolved.target;
                self.actions.push(Action::Jump { target, link: Link::NONE });
            }
            Operation::JumpIf(condition) => self.actions.push(Action::Branch {
                condition: Test(condition.as_test()),
                left: FLAGS,
                right: Register::ZERO,
                target: self.resolved.target,
            }),
            Operation::SetIf(condition) => {
                let value = self.unary(condition.as_value(), FLAGS);
                self.write(&operands[0], value);
            }
            Operation::MoveIf(condition) => {
                let new = self.read(&operands[1], width);
                let old = self.read(&operands[0], width);
                let holds = self.unary(condition.as_value(), FLAGS);
                let value = self.select(holds, new, old);
                self.write(&operands[0], value);
            }
            Operation::Mfence => self.actions.push(Action::Fence(FencePairs {
                load_load: true,
                load_store: true,
                store_load: true,
                store_store: true,
            })),
            Operation::WeakFence(_) | Operation::Nothing(_) => {}
        }
    }

    fn mov(&mut self, to: &Operand, from: &Operand) {
        match (to, from) {
            // What fills a register needs no way around.
            (Operand::Register(reg), Operand::Memory(address)) if whole(*reg) => {
                let access = self.access(address, self.instr.width);
                let destination = reg.register();
                self.actions.push(Action::Load { destination, extend: Extend::Zero, access });
            }
            (to, from) => {
                let value = self.read(from, self.instr.width);
                self.write(to, value);
            }
        }
    }
}

/// Does what is written to it fill the register?
const fn whole(reg: Reg) -> bool {
    matches!(reg.part(), Part::Long | Part::Quad)
}

const fn part(width: Width) -> Part {
    match width {
        Width::B => Part::Byte,
        Width::H => Part::Word,
        Width::W => Part::Long,
        Width::D | Width::Q => Part::Quad,
    }
}
