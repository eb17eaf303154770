//! Every label that is jumped to, or whose address is taken, stands exactly once in its hart's column.

use crate::isa::{Format, Instr, Name, Reg};
use crate::litmus::{HartId, Located, Span, Test};

use super::super::{Parser, suggest};

/// The labels of every hart in alphabetical order.
pub(super) struct Labels<'t>(Vec<Vec<&'t Located<Name>>>);

impl<'t> Labels<'t> {
    /// Collects the labels and notes those that stand twice in one column.
    pub(super) fn collect(parser: &mut Parser<'_>, test: &'t Test) -> Labels<'t> {
        let mut all = Vec::with_capacity(test.harts.len());
        for (index, code) in test.harts.iter().enumerate() {
            let mut labels: Vec<_> = code.cells.iter().flat_map(|cell| &cell.labels).collect();
            labels.sort_by_key(|label| (&label.value, label.span.start));
            duplicates(parser, HartId(index as u16), &labels);
            all.push(labels);
        }
        Labels(all)
    }

    fn has(&self, hart: usize, label: &str) -> bool {
        self.0[hart].binary_search_by_key(&label, |l| &l.value).is_ok()
    }

    /// Every branch goes to a label of its hart.
    pub(super) fn check_branches(&self, parser: &mut Parser<'_>, test: &Test) {
        for (index, code) in test.harts.iter().enumerate() {
            for instr in code.cells.iter().filter_map(|cell| cell.instr.as_ref()) {
                if let Some(label) = branch_target(&instr.value)
                    && !self.has(index, label)
                {
                    self.missing(parser, (HartId(index as u16), label), instr.span, None);
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
        if hart.index() >= self.0.len() {
            super::places::no_such_hart(parser, test, hart, span);
        } else if !self.has(hart.index(), label) {
            let register =
                Reg::parse(label).map(|_| format!("the register is written `{}:{label}`", hart.0));
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
        better: Option<String>,
    ) {
        if parser.damage.code || parser.damage.columns {
            return;
        }
        let span = parser.part(span, label);
        let message = format!("label `{label}` is not defined in {hart}");
        let help = || (parser.diagnostics.len() < ENOUGH).then(|| self.help(hart, label));
        let help = better.or_else(help);
        parser.note_at(span, message, help);
    }

    fn help(&self, hart: HartId, label: &str) -> String {
        let known = self.0[hart.index()].iter().map(|label| &*label.value);
        if let Some(near) = suggest::nearest(label, known) {
            return suggest::did_you_mean(near);
        }
        match (0..self.0.len()).find(|other| self.has(*other, label)) {
            Some(other) => {
                format!("it is defined in P{other}, but a hart jumps inside its own code only")
            }
            None => format!("write `{label}:` before an instruction of {hart} or after the last"),
        }
    }
}

/// Messages after which the search for help, which is not linear, is no longer worth it.
const ENOUGH: usize = 200;

/// The label of a branch or jump; not the symbol of `la`.
fn branch_target(instr: &Instr) -> Option<&str> {
    match instr.def.format {
        Format::RdSymbol => None,
        _ => instr.operands.target.as_deref(),
    }
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
