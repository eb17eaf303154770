//! Places, types and values: what the init section, the conditions and `locations` share.

use super::outside::outside;
use crate::arch::Name;
use crate::litmus::lexer::{
    Parsed, SyntaxError, at, at_number, blank, digits, expected, invalid, mark, name, name_length,
    number, text,
};
use crate::litmus::{HartId, Integer, Language, Place, Value};

/// `0` of `0:x5`.
#[inline]
fn hart(i: &[u8]) -> Parsed<'_, HartId> {
    let (number, rest) = i.split_at(digits(i));
    if let [digit] = number {
        return Ok((rest, HartId(u16::from(digit - b'0'))));
    }
    match text(number).parse() {
        Ok(number) => Ok((rest, HartId(number))),
        Err(_) if number.is_empty() => Err(expected(i, "a hart's number")),
        Err(_) => {
            let message = format!("no hart has number {}", text(number));
            Err(invalid(i, number.len(), message, None))
        }
    }
}

/// Does `0:x5` begin here? (Against a number: only a hart's has a colon after it.)
#[inline]
pub(super) fn at_register(i: &[u8]) -> bool {
    let digits = digits(i);
    digits > 0 && at(blank(&i[digits..]), b':')
}

/// Does `P0:x5` begin here? Of another word it is a code address.
pub(super) fn at_named_register(i: &[u8], language: Language) -> bool {
    let Some((rest, _)) = code_hart(i) else { return false };
    let name = blank(rest);
    language.is_register(text(&name[..name_length(name)]))
}

/// `P1:` of `P1:LC00`: the hart, and what follows the colon.
#[inline]
fn code_hart(i: &[u8]) -> Option<(&[u8], HartId)> {
    let (rest, hart) = hart(i.strip_prefix(b"P")?).ok()?;
    Some((blank(rest).strip_prefix(b":")?, hart))
}

/// `0:x5`, `P0:x5`, `x`, `x[1]`, `[x]`, `[x[1]]`.
#[inline]
pub(super) fn place(i: &[u8], language: Language) -> Parsed<'_, Place<&[u8]>> {
    match i {
        [b'0'..=b'9', ..] => {
            let (i, hart) = hart(i)?;
            let (i, ()) = mark(i, b':', "`:` and a register")?;
            let (i, reg) = language.register(i)?;
            Ok((i, Place::Register(hart, reg)))
        }
        [b'P', b'0'..=b'9', ..] if at_named_register(i, language) => place(&i[1..], language),
        [b'[', rest @ ..] => in_brackets(blank(rest)),
        [b'%', ..] => Err(language
            .register(i)
            .err()
            .unwrap_or_else(|| expected(i, "a hart and `:` before the register, as in `0:%rax`"))),
        _ => memory(i),
    }
}

/// `x]`, `x[1]]`
fn in_brackets(i: &[u8]) -> Parsed<'_, Place<&[u8]>> {
    let (i, place) = memory(i)?;
    let (i, ()) = mark(i, b']', "`]`")?;
    Ok((i, place))
}

/// `x`, `x[1]`
fn memory(i: &[u8]) -> Parsed<'_, Place<&[u8]>> {
    let start = i;
    let (i, symbol) = name(i, "a location or a register such as `0:x5`")?;
    if at(i, b'(') && !i.starts_with(b"(*") {
        return Err(refused(start));
    }
    let (i, index) = index(i)?;
    Ok((i, Place::Memory { symbol, index }))
}

/// `[1]`, or nothing.
#[inline]
pub(super) fn index(i: &[u8]) -> Parsed<'_, Option<u64>> {
    match blank(i) {
        [b'[', rest @ ..] => bracketed(blank(rest)),
        _ => Ok((i, None)),
    }
}

/// `1]`
fn bracketed(start: &[u8]) -> Parsed<'_, Option<u64>> {
    let (i, value) = number(start)?;
    let Ok(value) = u64::try_from(value) else {
        return Err(invalid(start, start.len() - i.len(), "an index cannot be negative", None));
    };
    let (i, ()) = mark(i, b']', "`]`")?;
    Ok((i, Some(value)))
}

/// A name that is kept.
#[inline]
pub(super) fn name_of(name: &[u8]) -> Name {
    text(name).into()
}

/// A number, an address or a code address; not an array's `{...}`.
#[inline]
pub(super) fn value(i: &[u8]) -> Parsed<'_, Value<&[u8]>> {
    if !at_number(i) {
        return symbolic(i);
    }
    if at_register(i) {
        let (i, hart) = hart(i)?;
        let (i, ()) = mark(i, b':', "`:` and a label")?;
        let (i, label) = name(i, "a label")?;
        return Ok((i, Value::Code { hart, label }));
    }
    let (i, value) = number(i)?;
    Ok((i, Value::Integer(integer(value))))
}

/// The refusal of something of herd7, or the complaint that it is nothing.
#[cold]
fn refused(i: &[u8]) -> nom::Err<SyntaxError<'_>> {
    outside(i).unwrap_or_else(|| expected(&i[name_length(i)..], "`=` or `!=`"))
}

/// An address, a code address, or a value of herd7 that C would write otherwise: `ATOMIC_INIT(1)`.
fn symbolic(i: &[u8]) -> Parsed<'_, Value<&[u8]>> {
    if let Some(rest) = i.strip_prefix(b"label:\"") {
        let (rest, hart) = hart(rest.strip_prefix(b"P").unwrap_or(rest))?;
        let (rest, ()) = mark(rest, b':', "`:` and a label")?;
        let (rest, label) = name(rest, "a label")?;
        let (rest, ()) = mark(rest, b'"', "`\"`")?;
        return Ok((rest, Value::Code { hart, label }));
    }
    if let Some(rest) = i.strip_prefix(b"ATOMIC_INIT(") {
        let (rest, value) = value(blank(rest))?;
        let (rest, ()) = mark(rest, b')', "`)`")?;
        return Ok((rest, value));
    }
    let Some((i, hart)) = code_hart(i) else { return address(i) };
    let (i, label) = name(blank(i), "a label")?;
    Ok((i, Value::Code { hart, label }))
}

/// The bits of a number that [`number`] read.
pub(super) fn integer(value: i128) -> Integer {
    Integer(value as u64)
}

/// `x`, `&x`, `x[1]`, `x+4`, `x-4`
fn address(i: &[u8]) -> Parsed<'_, Value<&[u8]>> {
    let (i, what) = match i.strip_prefix(b"&") {
        Some(i) => (blank(i), "a location's name"),
        None => (i, "a number, a location or a code address such as `P0:label`"),
    };
    let start = i;
    if at(i, b'(') && !i.starts_with(b"(*") {
        return Err(refused(i));
    }
    let (i, symbol) = name(i, what)?;
    let calls = matches!(i, [b'(', rest @ ..] if !at(rest, b'*')) || at(i, b':');
    if (calls || matches!(symbol, b"NOP" | b"nop"))
        && let Some(error) = outside(start)
    {
        return Err(error);
    }
    let (i, index) = index(i)?;
    let sign = blank(i);
    let start = blank(sign.get(1..).unwrap_or_default());
    if !matches!(sign, [b'+' | b'-', ..]) {
        return Ok((i, Value::Address { symbol, index, offset: 0 }));
    }
    if digits(start) == 0 {
        return Err(expected(start, "a number of bytes"));
    }
    let (i, bytes) = number(start)?;
    let bytes = if at(sign, b'-') { -bytes } else { bytes };
    let Ok(offset) = i64::try_from(bytes) else {
        return Err(invalid(
            start,
            start.len() - i.len(),
            "this offset is larger than memory",
            None,
        ));
    };
    Ok((i, Value::Address { symbol, index, offset }))
}

/// `{1,2,3}`
pub(super) fn array(i: &[u8]) -> Parsed<'_, Vec<Value<&[u8]>>> {
    let (mut i, ()) = mark(i, b'{', "`{` and the array's values")?;
    let mut values = Vec::new();
    loop {
        let (rest, value) = value(i)?;
        values.push(value);
        i = blank(rest);
        match i {
            [b',', rest @ ..] => i = blank(rest),
            [b'}', rest @ ..] => return Ok((rest, values)),
            _ => return Err(expected(i, "`,` or `}`")),
        }
    }
}
