//! What both engines, and the decider, say of one program.

use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use rvlitmus_core::axiomatic::decide::{Decider, Prepared, Question, Reply};
use rvlitmus_core::axiomatic::{self, check};
use rvlitmus_core::model::{BaseModel, FailedCas, Options, Reservation, ScFailure, ZalasrReading};
use rvlitmus_core::operational::{Explorer, Limits, Reductions, Workspace};
use rvlitmus_core::program::{Completeness, Fault, Outcomes, Program};

/// The outcomes that the machine finds.
pub fn machine(
    program: &Program,
    models: &[BaseModel],
    options: &Options,
) -> Result<Outcomes, Fault> {
    let limits = Limits { interrupted: &|| false, memory: 1 << 30, parallel: false };
    // The axioms are not asked about executions beyond the bound.
    let reductions = Reductions { deeper_loops: false, ..Reductions::ALL };
    let workspace = Workspace::default();
    Explorer::within(program, options, reductions, workspace, limits)?.outcomes(models, limits)
}

/// How often the axiomatic search may ask whether to go on. A few programs in ten thousand have so
/// many candidate executions that they would take most of the time; they are counted, and others are
/// tried in their place. A count, not a time, so that every machine compares the same programs.
const MOST_QUESTIONS: u64 = 4_000;

/// What comparing the engines came to.
pub enum Verdict {
    Same,
    TooLong,
    Differ(String),
}

/// Compares the engines.
pub fn compare(program: &Program, models: &[BaseModel], options: &Options) -> Verdict {
    let questions = AtomicU64::new(0);
    let too_long = || questions.fetch_add(1, Ordering::Relaxed) >= MOST_QUESTIONS;
    let limits = Limits { interrupted: &too_long, ..Limits::default() };
    let axioms = axiomatic::outcomes(program, models, options, limits);
    match (machine(program, models, options), axioms) {
        (_, Ok(axioms)) if axioms.completeness == Completeness::Timeout => Verdict::TooLong,
        (Err(_), Err(fault)) => match decided(program, models, options, &Err(fault)) {
            Ok(_) => Verdict::Same,
            Err(how) => Verdict::Differ(format!("{models:?}: {how}")),
        },
        (Ok(machine), Ok(axioms)) => {
            let extra = |a: &Outcomes, b: &Outcomes| {
                a.states.iter().filter(|s| !b.states.contains(s)).count()
            };
            let bounded = |o: &Outcomes| o.completeness != Completeness::Complete;
            let ends_alike = bounded(&machine) == bounded(&axioms);
            if machine.states == axioms.states && ends_alike {
                return match decided(program, models, options, &Ok(axioms)) {
                    Ok(_) => Verdict::Same,
                    Err(how) => Verdict::Differ(format!("{models:?}: {how}")),
                };
            }
            let first = machine.states.iter().find(|s| !axioms.states.contains(s));
            let second = axioms.states.iter().find(|s| !machine.states.contains(s));
            Verdict::Differ(format!(
                "{models:?}: machine only {} (first {first:?}), axioms only {} (first {second:?}), {:?} {:?}",
                extra(&machine, &axioms),
                extra(&axioms, &machine),
                machine.completeness,
                axioms.completeness
            ))
        }
        (machine, axioms) => Verdict::Differ(format!(
            "{models:?}: machine {:?}, axioms {:?}",
            machine.map(|o| o.states.len()),
            axioms.map(|o| o.states.len())
        )),
    }
}

/// Most states that are asked about one by one.
const MOST_STATES: usize = 64;

/// Does the decider reach each of the outcomes, by an execution that the checker accepts, and no other? `false` if the
/// program is none that it decides.
///
/// # Errors
/// What it says otherwise.
pub fn decided(
    program: &Program,
    models: &[BaseModel],
    options: &Options,
    outcomes: &Result<Outcomes, Fault>,
) -> Result<bool, String> {
    let stop = &|| false;
    let Ok(prepared) = Prepared::new(program, models, options, u64::MAX, stop) else {
        return Ok(false);
    };
    let decider = Decider::new(program, options, &prepared, u64::MAX, usize::MAX, stop);
    let Ok(mut decider) = decider else { return Ok(false) };
    let said = |fault: Fault| format!("the decider fails: {fault}");
    let faults = decider.may_fault(u64::MAX).map_err(said)?;
    let Ok(outcomes) = outcomes else {
        let too_large = matches!(outcomes, Err(Fault::TooLarge { .. }));
        return match faults == Some(true) || too_large {
            true => Ok(true),
            false => Err("the decider finds no fault".to_owned()),
        };
    };
    if faults != Some(false) {
        // Computed jumps that were not followed.
        return Ok(false);
    }
    let cuts = decider.cuts(u64::MAX).map_err(said)?.unwrap_or_default();
    let expected = match &outcomes.completeness {
        Completeness::Bounded(cuts) => cuts.clone(),
        _ => Vec::new(),
    };
    if cuts != expected {
        // Where paths meet, a loop that each of them counts by a constant may be counted no more: then it says that
        // it cut it, and nothing is decided.
        return match cuts.is_empty() {
            true => Err(format!("the decider cuts nothing, not {expected:?}")),
            false => Ok(false),
        };
    }
    for state in outcomes.states.iter().take(MOST_STATES) {
        let reply = decider.decide(Question::State(&state), u64::MAX).map_err(said)?;
        let Reply::Reached(_, Some(witness)) = reply else {
            return Err(format!("the decider does not reach {state:?}"));
        };
        check::witness(program, options, &witness)
            .map_err(|unsound| format!("the decider's execution for {state:?}: {unsound}"))?;
    }
    match decider.decide(Question::OtherThan(&outcomes.states), u64::MAX).map_err(said)? {
        Reply::Unreached => {}
        other => return Err(format!("the decider has another outcome: {other:?}")),
    }
    Ok(true)
}

/// Choices of every kind.
pub fn options() -> BoxedStrategy<Options> {
    let reservation = prop_oneof![
        4 => Just(Reservation::Exact),
        2 => Just(Reservation::Line(64)),
        1 => Just(Reservation::Line(8)),
        1 => Just(Reservation::Line(2)),
        1 => Just(Reservation::Any),
    ];
    let zalasr = prop_oneof![Just(ZalasrReading::Ratified), Just(ZalasrReading::Rcpc)];
    let failed_cas =
        prop_oneof![Just(FailedCas::Amo), Just(FailedCas::Load), Just(FailedCas::AmoRl)];
    let sc_failure = prop_oneof![
        1 => Just(ScFailure::Spurious),
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
