//! One instruction: its mnemonic, found in the tables of the ISA, and the operands of its format.

use super::operand::{
    at_end, base, comma, fence_set, immediate, label, memory, plain_address, register, relocation,
};
use crate::arch::riscv::{
    self, Def, FenceSet, Format, Instr, Lookup, OperandError, Operands, Order, Reg,
};
use crate::litmus::lexer::{
    Parsed, Reason, SyntaxError, at, blank, expected, invalid, mark, name, name_length, text,
    unsupported,
};
use crate::litmus::suggest;

/// `lw x5,0(x6)`
pub(in crate::litmus) fn instruction(i: &[u8]) -> Parsed<'_, Instr> {
    let length = name_length(i);
    if length == 0 {
        return Err(expected(i, "an instruction"));
    }
    let (mnemonic, rest) = i.split_at(length);
    let (def, order) = match lookup(i, mnemonic) {
        Lookup::Found(def, order) => (def, order),
        other => return Err(bad_mnemonic(i, text(mnemonic), other)),
    };
    match operands(def, rest) {
        Ok((rest, operands)) => Ok((rest, Instr { def, order, operands })),
        Err(error) => Err(error.map(|error| with_usage(error, def, i))),
    }
}

/// [`riscv::lookup`], by one number where the mnemonic at `i` is short enough.
#[inline]
fn lookup(i: &[u8], mnemonic: &[u8]) -> Lookup {
    let word = match (i.first_chunk(), mnemonic.len()) {
        (Some(bytes), length @ 1..=7) => u64::from_le_bytes(*bytes) & ((1 << (8 * length)) - 1),
        _ => return riscv::lookup(mnemonic),
    };
    match riscv::lookup_word(word) {
        Some(def) => Lookup::Found(def, Order::None),
        None => riscv::lookup(mnemonic),
    }
}

#[cold]
fn bad_mnemonic<'a>(i: &'a [u8], mnemonic: &str, lookup: Lookup) -> nom::Err<SyntaxError<'a>> {
    let length = mnemonic.len();
    match lookup {
        Lookup::Unsupported(why) => {
            unsupported(i, length, format!("`{mnemonic}` is not supported"), why)
        }
        Lookup::BadOrder(why) => {
            invalid(i, length, format!("`{mnemonic}` is no instruction"), Some(why.into()))
        }
        _ => {
            let lower = mnemonic.to_ascii_lowercase();
            let near = match riscv::lookup(&lower) {
                Lookup::Found(..) => Some(lower),
                _ => suggest::is_short(&lower).then(|| riscv::nearest(&lower)).flatten(),
            };
            let help = near.map(|near| suggest::did_you_mean(&near));
            invalid(i, length, format!("unknown instruction `{mnemonic}`"), help)
        }
    }
}

/// Adds how the instruction at `i` is written to an error that has no better help. What is missing
/// at a line's end is said to be missing there, not on the next line.
#[cold]
fn with_usage<'a>(mut error: SyntaxError<'a>, def: &Def, i: &'a [u8]) -> SyntaxError<'a> {
    let usage = usage(i, def.format);
    match &mut error.reason {
        Reason::Message(message) => {
            message.help.get_or_insert(usage);
            error
        }
        Reason::Expected(what) => {
            let read = &i[..i.len() - error.at.len()];
            let end = read.trim_ascii_end().len();
            let at = if read[end..].contains(&b'\n') { &i[end..] } else { error.at };
            SyntaxError::expected(at, what, Some(usage))
        }
    }
}

/// Help that says how the instruction at `i` is written.
#[cold]
pub(super) fn usage(i: &[u8], format: Format) -> String {
    let mnemonic = text(&i[..name_length(i)]);
    match format {
        Format::None => format!("`{mnemonic}` has no operands"),
        _ => format!("`{mnemonic}` is written `{mnemonic} {}`", format.operands()),
    }
}

/// The operands of `def`, with the blanks in front.
fn operands<'a>(def: &Def, i: &'a [u8]) -> Parsed<'a, Operands> {
    let start = blank(i);
    let mut operands = def.implied();
    let slots: &[Slot] = match def.format {
        Format::Jalr => return jalr(def, start),
        Format::Fence if at_end(start) => {
            (operands.pred, operands.succ) = (FenceSet::IORW, FenceSet::IORW);
            &[]
        }
        Format::RdLabel if !at(blank(&start[name_length(start)..]), b',') => {
            operands.rd = Reg::RA;
            &[Slot::Label]
        }
        format => slots(format),
    };
    let mut i = start;
    for (index, slot) in slots.iter().enumerate() {
        if index > 0 {
            (i, ()) = comma(i)?;
        }
        i = operand(*slot, def, i, &mut operands)?;
    }
    if matches!(def.format, Format::TiedRs2 | Format::TiedImm) {
        operands.rs1 = operands.rd;
    }
    if def.limits.are_none() {
        return Ok((i, operands));
    }
    match def.check(&operands) {
        Ok(()) => Ok((i, operands)),
        Err(error) => Err(cannot_hold(start, i, &error)),
    }
}

/// What stands in one place between the commas of an instruction.
#[derive(Clone, Copy)]
enum Slot {
    Rd,
    Rs1,
    Rs2,
    Immediate,
    /// `8(x6)`
    Memory,
    /// `(x6)`
    Base,
    Label,
    Location,
    Predecessors,
    Successors,
}

/// What the operands of a format are, in order, if all of them are written.
#[inline]
const fn slots(format: Format) -> &'static [Slot] {
    use Slot::{Base, Immediate, Label, Location, Memory, Predecessors, Rd, Rs1, Rs2, Successors};
    match format {
        Format::None => &[],
        Format::RdRs1Rs2 => &[Rd, Rs1, Rs2],
        Format::RdRs1Imm12 | Format::RdRs1Shamt6 | Format::RdRs1Shamt5 | Format::Jalr => {
            &[Rd, Rs1, Immediate]
        }
        Format::RdRs1 => &[Rd, Rs1],
        Format::RdRs2 | Format::TiedRs2 => &[Rd, Rs2],
        Format::RdImm20 | Format::RdImm64 | Format::TiedImm => &[Rd, Immediate],
        Format::RdSymbol => &[Rd, Location],
        Format::RdMem => &[Rd, Memory],
        Format::Rs2Mem => &[Rs2, Memory],
        Format::RdBase => &[Rd, Base],
        Format::Rs2Base => &[Rs2, Base],
        Format::RdRs2Base => &[Rd, Rs2, Base],
        Format::Rs1Rs2Label => &[Rs1, Rs2, Label],
        Format::Rs2Rs1Label => &[Rs2, Rs1, Label],
        Format::Rs1Label => &[Rs1, Label],
        Format::Rs2Label => &[Rs2, Label],
        Format::Label => &[Label],
        Format::RdLabel => &[Rd, Label],
        Format::Rs1 | Format::Rs1Link => &[Rs1],
        Format::Fence => &[Predecessors, Successors],
        Format::Mem => &[Memory],
    }
}

/// Reads one operand; returns what follows it.
#[inline]
fn operand<'a>(
    slot: Slot,
    def: &Def,
    i: &'a [u8],
    operands: &mut Operands,
) -> Result<&'a [u8], nom::Err<SyntaxError<'a>>> {
    let rest;
    match slot {
        Slot::Rd => (rest, operands.rd) = register(i)?,
        Slot::Rs1 => (rest, operands.rs1) = register(i)?,
        Slot::Rs2 => (rest, operands.rs2) = register(i)?,
        Slot::Immediate if at(i, b'%') => rest = relocated(def, i, operands)?,
        Slot::Memory if at(i, b'%') => {
            let after = relocated(def, i, operands)?;
            (rest, operands.rs1) = base(after)?;
        }
        Slot::Immediate if def.format == Format::RdImm64 && name_length(i) > 0 => {
            let name = text(&i[..name_length(i)]);
            let help = format!("`la {},{name}` loads the address of a location", operands.rd);
            return Err(invalid(i, name.len(), format!("`{name}` is not a number"), Some(help)));
        }
        Slot::Immediate => (rest, operands.imm) = immediate(i, def)?,
        Slot::Memory => (rest, (operands.imm, operands.rs1)) = memory(i, def)?,
        Slot::Base => (rest, operands.rs1) = plain_address(i)?,
        Slot::Label | Slot::Location => {
            let is_label = matches!(slot, Slot::Label);
            let (after, name) = if is_label { label(i)? } else { name(i, "a location")? };
            (rest, operands.target) = (after, Some(text(name).into()));
        }
        Slot::Predecessors => (rest, operands.pred) = fence_set(i)?,
        Slot::Successors => (rest, operands.succ) = fence_set(i)?,
    }
    Ok(rest)
}

/// A relocation in the place of a number; returns what follows it.
fn relocated<'a>(
    def: &Def,
    i: &'a [u8],
    operands: &mut Operands,
) -> Result<&'a [u8], nom::Err<SyntaxError<'a>>> {
    let (rest, (relocation, symbol, addend)) = relocation(i, def)?;
    (operands.target, operands.imm) = (Some(text(symbol).into()), addend);
    operands.relocation = Some(relocation);
    Ok(rest)
}

#[cold]
fn cannot_hold<'a>(start: &'a [u8], end: &[u8], error: &OperandError) -> nom::Err<SyntaxError<'a>> {
    invalid(start, (start.len() - end.len()).max(1), error.to_string(), None)
}

/// `jalr rd,rs1,imm`, `jalr rd,imm(rs1)`, `jalr rd,rs1`, `jalr rs1`
fn jalr<'a>(def: &Def, i: &'a [u8]) -> Parsed<'a, Operands> {
    let (i, first) = register(i)?;
    if !at(blank(i), b',') {
        return Ok((i, Operands { rd: Reg::RA, rs1: first, ..Operands::default() }));
    }
    let (i, ()) = mark(i, b',', "`,`")?;
    if name_length(i) == 0 {
        let (i, (imm, rs1)) = memory(i, def)?;
        return Ok((i, Operands { rd: first, rs1, imm, ..Operands::default() }));
    }
    let (i, rs1) = register(i)?;
    let (i, imm) = match at(blank(i), b',') {
        true => {
            let (i, ()) = comma(i)?;
            immediate(i, def)?
        }
        false => (i, 0),
    };
    Ok((i, Operands { rd: first, rs1, imm, ..Operands::default() }))
}
