//! What nearly all of nearly every test is made of, read at one go: `0:x5=1;`, `lw x5,0(x6)`, `0:x5=1` in a
//! condition.
//!
//! These are the spellings of the generators of tests: no blanks inside, registers by their numbers, numbers
//! of one digit. What is spelled in another way is `None` here, and for the grammar's own parsers to read
//! or to refuse; what is read here they read the same, which the tests below compare.

use crate::arch::riscv::{
    self, Def, FenceSet, Format, Instr, Name, Operands, Operation, Order, Reg,
};
use crate::litmus::{HartId, InitEntry, Integer, Place, Value};

use super::operand::target;
use super::token::{below, blank};

/// `0:x5=1` or `0:x6=x` in front of a `;`: what is left from the `;` on.
#[inline(always)]
pub(super) fn declaration(i: &[u8]) -> Option<(&[u8], InitEntry)> {
    let (i, place) = hart_register(i)?;
    let [b'=', value, rest @ ..] = i else { return None };
    let [b';', ..] = rest else { return None };
    let value = match value {
        b'0'..=b'9' => Value::Integer(Integer((value - b'0').into())),
        letter => Value::Address { symbol: Name::of_letter(*letter)?, index: None, offset: 0 },
    };
    Some((rest, InitEntry { ctype: None, place, array: None, value: Some(value) }))
}

/// `0:x5=1` or `x=1`: what follows the place, the value, and what is left. What follows a comparison is for
/// the caller to look at.
#[inline(always)]
pub(super) fn comparison(i: &[u8]) -> Option<(&[u8], Place, Integer, &[u8])> {
    let (after, place) = match i {
        [b'0'..=b'9', ..] => hart_register(i)?,
        [letter, rest @ ..] => {
            (rest, Place::Memory { symbol: Name::of_letter(*letter)?, index: None })
        }
        [] => return None,
    };
    let [b'=', digit @ b'0'..=b'9', rest @ ..] = after else { return None };
    Some((after, place, Integer((digit - b'0').into()), rest))
}

/// `0:x5`
#[inline(always)]
fn hart_register(i: &[u8]) -> Option<(&[u8], Place)> {
    let [hart @ b'0'..=b'9', b':', rest @ ..] = i else { return None };
    let (rest, reg) = register(rest)?;
    Some((rest, Place::Register(HartId((hart - b'0').into()), reg)))
}

/// `x5`, `x12`; a third digit, a name's letter or whatever follows is for the caller to look at.
#[inline(always)]
fn register(i: &[u8]) -> Option<(&[u8], Reg)> {
    match i {
        [b'x', tens @ b'1'..=b'2', digit @ b'0'..=b'9', rest @ ..] => {
            Some((rest, Reg::new(10 * (tens - b'0') + digit - b'0')))
        }
        [b'x', digit @ b'0'..=b'9', rest @ ..] => Some((rest, Reg::new(digit - b'0'))),
        _ => None,
    }
}

/// An instruction up to the end of its cell: what is left behind it, and from the `|` or `;` on.
#[inline]
pub(super) fn instruction(i: &[u8]) -> Option<(&[u8], &[u8], Instr)> {
    let (def, rest) = mnemonic(i)?;
    let (rest, operands) = operands(def, rest)?;
    let next = blank(rest);
    let instr = Instr { def, order: Order::None, operands };
    matches!(next, [b'|' | b';', ..]).then_some((rest, next, instr))
}

/// The row of a mnemonic with a blank behind it, and what is left behind that.
#[inline(always)]
fn mnemonic(i: &[u8]) -> Option<(&'static Def, &[u8])> {
    let word = u64::from_le_bytes(*i.first_chunk()?);
    let length = below(word, b' ' + 1)?;
    let (rest, def) = (&i[length..], riscv::lookup_word(word & ((1 << (8 * length)) - 1))?);
    match rest {
        [b' ', rest @ ..] if def.limits.are_none() => Some((def, rest)),
        _ => None,
    }
}

/// The operands of a row whose encoding holds whatever its format does, and what is left.
#[inline(always)]
fn operands<'a>(def: &Def, i: &'a [u8]) -> Option<(&'a [u8], Operands)> {
    let mut o = Operands::default();
    let i = match def.format {
        Format::RdRs1Rs2 => {
            let (i, rd) = register(i)?;
            let (i, rs1) = register(comma(i)?)?;
            let (i, rs2) = register(comma(i)?)?;
            (o.rd, o.rs1, o.rs2) = (rd, rs1, rs2);
            i
        }
        Format::RdRs1Imm12 => {
            let (i, rd) = register(i)?;
            let (i, rs1) = register(comma(i)?)?;
            let (i, imm) = digit(comma(i)?)?;
            (o.rd, o.rs1, o.imm) = (rd, rs1, imm);
            i
        }
        Format::RdImm64 => {
            let (i, rd) = register(i)?;
            let (i, imm) = digit(comma(i)?)?;
            (o.rd, o.imm) = (rd, imm);
            i
        }
        Format::RdMem => {
            let (i, rd) = register(i)?;
            let (i, imm) = digit(comma(i)?)?;
            let (i, rs1) = base(i)?;
            (o.rd, o.imm, o.rs1) = (rd, imm, rs1);
            i
        }
        Format::Rs2Mem => {
            let (i, rs2) = register(i)?;
            let (i, imm) = digit(comma(i)?)?;
            let (i, rs1) = base(i)?;
            (o.rs2, o.imm, o.rs1) = (rs2, imm, rs1);
            i
        }
        Format::RdBase => {
            let (i, rd) = register(i)?;
            let (i, rs1) = base(comma(i)?)?;
            (o.rd, o.rs1) = (rd, rs1);
            i
        }
        Format::RdRs2Base => {
            let (i, rd) = register(i)?;
            let (i, rs2) = register(comma(i)?)?;
            let (i, rs1) = base(comma(i)?)?;
            (o.rd, o.rs2, o.rs1) = (rd, rs2, rs1);
            i
        }
        Format::Rs1Rs2Label => {
            let (i, rs1) = register(i)?;
            let (i, rs2) = register(comma(i)?)?;
            let (i, label) = target(comma(i)?, "").ok()?;
            (o.rs1, o.rs2, o.target) = (rs1, rs2, Some(label));
            i
        }
        Format::Fence => {
            let (i, pred) = fence_set(i)?;
            let (i, succ) = fence_set(comma(i)?)?;
            (o.pred, o.succ) = (pred, succ);
            i
        }
        Format::None if !matches!(def.operation, Operation::Jalr) => blank(i),
        _ => return None,
    };
    Some((i, o))
}

#[inline(always)]
fn comma(i: &[u8]) -> Option<&[u8]> {
    i.strip_prefix(b",")
}

/// `(x6)`, which the grammar takes with the blanks behind it.
#[inline(always)]
fn base(i: &[u8]) -> Option<(&[u8], Reg)> {
    let (i, reg) = register(i.strip_prefix(b"(")?)?;
    Some((blank(i.strip_prefix(b")")?), reg))
}

/// A number of one digit, which all immediates of the formats above can be.
#[inline(always)]
fn digit(i: &[u8]) -> Option<(&[u8], i64)> {
    let [digit @ b'0'..=b'9', rest @ ..] = i else { return None };
    Some((rest, (digit - b'0').into()))
}

/// `r`, `w`, `rw`
#[inline(always)]
fn fence_set(i: &[u8]) -> Option<(&[u8], FenceSet)> {
    let (i, r) = i.strip_prefix(b"r").map_or((i, false), |rest| (rest, true));
    let (i, w) = i.strip_prefix(b"w").map_or((i, false), |rest| (rest, true));
    (r || w).then_some((i, FenceSet { r, w, ..FenceSet::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::litmus::parse::{init, instr, place};

    #[test]
    fn declarations_are_those_of_the_grammar() {
        let spelled = ["0:x5=1;", "3:x10=x;", "0:x0=0;", "1:x29=9;\n", "9:x3=z; x=1;"];
        for text in spelled {
            let read = declaration(text.as_bytes()).expect(text);
            assert_eq!(Ok(read), init::entry(text.as_bytes()), "{text}");
        }
        for text in
            ["0:x30=1;", "0:x5=12;", "0:x5=xy;", "0:x5=1 ;", "0:x5a=1;", "x=1;", "0:x5=", ""]
        {
            assert_eq!(declaration(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn comparisons_begin_as_in_the_grammar() {
        for text in ["0:x5=1)", "1:x12=0 /\\", "x=2", "z=3=>"] {
            let (after, place, value, rest) = comparison(text.as_bytes()).expect(text);
            let (left, named) = place::place(text.as_bytes()).expect(text);
            assert_eq!((left, named.map(place::name_of)), (after, place), "{text}");
            let (end, number) = place::value(&after[1..]).expect(text);
            assert_eq!((end, number), (rest, Value::Integer(value)), "{text}");
        }
        for text in ["x==1", "xy=1", "[x]=1", "0:a0=1", "0:x31=1", "x=y", "x=-1", "x<>1", "x", ""] {
            assert_eq!(comparison(text.as_bytes()), None, "{text}");
        }
    }

    /// Every mnemonic with all kinds of operands: what is read here is what the grammar reads.
    #[test]
    fn instructions_are_those_of_the_grammar() {
        const OPERANDS: [&str; 24] = [
            "",
            "x5,x6,x7",
            "x0,x29,x9",
            "x5,x6,1",
            "x5,x6,x31",
            "x5,0(x6)",
            "x8,8(x12)",
            "x5,(x6)",
            "x5,x6,(x7)",
            "x5,x6,0(x7)",
            "x5,x6,L",
            "x5,x6,LC00",
            "x5,3",
            "x9,x10",
            "x5,L",
            "L",
            "x5",
            "rw,rw",
            "r,w",
            "w,r",
            "rw,",
            "wr,r",
            "x5, x6,x7",
            "x5a,x6,x7",
        ];
        let mut read = 0;
        for def in riscv::all() {
            for operands in OPERANDS {
                for end in [";", " ;", "   | nop", "\n ;", " x", "(* c *) ;", "", "2;"] {
                    let text = format!("{} {operands}{end}       ", def.mnemonic);
                    if let Some((rest, next, usual)) = instruction(text.as_bytes()) {
                        let known = instr::instruction(text.as_bytes());
                        assert_eq!(known, Ok((rest, usual)), "{text}");
                        assert_eq!(next, blank(rest), "{text}");
                        read += 1;
                    }
                }
            }
        }
        assert!(read > 500, "{read}");
        for usual in
            ["lw x5,0(x6) ;", "fence rw,w ;", "li x5,1  |", "bne x5,x0,LC00 ;", "fence.i ;"]
        {
            assert!(instruction(usual.as_bytes()).is_some(), "{usual}");
        }
        for label in ["add : nop ;", "nop : ;", "lw: lw x5,0(x6) ;"] {
            assert!(instruction(label.as_bytes()).is_none(), "{label}");
        }
    }
}
