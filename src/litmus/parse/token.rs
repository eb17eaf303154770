//! Tokens: what every part of the grammar is made of, as nom parsers over the rest of the text.
//!
//! Each parser gets a *suffix* of the text and returns a shorter suffix, so the length of what is
//! left is also the position, and nothing is copied. Blanks in front of a token are the caller's.

use nom::error::{ErrorKind, ParseError};
use nom::{IResult, Parser};

use crate::litmus::Problem;

/// What a parser returns: what is left and what was read, or a [`Mistake`].
///
/// `Err::Error` means "not this, try something else", `Err::Failure` "this, and it is wrong".
pub(super) type Res<'a, T> = IResult<&'a str, T, Mistake<'a>>;

/// Why a parser did not succeed; becomes a `Diagnostic` only when it is reported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Mistake<'a> {
    /// The rest of the text from the offending token on.
    pub(super) at: &'a str,
    /// What is to be said.
    pub(super) what: What,
}

/// The two ways of being wrong, the second boxed since it is rare.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum What {
    /// Something else should stand there.
    Expected(&'static str),
    /// Anything that needs its own words.
    Said(Box<Said>),
}

/// A message of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Said {
    /// How it counts.
    pub(super) problem: Problem,
    /// How many bytes of the text it is about.
    pub(super) length: usize,
    /// What is wrong.
    pub(super) message: String,
    /// What to do about it.
    pub(super) help: Option<String>,
}

impl<'a> ParseError<&'a str> for Mistake<'a> {
    fn from_error_kind(at: &'a str, _: ErrorKind) -> Self {
        Mistake { at, what: What::Expected("something else") }
    }

    fn append(_: &'a str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// "Not this": `what` should stand at the front of `at`.
pub(super) fn expected<'a>(at: &'a str, what: &'static str) -> nom::Err<Mistake<'a>> {
    nom::Err::Error(Mistake { at, what: What::Expected(what) })
}

/// "This, and it is wrong": the first `length` bytes of `at`.
#[cold]
pub(super) fn wrong(
    at: &str,
    length: usize,
    message: impl Into<String>,
    help: Option<String>,
) -> nom::Err<Mistake<'_>> {
    said(at, length, Problem::Syntax, message.into(), help)
}

/// As [`wrong`], with another weight.
#[cold]
pub(super) fn said(
    at: &str,
    length: usize,
    problem: Problem,
    message: String,
    help: Option<String>,
) -> nom::Err<Mistake<'_>> {
    let what = What::Said(Box::new(Said { problem, length, message, help }));
    nom::Err::Failure(Mistake { at, what })
}

/// Skips white space, `(* nested comments *)` and `// lines`.
///
/// Stops in front of a comment that is never closed: no token begins with `(*`, so whoever comes next
/// fails there, and the report of that failure names the comment.
#[inline]
pub(super) fn blank(i: &str) -> &str {
    match i.as_bytes() {
        [b' ', b'!'..=b'\'' | b')'..=b'.' | b'0'..=b'~', ..] => &i[1..],
        [b'(' | b'/' | 0..=b' ', ..] => blanks(i),
        _ => i,
    }
}

/// [`blank`] where there may be something to skip.
fn blanks(mut i: &str) -> &str {
    loop {
        let bytes = i.as_bytes();
        let white = bytes.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(bytes.len());
        i = &i[white..];
        match &bytes[white..] {
            [b'(', b'*', ..] => match after_comment(i) {
                Some(rest) => i = rest,
                None => return i,
            },
            [b'/', b'/', ..] => i = after_line(i),
            _ => return i,
        }
    }
}

/// What follows the line's end.
pub(super) fn after_line(i: &str) -> &str {
    i.find('\n').map_or("", |newline| &i[newline + 1..])
}

/// What follows the comment at the front of `i`; `None` if it is not closed.
fn after_comment(i: &str) -> Option<&str> {
    let bytes = i.as_bytes();
    let (mut at, mut depth) = (2, 1_usize);
    while depth > 0 {
        match (bytes.get(at)?, bytes.get(at + 1)?) {
            (b'(', b'*') => (at, depth) = (at + 2, depth + 1),
            (b'*', b')') => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    i.get(at..)
}

/// May `byte` stand in a name after its first character?
pub(super) const fn in_name(byte: u8) -> bool {
    IN_NAME[byte as usize]
}

/// [`in_name`] as a table: it is asked for most bytes of a file.
static IN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$');
        byte += 1;
    }
    table
};

/// Length of the name at the front of `i`, 0 if there is none.
pub(super) fn name_length(i: &str) -> usize {
    match i.as_bytes() {
        [first, rest @ ..] if in_name(*first) && !first.is_ascii_digit() => {
            1 + rest.iter().position(|b| !in_name(*b)).unwrap_or(rest.len())
        }
        _ => 0,
    }
}

/// A name: of an instruction, a label, a location, a type.
pub(super) fn name<'a>(
    what: &'static str,
) -> impl Parser<&'a str, Output = &'a str, Error = Mistake<'a>> {
    move |i: &'a str| match name_length(i) {
        0 => Err(expected(i, what)),
        length => {
            let (name, rest) = i.split_at(length);
            Ok((rest, name))
        }
    }
}

/// A punctuation mark that is one ASCII character, with the blanks before and after it. A `(` that
/// begins a comment is none.
pub(super) fn mark<'a>(
    mark: u8,
    what: &'static str,
) -> impl Parser<&'a str, Output = (), Error = Mistake<'a>> {
    move |i: &'a str| {
        let i = blank(i);
        match i.as_bytes() {
            [b'(', b'*', ..] => Err(expected(i, what)),
            [first, ..] if *first == mark => Ok((blank(&i[1..]), ())),
            _ => Err(expected(i, what)),
        }
    }
}

/// Is the first byte of `i` this one?
pub(super) fn at(i: &str, byte: u8) -> bool {
    i.as_bytes().first() == Some(&byte)
}

/// Does a number begin here?
pub(super) fn at_number(i: &str) -> bool {
    matches!(i.as_bytes(), [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..])
}

/// A number with its sign: decimal or `0x` hexadecimal, from -2^63 to 2^64-1.
pub(super) fn number(i: &str) -> Res<'_, i128> {
    match i.as_bytes() {
        [digit @ b'0'..=b'9', next, ..] if !in_name(*next) => {
            Ok((&i[1..], i128::from(digit - b'0')))
        }
        _ => long_number(i),
    }
}

/// [`number`] of more than one character.
fn long_number(i: &str) -> Res<'_, i128> {
    let (negative, digits) = match i.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, i),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0'..=b'9', ..] => (10, digits),
        _ => return Err(expected(i, "a number")),
    };
    let mut value: u64 = 0;
    let (mut length, mut fits) = (0, true);
    for digit in digits.bytes().map_while(|b| (b as char).to_digit(radix)) {
        let next = value.checked_mul(radix.into()).and_then(|v| v.checked_add(digit.into()));
        (value, fits) = (next.unwrap_or(0), fits && next.is_some());
        length += 1;
    }
    let rest = &digits[length..];
    let tail = rest.bytes().take_while(|b| in_name(*b)).count();
    let all = i.len() - rest.len() + tail;
    if length == 0 || tail > 0 {
        let message = format!("`{}` is not a number", &i[..all]);
        return Err(wrong(i, all, message, Some("numbers are decimal or 0x hexadecimal".into())));
    }
    let value = if negative { -i128::from(value) } else { i128::from(value) };
    if !fits || value < i64::MIN.into() {
        let message = format!("`{}` does not fit in 64 bits", &i[..all]);
        return Err(wrong(i, all, message, None));
    }
    Ok((rest, value))
}

/// Skips one name, number or character.
pub(super) fn after_token(i: &str) -> &str {
    let word = i.bytes().take_while(|b| in_name(*b)).count();
    let length = if word > 0 { word } else { i.chars().next().map_or(0, char::len_utf8) };
    &i[length..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_skipped() {
        assert_eq!(blank(" \t\r\n x"), "x");
        assert_eq!(blank("(* a (* b *) c *) // d\n x"), "x");
        assert_eq!(blank("(* a (* b *) x"), "(* a (* b *) x", "not closed");
        assert_eq!(blank("(*) x *)y"), "y", "`(*)` opens a comment and does not close it");
        assert_eq!(blank("// to the end"), "");
        assert_eq!(blank("(* é *)é"), "é");
        assert_eq!(blank("(*"), "(*");
    }

    #[test]
    fn numbers_of_64_bits() {
        let value = |text: &'static str| number(text).map(|(_, value)| value).ok();
        assert_eq!(value("18446744073709551615"), Some(u64::MAX.into()));
        assert_eq!(value("18446744073709551616"), None);
        assert_eq!(value("-9223372036854775808"), Some(i64::MIN.into()));
        assert_eq!(value("-9223372036854775809"), None);
        assert_eq!(value("0xffffffffffffffff"), Some(u64::MAX.into()));
        assert_eq!(value("-0x1"), Some(-1));
        for text in ["0x", "12ab", "1.5", "--1", "+1", "-", "", "0xg", "0b1"] {
            assert_eq!(value(text), None, "{text}");
        }
        assert_eq!(number("12)").map(|(rest, _)| rest), Ok(")"));
    }
}
