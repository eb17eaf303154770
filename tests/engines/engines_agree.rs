//! Both engines on generated programs: the same states, or the same kind of error.
//!
//! 36,500 programs are compared, each under four choices of models. `RVLITMUS_GENERATED` sets how many
//! of each shape, `RVLITMUS_SEED` chooses others; `docs/verification.md` records a long run.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::agree::{Verdict, compare, options};
use crate::support::generate::{Plan, Shape, plans};
use crate::support::runner::{cases, config};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};
use rvlitmus_core::axiomatic;
use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::{BaseModel, Options, ScFailure};
use rvlitmus_core::program::Limits;
use rvlitmus_core::program::{Program, full_hart, link};

fn program(text: &str) -> Program {
    let test = parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    link(&test, &LineIndex::new(text), |_| full_hart(BaseModel::Rvwmo))
        .unwrap_or_else(|e| panic!("{e}\n{text}"))
}

#[allow(clippy::print_stdout)] // the record of a run, shown with --nocapture
fn agree_on(name: &str, default: u32, shape: Shape) {
    let config = config(cases(default));
    let RngSeed::Fixed(seed) = config.rng_seed else { panic!("seeds are fixed") };
    let programs = config.cases;
    let too_long = AtomicU64::new(0);
    let compared = AtomicU64::new(0);
    let mut runner = TestRunner::new(Config { max_global_rejects: programs / 100 + 10, ..config });
    let found = runner.run(&(plans(shape), options()), |(plan, options): (Plan, Options)| {
        let text = plan.to_string();
        let program = program(&text);
        let uniform = |model| vec![model; plan.models.len()];
        for models in [
            uniform(BaseModel::Rvwmo),
            uniform(BaseModel::Ztso),
            uniform(BaseModel::Sc),
            plan.models.clone(),
        ] {
            match compare(&program, &models, &options) {
                Verdict::Same => {}
                Verdict::TooLong => {
                    too_long.fetch_add(1, Ordering::Relaxed);
                    return Err(TestCaseError::reject("too long"));
                }
                Verdict::Differ(how) => {
                    return Err(TestCaseError::fail(format!("{how}\n{options:?}\n{text}")));
                }
            }
        }
        compared.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    if let Err(TestError::Fail(reason, _)) = found {
        panic!("the engines differ: {reason}");
    }
    found.expect("no other error");
    let (compared, too_long) = (compared.into_inner(), too_long.into_inner());
    println!("{name}: seed {seed}, {compared} programs compared, {too_long} too long");
    assert_eq!(compared, u64::from(programs));
}

#[test]
fn two_harts() {
    agree_on("two_harts", 6000, Shape { harts: (2, 2), pieces: 6, ..Shape::SMALL });
}

#[test]
fn two_to_four_harts() {
    agree_on("two_to_four_harts", 8000, Shape { harts: (2, 4), locations: 3, ..Shape::SMALL });
}

#[test]
fn mixed_sizes() {
    agree_on("mixed_sizes", 3000, Shape { locations: 1, mixed_sizes: true, ..Shape::SMALL });
}

#[test]
fn loops() {
    agree_on("loops", 6000, Shape { harts: (2, 2), loops: true, ..Shape::SMALL });
}

#[test]
fn counts() {
    agree_on("counts", 4000, Shape { harts: (2, 2), pieces: 5, counts: true, ..Shape::SMALL });
}

#[test]
fn counts_and_loops() {
    let shape = Shape { harts: (2, 2), loops: true, counts: true, ..Shape::SMALL };
    agree_on("counts_and_loops", 2000, shape);
}

/// Half of them where SCs fail only when forced.
#[test]
fn varied() {
    agree_on("varied", 4000, Shape { harts: (1, 3), varied: true, ..Shape::SMALL });
}

#[test]
fn varied_and_mixed() {
    agree_on(
        "varied_and_mixed",
        1500,
        Shape { harts: (1, 2), locations: 1, mixed_sizes: true, varied: true, ..Shape::SMALL },
    );
}

#[test]
fn varied_loops() {
    agree_on(
        "varied_loops",
        2000,
        Shape { harts: (2, 2), loops: true, varied: true, ..Shape::SMALL },
    );
}

/// Both engines find the same states of a test of two harts, and one of them satisfies its condition.
fn both_reach(text: &str, options: &Options) {
    let (program, models) = (program(text), [BaseModel::Rvwmo; 2]);
    assert!(matches!(compare(&program, &models, options), Verdict::Same));
    let found =
        axiomatic::outcomes(&program, &models, options, Limits::default()).expect("no fault");
    let condition = program.condition.as_ref().expect("a condition");
    assert!(found.states.iter().any(|state| condition.holds(&state)));
}

#[test]
fn a_store_behind_an_amocas_may_be_what_makes_it_store() {
    let text = "RISCV d
{ uint64_t z=1; uint64_t y; 0:x6=y; 0:x7=z; 1:x6=y; 1:x7=z; 1:x8=2; 1:x9=1; }
 P0                  | P1                    ;
 lw x10,0(x6)        | amocas.w x5,x8,(x7)   ;
 addi x11,x10,3      | sw x9,0(x6)           ;
 amoand.w x12,x11,(x7) |                     ;
locations [z; 0:x10;]
exists (1:x5=0)";
    both_reach(text, &Options::default());
}

#[test]
fn a_store_of_a_hart_that_is_looked_at_later_excuses_a_failed_sc() {
    let text = "RISCV d
{ uint64_t x=0; 0:x5=x; 1:x5=x; }
 P0                 | P1             ;
 li x30,1           | li x30,1       ;
 addi x29,x5,5      | addi x29,x5,4  ;
 sb x30,0(x29)      | lw x10,0(x29)  ;
 addi x29,x5,4      | addi x29,x5,6  ;
 lr.w x11,(x29)     | sb x30,0(x29)  ;
 sc.w x12,x30,(x29) |                ;
locations [x; 0:x11;]
exists (0:x12=1)";
    both_reach(text, &Options { sc_failure: ScFailure::OnlyWhenForced, ..Options::default() });
}
