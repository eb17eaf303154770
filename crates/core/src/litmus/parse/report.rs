//! From a parser's mistake to a diagnostic.

use crate::litmus::{Diagnostic, LineIndex, Problem, Span};

use super::token::{Mistake, Said, What, first_character, in_name, name_length, text};
use super::{Damage, Parser};

impl<'a> Mistake<'a> {
    /// "expected ..., found ..." with help.
    pub(super) fn expected(at: &'a [u8], what: &str, help: Option<String>) -> Mistake<'a> {
        let (length, found) = found(at);
        let message = format!("expected {what}, found {found}");
        let said = Said { problem: Problem::Syntax, length, message, help };
        Mistake { at, what: What::Said(Box::new(said)) }
    }
}

/// The token that stands in front, and what to call it.
fn found(at: &[u8]) -> (usize, String) {
    let Some(first) = first_character(at) else {
        return (0, "the end of the file".into());
    };
    let digits = at.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let length = match (first, name_length(at).max(digits)) {
        ('\n' | '\r', _) => return (0, "the end of the line".into()),
        (_, 0) if [b"/\\", b"\\/", b"=>"].iter().any(|operator| at.starts_with(*operator)) => 2,
        (_, 0) => first.len_utf8(),
        (_, length) => length,
    };
    let token = text(&at[..length]);
    match first.is_control() {
        true => (length, format!("`{}`", token.escape_debug())),
        false => (length, format!("`{token}`")),
    }
}

impl<'a> Parser<'a> {
    /// Notes a mistake, unless one is noted at that place already. Returns where to look for the next
    /// item: behind a wrong word, at a wrong mark (it may end the item), or at the text's end if
    /// what is wrong is a comment that is never closed.
    #[cold]
    pub(super) fn report(&mut self, error: nom::Err<Mistake<'a>>) -> &'a [u8] {
        let (nom::Err::Error(mistake) | nom::Err::Failure(mistake)) = error else {
            return &[];
        };
        let at = mistake.at;
        if at.starts_with(b"(*") {
            self.note(at, 2, "this comment is never closed".into(), Some("add `*)`".into()));
            let comment = Some(self.offset(at) as u32);
            self.damage = Damage { init: true, columns: true, code: true, comment, ..self.damage };
            return &[];
        }
        let Mistake { what: What::Said(said), .. } = (match mistake.what {
            What::Expected(what) => Mistake::expected(at, what, None),
            What::Said(_) => mistake,
        }) else {
            return at;
        };
        let start = self.offset(at) as u32;
        let span = Span { start, end: start + said.length as u32 };
        self.diagnose(Diagnostic {
            problem: said.problem,
            span,
            message: said.message,
            help: said.help,
        });
        if at.first().is_some_and(|byte| in_name(*byte)) { &at[said.length..] } else { at }
    }

    /// Where a span begins.
    pub(super) fn line_column(&self, span: Span) -> (u32, u32) {
        self.lines.get_or_init(|| LineIndex::new(self.text)).line_column(span.start)
    }

    /// Notes a syntax mistake about the first `length` bytes of `at`.
    #[cold]
    pub(super) fn note(&mut self, at: &[u8], length: usize, message: String, help: Option<String>) {
        let start = self.offset(at) as u32;
        let span = Span { start, end: start + length as u32 };
        self.diagnose(Diagnostic { problem: Problem::Syntax, span, message, help });
    }

    /// Adds a diagnostic if it is the first at its place, and not in a comment that is never closed.
    #[cold]
    pub(super) fn diagnose(&mut self, diagnostic: Diagnostic) {
        if self.damage.comment.is_some_and(|comment| comment < diagnostic.span.start) {
            return;
        }
        if self.noted.insert(diagnostic.span.start) {
            self.diagnostics.push(diagnostic);
        }
    }
}
