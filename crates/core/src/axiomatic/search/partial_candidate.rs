//! A candidate under construction, with what the axioms demand of it so far.

use crate::axiomatic::axioms::{self, Demand};
use crate::axiomatic::candidate::{Candidate, Layout, OpId, Source, Sources};
use crate::axiomatic::footprint::bytes_of;
use crate::axiomatic::ppo;
use crate::axiomatic::relation::{Index, WouldCycle};
use crate::axiomatic::trace::{Nth, Op, Trace};
use crate::litmus::HartId;
use crate::model::Options;

use super::byte_values::ByteValues;
use super::partial_gmo::PartialGmo;

/// Two steps of one hart's code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::axiomatic) struct StepPair {
    pub(in crate::axiomatic) hart: HartId,
    pub(in crate::axiomatic) from: usize,
    pub(in crate::axiomatic) to: usize,
}

/// A trace with what the search needs of it again and again.
pub(super) struct PreparedTrace<'t> {
    pub(super) trace: &'t Trace,
    /// Preserved program order as far as it does not depend on values read.
    pub(super) ppo: Vec<(Nth, Nth)>,
    /// What it needs from other harts.
    pub(super) needed: ByteValues,
    /// What it stores.
    pub(super) written: ByteValues,
}

impl PreparedTrace<'_> {
    /// Bytes of memory that it takes besides its trace.
    pub(super) fn bytes(&self) -> usize {
        size_of::<PreparedTrace<'_>>()
            + self.ppo.capacity() * size_of::<(Nth, Nth)>()
            + self.needed.bytes()
            + self.written.bytes()
    }
}

/// A candidate under construction.
#[derive(Clone)]
pub(super) struct PartialCandidate<'t> {
    pub(super) candidate: Candidate<'t>,
    pub(super) order: PartialGmo,
    pub(super) stores: Vec<Store<'t>>,
    /// Loads whose source is not chosen yet.
    pub(super) open_loads: Vec<OpId>,
    needed: ByteValues,
    written: ByteValues,
}

#[derive(Clone, Copy)]
pub(super) struct Store<'t> {
    pub(super) id: OpId,
    pub(super) op: &'t Op,
}

impl<'t> PartialCandidate<'t> {
    /// Nothing chosen.
    pub(super) fn new(layout: &'t Layout) -> Self {
        PartialCandidate {
            candidate: Candidate::new(layout),
            order: PartialGmo::new(layout.size()),
            stores: Vec::new(),
            open_loads: Vec::new(),
            needed: ByteValues::default(),
            written: ByteValues::default(),
        }
    }

    /// Bytes of memory that it takes, but for what it shares with others.
    pub(super) fn bytes(&self) -> usize {
        size_of::<PartialCandidate<'_>>()
            + self.order.bytes()
            + self.candidate.sources.len() * size_of::<Option<Sources>>()
            + self.candidate.traces.len() * size_of::<Option<&Trace>>()
            + self.stores.len() * size_of::<Store<'_>>()
            + self.open_loads.len() * size_of::<OpId>()
            + self.needed.bytes()
            + self.written.bytes()
    }

    /// A quick look: could what this trace reads, and what those before it read, have been stored, if
    /// not by the traces chosen then by `later` ones?
    pub(super) fn may_read(&self, prepared: &PreparedTrace<'t>, later: &ByteValues) -> bool {
        let written = [&self.written, &prepared.written, later];
        self.needed.within(written) && prepared.needed.within(written)
    }

    /// Adds a hart's trace.
    pub(super) fn add(
        &mut self,
        hart: HartId,
        prepared: &PreparedTrace<'t>,
        atomicity: bool,
    ) -> Result<(), WouldCycle> {
        let layout = self.candidate.layout;
        self.candidate.traces[hart.index()] = Some(prepared.trace);
        self.needed.add(&prepared.needed);
        self.written.add(&prepared.written);
        for (a, b) in &prepared.ppo {
            self.order.demand(Demand::Before(layout.id(hart, *a), layout.id(hart, *b)))?;
        }
        let known: Vec<(OpId, &'t Op)> = self
            .candidate
            .ops()
            .filter(|(id, _)| self.candidate.sources[id.index()].is_some())
            .collect();
        for (nth, op) in prepared.trace.iter() {
            let id = layout.id(hart, nth);
            if op.reads() {
                self.open_loads.push(id);
            }
            if op.writes() {
                let store = Store { id, op };
                for (load, read) in &known {
                    self.demand_of_other(*load, read, store, atomicity)?;
                }
                self.stores.push(store);
            }
        }
        self.order.propagate()
    }

    /// Chooses what `load` reads from.
    pub(super) fn read_from(
        &mut self,
        load: OpId,
        op: &'t Op,
        sources: Sources,
        atomicity: bool,
        options: &Options,
    ) -> Result<(), WouldCycle> {
        let layout = self.candidate.layout;
        let mut distinct: Vec<Source> = sources.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let sc = self.paired_sc(load).filter(|_| atomicity);
        for source in distinct {
            self.order.demand(axioms::source(layout, load, source))?;
            if let Some(sc) = sc {
                self.order.demand(axioms::atomic_source(sc, source))?;
            }
        }
        self.candidate.sources[load.index()] = Some(sources);
        for i in 0..self.stores.len() {
            self.demand_of_other(load, op, self.stores[i], atomicity)?;
        }
        let hart = layout.hart(load);
        if let Some(trace) = self.candidate.traces[hart.index()] {
            let origins = self.candidate.origins(hart);
            for (a, b) in ppo::ppo_by_value(trace, &origins, options.rules, layout.nth(load)) {
                self.order.demand(Demand::Before(layout.id(hart, a), layout.id(hart, b)))?;
            }
        }
        self.order.propagate()
    }

    /// What the axioms demand because `store` is another store to bytes that `load` read.
    fn demand_of_other(
        &mut self,
        load: OpId,
        read: &Op,
        store: Store<'t>,
        atomicity: bool,
    ) -> Result<(), WouldCycle> {
        let common = read.footprint.covered_by(store.op.footprint);
        if common == 0 {
            return Ok(());
        }
        let layout = self.candidate.layout;
        let Some(sources) = self.candidate.sources[load.index()].clone() else { return Ok(()) };
        let sc = self.paired_sc(load).filter(|_| atomicity);
        let mut before = None;
        for byte in bytes_of(common) {
            if before == Some(sources[byte]) {
                continue;
            }
            before = Some(sources[byte]);
            self.order.demand(axioms::other(layout, load, sources[byte], store.id))?;
            if let Some(sc) = sc {
                self.order.demand(axioms::atomic_other(layout, sc, sources[byte], store.id))?;
            }
        }
        Ok(())
    }

    /// The SC that is paired with an LR.
    fn paired_sc(&self, lr: OpId) -> Option<OpId> {
        let layout = self.candidate.layout;
        let trace = self.candidate.traces[layout.hart(lr).index()]?;
        let (sc, _) = trace.iter().find(|(_, op)| op.paired == Some(layout.nth(lr)))?;
        Some(layout.id(layout.hart(lr), sc))
    }

    /// The order, with what excuses each SC that may fail only when forced: a store of another hart to
    /// a byte that its LR read, later than what LR read from.
    pub(super) fn with_excuses(&self) -> Result<PartialGmo, WouldCycle> {
        let layout = self.candidate.layout;
        let mut order = self.order.clone();
        for (hart, trace) in self.candidate.traces.iter().enumerate() {
            for failed in trace.iter().flat_map(|t| &t.failed) {
                let hart = HartId(hart as u16);
                let lr = layout.id(hart, failed.paired);
                let (Some(op), Some(sources)) =
                    (self.candidate.get(lr), &self.candidate.sources[lr.index()])
                else {
                    continue;
                };
                let mut excuses = Vec::new();
                let mut excused = false;
                for store in self.stores.iter().filter(|s| layout.hart(s.id) != hart) {
                    for byte in bytes_of(op.footprint.covered_by(store.op.footprint)) {
                        match sources[byte] {
                            Source::Initial => excused = true,
                            Source::Store(from) if from == store.id => {}
                            Source::Store(from) => excuses.push((from, store.id)),
                        }
                    }
                }
                if !excused {
                    order.demand_one_of(excuses);
                }
            }
        }
        order.propagate()?;
        Ok(order)
    }
}
