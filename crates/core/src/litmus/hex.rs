//! Sixteen bytes in hexadecimal.

/// The 32 digits, in small letters.
pub(crate) fn digits(bytes: [u8; 16]) -> [u8; 32] {
    let mut digits = [0; 32];
    for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(bytes) {
        *pair = [byte >> 4, byte & 0xf].map(|nibble| b"0123456789abcdef"[usize::from(nibble)]);
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_format() {
        for seed in 0..300_u128 {
            let number = seed.wrapping_mul(0x0123_4567_89ab_cdef_0fed_cba9_8765_4321);
            let digits = digits(number.to_be_bytes());
            assert_eq!(String::from_utf8(digits.to_vec()).unwrap(), format!("{number:032x}"));
        }
    }
}
