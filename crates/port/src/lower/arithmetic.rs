//! Arithmetic, in registers, in memory, and locked.

use rvlitmus_core::arch::x86::{Instr, Operand, Operation, Width};

use super::flags::Flags;
use super::{Column, Done};
use crate::map::Construct;
use crate::registers::TEMPORARIES;

impl Column<'_> {
    /// An operation of a destination and a source, in registers or in memory.
    pub(super) fn arithmetic(&mut self, instr: &Instr, wanted: bool) -> Done<Flags> {
        use Operation as O;
        let (operation, width) = (instr.operation, instr.width);
        let source = match (operation, instr.operands.get(1)) {
            (O::Inc, _) => "1".to_owned(),
            (O::Dec, _) => "-1".to_owned(),
            (O::Not, _) => "-1".to_owned(),
            (O::Neg, _) => String::new(),
            (O::Bts | O::Btc, Some(Operand::Immediate(bit))) => {
                format!("{}", 1_i64 << (bit & (8 * width.bytes() as i64 - 1)))
            }
            (O::Btr, Some(Operand::Immediate(bit))) => {
                format!("{}", !(1_i64 << (bit & (8 * width.bytes() as i64 - 1))))
            }
            (O::Bts | O::Btr | O::Btc, _) => return Err("the bit's number is no constant".into()),
            (O::Sub, Some(Operand::Immediate(value))) => value.wrapping_neg().to_string(),
            (_, Some(Operand::Immediate(value))) => value.to_string(),
            (_, Some(operand)) => self.value(operand, width, 1)?,
            (_, None) => return Err("its operands are others".into()),
        };
        let is_number = source.parse::<i64>().is_ok();
        let op = match operation {
            O::Add | O::Inc | O::Dec => "add",
            O::Sub if is_number => "add",
            O::Sub | O::Neg => "sub",
            O::And | O::Btr => "and",
            O::Or | O::Bts => "or",
            _ => "xor",
        };
        let flags = |register: &str| match operation {
            O::And | O::Or | O::Xor => Flags::Logical(register.into()),
            O::Not => Flags::Unknown,
            _ => Flags::Result(register.into()),
        };
        match &instr.operands[0] {
            Operand::Memory(address) if instr.is_locked() => {
                let mut addend = source;
                if operation == O::Neg {
                    return Err("there is no such read-modify-write".into());
                }
                if is_number {
                    self.emit(format!("li {},{addend}", TEMPORARIES[1]));
                    addend = TEMPORARIES[1].into();
                } else if operation == O::Sub {
                    self.emit(format!("sub {},x0,{addend}", TEMPORARIES[1]));
                    addend = TEMPORARIES[1].into();
                }
                let op = if op == "sub" { "add" } else { op };
                let dest = if wanted { TEMPORARIES[0] } else { "x0" };
                self.read_modify_write(Construct::LockOp, instr, address, dest, &addend, op)?;
                if wanted {
                    let op = if op == "add" && width != Width::D { "addw" } else { op };
                    self.emit(format!("{op} {dest},{dest},{addend}"));
                }
                Ok(if wanted { flags(dest) } else { Flags::Unknown })
            }
            Operand::Memory(address) => {
                let result = TEMPORARIES[0];
                self.load(address, width, result)?;
                self.compute(op, result, result, &source, width);
                self.store(address, width, result)?;
                Ok(if wanted { flags(result) } else { Flags::Unknown })
            }
            Operand::Register(to) => {
                let dest = self.written(*to)?;
                self.compute(op, &dest, &dest.clone(), &source, width);
                if wanted && width == Width::W && self.registers.is_wide(*to) {
                    return Err("its register is used with 64 bits elsewhere".into());
                }
                self.narrowed(*to, width)?;
                Ok(flags(&dest))
            }
            _ => Err("its operands are others".into()),
        }
    }

    /// `op dest,left,right`; a negation has no `right`.
    pub(super) fn compute(&mut self, op: &str, dest: &str, left: &str, right: &str, width: Width) {
        let word = if width == Width::D || !matches!(op, "add" | "sub") { "" } else { "w" };
        match right.parse::<i64>() {
            Err(_) if right.is_empty() => self.emit(format!("{op}{word} {dest},x0,{left}")),
            Err(_) => self.emit(format!("{op}{word} {dest},{left},{right}")),
            Ok(number) if (-2048..2048).contains(&number) => {
                self.emit(format!("{op}i{word} {dest},{left},{number}"));
            }
            Ok(number) => {
                self.emit(format!("li {},{number}", TEMPORARIES[1]));
                self.emit(format!("{op}{word} {dest},{left},{}", TEMPORARIES[1]));
            }
        }
    }

    pub(super) fn shift_or_multiply(&mut self, instr: &Instr) -> Done {
        let Operand::Register(to) = &instr.operands[0] else {
            return Err("its destination is in memory".into());
        };
        if instr.width.bytes() < 4 {
            return Err("it writes a part of a register".into());
        }
        let word = if instr.width == Width::W { "w" } else { "" };
        let dest = self.written(*to)?;
        let (op, last) = match instr.operation {
            Operation::Shl => ("sll", 1),
            Operation::Shr => ("srl", 1),
            Operation::Sar => ("sra", 1),
            _ => ("mul", instr.operands.len() - 1),
        };
        let left = match (op, instr.operands.len()) {
            ("mul", 3) => self.value(&instr.operands[1], instr.width, 0)?,
            _ => dest.clone(),
        };
        match instr.operands.get(last) {
            None => self.emit(format!("{op}i{word} {dest},{left},1")),
            Some(Operand::Immediate(count)) if op != "mul" => {
                let count = count & if word.is_empty() { 63 } else { 31 };
                self.emit(format!("{op}i{word} {dest},{left},{count}"));
            }
            Some(operand) => {
                let right = self.value(operand, instr.width, 1)?;
                self.emit(format!("{op}{word} {dest},{left},{right}"));
            }
        }
        self.narrowed(*to, instr.width)
    }
}
