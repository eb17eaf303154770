//! One instruction: its mnemonic, found in the ISA's tables, and the operands of its format.

use nom::Parser;

use crate::arch::riscv::{self, Def, FenceSet, Format, Instr, Lookup, OperandError, Operands, Reg};
use crate::litmus::Problem;

use super::operand::{
    at_end, comma, fence_set, immediate, memory, plain_address, register, target, then_register,
};
use super::suggest;
use super::token::{Mistake, Res, What, at, blank, expected, mark, name_length, said, text, wrong};

/// `lw x5,0(x6)`
pub(super) fn instruction(i: &[u8]) -> Res<'_, Instr> {
    let length = name_length(i);
    if length == 0 {
        return Err(expected(i, "an instruction"));
    }
    let (mnemonic, rest) = i.split_at(length);
    let (def, order) = match riscv::lookup(mnemonic) {
        Lookup::Found(def, order) => (def, order),
        other => return Err(bad_mnemonic(i, text(mnemonic), other)),
    };
    match operands(def, rest) {
        Ok((rest, operands)) => Ok((rest, Instr { def, order, operands })),
        Err(error) => Err(error.map(|mistake| with_usage(mistake, def, i))),
    }
}

#[cold]
fn bad_mnemonic<'a>(i: &'a [u8], mnemonic: &str, lookup: Lookup) -> nom::Err<Mistake<'a>> {
    let length = mnemonic.len();
    match lookup {
        Lookup::Unsupported(why) => {
            let message = format!("`{mnemonic}` is not supported");
            said(i, length, Problem::Unsupported, message, Some(why.into()))
        }
        Lookup::BadOrder(why) => {
            wrong(i, length, format!("`{mnemonic}` is no instruction"), Some(why.into()))
        }
        _ => {
            let lower = mnemonic.to_ascii_lowercase();
            let meant = match riscv::lookup(&lower) {
                Lookup::Found(..) => Some(lower),
                _ => suggest::is_short(&lower).then(|| riscv::nearest(&lower)).flatten(),
            };
            let help = meant.map(|meant| suggest::did_you_mean(&meant));
            wrong(i, length, format!("unknown instruction `{mnemonic}`"), help)
        }
    }
}

/// Adds how the instruction at `i` is written to a mistake that has no better help. What is missing
/// at a line's end is said to be missing there, not on the next line.
#[cold]
fn with_usage<'a>(mut mistake: Mistake<'a>, def: &Def, i: &'a [u8]) -> Mistake<'a> {
    let usage = written(text(&i[..name_length(i)]), def.format);
    match &mut mistake.what {
        What::Said(said) => {
            said.help.get_or_insert(usage);
            mistake
        }
        What::Expected(what) => {
            let read = &i[..i.len() - mistake.at.len()];
            let end = read.trim_ascii_end().len();
            let at = if read[end..].contains(&b'\n') { &i[end..] } else { mistake.at };
            Mistake::expected(at, what, Some(usage))
        }
    }
}

/// How an instruction is written, as help.
#[cold]
pub(super) fn written(mnemonic: &str, format: Format) -> String {
    match format {
        Format::None => format!("`{mnemonic}` has no operands"),
        _ => format!("`{mnemonic}` is written `{mnemonic} {}`", format.operands()),
    }
}

/// The operands of `def`, with the blanks in front. Those of most instructions of most tests are read
/// step by step, which takes less time than nom's sequences.
fn operands<'a>(def: &Def, i: &'a [u8]) -> Res<'a, Operands> {
    let mut o = def.implied();
    let start = blank(i);
    let i = start;
    let i = match def.format {
        Format::None => i,
        Format::RdRs1Rs2 => {
            let (i, rd) = register(i)?;
            let (i, rs1) = then_register(i)?;
            let (i, rs2) = then_register(i)?;
            (o.rd, o.rs1, o.rs2) = (rd, rs1, rs2);
            i
        }
        Format::RdRs1Imm12 | Format::RdRs1Shamt6 | Format::RdRs1Shamt5 => {
            let (i, rd) = register(i)?;
            let (i, rs1) = then_register(i)?;
            let (i, ()) = comma(i)?;
            let (i, imm) = immediate(i, def)?;
            (o.rd, o.rs1, o.imm) = (rd, rs1, imm);
            i
        }
        Format::RdRs1 => {
            let (i, (rd, rs1)) = (register, then_register).parse(i)?;
            (o.rd, o.rs1) = (rd, rs1);
            i
        }
        Format::RdRs2 | Format::TiedRs2 => {
            let (i, (rd, rs2)) = (register, then_register).parse(i)?;
            (o.rd, o.rs2) = (rd, rs2);
            i
        }
        Format::RdImm20 | Format::RdImm64 | Format::TiedImm => {
            let (i, (rd, ())) = (register, comma).parse(i)?;
            if def.format == Format::RdImm64 && name_length(i) > 0 {
                let name = text(&i[..name_length(i)]);
                let help = format!("`la {rd},{name}` loads the address of a location");
                let message = format!("`{name}` is not a number");
                return Err(wrong(i, name.len(), message, Some(help)));
            }
            let (i, imm) = immediate(i, def)?;
            (o.rd, o.imm) = (rd, imm);
            i
        }
        Format::RdSymbol => {
            let (i, (rd, ())) = (register, comma).parse(i)?;
            let (i, symbol) = target(i, "a location")?;
            (o.rd, o.target) = (rd, Some(symbol));
            i
        }
        Format::RdMem | Format::Rs2Mem => {
            let (i, reg) = register(i)?;
            let (i, ()) = comma(i)?;
            let (i, (imm, rs1)) = memory(i, def)?;
            *(if def.format == Format::RdMem { &mut o.rd } else { &mut o.rs2 }) = reg;
            (o.imm, o.rs1) = (imm, rs1);
            i
        }
        Format::RdBase | Format::Rs2Base => {
            let (i, reg) = register(i)?;
            let (i, ()) = comma(i)?;
            let (i, rs1) = plain_address(i)?;
            *(if def.format == Format::RdBase { &mut o.rd } else { &mut o.rs2 }) = reg;
            o.rs1 = rs1;
            i
        }
        Format::RdRs2Base => {
            let (i, rd) = register(i)?;
            let (i, rs2) = then_register(i)?;
            let (i, ()) = comma(i)?;
            let (i, rs1) = plain_address(i)?;
            (o.rd, o.rs2, o.rs1) = (rd, rs2, rs1);
            i
        }
        Format::Rs1Rs2Label | Format::Rs2Rs1Label => {
            let (i, (first, second, ())) = (register, then_register, comma).parse(i)?;
            let (i, label) = target(i, "a label")?;
            (o.rs1, o.rs2) = match def.format {
                Format::Rs1Rs2Label => (first, second),
                _ => (second, first),
            };
            o.target = Some(label);
            i
        }
        Format::Rs1Label | Format::Rs2Label => {
            let (i, (reg, ())) = (register, comma).parse(i)?;
            let (i, label) = target(i, "a label")?;
            *(if def.format == Format::Rs1Label { &mut o.rs1 } else { &mut o.rs2 }) = reg;
            o.target = Some(label);
            i
        }
        Format::Label => {
            let (i, label) = target(i, "a label")?;
            o.target = Some(label);
            i
        }
        Format::RdLabel => {
            let (i, rd) = match at(blank(&i[name_length(i)..]), b',') {
                true => {
                    let (i, rd) = register(i)?;
                    let (i, ()) = comma(i)?;
                    (i, rd)
                }
                false => (i, Reg::RA),
            };
            let (i, label) = target(i, "a label")?;
            (o.rd, o.target) = (rd, Some(label));
            i
        }
        Format::Jalr => {
            let (i, operands) = jalr(def, i)?;
            o = operands;
            i
        }
        Format::Rs1 | Format::Rs1Link => {
            let (i, rs1) = register(i)?;
            o.rs1 = rs1;
            i
        }
        Format::Fence if at_end(i) => {
            (o.pred, o.succ) = (FenceSet::IORW, FenceSet::IORW);
            i
        }
        Format::Fence => {
            let (i, (pred, (), succ)) = (fence_set, comma, fence_set).parse(i)?;
            (o.pred, o.succ) = (pred, succ);
            i
        }
        Format::Mem => {
            let (i, (imm, rs1)) = memory(i, def)?;
            (o.imm, o.rs1) = (imm, rs1);
            i
        }
    };
    if matches!(def.format, Format::TiedRs2 | Format::TiedImm) {
        o.rs1 = o.rd;
    }
    match def.check(&o) {
        Ok(()) => Ok((i, o)),
        Err(error) => Err(cannot_hold(start, i, &error)),
    }
}

#[cold]
fn cannot_hold<'a>(start: &'a [u8], end: &[u8], error: &OperandError) -> nom::Err<Mistake<'a>> {
    wrong(start, (start.len() - end.len()).max(1), error.to_string(), None)
}

/// `jalr rd,rs1,imm`, `jalr rd,imm(rs1)`, `jalr rd,rs1`, `jalr rs1`
fn jalr<'a>(def: &Def, i: &'a [u8]) -> Res<'a, Operands> {
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
