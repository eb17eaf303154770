//! MD5 of a text in its own buffer.

use md5::block_api::compress;

/// The state at the beginning: RFC 1321, section 3.3.
const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// The digest of all of `text`, behind which the padding is appended (RFC 1321, sections 3.1 and 3.2):
/// texts here are of one to five blocks, which need not be copied once more.
pub(super) fn digest(text: &mut Vec<u8>) -> [u8; 16] {
    let bits = 8 * text.len() as u64;
    text.push(0x80);
    let end = (text.len() + 8).next_multiple_of(64) - 8;
    text.extend_from_slice(&[0; 64]);
    text.truncate(end);
    text.extend_from_slice(&bits.to_le_bytes());
    let mut state = START;
    compress(&mut state, text.as_chunks().0);
    let mut digest = [0; 16];
    for (bytes, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_le_bytes();
    }
    digest
}

#[cfg(test)]
mod tests {
    use md5::{Digest, Md5};

    use super::*;

    #[test]
    fn texts_of_every_length_have_the_digest_that_the_library_computes() {
        for length in 0..200_u8 {
            let text: Vec<u8> = (0..length).collect();
            let expected: [u8; 16] = Md5::digest(&text).into();
            assert_eq!(digest(&mut text.clone()), expected, "{length}");
        }
    }
}
