//! What JSON does not allow in strings.

use super::raw;

/// RFC 8259, section 7: what must be escaped, in the shortest form.
pub(super) fn escape(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    out.reserve(rest.len() + rest.len() / 8);
    loop {
        let plain = plain(rest);
        out.extend_from_slice(&rest[..plain]);
        let Some(&byte) = rest.get(plain) else { return };
        rest = &rest[plain + 1..];
        let short = match byte {
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0c => b'f',
            0..0x20 => b'u',
            _ => byte,
        };
        out.extend_from_slice(&[b'\\', short]);
        if short == b'u' {
            raw(out, "00");
            let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble & 0xf)];
            out.extend_from_slice(&[digit(byte >> 4), digit(byte)]);
        }
    }
}

/// How many bytes need no escape; eight at a time are looked at.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let special = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The highest bit of a byte that is 0; bytes above it may have it, too.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let low = word.wrapping_sub(ONES * 0x20) & !word;
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let slash = zero(word ^ (ONES * u64::from(b'\\')));
        let found = (low | quote | slash) & (ONES * 0x80);
        if found != 0 {
            return 8 * index + found.trailing_zeros() as usize / 8;
        }
    }
    let at = bytes.len() - rest.len();
    at + rest.iter().position(|byte| special(*byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_escaped_as_serde_does_it_wherever_it_stands() {
        for byte in 0..=0x17f_u32 {
            let Some(character) = char::from_u32(byte) else { continue };
            for before in 0..18 {
                let text = format!("{}{character}{}", "a".repeat(before), "ü~".repeat(before % 5));
                let mut out = vec![b'"'];
                escape(&text, &mut out);
                out.push(b'"');
                assert_eq!(out, serde_json::to_vec(&text).expect("a string"), "{text:?}");
            }
        }
    }
}
