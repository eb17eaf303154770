//! The header: architecture, name, description, metadata, up to the `{` of the init section.

use crate::litmus::{Problem, Test};

use super::Parser;
use super::place::at_register;
use super::suggest;
use super::token::{after_line, at, blank, expected, name_length, said};

/// Architectures of herd whose tests are something else, not misspelt.
const OTHERS: [&str; 12] =
    ["AArch64", "ARM", "PPC", "X86", "X86_64", "MIPS", "C", "LISA", "BPF", "JAVA", "ASL", "CPP"];

impl<'a> Parser<'a> {
    /// Reads up to the `{`, which is left. `None` when the text is of another architecture or has
    /// nothing of a litmus test.
    pub(super) fn header(&mut self, i: &'a str, test: &mut Test) -> Option<&'a str> {
        let mut i = self.architecture_and_name(i, test)?;
        let mut broken_line = false;
        loop {
            i = blank(i);
            match i.as_bytes() {
                [b'{', ..] => return Some(i),
                // Something else stands in the place of the `{`, or nothing.
                [b'0'..=b'9', ..] if at_register(i) => {
                    if !broken_line {
                        self.report(expected(i, "`{` before the declarations"));
                    }
                    return Some(i);
                }
                [b'"', ..] => i = self.description(i, test),
                [] => {
                    self.report(expected(i, "the init section `{ ... }`"));
                    return Some(i);
                }
                _ => match metadata(i) {
                    Some((rest, key, value)) => {
                        test.metadata.push((key.into(), value.into()));
                        i = rest;
                    }
                    None if starts_columns(i) => return Some(i),
                    None => {
                        let what = "a `Key=value` line, a quoted description or `{`";
                        i = self.report(expected(i, what));
                        i = after_line(i);
                        broken_line = true;
                    }
                },
            }
        }
    }

    /// `RISCV MP+po`
    fn architecture_and_name(&mut self, i: &'a str, test: &mut Test) -> Option<&'a str> {
        let length = name_length(i);
        let (word, mut rest) = i.split_at(length);
        if word != "RISCV" {
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
                if !i.contains('{') {
                    return None;
                }
                rest = found;
            } else {
                let help = Some(suggest::did_you_mean("RISCV"));
                self.note(i, length, format!("unknown architecture `{word}`"), help);
            }
        }
        let line = rest.trim_start_matches([' ', '\t']);
        let ends = |c: char| c.is_whitespace() || c.is_control();
        let name = line.split(ends).next().unwrap_or_default();
        let name = name.split("(*").next().unwrap_or_default();
        if name.is_empty() || name.starts_with(['{', '"']) {
            self.report(expected(line, "the test's name"));
        }
        test.name = name.into();
        let rest = line[name.len()..].trim_start_matches([' ', '\t', '\r']);
        if !(rest.is_empty() || rest.starts_with(['\n', '{', '"']) || blank(rest) != rest) {
            self.report(expected(rest, "the end of the line after the test's name"));
            return Some(after_line(rest));
        }
        Some(rest)
    }

    /// `"quoted text"`, over any number of lines.
    fn description(&mut self, i: &'a str, test: &mut Test) -> &'a str {
        let Some(length) = i[1..].find('"') else {
            self.note(i, 1, "this description is never closed".into(), Some("add `\"`".into()));
            return after_line(i);
        };
        let text = &i[1..=length];
        if test.description.is_some() {
            self.note(i, length + 2, "a second description".into(), None);
        }
        test.description.get_or_insert_with(|| text.into());
        &i[length + 2..]
    }
}

/// `Key=value` up to the end of the line.
fn metadata(i: &str) -> Option<(&str, &str, &str)> {
    let key = name_length(i);
    let value = i[key..].trim_start_matches([' ', '\t']).strip_prefix('=')?;
    if key == 0 {
        return None;
    }
    let end = line_length(value);
    Some((&value[end..], &i[..key], value[..end].trim_ascii()))
}

/// Length of the line in front.
fn line_length(i: &str) -> usize {
    i.find('\n').unwrap_or(i.len())
}

/// Does `P0 |` or `P0 ;` stand here? (`P0;` may also declare a location: not after the last `}`.)
pub(super) fn starts_columns(i: &str) -> bool {
    let Some(rest) = i.strip_prefix("P0") else { return false };
    let next = blank(rest);
    at(next, b'|') || (at(next, b';') && !next.contains('}'))
}
