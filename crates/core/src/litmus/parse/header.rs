//! The header behind its first word: name, description, metadata, up to the `{` of the init section.

use std::ops::Range;

use super::parser::Parser;
use super::place::at_register;
use crate::litmus::lexer::{
    after_line, after_spaces, at, blank, expected, first_character, line_length, name_length,
    plain_name_length, text,
};
use crate::litmus::metadata::{Line as MetadataAt, Metadata};
use crate::litmus::{Span, Test};

/// Lines of metadata that there is room for at first.
const LINES: usize = 8;

impl<'a> Parser<'a> {
    /// Reads what stands between the language and the `{`, which is left.
    pub(super) fn header(&mut self, i: &'a [u8], test: &mut Test) -> &'a [u8] {
        let i = self.name(i, test);
        let mut lines = Vec::with_capacity(LINES);
        let rest = self.up_to_brace(i, test, &mut lines);
        test.metadata = Metadata::of(self.text, lines);
        rest
    }

    /// What stands between the name and the `{`.
    fn up_to_brace(
        &mut self,
        mut i: &'a [u8],
        test: &mut Test,
        lines: &mut Vec<MetadataAt>,
    ) -> &'a [u8] {
        loop {
            i = blank(i);
            match i {
                [b'{', ..] => return i,
                // Something else stands in the place of the `{`, or nothing.
                [b'0'..=b'9', ..] if at_register(i) => {
                    self.report(expected(i, "`{` before the declarations"));
                    return i;
                }
                [b';', rest @ ..] => i = rest,
                [b'"', rest @ ..] => i = self.description(i, rest, test),
                [] => {
                    self.report(expected(i, "the init section `{ ... }`"));
                    return i;
                }
                _ => {
                    let line = &i[..line_length(i)];
                    match metadata(line) {
                        Some((key, value)) => {
                            let at = self.offset(i);
                            let span = |part: Range<usize>| Span {
                                start: (at + part.start) as u32,
                                end: (at + part.end) as u32,
                            };
                            lines.push(MetadataAt { key: span(0..key), value: span(value) });
                            i = &i[line.len()..];
                        }
                        None if starts_columns(i) => return i,
                        None => {
                            let length = memchr::memchr(b'{', line).unwrap_or(line.len());
                            let what = if line.starts_with(b"(*") {
                                "a comment that is never closed"
                            } else {
                                "this text"
                            };
                            self.skip(i, length, what, "it is neither `Key=value` nor quoted");
                            i = &i[length..];
                        }
                    }
                }
            }
        }
    }

    /// What is left of the line at a suffix of the text.
    fn line(&self, i: &[u8]) -> &'a str {
        let start = self.offset(i);
        &self.text[start..start + line_length(i)]
    }

    /// `MP+po` and the end of its line.
    fn name(&mut self, i: &'a [u8], test: &mut Test) -> &'a [u8] {
        let line = after_spaces(i);
        let name = name(self.line(line));
        if name.is_empty() || name.starts_with(['{', '"']) {
            self.report(expected(line, "the test's name"));
        }
        test.name = name.into();
        let mut rest = after_spaces(&line[name.len()..]);
        // A second name, for papers.
        if at(rest, b'(')
            && blank(rest) == rest
            && let Some(close) = memchr::memchr(b')', &rest[..line_length(rest)])
        {
            rest = &rest[close + 1..];
        }
        let next = after_spaces(rest);
        if first_character(next).is_some_and(|c| c.is_control() && !c.is_whitespace()) {
            self.report(expected(next, "the end of the line after the test's name"));
            return after_line(rest);
        }
        rest
    }

    /// `"quoted text"`, over any number of lines.
    fn description(&mut self, i: &'a [u8], quoted: &'a [u8], test: &mut Test) -> &'a [u8] {
        let Some(length) = memchr::memchr(b'"', quoted) else {
            self.note(i, 1, "this description is never closed".into(), Some("add `\"`".into()));
            return after_line(i);
        };
        if test.description.is_some() {
            self.note(i, length + 2, "a second description".into(), None);
        }
        test.description.get_or_insert_with(|| text(&quoted[..length]).into());
        &quoted[length + 1..]
    }
}

/// The name of a test: up to white space, a control character or a comment.
fn name(line: &str) -> &str {
    let bytes = line.as_bytes();
    let mut at = 0;
    loop {
        at += plain_name_length(&bytes[at..]);
        let goes_on = match &bytes[at..] {
            [b'(', rest @ ..] => !self::at(rest, b'*'),
            [0x80..=0xff, ..] => !line.get(at..).is_some_and(|rest| {
                rest.starts_with(|c: char| c.is_whitespace() || c.is_control())
            }),
            _ => false,
        };
        if !goes_on {
            return &line[..at];
        }
        at += 1;
    }
}

/// `Key=value`: the length of the key, and where in the line the value stands.
fn metadata(line: &[u8]) -> Option<(usize, Range<usize>)> {
    let key = name_length(line);
    let value = after_spaces(&line[key..]).strip_prefix(b"=")?.trim_ascii_start();
    let start = line.len() - value.len();
    (key > 0).then(|| (key, start..start + value.trim_ascii_end().len()))
}

/// Does `P0 |` or `P0 ;` stand here? (`P0;` may also declare a location: not after the last `}`.)
#[inline]
pub(super) fn starts_columns(i: &[u8]) -> bool {
    let Some(rest) = i.strip_prefix(b"P0") else { return false };
    let next = blank(rest);
    at(next, b'|') || (at(next, b';') && !next.contains(&b'}'))
}
