//! Writers, and readers that must not see their stores in another order.

use super::generated_test::{GeneratedTest, Hart, conjunction};

/// Independent reads of independent writes: two writers and `k` readers, every other one in the other
/// order, each with a fence between its loads.
pub(super) fn independent_reads(k: u32) -> GeneratedTest {
    let writer = |word: &str| Hart::new().register(5, 1).register(6, word).code(["sw x5,0(x6)"]);
    let reader = |number: u32| {
        let (first, second) = if number.is_multiple_of(2) { ("x", "y") } else { ("y", "x") };
        let code = ["lw x5,0(x6)", "fence r,r", "lw x8,0(x7)"];
        Hart::new().register(6, first).register(7, second).code(code)
    };
    let disagree = (2..k + 2).map(|hart| format!("{hart}:x5=1 /\\ {hart}:x8=0"));
    GeneratedTest {
        about: format!("{k} fenced readers of two independent writes agree on their order"),
        harts: ["x", "y"].map(writer).into_iter().chain((0..k).map(reader)).collect(),
        condition: format!("exists ({})", conjunction(disagree)),
        ..GeneratedTest::default()
    }
}

/// Message passing: `k` words of data, then a flag; the reader looks at the flag first.
pub(super) fn message(k: u32) -> GeneratedTest {
    let stores = (0..k).map(|word| format!("sw x5,{}(x6)", 4 * word));
    let loads = (0..k).map(|word| format!("lw x{},{}(x6)", FIRST_WORD + word, 4 * word));
    let last = ["fence w,w", "sw x5,0(x7)"].map(str::to_owned);
    let first = ["lw x5,0(x7)", "fence r,r"].map(str::to_owned);
    let stale = (0..k).map(|word| format!("1:x{}=0", FIRST_WORD + word));
    GeneratedTest {
        about: format!("A message of {k} words is complete when its flag is seen"),
        memory: vec![format!("int d[{k}]")],
        harts: vec![
            Hart::new().register(5, 1).register(6, "d").register(7, "f").code(stores.chain(last)),
            Hart::new().register(6, "d").register(7, "f").code(first.into_iter().chain(loads)),
        ],
        condition: format!("exists (1:x5=1 /\\ {})", conjunction(stale)),
        ..GeneratedTest::default()
    }
}

/// The first register that a word of the message is loaded into; `x31` is the last.
const FIRST_WORD: u32 = 8;
/// So many words there can be.
pub(super) const MOST_WORDS: u32 = 32 - FIRST_WORD;
