//! The parser: one pass over the text, section by section, that goes on after a mistake.
//!
//! The grammar's pieces are nom parsers ([`token`], [`place`], [`operand`], [`instr`]) and stop at
//! their first mistake. The sections ([`header`], [`init`], [`code`], [`sections`], [`proposition`]) call them item by
//! item, note the mistake and go on at the next `;`, `|` or line, so that every mistake of a file is
//! reported, each once. Before the grammar's pieces, the sections try [`usual`], which reads at one go what
//! nearly every test is made of and notes no mistakes. What only the whole test can tell, for example that a label does not
//! exist, is looked at last ([`check`]).

mod alone;
mod check;
mod code;
mod columns;
mod ctype;
mod draft;
mod header;
mod init;
mod instr;
mod operand;
mod place;
mod proposition;
mod report;
mod sections;
pub mod suggest;
mod token;
mod usual;

use std::cell::OnceCell;

use rustc_hash::FxHashSet;

use super::{Diagnostic, Diagnostics, LineIndex, Metadata, Problem, Span, Test};

pub use alone::parse_proposition;
use token::blank;

/// Largest text that is read: far above any test, and places in it fit in 32 bits.
const MAX_BYTES: usize = 1 << 30;

/// Reads one litmus test.
///
/// # Errors
/// Every mistake in the text, in the order of their places. Offsets count bytes of `text`, a byte
/// order mark included.
pub fn parse(text: &str) -> Result<Test, Diagnostics> {
    if text.len() > MAX_BYTES {
        let message = format!("a file of {} bytes", text.len());
        let help = Some(format!("tests of up to {MAX_BYTES} bytes can be read"));
        let (problem, span) = (Problem::Unsupported, Span::default());
        return Err(Diagnostics(vec![Diagnostic { problem, span, message, help }]));
    }
    let mut parser = Parser::new(text);
    let mut test = Test {
        name: String::new(),
        description: None,
        metadata: Metadata::default(),
        init: Vec::new(),
        harts: Vec::new(),
        locations: Vec::new(),
        filter: None,
        condition: None,
    };
    let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(rest) = parser.header(blank(rest.as_bytes()), &mut test) {
        let rest = parser.init(rest, &mut test);
        let rest = parser.code(rest, &mut test);
        parser.sections(rest, &mut test);
        check::check(&mut parser, &test);
    }
    if parser.diagnostics.is_empty() {
        return Ok(test);
    }
    parser.diagnostics.sort_by_key(|d| (d.span.start, d.span.end));
    Err(Diagnostics(parser.diagnostics))
}

/// What the sections share.
struct Parser<'a> {
    text: &'a str,
    diagnostics: Vec<Diagnostic>,
    /// Where the diagnostics begin.
    noted: FxHashSet<u32>,
    /// Made when a message names a line.
    lines: OnceCell<LineIndex>,
    damage: Damage,
}

/// What could not be read, so that nothing is said to be missing that may have stood there.
#[derive(Clone, Copy, Default)]
struct Damage {
    /// A declaration of the init section.
    init: bool,
    /// The line `P0 | P1 ;`.
    columns: bool,
    /// A row of code, so that labels may have been skipped.
    code: bool,
    /// A proposition that is nested too deep, so that its parentheses do not match.
    nesting: bool,
    /// Where a comment begins that is never closed: all behind it.
    comment: Option<u32>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Parser<'a> {
        Parser {
            text,
            diagnostics: Vec::new(),
            noted: FxHashSet::default(),
            lines: OnceCell::new(),
            damage: Damage::default(),
        }
    }

    /// Where a suffix of the text begins.
    fn offset(&self, rest: &[u8]) -> usize {
        self.text.len() - rest.len()
    }

    /// From one suffix to another.
    fn span(&self, from: &[u8], to: &[u8]) -> Span {
        Span { start: self.offset(from) as u32, end: self.offset(to) as u32 }
    }
}
