//! The init section: registers that exist, no contradictions, values that fit.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::isa::Name;
use crate::litmus::{CType, HartId, InitEntry, Integer, Located, Place, Span, Test, Value};

use super::super::Parser;
use super::places;

/// Everything about single entries, then entries of the same place against one another.
pub(super) fn check(parser: &mut Parser<'_>, test: &Test) {
    let mut seen: FxHashMap<&Place, Merged<'_>> =
        FxHashMap::with_capacity_and_hasher(test.init.len(), Default::default());
    for entry in &test.init {
        single(parser, test, entry);
        match seen.entry(&entry.value.place) {
            Entry::Vacant(vacant) => {
                vacant.insert(Merged::of(entry));
            }
            Entry::Occupied(mut first) => contradiction(parser, first.get_mut(), entry),
        }
    }
}

/// What the entries of one place have said so far, each with where.
struct Merged<'t> {
    ctype: Option<(CType, Span)>,
    array: (Option<u64>, Span),
    value: Option<(&'t Value, Span)>,
}

impl<'t> Merged<'t> {
    fn of(entry: &'t Located<InitEntry>) -> Self {
        let span = entry.span;
        Merged {
            ctype: entry.value.ctype.map(|ctype| (ctype, span)),
            array: (entry.value.array, span),
            value: entry.value.value.as_ref().map(|value| (value, span)),
        }
    }
}

/// A second entry of a place must not say anything else than the first.
#[cold]
fn contradiction<'t>(
    parser: &mut Parser<'_>,
    first: &mut Merged<'t>,
    second: &'t Located<InitEntry>,
) {
    let place = match &second.value.place {
        Place::Memory { symbol, index: None } => symbol.to_string(),
        place => place.to_string(),
    };
    let merged = Merged::of(second);
    let against = if first.array.0 != merged.array.0 {
        Some(("an array and not an array, or with two lengths", first.array.1))
    } else {
        match (first.ctype, merged.ctype, first.value, merged.value) {
            (Some((a, span)), Some((b, _)), ..) if a != b => Some(("with two types", span)),
            (.., Some((a, span)), Some((b, _))) if a != b => Some(("with two values", span)),
            _ => None,
        }
    };
    if let Some((how, span)) = against {
        let line = parser.line_of(span);
        let help = format!("line {line} says `{}`", parser.text_at(span));
        parser.note_at(second.span, format!("`{place}` is declared {how}"), Some(help));
    }
    first.ctype = first.ctype.or(merged.ctype);
    first.value = first.value.or(merged.value);
}

/// One entry for itself.
fn single(parser: &mut Parser<'_>, test: &Test, entry: &Located<InitEntry>) {
    let InitEntry { ctype, place, value, .. } = &entry.value;
    match place {
        Place::Register(hart, _) if hart.index() >= test.harts.len() => {
            places::no_such_hart(parser, test, *hart, entry.span);
        }
        Place::Register(hart, reg) if reg.is_zero() => zero(parser, *hart, value.as_ref(), entry),
        Place::Memory { symbol, index: Some(index) } => {
            places::element(parser, test, symbol, *index, entry.span);
            against_array(parser, test, symbol, *index, entry);
        }
        _ => {}
    }
    let ctype = ctype.or_else(|| declared_type(test, place));
    match value {
        Some(Value::Array(values)) => {
            for value in values {
                fits(parser, ctype, value, entry.span);
            }
        }
        Some(value) => fits(parser, ctype, value, entry.span),
        None => {}
    }
    if let Some(value) = value {
        addressed(parser, test, value, entry.span);
    }
}

/// Elements of arrays whose address is taken.
fn addressed(parser: &mut Parser<'_>, test: &Test, value: &Value, span: Span) {
    match value {
        Value::Address { symbol, index: Some(index), .. } => {
            places::element(parser, test, symbol, *index, span);
        }
        Value::Array(values) => {
            for value in values {
                addressed(parser, test, value, span);
            }
        }
        _ => {}
    }
}

/// `0:x0=1`
fn zero(parser: &mut Parser<'_>, hart: HartId, value: Option<&Value>, entry: &Located<InitEntry>) {
    if !matches!(value, None | Some(Value::Integer(Integer(0)))) {
        let message = format!("`{}:x0` can only be 0", hart.0);
        parser.note_at(entry.span, message, Some("x0 is hard-wired to zero".into()));
    }
}

/// `x[1]=5` against `int x[2]={1,2}`.
fn against_array(
    parser: &mut Parser<'_>,
    test: &Test,
    symbol: &Name,
    index: u64,
    entry: &Located<InitEntry>,
) {
    let array = test.init.iter().find(|e| e.value.array.is_some() && is_location(&e.value, symbol));
    if let Some(array) = array
        && let Some(Value::Array(values)) = &array.value.value
        && let Some(value) = &entry.value.value
        && values.get(index as usize).is_some_and(|element| element != value)
    {
        let help =
            format!("line {} says `{}`", parser.line_of(array.span), parser.text_at(array.span));
        let message = format!("`{symbol}[{index}]` is declared with two values");
        parser.note_at(entry.span, message, Some(help));
    }
}

/// Does `value` fit in `ctype`, with or without a sign?
fn fits(parser: &mut Parser<'_>, ctype: Option<CType>, value: &Value, span: Span) {
    let Some(ctype) = ctype else { return };
    let bits = 8 * ctype.bytes();
    match value {
        Value::Integer(integer) if bits < 64 => {
            let (least, greatest) = (-1_i64 << (bits - 1), (1_i64 << bits) - 1);
            let number = integer.0 as i64;
            if !(least..=greatest).contains(&number) {
                let message = format!("{integer} does not fit in {ctype}");
                let help = format!("{bits} bits hold {least} to {greatest}");
                parser.note_at(span, message, Some(help));
            }
        }
        Value::Address { .. } | Value::Code { .. } if bits < 32 => {
            let help = "declare it with a pointer type or `uint64_t`".to_string();
            parser.note_at(span, format!("an address does not fit in {ctype}"), Some(help));
        }
        _ => {}
    }
}

/// The type that another entry gives `place` (of an element: its array).
fn declared_type(test: &Test, place: &Place) -> Option<CType> {
    let same = |entry: &InitEntry| match place {
        Place::Memory { symbol, .. } => is_location(entry, symbol),
        Place::Register(..) => entry.place == *place,
    };
    if test.init.iter().all(|entry| entry.value.ctype.is_none()) {
        return None;
    }
    test.init.iter().find(|e| e.value.ctype.is_some() && same(&e.value)).and_then(|e| e.value.ctype)
}

fn is_location(entry: &InitEntry, name: &str) -> bool {
    matches!(&entry.place, Place::Memory { symbol, index: None } if **symbol == *name)
}

/// Number of elements of an array.
pub(super) fn array_length(test: &Test, name: &str) -> Option<u64> {
    test.init.iter().find(|entry| is_location(&entry.value, name)).and_then(|e| e.value.array)
}

/// Does the init section or the code name this location?
pub(super) fn is_named(test: &Test, name: &str) -> bool {
    fn in_value(value: &Value, name: &str) -> bool {
        match value {
            Value::Address { symbol, .. } => **symbol == *name,
            Value::Array(values) => values.iter().any(|value| in_value(value, name)),
            _ => false,
        }
    }
    let declared = |entry: &InitEntry| {
        matches!(&entry.place, Place::Memory { symbol, .. } if **symbol == *name)
            || entry.value.as_ref().is_some_and(|value| in_value(value, name))
    };
    let cells = || test.harts.iter().flat_map(|hart| &hart.cells);
    let instrs = || cells().filter_map(|cell| cell.instr.as_ref());
    test.init.iter().any(|entry| declared(&entry.value))
        || instrs().any(|instr| instr.value.operands.target.as_deref() == Some(name))
}
