//! The final states that stored values could make up, allowed or not.

use std::collections::BTreeSet;

use crate::arch::Register;
use crate::axiomatic::byte_sources::{StoreBytes, choices_of_sources};
use crate::axiomatic::footprint::{ByteMask, Footprint, bit_mask, initial_value};
use crate::axiomatic::trace::{End, Trace};
use crate::litmus::HartId;
use crate::program::{FinalState, ObservedFrom, Program};

/// Most combinations that are looked at.
const MOST_COMBINATIONS: usize = 1_000_000;

/// Final states that stored values could make up.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PossibleStates {
    /// The first of them, sorted.
    pub states: Vec<FinalState>,
    /// How many more were seen.
    pub more: usize,
    /// Were all combinations looked at?
    pub exhaustive: bool,
}

/// Returns the first `most` of the final states that `keep` accepts among those that combine what complete
/// traces leave in registers with what their stores may leave in memory.
pub(super) fn possible_states(
    program: &Program,
    parts: &[Part],
    most: usize,
    keep: &dyn Fn(&FinalState) -> bool,
    stop: &dyn Fn() -> bool,
) -> PossibleStates {
    let mut states: BTreeSet<FinalState> = BTreeSet::new();
    let (mut more, mut looked_at) = (0, 0);
    let mut choice = vec![0; parts.len()];
    let mut exhaustive = parts.iter().all(|part| !part.is_empty());
    while exhaustive {
        looked_at += 1;
        if looked_at > MOST_COMBINATIONS || looked_at % 4096 == 0 && stop() {
            exhaustive = false;
            break;
        }
        let mut state = vec![0; program.observed.len()];
        for (part, chosen) in parts.iter().zip(&choice) {
            part[*chosen].iter().for_each(|(index, value)| state[*index] = *value);
        }
        let state: FinalState = state.into();
        if keep(&state) {
            states.insert(state);
            if states.len() > most {
                states.pop_last();
                more += 1;
            }
        }
        // The next combination: the last part turns fastest.
        let next = (0..parts.len()).rev().find(|part| choice[*part] + 1 < parts[*part].len());
        let Some(next) = next else { break };
        choice[next] += 1;
        choice[next + 1..].fill(0);
    }
    let exhaustive = exhaustive || parts.iter().any(Vec::is_empty);
    PossibleStates { states: states.into_iter().collect(), more, exhaustive }
}

/// A part of the observed state that cannot be what a state says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImpossiblePart {
    /// Indices into [`Program::observed`]: the registers of one hart, or one piece of memory.
    pub places: Vec<usize>,
    /// What these can be, whatever loads return, together; sorted.
    pub possible: Vec<Vec<u64>>,
}

/// Returns the parts of `state` that the code cannot leave so, whatever loads return.
pub(super) fn impossible_parts(
    program: &Program,
    parts: &[Part],
    state: &FinalState,
) -> Vec<ImpossiblePart> {
    let of_hart = |hart: u16| {
        let registers = program.observed_registers(HartId(hart));
        registers.map(|(index, _)| index).collect::<Vec<usize>>()
    };
    let memory = program
        .observed
        .iter()
        .enumerate()
        .filter(|(_, o)| matches!(o.from, ObservedFrom::Memory { .. }));
    let harts = (0..program.harts.len() as u16).map(of_hart);
    let places = harts.chain(memory.map(|(index, _)| vec![index]));
    places
        .zip(parts)
        .filter(|(places, _)| !places.is_empty())
        .filter(|(_, part)| !part.iter().any(|v| v.iter().all(|(i, x)| state[*i] == *x)))
        .map(|(places, part)| ImpossiblePart {
            places,
            possible: part
                .iter()
                .map(|values| values.iter().map(|(_, value)| *value).collect())
                .collect(),
        })
        .collect()
}

/// What the components of one hart's registers, or of a piece of memory, can be together: each with its index
/// into [`Program::observed`].
pub(super) type Part = Vec<Vec<(usize, u64)>>;

/// Returns, for each hart and for each observed piece of memory, the values that its components can take
/// together.
pub(super) fn parts(program: &Program, traces: &[Vec<Trace>]) -> Vec<Part> {
    let mut parts = Vec::new();
    for (hart, traces) in (0u16..).zip(traces) {
        let mut part: Vec<Vec<(usize, u64)>> = traces
            .iter()
            .filter(|trace| trace.end == End::Complete)
            .map(|trace| registers(program, HartId(hart), trace))
            .collect();
        part.sort();
        part.dedup();
        parts.push(part);
    }
    for (index, observed) in program.observed.iter().enumerate() {
        if let ObservedFrom::Memory { address, bytes } = observed.from {
            let target = Footprint { address, width: bytes as u8 };
            let mut part: Vec<Vec<(usize, u64)>> = memory(program, traces, target)
                .into_iter()
                .map(|value| vec![(index, observed.ctype().normalize(value))])
                .collect();
            part.sort();
            part.dedup();
            parts.push(part);
        }
    }
    parts
}

fn registers(program: &Program, hart: HartId, trace: &Trace) -> Vec<(usize, u64)> {
    let value = |(index, register): (usize, Register)| {
        (index, program.observed[index].ctype().normalize(trace.registers[register.number()]))
    };
    program.observed_registers(hart).map(value).collect()
}

/// Returns the bytes that no hart stores in some of its complete traces: they may keep their initial value.
fn never_stored(traces: &[Vec<Trace>], target: Footprint) -> ByteMask {
    let stored = |trace: &Trace| {
        let stores = trace.ops.iter().filter(|op| op.writes() && op.footprint.overlaps(target));
        stores.fold(0, |mask, op| mask | target.covered_by(op.footprint))
    };
    let always = |traces: &Vec<Trace>| {
        let complete = traces.iter().filter(|trace| trace.end == End::Complete);
        complete.fold(target.mask(), |mask, trace| mask & stored(trace))
    };
    traces.iter().fold(target.mask(), |mask, traces| mask & !always(traces))
}

fn memory(program: &Program, traces: &[Vec<Trace>], target: Footprint) -> Vec<u64> {
    let mut stores: Vec<(Footprint, u128)> = traces
        .iter()
        .flatten()
        .flat_map(|trace| &trace.ops)
        .filter(|op| op.writes() && op.footprint.overlaps(target))
        .map(|op| (op.footprint, op.written))
        .collect();
    stores.sort_unstable();
    stores.dedup();
    let sheets: Vec<StoreBytes> = stores
        .iter()
        .map(|(footprint, _)| {
            let covers = target.covered_by(*footprint);
            StoreBytes { covers, possible: covers }
        })
        .collect();
    let initial = initial_value(program, target);
    choices_of_sources(target.mask(), &sheets, never_stored(traces, target))
        .iter()
        .map(|patches| {
            let value = patches.iter().fold(0, |value, patch| {
                let bits =
                    patch.store.map_or(initial, |s| stores[s].0.project(stores[s].1, target));
                value | bit_mask(patch.bytes) & bits
            });
            value as u64
        })
        .collect()
}
