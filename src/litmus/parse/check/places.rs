//! Places of the condition, the filter and `locations`: harts and elements that exist.

use crate::isa::{Name, Reg};
use crate::litmus::{HartId, Place, Proposition, Span, Term, Test, Value};

use super::super::Parser;

/// Harts that are not there, elements behind an array's end, registers without a hart.
pub(super) fn check(parser: &mut Parser<'_>, test: &Test) {
    for observed in &test.locations {
        place(parser, test, &observed.value.place, observed.span);
    }
    let condition = test.condition.as_ref().map(|condition| &condition.proposition);
    for p in test.filter.iter().chain(condition) {
        proposition(parser, test, p);
    }
}

fn proposition(parser: &mut Parser<'_>, test: &Test, p: &Proposition) {
    match p {
        Proposition::True | Proposition::False => {}
        Proposition::Compare(comparison) => {
            let (left, _, right) = &comparison.value;
            term(parser, test, left, comparison.span);
            term(parser, test, right, comparison.span);
        }
        Proposition::Not(p) => proposition(parser, test, p),
        Proposition::And(all) | Proposition::Or(all) => {
            for p in all {
                proposition(parser, test, p);
            }
        }
        Proposition::Implies(p, q) => {
            proposition(parser, test, p);
            proposition(parser, test, q);
        }
    }
}

fn term(parser: &mut Parser<'_>, test: &Test, term: &Term, span: Span) {
    match term {
        Term::Place(p) => place(parser, test, p, span),
        Term::Value(value) => super::places::value(parser, test, value, span),
    }
}

/// The locations and harts that a value names.
pub(super) fn value(parser: &mut Parser<'_>, test: &Test, v: &Value, span: Span) {
    match v {
        Value::Integer(_) => {}
        Value::Address { symbol, index: Some(index), .. } => {
            element(parser, test, symbol, *index, span);
        }
        Value::Address { .. } => {}
        Value::Code { hart, label } => {
            let defined = test.harts.get(hart.index()).map(|code| {
                code.cells.iter().flat_map(|cell| &cell.labels).any(|l| l.value == *label)
            });
            match defined {
                None => no_such_hart(parser, test, *hart, span),
                Some(false) => super::labels::missing(parser, test, *hart, label, span),
                Some(true) => {}
            }
        }
        Value::Array(values) => {
            for v in values {
                value(parser, test, v, span);
            }
        }
    }
}

/// A place that is observed.
fn place(parser: &mut Parser<'_>, test: &Test, p: &Place, span: Span) {
    match p {
        Place::Register(hart, _) if hart.index() >= test.harts.len() => {
            no_such_hart(parser, test, *hart, span);
        }
        Place::Register(..) => {}
        Place::Memory { symbol, index: Some(index) } => {
            element(parser, test, symbol, *index, span);
        }
        Place::Memory { symbol, index: None } => register_without_hart(parser, test, symbol, span),
    }
}

/// `3:x5` in a test of two harts.
#[cold]
pub(super) fn no_such_hart(parser: &mut Parser<'_>, test: &Test, hart: HartId, span: Span) {
    if parser.damage.columns {
        return;
    }
    let help = match test.harts.len() {
        0 => "the test has no harts".to_string(),
        1 => "the only hart is P0".into(),
        harts => format!("the harts are P0 to P{}", harts - 1),
    };
    let part = parser.part(span, &format!("{}:", hart.0));
    parser.note_at(part, format!("there is no hart {hart}"), Some(help));
}

/// `x[3]` where x has three elements, or is no array.
pub(super) fn element(parser: &mut Parser<'_>, test: &Test, symbol: &Name, index: u64, span: Span) {
    if parser.damage.init {
        return;
    }
    let length = super::init::array_length(test, symbol);
    if index < length.unwrap_or(1) {
        return;
    }
    let help = match length {
        Some(length) => format!("`{symbol}` has the elements 0 to {}", length - 1),
        None => format!("`{symbol}` is not declared as an array"),
    };
    let part = parser.part(span, symbol);
    parser.note_at(part, format!("`{symbol}[{index}]` does not exist"), Some(help));
}

/// `x5=1` where `0:x5=1` is meant. A location may be called `x5`, but then something accesses it: a
/// name of a register that stands nowhere but in the condition is a slip, and would always be 0.
fn register_without_hart(parser: &mut Parser<'_>, test: &Test, symbol: &Name, span: Span) {
    if Reg::parse(symbol).is_none() || parser.damage.init || super::init::is_named(test, symbol) {
        return;
    }
    let help = format!("a register is written with its hart: `0:{symbol}`");
    let part = parser.part(span, symbol);
    parser.note_at(part, format!("no location is called `{symbol}`"), Some(help));
}
