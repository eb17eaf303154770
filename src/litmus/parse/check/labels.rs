//! Every label that is jumped to, or whose address is taken, stands exactly once in its hart's column.

use crate::isa::{Format, Instr, Name};
use crate::litmus::{HartCode, HartId, Located, Span, Test};

use super::super::{Parser, suggest};

/// Duplicate labels and branches to nowhere.
pub(super) fn check(parser: &mut Parser<'_>, test: &Test) {
    for (index, code) in test.harts.iter().enumerate() {
        let hart = HartId(index as u16);
        let mut defined: Vec<_> = labels(code).collect();
        defined.sort_by_key(|label| (&label.value, label.span.start));
        duplicates(parser, hart, &defined);
        for cell in &code.cells {
            if let Some(instr) = &cell.instr
                && let Some(label) = branch_target(&instr.value)
                && defined.binary_search_by_key(&label, |l| &l.value).is_err()
            {
                missing(parser, test, hart, label, instr.span);
            }
        }
    }
}

/// The label of a branch or jump; not the symbol of `la`.
fn branch_target(instr: &Instr) -> Option<&str> {
    match instr.def.format {
        Format::RdSymbol => None,
        _ => instr.operands.target.as_deref(),
    }
}

fn labels(code: &HartCode) -> impl Iterator<Item = &Located<Name>> {
    code.cells.iter().flat_map(|cell| &cell.labels)
}

fn defines(code: &HartCode, label: &str) -> bool {
    labels(code).any(|defined| &*defined.value == label)
}

/// Labels that stand twice in one column, of all its labels in alphabetical order.
fn duplicates(parser: &mut Parser<'_>, hart: HartId, defined: &[&Located<Name>]) {
    for same in defined.chunk_by(|a, b| a.value == b.value) {
        for second in &same[1..] {
            let (line, _) = parser.line_column(same[0].span);
            let message = format!("label `{}` is defined twice in {hart}", second.value);
            parser.note_at(second.span, message, Some(format!("its first place is line {line}")));
        }
    }
}

/// `P1:LC00`: the hart and its label exist.
pub(super) fn code_address(
    parser: &mut Parser<'_>,
    test: &Test,
    hart: HartId,
    label: &str,
    span: Span,
) {
    match test.harts.get(hart.index()) {
        Some(code) if defines(code, label) => {}
        Some(_) => missing(parser, test, hart, label, span),
        None => super::places::no_such_hart(parser, test, hart, span),
    }
}

/// A label that its hart does not have.
#[cold]
fn missing(parser: &mut Parser<'_>, test: &Test, hart: HartId, label: &str, span: Span) {
    if parser.damage.code || parser.damage.columns {
        return;
    }
    let known = labels(&test.harts[hart.index()]).map(|label| &*label.value);
    let help = if let Some(near) = suggest::nearest(label, known) {
        suggest::did_you_mean(near)
    } else if let Some(other) = test.harts.iter().position(|code| defines(code, label)) {
        format!("it is defined in P{other}, but a hart jumps inside its own code only")
    } else {
        format!("write `{label}:` in front of an instruction of {hart}, or behind the last one")
    };
    let span = parser.part(span, label);
    parser.note_at(span, format!("label `{label}` is not defined in {hart}"), Some(help));
}
