//! Operands of instructions: registers, immediates, addresses, labels, fence sets.

use crate::arch::riscv::{Def, FenceSet, Format, Immediate, Reg, Relocation};
use crate::litmus::lexer::{
    Parsed, SyntaxError, at, at_number, blank, digits, expected, in_name, invalid, mark, name,
    name_length, number, text, unsupported,
};
use crate::litmus::suggest;

/// `x5`, `t0`, ...
#[inline]
pub(in crate::litmus) fn register(i: &[u8]) -> Parsed<'_, Reg> {
    let ends = |rest: &[u8]| !rest.first().is_some_and(|byte| in_name(*byte));
    // Nearly every register is spelled so.
    match i {
        [b'x', digit @ b'0'..=b'9', rest @ ..] if ends(rest) => {
            return Ok((rest, Reg::new(digit - b'0')));
        }
        [b'x', tens @ b'1'..=b'2', digit @ b'0'..=b'9', rest @ ..] if ends(rest) => {
            return Ok((rest, Reg::new(10 * (tens - b'0') + digit - b'0')));
        }
        _ => {}
    }
    let length = name_length(i);
    match Reg::parse(text(&i[..length])) {
        Some(reg) => Ok((&i[length..], reg)),
        None if at(i, b'%') => {
            let length = 1 + name_length(&i[1..]);
            let message = format!("`{}` is a symbolic register", text(&i[..length]));
            Err(unsupported(i, length, message, "write a register, such as x5"))
        }
        None if length == 0 => Err(expected(i, "a register")),
        None => Err(unknown_register(i, length)),
    }
}

/// The registers that there are.
pub(in crate::litmus) const REGISTERS: &str = "integer registers are x0 to x31 and their ABI names zero, ra, sp, gp, tp, t0-t6, s0-s11, a0-a7, fp";

#[cold]
fn unknown_register(i: &[u8], length: usize) -> nom::Err<SyntaxError<'_>> {
    let word = text(&i[..length]);
    let help = if Reg::parse(&word.to_ascii_lowercase()).is_some() {
        suggest::did_you_mean(&word.to_ascii_lowercase())
    } else {
        REGISTERS.into()
    };
    invalid(i, length, format!("unknown register `{word}`"), Some(help))
}

/// `,` with the blanks around it.
#[inline(always)]
pub(super) fn comma(i: &[u8]) -> Parsed<'_, ()> {
    mark(i, b',', "`,` and another operand")
}

/// A number that the encoding of `def` can hold.
#[inline(always)]
pub(super) fn immediate<'a>(i: &'a [u8], def: &Def) -> Parsed<'a, i64> {
    if !at_number(i) {
        return Err(expected(i, "a number"));
    }
    let (rest, value) = number(i)?;
    if def.check_immediate(value).is_err() {
        let length = i.len() - rest.len();
        return Err(bad_immediate(i, length, def, value));
    }
    // A `li` of 2^63 and more keeps its bits.
    Ok((rest, value as i64))
}

#[cold]
fn bad_immediate<'a>(
    i: &'a [u8],
    length: usize,
    def: &Def,
    value: i128,
) -> nom::Err<SyntaxError<'a>> {
    let takes = def.immediate().unwrap_or(Immediate::ZERO);
    let word = text(&i[..length]);
    let message = match takes.multiple_of {
        1 => format!("`{word}` is out of range"),
        step if value % step == 0 => format!("`{word}` is out of range"),
        step => format!("`{word}` is no multiple of {step}"),
    };
    invalid(i, length, message, Some(format!("the encoding holds {takes}")))
}

/// `%lo(x)`, `%hi(x+4)`, `%pcrel_lo(.L0)`: the part, the name and what is added to it.
pub(super) fn relocation<'a>(i: &'a [u8], def: &Def) -> Parsed<'a, (Relocation, &'a [u8], i64)> {
    let length = 1 + name_length(&i[1..]);
    let word = text(&i[1..length]);
    let Some(known) = Relocation::ALL.into_iter().find(|known| known.name() == word) else {
        return Err(no_relocation(i, length));
    };
    let fits = match known {
        Relocation::Hi => def.mnemonic == "lui",
        Relocation::PcrelHi => def.mnemonic == "auipc",
        Relocation::Lo | Relocation::PcrelLo => def.immediate() == Format::RdMem.immediate(),
    };
    if !fits {
        let takes = match known {
            Relocation::Hi => "`%hi` is the immediate of `lui`",
            Relocation::PcrelHi => "`%pcrel_hi` is the immediate of `auipc`",
            _ => "lower parts are immediates of 12 bits, as of `addi`, loads and stores",
        };
        let message = format!("`%{word}` is no immediate of `{}`", def.mnemonic);
        return Err(invalid(i, length, message, Some(takes.into())));
    }
    let (rest, ()) = mark(&i[length..], b'(', "`(` and a location")?;
    let (rest, symbol) = match known {
        Relocation::PcrelLo => label(rest)?,
        _ => name(rest, "a location")?,
    };
    let sign = blank(rest);
    let (rest, addend) = match sign {
        [b'+' | b'-', number_at @ ..] if known != Relocation::PcrelLo => {
            let (rest, bytes) = number(blank(number_at))?;
            (rest, if at(sign, b'-') { -bytes } else { bytes })
        }
        _ => (rest, 0),
    };
    let Ok(addend) = i64::try_from(addend) else {
        return Err(invalid(sign, sign.len() - rest.len(), "this is larger than memory", None));
    };
    let (rest, ()) = match blank(rest) {
        [b')', rest @ ..] => (rest, ()),
        rest => return Err(expected(rest, "`)`")),
    };
    Ok((rest, (known, symbol, addend)))
}

#[cold]
fn no_relocation(i: &[u8], length: usize) -> nom::Err<SyntaxError<'_>> {
    const OTHERS: [&str; 6] =
        ["got_pcrel_hi", "tprel_hi", "tprel_lo", "tprel_add", "tls_ie_pcrel_hi", "tls_gd_pcrel_hi"];
    let word = text(&i[1..length]);
    if OTHERS.contains(&word) {
        let help = "compile without -fPIC and thread-local variables, or write `la`";
        return unsupported(i, length, format!("`%{word}` needs what a linker makes"), help);
    }
    let near = suggest::nearest(word, Relocation::ALL.map(Relocation::name));
    let help = near.map_or_else(
        || "relocations are %hi, %lo, %pcrel_hi and %pcrel_lo; registers have no `%`".to_string(),
        |near| suggest::did_you_mean(&format!("%{near}")),
    );
    invalid(i, length, format!("`{}` is no number", text(&i[..length])), Some(help))
}

/// `0b`, `12f`: a numeric label above or below.
pub(super) fn label(i: &[u8]) -> Parsed<'_, &[u8]> {
    let digits = digits(i);
    match &i[digits..] {
        [b'b' | b'f', rest @ ..] if digits > 0 && !rest.first().is_some_and(|b| in_name(*b)) => {
            Ok((rest, &i[..digits + 1]))
        }
        _ if digits > 0 => {
            let number = text(&i[..digits]);
            let help = format!(
                "`{number}b` is the last label `{number}:` above, `{number}f` the next below"
            );
            Err(invalid(i, digits, format!("`{number}` is no label"), Some(help)))
        }
        _ => name(i, "a label"),
    }
}

/// `8(x6)`, `(x6)`: the offset and the base register.
#[inline(always)]
pub(super) fn memory<'a>(i: &'a [u8], def: &Def) -> Parsed<'a, (i64, Reg)> {
    let (i, offset) = if at_number(i) { immediate(i, def)? } else { (i, 0) };
    let (i, reg) = base(i)?;
    Ok((i, (offset, reg)))
}

/// `(x6)`
#[inline(always)]
pub(super) fn base(i: &[u8]) -> Parsed<'_, Reg> {
    let (i, ()) = mark(i, b'(', "an address such as `0(x6)`")?;
    let (i, reg) = register(i)?;
    let (i, ()) = mark(i, b')', "`)`")?;
    Ok((i, reg))
}

/// `(x6)` or `0(x6)`: the address of an instruction without an offset in its encoding.
#[inline(always)]
pub(super) fn plain_address(i: &[u8]) -> Parsed<'_, Reg> {
    if !at_number(i) {
        return base(i);
    }
    let (rest, offset) = number(i)?;
    if offset != 0 {
        let length = i.len() - rest.len();
        let message = format!("offset `{}` where the encoding has none", text(&i[..length]));
        let help = "LR, SC, AMOs, load-acquire and store-release take `(reg)` or `0(reg)`: \
                    add the offset to the register first";
        return Err(invalid(i, length, message, Some(help.into())));
    }
    base(rest)
}

/// `rw`, `iorw`, or `0` for the empty set.
pub(super) fn fence_set(i: &[u8]) -> Parsed<'_, FenceSet> {
    if at(i, b'0') && name_length(&i[1..]) == 0 {
        return Ok((&i[1..], FenceSet::default()));
    }
    let length = name_length(i);
    if length == 0 {
        return Err(expected(i, "a fence set such as `rw`"));
    }
    let (mut set, mut before) = (FenceSet::default(), 0);
    for letter in &i[..length] {
        let (place, member) = match letter {
            b'i' => (1, &mut set.i),
            b'o' => (2, &mut set.o),
            b'r' => (3, &mut set.r),
            b'w' => (4, &mut set.w),
            _ => return Err(bad_fence_set(i, length)),
        };
        if place <= before {
            return Err(bad_fence_set(i, length));
        }
        (before, *member) = (place, true);
    }
    Ok((&i[length..], set))
}

#[cold]
fn bad_fence_set(i: &[u8], length: usize) -> nom::Err<SyntaxError<'_>> {
    let word = text(&i[..length]).to_ascii_lowercase();
    let in_order: String = "iorw".chars().filter(|c| word.contains(*c)).collect();
    let only = word.chars().all(|c| "iorw".contains(c));
    let help = if only && !in_order.is_empty() {
        format!("letters stand once each in the order i, o, r, w: `{in_order}`")
    } else {
        "a fence set is one or more of the letters i, o, r, w, in this order".into()
    };
    invalid(i, length, format!("`{}` is no fence set", text(&i[..length])), Some(help))
}

/// Does the operand list end here?
pub(super) fn at_end(i: &[u8]) -> bool {
    matches!(blank(i), [] | [b'|' | b';', ..])
}
