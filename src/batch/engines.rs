//! One model's outcomes, from the machine, from the axioms, or from both.

use std::time::Instant;

use super::Setup;
use crate::axiomatic;
use crate::compare::{Engine, Failure, Mistake, Status};
use crate::explore::{Limits, explore};
use crate::model::{MemoryModel, Options};
use crate::program::{Completeness, Fault, FinalState, Outcomes, Program};

/// Every final state of `program` when all harts follow `model`.
///
/// # Errors
/// A fault of the test, or a difference between the engines.
pub(super) fn outcomes(
    program: &Program,
    model: MemoryModel,
    options: &Options,
    setup: &Setup,
) -> Result<Outcomes, Failure> {
    let models = vec![model; program.harts.len()];
    let machine = || {
        let start = Instant::now();
        let interrupted = || setup.expired(start);
        let limits = Limits { interrupted: &interrupted, memory: setup.memory, parallel: true };
        explore(program, &models, options, limits)
    };
    let axioms = || {
        let start = Instant::now();
        axiomatic::outcomes(program, &models, options, &|| setup.expired(start))
    };
    match setup.engine {
        Engine::Machine => machine().map_err(|fault| faulty(program, &fault)),
        Engine::Axiomatic => axioms().map_err(|fault| faulty(program, &fault)),
        Engine::Both => agreed(program, model, machine(), axioms()),
    }
}

/// The answer of both, or their difference.
fn agreed(
    program: &Program,
    model: MemoryModel,
    machine: Result<Outcomes, Fault>,
    axioms: Result<Outcomes, Fault>,
) -> Result<Outcomes, Failure> {
    let differ = |what: String| {
        let message = format!("the engines differ under {model}: {what}");
        Err(Failure::new(Status::InternalError, Mistake::of_file(message)))
    };
    match (machine, axioms) {
        // Which of several faults is met first depends on the order of the search.
        (Err(fault), Err(_)) => Err(faulty(program, &fault)),
        (Err(fault @ Fault::TooLarge { .. }), _) | (_, Err(fault @ Fault::TooLarge { .. })) => {
            Err(faulty(program, &fault))
        }
        (Err(fault), Ok(_)) => differ(format!("only the machine finds that {fault}")),
        (Ok(_), Err(fault)) => differ(format!("only the axioms find that {fault}")),
        (Ok(machine), Ok(axioms)) => {
            if unfinished(&axioms) {
                return Ok(axioms);
            }
            let only = |a: &Outcomes, b: &Outcomes| {
                a.states.iter().find(|state| b.states.binary_search(state).is_err()).cloned()
            };
            if unfinished(&machine) {
                Ok(machine)
            } else if let Some(state) = only(&machine, &axioms) {
                differ(format!("only the machine reaches {}", shown(program, &state)))
            } else if let Some(state) = only(&axioms, &machine) {
                differ(format!("only the axioms allow {}", shown(program, &state)))
            } else {
                Ok(machine)
            }
        }
    }
}

fn unfinished(outcomes: &Outcomes) -> bool {
    matches!(outcomes.completeness, Completeness::Timeout | Completeness::MemoryLimit)
}

fn shown(program: &Program, state: &FinalState) -> String {
    let values = program.observed.iter().zip(state);
    let values = values.map(|(observed, value)| format!("{}={}", observed.place, *value as i64));
    values.collect::<Vec<_>>().join(" ")
}

/// A fault's place is that of its instruction.
fn faulty(program: &Program, fault: &Fault) -> Failure {
    let (status, place) = match fault {
        Fault::BadAddress { hart, step, .. }
        | Fault::Misaligned { hart, step, .. }
        | Fault::BadJump { hart, step, .. } => (Status::Fault, Some((hart, *step))),
        Fault::MisalignedUnsupported { hart, step, .. } => {
            (Status::Unsupported, Some((hart, *step)))
        }
        Fault::TooLarge { .. } => (Status::Unsupported, None),
    };
    let step = place.and_then(|(hart, step)| program.harts.get(hart.index())?.code.get(step));
    let (line, column) = step.map_or((1, 1), |step| (step.line, step.column));
    Failure::new(status, Mistake { line, column, message: fault.to_string(), help: None })
}
