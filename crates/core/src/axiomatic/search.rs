//! The search: a trace for each hart, a source for each load, and an order that meets the axioms.
//!
//! Harts are added one after another. Whenever a hart's trace has been chosen, loads that can have one
//! source only get it, and a choice of sources for the loads that need not wait for a store of a hart
//! still to come is looked for: if there is none, nothing that is added later can help. When every hart
//! has its trace, the final states that they can make up and that are of use are decided one by one:
//! for each, one choice of sources and one order are enough. Every choice adds its demands to the part
//! of the global memory order that is certain, so most wrong choices end at once.

use std::borrow::Borrow;

use rustc_hash::FxHashSet;

use crate::litmus::HartId;
use crate::model::{Options, Rule};
use crate::program::{FinalState, Program};

use super::candidate::{Candidate, Layout, OpId, Source, Sources};
use super::final_state::{Ending, endings};
use super::footprint::{ByteMask, bytes_of, equal_bytes};
use super::order::Order;
use super::overlay::{Sheet, by_byte, overlays};
use super::partial::{Partial, Prepared, StepPair};
use super::ppo::{self, Unknown};
use super::relation::Relation;
use super::run::initial_value;
use super::supply::{Goods, Market};
use super::trace::{End, Nth, Op, Trace};

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
    /// The same, as what they give.
    supplied_later: Vec<Goods>,
    goal: G,
    work: u64,
}

impl<'t, G: Goal> Search<'t, G> {
    /// A search over those traces, by hart. Preserved program order does not put the operations of
    /// the pairs of `without` in order, as far as it does not depend on values read.
    pub(super) fn new(
        program: &'t Program,
        options: &'t Options,
        layout: &'t Layout,
        traces: &'t [Vec<impl Borrow<Trace>>],
        without: &[StepPair],
        goal: G,
    ) -> Self {
        let mut market = Market::default();
        let mut harts: Vec<(HartId, Vec<Prepared<'t>>)> = traces
            .iter()
            .enumerate()
            .map(|(hart, traces)| {
                let prepared = traces.iter().map(Borrow::borrow).map(|trace| Prepared {
                    trace,
                    ppo: known_order(trace, HartId(hart as u16), options, without),
                    needs: market.needs(program, trace),
                    gives: market.gives(trace),
                });
                (HartId(hart as u16), prepared.collect())
            })
            .collect();
        harts.sort_by_key(|(hart, traces)| (traces.len(), *hart));
        let later = (0..harts.len()).map(|i| stored_bytes(&harts[i + 1..])).collect();
        let supplied_later = (0..harts.len())
            .map(|i| {
                let mut goods = Goods::default();
                let traces = harts[i + 1..].iter().flat_map(|(_, traces)| traces);
                traces.for_each(|prepared| goods.add(&prepared.gives));
                goods
            })
            .collect();
        Search { program, options, layout, harts, later, supplied_later, goal, work: 0 }
    }

    /// Runs it to the end, or until the goal stops it. Gives the goal back, and the number of
    /// candidates that had a trace for every hart and a source for every load.
    pub(super) fn run(mut self) -> (G, u64) {
        let start = Partial::new(self.layout);
        self.choose_trace(0, &start);
        (self.goal, self.work)
    }

    fn choose_trace(&mut self, depth: usize, partial: &Partial<'t>) {
        let Some((hart, traces)) = self.harts.get(depth) else { return };
        let hart = *hart;
        for index in 0..traces.len() {
            if self.goal.stop() {
                return;
            }
            let prepared = &self.harts[depth].1[index];
            if !partial.supplied(prepared, &self.supplied_later[depth]) {
                continue;
            }
            let mut next = partial.clone();
            if next.add(hart, prepared, self.options.rules.contains(Rule::Atomicity)).is_err() {
                continue;
            }
            if depth + 1 == self.harts.len() {
                self.finish(&next);
            } else if let Some(next) = self.settle(depth, next)
                && self.complete(depth, next.clone()).is_some()
            {
                self.choose_trace(depth + 1, &next);
            }
        }
    }

    /// Gives every load its source that can have one source only, until no more follows. `None` if some
    /// load can have none.
    fn settle(&self, depth: usize, mut partial: Partial<'t>) -> Option<Partial<'t>> {
        let mut again = true;
        while again {
            again = false;
            for load in std::mem::take(&mut partial.waiting) {
                let op = partial.candidate.get(load)?;
                if self.may_wait(depth, op) {
                    partial.waiting.push(load);
                    continue;
                }
                let mut possible = self.sources_of(&partial, load, op);
                if possible.len() > 1 {
                    partial.waiting.push(load);
                    continue;
                }
                let atomic = self.options.rules.contains(Rule::Atomicity);
                partial.read_from(load, op, possible.pop()?, atomic, self.options).ok()?;
                again = true;
            }
        }
        Some(partial)
    }

    /// May a hart still to come have stored some byte of what the load read?
    fn may_wait(&self, depth: usize, load: &Op) -> bool {
        let later = &self.later[depth];
        !later.is_empty()
            && bytes_of(load.footprint.mask())
                .any(|byte| later.contains(&(load.footprint.byte(byte), byte_at(load.read, byte))))
    }

    /// Chooses a source for each load that need not wait, and an order that meets all demands, if there
    /// is a choice that does. The load with the fewest possibilities comes first.
    fn complete(&mut self, depth: usize, partial: Partial<'t>) -> Option<(Partial<'t>, Order)> {
        if self.goal.stop() {
            return None;
        }
        let partial = self.settle(depth, partial)?;
        let next = partial
            .waiting
            .iter()
            .filter_map(|load| Some((*load, partial.candidate.get(*load)?)))
            .filter(|(_, op)| !self.may_wait(depth, op))
            .map(|(load, op)| (load, op, self.sources_of(&partial, load, op)))
            .min_by_key(|(load, _, possible)| (possible.len(), *load));
        let Some((load, op, possible)) = next else {
            self.work += 1;
            // A store of a hart still to come may excuse a failed SC.
            let all_chosen = depth + 1 == self.harts.len();
            let order = if all_chosen {
                partial.with_excuses().ok()?.solve()?
            } else {
                partial.order.clone().solve()?
            };
            return Some((partial, order));
        };
        let atomic = self.options.rules.contains(Rule::Atomicity);
        possible.into_iter().find_map(|sources| {
            let mut next = partial.clone();
            next.waiting.retain(|waiting| *waiting != load);
            next.read_from(load, op, sources, atomic, self.options).ok()?;
            self.complete(depth, next)
        })
    }

    /// The sources that `load` may have among the stores chosen so far.
    fn sources_of(&self, partial: &Partial<'t>, load: OpId, op: &Op) -> Vec<Sources> {
        let certain = partial.order.certain();
        let target = op.footprint;
        let mut seen: Vec<OpId> = Vec::new();
        let mut sheets = Vec::new();
        // Stores that the load certainly comes after.
        let mut before: Vec<(OpId, ByteMask)> = Vec::new();
        for store in &partial.stores {
            let covers = target.covered_by(store.op.footprint);
            let po = self.layout.po(store.id, load);
            let too_late = !po && certain.contains(load, store.id);
            if covers == 0 || store.id == load || too_late {
                continue;
            }
            if po || certain.contains(store.id, load) {
                before.push((store.id, covers));
            }
            let value = store.op.footprint.project(store.op.written, target);
            let visible = covers & equal_bytes(value, op.read);
            sheets.push(Sheet { covers, visible });
            seen.push(store.id);
        }
        for (sheet, id) in sheets.iter_mut().zip(&seen) {
            for (later, covers) in &before {
                if certain.contains(*id, *later) {
                    sheet.visible &= !covers;
                }
            }
        }
        let hidden = before.iter().fold(0, |mask, (_, covers)| mask | covers);
        let initial = initial_value(self.program, target);
        let bottom = target.mask() & !hidden & equal_bytes(initial, op.read);
        overlays(target.mask(), &sheets, bottom)
            .into_iter()
            .map(|patches| {
                let mut sources = vec![Source::Initial; usize::from(target.width)];
                for (byte, sheet) in by_byte(&patches) {
                    sources[byte] = sheet.map_or(Source::Initial, |s| Source::Store(seen[s]));
                }
                sources.into()
            })
            .collect()
    }

    /// Every hart's trace is chosen.
    fn finish(&mut self, partial: &Partial<'t>) {
        let last = self.harts.len() - 1;
        let traces: Vec<&Trace> = partial.candidate.traces.iter().flatten().copied().collect();
        if !self.goal.wants_traces(&traces) {
            return;
        }
        if traces.iter().any(|t| t.end != End::Complete) {
            if let Some((partial, order)) = self.complete(last, partial.clone()) {
                self.goal.found(&partial.candidate, &order, None);
            }
            return;
        }
        let endings = endings(self.program, &partial.candidate);
        if !self.any_wanted(&endings, &mut Vec::new()) {
            return;
        }
        if let Some(partial) = self.settle(last, partial.clone())
            && self.complete(last, partial.clone()).is_some()
        {
            self.choose_endings(&partial, &endings, &mut Vec::new());
        }
    }

    /// Is one of the final states of any use?
    fn any_wanted(&mut self, endings: &[Vec<Ending>], values: &mut Vec<u64>) -> bool {
        let Some(choices) = endings.get(values.len()) else {
            return self.goal.wants_state(&values.as_slice().into());
        };
        choices.iter().any(|ending| {
            values.push(ending.value);
            let wanted = self.any_wanted(endings, values);
            values.pop();
            wanted
        })
    }

    fn choose_endings(
        &mut self,
        partial: &Partial<'t>,
        endings: &[Vec<Ending>],
        values: &mut Vec<u64>,
    ) {
        if self.goal.stop() {
            return;
        }
        let Some(choices) = endings.get(values.len()) else {
            let state: FinalState = values.as_slice().into();
            if self.goal.wants_state(&state)
                && let Some((partial, order)) = self.complete(self.harts.len() - 1, partial.clone())
            {
                self.goal.found(&partial.candidate, &order, Some(state));
            }
            return;
        };
        for ending in choices {
            let mut next = partial.clone();
            let met = ending.demands.iter().try_for_each(|demand| next.order.demand(*demand));
            if met.and_then(|()| next.order.propagate()).is_ok() {
                values.push(ending.value);
                self.choose_endings(&next, endings, values);
                values.pop();
            }
        }
    }
}

/// Preserved program order as far as it does not depend on values read, without some of its pairs.
fn known_order(
    trace: &Trace,
    hart: HartId,
    options: &Options,
    without: &[StepPair],
) -> Vec<(Nth, Nth)> {
    let ppo = ppo::ppo(trace, &Unknown, options.rules);
    let kept = |a: Nth, b: Nth| {
        let pair = StepPair { hart, from: trace.op(a).step, to: trace.op(b).step };
        ppo.contains(a, b) && !without.contains(&pair)
    };
    match without {
        [] => ppo.closure().pairs().collect(),
        _ => Relation::from_fn(trace.ops.len(), kept).closure().pairs().collect(),
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
