//! Why a parser did not succeed.

use nom::IResult;
use nom::error::{ErrorKind, ParseError};

use super::scan::{first_character, name_length, text};
use crate::litmus::Problem;

/// What a parser returns: what is left of the text and what was read, or a [`SyntaxError`].
///
/// `Err::Error` means "not this, try something else", `Err::Failure` "this, and it is wrong".
pub(in crate::litmus) type Parsed<'a, T> = IResult<&'a [u8], T, SyntaxError<'a>>;

/// An error at a place in the text; it becomes a `Diagnostic` only when it is reported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::litmus) struct SyntaxError<'a> {
    /// The rest of the text from the offending token on.
    pub(in crate::litmus) at: &'a [u8],
    pub(in crate::litmus) reason: Reason,
}

/// The two kinds of reasons, the second boxed since it is rare.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::litmus) enum Reason {
    /// Something else should stand there.
    Expected(&'static str),
    /// Anything that needs its own words.
    Message(Box<Message>),
}

/// A message about a part of the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::litmus) struct Message {
    pub(in crate::litmus) problem: Problem,
    /// Number of bytes of the text that it is about.
    pub(in crate::litmus) length: usize,
    /// What is wrong.
    pub(in crate::litmus) text: String,
    /// What to do about it.
    pub(in crate::litmus) help: Option<String>,
}

impl<'a> SyntaxError<'a> {
    /// "expected ..., found ..." with help.
    pub(in crate::litmus) fn expected(at: &'a [u8], what: &str, help: Option<String>) -> Self {
        let message = Message::expected(at, what, help);
        SyntaxError { at, reason: Reason::Message(Box::new(message)) }
    }

    /// What is to be said of the place.
    pub(in crate::litmus) fn into_message(self) -> Message {
        match self.reason {
            Reason::Expected(what) => Message::expected(self.at, what, None),
            Reason::Message(message) => *message,
        }
    }
}

impl Message {
    fn expected(at: &[u8], what: &str, help: Option<String>) -> Message {
        let (length, found) = found(at);
        let text = format!("expected {what}, found {found}");
        Message { problem: Problem::Syntax, length, text, help }
    }
}

/// The length of the token that stands in front, and what to call it.
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

impl<'a> ParseError<&'a [u8]> for SyntaxError<'a> {
    fn from_error_kind(at: &'a [u8], _: ErrorKind) -> Self {
        SyntaxError { at, reason: Reason::Expected("something else") }
    }

    fn append(_: &'a [u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// "Not this": `what` should stand at the front of `at`.
#[cold]
pub(in crate::litmus) fn expected<'a>(
    at: &'a [u8],
    what: &'static str,
) -> nom::Err<SyntaxError<'a>> {
    nom::Err::Error(SyntaxError { at, reason: Reason::Expected(what) })
}

/// "This, and it is wrong": the first `length` bytes of `at`.
#[cold]
pub(in crate::litmus) fn invalid(
    at: &[u8],
    length: usize,
    text: impl Into<String>,
    help: Option<String>,
) -> nom::Err<SyntaxError<'_>> {
    let message = Message { problem: Problem::Syntax, length, text: text.into(), help };
    nom::Err::Failure(SyntaxError { at, reason: Reason::Message(Box::new(message)) })
}

/// "This is understood and not supported": the first `length` bytes of `at`.
#[cold]
pub(in crate::litmus) fn unsupported<'a>(
    at: &'a [u8],
    length: usize,
    text: String,
    help: &str,
) -> nom::Err<SyntaxError<'a>> {
    let help = Some(help.to_owned());
    let message = Message { problem: Problem::Unsupported, length, text, help };
    nom::Err::Failure(SyntaxError { at, reason: Reason::Message(Box::new(message)) })
}
