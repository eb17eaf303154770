//! Minimal tests that one model forbids, as Lustig and others define them (ASPLOS 2017).

use std::collections::BTreeSet;

use rvlitmus_core::session::Machine;

use super::Request;
use crate::judge::Judge;
use crate::program::Program;

pub(super) fn tests(_request: &Request, _stopped: &(dyn Fn() -> bool + Sync)) -> BTreeSet<Program> {
    BTreeSet::new()
}

pub(super) fn outcome(_program: &Program, _machines: &[Machine], _judge: &Judge) -> Option<String> {
    None
}
