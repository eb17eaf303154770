//! Places, types and values: what the init section, the conditions and `locations` share.

use nom::Parser;

use crate::litmus::{HartId, Integer, Place, Value};

use super::operand::register;
use super::token::{Res, at, at_number, blank, expected, mark, name, number, wrong};

/// `0:` of `0:x5`.
fn hart(i: &str) -> Res<'_, HartId> {
    if let [digit @ b'0'..=b'9', b':', ..] = i.as_bytes() {
        return Ok((&i[1..], HartId((digit - b'0').into())));
    }
    let digits = i.bytes().take_while(u8::is_ascii_digit).count();
    match i[..digits].parse() {
        Ok(number) => Ok((&i[digits..], HartId(number))),
        Err(_) if digits == 0 => Err(expected(i, "a hart's number")),
        Err(_) => Err(wrong(i, digits, format!("no hart has number {}", &i[..digits]), None)),
    }
}

/// Does `0:x5` begin here? (Against a number: only a hart's has a colon after it.)
pub(super) fn at_register(i: &str) -> bool {
    let digits = i.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && at(blank(&i[digits..]), b':')
}

/// `P1:` of `P1:LC00`: the hart, and what follows the colon.
fn code_hart(i: &str) -> Option<(&str, HartId)> {
    let (rest, hart) = hart(i.strip_prefix('P')?).ok()?;
    Some((blank(rest).strip_prefix(':')?, hart))
}

/// `0:x5`, `x`, `x[1]`, `[x]`, `[x[1]]`.
pub(super) fn place(i: &str) -> Res<'_, Place<&str>> {
    match i.as_bytes() {
        [b'0'..=b'9', ..] => {
            let (i, hart) = hart(i)?;
            let (i, ()) = mark(b':', "`:` and a register").parse(i)?;
            let (i, reg) = register(i)?;
            Ok((i, Place::Register(hart, reg)))
        }
        [b'[', ..] => {
            let (i, place) = memory(blank(&i[1..]))?;
            let (i, ()) = mark(b']', "`]`").parse(i)?;
            Ok((i, place))
        }
        _ => memory(i),
    }
}

/// `x`, `x[1]`
fn memory(i: &str) -> Res<'_, Place<&str>> {
    let (i, symbol) = name("a location or a register such as `0:x5`").parse(i)?;
    let (i, index) = index(i)?;
    Ok((i, Place::Memory { symbol, index }))
}

/// `[1]`, or nothing.
pub(super) fn index(i: &str) -> Res<'_, Option<u64>> {
    let open = blank(i);
    if !at(open, b'[') {
        return Ok((i, None));
    }
    let start = blank(&open[1..]);
    let (i, value) = number(start)?;
    let Ok(value) = u64::try_from(value) else {
        return Err(wrong(start, start.len() - i.len(), "an index cannot be negative", None));
    };
    let (i, ()) = mark(b']', "`]`").parse(i)?;
    Ok((i, Some(value)))
}

/// A number, an address or a code address; not an array's `{...}`.
pub(super) fn value(i: &str) -> Res<'_, Value<&str>> {
    if at_number(i) {
        let (i, value) = number(i)?;
        return Ok((i, Value::Integer(integer(value))));
    }
    if let Some((i, hart)) = code_hart(i) {
        let (i, label) = name("a label").parse(blank(i))?;
        return Ok((i, Value::Code { hart, label }));
    }
    address(i)
}

/// The bits of a number that [`number`] read.
pub(super) fn integer(value: i128) -> Integer {
    Integer(value as u64)
}

/// `x`, `&x`, `x[1]`, `x+4`, `x-4`
fn address(i: &str) -> Res<'_, Value<&str>> {
    let (i, what) = match i.strip_prefix('&') {
        Some(i) => (blank(i), "a location's name"),
        None => (i, "a number, a location or a code address such as `P0:label`"),
    };
    let (i, symbol) = name(what).parse(i)?;
    let (i, index) = index(i)?;
    let sign = blank(i);
    let start = blank(sign.get(1..).unwrap_or_default());
    if !matches!(sign.as_bytes(), [b'+' | b'-', ..]) {
        return Ok((i, Value::Address { symbol, index, offset: 0 }));
    }
    if !start.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(expected(start, "a number of bytes"));
    }
    let (i, bytes) = number(start)?;
    let bytes = if at(sign, b'-') { -bytes } else { bytes };
    let Ok(offset) = i64::try_from(bytes) else {
        return Err(wrong(start, start.len() - i.len(), "this offset is larger than memory", None));
    };
    Ok((i, Value::Address { symbol, index, offset }))
}

/// `{1,2,3}`
pub(super) fn array(i: &str) -> Res<'_, Vec<Value<&str>>> {
    let (mut i, ()) = mark(b'{', "`{` and the array's values").parse(i)?;
    let mut values = Vec::new();
    loop {
        let (rest, value) = value(i)?;
        values.push(value);
        i = blank(rest);
        match i.as_bytes() {
            [b',', ..] => i = blank(&i[1..]),
            [b'}', ..] => return Ok((&i[1..], values)),
            _ => return Err(expected(i, "`,` or `}`")),
        }
    }
}
