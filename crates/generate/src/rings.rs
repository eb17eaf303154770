//! Rings of harts: each stores to its own word and looks at its neighbour's.

use super::generated_test::{GeneratedTest, Hart, conjunction};

/// `harts` columns in a ring: each is given the symbols of its own word and its neighbour's.
fn ring(harts: u32, column: impl Fn(String, String) -> Hart) -> Vec<Hart> {
    let word = |number: u32| format!("v{}", number % harts);
    (0..harts).map(|hart| column(word(hart), word(hart + 1))).collect()
}

fn all_registers(harts: u32, register: u8, value: u32) -> String {
    conjunction((0..harts).map(|hart| format!("{hart}:x{register}={value}")))
}

/// Store buffering: nothing is ordered, so every combination of values is reached, `2^n` of them.
pub(super) fn store_buffering(n: u32) -> GeneratedTest {
    GeneratedTest {
        about: format!(
            "Store buffering in a ring of {n}: everybody can miss its neighbour's store"
        ),
        harts: ring(n, |own, next| {
            Hart::new()
                .register(5, 1)
                .register(6, own)
                .register(7, next)
                .code(["sw x5,0(x6)", "lw x8,0(x7)"])
        }),
        condition: format!("exists ({})", all_registers(n, 8, 0)),
        ..GeneratedTest::default()
    }
}

/// Load buffering with data dependencies on which the stored value does not depend: r10 orders, so
/// that the one combination where every load sees its neighbour's store is out of reach.
pub(super) fn load_buffering(n: u32) -> GeneratedTest {
    GeneratedTest {
        about: format!("Load buffering in a ring of {n}: data dependencies forbid the cycle"),
        harts: ring(n, |own, next| {
            Hart::new().register(6, own).register(7, next).code([
                "lw x5,0(x6)",
                "xor x8,x5,x5",
                "ori x8,x8,1",
                "sw x8,0(x7)",
            ])
        }),
        condition: format!("exists ({})", all_registers(n, 5, 1)),
        ..GeneratedTest::default()
    }
}

/// Two writes by each hart, to its own word and its neighbour's: `2^n` final memories.
pub(super) fn two_writes(n: u32) -> GeneratedTest {
    GeneratedTest {
        about: format!("Two writes by each of a ring of {n}: every first write can be the last"),
        harts: ring(n, |own, next| {
            Hart::new()
                .register(5, 2)
                .register(6, own)
                .register(7, next)
                .register(8, 1)
                .code(["sw x5,0(x6)", "sw x8,0(x7)"])
        }),
        condition: format!("exists ({})", conjunction((0..n).map(|word| format!("v{word}=2")))),
        ..GeneratedTest::default()
    }
}
