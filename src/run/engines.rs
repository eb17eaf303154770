//! Outcomes, from the machine, from the axioms, or from both.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::Setup;
use rvlitmus_core::answer::{Column, Engine, Failure, Mistake, Status};
use rvlitmus_core::axiomatic;
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{Buffers, Explorer, KnownOutcomes, Limits, Reductions, Workspace};
use rvlitmus_core::program::{Fault, FinalState, Outcomes, Program};

/// What the explorations of a run leave for one another.
#[derive(Debug, Default)]
pub struct Explorations {
    known: KnownOutcomes,
    buffers: Mutex<Vec<Buffers>>,
}

impl Explorations {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Buffers>> {
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn workspace(&self) -> Workspace<'_> {
        let buffers = self.idle().pop().unwrap_or_default();
        Workspace { known: Some(&self.known), buffers }
    }
}

/// The engines, made ready for one program.
pub(super) struct Engines<'s> {
    program: &'s Program,
    options: &'s Options,
    setup: &'s Setup,
    /// Compiled once for all columns; `None` where only the axioms are asked.
    machine: Option<Explorer<'s>>,
}

impl<'s> Engines<'s> {
    /// # Errors
    /// The program is larger than the machine's representation.
    pub(super) fn new(
        program: &'s Program,
        options: &'s Options,
        setup: &'s Setup,
    ) -> Result<Engines<'s>, Failure> {
        let machine = match setup.engine {
            Engine::Axiomatic => None,
            Engine::Machine | Engine::Both => Some(
                Explorer::new(
                    program,
                    options,
                    Reductions::default(),
                    setup.explorations.workspace(),
                )
                .map_err(|fault| faulty(program, &fault))?,
            ),
        };
        Ok(Engines { program, options, setup, machine })
    }

    /// Every final state when hart `i` follows `models[i]`.
    ///
    /// # Errors
    /// A fault of the test, or a difference between the engines.
    pub(super) fn outcomes(
        &mut self,
        column: Column,
        models: &[BaseModel],
    ) -> Result<Outcomes, Failure> {
        let Engines { program, options, setup, .. } = *self;
        let start = Instant::now();
        let interrupted = || setup.expired(start);
        let limits = Limits { interrupted: &interrupted, memory: setup.memory, parallel: true };
        let machine = self.machine.as_mut().map(|machine| machine.outcomes(models, limits));
        let axioms = || {
            let start = Instant::now();
            axiomatic::outcomes(program, models, options, &|| setup.expired(start))
        };
        match (machine, setup.engine) {
            (Some(machine), Engine::Both) => agreed(program, column, machine, axioms()),
            (Some(machine), _) => machine.map_err(|fault| faulty(program, &fault)),
            (None, _) => axioms().map_err(|fault| faulty(program, &fault)),
        }
    }
}

impl Drop for Engines<'_> {
    fn drop(&mut self) {
        if let Some(machine) = self.machine.take() {
            self.setup.explorations.idle().push(machine.into_buffers());
        }
    }
}

/// The answer of both, or their difference.
fn agreed(
    program: &Program,
    model: Column,
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
        (Err(fault), Ok(_)) => {
            differ(format!("only the machine finds that {}", program.describe(&fault)))
        }
        (Ok(_), Err(fault)) => {
            differ(format!("only the axioms find that {}", program.describe(&fault)))
        }
        (Ok(machine), Ok(axioms)) => {
            if axioms.completeness.ran_out() {
                return Ok(axioms);
            }
            let only = |a: &Outcomes, b: &Outcomes| {
                a.states.iter().find(|state| !b.states.contains(state))
            };
            if machine.completeness.ran_out() {
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

fn shown(program: &Program, state: &FinalState) -> String {
    let values = program.observed.iter().zip(state);
    let values = values.map(|(observed, value)| format!("{}={}", observed.place, *value as i64));
    values.collect::<Vec<_>>().join(" ")
}

/// A fault's place is that of its instruction.
pub(super) fn faulty(program: &Program, fault: &Fault) -> Failure {
    let (status, place) = match fault {
        Fault::BadAddress { hart, step, .. }
        | Fault::Misaligned { hart, step, .. }
        | Fault::BadJump { hart, step, .. } => (Status::Fault, Some((hart, *step))),
        Fault::TooLarge { .. } => (Status::Unsupported, None),
    };
    let step = place.and_then(|(hart, step)| program.harts.get(hart.index())?.code.get(step));
    let (line, column) = step.map_or((1, 1), |step| program.line_column(step));
    Failure::new(status, Mistake { line, column, message: program.describe(fault), help: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rvlitmus_core::litmus::{LineIndex, parse};
    use rvlitmus_core::program::{full_hart, link};

    #[test]
    fn a_difference_is_an_internal_error_that_names_a_state() {
        let text = "RISCV t\n{ 0:x6=x; 0:x5=1; }\n P0 ;\n sw x5,0(x6) ;\nexists (x=1)\n";
        let test = parse(text).expect("a test");
        let program = link(&test, &LineIndex::new(text), |_| full_hart(BaseModel::Rvwmo));
        let program = program.expect("a program");
        let options = Options::default();
        let outcomes = axiomatic::outcomes(&program, &[BaseModel::Rvwmo], &options, &|| false);
        let none = Outcomes { states: Default::default(), ..outcomes.clone().expect("outcomes") };
        let agreed = |machine, axioms| agreed(&program, Column::Rvwmo, machine, axioms);
        assert!(agreed(outcomes.clone(), outcomes.clone()).is_ok());
        for (machine, axioms, what) in [
            (outcomes.clone(), Ok(none.clone()), "only the machine reaches [x]=1"),
            (Ok(none), outcomes, "only the axioms allow [x]=1"),
        ] {
            let failure = agreed(machine, axioms).expect_err("they differ");
            assert_eq!(failure.status, Status::InternalError);
            let message = format!("the engines differ under rvwmo: {what}");
            assert_eq!(failure.error.message, message);
        }
    }
}
