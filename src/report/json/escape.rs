//! What JSON does not allow in strings.

use super::raw;

/// RFC 8259, section 7: what must be escaped, in the shortest form.
#[inline]
pub(super) fn escape(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    if is_plain(bytes) {
        out.extend_from_slice(bytes);
    } else {
        escape_some(bytes, out);
    }
}

/// Eight bytes at a time, of which those count that stand before the first special one.
fn escape_some(mut rest: &[u8], out: &mut Vec<u8>) {
    while let Some(eight) = rest.first_chunk::<8>() {
        let end = out.len();
        out.extend_from_slice(eight);
        let plain = special(u64::from_le_bytes(*eight)).trailing_zeros() as usize / 8;
        match rest.get(plain) {
            Some(byte) if plain < 8 => {
                out.truncate(end + plain);
                escape_byte(*byte, out);
                rest = &rest[plain + 1..];
            }
            _ => rest = &rest[8..],
        }
    }
    for byte in rest {
        match is_plain(&[*byte]) {
            true => out.push(*byte),
            false => escape_byte(*byte, out),
        }
    }
}

fn escape_byte(byte: u8, out: &mut Vec<u8>) {
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

/// Needs none of the bytes an escape? Nearly always that is so. Sixteen bytes are looked at at a time, or
/// eight, or four; the last ones may have been looked at before.
fn is_plain(bytes: &[u8]) -> bool {
    if let Some(last) = bytes.last_chunk::<16>() {
        let (pieces, _) = bytes.as_chunks::<16>();
        return !pieces.iter().any(any_special) && !any_special(last);
    }
    let word = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            return special(u64::from_le_bytes(*first)) | special(u64::from_le_bytes(*last)) == 0;
        }
        _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>(), bytes) {
            (Some([a, b, c, d]), Some([e, f, g, h]), _) => [*a, *b, *c, *d, *e, *f, *g, *h],
            (_, _, [a]) => [*a, b' ', b' ', b' ', b' ', b' ', b' ', b' '],
            (_, _, [a, b]) => [*a, *b, b' ', b' ', b' ', b' ', b' ', b' '],
            (_, _, [a, b, c]) => [*a, *b, *c, b' ', b' ', b' ', b' ', b' '],
            _ => return true,
        },
    };
    special(u64::from_le_bytes(word)) == 0
}

/// Without a branch, so that the compiler can make it one operation for all bytes.
fn any_special(bytes: &[u8; 16]) -> bool {
    bytes.iter().fold(false, |any, &byte| any | (byte < 0x20) | (byte == b'"') | (byte == b'\\'))
}

/// The highest bit of each special byte, and perhaps of bytes above a special one.
#[inline]
fn special(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let below = |word: u64, limit: u8| word.wrapping_sub(EACH * u64::from(limit)) & !word;
    let is = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    (below(word, 0x20) | is(b'"') | is(b'\\')) & (EACH << 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_escaped_as_serde_does_it_wherever_it_stands() {
        for byte in 0..=0x17f_u32 {
            let Some(character) = char::from_u32(byte) else { continue };
            for before in 0..36 {
                let text = format!("{}{character}{}", "a".repeat(before), "ü~".repeat(before % 5));
                let mut out = vec![b'"'];
                escape(&text, &mut out);
                out.push(b'"');
                assert_eq!(out, serde_json::to_vec(&text).expect("a string"), "{text:?}");
            }
        }
    }
}
