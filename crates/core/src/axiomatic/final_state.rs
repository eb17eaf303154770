//! The final state of an execution: registers from the traces, memory from the latest stores.

use crate::program::{Observed, ObservedFrom, Program};

use super::axioms::Demand;
use super::candidate::{Candidate, OpId};
use super::footprint::{ByteMask, Footprint, bit_mask};
use super::overlay::{Sheet, overlays};
use super::run::initial_value;

/// One way in which an observed piece of memory can end.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    /// Its value, normalized.
    pub(super) value: u64,
    /// What makes it so.
    pub(super) demands: Vec<Demand>,
}

/// For each observed component, the ways in which it can end. A register has one.
#[must_use]
pub(super) fn endings(program: &Program, candidate: &Candidate<'_>) -> Vec<Vec<Ending>> {
    program.observed.iter().map(|observed| endings_of(program, candidate, observed)).collect()
}

/// The ways in which one observed component can end.
#[must_use]
pub(super) fn endings_of(
    program: &Program,
    candidate: &Candidate<'_>,
    observed: &Observed,
) -> Vec<Ending> {
    match observed.from {
        ObservedFrom::Register(hart, reg) => {
            let trace = candidate.traces[hart.index()];
            let raw = trace.map_or(0, |t| t.registers[reg.number()]);
            vec![Ending { value: observed.rendering.normalize(raw), demands: Vec::new() }]
        }
        ObservedFrom::Memory { address, bytes } => {
            let target = Footprint { address, width: bytes as u8 };
            let mut endings = memory_endings(program, candidate, target);
            for ending in &mut endings {
                ending.value = observed.rendering.normalize(ending.value);
            }
            endings
        }
    }
}

/// Each byte of memory ends as the latest store to it, in the global memory order, left it.
fn memory_endings(program: &Program, candidate: &Candidate<'_>, target: Footprint) -> Vec<Ending> {
    let stores: Vec<(OpId, Sheet, u128)> = candidate
        .ops()
        .filter(|(_, op)| op.writes() && target.overlaps(op.footprint))
        .map(|(id, op)| {
            let covers = target.covered_by(op.footprint);
            (id, Sheet { covers, visible: covers }, op.footprint.project(op.written, target))
        })
        .collect();
    let sheets: Vec<Sheet> = stores.iter().map(|(_, sheet, _)| *sheet).collect();
    let stored: ByteMask = sheets.iter().fold(0, |mask, sheet| mask | sheet.covers);
    let initial = initial_value(program, target);
    overlays(target.mask(), &sheets, target.mask() & !stored)
        .into_iter()
        .map(|patches| {
            let value = patches.iter().fold(0, |value, patch| {
                value | bit_mask(patch.bytes) & patch.sheet.map_or(initial, |s| stores[s].2)
            });
            let demands = patches
                .iter()
                .filter_map(|patch| Some((patch.bytes, patch.sheet?)))
                .flat_map(|(bytes, last)| {
                    let earlier = stores.iter().enumerate();
                    earlier
                        .filter(move |(s, (_, sheet, _))| *s != last && sheet.covers & bytes != 0)
                        .map(move |(s, _)| (s, last))
                })
                .map(|(earlier, last)| Demand::Before(stores[earlier].0, stores[last].0))
                .collect();
            Ending { value: value as u64, demands }
        })
        .collect()
}
