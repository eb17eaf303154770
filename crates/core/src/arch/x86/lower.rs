//! From an instruction to the actions that it comes to.
//!
//! Registers of actions 1 to 16 are the general-purpose registers, 17 the flags, those above hold what is on its
//! way within one instruction and nothing between two.

use super::functions::{self as f, Binary, at_width};
use super::{Address, Instr, Operand, Operation, Part, Reg, Width};
use crate::arch::{
    Action, Cancels, Condition as Test, Extend, FencePairs, Function, Link, MemoryAccess,
    Operand as Argument, Order, Register, RegisterOrPair,
};

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

    /// `xchg`
    fn exchange(&mut self, to: &Operand, from: &Operand) {
        let (to, from) = if from.is_memory() { (from, to) } else { (to, from) };
        let new = self.read(from, self.instr.width);
        match to {
            Operand::Memory(address) => {
                let access = self.access(address, self.instr.width);
                let destination = self.temporary();
                let function = Function(|_, new| new);
                self.actions.push(Action::Amo { destination, source: new, function, access });
                self.write(from, destination);
            }
            to => {
                let old = self.read(to, self.instr.width);
                let kept = self.unary(|old, _| old, old);
                self.write(to, new);
                self.write(from, kept);
            }
        }
    }

    /// `xadd`: the source gets what was there before the sum is written.
    fn exchange_and_add(&mut self, to: &Operand, from: &Operand) {
        let width = self.instr.width;
        let addend = self.read(from, width);
        let addend = self.unary(|addend, _| addend, addend);
        let (add, flags) = (at_width!(width, f::add), at_width!(width, f::add_flags));
        match to {
            Operand::Memory(_) => self.update(to, add, addend, |this, old| {
                this.set_flags(flags, old, addend);
                this.write(from, old);
            }),
            to => {
                let old = self.read(to, width);
                self.set_flags(flags, old, addend);
                let old = self.unary(|old, _| old, old);
                self.write(from, old);
                let sum = self.compute(add, old, addend);
                self.write(to, sum);
            }
        }
    }

    /// `cmpxchg`
    fn compare_and_exchange(&mut self, to: &Operand, from: &Operand) {
        let width = self.instr.width;
        let accumulator = Reg::new(0, part(width), self.instr.syntax);
        let expected = self.read(&Operand::Register(accumulator), width);
        let expected = self.unary(at_width!(width, f::sign_extended), expected);
        let new = self.read(from, width);
        let found = match to {
            Operand::Memory(address) if self.instr.is_locked() => {
                let access = self.access(address, width);
                let found = self.unary(|expected, _| expected, expected);
                let (register, new) =
                    (RegisterOrPair::Register(found), RegisterOrPair::Register(new));
                self.actions.push(Action::CompareAndSwap { expected: register, new, access });
                found
            }
            to => {
                // It writes in either case: what was there, if that was not expected.
                let place = self.place(to);
                let found = self.read_at(to, place);
                let found = self.unary(|found, _| found, found);
                let equal = self.compute(at_width!(width, f::equal), found, expected);
                let value = self.select(equal, new, found);
                self.write_at(to, place, value);
                found
            }
        };
        self.set_flags(at_width!(width, f::sub_flags), expected, found);
        let rax = accumulator.register();
        self.put(rax, at_width!(width, f::accumulator), rax, found);
    }

    /// `cmpxchg8b`, `cmpxchg16b`: edx:eax or rdx:rax is compared, ecx:ebx or rcx:rbx written.
    fn compare_and_exchange_pair(&mut self) {
        let [rax, rcx, rdx, rbx] =
            [0, 1, 2, 3].map(|number| Reg::new(number, Part::Quad, self.instr.syntax).register());
        let Some(address) = self.instr.memory() else { return };
        let width = self.instr.width;
        let access = self.access(address, width);
        if width == Width::Q {
            let before = [rax, rdx].map(|register| self.unary(|a, _| a, register));
            let found = before.map(|register| self.unary(|a, _| a, register));
            let expected = RegisterOrPair::Pair(found[0], found[1]);
            let new = RegisterOrPair::Pair(rbx, rcx);
            self.swap(expected, new, access, found);
            let equal = [0, 1].map(|half| self.compute(f::equal::<64>, before[half], found[half]));
            let equal = self.compute(|a, b| a & b, equal[0], equal[1]);
            self.put(rax, |_, found| found, rax, found[0]);
            self.put(rdx, |_, found| found, rdx, found[1]);
            self.flags_of(f::zero_flag, equal);
            return;
        }
        let before = self.compute(f::joined, rax, rdx);
        let found = self.unary(|a, _| a, before);
        let new = self.compute(f::joined, rbx, rcx);
        let expected = RegisterOrPair::Register(found);
        self.swap(expected, RegisterOrPair::Register(new), access, [found; 2]);
        let high = self.unary(f::upper_half, found);
        let equal = self.compute(f::equal::<64>, before, found);
        // What was as expected leaves the registers alone, their upper halves too.
        for (register, found) in [(rax, found), (rdx, high)] {
            let free = self.next;
            let found = self.unary(f::zero_extended::<32>, found);
            let value = self.select(equal, register, found);
            self.put(register, |_, value| value, register, value);
            self.next = free;
        }
        self.flags_of(f::zero_flag, equal);
    }

    /// Compares and writes, as one operation behind `lock`, else as two.
    fn swap(
        &mut self,
        expected: RegisterOrPair,
        new: RegisterOrPair,
        access: MemoryAccess,
        found: [Register; 2],
    ) {
        if self.instr.is_locked() || access.width == Width::Q {
            self.actions.push(Action::CompareAndSwap { expected, new, access });
            return;
        }
        let RegisterOrPair::Register(new) = new else { return };
        let (before, destination) = (self.unary(|a, _| a, found[0]), found[0]);
        let free = self.next;
        self.actions.push(Action::Load { destination, extend: Extend::Zero, access });
        let equal = self.compute(f::equal::<64>, before, destination);
        let value = self.select(equal, new, destination);
        self.actions.push(Action::Store { source: value, access });
        self.next = free;
    }

    /// An operation on the destination and the source.
    fn binary(&mut self, function: Binary, flags: Binary) {
        let operands = &self.instr.operands;
        let right = self.read(&operands[1], self.instr.width);
        self.update(&operands[0], function, right, |this, old| this.set_flags(flags, old, right));
    }

    fn compare(&mut self, flags: Binary) {
        let operands = &self.instr.operands;
        let right = self.read(&operands[1], self.instr.width);
        let left = self.read(&operands[0], self.instr.width);
        self.set_flags(flags, left, right);
    }

    /// `adc`, `sbb`: the source and the carry are added or subtracted, one after the other.
    fn with_carry(&mut self, function: Binary, flags: Binary) {
        let (operands, width) = (&self.instr.operands, self.instr.width);
        let carry = self.unary(f::carry, FLAGS);
        let right = self.read(&operands[1], width);
        let sum = self.compute(|a, b| a.wrapping_add(b), right, carry);
        self.update(&operands[0], function, sum, |this, old| {
            let first = this.compute(flags, old, right);
            let between = this.compute(function, old, right);
            let second = this.compute(flags, between, carry);
            this.set_flags(f::both_carries, first, second);
        });
    }

    /// `inc`, `dec`, which leave CF as it is.
    fn by_one(&mut self, function: Binary, flags: Binary) {
        let one = self.constant(1);
        self.update(&self.instr.operands[0], function, one, |this, old| {
            let flags = this.compute(flags, old, one);
            this.flags_of(f::but_carry, flags);
        });
    }

    fn shift(&mut self, function: Binary, flags: Binary) {
        let (operands, width) = (&self.instr.operands, self.instr.width);
        let by = match operands.get(1) {
            Some(count) => self.read(count, Width::B),
            None => self.constant(1),
        };
        let place = self.place(&operands[0]);
        let old = self.read_at(&operands[0], place);
        let new = self.compute(function, old, by);
        if self.resolved.flags {
            let counted = self.unary(at_width!(width, f::if_counted), by);
            let flags = self.compute(flags, old, by);
            let kept = self.select(counted, flags, FLAGS);
            self.flags_of(|_, flags| flags, kept);
        }
        self.write_at(&operands[0], place, new);
    }

    fn multiply(&mut self) {
        let (operands, width) = (&self.instr.operands, self.instr.width);
        let right = self.read(&operands[1], width);
        let left = self.read(operands.get(2).unwrap_or(&operands[0]), width);
        self.set_flags(at_width!(width, f::imul_flags), left, right);
        let product = self.compute(at_width!(width, f::imul), left, right);
        self.write(&operands[0], product);
    }

    /// `bt` and what changes the bit: CF is what it was.
    fn bit(&mut self, change: Option<Binary>) {
        let (operands, width) = (&self.instr.operands, self.instr.width);
        let number = self.read(&operands[1], width);
        let mask = self.unary(at_width!(width, f::bit), number);
        // A bit that a register counts may lie outside the word that is named.
        let far = match (&operands[0], &operands[1]) {
            (Operand::Memory(address), Operand::Register(_)) => {
                let place = self.address(address);
                let offset = self.unary(at_width!(width, f::bit_offset), number);
                Some((self.compute(|a, b| a.wrapping_add(b), place.0, offset), place.1))
            }
            _ => None,
        };
        let to = &operands[0];
        let place = far.or_else(|| self.place(to));
        let old = match (change, place) {
            (Some(function), Some((base, offset))) if self.instr.is_locked() => {
                let destination = self.temporary();
                let access = MemoryAccess { base, offset, width, order: Order::None };
                let function = Function(function);
                self.actions.push(Action::Amo { destination, source: mask, function, access });
                destination
            }
            (Some(function), place) => {
                let old = self.read_at(to, place);
                let kept = self.unary(|old, _| old, old);
                let new = self.compute(function, old, mask);
                self.write_at(to, place, new);
                kept
            }
            (None, place) => self.read_at(to, place),
        };
        let carry = self.compute(f::has_bit, old, mask);
        self.flags_of(f::carry_alone, carry);
    }

    /// Replaces a destination by a function of itself and another value. `then` is told what was there before,
    /// before a register is written and after memory is.
    fn update(
        &mut self,
        to: &Operand,
        function: Binary,
        right: Register,
        then: impl FnOnce(&mut Self, Register),
    ) {
        match to {
            Operand::Memory(address) if self.instr.is_locked() => {
                let access = self.access(address, self.instr.width);
                let destination = self.temporary();
                let function = Function(function);
                self.actions.push(Action::Amo { destination, source: right, function, access });
                then(self, destination);
            }
            Operand::Memory(_) => {
                let place = self.place(to);
                let old = self.read_at(to, place);
                let new = self.compute(function, old, right);
                self.write_at(to, place, new);
                then(self, old);
            }
            // An operation on a register and itself is one on two equal values.
            Operand::Register(reg) if whole(*reg) && reg.register() == right => {
                let (before, register) = (self.unary(|a, _| a, right), reg.register());
                self.put(register, function, register, register);
                then(self, before);
            }
            to => {
                let old = self.read(to, self.instr.width);
                then(self, old);
                let new = self.compute(function, old, right);
                self.write(to, new);
            }
        }
    }

    /// The value of an operand: its lowest bytes; what is above them may be anything.
    fn read(&mut self, operand: &Operand, width: Width) -> Register {
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
    fn place(&mut self, operand: &Operand) -> Option<Place> {
        match operand {
            Operand::Memory(address) => Some(self.address(address)),
            _ => None,
        }
    }

    fn read_at(&mut self, operand: &Operand, place: Option<Place>) -> Register {
        let width = self.instr.width;
        match place {
            Some((base, offset)) => {
                self.load(MemoryAccess { base, offset, width, order: Order::None })
            }
            None => self.read(operand, width),
        }
    }

    fn write_at(&mut self, operand: &Operand, place: Option<Place>, source: Register) {
        let width = self.instr.width;
        match place {
            Some((base, offset)) => {
                let access = MemoryAccess { base, offset, width, order: Order::None };
                self.actions.push(Action::Store { source, access });
            }
            None => self.write(operand, source),
        }
    }

    fn write(&mut self, operand: &Operand, source: Register) {
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

    fn load(&mut self, access: MemoryAccess) -> Register {
        let destination = self.temporary();
        self.actions.push(Action::Load { destination, extend: Extend::Zero, access });
        destination
    }

    fn access(&mut self, address: &Address, width: Width) -> MemoryAccess {
        let (base, offset) = self.address(address);
        MemoryAccess { base, offset, width, order: Order::None }
    }

    /// An address as a register and a number. One that is a number is no register: the zero register is 0.
    fn address(&mut self, address: &Address) -> Place {
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

    fn plus(&mut self, register: Register, offset: i64) -> Register {
        if register.is_zero() {
            return self.constant(offset as u64);
        }
        let destination = self.temporary();
        self.actions.push(Action::Compute {
            destination,
            function: Function(|a, b| a.wrapping_add(b)),
            left: register,
            right: Argument::Immediate(offset as u64),
            cancels: Cancels::Never,
        });
        destination
    }

    /// `yes` if `holds` is not 0, else `no`.
    fn select(&mut self, holds: Register, yes: Register, no: Register) -> Register {
        let mask = self.unary(f::all_or_nothing, holds);
        let differing = self.compute(|yes, no| yes ^ no, yes, no);
        let chosen = self.compute(|a, b| a & b, differing, mask);
        self.compute(|no, chosen| no ^ chosen, no, chosen)
    }

    /// Makes the flags what `flags` says of the values, if anybody asks.
    fn set_flags(&mut self, flags: Binary, left: Register, right: Register) {
        if self.resolved.flags {
            self.put(FLAGS, flags, left, right);
        }
    }

    /// Makes the flags a function of what they were and a value.
    fn flags_of(&mut self, flags: Binary, value: Register) {
        self.set_flags(flags, FLAGS, value);
    }

    fn constant(&mut self, value: u64) -> Register {
        let destination = self.temporary();
        self.actions.push(Action::Constant { destination, value });
        destination
    }

    fn unary(&mut self, function: Binary, value: Register) -> Register {
        self.compute(function, value, Register::ZERO)
    }

    fn compute(&mut self, function: Binary, left: Register, right: Register) -> Register {
        let destination = self.temporary();
        self.put(destination, function, left, right);
        destination
    }

    fn put(&mut self, destination: Register, function: Binary, left: Register, right: Register) {
        // Of a register with itself `sub` and `xor` are 0, whatever it holds.
        let is_zero = left == right
            && !destination.is_zero()
            && matches!(self.instr.operation, Operation::Xor | Operation::Sub)
            && destination == left;
        self.actions.push(Action::Compute {
            destination,
            function: Function(function),
            left,
            right: Argument::Register(right),
            cancels: if is_zero { Cancels::EqualArguments } else { Cancels::Never },
        });
    }

    fn temporary(&mut self) -> Register {
        let register = Register::new(self.next);
        self.next += 1;
        register
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
