//! Numbers and sets as short strings of bytes, from which they can be told apart.

use super::set::Set;

/// Writes a number in LEB128.
#[inline]
pub(crate) fn push(bytes: &mut Vec<u8>, value: u64) {
    match value {
        0..0x80 => bytes.push(value as u8),
        _ => push_long(bytes, value),
    }
}

fn push_long(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Writes a set: its word, or the number of its members and the distances between them.
pub(crate) fn push_set<S: Set>(bytes: &mut Vec<u8>, set: S) {
    if S::WORDS == 1 {
        let mut word = [0];
        set.put(&mut word);
        push(bytes, word[0]);
        return;
    }
    push(bytes, set.len() as u64);
    let mut from = 0;
    for member in set.members() {
        push(bytes, (member - from) as u64);
        from = member;
    }
}
