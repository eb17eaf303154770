//! What the sections of the parser share: the text, and the mistakes that were found in it.

use std::cell::OnceCell;

use rustc_hash::FxHashSet;

use crate::litmus::lexer::{SyntaxError, after_spaces, blank, expected, in_name, starts_line};
use crate::litmus::{Diagnostic, Language, LineIndex, Problem, Span, Spanned};

/// So many mistakes of one test are looked for: nobody reads more, and looking for what was meant takes time.
const MOST_MISTAKES: usize = 100;

/// Bytes that are read between two questions whether the time is up.
const BYTES_BETWEEN_CHECKS: usize = 1 << 16;

/// A text that is being read.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    /// Is the time up?
    expired: &'a dyn Fn() -> bool,
    /// How many bytes are left when it is asked next.
    next_check: usize,
    /// Was it?
    pub(super) late: bool,
    /// The language that it is in.
    pub(super) language: Language,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What is skipped on purpose.
    pub(super) skipped_texts: Vec<Spanned<String>>,
    /// Where the diagnostics begin.
    noted: FxHashSet<u32>,
    /// Made when a message names a line.
    lines: OnceCell<LineIndex>,
    pub(super) skipped: Skipped,
}

/// What could not be read, so that nothing is said to be missing that may have stood there.
#[derive(Clone, Copy, Default)]
pub(super) struct Skipped {
    /// A declaration of the init section.
    pub(super) init: bool,
    /// The line `P0 | P1 ;`.
    pub(super) columns: bool,
    /// A row of code, in which labels may have stood.
    pub(super) code: bool,
    /// A proposition that is nested too deep, so that its parentheses do not match.
    pub(super) nesting: bool,
    /// Where what is not read begins: a comment that is never closed, or what follows too many mistakes.
    pub(super) rest: Option<u32>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, expired: &'a dyn Fn() -> bool) -> Parser<'a> {
        Parser {
            text,
            expired,
            next_check: text.len().saturating_sub(BYTES_BETWEEN_CHECKS),
            late: false,
            language: Language::default(),
            diagnostics: Vec::new(),
            skipped_texts: Vec::new(),
            noted: FxHashSet::default(),
            lines: OnceCell::new(),
            skipped: Skipped::default(),
        }
    }

    /// Where a suffix of the text begins.
    pub(super) fn offset(&self, rest: &[u8]) -> usize {
        self.text.len() - rest.len()
    }

    /// From one suffix to another.
    pub(super) fn span(&self, from: &[u8], to: &[u8]) -> Span {
        Span { start: self.offset(from) as u32, end: self.offset(to) as u32 }
    }

    /// The first `length` bytes of a suffix.
    fn span_of(&self, at: &[u8], length: usize) -> Span {
        let start = self.offset(at) as u32;
        Span { start, end: start + length as u32 }
    }

    /// The text at a span.
    pub(super) fn text_at(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Where a span begins.
    pub(super) fn line_column(&self, span: Span) -> (u32, u32) {
        self.lines.get_or_init(|| LineIndex::new(self.text)).line_column(span.start)
    }

    /// Turns an error into a diagnostic, unless there is one at that place already. Returns where to look for
    /// the next item: behind a wrong word, at a wrong mark (it may end the item), or at the text's end if
    /// what is wrong is a comment that is never closed.
    #[cold]
    pub(super) fn report(&mut self, error: nom::Err<SyntaxError<'a>>) -> &'a [u8] {
        let (nom::Err::Error(error) | nom::Err::Failure(error)) = error else {
            return &[];
        };
        let at = error.at;
        if at.starts_with(b"(*") {
            self.note(at, 2, "this comment is never closed".into(), Some("add `*)`".into()));
            return self.skip_rest(at);
        }
        if at.starts_with(b"/*") {
            let end = memchr::memmem::find(at, b"*/").map_or(at.len(), |end| end + 2);
            let help = Some("comments are `(* ... *)`, `// ...` or `# ...`".into());
            self.note(at, end.min(2), "`/*` begins no comment here".into(), help);
            return &at[end..];
        }
        let message = error.into_message();
        let span = self.span_of(at, message.length);
        let (problem, help) = (message.problem, message.help);
        self.diagnose(Diagnostic { problem, span, message: message.text, help });
        if self.diagnostics.len() >= MOST_MISTAKES {
            return self.skip_rest(&at[message.length..]);
        }
        if at.first().is_some_and(|byte| in_name(*byte)) { &at[message.length..] } else { at }
    }

    /// A suffix at which an item begins; the text's end where the time is up.
    #[inline]
    pub(super) fn in_time(&mut self, i: &'a [u8]) -> &'a [u8] {
        if i.len() >= self.next_check {
            return i;
        }
        self.next_check = i.len().saturating_sub(BYTES_BETWEEN_CHECKS);
        self.late |= (self.expired)();
        if self.late { self.skip_rest(i) } else { i }
    }

    /// Reads no further, and notes no mistake behind `at`. Gives the text's end.
    #[cold]
    fn skip_rest(&mut self, at: &[u8]) -> &'a [u8] {
        let rest = Some(self.offset(at) as u32);
        self.skipped = Skipped { init: true, columns: true, code: true, rest, ..self.skipped };
        &[]
    }

    /// Notes that the first `length` bytes of `at` are skipped.
    #[cold]
    pub(super) fn skip(&mut self, at: &'a [u8], length: usize, what: &str, why: &str) {
        let value = format!("{what} is skipped: {why}");
        self.skipped_texts.push(Spanned { value, span: self.span_of(at, length) });
    }

    /// Says that `what` is missing behind `i`; returns where to go on, as if it stood there.
    pub(super) fn missing(&mut self, i: &'a [u8], what: &'static str) -> &'a [u8] {
        let next = blank(i);
        if next.starts_with(b"(*") {
            return self.report(expected(next, what));
        }
        let place = if starts_line(i, next) { after_spaces(i) } else { next };
        self.report(expected(place, what));
        next
    }

    /// Notes a syntax mistake about the first `length` bytes of `at`.
    #[cold]
    pub(super) fn note(&mut self, at: &[u8], length: usize, message: String, help: Option<String>) {
        self.note_at(self.span_of(at, length), message, help);
    }

    /// Notes a syntax mistake about what stands at `span`.
    #[cold]
    pub(super) fn note_at(&mut self, span: Span, message: String, help: Option<String>) {
        self.diagnose(Diagnostic { problem: Problem::Syntax, span, message, help });
    }

    /// Adds a diagnostic if it is the first at its place, in what is read, and not one too many.
    #[cold]
    fn diagnose(&mut self, diagnostic: Diagnostic) {
        let read = self.skipped.rest.is_none_or(|rest| diagnostic.span.start <= rest);
        if !read || self.diagnostics.len() >= MOST_MISTAKES {
            return;
        }
        if self.noted.insert(diagnostic.span.start) {
            self.diagnostics.push(diagnostic);
        }
    }
}
