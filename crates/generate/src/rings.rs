//! Rings and fans: harts that pass values on, without a location that more than two store to.

use super::sketch::{Column, Sketch, all};

/// `harts` columns in a ring: each is given the symbols of its own word and its neighbour's.
fn ring(harts: u32, column: impl Fn(String, String) -> Column) -> Vec<Column> {
    let word = |number: u32| format!("v{}", number % harts);
    (0..harts).map(|hart| column(word(hart), word(hart + 1))).collect()
}

fn every(harts: u32, register: u8, value: u32) -> String {
    all((0..harts).map(|hart| format!("{hart}:x{register}={value}")))
}

/// Store buffering: nothing is ordered, so every combination of values is reached, `2^n` of them.
pub(super) fn store_buffering(n: u32) -> Sketch {
    Sketch {
        about: format!(
            "Store buffering in a ring of {n}: everybody can miss its neighbour's store"
        ),
        harts: ring(n, |own, next| {
            Column::new().with(5, 1).with(6, own).with(7, next).runs(["sw x5,0(x6)", "lw x8,0(x7)"])
        }),
        condition: format!("exists ({})", every(n, 8, 0)),
        ..Sketch::default()
    }
}

/// Load buffering with data dependencies on which the stored value does not depend: r10 orders, so
/// that the one combination where every load sees its neighbour's store is out of reach.
pub(super) fn load_buffering(n: u32) -> Sketch {
    Sketch {
        about: format!("Load buffering in a ring of {n}: data dependencies forbid the cycle"),
        harts: ring(n, |own, next| {
            Column::new().with(6, own).with(7, next).runs([
                "lw x5,0(x6)",
                "xor x8,x5,x5",
                "ori x8,x8,1",
                "sw x8,0(x7)",
            ])
        }),
        condition: format!("exists ({})", every(n, 5, 1)),
        ..Sketch::default()
    }
}

/// Two writes by each hart, to its own word and its neighbour's: `2^n` final memories.
pub(super) fn two_writes(n: u32) -> Sketch {
    Sketch {
        about: format!("Two writes by each of a ring of {n}: every first write can be the last"),
        harts: ring(n, |own, next| {
            Column::new()
                .with(5, 2)
                .with(6, own)
                .with(7, next)
                .with(8, 1)
                .runs(["sw x5,0(x6)", "sw x8,0(x7)"])
        }),
        condition: format!("exists ({})", all((0..n).map(|word| format!("v{word}=2")))),
        ..Sketch::default()
    }
}

/// Independent reads of independent writes: two writers and `k` readers, every other one in the other
/// order, each with a fence between its loads.
pub(super) fn independent_reads(k: u32) -> Sketch {
    let writer = |word: &str| Column::new().with(5, 1).with(6, word).runs(["sw x5,0(x6)"]);
    let reader = |number: u32| {
        let (first, second) = if number.is_multiple_of(2) { ("x", "y") } else { ("y", "x") };
        let code = ["lw x5,0(x6)", "fence r,r", "lw x8,0(x7)"];
        Column::new().with(6, first).with(7, second).runs(code)
    };
    let disagree = (2..k + 2).map(|hart| format!("{hart}:x5=1 /\\ {hart}:x8=0"));
    Sketch {
        about: format!("{k} fenced readers of two independent writes agree on their order"),
        harts: ["x", "y"].map(writer).into_iter().chain((0..k).map(reader)).collect(),
        condition: format!("exists ({})", all(disagree)),
        ..Sketch::default()
    }
}

/// Message passing: `k` words of data, then a flag; the reader looks at the flag first.
pub(super) fn message(k: u32) -> Sketch {
    let stores = (0..k).map(|word| format!("sw x5,{}(x6)", 4 * word));
    let loads = (0..k).map(|word| format!("lw x{},{}(x6)", FIRST_WORD + word, 4 * word));
    let last = ["fence w,w", "sw x5,0(x7)"].map(str::to_owned);
    let first = ["lw x5,0(x7)", "fence r,r"].map(str::to_owned);
    let stale = (0..k).map(|word| format!("1:x{}=0", FIRST_WORD + word));
    Sketch {
        about: format!("A message of {k} words is complete when its flag is seen"),
        memory: vec![format!("int d[{k}]")],
        harts: vec![
            Column::new().with(5, 1).with(6, "d").with(7, "f").runs(stores.chain(last)),
            Column::new().with(6, "d").with(7, "f").runs(first.into_iter().chain(loads)),
        ],
        condition: format!("exists (1:x5=1 /\\ {})", all(stale)),
        ..Sketch::default()
    }
}

/// The first register that a word of the message is loaded into; `x31` is the last.
const FIRST_WORD: u32 = 8;
/// So many words there can be.
pub(super) const MOST_WORDS: u32 = 32 - FIRST_WORD;
