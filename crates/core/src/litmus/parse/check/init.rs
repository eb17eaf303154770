//! The init section: registers and elements that exist, values that fit.

use crate::litmus::{CType, InitEntry, Integer, Place, Span, Spanned, Value};

use super::super::parser::Parser;
use super::{Symbols, declarations, observed};

/// Every entry for itself.
pub(super) fn check(parser: &mut Parser<'_>, symbols: &Symbols<'_>) {
    for entry in &symbols.test.init {
        if symbols.declarations.are_plain() && is_plain(symbols, &entry.value) {
            continue;
        }
        place(parser, symbols, entry);
        if let Some(value) = &entry.value.value {
            let ctype =
                entry.value.ctype.or_else(|| symbols.declarations.ctype(&entry.value.place));
            fits(parser, ctype, value, entry.span);
            observed::value(parser, symbols, value, entry.span);
        }
    }
}

/// Is there nothing to be said of an entry, if no other entry says anything of its place?
#[inline]
fn is_plain(symbols: &Symbols<'_>, entry: &InitEntry) -> bool {
    let plain_place = match &entry.place {
        Place::Register(hart, reg) => hart.index() < symbols.test.harts.len() && !reg.is_zero(),
        Place::Memory { .. } => false,
    };
    let plain_value =
        matches!(entry.value, None | Some(Value::Integer(_) | Value::Address { index: None, .. }));
    plain_place && plain_value && entry.ctype.is_none()
}

fn place(parser: &mut Parser<'_>, symbols: &Symbols<'_>, entry: &Spanned<InitEntry>) {
    let InitEntry { place, value, .. } = &entry.value;
    match place {
        Place::Register(hart, _) if hart.index() >= symbols.test.harts.len() => {
            observed::no_such_hart(parser, symbols.test, *hart, entry.span);
        }
        Place::Register(hart, reg)
            if reg.is_zero() && !matches!(value, None | Some(Value::Integer(Integer(0)))) =>
        {
            let message = format!("`{}:x0` can only be 0", hart.0);
            parser.note_at(entry.span, message, Some("x0 is hard-wired to zero".into()));
        }
        Place::Memory { symbol, index: Some(index) } => {
            observed::element(parser, symbols, symbol, *index, entry.span);
            if let Some((other, span)) = symbols.declarations.element(symbol, *index)
                && value.as_ref().is_some_and(|value| value != other)
            {
                declarations::note(parser, place.borrowed(), entry.span, "with two values", span);
            }
        }
        _ => {}
    }
}

/// Does `value` fit in `ctype`, with or without a sign?
fn fits(parser: &mut Parser<'_>, ctype: Option<CType>, value: &Value, span: Span) {
    let Some(ctype) = ctype else { return };
    let bits = 8 * ctype.bytes();
    match value {
        Value::Integer(integer) if bits < 64 => {
            let (least, greatest) = (-1_i64 << (bits - 1), (1_i64 << bits) - 1);
            if !(least..=greatest).contains(&(integer.0 as i64)) {
                let message = format!("{integer} does not fit in {ctype}");
                let help = format!("{bits} bits hold {least} to {greatest}");
                parser.note_at(span, message, Some(help));
            }
        }
        Value::Address { .. } | Value::Code { .. } if bits < 32 => {
            let help = "declare it with a pointer type or `uint64_t`".to_string();
            parser.note_at(span, format!("an address does not fit in {ctype}"), Some(help));
        }
        Value::Array(values) => {
            for value in values {
                fits(parser, Some(ctype), value, span);
            }
        }
        _ => {}
    }
}
