//! Locks that protect a counter. Their loops are cut by `--unroll`, so that answers are `bounded`:
//! every execution that ends within the bound has counted all harts.

use super::generated_test::{GeneratedTest, Hart};

/// The critical section: `x8` holds the counter's address.
const INCREMENT: [&str; 3] = ["lw x9,0(x8)", "addi x9,x9,1", "sw x9,0(x8)"];

fn locked(n: u32, lock: &str, harts: Vec<Hart>) -> GeneratedTest {
    GeneratedTest {
        about: format!("{n} harts increment a counter under {lock}, and nothing is lost"),
        harts,
        condition: format!("forall (c={n})"),
        ..GeneratedTest::default()
    }
}

/// Taken with `amoswap.w.aq`, released with `amoswap.w.rl`, as in the manual's example.
pub(super) fn swap(n: u32) -> GeneratedTest {
    let hart = Hart::new()
        .register(6, "l")
        .register(7, 1)
        .register(8, "c")
        .code(["L: amoswap.w.aq x5,x7,(x6)", "bne x5,x0,L"])
        .code(INCREMENT)
        .code(["amoswap.w.rl x0,x0,(x6)"]);
    locked(n, "an amoswap spin lock", vec![hart; n as usize])
}

/// Taken with LR and SC, released with a store.
pub(super) fn reserved(n: u32) -> GeneratedTest {
    let hart = Hart::new()
        .register(6, "l")
        .register(7, 1)
        .register(8, "c")
        .code(["L: lr.w.aq x5,(x6)", "bne x5,x0,L", "sc.w x5,x7,(x6)", "bne x5,x0,L"])
        .code(INCREMENT)
        .code(["fence rw,w", "sw x0,0(x6)"]);
    locked(n, "an LR/SC spin lock", vec![hart; n as usize])
}

/// A ticket is drawn with `amoadd`; harts enter in the order of their tickets.
pub(super) fn ticket(n: u32) -> GeneratedTest {
    let hart = Hart::new()
        .register(6, "next")
        .register(7, 1)
        .register(8, "c")
        .register(10, "owner")
        .code(["amoadd.w x5,x7,(x6)", "L: lw x11,0(x10)", "bne x11,x5,L", "fence r,rw"])
        .code(INCREMENT)
        .code(["fence rw,w", "addi x11,x11,1", "sw x11,0(x10)"]);
    locked(n, "a ticket lock", vec![hart; n as usize])
}
