//! Places of the condition, the filter and `locations`: harts and elements that exist.

use super::super::parser::Parser;
use super::Symbols;
use crate::arch::Name;
use crate::litmus::{HartId, Place, Proposition, Span, Spanned, Term, Test, Value};

/// Harts that are not there, elements behind an array's end, registers without a hart.
pub(super) fn check(parser: &mut Parser<'_>, symbols: &Symbols<'_>) {
    for observed in &symbols.test.locations {
        place(parser, symbols, &observed.value.place, observed.span);
    }
    let condition = symbols.test.condition.as_ref().map(|condition| &condition.proposition);
    for p in symbols.test.filter.iter().chain(condition) {
        proposition(parser, symbols, p);
    }
}

fn proposition(parser: &mut Parser<'_>, symbols: &Symbols<'_>, proposition: &Proposition) {
    if proposition.terms().iter().all(|term| is_plain(symbols, term)) {
        return;
    }
    for comparison in proposition.comparisons() {
        let (left, right) = (proposition.term(comparison.left), proposition.term(comparison.right));
        for term in [left, right] {
            match term {
                Term::Place(p) => place(parser, symbols, p, comparison.span),
                Term::Value(v) => value(parser, symbols, v, comparison.span),
            }
        }
        whole_arrays(parser, symbols, left, right, comparison.span);
    }
}

/// Is there nothing to be said of it, wherever it stands?
fn is_plain(symbols: &Symbols<'_>, term: &Spanned<Term>) -> bool {
    match &term.value {
        Term::Place(Place::Register(hart, _)) => hart.index() < symbols.test.harts.len(),
        Term::Place(Place::Memory { symbol, index: None }) => {
            !symbols.test.language.is_register(symbol)
                && symbols.declarations.array_length(symbol).is_none()
        }
        Term::Value(Value::Integer(_) | Value::Address { index: None, .. }) => true,
        Term::Place(_) | Term::Value(_) => false,
    }
}

/// An array is compared element by element or with as many values as it has; nothing else is.
fn whole_arrays(
    parser: &mut Parser<'_>,
    symbols: &Symbols<'_>,
    left: &Term,
    right: &Term,
    span: Span,
) {
    let array = |term: &Term| match term {
        Term::Place(Place::Memory { symbol, index: None }) => {
            symbols.declarations.array_length(symbol).map(|length| (symbol.clone(), length))
        }
        _ => None,
    };
    let (message, help) = match (array(left), array(right), right) {
        (None, None, Term::Value(Value::Array(_))) if !parser.skipped.init => {
            ("a list of values is compared with no array".to_string(), None)
        }
        (Some((_, length)), _, Term::Value(Value::Array(values)))
            if length == values.len() as u64 =>
        {
            return;
        }
        (Some((symbol, length)), _, Term::Value(Value::Array(values))) => {
            (format!("`{symbol}` has {length} elements, the list {}", values.len()), None)
        }
        (Some((symbol, _)), ..) | (_, Some((symbol, _)), _) => (
            format!("`{symbol}` is an array"),
            Some(format!("compare an element, `{symbol}[0]`, or all: `{symbol}={{...}}`")),
        ),
        (None, None, _) => return,
    };
    parser.note_at(span, message, help);
}

/// The elements, harts and labels that a value symbols.
pub(super) fn value(parser: &mut Parser<'_>, symbols: &Symbols<'_>, value: &Value, span: Span) {
    match value {
        Value::Integer(_) | Value::Address { index: None, .. } => {}
        Value::Address { symbol, index: Some(index), .. } => {
            element(parser, symbols, symbol, *index, span);
        }
        Value::Code { hart, label } => {
            symbols.labels.check_code_address(parser, symbols.test, *hart, label, span);
        }
        Value::Array(values) => {
            for v in values {
                self::value(parser, symbols, v, span);
            }
        }
    }
}

/// A place that is observed.
fn place(parser: &mut Parser<'_>, symbols: &Symbols<'_>, place: &Place, span: Span) {
    match place {
        Place::Register(hart, _) if hart.index() >= symbols.test.harts.len() => {
            no_such_hart(parser, symbols.test, *hart, span);
        }
        Place::Register(..) => {}
        Place::Memory { symbol, index: Some(index) } => {
            element(parser, symbols, symbol, *index, span);
        }
        Place::Memory { symbol, index: None } => {
            register_without_hart(parser, symbols, symbol, span);
        }
    }
}

/// `3:x5` or `P3:L` in a test of two harts.
#[cold]
pub(super) fn no_such_hart(parser: &mut Parser<'_>, test: &Test, hart: HartId, span: Span) {
    if parser.skipped.columns {
        return;
    }
    let help = match test.harts.len() {
        1 => "the only hart is P0".to_string(),
        harts => format!("the harts are P0 to P{}", harts.saturating_sub(1)),
    };
    let part = parser.part(span, &format!("{}:", hart.0));
    parser.note_at(part, format!("there is no hart {hart}"), Some(help));
}

/// `x[3]` where x has three elements, or is no array.
pub(super) fn element(
    parser: &mut Parser<'_>,
    symbols: &Symbols<'_>,
    symbol: &Name,
    index: u64,
    span: Span,
) {
    let length = symbols.declarations.array_length(symbol);
    if parser.skipped.init || index < length.unwrap_or(1) {
        return;
    }
    let help = match length {
        Some(length) => format!("`{symbol}` has the elements 0 to {}", length.saturating_sub(1)),
        None => format!("`{symbol}` is not declared as an array"),
    };
    let part = parser.part(span, symbol);
    parser.note_at(part, format!("`{symbol}[{index}]` does not exist"), Some(help));
}

/// `x5=1` where `0:x5=1` is meant. A location may be called `x5`, but then something accesses it: a
/// name of a register that stands nowhere but in the condition is a slip, and would always be 0.
fn register_without_hart(
    parser: &mut Parser<'_>,
    symbols: &Symbols<'_>,
    symbol: &Name,
    span: Span,
) {
    let may_be_register =
        symbols.test.language.is_register(symbol) && !parser.skipped.init && !parser.skipped.code;
    if !may_be_register || symbols.declarations.uses_register_name(symbols.test, symbol) {
        return;
    }
    let help = format!("a register is written with its hart: `0:{symbol}`");
    let part = parser.part(span, symbol);
    parser.note_at(part, format!("no location is called `{symbol}`"), Some(help));
}
