//! `xchg`, `xadd` and `cmpxchg`.

use rvlitmus_core::arch::x86::{Instr, Operand, Reg, Width};

use super::flags::Flags;
use super::{Column, Done, letter};
use crate::map::Construct;
use crate::registers::TEMPORARIES;

impl Column<'_> {
    /// `xchg`
    pub(super) fn exchange(&mut self, instr: &Instr) -> Done {
        let [a, b] = &instr.operands[..] else { return Err("its operands are others".into()) };
        let (to, from) = if b.is_memory() { (b, a) } else { (a, b) };
        let Operand::Register(from) = from else { return Err("its operands are others".into()) };
        match to {
            Operand::Memory(address) => {
                let dest = self.written(*from)?;
                self.read_modify_write(Construct::Xchg, instr, address, &dest, &dest.clone(), "")?;
                self.narrowed(*from, instr.width)
            }
            Operand::Register(to) => {
                let [a, b] = [self.written(*to)?, self.written(*from)?];
                self.emit(format!("mv {},{a}", TEMPORARIES[0]));
                self.emit(format!("mv {a},{b}"));
                self.emit(format!("mv {b},{}", TEMPORARIES[0]));
                if self.registers.is_wide(*to) != self.registers.is_wide(*from) {
                    return Err("one register is used with 64 bits, the other is not".into());
                }
                Ok(())
            }
            _ => Err("its operands are others".into()),
        }
    }

    pub(super) fn exchange_and_add(&mut self, instr: &Instr, wanted: bool) -> Done<Flags> {
        let (Operand::Memory(address), Operand::Register(from)) =
            (&instr.operands[0], &instr.operands[1])
        else {
            return Err("its destination is no memory".into());
        };
        let dest = self.written(*from)?;
        if !instr.is_locked() {
            let old = TEMPORARIES[0];
            self.load(address, instr.width, old)?;
            self.emit(format!("add {},{old},{dest}", TEMPORARIES[1]));
            self.store(address, instr.width, TEMPORARIES[1])?;
            self.emit(format!("mv {dest},{old}"));
            self.narrowed(*from, instr.width)?;
            return if wanted { Err("its flags are not kept".into()) } else { Ok(Flags::Unknown) };
        }
        if wanted {
            self.emit(format!("mv {},{dest}", TEMPORARIES[0]));
        }
        self.read_modify_write(Construct::Xadd, instr, address, &dest, &dest.clone(), "")?;
        let mut flags = Flags::Unknown;
        if wanted {
            let add = if instr.width == Width::D { "add" } else { "addw" };
            let sum = TEMPORARIES[0];
            self.emit(format!("{add} {sum},{sum},{dest}"));
            flags = Flags::Result(sum.into());
        }
        self.narrowed(*from, instr.width)?;
        Ok(flags)
    }

    pub(super) fn compare_and_exchange(&mut self, instr: &Instr, wanted: bool) -> Done<Flags> {
        let (Operand::Memory(address), Operand::Register(from)) =
            (&instr.operands[0], &instr.operands[1])
        else {
            return Err("its destination is no memory".into());
        };
        if !instr.is_locked() {
            return Err("without `lock` it is two operations, and rarely meant".into());
        }
        let name = if instr.width == Width::D { "rax" } else { "eax" };
        let rax = Reg::parse(name, instr.syntax).ok_or("there is no accumulator")?;
        let (accumulator, new) = (self.registers.general(rax), self.registers.general(*from));
        let narrow = instr.width != Width::D;
        let expected = TEMPORARIES[0];
        let template = self.map.template(Construct::Cmpxchg, letter(instr.width));
        let separate = template.is_some_and(|template| template.uses("dest"));
        if wanted || separate || narrow && self.registers.is_wide(rax) {
            let mv = if narrow && self.registers.is_wide(rax) { "sext.w" } else { "mv" };
            self.emit(format!("{mv} {expected},{accumulator}"));
        }
        if separate {
            let found = TEMPORARIES[1];
            self.read_modify_write(Construct::Cmpxchg, instr, address, found, &new, expected)?;
            self.emit(format!("mv {accumulator},{found}"));
        } else {
            let from = accumulator.clone();
            self.read_modify_write(Construct::Cmpxchg, instr, address, &from, &new, &accumulator)?;
        }
        let flags = match wanted {
            true => Flags::Compared(expected.into(), accumulator),
            false => Flags::Unknown,
        };
        if wanted && narrow && self.registers.is_wide(rax) {
            return Err("its accumulator is used with 64 bits elsewhere".into());
        }
        self.narrowed(rax, instr.width)?;
        Ok(flags)
    }
}
