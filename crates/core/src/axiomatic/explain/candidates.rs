//! Every execution that would end in a given state, if only the axioms allowed it.

use rustc_hash::FxHashSet;

use crate::axiomatic::axioms::Demand;
use crate::axiomatic::byte_sources::{StoreBytes, by_byte, each_choice_of_sources};
use crate::axiomatic::candidate::{Candidate, Layout, OpId, Source, Sources};
use crate::axiomatic::footprint::initial_value;
use crate::axiomatic::footprint::{ByteMask, Footprint, MAX_WIDTH, bytes_of, equal_bytes};
use crate::axiomatic::relation::Index;
use crate::axiomatic::search::endings_of;
use crate::axiomatic::trace::{Op, Trace};
use crate::program::{FinalState, ObservedFrom, Program};

/// A callback for a candidate and the pairs of stores that final memory orders; it says whether to go
/// on.
pub(super) type Visit<'v, 't> = dyn FnMut(&Candidate<'t>, &[(OpId, OpId)]) -> bool + 'v;

/// Calls `visit` with every candidate that ends in `state` and whose loads read from `sources`, where
/// those are given; returns `false` if `visit` or `stop` ended it.
///
/// The registers of the traces have been compared with the state before.
pub(super) fn each_candidate<'t>(
    program: &Program,
    (layout, sources): (&'t Layout, Vec<Option<Sources>>),
    traces: &[Vec<&'t Trace>],
    (state, stop): (&FinalState, &dyn Fn() -> bool),
    visit: &mut Visit<'_, 't>,
) -> bool {
    let later = (0..traces.len()).map(|hart| stored(&traces[hart + 1..])).collect();
    let search = CandidateSearch { program, traces, state, stop, later };
    search.trace(0, &mut Candidate { sources, ..Candidate::new(layout) }, visit)
}

struct CandidateSearch<'p, 't> {
    program: &'p Program,
    traces: &'p [Vec<&'t Trace>],
    state: &'p FinalState,
    stop: &'p dyn Fn() -> bool,
    /// By hart, the bytes that the harts after it may store.
    later: Vec<FxHashSet<(u64, u8)>>,
}

/// A load, and what it can read from in an execution with the traces that are chosen.
struct Load {
    id: OpId,
    target: Footprint,
    stores: Vec<OpId>,
    /// By store.
    sheets: Vec<StoreBytes>,
    /// The bytes that it may read from the initial state.
    bottom: ByteMask,
}

impl<'t> CandidateSearch<'_, 't> {
    fn trace(&self, hart: usize, candidate: &mut Candidate<'t>, visit: &mut Visit<'_, 't>) -> bool {
        let Some(traces) = self.traces.get(hart) else {
            return self.memory(candidate, visit);
        };
        for trace in traces {
            if (self.stop)() {
                return false;
            }
            candidate.traces[hart] = Some(trace);
            if self.readable(hart, candidate) && !self.trace(hart + 1, candidate, visit) {
                return false;
            }
        }
        candidate.traces[hart] = None;
        true
    }

    /// Could each byte that was read have been stored?
    fn readable(&self, hart: usize, candidate: &Candidate<'_>) -> bool {
        candidate.ops().filter(|(_, op)| op.reads()).all(|(_, op)| {
            bytes_of(op.footprint.mask()).all(|byte| {
                let here = Footprint { address: op.footprint.byte(byte), width: 1 };
                let value = (op.read >> (8 * byte)) as u8;
                self.later[hart].contains(&(here.address, value))
                    || initial_value(self.program, here) as u8 == value
                    || candidate.ops().any(|(_, store)| {
                        store.writes()
                            && here.overlaps(store.footprint)
                            && store.footprint.project(store.written, here) as u8 == value
                    })
            })
        })
    }

    /// Chooses which stores come last.
    fn memory(&self, candidate: &mut Candidate<'t>, visit: &mut Visit<'_, 't>) -> bool {
        let mut ways: Vec<Vec<(OpId, OpId)>> = vec![Vec::new()];
        for (observed, value) in self.program.observed.iter().zip(self.state) {
            if matches!(observed.from, ObservedFrom::Register(..)) {
                continue;
            }
            let choices = endings_of(self.program, candidate, observed);
            let mut longer = Vec::new();
            for way in &ways {
                for ending in choices.iter().filter(|e| e.value == *value) {
                    let mut way = way.clone();
                    way.extend(ending.demands.iter().filter_map(|demand| match demand {
                        Demand::Before(a, b) => Some((*a, *b)),
                        _ => None,
                    }));
                    longer.push(way);
                }
            }
            ways = longer;
        }
        let open = |(id, op): &(OpId, &Op)| op.reads() && candidate.sources_of(*id).is_none();
        let stores: Vec<(OpId, &Op)> = candidate.ops().filter(|(_, op)| op.writes()).collect();
        let loads = candidate.ops().filter(open);
        let loads: Vec<Load> = loads.map(|(id, op)| self.load(id, op, &stores)).collect();
        ways.iter().all(|way| self.sources(&loads, way, candidate, visit))
    }

    fn load(&self, id: OpId, op: &Op, all: &[(OpId, &Op)]) -> Load {
        let target = op.footprint;
        let agree = |value: u128| target.mask() & equal_bytes(value, op.read);
        let mut stores = Vec::new();
        let mut sheets = Vec::new();
        for (store, by) in all {
            let covers = target.covered_by(by.footprint);
            if *store != id && covers != 0 {
                let possible = covers & agree(by.footprint.project(by.written, target));
                stores.push(*store);
                sheets.push(StoreBytes { covers, possible });
            }
        }
        Load { id, target, stores, sheets, bottom: agree(initial_value(self.program, target)) }
    }

    /// Chooses what each load reads from.
    fn sources(
        &self,
        loads: &[Load],
        way: &[(OpId, OpId)],
        candidate: &mut Candidate<'t>,
        visit: &mut Visit<'_, 't>,
    ) -> bool {
        let Some((load, rest)) = loads.split_first() else {
            return visit(candidate, way);
        };
        if (self.stop)() {
            return false;
        }
        let Load { id, target, stores, sheets, bottom } = load;
        let mut going = true;
        each_choice_of_sources(target.mask(), sheets, *bottom, &|| false, |patches| {
            if !going {
                return;
            }
            let mut sources = [Source::Initial; MAX_WIDTH];
            for (byte, sheet) in by_byte(patches) {
                sources[byte] = sheet.map_or(Source::Initial, |s| Source::Store(stores[s]));
            }
            candidate.sources[id.index()] = Some(sources[..usize::from(target.width)].into());
            going = self.sources(rest, way, candidate, visit);
        });
        if !going {
            return false;
        }
        candidate.sources[id.index()] = None;
        true
    }
}

/// Returns the bytes that some trace of these harts stores.
fn stored(harts: &[Vec<&Trace>]) -> FxHashSet<(u64, u8)> {
    let ops = harts.iter().flatten().flat_map(|trace| &trace.ops).filter(|op| op.writes());
    ops.flat_map(|op| {
        bytes_of(op.footprint.mask())
            .map(|byte| (op.footprint.byte(byte), (op.written >> (8 * byte)) as u8))
    })
    .collect()
}
