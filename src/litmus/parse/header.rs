//! The header: architecture, name, description, metadata, up to the `{` of the init section.

use crate::litmus::{Problem, Test};

use super::Parser;
use super::place::at_register;
use super::suggest;
use super::token::{after_line, at, blank, expected, line_length, name_length, said, text};

/// Architectures of herd whose tests are something else, not misspelt.
const OTHERS: [&str; 12] =
    ["AArch64", "ARM", "PPC", "X86", "X86_64", "MIPS", "C", "LISA", "BPF", "JAVA", "ASL", "CPP"];

impl<'a> Parser<'a> {
    /// Reads up to the `{`, which is left. `None` when the text is of another architecture or has
    /// nothing of a litmus test.
    pub(super) fn header(&mut self, i: &'a [u8], test: &mut Test) -> Option<&'a [u8]> {
        let mut i = self.architecture_and_name(i, test)?;
        let mut broken_line = false;
        loop {
            i = blank(i);
            match i {
                [b'{', ..] => return Some(i),
                // Something else stands in the place of the `{`, or nothing.
                [b'0'..=b'9', ..] if at_register(i) => {
                    if !broken_line {
                        self.report(expected(i, "`{` before the declarations"));
                    }
                    return Some(i);
                }
                [b'"', rest @ ..] => i = self.description(i, rest, test),
                [] => {
                    self.report(expected(i, "the init section `{ ... }`"));
                    return Some(i);
                }
                _ => {
                    let line = self.line(i);
                    match metadata(line) {
                        Some((key, value)) => {
                            // The value is a part of the line.
                            let start = value.as_ptr() as usize - line.as_ptr() as usize;
                            test.metadata.push(key, value, (self.offset(i) + start) as u32);
                            i = &i[line.len()..];
                        }
                        None if starts_columns(i) => return Some(i),
                        None => {
                            let what = "a `Key=value` line, a quoted description or `{`";
                            i = self.report(expected(i, what));
                            i = after_line(i);
                            broken_line = true;
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

    /// `RISCV MP+po`
    fn architecture_and_name(&mut self, i: &'a [u8], test: &mut Test) -> Option<&'a [u8]> {
        let length = name_length(i);
        let (word, mut rest) = i.split_at(length);
        if word != b"RISCV" {
            let word = text(word);
            if OTHERS.contains(&word) {
                let message = format!("this is a test for {word}");
                let help = Some("only `RISCV` tests can be run".to_string());
                self.report(said(i, length, Problem::Unsupported, message, help));
                return None;
            }
            let near = suggest::nearest(&word.to_ascii_uppercase(), ["RISCV"]).is_some();
            if length == 0 || !near {
                let found = self.report(expected(i, "`RISCV` and the test's name"));
                // A file that is no litmus test at all is one mistake, not one for each line.
                if !i.contains(&b'{') {
                    return None;
                }
                rest = found;
            } else {
                let help = Some(suggest::did_you_mean("RISCV"));
                self.note(i, length, format!("unknown architecture `{word}`"), help);
            }
        }
        let line = after_spaces(rest);
        let name = name(self.line(line));
        if name.is_empty() || name.starts_with(['{', '"']) {
            self.report(expected(line, "the test's name"));
        }
        test.name = name.into();
        let mut rest = &line[name.len()..];
        while let [b' ' | b'\t' | b'\r', after @ ..] = rest {
            rest = after;
        }
        let ends = matches!(rest, [] | [b'\n' | b'{' | b'"', ..]) || blank(rest) != rest;
        if !ends {
            self.report(expected(rest, "the end of the line after the test's name"));
            return Some(after_line(rest));
        }
        Some(rest)
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
    let ends = |(at, byte): (usize, u8)| match byte {
        b'!'..=b'\'' | b')'..=b'~' => false,
        b'(' => line[at..].starts_with("(*"),
        0x80.. => line
            .get(at..)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c.is_control())),
        _ => true,
    };
    let length = line.bytes().enumerate().position(ends);
    &line[..length.unwrap_or(line.len())]
}

/// Skips blanks and tabulators.
pub(super) fn after_spaces(mut i: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = i {
        i = rest;
    }
    i
}

/// `Key=value`
fn metadata(line: &str) -> Option<(&str, &str)> {
    let key = name_length(line.as_bytes());
    let value = after_spaces(&line.as_bytes()[key..]).strip_prefix(b"=")?;
    (key > 0).then(|| (&line[..key], line[line.len() - value.len()..].trim_ascii()))
}

/// Does `P0 |` or `P0 ;` stand here? (`P0;` may also declare a location: not after the last `}`.)
#[inline]
pub(super) fn starts_columns(i: &[u8]) -> bool {
    let Some(rest) = i.strip_prefix(b"P0") else { return false };
    let next = blank(rest);
    at(next, b'|') || (at(next, b';') && !next.contains(&b'}'))
}
