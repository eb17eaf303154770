//! The search: a trace for each hart, a source for each load, and an order that meets the axioms.
//!
//! Harts are added one after another. When a hart's trace has been chosen, each load without a source
//! gets one among the stores chosen so far, or waits for a hart still to come that may store what it
//! read. Every choice adds its demands to the part of the global memory order that is certain, so most
//! wrong choices end at once. Final memory is chosen last, and only states that are not known yet are
//! decided to the end.

use rustc_hash::FxHashSet;

use crate::litmus::HartId;
use crate::model::{Options, Rule};
use crate::program::{FinalState, Program};

use super::candidate::{Candidate, Layout, OpId, Source, Sources};
use super::final_state::{Ending, endings};
use super::footprint::{Footprint, bit_mask, bytes_of};
use super::order::Order;
use super::overlay::{Patch, Sheet, by_byte, overlays};
use super::partial::{Partial, Prepared};
use super::ppo::{self, Unknown};

use super::run::initial_value;
use super::trace::{End, Op, Trace};

/// What a search is asked for.
pub(super) trait Goal {
    /// Is an execution of these traces, none left out, of any use? Asked early, to save work.
    fn wants_traces(&mut self, traces: &[&Trace]) -> bool;
    /// Is an execution with that final state of any use?
    fn wants_state(&mut self, state: &FinalState) -> bool;
    /// A consistent execution. The state is `None` if some trace is not complete.
    fn found(&mut self, execution: &Candidate<'_>, order: &Order, state: Option<FinalState>);
    /// Is it time to give up?
    fn stop(&mut self) -> bool;
}

/// Everything that stays the same during a search.
pub(super) struct Search<'t, G> {
    program: &'t Program,
    options: &'t Options,
    layout: &'t Layout,
    /// In the order in which they are chosen.
    harts: Vec<(HartId, Vec<Prepared<'t>>)>,
    /// For each place in that order, the bytes that harts further on may store.
    later: Vec<FxHashSet<(u64, u8)>>,
    goal: G,
    work: u64,
}

impl<'t, G: Goal> Search<'t, G> {
    /// A search over those traces, by hart.
    pub(super) fn new(
        program: &'t Program,
        options: &'t Options,
        layout: &'t Layout,
        traces: &'t [Vec<Trace>],
        goal: G,
    ) -> Self {
        let mut harts: Vec<(HartId, Vec<Prepared<'t>>)> = traces
            .iter()
            .enumerate()
            .map(|(hart, traces)| {
                let prepared = traces.iter().map(|trace| Prepared {
                    trace,
                    ppo: ppo::ppo(trace, &Unknown, options.rules).closure().pairs().collect(),
                });
                (HartId(hart as u16), prepared.collect())
            })
            .collect();
        harts.sort_by_key(|(hart, traces)| (traces.len(), *hart));
        let later = (0..harts.len()).map(|i| stored_bytes(&harts[i + 1..])).collect();
        Search { program, options, layout, harts, later, goal, work: 0 }
    }

    /// Runs it to the end, or until the goal stops it. Gives the goal back, and the number of
    /// candidates that had a trace for every hart and a source for every load.
    pub(super) fn run(mut self) -> (G, u64) {
        let start = Partial::new(self.layout);
        self.choose_trace(0, &start);
        (self.goal, self.work)
    }

    fn choose_trace(&mut self, depth: usize, partial: &Partial<'t>) {
        let Some((hart, traces)) = self.harts.get(depth) else {
            self.finish(partial);
            return;
        };
        let hart = *hart;
        for index in 0..traces.len() {
            if self.goal.stop() {
                return;
            }
            let prepared = &self.harts[depth].1[index];
            if !self.readable(depth, hart, prepared.trace, partial) {
                continue;
            }
            let mut next = partial.clone();
            if next.add(hart, prepared, self.options.rules.contains(Rule::Atomicity)).is_ok() {
                if depth + 1 == self.harts.len() {
                    let chosen: Vec<&Trace> =
                        next.candidate.traces.iter().flatten().copied().collect();
                    if !self.goal.wants_traces(&chosen) {
                        continue;
                    }
                }
                let waiting = std::mem::take(&mut next.waiting);
                self.choose_sources(depth, &next, &waiting);
            }
        }
    }

    /// A quick look: could each byte that the trace and the waiting loads read have been stored?
    fn readable(&self, depth: usize, hart: HartId, trace: &Trace, partial: &Partial<'t>) -> bool {
        let later = &self.later[depth];
        let stored = |op: &Op, byte: usize| {
            let (address, value) = (op.footprint.byte(byte), byte_at(op.read, byte));
            let here = Footprint { address, width: 1 };
            let writes = |store: &Op| {
                store.writes()
                    && here.overlaps(store.footprint)
                    && store.footprint.project(store.written, here) as u8 == value
            };
            later.contains(&(address, value))
                || trace.ops.iter().any(writes)
                || partial.stores.iter().any(|s| writes(s.op))
                || initial_value(self.program, here) as u8 == value
        };
        let readable =
            |op: &Op| !op.reads() || bytes_of(op.footprint.mask()).all(|byte| stored(op, byte));
        debug_assert!(partial.candidate.traces[hart.index()].is_none(), "a hart has one trace");
        trace.ops.iter().all(readable)
            && partial.waiting.iter().all(|load| partial.candidate.get(*load).is_some_and(readable))
    }

    fn choose_sources(&mut self, depth: usize, partial: &Partial<'t>, waiting: &[OpId]) {
        let Some((load, rest)) = waiting.split_first() else {
            self.choose_trace(depth + 1, partial);
            return;
        };
        let Some(op) = partial.candidate.get(*load) else { return };
        let newest = self.harts[depth].0;
        for sources in self.options_of(partial, *load, op, newest) {
            let mut next = partial.clone();
            let atomic = self.options.rules.contains(Rule::Atomicity);
            if next.read_from(*load, op, sources, atomic, self.options).is_ok() {
                self.choose_sources(depth, &next, rest);
            }
        }
        let later = &self.later[depth];
        let may_wait = bytes_of(op.footprint.mask())
            .any(|byte| later.contains(&(op.footprint.byte(byte), byte_at(op.read, byte))));
        if may_wait {
            let mut next = partial.clone();
            next.waiting.push(*load);
            self.choose_sources(depth, &next, rest);
        }
    }

    /// The sources that `load` may have among the stores chosen so far. If it has waited since an
    /// earlier hart, one of them is a store of the newest: the others have been tried before.
    fn options_of(
        &self,
        partial: &Partial<'t>,
        load: OpId,
        op: &Op,
        newest: HartId,
    ) -> Vec<Sources> {
        let target = op.footprint;
        let mut hidden = 0;
        let mut seen: Vec<OpId> = Vec::new();
        let mut sheets = Vec::new();
        for store in &partial.stores {
            let covers = target.covered_by(store.op.footprint);
            let po = self.layout.po(store.id, load);
            let too_late = !po && partial.order.certain().contains(load, store.id);
            if covers == 0 || store.id == load || too_late {
                continue;
            }
            if po {
                hidden |= covers;
            }
            let value = store.op.footprint.project(store.op.written, target);
            let visible = covers & equal_bytes(value, op.read);
            sheets.push(Sheet { covers, visible });
            seen.push(store.id);
        }
        let initial = initial_value(self.program, target);
        let bottom = target.mask() & !hidden & equal_bytes(initial, op.read);
        let waited = self.layout.hart(load) != newest;
        overlays(target.mask(), &sheets, bottom)
            .into_iter()
            .filter(|patches| {
                let new = |p: &Patch| p.sheet.is_some_and(|s| self.layout.hart(seen[s]) == newest);
                !waited || patches.iter().any(new)
            })
            .map(|patches| {
                let mut sources = vec![Source::Initial; usize::from(target.width)];
                for (byte, sheet) in by_byte(&patches) {
                    sources[byte] = sheet.map_or(Source::Initial, |s| Source::Store(seen[s]));
                }
                sources.into()
            })
            .collect()
    }

    /// All traces and all sources are chosen.
    fn finish(&mut self, partial: &Partial<'t>) {
        self.work += 1;
        let Ok(order) = partial.with_excuses() else { return };
        let traces = partial.candidate.traces.iter().flatten();
        if traces.clone().any(|t| t.end != End::Complete) {
            if let Some(order) = order.solve() {
                self.goal.found(&partial.candidate, &order, None);
            }
            return;
        }
        let endings = endings(self.program, &partial.candidate);
        self.choose_endings(partial, &order, &endings, &mut Vec::new());
    }

    fn choose_endings(
        &mut self,
        partial: &Partial<'t>,
        order: &Order,
        endings: &[Vec<Ending>],
        values: &mut Vec<u64>,
    ) {
        if self.goal.stop() {
            return;
        }
        let Some(choices) = endings.get(values.len()) else {
            let state: FinalState = values.as_slice().into();
            if self.goal.wants_state(&state)
                && let Some(order) = order.clone().solve()
            {
                self.goal.found(&partial.candidate, &order, Some(state));
            }
            return;
        };
        for ending in choices {
            let mut next = order.clone();
            let met = ending.demands.iter().try_for_each(|demand| next.demand(*demand));
            if met.and_then(|()| next.propagate()).is_ok() {
                values.push(ending.value);
                self.choose_endings(partial, &next, endings, values);
                values.pop();
            }
        }
    }
}

/// The bytes that some trace of these harts stores.
fn stored_bytes(harts: &[(HartId, Vec<Prepared<'_>>)]) -> FxHashSet<(u64, u8)> {
    let traces = harts.iter().flat_map(|(_, traces)| traces);
    let stores = traces.flat_map(|p| &p.trace.ops).filter(|op| op.writes());
    stores
        .flat_map(|op| {
            bytes_of(op.footprint.mask())
                .map(|byte| (op.footprint.byte(byte), byte_at(op.written, byte)))
        })
        .collect()
}

fn byte_at(value: u128, byte: usize) -> u8 {
    (value >> (8 * byte)) as u8
}

/// The bytes in which two values agree.
fn equal_bytes(a: u128, b: u128) -> u16 {
    bytes_of(u16::MAX)
        .filter(|byte| (a ^ b) & bit_mask(1 << byte) == 0)
        .fold(0, |mask, byte| mask | 1 << byte)
}
