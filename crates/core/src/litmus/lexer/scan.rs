//! Steps over the rest of a text, which cannot fail: blanks, comments, lines, characters, and the lengths of
//! names and numbers.
//!
//! Each takes a *suffix* of the text and returns a shorter suffix or a length, so the length of what is left
//! is also the position, and nothing is copied. Suffixes are bytes: all that the languages have is ASCII, but
//! for comments, descriptions and mistakes.

use std::ops::Range;

/// What a byte may be.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let white = byte.is_ascii_whitespace();
        let named = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$');
        classes[byte as usize] = (white as u8 * WHITE)
            | ((white || matches!(byte, b'(' | b'/' | b'#')) as u8 * SKIPPED)
            | (named as u8 * NAMED)
            | ((named && !byte.is_ascii_digit()) as u8 * NAMED_FIRST)
            | ((byte.is_ascii_graphic() && byte != b'(') as u8 * IN_TEST_NAME);
        byte += 1;
    }
    classes
};

/// White space.
const WHITE: u8 = 1;
/// White space, or what a comment may begin with.
const SKIPPED: u8 = 2;
/// Part of a name.
const NAMED: u8 = 4;
/// The first character of a name.
const NAMED_FIRST: u8 = 8;
/// Part of a test's name, whatever follows.
const IN_TEST_NAME: u8 = 16;

#[inline(always)]
fn is(byte: u8, class: u8) -> bool {
    CLASSES[byte as usize] & class != 0
}

/// Skips white space, `(* nested comments *)`, `// lines` and `# lines`.
///
/// Stops in front of a comment that is never closed: no token begins with `(*`, so whoever comes next
/// fails there, and the report of that failure names the comment.
#[inline(always)]
pub(in crate::litmus) fn blank(i: &[u8]) -> &[u8] {
    match i {
        [first, ..] if !is(*first, SKIPPED) => i,
        [b' ', rest @ ..] if rest.first().is_some_and(|next| !is(*next, SKIPPED)) => rest,
        [b'(', next, ..] if *next != b'*' => i,
        _ => blanks(i),
    }
}

/// [`blank`] where there may be more to skip.
fn blanks(i: &[u8]) -> &[u8] {
    match after_white(i) {
        i @ ([b'(', b'*', ..] | [b'/', b'/', ..] | [b'#', ..]) => after_comments(i),
        i => i,
    }
}

/// Skips white space. Columns are padded with blanks: up to eight are one step.
#[inline(always)]
fn after_white(mut i: &[u8]) -> &[u8] {
    const BLANKS: u64 = u64::from_ne_bytes([b' '; 8]);
    loop {
        if let Some(word) = i.first_chunk() {
            let others = u64::from_le_bytes(*word) ^ BLANKS;
            i = &i[others.trailing_zeros() as usize / 8..];
        }
        match i {
            [first, rest @ ..] if is(*first, WHITE) => i = rest,
            _ => return i,
        }
    }
}

/// Skips comments, and white space behind them.
#[cold]
fn after_comments(mut i: &[u8]) -> &[u8] {
    loop {
        i = match i {
            [b'(', b'*', ..] => match after_comment(i) {
                Some(rest) => after_white(rest),
                None => return i,
            },
            [b'/', b'/', ..] | [b'#', ..] => after_white(after_line(i)),
            _ => return i,
        };
    }
}

/// The comments of a text, in order: `(* nested comments *)`, `// lines` and `# lines`.
pub fn comments(text: &str) -> Vec<Range<usize>> {
    let (bytes, mut found, mut at) = (text.as_bytes(), Vec::new(), 0);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let after = match rest {
            [b'(', b'*', ..] => after_comment(rest).unwrap_or_default(),
            [b'/', b'/', ..] | [b'#', ..] => after_line(rest),
            _ => {
                at += 1;
                continue;
            }
        };
        let end = bytes.len() - after.len();
        found.push(at..end);
        at = end;
    }
    found
}

/// Length of the line in front, without its end.
pub(in crate::litmus) fn line_length(i: &[u8]) -> usize {
    memchr::memchr(b'\n', i).unwrap_or(i.len())
}

/// Is there a line's end between `i` and its suffix `next`?
pub(in crate::litmus) fn starts_line(i: &[u8], next: &[u8]) -> bool {
    i[..i.len() - next.len()].contains(&b'\n')
}

/// What follows the blanks and tabulators in front.
pub(in crate::litmus) fn after_spaces(mut i: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = i {
        i = rest;
    }
    i
}

/// What follows the line's end.
pub(in crate::litmus) fn after_line(i: &[u8]) -> &[u8] {
    i.get(line_length(i) + 1..).unwrap_or_default()
}

/// What follows the comment at the front of `i`; `None` if it is not closed.
fn after_comment(i: &[u8]) -> Option<&[u8]> {
    let (mut at, mut depth) = (2, 1_usize);
    while depth > 0 {
        match (i.get(at)?, i.get(at + 1)?) {
            (b'(', b'*') => (at, depth) = (at + 2, depth + 1),
            (b'*', b')') => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    i.get(at..)
}

/// May `byte` stand in a name after its first character?
#[inline(always)]
pub(in crate::litmus) fn in_name(byte: u8) -> bool {
    is(byte, NAMED)
}

/// Length of the name at the front of `i`, 0 if there is none.
#[inline(always)]
pub(in crate::litmus) fn name_length(i: &[u8]) -> usize {
    match i {
        [first, rest @ ..] if is(*first, NAMED_FIRST) => {
            1 + rest.iter().position(|byte| !in_name(*byte)).unwrap_or(rest.len())
        }
        _ => 0,
    }
}

/// How many characters of a test's name stand in front, up to one of which more is to be known.
#[inline]
pub(in crate::litmus) fn plain_name_length(i: &[u8]) -> usize {
    i.iter().position(|byte| !is(*byte, IN_TEST_NAME)).unwrap_or(i.len())
}

/// What stands between two tokens, as text.
pub(in crate::litmus) fn text(i: &[u8]) -> &str {
    // The bytes are those of a text.
    std::str::from_utf8(i).unwrap_or_default()
}

/// The character in front.
pub(in crate::litmus) fn first_character(i: &[u8]) -> Option<char> {
    String::from_utf8_lossy(&i[..i.len().min(4)]).chars().next()
}

/// Is the first byte of `i` this one?
#[inline(always)]
pub(in crate::litmus) fn at(i: &[u8], byte: u8) -> bool {
    i.first() == Some(&byte)
}

/// Does a number begin here?
#[inline(always)]
pub(in crate::litmus) fn at_number(i: &[u8]) -> bool {
    matches!(i, [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..])
}

/// How many digits stand in front.
pub(in crate::litmus) fn digits(i: &[u8]) -> usize {
    i.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Skips one name, number or character.
pub(in crate::litmus) fn after_token(i: &[u8]) -> &[u8] {
    match i.iter().take_while(|byte| in_name(**byte)).count() {
        0 => after_character(i),
        word => &i[word..],
    }
}

/// Skips one character.
pub(in crate::litmus) fn after_character(i: &[u8]) -> &[u8] {
    let Some((_, rest)) = i.split_first() else { return i };
    let more = rest.iter().take_while(|byte| **byte & 0xc0 == 0x80).count();
    &rest[more..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_skipped() {
        let blank = |i: &'static str| text(blank(i.as_bytes()));
        assert_eq!(blank(" \t\r\n x"), "x");
        assert_eq!(blank("(* a (* b *) c *) // d\n x"), "x");
        assert_eq!(blank("(* a (* b *) x"), "(* a (* b *) x", "not closed");
        assert_eq!(blank("(*) x *)y"), "y", "`(*)` opens a comment and does not close it");
        assert_eq!(blank("// to the end"), "");
        assert_eq!(blank("# to the end\n#\nx # y"), "x # y");
        assert_eq!(blank("(* é *)é"), "é");
        assert_eq!(blank(" (x"), "(x");
        assert_eq!(blank(" / x"), "/ x");
        for unchanged in ["(*", "(", "/", "(x", "x ", ""] {
            assert_eq!(blank(unchanged), unchanged);
        }
    }

    #[test]
    fn characters_are_skipped_whole() {
        for (text, rest) in [("a.b c", " c"), ("é=", "="), ("=é", "é"), ("é", ""), ("", "")] {
            assert_eq!(after_token(text.as_bytes()), rest.as_bytes(), "{text}");
        }
        assert_eq!(first_character("é=".as_bytes()), Some('é'));
        assert_eq!(first_character(b""), None);
    }
}
