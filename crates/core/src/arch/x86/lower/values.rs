//! Operands to registers of actions and back: reads, writes, addresses, flags.

use super::super::functions::{self as f, Binary, at_width};
use super::super::{Address, Operand, Operation, Part, Reg, Width};
use super::{FLAGS, Lowering, Place};
use crate::arch::{
    Action, Cancels, Extend, Function, MemoryAccess, Operand as Argument, Order, Register,
};

impl Lowering<'_> {
    /// The value of an operand: its lowest bytes; what is above them may be anything.
    pub(super) fn read(&mut self, operand: &Operand, width: Width) -> Register {
        match operand {
            Operand::Register(reg) if reg.part() == Part::HighByte => {
                self.unary(f::high_byte, reg.register())
            }
            Operand::Register(reg) => reg.register(),
            Operand::Immediate(value) => self.constant(*value as u64),
            Operand::Offset(_) => self.constant(self.resolved.symbol),
            Operand::Memory(address) => {
                let access = self.access(address, width);
                self.load(access)
            }
            Operand::Label(_) => Register::ZERO,
        }
    }

    /// Where an operand is in memory.
    pub(super) fn place(&mut self, operand: &Operand) -> Option<Place> {
        match operand {
            Operand::Memory(address) => Some(self.address(address)),
            _ => None,
        }
    }

    pub(super) fn read_at(&mut self, operand: &Operand, place: Option<Place>) -> Register {
        let width = self.instr.width;
        match place {
            Some((base, offset)) => {
                self.load(MemoryAccess { base, offset, width, order: Order::None })
            }
            None => self.read(operand, width),
        }
    }

    pub(super) fn write_at(&mut self, operand: &Operand, place: Option<Place>, source: Register) {
        let width = self.instr.width;
        match place {
            Some((base, offset)) => {
                let access = MemoryAccess { base, offset, width, order: Order::None };
                self.actions.push(Action::Store { source, access });
            }
            None => self.write(operand, source),
        }
    }

    pub(super) fn write(&mut self, operand: &Operand, source: Register) {
        match operand {
            Operand::Register(reg) => {
                let register = reg.register();
                let function = match reg.part() {
                    Part::HighByte => f::with_high_byte,
                    _ => at_width!(reg.width(), f::second),
                };
                self.put(register, function, register, source);
            }
            Operand::Memory(address) => {
                // `setcc` writes a byte, and says no width.
                let width = match self.instr.operation {
                    Operation::SetIf(_) => Width::B,
                    _ => self.instr.width,
                };
                let access = self.access(address, width);
                self.actions.push(Action::Store { source, access });
            }
            Operand::Immediate(_) | Operand::Offset(_) | Operand::Label(_) => {}
        }
    }

    pub(super) fn load(&mut self, access: MemoryAccess) -> Register {
        let destination = self.temporary();
        self.actions.push(Action::Load { destination, extend: Extend::Zero, access });
        destination
    }

    pub(super) fn access(&mut self, address: &Address, width: Width) -> MemoryAccess {
        let (base, offset) = self.address(address);
        MemoryAccess { base, offset, width, order: Order::None }
    }

    /// An address as a register and a number. One that is a number is no register: the zero register is 0.
    pub(super) fn address(&mut self, address: &Address) -> Place {
        let Address { symbol, base, index, displacement } = address;
        let symbol = symbol.as_ref().map_or(0, |_| self.resolved.symbol);
        let offset = displacement.wrapping_add(symbol as i64);
        let base = base.map_or(Register::ZERO, Reg::register);
        let register = match index {
            None => base,
            Some((index, scale)) => {
                let function: Binary = match scale {
                    0 => f::scaled::<0>,
                    1 => f::scaled::<1>,
                    2 => f::scaled::<2>,
                    _ => f::scaled::<3>,
                };
                self.compute(function, base, index.register())
            }
        };
        (register, offset)
    }

    pub(super) fn plus(&mut self, register: Register, offset: i64) -> Register {
        if register.is_zero() {
            return self.constant(offset as u64);
        }
        let destination = self.temporary();
        self.actions.push(Action::Compute {
            destination,
            function: Function::ADD,
            left: register,
            right: Argument::Immediate(offset as u64),
            cancels: Cancels::Never,
        });
        destination
    }

    /// `yes` if `holds` is not 0, else `no`.
    pub(super) fn select(&mut self, holds: Register, yes: Register, no: Register) -> Register {
        let mask = self.unary(f::all_or_nothing, holds);
        let differing = self.compute(|yes, no| yes ^ no, yes, no);
        let chosen = self.compute(|a, b| a & b, differing, mask);
        self.compute(|no, chosen| no ^ chosen, no, chosen)
    }

    /// Makes the flags what `flags` says of the values, if anybody asks.
    pub(super) fn set_flags(&mut self, flags: Binary, left: Register, right: Register) {
        if self.resolved.flags {
            self.put(FLAGS, flags, left, right);
        }
    }

    /// Makes the flags a function of what they were and a value.
    pub(super) fn flags_of(&mut self, flags: Binary, value: Register) {
        self.set_flags(flags, FLAGS, value);
    }

    pub(super) fn constant(&mut self, value: u64) -> Register {
        let destination = self.temporary();
        self.actions.push(Action::Constant { destination, value });
        destination
    }

    pub(super) fn unary(&mut self, function: Binary, value: Register) -> Register {
        self.compute(function, value, Register::ZERO)
    }

    pub(super) fn compute(
        &mut self,
        function: Binary,
        left: Register,
        right: Register,
    ) -> Register {
        let destination = self.temporary();
        self.put(destination, function, left, right);
        destination
    }

    pub(super) fn put(
        &mut self,
        destination: Register,
        function: Binary,
        left: Register,
        right: Register,
    ) {
        // Of a register with itself `sub` and `xor` are 0, whatever it holds.
        let is_zero = left == right
            && !destination.is_zero()
            && matches!(self.instr.operation, Operation::Xor | Operation::Sub)
            && destination == left;
        self.actions.push(Action::Compute {
            destination,
            function: Function::new(function),
            left,
            right: Argument::Register(right),
            cancels: if is_zero { Cancels::EqualArguments } else { Cancels::Never },
        });
    }

    pub(super) fn temporary(&mut self) -> Register {
        let register = Register::new(self.next);
        self.next += 1;
        register
    }
}
