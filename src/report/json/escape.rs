//! What JSON does not allow in strings.

use super::raw;

/// RFC 8259, section 7: what must be escaped, in the shortest form.
pub(super) fn escape(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
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

/// Must a byte be escaped?
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        special[byte] = byte < 0x20 || byte == b'"' as usize || byte == b'\\' as usize;
        byte += 1;
    }
    special
};

/// How many bytes need no escape. Nearly always that is all of them, which is found out for sixteen at
/// a time; the last sixteen may have been looked at before.
fn plain(bytes: &[u8]) -> usize {
    let mut looked_at = 0;
    if let Some(last) = bytes.last_chunk::<16>() {
        let (pieces, _) = bytes.as_chunks::<16>();
        let good = pieces.iter().take_while(|piece| !any_special(piece)).count();
        if good == pieces.len() && !any_special(last) {
            return bytes.len();
        }
        looked_at = 16 * good;
    }
    let rest = &bytes[looked_at..];
    looked_at + rest.iter().position(|byte| SPECIAL[usize::from(*byte)]).unwrap_or(rest.len())
}

/// Without a branch, so that the compiler can make it one operation for all bytes.
fn any_special(bytes: &[u8; 16]) -> bool {
    bytes.iter().fold(false, |any, &byte| any | (byte < 0x20) | (byte == b'"') | (byte == b'\\'))
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
