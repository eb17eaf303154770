//! Places of the condition, the filter and `locations`: harts and elements that exist.

use crate::isa::{Name, Reg};
use crate::litmus::{HartId, Place, Proposition, Span, Term, Test, Value};

use super::super::Parser;
use super::declared::Declared;
use super::labels;

/// Harts that are not there, elements behind an array's end, registers without a hart.
pub(super) fn check(parser: &mut Parser<'_>, test: &Test, declared: &Declared<'_>) {
    for observed in &test.locations {
        place(parser, test, declared, &observed.value.place, observed.span);
    }
    let condition = test.condition.as_ref().map(|condition| &condition.proposition);
    for p in test.filter.iter().chain(condition) {
        proposition(parser, test, declared, p);
    }
}

fn proposition(
    parser: &mut Parser<'_>,
    test: &Test,
    declared: &Declared<'_>,
    proposition: &Proposition,
) {
    match proposition {
        Proposition::True | Proposition::False => {}
        Proposition::Compare(comparison) => {
            let (left, _, right) = &comparison.value;
            for term in [left, right] {
                match term {
                    Term::Place(p) => place(parser, test, declared, p, comparison.span),
                    Term::Value(v) => value(parser, test, declared, v, comparison.span),
                }
            }
        }
        Proposition::Not(p) => self::proposition(parser, test, declared, p),
        Proposition::And(all) | Proposition::Or(all) => {
            for p in all {
                self::proposition(parser, test, declared, p);
            }
        }
        Proposition::Implies(p, q) => {
            self::proposition(parser, test, declared, p);
            self::proposition(parser, test, declared, q);
        }
    }
}

/// The elements, harts and labels that a value names.
pub(super) fn value(
    parser: &mut Parser<'_>,
    test: &Test,
    declared: &Declared<'_>,
    value: &Value,
    span: Span,
) {
    match value {
        Value::Integer(_) | Value::Address { index: None, .. } => {}
        Value::Address { symbol, index: Some(index), .. } => {
            element(parser, declared, symbol, *index, span);
        }
        Value::Code { hart, label } => labels::code_address(parser, test, *hart, label, span),
        Value::Array(values) => {
            for v in values {
                self::value(parser, test, declared, v, span);
            }
        }
    }
}

/// A place that is observed.
fn place(parser: &mut Parser<'_>, test: &Test, declared: &Declared<'_>, place: &Place, span: Span) {
    match place {
        Place::Register(hart, _) if hart.index() >= test.harts.len() => {
            no_such_hart(parser, test, *hart, span);
        }
        Place::Register(..) => {}
        Place::Memory { symbol, index: Some(index) } => {
            element(parser, declared, symbol, *index, span);
        }
        Place::Memory { symbol, index: None } => {
            register_without_hart(parser, test, declared, symbol, span);
        }
    }
}

/// `3:x5` or `P3:L` in a test of two harts.
#[cold]
pub(super) fn no_such_hart(parser: &mut Parser<'_>, test: &Test, hart: HartId, span: Span) {
    if parser.damage.columns {
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
    declared: &Declared<'_>,
    symbol: &Name,
    index: u64,
    span: Span,
) {
    let length = declared.array_length(symbol);
    if parser.damage.init || index < length.unwrap_or(1) {
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
    test: &Test,
    declared: &Declared<'_>,
    symbol: &Name,
    span: Span,
) {
    let may_be_meant = Reg::parse(symbol).is_some() && !parser.damage.init && !parser.damage.code;
    if !may_be_meant || declared.declares(test, symbol) || is_used(test, symbol) {
        return;
    }
    let help = format!("a register is written with its hart: `0:{symbol}`");
    let part = parser.part(span, symbol);
    parser.note_at(part, format!("no location is called `{symbol}`"), Some(help));
}

/// Does the code or a value of the init section name this location?
fn is_used(test: &Test, name: &str) -> bool {
    fn names(value: &Value, name: &str) -> bool {
        match value {
            Value::Address { symbol, .. } => **symbol == *name,
            Value::Array(values) => values.iter().any(|value| names(value, name)),
            _ => false,
        }
    }
    let values = || test.init.iter().filter_map(|entry| entry.value.value.as_ref());
    let cells = || test.harts.iter().flat_map(|hart| &hart.cells);
    let instrs = || cells().filter_map(|cell| cell.instr.as_ref());
    values().any(|value| names(value, name))
        || instrs().any(|instr| instr.value.operands.target.as_deref() == Some(name))
}
