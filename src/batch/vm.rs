//! The machine of the column `vm`: that of the run, or the one that a test asks for with a line
//! `Harts=0:+ztso;1:-zacas`.

use crate::compare::VmReport;
use crate::kvm::{HartEdits, Machine};
use crate::litmus::Test;

use super::{Setup, VmChoice};

/// The machine for a test with that many harts, if it has one.
///
/// # Errors
/// In words: a description that is not understood, or that does not fit the test.
pub(super) fn machine(test: &Test, harts: usize, setup: &Setup) -> Result<Option<Machine>, String> {
    match &setup.vm {
        VmChoice::Vm(plan) => plan.machine(harts).map(Some).map_err(|error| error.to_string()),
        VmChoice::Harts(edits) => {
            Machine::described(edits, harts).map(Some).map_err(|error| error.to_string())
        }
        VmChoice::OfTest => {
            let mut lines = test.metadata.iter();
            let line = lines.find(|(key, _)| key.eq_ignore_ascii_case("harts"));
            let Some((key, value)) = line else { return Ok(None) };
            let wrong = |error: crate::kvm::EditError| format!("`{key}={value}`: {error}");
            let edits: HartEdits = value.parse().map_err(wrong)?;
            Machine::described(&edits, harts).map(Some).map_err(wrong)
        }
    }
}

/// What reports say of it.
pub(super) fn report(machine: &Machine) -> VmReport {
    VmReport {
        harts: machine.hart_configs().iter().map(|config| config.model).collect(),
        requests: machine.requests.iter().map(crate::kvm::RequestOutcome::record).collect(),
    }
}
