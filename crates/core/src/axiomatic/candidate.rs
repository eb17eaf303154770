//! A candidate execution, or a part of one: some harts' traces, and for some loads what they read.

use std::borrow::Borrow;
use std::rc::Rc;

use crate::litmus::HartId;

use super::ppo::{Origin, Origins};
use super::relation::Index;
use super::trace::{Nth, Op, Trace};

/// A memory operation of a candidate execution. Ascending by hart, then in program order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OpId(u16);

impl Index for OpId {
    fn index(self) -> usize {
        usize::from(self.0)
    }
    fn from_index(index: usize) -> Self {
        OpId(index as u16)
    }
}

/// Where the operations of each hart stand in the numbering; the same for all candidates of a search.
#[derive(Clone, Debug)]
pub struct Layout {
    /// First operation of each hart, and after the last hart the number of operations.
    bases: Vec<usize>,
    hart_of: Vec<HartId>,
}

impl Layout {
    /// Room for the longest trace of each hart.
    #[must_use]
    pub fn of(traces: &[Vec<impl Borrow<Trace>>]) -> Layout {
        let mut layout = Layout { bases: vec![0], hart_of: Vec::new() };
        for (hart, traces) in traces.iter().enumerate() {
            let length_of = |trace: &_| Borrow::<Trace>::borrow(trace).ops.len();
            let length = traces.iter().map(length_of).max().unwrap_or(0);
            layout.hart_of.extend(std::iter::repeat_n(HartId(hart as u16), length));
            layout.bases.push(layout.hart_of.len());
        }
        layout
    }

    /// Number of operations.
    #[must_use]
    pub fn size(&self) -> usize {
        self.hart_of.len()
    }

    /// The operation of `hart` with that number.
    #[must_use]
    pub fn id(&self, hart: HartId, nth: Nth) -> OpId {
        OpId::from_index(self.bases[hart.index()] + nth.index())
    }

    /// Whose operation it is.
    #[must_use]
    pub fn hart(&self, op: OpId) -> HartId {
        self.hart_of[op.index()]
    }

    /// Its number on its hart.
    #[must_use]
    pub fn nth(&self, op: OpId) -> Nth {
        Nth::from_index(op.index() - self.bases[self.hart(op).index()])
    }

    /// Does `a` precede `b` in program order?
    #[must_use]
    pub fn po(&self, a: OpId, b: OpId) -> bool {
        a < b && self.hart(a) == self.hart(b)
    }
}

/// What wrote a byte that a load returned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// The initial state.
    Initial,
    /// A store operation.
    Store(OpId),
}

/// What wrote each byte that one load returned, in the order of its bytes.
pub type Sources = Rc<[Source]>;

/// Traces of some harts, and sources of some of their loads.
#[derive(Clone, Debug)]
pub struct Candidate<'t> {
    /// The numbering.
    pub layout: &'t Layout,
    /// By hart; `None` while not chosen.
    pub traces: Vec<Option<&'t Trace>>,
    /// By operation; `None` for stores and for loads whose sources are not chosen.
    pub sources: Vec<Option<Sources>>,
}

impl<'t> Candidate<'t> {
    /// Nothing chosen.
    #[must_use]
    pub fn new(layout: &'t Layout) -> Self {
        let harts = layout.bases.len() - 1;
        Candidate { layout, traces: vec![None; harts], sources: vec![None; layout.size()] }
    }

    /// The operation, if its hart's trace is chosen and that long.
    #[must_use]
    pub fn get(&self, op: OpId) -> Option<&'t Op> {
        self.traces[self.layout.hart(op).index()]?.ops.get(self.layout.nth(op).index())
    }

    /// What wrote each byte that `op` returned, if that is chosen.
    #[must_use]
    pub fn sources_of(&self, op: OpId) -> Option<&[Source]> {
        self.sources[op.index()].as_deref()
    }

    /// The operations of the chosen traces, ascending.
    pub fn ops(&self) -> impl Iterator<Item = (OpId, &'t Op)> + '_ {
        let all = (0..self.layout.size()).map(OpId::from_index);
        all.filter_map(|id| Some((id, self.get(id)?)))
    }

    /// What is known of one hart's loads.
    #[must_use]
    pub fn origins(&self, hart: HartId) -> HartOrigins<'_> {
        HartOrigins { layout: self.layout, sources: &self.sources, hart }
    }
}

/// The sources of one hart's loads, as the rules of preserved program order ask for them.
#[derive(Clone, Copy)]
pub struct HartOrigins<'c> {
    layout: &'c Layout,
    sources: &'c [Option<Sources>],
    hart: HartId,
}

impl Origins for HartOrigins<'_> {
    fn origin(&self, load: Nth, byte: usize) -> Option<Origin> {
        let sources = self.sources[self.layout.id(self.hart, load).index()].as_ref()?;
        Some(match sources[byte] {
            Source::Initial => Origin::Initial,
            Source::Store(op) if self.layout.hart(op) == self.hart => {
                Origin::Own(self.layout.nth(op))
            }
            Source::Store(op) => Origin::Foreign(op.index()),
        })
    }
}
