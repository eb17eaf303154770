//! The search: a trace for each hart, a source for each load, and an order that meets the axioms.
//!
//! Harts are added one after another. Whenever a hart's trace has been chosen, loads that can have one
//! source only get it, and a choice of sources for the loads that need not wait for a store of a hart
//! still to come is looked for: if there is none, nothing that is added later can help. When every hart
//! has its trace, the final states that they can make up and that are of use are decided one by one:
//! for each, one choice of sources and one order are enough. Every choice adds its demands to the part
//! of the global memory order that is certain, so most wrong choices end at once.

mod byte_values;
mod choose_endings;
mod final_state;
mod partial_candidate;
mod partial_gmo;

use std::borrow::Borrow;

use crate::litmus::HartId;
use crate::model::{Options, Rule};
use crate::program::{FinalState, Program};

use super::byte_sources::{StoreBytes, by_byte, choices_of_sources};
use super::candidate::{Candidate, Layout, OpId, Source, Sources};
use super::footprint::{ByteMask, equal_bytes, initial_value};
use super::ppo::{self, Unknown};
use super::relation::Relation;
use super::trace::{End, Nth, Op, Trace};

use byte_values::{ByteValueNumbers, ByteValues};
use final_state::endings;
use partial_candidate::{PartialCandidate, PreparedTrace};

pub(super) use final_state::endings_of;
pub(super) use partial_candidate::StepPair;
pub(super) use partial_gmo::PartialGmo;

/// What a search is asked for.
pub(super) trait Goal {
    /// Is an execution of these traces, none left out, of any use? Asked early, to save work.
    fn wants_traces(&mut self, traces: &[&Trace]) -> bool;
    /// Is an execution with that final state of any use?
    fn wants_state(&mut self, state: &FinalState) -> bool;
    /// A consistent execution. The state is `None` if some trace is not complete.
    fn found(&mut self, execution: &Candidate<'_>, order: &PartialGmo, state: Option<FinalState>);
    /// Is it time to give up?
    fn stop(&mut self) -> bool;
    /// Bytes of memory that what was found takes.
    fn memory(&self) -> usize {
        0
    }
    /// Memory has run out, and the search ends.
    fn out_of_memory(&mut self) {}
}

/// Everything that stays the same during a search.
pub(super) struct Search<'t, G> {
    program: &'t Program,
    options: &'t Options,
    layout: &'t Layout,
    /// In the order in which they are chosen.
    harts: Vec<(HartId, Vec<PreparedTrace<'t>>)>,
    /// For each place in that order, the bytes that harts further on may store.
    written_later: Vec<ByteValues>,
    byte_values: ByteValueNumbers,
    goal: G,
    /// Bytes of memory that it may take.
    memory: usize,
    /// Has it run out of them?
    exhausted: bool,
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
        Search::within(program, options, layout, traces, without, goal, usize::MAX)
    }

    /// As [`Search::new`], in so many bytes of memory.
    pub(super) fn within(
        program: &'t Program,
        options: &'t Options,
        layout: &'t Layout,
        traces: &'t [Vec<impl Borrow<Trace>>],
        without: &[StepPair],
        mut goal: G,
        memory: usize,
    ) -> Self {
        let mut taken = 0_usize;
        let mut byte_values = ByteValueNumbers::default();
        let mut harts: Vec<(HartId, Vec<PreparedTrace<'t>>)> = traces
            .iter()
            .enumerate()
            .map(|(hart, traces)| {
                let hart = HartId(hart as u16);
                let traces = traces.iter().map(Borrow::borrow);
                // What is left out is not looked at: see `Search::run`.
                let prepared = traces.map_while(|trace| {
                    let prepared = PreparedTrace {
                        trace,
                        ppo: static_ppo(trace, hart, options, without),
                        needed: byte_values.needed(program, trace),
                        written: byte_values.written(trace),
                    };
                    taken += prepared.bytes();
                    (taken <= memory && !goal.stop()).then_some(prepared)
                });
                (hart, prepared.collect())
            })
            .collect();
        harts.sort_by_key(|(hart, traces)| (traces.len(), *hart));
        let mut written_later = vec![ByteValues::default(); harts.len()];
        for place in (1..harts.len()).rev() {
            let mut written = written_later[place].clone();
            harts[place].1.iter().for_each(|prepared| written.add(&prepared.written));
            taken += written.bytes();
            written_later[place - 1] = written;
        }
        let exhausted = taken > memory;
        let memory = memory.saturating_sub(taken);
        Search {
            program,
            options,
            layout,
            harts,
            written_later,
            byte_values,
            goal,
            memory,
            exhausted,
            work: 0,
        }
    }

    /// Leaves out the executions in which a hart reads what one after it stores, so that those that are
    /// left are found soon: one hart goes after another. `later` says whether traces that read what was
    /// stored late come first.
    pub(super) fn one_after_another(mut self, later: bool) -> Self {
        self.written_later.fill_with(ByteValues::default);
        if later {
            self.harts.iter_mut().for_each(|(_, traces)| traces.reverse());
        }
        self
    }

    /// Runs it to the end, or until the goal stops it. Gives the goal back, and the number of
    /// candidates that had a trace for every hart and a source for every load.
    pub(super) fn run(mut self) -> (G, u64) {
        if self.exhausted || !self.has_room(2 * PartialGmo::bytes_for(self.layout.size())) {
            self.goal.out_of_memory();
        } else if !self.goal.stop() {
            self.choose_traces();
        }
        (self.goal, self.work)
    }

    /// Is there room for so many bytes? If not, the search ends.
    fn has_room(&mut self, bytes: usize) -> bool {
        if bytes.saturating_add(self.goal.memory()) > self.memory {
            self.exhausted = true;
            self.goal.out_of_memory();
        }
        !self.exhausted
    }

    /// Is it time to give up?
    fn ends(&mut self) -> bool {
        self.exhausted || self.goal.stop()
    }

    /// Chooses a trace for each hart, in every way.
    fn choose_traces(&mut self) {
        // For each hart up to the one whose trace is chosen: what was chosen before it, and the next trace.
        let mut chosen = vec![(PartialCandidate::new(self.layout), 0)];
        while let Some(depth) = chosen.len().checked_sub(1) {
            let (partial, next) = &mut chosen[depth];
            let index = *next;
            *next += 1;
            match self.choose_trace(depth, index, partial) {
                Some(Chosen::More(more)) => {
                    if !self.has_room(more.bytes() * (chosen.len() + 2)) {
                        return;
                    }
                    chosen.push((*more, 0));
                }
                Some(Chosen::Nothing) => {}
                None => drop(chosen.pop()),
            }
        }
    }

    /// Chooses a trace of the hart at a place in the order. `None` if there is none of that number.
    fn choose_trace(
        &mut self,
        depth: usize,
        index: usize,
        partial: &PartialCandidate<'t>,
    ) -> Option<Chosen<'t>> {
        if self.ends() {
            return None;
        }
        let (hart, traces) = self.harts.get(depth)?;
        let (hart, prepared) = (*hart, traces.get(index)?);
        if !partial.may_read(prepared, &self.written_later[depth]) {
            return Some(Chosen::Nothing);
        }
        let mut next = partial.clone();
        if next.add(hart, prepared, self.options.rules.contains(Rule::Atomicity)).is_err() {
            return Some(Chosen::Nothing);
        }
        if depth + 1 == self.harts.len() {
            self.finish(&next);
        } else if let Some(next) = self.give_only_sources(depth, next)
            && self.complete(depth, next.clone()).is_some()
        {
            return Some(Chosen::More(Box::new(next)));
        }
        Some(Chosen::Nothing)
    }

    /// Gives every load its source that can have one source only, until no more follows. `None` if some
    /// load can have none.
    fn give_only_sources(
        &self,
        depth: usize,
        mut partial: PartialCandidate<'t>,
    ) -> Option<PartialCandidate<'t>> {
        let mut again = true;
        while again {
            again = false;
            for load in std::mem::take(&mut partial.open_loads) {
                let op = partial.candidate.get(load)?;
                if self.may_wait(depth, op) {
                    partial.open_loads.push(load);
                    continue;
                }
                let mut possible = self.sources_of(&partial, load, op);
                if possible.len() > 1 {
                    partial.open_loads.push(load);
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
        self.byte_values.reads_any(load, &self.written_later[depth])
    }

    /// Chooses a source for each load that need not wait, and an order that meets all demands, if there
    /// is a choice that does. The load with the fewest possibilities comes first.
    fn complete(
        &mut self,
        depth: usize,
        partial: PartialCandidate<'t>,
    ) -> Option<(PartialCandidate<'t>, PartialGmo)> {
        let mut open: Vec<OpenLoad<'t>> = Vec::new();
        let mut next = Some(partial);
        while let Some(partial) = next.take().or_else(|| self.next_sources(&mut open)) {
            if self.ends() || !self.has_room(partial.bytes() * (open.len() + 3)) {
                return None;
            }
            let Some(partial) = self.give_only_sources(depth, partial) else { continue };
            let fewest = partial
                .open_loads
                .iter()
                .filter_map(|load| Some((*load, partial.candidate.get(*load)?)))
                .filter(|(_, op)| !self.may_wait(depth, op))
                .map(|(load, op)| (load, op, self.sources_of(&partial, load, op)))
                .min_by_key(|(load, _, possible)| (possible.len(), *load));
            let Some((load, op, possible)) = fewest else {
                self.work += 1;
                // A store of a hart still to come may excuse a failed SC.
                let order = match depth + 1 == self.harts.len() {
                    true => partial.with_excuses().ok(),
                    false => Some(partial.order.clone()),
                };
                let solved = order
                    .and_then(|order| order.solve(|bytes| self.ends() || !self.has_room(bytes)));
                match solved {
                    Some(order) => return Some((partial, order)),
                    None => continue,
                }
            };
            open.push(OpenLoad { partial, load, op, possible: possible.into_iter() });
        }
        None
    }

    /// Gives the innermost open load that can have another choice of sources its next one.
    fn next_sources(&self, open: &mut Vec<OpenLoad<'t>>) -> Option<PartialCandidate<'t>> {
        let atomic = self.options.rules.contains(Rule::Atomicity);
        while let Some(OpenLoad { partial, load, op, possible }) = open.last_mut() {
            let Some(sources) = possible.next() else {
                open.pop();
                continue;
            };
            let mut next = partial.clone();
            next.open_loads.retain(|open| open != load);
            if next.read_from(*load, op, sources, atomic, self.options).is_ok() {
                return Some(next);
            }
        }
        None
    }

    /// The sources that `load` may have among the stores chosen so far.
    fn sources_of(&self, partial: &PartialCandidate<'t>, load: OpId, op: &Op) -> Vec<Sources> {
        let certain = partial.order.certain();
        let target = op.footprint;
        let mut ids: Vec<OpId> = Vec::new();
        let mut stores = Vec::new();
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
            stores.push(StoreBytes { covers, possible: covers & equal_bytes(value, op.read) });
            ids.push(store.id);
        }
        for (store, id) in stores.iter_mut().zip(&ids) {
            for (later, covers) in &before {
                if certain.contains(*id, *later) {
                    store.possible &= !covers;
                }
            }
        }
        let hidden = before.iter().fold(0, |mask, (_, covers)| mask | covers);
        let initial = equal_bytes(initial_value(self.program, target), op.read);
        choices_of_sources(target.mask(), &stores, target.mask() & !hidden & initial)
            .into_iter()
            .map(|choice| {
                let mut sources = vec![Source::Initial; usize::from(target.width)];
                for (byte, store) in by_byte(&choice) {
                    sources[byte] = store.map_or(Source::Initial, |s| Source::Store(ids[s]));
                }
                sources.into()
            })
            .collect()
    }

    /// Every hart's trace is chosen.
    fn finish(&mut self, partial: &PartialCandidate<'t>) {
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
        let Some(endings) = endings(self.program, &partial.candidate, || self.goal.stop()) else {
            return;
        };
        if !self.any_wanted(&endings) {
            return;
        }
        if let Some(partial) = self.give_only_sources(last, partial.clone())
            && self.complete(last, partial.clone()).is_some()
        {
            self.choose_endings(partial, &endings);
        }
    }
}

/// A load with the choices of sources that it may have.
struct OpenLoad<'t> {
    /// All else that is chosen.
    partial: PartialCandidate<'t>,
    load: OpId,
    op: &'t Op,
    possible: std::vec::IntoIter<Sources>,
}

/// What comes of the choice of a trace.
enum Chosen<'t> {
    /// The next hart's trace is to be chosen.
    More(Box<PartialCandidate<'t>>),
    /// Nothing more is to be chosen.
    Nothing,
}

/// Preserved program order as far as it does not depend on values read, without some of its pairs.
fn static_ppo(
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
