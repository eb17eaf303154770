//! Every execution of the unrolled program as clauses: one solution, one execution.
//!
//! Values are one literal for each that is possible, of which exactly one is true. Sources and the order of
//! operations are demanded by the axioms as [`crate::axiomatic::axioms`] words them, each as a clause whose last
//! literal puts two operations in order; [`super::order`] sees to it that there is a global memory order with
//! all of them. Of two stores that may share a byte, one precedes the other.

use batsat::Lit;
use rustc_hash::FxHashMap;

use crate::axiomatic::footprint::{Footprint, initial_value};
use crate::model::{Options, Rule, ScFailure};
use crate::program::{Fault, ObservedFrom, Program};

use super::domains::{Asked, Cell, Domains, each_pair};
use super::sat::Sat;
use super::terms::{EventId, Fact, FactNode, Node, Term, TermNode, Test};
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
    /// Must what fails only when forced be forced? Not by code that was not followed: see [`super::Decider::strays`].
    pub(super) excused: Lit,
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
        let excused = sat.literal();
        let mut encoding = Encoding {
            program,
            options,
            unrolled,
            domains,
            sat,
            excused,
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

    /// Literals of all values and facts, and what makes them true.
    fn nodes(&mut self) -> Result<(), Fault> {
        let unrolled = self.unrolled;
        for (index, node) in unrolled.terms.order.iter().enumerate() {
            if index % 1024 == 0 {
                self.sat.check()?;
            }
            match *node {
                Node::Term(term) => {
                    let values = self.domains.of(term).len();
                    let literals = self.sat.one_of(values);
                    self.terms.push(literals);
                    if values > 1 {
                        self.defined(term)?;
                    }
                }
                Node::Fact(fact) => {
                    let literal = self.fact_literal(fact)?;
                    self.facts.push(literal);
                }
            }
        }
        Ok(())
    }

    /// A term is what it is made of.
    fn defined(&mut self, term: Term) -> Result<(), Fault> {
        match &self.unrolled.terms.terms[term.0 as usize] {
            TermNode::Constant(_) | TermNode::Read(_) | TermNode::Final(_) => {}
            TermNode::Choice(choices) => {
                for (fact, chosen) in choices {
                    let fact = self.fact(*fact);
                    for (value, literal) in self.values(*chosen) {
                        let is = self.is(term, value);
                        self.sat.clause(&[!fact, !literal, is]);
                    }
                }
            }
            TermNode::Apply(operation, a, b) => {
                let mut pairs = Vec::new();
                each_pair(self.domains, *a, *b, |a, b| pairs.push((a, b)))?;
                for (left, right) in pairs {
                    let is = self.is(term, operation.apply(left, right));
                    let (left, right) = (self.is(*a, left), self.is(*b, right));
                    self.sat.clause(&[!left, !right, is]);
                }
            }
        }
        Ok(())
    }

    fn fact_literal(&mut self, fact: Fact) -> Result<Lit, Fault> {
        let possible = self.domains.fact(fact);
        if !possible.truth || !possible.falsity {
            return Ok(self.sat.constant(possible.truth));
        }
        Ok(match &self.unrolled.terms.facts[fact.0 as usize] {
            FactNode::Constant(truth) => self.sat.constant(*truth),
            FactNode::Free => self.sat.literal(),
            FactNode::Not(fact) => !self.fact(*fact),
            FactNode::And(parts) => {
                let parts: Vec<Lit> = parts.iter().map(|part| self.fact(*part)).collect();
                self.sat.all(&parts)
            }
            FactNode::Or(parts) => {
                let parts: Vec<Lit> = parts.iter().map(|part| self.fact(*part)).collect();
                self.sat.any(&parts)
            }
            FactNode::Holds(test, a, b) => self.holds(*test, *a, *b)?,
        })
    }

    /// A literal that is true exactly if the test holds of two terms.
    fn holds(&mut self, test: Test, a: Term, b: Term) -> Result<Lit, Fault> {
        let unrolled = self.unrolled;
        let asked =
            Asked { program: self.program, options: self.options, events: &unrolled.events };
        let mut pairs = Vec::new();
        each_pair(self.domains, a, b, |a, b| pairs.push((a, b, asked.holds(test, a, b))))?;
        // Where one value decides it, its literal does.
        if self.domains.of(b).len() == 1 {
            for truth in [true, false] {
                if let [only] = pairs.iter().filter(|pair| pair.2 == truth).collect::<Vec<_>>()[..]
                {
                    let is = self.is(a, only.0);
                    return Ok(if truth { is } else { !is });
                }
            }
        }
        let literal = self.sat.literal();
        for (left, right, holds) in pairs {
            let (left, right) = (self.is(a, left), self.is(b, right));
            self.sat.clause(&[!left, !right, if holds { literal } else { !literal }]);
        }
        Ok(literal)
    }

    /// Each event's part in each cell.
    fn parts(&mut self) -> Result<(), Fault> {
        for (id, event) in self.events() {
            if id.0 % 64 == 0 {
                self.sat.check()?;
            }
            let addresses: Values = self
                .domains
                .addresses(self.program, event)
                .into_iter()
                .map(|address| (address, self.is(event.address, address)))
                .collect();
            let possible = self.domains.fact(event.executed).truth;
            let covered = match possible {
                true => self.covered(&addresses, event.bytes),
                false => Vec::new(),
            };
            let read = event.kind.reads() && possible;
            let reads = if read { self.parts_read(id, &addresses, &covered) } else { Vec::new() };
            self.reads.push(reads);
            let writes = match event.written {
                Some(written) if possible => {
                    let values = self.values(written);
                    self.parts_written(&addresses, event.bytes, &covered, &values)
                }
                _ => Vec::new(),
            };
            for part in &writes {
                self.stores[part.cell].push(id);
            }
            self.writes.push(writes);
            self.addresses.push(addresses);
        }
        Ok(())
    }

    /// The cells that an access may cover, and whether it does.
    fn covered(&mut self, addresses: &[(u64, Lit)], bytes: u8) -> Vec<(usize, Lit)> {
        if let [(address, literal)] = addresses
            && self.sat.is_true(*literal)
        {
            let covered = self.domains.covered(*address, bytes);
            return covered.map(|cell| (cell, *literal)).collect();
        }
        let mut cells: Vec<usize> = addresses
            .iter()
            .flat_map(|(address, _)| self.domains.covered(*address, bytes))
            .collect();
        cells.sort_unstable();
        cells.dedup();
        cells
            .into_iter()
            .map(|cell| {
                let there: Vec<Lit> = addresses
                    .iter()
                    .filter(|(address, _)| self.domains.covered(*address, bytes).contains(&cell))
                    .map(|(_, literal)| *literal)
                    .collect();
                (cell, self.sat.any(&there))
            })
            .collect()
    }

    /// What is read in each cell makes up what is read.
    fn parts_read(
        &mut self,
        event: EventId,
        addresses: &[(u64, Lit)],
        covered: &[(usize, Lit)],
    ) -> Vec<Part> {
        let read = self.unrolled.terms.known_read(event);
        let values = read.map(|term| self.values(term)).unwrap_or_default();
        let bytes = self.event(event).bytes;
        let parts: Vec<(usize, Lit, Values)> = covered
            .iter()
            .map(|(cell, covered)| (*cell, *covered, self.values_held(*cell)))
            .collect();
        for (address, literal) in addresses {
            let cells = self.domains.covered(*address, bytes);
            let of: Vec<(Cell, &[(u64, Lit)])> = parts
                .iter()
                .filter(|(cell, ..)| cells.contains(cell))
                .map(|(cell, _, values)| (self.domains.cells[*cell], values.as_slice()))
                .collect();
            self.makes_up(*literal, *address, &of, &values);
        }
        let part = |(cell, covered, values)| Part { cell, covered, values, sources: Vec::new() };
        parts.into_iter().map(part).collect()
    }

    /// One literal for each value that a cell may hold, of which exactly one is true.
    fn values_held(&mut self, cell: usize) -> Values {
        let held = &self.domains.held[cell];
        held.iter().copied().zip(self.sat.one_of(held.len())).collect()
    }

    /// If the condition is true, then what cells hold makes up a value at an address.
    fn makes_up(
        &mut self,
        condition: Lit,
        address: u64,
        cells: &[(Cell, &[(u64, Lit)])],
        values: &[(u64, Lit)],
    ) {
        let mut partly: Vec<(u64, Vec<Lit>)> = vec![(0, vec![!condition])];
        for (cell, held) in cells {
            let with = |(value, literals): &(u64, Vec<Lit>)| {
                let more = |(part, literal): &(u64, Lit)| {
                    let mut literals = literals.clone();
                    literals.push(!*literal);
                    (value | cell.placed(address, *part), literals)
                };
                held.iter().map(more).collect::<Vec<_>>()
            };
            partly = partly.iter().flat_map(with).collect();
        }
        for (value, mut literals) in partly {
            // A load whose value is of no interest has none.
            match values.binary_search_by_key(&value, |(value, _)| *value) {
                Ok(index) => literals.push(values[index].1),
                Err(_) if values.is_empty() => continue,
                Err(_) => {}
            }
            self.sat.clause(&literals);
        }
    }

    /// What is written in each cell, as what is written says.
    fn parts_written(
        &mut self,
        addresses: &[(u64, Lit)],
        bytes: u8,
        covered: &[(usize, Lit)],
        written: &[(u64, Lit)],
    ) -> Vec<Part> {
        let of_cell = |this: &mut Self, index: usize, there: Lit| {
            let cell = this.domains.cells[index];
            let mut parts: Vec<(u64, Vec<Lit>)> = Vec::new();
            for (address, at) in addresses {
                if !this.domains.covered(*address, bytes).contains(&index) {
                    continue;
                }
                for (value, is) in written {
                    let value = cell.of(*address, *value);
                    let both = this.sat.all(&[*at, *is]);
                    match parts.iter_mut().find(|(known, _)| *known == value) {
                        Some((_, ways)) => ways.push(both),
                        None => parts.push((value, vec![both])),
                    }
                }
            }
            let values =
                parts.into_iter().map(|(value, ways)| (value, this.sat.any(&ways))).collect();
            Part { cell: index, covered: there, values, sources: Vec::new() }
        };
        covered.iter().map(|(cell, there)| of_cell(self, *cell, *there)).collect()
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

    /// Of two stores that may share a cell, one precedes the other.
    fn order_of_stores(&mut self) -> Result<(), Fault> {
        for cell in 0..self.stores.len() {
            let stores = self.stores[cell].clone();
            for (index, a) in stores.iter().enumerate() {
                self.sat.check()?;
                for b in &stores[index + 1..] {
                    self.one_first(*a, *b);
                }
            }
            if stores.len() <= MOST_IN_CIRCLES {
                self.no_circles_of_three(&stores)?;
            }
        }
        Ok(())
    }

    /// The order sees to that, too, but only once all three literals are decided; a clause knows the third from two.
    fn no_circles_of_three(&mut self, stores: &[EventId]) -> Result<(), Fault> {
        for (index, a) in stores.iter().enumerate() {
            self.sat.check()?;
            for (second, b) in stores.iter().enumerate().skip(index + 1) {
                for c in &stores[second + 1..] {
                    let forth = [(a, b), (b, c), (c, a)].map(|(x, y)| !self.before(*x, *y));
                    self.sat.clause(&forth);
                    let back = [(b, a), (c, b), (a, c)].map(|(x, y)| !self.before(*x, *y));
                    self.sat.clause(&back);
                }
            }
        }
        Ok(())
    }

    fn one_first(&mut self, a: EventId, b: EventId) {
        if self.is_certain(a, b) || self.is_certain(b, a) {
            let falsity = self.sat.constant(false);
            let (first, second) = if self.is_certain(a, b) { (b, a) } else { (a, b) };
            self.before.entry((first, second)).or_insert(falsity);
            return;
        }
        match (self.before.get(&(a, b)).copied(), self.before.get(&(b, a)).copied()) {
            (Some(first), Some(second)) if first == !second => {}
            (Some(first), Some(second)) => self.sat.clause(&[first, second]),
            (Some(first), None) => {
                self.sat.order.means(!first, b.0, a.0);
                self.before.insert((b, a), !first);
            }
            (None, Some(second)) => {
                self.sat.order.means(!second, a.0, b.0);
                self.before.insert((a, b), !second);
            }
            (None, None) => {
                let first = self.before(a, b);
                self.sat.order.means(!first, b.0, a.0);
                self.before.insert((b, a), !first);
            }
        }
    }

    /// Each cell that is read is read from somewhere, and the load value axiom holds.
    fn sources(&mut self) -> Result<(), Fault> {
        for (load, _) in self.events() {
            self.sat.check()?;
            for index in 0..self.reads[load.index()].len() {
                let Part { cell, covered, .. } = self.reads[load.index()][index];
                let values = self.reads[load.index()][index].values.clone();
                let sources = self.sources_of(load, cell);
                let mut some: Vec<Lit> = vec![!self.executed(load), !covered];
                let mut literals = Vec::with_capacity(sources.len());
                let alone =
                    sources.len() == 1 && some.iter().all(|literal| self.sat.is_false(*literal));
                for source in sources {
                    let literal = if alone { self.sat.constant(true) } else { self.sat.literal() };
                    some.push(literal);
                    literals.push((source, literal));
                }
                self.sat.clause(&some);
                self.reads[load.index()][index].sources = literals.clone();
                for (source, literal) in &literals {
                    self.reads_from(load, cell, *source, *literal, &values);
                }
                self.pairs_of(load, cell, covered, &literals);
            }
        }
        self.demanded_by_sources()?;
        Ok(())
    }

    /// What a load may read a cell from: no later store of its own hart, and nothing that a store before it
    /// certainly hides, as rule 1 has it.
    fn sources_of(&self, load: EventId, cell: usize) -> Vec<Source> {
        let in_order = self.options.rules.contains(Rule::R1);
        let stores = &self.stores[cell];
        let certain = |store: &EventId| {
            self.stores_there(*store, cell).iter().all(|literal| self.sat.is_false(*literal))
        };
        let hides = stores.iter().filter(|store| self.po(**store, load) && certain(store)).max();
        let hidden = |store: EventId| {
            in_order && self.po(store, load) && hides.is_some_and(|hides| store < *hides)
        };
        let later = |store: EventId| in_order && self.po(load, store);
        let initial = hides.is_none().then_some(Source::Initial);
        let stores = stores.iter().copied();
        let possible = stores.filter(|store| *store != load && !hidden(*store) && !later(*store));
        initial.into_iter().chain(possible.map(Source::Store)).collect()
    }

    /// If the literal is true, the load reads what the source wrote.
    fn reads_from(
        &mut self,
        load: EventId,
        cell: usize,
        source: Source,
        literal: Lit,
        values: &[(u64, Lit)],
    ) {
        let executed = self.executed(load);
        self.sat.clause(&[!literal, executed]);
        let written = match source {
            Source::Initial => vec![(self.initial(cell), self.sat.constant(true))],
            Source::Store(store) => {
                let [not_executed, not_there] = self.stores_there(store, cell);
                self.sat.clause(&[!literal, !not_executed]);
                self.sat.clause(&[!literal, !not_there]);
                self.written(store, cell).map(|part| part.values.clone()).unwrap_or_default()
            }
        };
        self.holds_value(literal, &written, values);
    }

    /// If the literal is true, what was written is the value.
    fn holds_value(&mut self, literal: Lit, written: &[(u64, Lit)], values: &[(u64, Lit)]) {
        for (value, wrote) in written {
            let is = values.iter().find(|(held, _)| held == value).map(|(_, is)| *is);
            let is = is.unwrap_or(self.sat.constant(false));
            self.sat.clause(&[!literal, !*wrote, is]);
        }
    }

    fn initial(&self, cell: usize) -> u64 {
        let Cell { address, bytes } = self.domains.cells[cell];
        initial_value(self.program, Footprint { address, width: bytes }) as u64
    }

    /// The load value axiom for one cell of a load.
    fn pairs_of(&mut self, load: EventId, cell: usize, covered: Lit, sources: &[(Source, Lit)]) {
        let stores = self.stores[cell].clone();
        for (source, literal) in sources {
            if let Source::Store(store) = source
                && !self.po(*store, load)
            {
                self.demand(&[!*literal], *store, load);
            }
            for other in stores.iter().copied() {
                if other == load || Source::Store(other) == *source {
                    continue;
                }
                let [not_executed, not_there] = self.stores_there(other, cell);
                let unless = [!*literal, !covered, not_executed, not_there];
                match (*source, self.po(other, load)) {
                    (Source::Initial, true) => self.sat.clause(&unless),
                    (Source::Store(store), true) => self.demand(&unless, other, store),
                    (Source::Initial, false) => self.demand(&unless, load, other),
                    (Source::Store(store), false) => {
                        let follows = self.before(store, other);
                        let [a, b, c, d] = unless;
                        self.demand(&[a, b, c, d, !follows], load, other);
                    }
                }
            }
        }
    }

    /// Excuses of SCs that may fail only when forced.
    fn excuses(&mut self) -> Result<(), Fault> {
        if self.options.sc_failure != ScFailure::OnlyWhenForced {
            return Ok(());
        }
        for failed in self.unrolled.harts.iter().flat_map(|hart| &hart.failed) {
            self.sat.check()?;
            let lr = failed.paired;
            let mut some = vec![!self.excused, !self.fact(failed.fails)];
            for index in 0..self.reads[lr.index()].len() {
                let Part { cell, .. } = self.reads[lr.index()][index];
                let sources = self.reads[lr.index()][index].sources.clone();
                for other in self.stores[cell].clone() {
                    if self.event(other).hart == self.event(lr).hart {
                        continue;
                    }
                    let [not_executed, not_there] = self.stores_there(other, cell);
                    for (source, literal) in &sources {
                        let mut parts = vec![*literal, !not_executed, !not_there];
                        match source {
                            Source::Store(store) if *store == other => continue,
                            Source::Store(store) => parts.push(self.before(*store, other)),
                            Source::Initial => {}
                        }
                        some.push(self.sat.all(&parts));
                    }
                }
            }
            self.sat.clause(&some);
        }
        Ok(())
    }

    /// What observed memory holds at the end.
    fn ends(&mut self) -> Result<(), Fault> {
        for (observed, raw) in self.program.observed.iter().zip(&self.unrolled.raw) {
            let ObservedFrom::Memory { address, bytes } = observed.from else { continue };
            self.sat.check()?;
            let values = self.values(*raw);
            let cells: Vec<usize> = self.domains.covered(address, bytes as u8).collect();
            let held: Vec<(Cell, Values)> = cells
                .into_iter()
                .map(|cell| (self.domains.cells[cell], self.held_at_the_end(cell)))
                .collect();
            let held: Vec<(Cell, &[(u64, Lit)])> =
                held.iter().map(|(cell, values)| (*cell, values.as_slice())).collect();
            let truth = self.sat.constant(true);
            self.makes_up(truth, address, &held, &values);
        }
        Ok(())
    }

    /// A cell ends as the last store to it left it.
    fn held_at_the_end(&mut self, cell: usize) -> Values {
        if let Some(known) = self.last.get(&cell) {
            return known.clone();
        }
        let values = self.values_held(cell);
        let stores = self.stores[cell].clone();
        let sources: Vec<Source> = std::iter::once(Source::Initial)
            .chain(stores.iter().copied().map(Source::Store))
            .collect();
        let literals: Vec<Lit> = sources.iter().map(|_| self.sat.literal()).collect();
        self.sat.clause(&literals);
        for (source, literal) in sources.into_iter().zip(literals) {
            let written = match source {
                Source::Initial => vec![(self.initial(cell), self.sat.constant(true))],
                Source::Store(store) => {
                    let [not_executed, not_there] = self.stores_there(store, cell);
                    self.sat.clause(&[!literal, !not_executed]);
                    self.sat.clause(&[!literal, !not_there]);
                    self.written(store, cell).map(|part| part.values.clone()).unwrap_or_default()
                }
            };
            self.holds_value(literal, &written, &values);
            for other in stores.iter().copied() {
                let [not_executed, not_there] = self.stores_there(other, cell);
                match source {
                    Source::Store(store) if store == other => {}
                    Source::Store(store) => {
                        self.demand(&[!literal, not_executed, not_there], other, store);
                    }
                    Source::Initial => self.sat.clause(&[!literal, not_executed, not_there]),
                }
            }
        }
        self.last.insert(cell, values.clone());
        values
    }
}
