//! An instruction as text, in its own syntax.

use std::fmt;

use super::{Address, Instr, Operand, Operation, Syntax, Width};

impl fmt::Display for Instr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.syntax {
            Syntax::Intel => intel(self, f),
            Syntax::Att => att(self, f),
        }
    }
}

/// `LOCK XADD [x],EAX`
fn intel(instr: &Instr, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let [lock, name] = instr.mnemonic().map(str::to_ascii_uppercase);
    write!(f, "{lock}{name}")?;
    for (index, operand) in instr.operands.iter().enumerate() {
        f.write_str(if index == 0 { " " } else { "," })?;
        match operand {
            Operand::Register(reg) => write!(f, "{reg}")?,
            Operand::Immediate(value) => write!(f, "${value}")?,
            Operand::Offset(symbol) => write!(f, "OFFSET {symbol}")?,
            Operand::Label(label) => f.write_str(label)?,
            Operand::Memory(address) => {
                f.write_str(says_width(instr))?;
                brackets(address, f)?;
            }
        }
    }
    Ok(())
}

/// `BYTE PTR `, where neither a register nor custom says how wide memory is accessed.
fn says_width(instr: &Instr) -> &'static str {
    let width = match instr.operation {
        Operation::MoveZero | Operation::MoveSign => instr.from,
        Operation::Lea | Operation::SetIf(_) | Operation::CmpxchgPair => return "",
        _ if instr.width == Width::W || instr.width_is_of_register() => return "",
        _ => instr.width,
    };
    match width {
        Width::B => "BYTE PTR ",
        Width::H => "WORD PTR ",
        Width::W => "DWORD PTR ",
        Width::D | Width::Q => "QWORD PTR ",
    }
}

/// `[x+EAX*4+8]`
fn brackets(address: &Address, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("[")?;
    let mut plus = "";
    if let Some(symbol) = &address.symbol {
        f.write_str(symbol)?;
        plus = "+";
    }
    if let Some(base) = address.base {
        write!(f, "{plus}{base}")?;
        plus = "+";
    }
    if let Some((index, scale)) = address.index {
        write!(f, "{plus}{index}*{}", 1 << scale)?;
        plus = "+";
    }
    match address.displacement {
        0 if plus == "+" => {}
        displacement if plus == "+" => write!(f, "{displacement:+}")?,
        displacement => write!(f, "{displacement}")?,
    }
    f.write_str("]")
}

/// `lock xaddl %eax,(x)`
fn att(instr: &Instr, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let [lock, name] = instr.mnemonic();
    let letter = letter(instr.width);
    match instr.operation {
        Operation::MoveZero => write!(f, "{lock}movz{}{letter}", self::letter(instr.from))?,
        Operation::MoveSign => write!(f, "{lock}movs{}{letter}", self::letter(instr.from))?,
        operation if operation.has_width() => write!(f, "{lock}{name}{letter}")?,
        _ => write!(f, "{lock}{name}")?,
    }
    for (index, operand) in instr.operands.iter().rev().enumerate() {
        f.write_str(if index == 0 { " " } else { "," })?;
        match operand {
            Operand::Register(reg) => write!(f, "%{reg}")?,
            Operand::Immediate(value) => write!(f, "${value}")?,
            Operand::Offset(symbol) => write!(f, "${symbol}")?,
            Operand::Label(label) => f.write_str(label)?,
            Operand::Memory(address) => parentheses(address, f)?,
        }
    }
    Ok(())
}

/// `8(%rax,%rcx,4)`, `(x)`, `x+4(%rax)`
fn parentheses(address: &Address, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Address { symbol, base, index, displacement } = address;
    if let (Some(symbol), None, None) = (symbol, base, index) {
        f.write_str("(")?;
        f.write_str(symbol)?;
        if *displacement != 0 {
            write!(f, "{displacement:+}")?;
        }
        return f.write_str(")");
    }
    if let (None, None, None) = (symbol, base, index) {
        return write!(f, "[{displacement}]");
    }
    match (symbol, displacement) {
        (Some(symbol), 0) => f.write_str(symbol)?,
        (Some(symbol), displacement) => write!(f, "{symbol}{displacement:+}")?,
        (None, 0) => {}
        (None, displacement) => write!(f, "{displacement}")?,
    }
    f.write_str("(")?;
    if let Some(base) = base {
        write!(f, "%{base}")?;
    }
    if let Some((index, scale)) = index {
        write!(f, ",%{index},{}", 1 << scale)?;
    }
    f.write_str(")")
}

/// The letter of AT&T's syntax.
const fn letter(width: Width) -> &'static str {
    match width {
        Width::B => "b",
        Width::H => "w",
        Width::W => "l",
        Width::D | Width::Q => "q",
    }
}
