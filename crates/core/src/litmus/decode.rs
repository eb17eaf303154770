//! From a file's bytes to text.

use std::borrow::Cow;

use super::{Diagnostic, Diagnostics, Problem, Span};

/// The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one.
///
/// # Errors
/// Bytes that are neither, with the first one's place. The offset is also that of the replacement
/// character in `String::from_utf8_lossy`, which is what to show the message with.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Diagnostics> {
    let units = |read: fn([u8; 2]) -> u16, rest: &[u8]| -> Option<String> {
        let (pairs, odd) = rest.as_chunks::<2>();
        let units = pairs.iter().map(|pair| read(*pair));
        odd.is_empty().then(|| char::decode_utf16(units).collect::<Result<_, _>>().ok())?
    };
    let wide = match bytes {
        [0xff, 0xfe, rest @ ..] => units(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => units(u16::from_be_bytes, rest),
        _ => None,
    };
    if let Some(text) = wide {
        return Ok(Cow::Owned(text));
    }
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
        let start = error.valid_up_to();
        let byte = bytes[start];
        Diagnostics(vec![Diagnostic {
            problem: Problem::Syntax,
            span: Span { start: start as u32, end: start as u32 + '\u{fffd}'.len_utf8() as u32 },
            message: format!("byte {byte:#04x} is not UTF-8"),
            help: Some("litmus tests are text in UTF-8".into()),
        }])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_and_utf_16_are_read() {
        assert_eq!(decode("RISCV é".as_bytes()).as_deref(), Ok("RISCV é"));
        assert_eq!(decode(b"\xff\xfeR\0I\0").as_deref(), Ok("RI"));
        assert_eq!(decode(b"\xfe\xff\0R\0I").as_deref(), Ok("RI"));
    }

    #[test]
    fn other_bytes_are_a_mistake_with_its_place() {
        for (bytes, at) in [(&b"RISCV \xe9t\xe9"[..], 6), (b"\xff\xfeR", 0), (b"ab\xc3", 2)] {
            let Diagnostics(diagnostics) = decode(bytes).expect_err("not UTF-8");
            assert_eq!(diagnostics[0].span.start, at);
            let lossy = String::from_utf8_lossy(bytes);
            assert_eq!(lossy[at as usize..].chars().next(), Some('\u{fffd}'));
        }
    }
}
