//! Every label that is jumped to, or whose address is taken, stands exactly once in its hart's column.

use super::super::parser::Parser;
use crate::arch::Name;
use crate::litmus::{HartId, Span, Spanned, Test, language, numeric_label, suggest};

/// The labels of every hart in alphabetical order.
pub(super) struct Labels<'t> {
    harts: usize,
    all: Vec<(HartId, &'t Spanned<Name>)>,
}

impl<'t> Labels<'t> {
    /// Collects the labels and notes those that stand twice in one column.
    pub(super) fn collect(parser: &mut Parser<'_>, test: &'t Test) -> Labels<'t> {
        let mut all = Vec::new();
        for (index, code) in (0..).zip(&test.harts) {
            for cell in &code.cells {
                all.extend(cell.labels.iter().map(|label| (HartId(index), label)));
            }
        }
        all.sort_by_key(|(hart, label)| (*hart, &label.value, label.span.start));
        duplicates(parser, &all);
        Labels { harts: test.harts.len(), all }
    }

    fn has(&self, hart: HartId, label: &str) -> bool {
        let at = |(other, l): &(HartId, &Spanned<Name>)| (*other, &*l.value).cmp(&(hart, label));
        self.all.binary_search_by(at).is_ok()
    }

    /// Is there a numeric label above or below a place of the text?
    fn has_near(&self, hart: HartId, number: &str, place: u32, below: bool) -> bool {
        let key = (hart, number, place);
        let at = self.all.partition_point(|(h, l)| (*h, &*l.value, l.span.start) < key);
        let near = if below { Some(at) } else { at.checked_sub(1) };
        let near = near.and_then(|near| self.all.get(near));
        near.is_some_and(|(h, label)| (*h, &*label.value) == (hart, number))
    }

    /// Every branch goes to a label of its hart.
    pub(super) fn check_branches(&self, parser: &mut Parser<'_>, test: &Test) {
        for (index, code) in (0..).zip(&test.harts) {
            for instr in code.cells.iter().filter_map(|cell| cell.instr.as_ref()) {
                let Some(label) = language::label_of(&instr.value) else { continue };
                let hart = HartId(index);
                let found = match numeric_label(label) {
                    Some((number, below)) => self.has_near(hart, number, instr.span.start, below),
                    None => self.has(hart, label),
                };
                if !found {
                    self.missing(parser, (hart, label), instr.span, None);
                }
            }
        }
    }

    /// `P1:LC00`: the hart and its label exist.
    pub(super) fn check_code_address(
        &self,
        parser: &mut Parser<'_>,
        test: &Test,
        hart: HartId,
        label: &str,
        span: Span,
    ) {
        if hart.index() >= self.harts {
            super::observed::no_such_hart(parser, test, hart, span);
        } else if !self.has(hart, label) {
            let register = test
                .language
                .is_register(label)
                .then(|| format!("the register is written `{}:{label}`", hart.0));
            self.missing(parser, (hart, label), span, register);
        }
    }

    /// A label that its hart does not have.
    #[cold]
    fn missing(
        &self,
        parser: &mut Parser<'_>,
        (hart, label): (HartId, &str),
        span: Span,
        help: Option<String>,
    ) {
        if parser.skipped.code || parser.skipped.columns {
            return;
        }
        let span = parser.part(span, label);
        let message = format!("label `{label}` is not defined in {hart}");
        let help =
            help.or_else(|| (parser.diagnostics.len() < ENOUGH).then(|| self.help(hart, label)));
        parser.note_at(span, message, help);
    }

    fn help(&self, hart: HartId, label: &str) -> String {
        if let Some((number, below)) = numeric_label(label) {
            let there = if below { "below" } else { "above" };
            return format!(
                "it is the nearest label `{number}:` {there} the jump, and there is none"
            );
        }
        let own = self.all.iter().filter(|(other, _)| *other == hart);
        let known = own.map(|(_, label)| &*label.value);
        if let Some(near) = suggest::nearest(label, known) {
            return suggest::did_you_mean(near);
        }
        match self.all.iter().find(|(_, other)| *other.value == *label) {
            Some((other, _)) => {
                format!("it is defined in {other}, but a hart jumps inside its own code only")
            }
            None => format!("write `{label}:` before an instruction of {hart} or after the last"),
        }
    }
}

/// Messages after which the search for help, which is not linear, is no longer worth it.
const ENOUGH: usize = 200;

/// Labels that stand twice in one column, of all labels in order.
fn duplicates(parser: &mut Parser<'_>, defined: &[(HartId, &Spanned<Name>)]) {
    for same in defined.chunk_by(|a, b| (a.0, &a.1.value) == (b.0, &b.1.value)) {
        let (_, first) = same[0];
        if first.value.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        for (hart, second) in &same[1..] {
            let (line, _) = parser.line_column(first.span);
            let message = format!("label `{}` is defined twice in {hart}", second.value);
            parser.note_at(second.span, message, Some(format!("its first place is line {line}")));
        }
    }
}
