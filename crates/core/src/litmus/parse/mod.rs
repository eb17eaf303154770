//! The parser: one pass over the text, section by section, that goes on after a mistake.
//!
//! The pieces of the grammar are nom parsers and stop at their first error: tokens ([`lexer`](super::lexer)),
//! [`place`], [`ctype`], and what stands in the code's cells ([`Language`]). The sections
//! ([`header`], [`init`], [`columns`] and [`rows`], [`sections`], [`proposition`]) call them item by item,
//! report the error and go on at the next `;`, `|` or line, so that every mistake of a file is reported,
//! each once. What only the whole test can tell, for example that a label does not exist, is looked at last
//! ([`check`]).
//!
//! herd's languages share all sections but the cells of the code. Which one a file is in is decided by its first
//! word, in [`language`]. Another language is a variant of [`Language`], a folder beside `riscv` with its
//! instructions and its names of registers, and, if its code is no table of columns, a parser of its own for that
//! section.

mod check;
mod columns;
mod ctype;
mod header;
mod init;
mod language;
mod outside;
mod parser;
mod place;
mod proposition;
mod rows;
mod sections;
mod standalone;

use super::lexer::blank;
use super::{Diagnostic, Diagnostics, Language, Metadata, Notes, Problem, Span, Spanned, Test};
use parser::Parser;

pub use standalone::parse_proposition;

/// Largest text that is read: far above any test, and places in it fit in 32 bits.
const MAX_BYTES: usize = 1 << 30;

/// Reads one litmus test.
///
/// # Errors
/// Every mistake in the text, in the order of their places. Offsets count bytes of `text`, a byte
/// order mark included.
pub fn parse(text: &str) -> Result<Test, Diagnostics> {
    parse_within(text, &|| false)
}

/// As [`parse`], until `expired` says that the time is up.
///
/// # Errors
/// As [`parse`], or [`Problem::Late`] alone.
pub fn parse_within(text: &str, expired: &dyn Fn() -> bool) -> Result<Test, Diagnostics> {
    if text.len() > MAX_BYTES {
        let message = format!("a file of {} bytes", text.len());
        let help = Some(format!("tests of up to {MAX_BYTES} bytes can be read"));
        let (problem, span) = (Problem::Unsupported, Span::default());
        return Err(Diagnostics(vec![Diagnostic { problem, span, message, help }]));
    }
    let mut parser = Parser::new(text, expired);
    let mut test = Test {
        language: Language::Riscv,
        name: String::new(),
        description: None,
        metadata: Metadata::default(),
        init: Vec::new(),
        harts: Vec::new(),
        locations: Vec::new(),
        filter: None,
        condition: None,
        condition_at: Spanned { value: (), span: Span::default() },
        notes: Notes::default(),
    };
    let start = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A comment may begin with `#`; what begins a script or a file in C is none.
    let start = match start.as_bytes() {
        start @ ([b'#', b'!', ..] | [b'#', b'a'..=b'z', ..]) => start,
        start => blank(start),
    };
    if let Some((language, rest)) = parser.language(start) {
        (test.language, parser.language) = (language, language);
        let rest = parser.header(rest, &mut test);
        let rest = parser.init(rest, &mut test);
        let rest = parser.code(rest, &mut test);
        parser.sections(rest, &mut test);
        if !parser.late {
            check::check(&mut parser, &test);
        }
    }
    if parser.late {
        return Err(Diagnostics::late());
    }
    if parser.diagnostics.is_empty() {
        test.notes = Notes(parser.skipped_texts);
        return Ok(test);
    }
    parser.diagnostics.sort_by_key(|d| (d.span.start, d.span.end));
    Err(Diagnostics(parser.diagnostics))
}
