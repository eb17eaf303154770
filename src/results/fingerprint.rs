//! Recognising a test that was run before: its text, and everything else that its answer depends on.

use std::fmt;
use std::num::NonZeroU32;

use xxhash_rust::xxh3::Xxh3;

/// XXH3 of 128 bits, over what was there before and something more.
///
/// It tells texts apart that differ by accident: of a million million tests, two would share a
/// fingerprint with a probability of 10^-15. It is no seal. Somebody who takes pains can write two texts
/// with one fingerprint, and has then misled the cache that he gave them to; a digest that prevents it
/// took a tenth of a run's time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// The fingerprint of `data`, continuing from this one: of options, then of a test's text.
    #[must_use]
    pub fn and(self, data: &[u8]) -> Fingerprint {
        let mut hash = Xxh3::new();
        hash.update(&self.0.to_be_bytes());
        hash.update(data);
        Fingerprint(hash.digest128())
    }

    /// What is left when it is divided: one of so many heaps, of about the same size.
    #[must_use]
    pub fn remainder(self, of: NonZeroU32) -> u32 {
        // Less than the divisor, which fits.
        (self.0 % u128::from(of.get())) as u32
    }

    /// Reads what `Display` wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Fingerprint> {
        let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let number = digits.then(|| u128::from_str_radix(text, 16).ok())??;
        Some(Fingerprint(number))
    }
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

    #[test]
    fn it_is_read_back_and_depends_on_all_that_went_in() {
        let options = Fingerprint::default().and(b"unroll 2");
        let test = options.and(b"RISCV MP");
        assert_eq!(Fingerprint::parse(&test.to_string()), Some(test));
        assert_ne!(Fingerprint::default().and(b"RISCV MP"), test);
        assert_ne!(Fingerprint::default().and(b"unroll 3").and(b"RISCV MP"), test);
        for wrong in ["", "+f", "0", "00000000000000000000000000000g00"] {
            assert_eq!(Fingerprint::parse(wrong), None);
        }
    }

    #[test]
    fn it_is_the_digest_of_another_implementation() {
        let long: Vec<u8> = (0..1024).map(|i| i as u8).collect();
        for (data, digest) in [
            (&b""[..], "e5189a9599e3f86205ea23ef06e28b2d"),
            (b"RISCV MP", "bbfd395c22abc9e194dcc00c779ad104"),
            (&long, "1d5db9045d19cab6acd7ed85139b2894"),
        ] {
            assert_eq!(Fingerprint::default().and(data).to_string(), digest);
        }
    }
}
