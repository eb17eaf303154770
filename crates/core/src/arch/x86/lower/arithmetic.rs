//! Arithmetic, shifts and bits: a destination that becomes a function of itself and a source, and flags.

use super::super::functions::{self as f, Binary, at_width};
use super::super::{Operand, Width};
use super::{FLAGS, Lowering, whole};
use crate::arch::{Action, Function, MemoryAccess, Order, Register};

impl Lowering<'_> {
    /// An operation on the destination and the source.
    pub(super) fn binary(&mut self, function: Binary, flags: Binary) {
        let operands = &self.instr.operands;
        let right = self.read(&operands[1], self.instr.width);
        self.update(&operands[0], function, right, |this, old| this.set_flags(flags, old, right));
    }

    pub(super) fn compare(&mut self, flags: Binary) {
        let operands = &self.instr.operands;
        let right = self.read(&operands[1], self.instr.width);
        let left = self.read(&operands[0], self.instr.width);
        self.set_flags(flags, left, right);
    }

    /// `adc`, `sbb`: the source and the carry are added or subtracted, one after the other.
    pub(super) fn with_carry(&mut self, function: Binary, flags: Binary) {
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
    pub(super) fn by_one(&mut self, function: Binary, flags: Binary) {
        let one = self.constant(1);
        self.update(&self.instr.operands[0], function, one, |this, old| {
            let flags = this.compute(flags, old, one);
            this.flags_of(f::but_carry, flags);
        });
    }

    pub(super) fn shift(&mut self, function: Binary, flags: Binary) {
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

    pub(super) fn multiply(&mut self) {
        let (operands, width) = (&self.instr.operands, self.instr.width);
        let right = self.read(&operands[1], width);
        let left = self.read(operands.get(2).unwrap_or(&operands[0]), width);
        self.set_flags(at_width!(width, f::imul_flags), left, right);
        let product = self.compute(at_width!(width, f::imul), left, right);
        self.write(&operands[0], product);
    }

    /// `bt` and what changes the bit: CF is what it was.
    pub(super) fn bit(&mut self, change: Option<Binary>) {
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
                let function = Function::new(function);
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
    pub(super) fn update(
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
                let function = Function::new(function);
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
                let register = reg.register();
                then(self, register);
                self.put(register, function, register, register);
            }
            to => {
                let old = self.read(to, self.instr.width);
                then(self, old);
                let new = self.compute(function, old, right);
                self.write(to, new);
            }
        }
    }
}
