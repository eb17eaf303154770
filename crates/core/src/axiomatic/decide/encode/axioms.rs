//! The order of stores, what is read and what is left at the end: the load value axiom as clauses.

use batsat::Lit;

use super::{Encoding, MOST_IN_CIRCLES, Part, Source, Values};
use crate::axiomatic::decide::domains::Cell;
use crate::axiomatic::decide::terms::EventId;
use crate::axiomatic::footprint::{Footprint, initial_value};
use crate::model::{Rule, ScFailure};
use crate::program::{Fault, ObservedFrom};

impl Encoding<'_> {
    /// Of two stores that may share a cell, one precedes the other.
    pub(super) fn order_of_stores(&mut self) -> Result<(), Fault> {
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
    pub(super) fn sources(&mut self) -> Result<(), Fault> {
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
                    self.reads_from(load, (cell, covered), *source, *literal, &values);
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

    /// If the literal is true, the load reads the cell, and what the source wrote.
    fn reads_from(
        &mut self,
        load: EventId,
        (cell, covered): (usize, Lit),
        source: Source,
        literal: Lit,
        values: &[(u64, Lit)],
    ) {
        let executed = self.executed(load);
        self.sat.clause(&[!literal, executed]);
        self.sat.clause(&[!literal, covered]);
        self.holds_value(literal, cell, source, values);
    }

    /// If the literal is true, the source is there, and what it wrote is the value.
    fn holds_value(&mut self, literal: Lit, cell: usize, source: Source, values: &[(u64, Lit)]) {
        let written = match source {
            Source::Initial => vec![(self.initial(cell), self.sat.constant(true))],
            Source::Store(store) => {
                let [not_executed, not_there] = self.stores_there(store, cell);
                self.sat.clause(&[!literal, !not_executed]);
                self.sat.clause(&[!literal, !not_there]);
                self.written(store, cell).map(|part| part.values.clone()).unwrap_or_default()
            }
        };
        for (value, wrote) in written {
            let is = values.iter().find(|(held, _)| *held == value).map(|(_, is)| *is);
            let is = is.unwrap_or(self.sat.constant(false));
            self.sat.clause(&[!literal, !wrote, is]);
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
    pub(super) fn excuses(&mut self) -> Result<(), Fault> {
        if self.options.sc_failure != ScFailure::OnlyWhenForced {
            return Ok(());
        }
        for failed in self.unrolled.harts.iter().flat_map(|hart| &hart.failed) {
            self.sat.check()?;
            let lr = failed.paired;
            let mut some = vec![!self.excuses_demanded, !self.fact(failed.fails)];
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
    pub(super) fn ends(&mut self) -> Result<(), Fault> {
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
            self.holds_value(literal, cell, source, &values);
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
