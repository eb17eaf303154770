//! One instruction of x86: `lock`, a mnemonic that the tables know, and operands in the order of the syntax.

use super::operand::{Written, comma, label, operand};
use crate::arch::x86::{
    self, Instr, Lookup, Mnemonic, Operand, OperandError, Operation, Syntax, Width,
};
use crate::litmus::lexer::{Parsed, at, blank, expected, invalid, name_length, text, unsupported};
use crate::litmus::suggest;

/// `MOV [x],$1`, `lock xaddl %eax,(x)`
pub(in crate::litmus) fn instruction(i: &[u8], syntax: Syntax) -> Parsed<'_, Instr> {
    let (start, lock, mnemonic) = match mnemonic(i)? {
        (rest, None) => {
            // herd7 puts a `;` behind it.
            let rest = blank(rest);
            let next = blank(rest.strip_prefix(b";").unwrap_or(rest));
            let (rest, mnemonic) = self::mnemonic(next)?;
            let mnemonic = mnemonic.ok_or_else(|| expected(next, "an instruction"))?;
            (rest, true, mnemonic)
        }
        (rest, Some(mnemonic)) => (rest, false, mnemonic),
    };
    let (rest, operands) = operands(start, mnemonic.operation, syntax)?;
    let bad = |error: OperandError| {
        let length = i.len() - rest.len();
        let help = matches!(error, OperandError::NoWidth(_))
            .then(|| format!("write `{}l` for 32 bits", mnemonic.operation.name()));
        invalid(i, length, error.to_string(), help)
    };
    let instr = made(mnemonic, lock, operands, syntax).map_err(bad)?;
    instr.check().map_err(bad)?;
    Ok((rest, instr))
}

/// Help that says how an instruction is written.
pub(in crate::litmus) fn usage(instr: &Instr) -> String {
    format!("what is read up to there is `{instr}`")
}

/// The mnemonic at `i`; `None` for `lock`.
fn mnemonic(i: &[u8]) -> Parsed<'_, Option<Mnemonic>> {
    let length = name_length(i);
    if length == 0 {
        return Err(expected(i, "an instruction"));
    }
    let (word, rest) = i.split_at(length);
    let word = text(word);
    match x86::lookup(word) {
        Lookup::Found(mnemonic) => Ok((rest, Some(mnemonic))),
        Lookup::Lock => Ok((rest, None)),
        Lookup::Unsupported(why) => {
            Err(unsupported(i, length, format!("`{word}` is not supported"), why))
        }
        Lookup::Unknown => {
            let written = word.to_ascii_lowercase();
            let near = suggest::nearest(&written, x86::all().map(|(name, _)| name));
            let help = near.map(|near| match word.starts_with(|c: char| c.is_ascii_uppercase()) {
                true => suggest::did_you_mean(&near.to_ascii_uppercase()),
                false => suggest::did_you_mean(near),
            });
            Err(invalid(i, length, format!("unknown instruction `{word}`"), help))
        }
    }
}

fn operands(i: &[u8], operation: Operation, syntax: Syntax) -> Parsed<'_, Vec<Written>> {
    let mut operands = Vec::new();
    let mut i = i;
    if let Operation::Nothing(_) = operation {
        // Longer ones have operands that nothing is done with.
        let end = i.iter().position(|byte| matches!(byte, b'|' | b';' | b'\n'));
        return Ok((&i[end.unwrap_or(i.len())..], operands));
    }
    if at_end(i) {
        return Ok((i, operands));
    }
    loop {
        let start = blank(i);
        let (rest, written) = match operation {
            Operation::Jump | Operation::JumpIf(_) => {
                label(start).map(|(rest, label)| (rest, (label, None)))?
            }
            _ => operand(start, syntax)?,
        };
        operands.push(written);
        if !at(blank(rest), b',') {
            return Ok((rest, operands));
        }
        (i, ()) = comma(rest)?;
    }
}

/// Does the operand list end here?
fn at_end(i: &[u8]) -> bool {
    matches!(blank(i), [] | [b'|' | b';', ..])
}

/// Puts together what is written and what follows from it: the order of operands, and widths.
fn made(
    mnemonic: Mnemonic,
    lock: bool,
    mut operands: Vec<Written>,
    syntax: Syntax,
) -> Result<Instr, OperandError> {
    let Mnemonic { operation, .. } = mnemonic;
    if syntax == Syntax::Att {
        operands.reverse();
        let in_memory = |index: usize, operands: &[Written]| {
            operands.get(index).is_some_and(|(operand, _)| operand.is_memory())
        };
        // herd7 has these two in Intel's order.
        let swapped = match operation {
            Operation::Cmpxchg => in_memory(1, &operands),
            Operation::MoveIf(_) => in_memory(0, &operands),
            _ => false,
        };
        if swapped {
            operands.reverse();
        }
    }
    let width_of = |written: Option<&Written>| match written {
        Some((Operand::Register(reg), _)) => Some(reg.width()),
        Some((_, said)) => *said,
        None => None,
    };
    let register = |index: usize| match operands.get(index) {
        Some((Operand::Register(reg), _)) => Some(reg.width()),
        _ => None,
    };
    let first = width_of(operands.first());
    let width = mnemonic.width.or(match operation {
        Operation::SetIf(_) => Some(Width::B),
        Operation::Shl | Operation::Shr | Operation::Sar | Operation::MoveZero => first,
        Operation::MoveSign => first,
        _ => register(0).or(register(1)).or(first).or(width_of(operands.get(1))),
    });
    let width = match (width, syntax) {
        (Some(width), _) => width,
        (None, Syntax::Intel) => Width::W,
        (None, Syntax::Att) if operation.has_width() => {
            return Err(OperandError::NoWidth(operation.name()));
        }
        (None, Syntax::Att) => Width::W,
    };
    let extends = matches!(operation, Operation::MoveZero | Operation::MoveSign);
    let from = match mnemonic.from.or(width_of(operands.get(1))) {
        Some(from) if extends => from,
        None if extends => return Err(OperandError::NoWidth(operation.name())),
        _ => width,
    };
    // In Intel's syntax `movzx eax,al` says all of it; only AT&T's says it in the mnemonic.
    let operands = operands.into_iter().map(|(operand, _)| operand).collect();
    Ok(Instr { operation, lock, width, from, operands, syntax })
}
