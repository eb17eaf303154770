//! Diagnostics for people: the line with a caret under what is wrong, and what to do about it.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use std::borrow::Cow;
use std::ops::Range;

use super::visible::visible_source;
use super::{Diagnostics, Problem, visible};

/// Whether to use terminal colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    /// Plain text, for files and pipes.
    Never,
    /// ANSI colours.
    Always,
}

/// All mistakes of the file `name` with the contents `text`, one after the other, a line's end behind
/// the last. `text` is what was parsed, since the places are offsets into it.
#[must_use]
pub fn render(name: &str, text: &str, diagnostics: &Diagnostics, colour: Colour) -> String {
    let renderer = match colour {
        Colour::Never => Renderer::plain(),
        Colour::Always => Renderer::styled(),
    };
    let mut out = String::new();
    for diagnostic in &diagnostics.0 {
        let level = match diagnostic.problem {
            Problem::Syntax => Level::ERROR,
            Problem::Unsupported => Level::ERROR.with_name("unsupported"),
            Problem::IllegalInstruction => Level::ERROR.with_name("illegal instruction"),
            Problem::Late => Level::ERROR.with_name("timeout"),
            Problem::Memory => Level::ERROR.with_name("memory-limit"),
        };
        let start = boundary(text, diagnostic.span.start as usize);
        let end = boundary(text, diagnostic.span.end as usize).max(start);
        // One line is enough: what is wrong begins there.
        let end = text[start..end].find('\n').map_or(end, |newline| start + newline);
        let Source { shown, line, place } = Source::of(text, start..end);
        let place = AnnotationKind::Primary.span(place);
        let snippet = Snippet::source(shown).line_start(line).path(visible(name)).annotation(place);
        let mut group = level.primary_title(visible(&diagnostic.message)).element(snippet);
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(visible(help)));
        }
        out.push_str(&renderer.render(&[group]));
        out.push('\n');
    }
    out
}

/// The text that a place is shown in.
struct Source<'t> {
    shown: Cow<'t, str>,
    /// The number of its first line.
    line: usize,
    place: Range<usize>,
}

impl Source<'_> {
    /// The whole text, or the line alone if there is something in it that a terminal would obey.
    fn of(text: &str, place: Range<usize>) -> Source<'_> {
        // The end of the text is shown behind its last line.
        let at = place.start - usize::from(place.start == text.len() && text.ends_with('\n'));
        let from = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let to = text[at..].find('\n').map_or(text.len(), |n| at + n);
        let to = from + text[from..to].trim_end_matches('\r').len();
        let cut = |at: usize| at.clamp(from, to);
        let parts = [from..cut(place.start), cut(place.start)..cut(place.end), cut(place.end)..to];
        let [before, within, after] = parts.map(|part| visible_source(&text[part]));
        if [&before, &within, &after].iter().all(|part| matches!(part, Cow::Borrowed(_))) {
            return Source { shown: Cow::Borrowed(text), line: 1, place };
        }
        let place = before.len()..before.len() + within.len();
        let line = 1 + text[..from].matches('\n').count();
        Source { shown: Cow::Owned([before, within, after].concat()), line, place }
    }
}

/// The nearest place at or before `offset` where `text` can be cut.
fn boundary(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::litmus::{Diagnostic, Span};

    fn one(start: u32, end: u32) -> Diagnostics {
        Diagnostics(vec![Diagnostic {
            problem: Problem::Syntax,
            span: Span { start, end },
            message: "unknown instruction `lwx`".into(),
            help: Some("did you mean `lw`?".into()),
        }])
    }

    #[test]
    fn name_line_column_caret_message_and_help() {
        let text = "RISCV t\r\n{ }\r\n P0 ;\r\n lwx x5,0(x6) ;\r\n";
        let shown = render("t.litmus", text, &one(22, 25), Colour::Never);
        assert_eq!(
            shown,
            "error: unknown instruction `lwx`\n \
             --> t.litmus:4:2\n  |\n\
             4 |  lwx x5,0(x6) ;\n  |  ^^^\n  |\n  \
             = help: did you mean `lw`?\n"
        );
        assert!(render("t.litmus", text, &one(22, 25), Colour::Always).contains("\u{1b}["));
    }

    #[test]
    fn nothing_of_the_text_is_obeyed() {
        let text = "RISCV t\n{ }\n P0 ;\n l\x1b[2J x5\u{202e} ;\n";
        let mut wrong = one(20, 26);
        wrong.0[0].message = "unknown \x1b[2J".into();
        let shown = render("\u{9b}a\nb", text, &wrong, Colour::Never);
        assert_eq!(
            shown,
            "error: unknown \\x1b[2J\n \
             --> \\u{9b}a\\nb:4:3\n  |\n\
             4 |  l\\x1b[2J x5\\u{202e} ;\n  |   ^^^^^^^^^\n  |\n  \
             = help: did you mean `lw`?\n"
        );
    }

    #[test]
    fn no_place_makes_it_panic() {
        for text in ["", "é", "a\u{301}\t\n\n", "\u{feff}RISCV"] {
            for start in 0..8 {
                for end in 0..8 {
                    let shown = render("t", text, &one(start, end), Colour::Never);
                    assert!(shown.contains("lwx"));
                }
            }
        }
    }
}
