//! Tests that are long and otherwise trivial: the states that are met grow with the operations, not with
//! their orders.

use rvlitmus_core::litmus::{Colour, LineIndex, parse, render};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{Explorer, Limits, Reductions, Workspace};
use rvlitmus_core::program::{Completeness, Outcomes, full_hart, link};

/// Operations of each hart.
const LENGTH: usize = 1000;

/// A test of two harts, each of which runs its lines over and over, [`LENGTH`] lines in all.
fn long(first: &[&str], second: &[&str]) -> String {
    let rows = first.iter().cycle().zip(second.iter().cycle()).take(LENGTH);
    let rows: String = rows.map(|(a, b)| format!(" {a} | {b} ;\n")).collect();
    format!(
        "RISCV long\n{{ 0:x5=x; 0:x6=y; 0:x7=1; 1:x5=x; 1:x6=y; 1:x7=2; }}\n P0 | P1 ;\n{rows}\
         exists (1:x8=1 /\\ x=2)\n"
    )
}

/// What the harts come to under both models.
fn outcomes(text: &str) -> [Outcomes; 2] {
    let test = parse(text).expect("parses");
    let program = link(&test, &LineIndex::new(text), |_| full_hart(BaseModel::Rvwmo));
    let program = program.expect("links");
    let options = Options::default();
    let mut explorer =
        Explorer::new(&program, &options, Reductions::ALL, Workspace::default()).expect("fits");
    [BaseModel::Rvwmo, BaseModel::Ztso].map(|model| {
        let found = explorer.outcomes(&[model; 2], Limits::default()).expect("has an answer");
        assert_eq!(found.completeness, Completeness::Complete);
        found
    })
}

/// Checks that both models have so many outcomes, and meet no more states than there are operations.
fn check(first: &[&str], second: &[&str], states: usize) {
    for found in outcomes(&long(first, second)) {
        assert_eq!(found.states.len(), states);
        assert!(found.work <= 3 * LENGTH as u64, "{} states met", found.work);
    }
}

#[test]
fn stores_that_are_loaded_over_and_over() {
    check(&["sw x7,0(x5)"], &["lw x8,0(x5)"], 2);
}

#[test]
fn two_locations_and_fences() {
    let stores = ["sw x7,0(x5)", "fence w,w", "sw x7,0(x6)", "fence w,w"];
    check(&stores, &["lw x8,0(x6)", "fence r,r", "lw x9,0(x5)", "fence r,r"], 2);
}

#[test]
fn two_locations_without_fences() {
    check(&["sw x7,0(x5)", "sw x7,0(x6)"], &["lw x8,0(x6)", "lw x9,0(x5)"], 2);
}

#[test]
fn both_harts_store() {
    check(&["sw x7,0(x5)"], &["sw x7,0(x5)"], 2);
}

#[test]
fn a_hart_loads_what_it_stored() {
    check(&["sw x7,0(x5)", "lw x8,0(x5)"], &["sw x7,0(x6)", "lw x8,0(x6)"], 1);
}

#[test]
fn additions() {
    check(&["amoadd.w x0,x7,(x5)"], &["addi x9,x9,1"], 1);
}

/// Message passing from one end of an array to the other: what nobody accesses costs nothing.
#[test]
fn the_largest_array() {
    let text = |elements: u32| {
        format!(
            "RISCV large\n{{ int a[{elements}]; 0:x5=a; 0:x6=a[65535]; 1:x5=a; 1:x6=a[65535]; 0:x7=1; }}\n \
             P0 | P1 ;\n sw x7,0(x5) | lw x8,0(x6) ;\n sw x7,0(x6) | lw x9,0(x5) ;\n\
             exists (1:x8=1 /\\ 1:x9=0)\n"
        )
    };
    let [rvwmo, ztso] = outcomes(&text(1 << 16));
    assert_eq!((rvwmo.states.len(), ztso.states.len()), (4, 3));
    let larger = text((1 << 16) + 1);
    let said = render("t", &larger, &parse(&larger).expect_err("is too large"), Colour::Never);
    assert!(said.contains("an array of 65537 elements"), "{said}");
    assert!(said.contains("arrays have 1 to 65536 elements"), "{said}");
}
