//! Recognising a test that was run before: its text, and everything else that its answer depends on.

use std::fmt;

/// 128 bits that two different inputs share only by accident. Not made to withstand intent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Fingerprint(u128);

/// Odd constants without structure: the golden ratio and the square root of 3, as fractions of 2^64.
const FACTORS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xbb67_ae85_84ca_a73b];

impl Fingerprint {
    /// The fingerprint of `data`, continuing from this one: of options, then of a test's text.
    #[must_use]
    pub fn and(self, data: &[u8]) -> Fingerprint {
        let mut lanes = [self.0 as u64 ^ data.len() as u64, (self.0 >> 64) as u64];
        let words = data.chunks_exact(8);
        let mut last = [0; 8];
        last[..words.remainder().len()].copy_from_slice(words.remainder());
        let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |w, byte| w << 8 | u64::from(*byte));
        for bytes in words {
            absorb(&mut lanes, word(bytes));
        }
        absorb(&mut lanes, word(&last));
        absorb(&mut lanes, FACTORS[1]);
        absorb(&mut lanes, FACTORS[0]);
        Fingerprint(u128::from(lanes[0]) | u128::from(lanes[1]) << 64)
    }

    /// Reads what `Display` wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Fingerprint> {
        let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        digits.then(|| u128::from_str_radix(text, 16).ok().map(Fingerprint))?
    }
}

/// Both lanes take in a word, each mixed in its own way, and then see one another.
fn absorb(lanes: &mut [u64; 2], word: u64) {
    let wide = u128::from(lanes[0] ^ word).wrapping_mul(u128::from(FACTORS[0]));
    lanes[0] = (wide as u64) ^ ((wide >> 64) as u64) ^ lanes[1];
    lanes[1] = (lanes[1].rotate_left(23) ^ word).wrapping_mul(FACTORS[1]).wrapping_add(lanes[0]);
}

/// 32 hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn small_differences_show() {
        let mut seen = BTreeSet::new();
        let mut texts: Vec<Vec<u8>> = (0..64).map(|length| vec![0; length]).collect();
        for bit in 0..800 {
            let mut text = vec![b'x'; 100];
            text[bit / 8] ^= 1 << (bit % 8);
            texts.push(text);
        }
        for text in &texts {
            let shown = Fingerprint::default().and(text).to_string();
            assert_eq!(Fingerprint::parse(&shown), Some(Fingerprint::default().and(text)));
            // Half of the bits alone tell them apart as well.
            assert!(seen.insert(shown[..16].to_owned()) & seen.insert(shown[16..].to_owned()));
        }
        let options = Fingerprint::default().and(b"unroll 2");
        assert_ne!(options.and(b"test"), Fingerprint::default().and(b"test"));
        assert_eq!(Fingerprint::parse("+f"), None);
    }
}
