//! The machine of the column `vm`: that of the run, or the one that a test asks for.

use rvlitmus_core::answer::{RequestRecord, VmReport};
use rvlitmus_core::litmus::Test;
use rvlitmus_onereg::{RequestOutcome, Vm};

use super::one::{NoAnswer, unsupported};
use super::{Setup, VmChoice, metadata};

/// The machine for a test with that many harts, if it has one.
///
/// # Errors
/// A description that is not understood, or that does not fit the test.
pub(super) fn machine(test: &Test, harts: usize, setup: &Setup) -> Result<Option<Vm>, NoAnswer> {
    match &setup.vm {
        VmChoice::Vm(plan) => {
            let machine = plan.machine(harts).map_err(|error| unsupported(error.to_string()))?;
            Ok(Some(machine))
        }
        VmChoice::Harts(edits) => {
            let machine = Vm::described(edits, harts);
            Ok(Some(machine.map_err(|error| unsupported(error.to_string()))?))
        }
        VmChoice::OfTest => Ok(metadata::machine_for(test, harts)?),
    }
}

/// What reports say of it.
pub(super) fn report(machine: &Vm) -> VmReport {
    VmReport {
        harts: machine.hart_configs().iter().map(|config| config.model).collect(),
        requests: machine.requests.iter().map(record).collect(),
    }
}

fn record(request: &RequestOutcome) -> RequestRecord {
    let rvlitmus_onereg::RequestRecord { vcpu, register, id, value, answer, why, not_done } =
        request.record();
    RequestRecord { vcpu, register, id, value, answer, why, not_done }
}
