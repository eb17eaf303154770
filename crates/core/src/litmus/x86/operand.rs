//! Operands of either syntax: registers, numbers, addresses, labels.

use super::named;
use crate::arch::x86::{Address, Operand, Part, Reg, Syntax, Width};
use crate::litmus::lexer::{
    Parsed, SyntaxError, at, at_number, blank, digits, expected, invalid, mark, name, name_length,
    number, text, unsupported,
};

/// An operand, and the width that it says itself: `byte ptr [x]`.
pub(super) type Written = (Operand, Option<Width>);

/// `EAX`, `rax`, `%rax`
pub(super) fn register(i: &[u8], syntax: Syntax) -> Parsed<'_, Reg> {
    let sign = usize::from(at(i, b'%'));
    let length = name_length(&i[sign..]);
    let word = text(&i[sign..sign + length]);
    match named(word, syntax) {
        Some(reg) => Ok((&i[sign + length..], reg)),
        None if length == 0 => Err(expected(i, "a register")),
        None => Err(no_register(i, sign + length, syntax)),
    }
}

/// A register that is given a value or looked at.
pub(in crate::litmus) fn place(i: &[u8], syntax: Syntax) -> Parsed<'_, Reg> {
    let (rest, reg) = register(i, syntax)?;
    if reg.part() == Part::HighByte {
        let message = format!("`{reg}` is the upper half of 16 bits");
        let length = i.len() - rest.len();
        return Err(unsupported(
            i,
            length,
            message,
            "name the whole, as ax, and compare with that",
        ));
    }
    Ok((rest, reg))
}

#[cold]
fn no_register(i: &[u8], length: usize, syntax: Syntax) -> nom::Err<SyntaxError<'_>> {
    let word = text(&i[..length]);
    let bare = word.trim_start_matches('%').to_ascii_lowercase();
    if bare.starts_with("xmm") || bare.starts_with("ymm") || bare.starts_with("mm") {
        let why = "vector registers are outside the memory model";
        return unsupported(i, length, format!("`{word}` is a vector register"), why);
    }
    let why = match syntax {
        Syntax::Intel => super::REGISTERS_OF_32_BITS,
        Syntax::Att => super::REGISTERS,
    };
    if word.starts_with('%') {
        let message = format!("`{word}` is no register: symbolic ones are not read");
        return unsupported(i, length, message, why);
    }
    invalid(i, length, format!("unknown register `{word}`"), Some(why.into()))
}

/// Operands of a test `X86` that are written as in a test `X86_64`, where their order is another.
#[cold]
fn of_att(i: &[u8], length: usize) -> nom::Err<SyntaxError<'_>> {
    let help = "in tests `X86` the destination comes first: `MOV [x],$1`, `MOV EAX,[x]`";
    invalid(i, length, "an operand of AT&T's syntax".to_owned(), Some(help.into()))
}

/// And the other way round.
#[cold]
fn of_intel(i: &[u8], length: usize) -> nom::Err<SyntaxError<'_>> {
    let help = "in tests `X86_64` the source comes first: `movq $1,(x)`, `movq (x),%rax`";
    invalid(i, length, "an operand of Intel's syntax".to_owned(), Some(help.into()))
}

/// One operand of an instruction that does not jump.
pub(super) fn operand(i: &[u8], syntax: Syntax) -> Parsed<'_, Written> {
    match i {
        [b'%', ..] if syntax == Syntax::Intel => Err(of_att(i, 1)),
        [b'(', next, ..] if syntax == Syntax::Intel && *next != b'*' => Err(of_att(i, 1)),
        [b'[', ..] if syntax == Syntax::Att => Err(of_intel(i, 1)),
        [b'%', ..] => {
            let (rest, reg) = register(i, syntax)?;
            if at(rest, b':') {
                let message = "segments other than the flat one are outside the model";
                return Err(unsupported(
                    i,
                    i.len() - rest.len() + 1,
                    message.into(),
                    "leave it out",
                ));
            }
            Ok((rest, (Operand::Register(reg), None)))
        }
        [b'$', rest @ ..] => immediate(blank(rest)).map(|(rest, operand)| (rest, (operand, None))),
        [b'[', rest @ ..] => memory(brackets(blank(rest), Address::default(), syntax)?),
        [b'(', next, ..] if *next != b'*' => memory(parentheses(i, Address::default(), syntax)?),
        _ if at_number(i) => {
            let (rest, value) = number(i)?;
            let displacement = value as i64;
            let address = Address { displacement, ..Address::default() };
            match blank(rest) {
                start @ [b'(', next, ..] if *next != b'*' => {
                    memory(parentheses(start, address, syntax)?)
                }
                [b'[', rest @ ..] => memory(brackets(blank(rest), address, syntax)?),
                _ => Ok((rest, (Operand::Immediate(displacement), None))),
            }
        }
        _ => word(i, syntax),
    }
}

fn memory((rest, address): (&[u8], Address)) -> Parsed<'_, Written> {
    Ok((rest, (Operand::Memory(address), None)))
}

/// `1`, `-1`, `x` behind a `$`
fn immediate(i: &[u8]) -> Parsed<'_, Operand> {
    if at_number(i) {
        let (rest, value) = number(i)?;
        return Ok((rest, Operand::Immediate(value as i64)));
    }
    let (rest, symbol) = name(i, "a number or a location")?;
    Ok((rest, Operand::Offset(text(symbol).into())))
}

/// A register, `dword ptr [x]`, `offset x`, or in AT&T's syntax a location.
fn word(i: &[u8], syntax: Syntax) -> Parsed<'_, Written> {
    let length = name_length(i);
    let (word, rest) = i.split_at(length);
    let word = text(word);
    if syntax == Syntax::Att && (named(word, syntax).is_some() || at(blank(rest), b'[')) {
        return Err(of_intel(i, length));
    }
    if let Some(reg) = named(word, syntax) {
        return Ok((rest, (Operand::Register(reg), None)));
    }
    let width = match word.to_ascii_lowercase().as_str() {
        "byte" => Some(Width::B),
        "word" => Some(Width::H),
        "dword" => Some(Width::W),
        "qword" => Some(Width::D),
        "offset" => {
            let (rest, symbol) = name(blank(rest), "a location")?;
            return Ok((rest, (Operand::Offset(text(symbol).into()), None)));
        }
        _ => None,
    };
    let rest = blank(rest);
    if syntax == Syntax::Att && text(&rest[..name_length(rest)]).eq_ignore_ascii_case("ptr") {
        return Err(of_intel(i, length));
    }
    if let Some(width) = width
        && (at(rest, b'[') || text(&rest[..name_length(rest)]).eq_ignore_ascii_case("ptr"))
    {
        let start = blank(&rest[name_length(rest)..]);
        let (rest, (operand, _)) = operand(start, syntax)?;
        return match operand {
            operand @ Operand::Memory(_) => Ok((rest, (operand, Some(width)))),
            _ => Err(expected(start, "an address such as `[x]`")),
        };
    }
    match syntax {
        _ if length == 0 => Err(expected(i, "an operand")),
        Syntax::Intel => {
            let help = format!("a location is written `[{word}]`; {}", super::REGISTERS_OF_32_BITS);
            Err(invalid(i, length, format!("`{word}` is no register"), Some(help)))
        }
        Syntax::Att => {
            let address = Address { symbol: Some(word.into()), ..Address::default() };
            let (rest, address) = displaced(rest, address)?;
            match blank(rest) {
                start @ [b'(', next, ..] if *next != b'*' => {
                    memory(parentheses(start, address, syntax)?)
                }
                _ => memory((rest, address)),
            }
        }
    }
}

/// `+4` behind a location, or nothing.
fn displaced(i: &[u8], mut address: Address) -> Parsed<'_, Address> {
    let start = blank(i);
    let (negative, digits_at) = match start {
        [b'+', rest @ ..] => (false, blank(rest)),
        [b'-', rest @ ..] => (true, blank(rest)),
        _ => return Ok((i, address)),
    };
    if digits(digits_at) == 0 {
        return Err(expected(digits_at, "a number of bytes"));
    }
    let (rest, value) = number(digits_at)?;
    let value = if negative { -value } else { value };
    address.displacement = address.displacement.wrapping_add(value as i64);
    Ok((rest, address))
}

/// `(x)`, `(%rax)`, `(%rax,%rcx,4)`, `(,%rcx,4)`, `(%rip)`
fn parentheses(i: &[u8], mut address: Address, syntax: Syntax) -> Parsed<'_, Address> {
    let mut i = blank(&i[1..]);
    if !at(i, b',') {
        let sign = usize::from(at(i, b'%'));
        let length = name_length(&i[sign..]);
        let word = text(&i[sign..sign + length]);
        if matches!(word.to_ascii_lowercase().as_str(), "rip" | "eip") && address.symbol.is_some() {
            i = &i[sign + length..];
        } else if sign == 0
            && length > 0
            && address.symbol.is_none()
            && named(word, syntax).is_none()
        {
            address.symbol = Some(word.into());
            (i, address) = displaced(&i[length..], address)?;
        } else {
            let reg;
            (i, reg) = register(i, syntax)?;
            address.base =
                Some(address_register(reg, syntax).map_err(|help| {
                    invalid(i, 0, format!("`{reg}` holds no address"), Some(help))
                })?);
        }
        i = blank(i);
    }
    if let [b',', rest @ ..] = i {
        let (rest, index) = register(blank(rest), syntax)?;
        (i, address.index) = (blank(rest), Some((index, 0)));
        if let [b',', rest @ ..] = i {
            let (rest, scale) = scale(blank(rest))?;
            (i, address.index) = (blank(rest), Some((index, scale)));
        }
    }
    let (i, ()) = closing(i, b')', "`)`")?;
    Ok((i, address))
}

/// What stands between brackets, the first of which is read: `x]`, `EAX+4]`, `x+ECX*4-8]`
fn brackets(mut i: &[u8], mut address: Address, syntax: Syntax) -> Parsed<'_, Address> {
    let mut negative = false;
    loop {
        if at_number(i) {
            let (rest, value) = number(i)?;
            let value = if negative { -value } else { value };
            address.displacement = address.displacement.wrapping_add(value as i64);
            i = blank(rest);
        } else {
            let sign = usize::from(at(i, b'%'));
            let length = name_length(&i[sign..]);
            let word = text(&i[sign..sign + length]);
            let rest = blank(&i[sign + length..]);
            match named(word, syntax) {
                None if length == 0 => {
                    return Err(expected(i, "a location, a register or a number"));
                }
                None if sign == 0 && address.symbol.is_none() && !negative => {
                    address.symbol = Some(word.into());
                    i = rest;
                }
                None => return Err(no_register(i, sign + length, syntax)),
                Some(_) if negative => return Err(expected(i, "a number")),
                Some(reg) => {
                    let reg = address_register(reg, syntax).map_err(|help| {
                        invalid(i, sign + length, format!("`{word}` holds no address"), Some(help))
                    })?;
                    i = rest;
                    match i {
                        [b'*', rest @ ..] if address.index.is_none() => {
                            let (rest, scale) = scale(blank(rest))?;
                            address.index = Some((reg, scale));
                            i = blank(rest);
                        }
                        _ if address.base.is_none() => address.base = Some(reg),
                        _ if address.index.is_none() => address.index = Some((reg, 0)),
                        _ => return Err(expected(i, "`]`: an address has two registers at most")),
                    }
                }
            }
        }
        match i {
            [b'+', rest @ ..] => (negative, i) = (false, blank(rest)),
            [b'-', rest @ ..] => (negative, i) = (true, blank(rest)),
            _ => break,
        }
    }
    let (i, ()) = closing(i, b']', "`]`")?;
    Ok((i, address))
}

/// A register that can hold an address.
fn address_register(reg: Reg, syntax: Syntax) -> Result<Reg, String> {
    let wide = match syntax {
        Syntax::Intel => reg.width() == Width::W,
        Syntax::Att => reg.width() == Width::D,
    };
    let help = match syntax {
        Syntax::Intel => "addresses have 32 bits",
        Syntax::Att => "addresses have 64 bits",
    };
    if wide { Ok(reg) } else { Err(help.into()) }
}

/// 1, 2, 4 or 8, as a power of two.
fn scale(i: &[u8]) -> Parsed<'_, u8> {
    let (rest, value) = number(i)?;
    match value {
        1 | 2 | 4 | 8 => Ok((rest, value.trailing_zeros() as u8)),
        _ => {
            let length = i.len() - rest.len();
            Err(invalid(i, length, "an index is multiplied with 1, 2, 4 or 8", None))
        }
    }
}

/// A closing mark, without the blanks behind it.
fn closing<'a>(i: &'a [u8], byte: u8, what: &'static str) -> Parsed<'a, ()> {
    match blank(i) {
        [first, rest @ ..] if *first == byte => Ok((rest, ())),
        i => Err(expected(i, what)),
    }
}

/// `,` with the blanks around it.
pub(super) fn comma(i: &[u8]) -> Parsed<'_, ()> {
    mark(i, b',', "`,` and another operand")
}

/// A label: a name, or the number of a near one, as `1b`.
pub(super) fn label(i: &[u8]) -> Parsed<'_, Operand> {
    let near = match digits(i) {
        0 => 0,
        length => length + usize::from(matches!(i.get(length), Some(b'b' | b'f'))),
    };
    if near > 0 {
        return Ok((&i[near..], Operand::Label(text(&i[..near]).into())));
    }
    if matches!(i, [b'*' | b'[' | b'(' | b'%', ..]) {
        let why = "jumps go to labels";
        return Err(unsupported(i, 1, "an indirect jump".into(), why));
    }
    let (rest, label) = name(i, "a label")?;
    Ok((rest, Operand::Label(text(label).into())))
}
