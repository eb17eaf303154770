//! MD5 (RFC 1321). For naming tests as herd7 does, not for security.

/// The digest of `data`.
pub(super) fn md5(data: &[u8]) -> [u8; 16] {
    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    let (blocks, rest) = data.as_chunks::<64>();
    for block in blocks {
        compress(&mut state, block);
    }
    let mut last = [0; 128];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    let end = if rest.len() < 56 { 64 } else { 128 };
    last[end - 8..end].copy_from_slice(&(data.len() as u64).wrapping_mul(8).to_le_bytes());
    for block in last[..end].as_chunks::<64>().0 {
        compress(&mut state, block);
    }
    let mut digest = [0; 16];
    for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    digest
}

/// Rotations of the four rounds.
const ROTATIONS: [[u32; 4]; 4] =
    [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// The integer parts of 2^32 times the absolute sines of 1 to 64 radians.
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

fn compress(state: &mut [u32; 4], block: &[u8; 64]) {
    let mut words = [0; 16];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    let mut mixed = *state;
    round::<0>(&mut mixed, &words, |b, c, d| (b & c) | (!b & d));
    round::<1>(&mut mixed, &words, |b, c, d| (d & b) | (!d & c));
    round::<2>(&mut mixed, &words, |b, c, d| b ^ c ^ d);
    round::<3>(&mut mixed, &words, |b, c, d| c ^ (b | !d));
    for (old, new) in state.iter_mut().zip(mixed) {
        *old = old.wrapping_add(new);
    }
}

/// Where each round begins among the words of a block, and how far it steps.
const STEPS: [(usize, usize); 4] = [(0, 1), (1, 5), (5, 3), (0, 7)];

/// One round of 16 steps. A function of its own for each round, so that everything but the words is a
/// constant in its loop.
fn round<const ROUND: usize>(
    [a, b, c, d]: &mut [u32; 4],
    words: &[u32; 16],
    mix: impl Fn(u32, u32, u32) -> u32,
) {
    let (first, step) = STEPS[ROUND];
    let mut i = 0;
    while i < 16 {
        let mut next = |a: &mut u32, b: u32, c: u32, d: u32| {
            let word = words[(first + step * i) % 16];
            let sum =
                a.wrapping_add(mix(b, c, d)).wrapping_add(SINES[16 * ROUND + i]).wrapping_add(word);
            *a = b.wrapping_add(sum.rotate_left(ROTATIONS[ROUND][i % 4]));
            i += 1;
        };
        next(a, *b, *c, *d);
        next(d, *a, *b, *c);
        next(c, *d, *a, *b);
        next(b, *c, *d, *a);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_suite_of_the_rfc() {
        let hex = |data: &str| -> String {
            md5(data.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
        };
        assert_eq!(hex(""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
        let digits = "1234567890".repeat(8);
        assert_eq!(hex(&digits), "57edf4a22be3c955ac49da2e2107b67a");
        assert_eq!(hex(&digits[..55]), "c9ccf168914a1bcfc3229f1948e67da0");
        assert_eq!(hex(&digits[..64]), "eb6c4179c0a7c82cc2828c1e6338e165");
        assert_eq!(hex(&digits[..56]), "49f193adce178490e34d1b3a4ec0064c");
    }
}
