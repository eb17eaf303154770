//! `xchg`, `xadd`, `cmpxchg` and its pairs.

use super::super::functions::{self as f, at_width};
use super::super::{Operand, Part, Reg, Width};
use super::{Lowering, part};
use crate::arch::{Action, Extend, Function, MemoryAccess, Register, RegisterOrPair};

impl Lowering<'_> {
    /// `xchg`
    pub(super) fn exchange(&mut self, to: &Operand, from: &Operand) {
        let (to, from) = if from.is_memory() { (from, to) } else { (to, from) };
        let new = self.read(from, self.instr.width);
        match to {
            Operand::Memory(address) => {
                let access = self.access(address, self.instr.width);
                let destination = self.temporary();
                let function = Function::new(|_, new| new);
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
    pub(super) fn exchange_and_add(&mut self, to: &Operand, from: &Operand) {
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
    pub(super) fn compare_and_exchange(&mut self, to: &Operand, from: &Operand) {
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
        // What is compared with itself is equal, and has its new value.
        if *to == Operand::Register(accumulator) {
            return;
        }
        let rax = accumulator.register();
        self.put(rax, at_width!(width, f::accumulator), rax, found);
    }

    /// `cmpxchg8b`, `cmpxchg16b`: edx:eax or rdx:rax is compared, ecx:ebx or rcx:rbx written.
    pub(super) fn compare_and_exchange_pair(&mut self) {
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
    pub(super) fn swap(
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
}
