//! Both engines on generated programs: the same states, or the same kind of error.
//!
//! `RVLITMUS_GENERATED` sets how many programs are tried (default 800 of each shape).

mod support;

use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use rvlitmus::axiomatic;
use rvlitmus::explore::{Limits, explore};
use rvlitmus::litmus::{LineIndex, parse};
use rvlitmus::model::{FailedCas, MemoryModel, Options, Reservation, ScFailure, ZalasrReading};
use rvlitmus::program::{Completeness, Fault, Outcomes, Program, full_hart, link};
use support::generate::{Plan, Shape, plans};
use support::runner::{cases, runner};

fn program(text: &str) -> Program {
    let test = parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    link(&test, &LineIndex::new(text), |_| full_hart(MemoryModel::Rvwmo))
        .unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn machine(
    program: &Program,
    models: &[MemoryModel],
    options: &Options,
) -> Result<Outcomes, Fault> {
    let limits = Limits { interrupted: &|| false, memory: 1 << 30, parallel: false };
    explore(program, models, options, limits)
}

/// Says how the engines differ, if they do.
fn difference(program: &Program, models: &[MemoryModel], options: &Options) -> Option<String> {
    let axioms = axiomatic::outcomes(program, models, options, &|| false);
    match (machine(program, models, options), axioms) {
        (Err(_), Err(_)) => None,
        (Ok(machine), Ok(axioms)) => {
            let extra = |a: &Outcomes, b: &Outcomes| {
                a.states.iter().filter(|s| !b.states.contains(s)).count()
            };
            let bounded = |o: &Outcomes| o.completeness != Completeness::Complete;
            let ends_alike = bounded(&machine) == bounded(&axioms);
            (machine.states != axioms.states || !ends_alike).then(|| {
                let first = machine.states.iter().find(|s| !axioms.states.contains(s));
                let second = axioms.states.iter().find(|s| !machine.states.contains(s));
                format!(
                    "{models:?}: machine only {} (first {first:?}), axioms only {} (first {second:?}), {:?} {:?}",
                    extra(&machine, &axioms),
                    extra(&axioms, &machine),
                    machine.completeness,
                    axioms.completeness
                )
            })
        }
        (machine, axioms) => Some(format!(
            "{models:?}: machine {:?}, axioms {:?}",
            machine.map(|o| o.states.len()),
            axioms.map(|o| o.states.len())
        )),
    }
}

fn options() -> BoxedStrategy<Options> {
    let reservation = prop_oneof![
        4 => Just(Reservation::Exact),
        1 => Just(Reservation::Line(64)),
        1 => Just(Reservation::Line(8)),
        1 => Just(Reservation::Any),
    ];
    let zalasr = prop_oneof![Just(ZalasrReading::Ratified), Just(ZalasrReading::Rcpc)];
    let failed_cas = prop_oneof![Just(FailedCas::Load), Just(FailedCas::Amo)];
    let sc_failure = prop_oneof![
        3 => Just(ScFailure::Spurious),
        1 => Just(ScFailure::OnlyWhenForced),
    ];
    let granule = prop_oneof![3 => Just(1), 1 => Just(4), 1 => Just(8), 1 => Just(16)];
    (reservation, zalasr, failed_cas, sc_failure, granule)
        .prop_map(|(reservation, zalasr, failed_cas, sc_failure, misaligned_granule)| Options {
            misaligned_granule,
            reservation,
            zalasr,
            failed_cas,
            sc_failure,
            unroll: 1,
            ..Options::default()
        })
        .boxed()
}

fn agree_on(shape: Shape) {
    let cases = cases(800);
    let states = AtomicU64::new(0);
    let mut runner = runner(cases);
    let found = runner.run(&(plans(shape), options()), |(plan, options): (Plan, Options)| {
        let text = plan.to_string();
        let program = program(&text);
        let uniform = |model| vec![model; plan.models.len()];
        for models in [uniform(MemoryModel::Rvwmo), uniform(MemoryModel::Ztso), plan.models.clone()]
        {
            if let Some(difference) = difference(&program, &models, &options) {
                return Err(TestCaseError::fail(format!("{difference}\n{options:?}\n{text}")));
            }
            states.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    });
    if let Err(proptest::test_runner::TestError::Fail(reason, _)) = found {
        panic!("the engines differ: {reason}");
    }
    found.expect("no other error");
    assert_eq!(states.into_inner(), 3 * u64::from(cases));
}

#[test]
fn two_harts() {
    agree_on(Shape { harts: (2, 2), pieces: 6, locations: 2, mixed_sizes: false, loops: false });
}

#[test]
fn two_to_four_harts() {
    agree_on(Shape { harts: (2, 4), pieces: 4, locations: 3, mixed_sizes: false, loops: false });
}

#[test]
fn mixed_sizes() {
    agree_on(Shape { harts: (2, 3), pieces: 4, locations: 1, mixed_sizes: true, loops: false });
}

#[test]
fn loops() {
    agree_on(Shape { harts: (2, 2), pieces: 4, locations: 2, mixed_sizes: false, loops: true });
}
