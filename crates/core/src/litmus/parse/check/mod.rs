//! What only the whole test can tell: names that do not resolve, contradictions in the init
//! section, values that do not fit.
//!
//! Where a part of the text could not be read, nothing is said to be missing that may stand there.

mod declarations;
mod init;
mod labels;
mod observed;

use crate::litmus::{Span, Test};

use super::parser::Parser;
use declarations::Declarations;
use labels::Labels;

/// Notes every such mistake.
pub(super) fn check(parser: &mut Parser<'_>, test: &Test) {
    let labels = Labels::collect(parser, test);
    labels.check_branches(parser, test);
    let declarations = Declarations::collect(parser, test);
    let symbols = Symbols { test, labels, declarations };
    init::check(parser, &symbols);
    observed::check(parser, &symbols);
}

/// The test and what it defines.
struct Symbols<'t> {
    test: &'t Test,
    labels: Labels<'t>,
    declarations: Declarations<'t>,
}

impl<'a> Parser<'a> {
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
