//! What herd7 has in places, types and values and this program does not: each is refused by its name.

use crate::litmus::lexer::{SyntaxError, at, name_length, text, unsupported};
use crate::litmus::riscv;

/// Words, what they are, and why there is no such thing here.
const WORDS: [(&[&str], &str, &str); 6] = [
    (
        &["TTD", "PTE", "PA", "pteval_t"],
        "a page-table entry",
        "page tables are outside the memory model",
    ),
    (
        &["instr", "ins_t", "NOP", "nop"],
        "an instruction as a value",
        "code that changes is outside the memory model",
    ),
    (
        &["fault", "Fault"],
        "a fault",
        "final states have registers and memory only: what traps is an error of the test",
    ),
    (&["tag", "TAG"], "a memory tag", "memory tags are outside the memory model"),
    (&["SS", "SSCap", "ssval_t"], "a shadow stack", "shadow stacks are not supported"),
    (
        &["__int128", "__uint128", "__int128_t", "__uint128_t"],
        "a type of 128 bits",
        "types are the C integer types of 8 to 64 bits and pointers",
    ),
];

/// The refusal of what begins at `i`, if that is something of herd7.
#[cold]
pub(super) fn outside(i: &[u8]) -> Option<nom::Err<SyntaxError<'_>>> {
    if at(i, b'(') {
        return Some(unsupported(i, 1, "a page-table entry".into(), WORDS[0].2));
    }
    if at(i, b'%') {
        return riscv::register(i).err();
    }
    let length = name_length(i);
    let word = text(&i[..length]);
    let (_, what, why) = WORDS.iter().find(|(words, ..)| words.contains(&word))?;
    Some(unsupported(i, length, format!("`{word}` is {what}"), why))
}
