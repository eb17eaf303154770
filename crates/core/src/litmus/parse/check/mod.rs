//! What only the whole test can tell: names that do not resolve, contradictions in the init
//! section, values that do not fit.
//!
//! Where a part of the text could not be read, nothing is said to be missing that may stand there.

mod declared;
mod init;
mod labels;
mod places;

use crate::litmus::{Diagnostic, Problem, Span, Test};

use super::Parser;
use declared::Declared;
use labels::Labels;

/// Notes every such mistake.
pub(super) fn check(parser: &mut Parser<'_>, test: &Test) {
    let labels = Labels::collect(parser, test);
    labels.check_branches(parser, test);
    let declared = Declared::collect(parser, test);
    let names = Names { test, labels, declared };
    init::check(parser, &names);
    places::check(parser, &names);
}

/// The test and what it defines.
struct Names<'t> {
    test: &'t Test,
    labels: Labels<'t>,
    declared: Declared<'t>,
}

impl<'a> Parser<'a> {
    /// The text at a span.
    fn text_at(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Notes a syntax mistake about what stands at `span`.
    #[cold]
    fn note_at(&mut self, span: Span, message: String, help: Option<String>) {
        self.diagnose(Diagnostic { problem: Problem::Syntax, span, message, help });
    }

    /// The place of `part` in what stands at `span`: its last occurrence, or all if it has none.
    fn part(&self, span: Span, part: &str) -> Span {
        match self.text_at(span).rfind(part) {
            Some(at) => {
                let start = span.start + at as u32;
                Span { start, end: start + part.len() as u32 }
            }
            None => span,
        }
    }
}
