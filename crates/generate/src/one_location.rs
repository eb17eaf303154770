//! Many harts, one location.

use super::generated_test::{GeneratedTest, Hart};

/// `n` writers of one location, each of its own value, and a reader that reads twice: coherence
/// allows pairs of values in any order, and the last value besides.
pub(super) fn writers(n: u32) -> GeneratedTest {
    let writer =
        |number: u32| Hart::new().register(5, number + 1).register(6, "x").code(["sw x5,0(x6)"]);
    let reader = Hart::new().register(6, "x").code(["lw x5,0(x6)", "lw x7,0(x6)"]);
    GeneratedTest {
        about: format!("{n} writers of one word, and a reader that reads it twice"),
        harts: (0..n).map(writer).chain([reader]).collect(),
        locations: vec!["x".to_owned()],
        condition: format!("exists ({n}:x5=1 /\\ {n}:x7=2)"),
        ..GeneratedTest::default()
    }
}

/// `n` increments by LR and SC without a loop: SCs that fail leave any count from 0 to `n`.
pub(super) fn reserved_counter(n: u32) -> GeneratedTest {
    let code = ["lr.w x5,0(x6)", "addi x5,x5,1", "sc.w x7,x5,0(x6)"];
    GeneratedTest {
        about: format!("{n} harts try once to increment a counter with LR and SC"),
        harts: (0..n).map(|_| Hart::new().register(6, "x").code(code)).collect(),
        condition: format!("exists (x={n})"),
        ..GeneratedTest::default()
    }
}

/// Two `amoadd` by each of `n` harts: one final state, however many ways lead there.
pub(super) fn atomic_counter(n: u32) -> GeneratedTest {
    let code = ["amoadd.w x5,x7,(x6)", "amoadd.w x5,x7,(x6)"];
    GeneratedTest {
        about: format!("{n} harts add 1 to a counter twice, and nothing is lost"),
        harts: (0..n).map(|_| Hart::new().register(6, "x").register(7, 1).code(code)).collect(),
        condition: format!("forall (x={})", 2 * n),
        ..GeneratedTest::default()
    }
}

/// Pieces of a doubleword that overlap one another: mnemonic and offset.
const PIECES: [(&str, u32); 8] =
    [("sd", 0), ("sw", 4), ("sh", 4), ("sb", 5), ("sw", 0), ("sh", 2), ("sb", 2), ("sh", 6)];

/// `n` stores of different sizes into one doubleword, each of its own number in every byte, and a
/// reader that reads the upper half and then the whole.
pub(super) fn mixed_sizes(n: u32) -> GeneratedTest {
    let writer = |number: u32| {
        let (store, offset) = PIECES[number as usize % PIECES.len()];
        let bytes = u64::from(number + 1) * 0x0101_0101_0101_0101;
        Hart::new().register(5, bytes).register(6, "x").code([format!("{store} x5,{offset}(x6)")])
    };
    let reader = Hart::new().register(6, "x").code(["lwu x5,4(x6)", "ld x7,0(x6)"]);
    let whole = u64::from(n) * 0x0101_0101_0101_0101;
    GeneratedTest {
        about: format!("{n} overlapping stores of 8, 4, 2 and 1 bytes, read by halves and whole"),
        memory: vec!["uint64_t x".to_owned(), format!("uint64_t {n}:x7")],
        harts: (0..n).map(writer).chain([reader]).collect(),
        locations: vec!["x".to_owned()],
        condition: format!("exists ({n}:x5=0 /\\ {n}:x7={whole})"),
        ..GeneratedTest::default()
    }
}

/// The number of a writer fills a byte.
pub(super) const MOST_PIECES: u32 = 255;
