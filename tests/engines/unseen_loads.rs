//! Loads whose value nobody asks for keep other operations in order all the same: each test has one that may
//! not be left out, for one of the reasons that `operational::reduce::dead_loads` gives, and shows what that would allow.

use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{Explorer, Limits, Reductions, Workspace};
use rvlitmus_core::program::{full_hart, link};

/// Registers that every hart begins with: the locations, and 1.
const REGISTERS: &str = "x5=x; H:x6=y; H:x7=z; H:x15=w; H:x16=1;";

/// Final states of a test of two harts, with these reductions, under both models.
fn states(rows: &str, shown: &str, reductions: Reductions) -> [usize; 2] {
    let of = |hart: &str| format!("{hart}:{}", REGISTERS.replace('H', hart));
    let text = format!(
        "RISCV unseen\n{{ uint64_t x=0; {}\n{} }}\n P0 | P1 ;\n{rows}\nlocations [{shown}]\nexists (true)\n",
        of("0"),
        of("1")
    );
    let test = parse(&text).expect("parses");
    let program = link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo));
    let (program, options) = (program.expect("links"), Options::default());
    let mut explorer =
        Explorer::new(&program, &options, reductions, Workspace::default()).expect("fits");
    [BaseModel::Rvwmo, BaseModel::Ztso].map(|model| {
        let found = explorer.outcomes(&[model; 2], Limits::default());
        found.expect("has an answer").states.len()
    })
}

/// Checks how many final states there are under RVWMO, with `load` and without it.
fn check(rows: &str, load: &str, shown: &str, (with, without): (usize, usize)) {
    assert!(rows.contains(load));
    let one_less = rows.replace(load, "nop");
    for (rows, expected) in [(rows, with), (&one_less, without)] {
        let all = states(rows, shown, Reductions::ALL);
        assert_eq!(all, states(rows, shown, Reductions::NONE), "{rows}");
        assert_eq!(all[0], expected, "{rows}");
    }
}

#[test]
fn an_older_load_comes_before_what_waits_for_it() {
    let rows = "lw x8,0(x5) | lw x8,0(x6) ;\n lw x9,0(x5) | sw x8,0(x5) ;\n bne x9,x0,Next | ;\n \
                Next: | ;\n sw x16,0(x6) | ;\n";
    check(rows, "lw x9,0(x5)", "0:x8; 1:x8;", (2, 3));
}

#[test]
fn a_younger_load_comes_after_what_it_waits_for() {
    let rows = "lw x8,0(x6) | sw x16,0(x5) ;\n xor x9,x8,x8 | fence w,w ;\n add x10,x5,x9 | sw x16,0(x6) ;\n \
                lw x11,0(x10) | ;\n lw x12,0(x5) | ;\n";
    check(rows, "lw x11,0(x10)", "0:x8; 0:x12;", (3, 4));
}

#[test]
fn what_is_forwarded_to_it_depends_on_a_load() {
    let rows = "lw x8,0(x6) | lw x8,0(x7) ;\n sw x8,0(x5) | sw x8,0(x6) ;\n lw x9,0(x5) | ;\n \
                bne x9,x0,Next | ;\n Next: | ;\n sw x16,0(x7) | ;\n";
    check(rows, "lw x9,0(x5)", "0:x8; 1:x8;", (2, 3));
}

#[test]
fn a_store_that_depends_on_it_is_forwarded() {
    let rows = "lw x8,0(x6) | sw x16,0(x7) ;\n xor x9,x8,x8 | fence w,w ;\n add x10,x15,x9 | sw x16,0(x6) ;\n \
                lw x11,0(x10) | ;\n xor x12,x11,x11 | ;\n sw x12,0(x5) | ;\n lw x13,0(x5) | ;\n \
                xor x14,x13,x13 | ;\n add x14,x14,x7 | ;\n lw x17,0(x14) | ;\n";
    check(rows, "lw x11,0(x10)", "0:x8; 0:x17;", (3, 4));
}

#[test]
fn it_reads_what_two_loads_read_apart() {
    let rows = "lw x8,0(x5) | sw x16,4(x5) ;\n ld x9,0(x5) | fence w,w ;\n lw x10,4(x5) | sw x16,0(x5) ;\n";
    check(rows, "ld x9,0(x5)", "0:x8; 0:x10;", (3, 4));
}
