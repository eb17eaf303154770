//! The C types of declarations.

use super::outside::outside;
use crate::litmus::lexer::{Parsed, SyntaxError, at, blank, in_name, invalid, name_length, text};
use crate::litmus::{CType, suggest};

/// What stands in front of a declared name: a type, or only the `*` of a pointer to whatever it is.
#[inline]
pub(super) fn ctype(i: &[u8]) -> Parsed<'_, Option<CType>> {
    match name_length(i) {
        0 if at(i, b'*') => Ok((after_stars(i), Some(CType::Uint64))),
        0 => Ok((i, None)),
        length => named_type(i, length),
    }
}

/// [`ctype`] where a name of that length stands.
fn named_type(i: &[u8], length: usize) -> Parsed<'_, Option<CType>> {
    let base = match of_one_word(&i[..length]) {
        Some(ctype) => (&i[length..], ctype),
        None => match words(i) {
            Some(read) => read,
            None => return unknown_type(i, length),
        },
    };
    let i = blank(base.0);
    let ctype = if at(i, b'*') { CType::Uint64 } else { base.1 };
    Ok((after_stars(i), Some(ctype)))
}

/// What stands behind a place of `locations`: a type, `*` or nothing.
pub(super) fn ctype_behind(i: &[u8]) -> Parsed<'_, Option<CType>> {
    let next = blank(i);
    let length = name_length(next);
    match length {
        0 if !at(next, b'*') => Ok((i, None)),
        0 => ctype(next),
        _ if is_type(next) => named_type(next, length),
        _ => Err(no_type(next, length)),
    }
}

/// Does the name of a type begin here?
pub(super) fn is_type(i: &[u8]) -> bool {
    of_one_word(&i[..name_length(i)]).is_some() || words(i).is_some()
}

/// Skips the `*` of a pointer.
fn after_stars(mut i: &[u8]) -> &[u8] {
    while at(i, b'*') {
        i = blank(&i[1..]);
    }
    i
}

/// Types of one word.
const TYPES: [(&str, CType); 12] = [
    ("uint64_t", CType::Uint64),
    ("int64_t", CType::Int64),
    ("uint32_t", CType::Uint32),
    ("int32_t", CType::Int32),
    ("uint16_t", CType::Uint16),
    ("int16_t", CType::Int16),
    ("uint8_t", CType::Uint8),
    ("int8_t", CType::Int8),
    ("uintptr_t", CType::Uint64),
    ("intptr_t", CType::Int64),
    ("ptrdiff_t", CType::Int64),
    ("size_t", CType::Uint64),
];

fn of_one_word(word: &[u8]) -> Option<CType> {
    TYPES.iter().find(|(name, _)| name.as_bytes() == word).map(|(_, ctype)| *ctype)
}

/// `unsigned long int` and the like, in any order as in C, `const`, `volatile` and `_Atomic` skipped.
fn words(mut i: &[u8]) -> Option<(&[u8], CType)> {
    let (mut sign, mut base, mut longs, mut read) = (None, None, 0, false);
    loop {
        let length = name_length(i);
        match text(&i[..length]) {
            "signed" if sign.is_none() => sign = Some(true),
            "unsigned" if sign.is_none() => sign = Some(false),
            "long" if longs < 2 => longs += 1,
            word @ ("char" | "short") if base.is_none() => base = Some(word),
            "int" if base != Some("char") => read = true,
            "const" | "volatile" | "_Atomic" => {}
            _ => {
                if let Some(ctype) = of_one_word(&i[..length]) {
                    return Some((&i[length..], ctype));
                }
                read |= sign.is_some() || base.is_some() || longs > 0;
                let ctype = match (base, sign.unwrap_or(true)) {
                    _ if !read || (base.is_some() && longs > 0) => return None,
                    (Some("char"), true) => CType::Int8,
                    (Some("char"), false) => CType::Uint8,
                    (Some(_), true) => CType::Int16,
                    (Some(_), false) => CType::Uint16,
                    (None, true) if longs > 0 => CType::Int64,
                    (None, false) if longs > 0 => CType::Uint64,
                    (None, true) => CType::Int32,
                    (None, false) => CType::Uint32,
                };
                return Some((i, ctype));
            }
        }
        i = blank(&i[length..]);
    }
}

/// A name that is no type is one only when something that can be declared follows it.
fn unknown_type(i: &[u8], length: usize) -> Parsed<'_, Option<CType>> {
    let rest = blank(&i[length..]);
    let spaced = rest.len() < i.len() - length;
    let follows = at(rest, b'*') || (spaced && rest.first().is_some_and(|byte| in_name(*byte)));
    if !follows || rest.is_empty() {
        return Ok((i, None));
    }
    Err(no_type(i, length))
}

/// The type that a name probably is.
pub(super) fn nearest_type(name: &str) -> Option<&'static str> {
    let known = TYPES.iter().map(|(name, _)| *name).chain(["int", "long", "char", "short"]);
    suggest::nearest(name, known)
}

/// The complaint about a name that is no type.
#[cold]
pub(super) fn no_type(i: &[u8], length: usize) -> nom::Err<SyntaxError<'_>> {
    let name = text(&i[..length]);
    if let Some(error) = outside(i) {
        return error;
    }
    let help = nearest_type(name).map_or_else(
        || "types are the C integer types of 8 to 64 bits and pointers".to_string(),
        suggest::did_you_mean,
    );
    invalid(i, length, format!("unknown type `{name}`"), Some(help))
}
