//! The machines that a test is run on: those of the run's models, and the one that the run or the test
//! describes hart by hart.

use std::ops::Range;

use rvlitmus_core::answer::{Failure, Mistake, Status};
use rvlitmus_core::arch::Architecture;
use rvlitmus_core::arch::riscv::Base;
use rvlitmus_core::litmus::{Diagnostic, Diagnostics, Problem, Test};
use rvlitmus_core::model::Options;
use rvlitmus_core::program::HartConfig;
use rvlitmus_core::session::{Harts, Machine, ReadTest};
use rvlitmus_onereg::{EditError, HartEdits, RequestOutcome, Vm as Guest};

use super::{Setup, VmChoice};
use crate::results::DescribedMachine;

/// The name of the machine that is described hart by hart.
const VM: &str = "vm";

/// The machines for a test, and of those that are described hart by hart what reports say.
///
/// # Errors
/// What the test's own lines ask for and cannot have.
pub(super) fn machines(
    test: &ReadTest,
    setup: &Setup,
) -> Result<(Vec<Machine>, Vec<DescribedMachine>), Diagnostics> {
    let mut machines = setup.session.machines(test)?;
    let harts = test.test.harts.len();
    if test.test.language.architecture() != Architecture::Riscv {
        if !matches!(setup.vm, VmChoice::OfTest) {
            let failure =
                unsupported("the harts of a guest are of RISC-V, the test is of x86".into());
            let options = setup.session.options(test)?;
            let harts = Harts::Unavailable(failure);
            machines.push(Machine { id: VM.into(), harts, options });
        }
        return Ok((machines, Vec::new()));
    }
    let guest = match &setup.vm {
        VmChoice::OfTest => match guest_of(&test.test, harts)? {
            Some(guest) => Ok(guest),
            None => return Ok((machines, Vec::new())),
        },
        VmChoice::Harts(edits) => {
            Guest::described(edits, harts).map_err(|error| unsupported(error.to_string()))
        }
        VmChoice::Vm(_) if setup.session.base(test)? != Base::Rv64 => {
            let what = "the test is for RV32, and the machine of `--vm` has RV64 harts";
            Err(unsupported(what.to_owned()))
        }
        VmChoice::Vm(plan) => plan.machine(harts).map_err(|error| unsupported(error.to_string())),
    };
    let options = setup.session.options(test)?;
    let base = setup.session.base(test)?;
    let mut described = Vec::new();
    machines.push(match guest {
        Ok(guest) => {
            described.push(described_machine(&guest));
            of_guest(VM, &guest, base, options)
        }
        Err(failure) => Machine { id: VM.into(), harts: Harts::Unavailable(failure), options },
    });
    Ok((machines, described))
}

/// The machine whose harts are a guest's.
pub(super) fn of_guest(id: &str, guest: &Guest, base: Base, options: Options) -> Machine {
    let configs = guest.hart_configs().into_iter();
    let harts = configs.map(|config| HartConfig { base, ..config }).collect();
    Machine { id: id.into(), harts: Harts::Each(harts), options }
}

/// What reports say of a guest.
fn described_machine(guest: &Guest) -> DescribedMachine {
    DescribedMachine {
        id: VM.into(),
        harts: guest.hart_configs().iter().map(|config| config.model).collect(),
        requests: guest.requests.iter().map(RequestOutcome::record).collect(),
    }
}

fn unsupported(what: String) -> Failure {
    Failure::new(Status::Unsupported, Mistake::of_file(what))
}

/// The guest of a line `Harts=0:+ztso;1:-zacas`.
///
/// # Errors
/// It is not understood, or does not fit the test.
fn guest_of(test: &Test, harts: usize) -> Result<Option<Guest>, Diagnostics> {
    let Some(line) = test.metadata.line("harts") else { return Ok(None) };
    let guest = |edits: HartEdits| Guest::described(&edits, harts);
    line.value.parse().and_then(guest).map(Some).map_err(|error| {
        let (part, message, help) = match error {
            EditError::Syntax { column, message, help } => {
                (word_at(line.value, column), message, help)
            }
            other => (0..line.value.len(), other.to_string(), None),
        };
        let message = format!("`{}`: {message}", line.key);
        let problem = Problem::Syntax;
        Diagnostics(vec![Diagnostic { problem, span: line.span(part), message, help }])
    })
}

/// The bytes of the word that begins at a column, in characters from 1.
fn word_at(value: &str, column: usize) -> Range<usize> {
    let start = value.char_indices().nth(column - 1).map_or(value.len(), |(at, _)| at);
    let length = value[start..].find([',', ';', ':', ' ']).unwrap_or(value.len() - start);
    start..start + length
}
