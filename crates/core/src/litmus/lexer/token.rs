//! Tokens that every part of the grammar is made of, as nom parsers over the rest of the text.
//!
//! Blanks in front of a token are the caller's.

use super::error::{Parsed, expected, invalid};
use super::scan::{at, blank, in_name, name_length, text};

/// A name: of an instruction, a label, a location, a type.
#[inline]
pub(in crate::litmus) fn name<'a>(i: &'a [u8], what: &'static str) -> Parsed<'a, &'a [u8]> {
    match name_length(i) {
        0 => Err(expected(i, what)),
        length => {
            let (name, rest) = i.split_at(length);
            Ok((rest, name))
        }
    }
}

/// A punctuation mark that is one ASCII character, with the blanks before and after it. A `(` that
/// begins a comment is none.
#[inline(always)]
pub(in crate::litmus) fn mark<'a>(i: &'a [u8], mark: u8, what: &'static str) -> Parsed<'a, ()> {
    match blank(i) {
        [first, rest @ ..] if *first == mark && !(mark == b'(' && at(rest, b'*')) => {
            Ok((blank(rest), ()))
        }
        i => Err(expected(i, what)),
    }
}

/// A number with its sign: decimal or `0x` hexadecimal, from -2^63 to 2^64-1.
#[inline]
pub(in crate::litmus) fn number(i: &[u8]) -> Parsed<'_, i128> {
    match i {
        // Most numbers have one digit.
        [digit @ b'0'..=b'9', rest @ ..] if !rest.first().is_some_and(|byte| in_name(*byte)) => {
            return Ok((rest, i128::from(digit - b'0')));
        }
        _ => {}
    }
    let (negative, digits) = match i {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (radix, digits) = match digits {
        [b'0', b'x' | b'X', digits @ ..] => (16, digits),
        [b'0'..=b'9', ..] => (10, digits),
        _ => return Err(expected(i, "a number")),
    };
    let mut value: u64 = 0;
    let (mut length, mut fits) = (0, true);
    for digit in digits.iter().map_while(|byte| char::from(*byte).to_digit(radix)) {
        let next = value.checked_mul(radix.into()).and_then(|v| v.checked_add(digit.into()));
        (value, fits) = (next.unwrap_or(0), fits && next.is_some());
        length += 1;
    }
    let rest = &digits[length..];
    let tail = rest.iter().take_while(|byte| in_name(**byte)).count();
    let all = i.len() - rest.len() + tail;
    if length == 0 || tail > 0 {
        let message = format!("`{}` is not a number", text(&i[..all]));
        return Err(invalid(i, all, message, Some("numbers are decimal or 0x hexadecimal".into())));
    }
    let value = if negative { -i128::from(value) } else { i128::from(value) };
    if !fits || value < i64::MIN.into() {
        let message = format!("`{}` does not fit in 64 bits", text(&i[..all]));
        return Err(invalid(i, all, message, None));
    }
    Ok((rest, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_64_bits() {
        let value = |text: &'static str| number(text.as_bytes()).map(|(_, value)| value).ok();
        assert_eq!(value("18446744073709551615"), Some(u64::MAX.into()));
        assert_eq!(value("18446744073709551616"), None);
        assert_eq!(value("-9223372036854775808"), Some(i64::MIN.into()));
        assert_eq!(value("-9223372036854775809"), None);
        assert_eq!(value("0xffffffffffffffff"), Some(u64::MAX.into()));
        assert_eq!(value("-0x1"), Some(-1));
        for text in ["0x", "12ab", "1.5", "--1", "+1", "-", "", "0xg", "0b1"] {
            assert_eq!(value(text), None, "{text}");
        }
        assert_eq!(number(b"12)").map(|(rest, _)| rest), Ok(&b")"[..]));
    }
}
