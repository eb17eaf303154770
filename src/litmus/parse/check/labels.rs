//! Every label that is jumped to, or whose address is taken, stands exactly once in its hart's column.

use crate::isa::{Format, Instr};
use crate::litmus::{HartCode, HartId, InitEntry, Located, Span, Test, Value};

use super::super::{Parser, suggest};

/// Duplicate labels, branches to nowhere, code addresses of nothing.
pub(super) fn check(parser: &mut Parser<'_>, test: &Test) {
    for (index, hart) in test.harts.iter().enumerate() {
        let hart_id = HartId(index as u16);
        duplicates(parser, hart_id, hart);
        for cell in &hart.cells {
            if let Some(instr) = &cell.instr
                && let Some(label) = branch_target(&instr.value)
                && !defines(hart, label)
            {
                missing(parser, test, hart_id, label, instr.span);
            }
        }
    }
    for entry in &test.init {
        code_addresses(parser, test, entry);
    }
}

/// The label of a branch or jump; not the symbol of `la`.
fn branch_target(instr: &Instr) -> Option<&str> {
    match instr.def.format {
        Format::RdSymbol => None,
        _ => instr.operands.target.as_deref(),
    }
}

fn labels(hart: &HartCode) -> impl Iterator<Item = &Located<crate::isa::Name>> {
    hart.cells.iter().flat_map(|cell| &cell.labels)
}

fn defines(hart: &HartCode, label: &str) -> bool {
    labels(hart).any(|defined| &*defined.value == label)
}

/// Labels that stand twice in one column.
fn duplicates(parser: &mut Parser<'_>, hart: HartId, code: &HartCode) {
    if labels(code).nth(1).is_none() {
        return;
    }
    let mut sorted: Vec<_> = labels(code).collect();
    sorted.sort_by_key(|label| (&label.value, label.span.start));
    for pair in sorted.windows(2) {
        let [first, second] = pair else { continue };
        if first.value == second.value {
            let message = format!("label `{}` is defined twice in {hart}", second.value);
            let line = parser.line_of(first.span);
            parser.note_at(second.span, message, Some(format!("its first place is line {line}")));
        }
    }
}

/// A label that its hart does not have.
#[cold]
pub(super) fn missing(parser: &mut Parser<'_>, test: &Test, hart: HartId, label: &str, span: Span) {
    if parser.damage.code || parser.damage.columns {
        return;
    }
    let known = || test.harts[hart.index()].cells.iter().flat_map(|cell| &cell.labels);
    let elsewhere = test.harts.iter().position(|code| defines(code, label));
    let help = if let Some(near) = suggest::nearest(label, known().map(|l| &*l.value)) {
        suggest::did_you_mean(near)
    } else if let Some(other) = elsewhere {
        format!("it is defined in P{other}; a hart can only jump inside its own code")
    } else {
        format!("write `{label}:` in front of an instruction of {hart}")
    };
    let span = parser.part(span, label);
    parser.note_at(span, format!("label `{label}` is not defined in {hart}"), Some(help));
}

/// `P1:LC00` in the init section.
fn code_addresses(parser: &mut Parser<'_>, test: &Test, entry: &Located<InitEntry>) {
    let values = match &entry.value.value {
        Some(Value::Array(values)) => values.as_slice(),
        Some(value) => std::slice::from_ref(value),
        None => &[],
    };
    for value in values {
        let Value::Code { hart, label } = value else { continue };
        match test.harts.get(hart.index()) {
            Some(code) if defines(code, label) => {}
            Some(_) => missing(parser, test, *hart, label, entry.span),
            None => {
                let span = parser.part(entry.span, &hart.to_string());
                super::places::no_such_hart(parser, test, *hart, span);
            }
        }
    }
}
