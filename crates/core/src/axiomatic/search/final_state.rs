//! The final state of an execution: registers from the traces, memory from the latest stores.

use crate::program::{Observed, ObservedFrom, Program};

use crate::axiomatic::axioms::Demand;
use crate::axiomatic::byte_sources::{StoreBytes, choices_of_sources};
use crate::axiomatic::candidate::{Candidate, OpId};
use crate::axiomatic::footprint::{ByteMask, Footprint, bit_mask, initial_value};

/// One way in which an observed piece of memory can end.
#[derive(Clone, Debug)]
pub(in crate::axiomatic) struct Ending {
    /// Its value, normalized.
    pub(in crate::axiomatic) value: u64,
    /// What makes it so.
    pub(in crate::axiomatic) demands: Vec<Demand>,
}

/// For each observed component, the ways in which it can end. A register has one. `None` if `stop` says so.
pub(super) fn endings(
    program: &Program,
    candidate: &Candidate<'_>,
    mut stop: impl FnMut() -> bool,
) -> Option<Vec<Vec<Ending>>> {
    let endings = |observed| (!stop()).then(|| endings_of(program, candidate, observed));
    program.observed.iter().map(endings).collect()
}

/// The ways in which one observed component can end.
#[must_use]
pub(in crate::axiomatic) fn endings_of(
    program: &Program,
    candidate: &Candidate<'_>,
    observed: &Observed,
) -> Vec<Ending> {
    match observed.from {
        ObservedFrom::Register(hart, reg) => {
            let trace = candidate.traces[hart.index()];
            let raw = trace.map_or(0, |t| t.registers[reg.number()]);
            vec![Ending { value: observed.ctype().normalize(raw), demands: Vec::new() }]
        }
        ObservedFrom::Memory { address, bytes } => {
            let target = Footprint { address, width: bytes as u8 };
            let mut endings = memory_endings(program, candidate, target);
            for ending in &mut endings {
                ending.value = observed.ctype().normalize(ending.value);
            }
            endings
        }
    }
}

/// Each byte of memory ends as the latest store to it, in the global memory order, left it.
fn memory_endings(program: &Program, candidate: &Candidate<'_>, target: Footprint) -> Vec<Ending> {
    let stores: Vec<(OpId, StoreBytes, u128)> = candidate
        .ops()
        .filter(|(_, op)| op.writes() && target.overlaps(op.footprint))
        .map(|(id, op)| {
            let covers = target.covered_by(op.footprint);
            (id, StoreBytes { covers, possible: covers }, op.footprint.project(op.written, target))
        })
        .collect();
    let bytes: Vec<StoreBytes> = stores.iter().map(|(_, bytes, _)| *bytes).collect();
    let stored: ByteMask = bytes.iter().fold(0, |mask, store| mask | store.covers);
    let initial = initial_value(program, target);
    choices_of_sources(target.mask(), &bytes, target.mask() & !stored)
        .into_iter()
        .map(|choice| {
            let value = choice.iter().fold(0, |value, from| {
                value | bit_mask(from.bytes) & from.store.map_or(initial, |s| stores[s].2)
            });
            let demands = choice
                .iter()
                .filter_map(|from| Some((from.bytes, from.store?)))
                .flat_map(|(bytes, last)| {
                    let earlier = stores.iter().enumerate();
                    earlier
                        .filter(move |(s, (_, store, _))| *s != last && store.covers & bytes != 0)
                        .map(move |(s, _)| (s, last))
                })
                .map(|(earlier, last)| Demand::Before(stores[earlier].0, stores[last].0))
                .collect();
            Ending { value: value as u64, demands }
        })
        .collect()
}
