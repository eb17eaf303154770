//! Every execution of the unrolled program as clauses: one solution, one execution.
//!
//! Values are one literal for each that is possible, of which exactly one is true. Sources and the order of
//! operations are demanded by the axioms as [`crate::axiomatic::axioms`] words them, each as a clause whose last
//! literal puts two operations in order; [`super::order`] sees to it that there is a global memory order with
//! all of them. Of two stores that may share a byte, one precedes the other.

mod axioms;
mod parts;
mod values;

use batsat::Lit;
use rustc_hash::FxHashMap;

use crate::model::Options;
use crate::program::{Fault, Program};

use super::domains::Domains;
use super::sat::Sat;
use super::terms::{EventId, Fact, Term};
use super::unroll::{Event, Unrolled};

/// Most stores to a cell for which circles of three are denied one by one.
const MOST_IN_CIRCLES: usize = 64;

/// What a byte is read from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Source {
    Initial,
    Store(EventId),
}

/// What something may be, each value with the literal that says so.
type Values = Vec<(u64, Lit)>;

/// An event's part in a cell.
pub(super) struct Part {
    pub(super) cell: usize,
    /// Does the event cover it?
    pub(super) covered: Lit,
    /// What it reads there or writes there.
    values: Values,
    /// If it reads, what it may read from.
    pub(super) sources: Vec<(Source, Lit)>,
}

/// An encoding in progress, and the literals of everything in it.
pub(super) struct Encoding<'a> {
    pub(super) program: &'a Program,
    pub(super) options: &'a Options,
    pub(super) unrolled: &'a Unrolled,
    pub(super) domains: &'a Domains,
    pub(super) sat: Sat<'a>,
    /// By term, in the order of its values.
    terms: Vec<Vec<Lit>>,
    facts: Vec<Lit>,
    /// By event, a literal for each address that it may have.
    pub(super) addresses: Vec<Values>,
    /// By event, what it reads; nothing if it does not read.
    pub(super) reads: Vec<Vec<Part>>,
    /// By event, what it writes; nothing if it does not write.
    pub(super) writes: Vec<Vec<Part>>,
    /// By cell, the stores that may write it, ascending.
    stores: Vec<Vec<EventId>>,
    /// Literals that put one event before another.
    before: FxHashMap<(EventId, EventId), Lit>,
    /// Must what fails only when forced be forced? Not by code that was not followed: see [`super::Decider::may_fault`].
    pub(super) excuses_demanded: Lit,
    /// By cell, what it holds at the end.
    last: FxHashMap<usize, Values>,
}

impl<'a> Encoding<'a> {
    /// Encodes all executions.
    ///
    /// # Errors
    /// [`Fault::TooLarge`], [`Fault::RanOut`].
    pub(super) fn new(
        program: &'a Program,
        options: &'a Options,
        unrolled: &'a Unrolled,
        domains: &'a Domains,
        work: u64,
        memory: usize,
        stop: &'a dyn Fn() -> bool,
    ) -> Result<Encoding<'a>, Fault> {
        let events = unrolled.events.len();
        let mut sat = Sat::new(events, usize::try_from(work).unwrap_or(usize::MAX), memory, stop);
        let excuses_demanded = sat.literal();
        let mut encoding = Encoding {
            program,
            options,
            unrolled,
            domains,
            sat,
            excuses_demanded,
            terms: Vec::with_capacity(unrolled.terms.terms.len()),
            facts: Vec::with_capacity(unrolled.terms.facts.len()),
            addresses: Vec::with_capacity(events),
            reads: Vec::with_capacity(events),
            writes: Vec::with_capacity(events),
            stores: vec![Vec::new(); domains.cells.len()],
            before: FxHashMap::default(),
            last: FxHashMap::default(),
        };
        encoding.nodes()?;
        for fact in &unrolled.always {
            let literal = encoding.fact(*fact);
            encoding.sat.clause(&[literal]);
        }
        encoding.parts()?;
        encoding.preserved_program_order()?;
        encoding.order_of_stores()?;
        encoding.sources()?;
        encoding.excuses()?;
        encoding.ends()?;
        encoding.sat.check()?;
        encoding.sat.is_encoded();
        Ok(encoding)
    }

    pub(super) fn events(&self) -> impl Iterator<Item = (EventId, &'a Event)> + use<'a> {
        (0u32..).map(EventId).zip(&self.unrolled.events)
    }

    pub(super) fn event(&self, event: EventId) -> &'a Event {
        &self.unrolled.events[event.index()]
    }

    pub(super) fn fact(&self, fact: Fact) -> Lit {
        self.facts[fact.0 as usize]
    }

    pub(super) fn executed(&self, event: EventId) -> Lit {
        self.fact(self.event(event).executed)
    }

    /// Does `a` precede `b` in program order?
    pub(super) fn po(&self, a: EventId, b: EventId) -> bool {
        a < b && self.event(a).hart == self.event(b).hart
    }

    /// The literal by which a term has a value; false if it cannot have it.
    pub(super) fn is(&self, term: Term, value: u64) -> Lit {
        match self.domains.of(term).binary_search(&value) {
            Ok(index) => self.terms[term.0 as usize][index],
            Err(_) => self.sat.constant(false),
        }
    }

    /// The values of a term with their literals.
    pub(super) fn values(&self, term: Term) -> Values {
        let values = self.domains.of(term).iter().copied();
        values.zip(self.terms[term.0 as usize].iter().copied()).collect()
    }

    /// The stores that may write a cell, ascending.
    pub(super) fn stores_to(&self, cell: usize) -> Vec<EventId> {
        self.stores[cell].clone()
    }

    /// The event's part in a cell that it writes.
    pub(super) fn written(&self, event: EventId, cell: usize) -> Option<&Part> {
        self.writes[event.index()].iter().find(|part| part.cell == cell)
    }

    /// The literals by which a store covers a cell and is executed, both denied.
    pub(super) fn stores_there(&self, event: EventId, cell: usize) -> [Lit; 2] {
        let covered = self.written(event, cell).map(|part| part.covered);
        [!self.executed(event), !covered.unwrap_or(self.sat.constant(false))]
    }

    /// A literal that puts `a` before `b`.
    pub(super) fn before(&mut self, a: EventId, b: EventId) -> Lit {
        if let Some(known) = self.before.get(&(a, b)) {
            return *known;
        }
        let literal = self.sat.literal();
        self.sat.order.means(literal, a.0, b.0);
        self.before.insert((a, b), literal);
        literal
    }

    /// Unless one of the literals is true, `a` precedes `b`.
    pub(super) fn demand(&mut self, unless: &[Lit], a: EventId, b: EventId) {
        if unless.iter().any(|literal| self.sat.is_true(*literal)) {
            return;
        }
        if self.before.get(&(a, b)).is_some_and(|known| self.sat.is_true(*known)) {
            return;
        }
        if unless.iter().all(|literal| self.sat.is_false(*literal)) {
            if !self.sat.order.always(a.0, b.0) {
                self.sat.contradict();
            }
            let truth = self.sat.constant(true);
            if let Some(literal) = self.before.insert((a, b), truth) {
                self.sat.clause(&[literal]);
            }
            return;
        }
        let before = self.before(a, b);
        self.sat.clause_of(unless, &[before]);
    }

    /// Is it certain that `a` precedes `b`?
    fn is_certain(&self, a: EventId, b: EventId) -> bool {
        self.before.get(&(a, b)).is_some_and(|known| self.sat.is_true(*known))
    }
}
