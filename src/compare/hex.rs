//! Sixteen bytes in hexadecimal.

/// The 32 digits, in small letters. Eight of them are made in one word.
pub(super) fn digits(bytes: [u8; 16]) -> [u8; 32] {
    let mut digits = [0; 32];
    let words = digits.as_chunks_mut::<8>().0.iter_mut().zip(bytes.as_chunks::<4>().0);
    for (eight, four) in words {
        *eight = spread(u32::from_be_bytes(*four)).to_be_bytes();
    }
    digits
}

/// The eight digits of a number.
fn spread(number: u32) -> u64 {
    let mut nibbles = u64::from(number);
    nibbles = (nibbles | nibbles << 16) & 0x0000_ffff_0000_ffff;
    nibbles = (nibbles | nibbles << 8) & 0x00ff_00ff_00ff_00ff;
    nibbles = (nibbles | nibbles << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    // A nibble of ten and more carries into the bit of 16.
    let letters = (nibbles + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    nibbles + 0x3030_3030_3030_3030 + letters * u64::from(b'a' - b'0' - 10)
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
