//! Preserved program order and atomicity as clauses.
//!
//! The rules are those of [`crate::axiomatic::ppo`], in its order and with its words; where these ask what
//! happened, the clause has a literal for it.

use batsat::Lit;

use crate::model::{AccessKind, Acquire, Release, Rule, fence_orders};
use crate::program::Fault;

use super::encode::{Encoding, Source};
use super::terms::{EventId, Fact};
use super::unroll::fact_of;

impl Encoding<'_> {
    /// The rules that do not ask where loads got their values.
    pub(super) fn preserved_program_order(&mut self) -> Result<(), Fault> {
        let unrolled = self.unrolled;
        for hart in &unrolled.harts {
            let (first, end) = hart.events;
            for b in (first..end).map(EventId) {
                self.sat.check()?;
                for a in (first..b.0).map(EventId) {
                    if self.may_be_in_order(a, b) {
                        self.in_order(a, b, &hart.fences);
                    }
                }
            }
        }
        Ok(())
    }

    /// Can both be executed, and are they not parts of one misaligned access?
    fn may_be_in_order(&self, a: EventId, b: EventId) -> bool {
        let possible = |event: EventId| !self.sat.is_false(self.executed(event));
        possible(a) && possible(b) && self.event(a).first != self.event(b).first
    }

    fn in_force(&self, rule: Rule) -> bool {
        self.options.rules.contains(rule)
    }

    fn in_order(&mut self, a: EventId, b: EventId, fences: &[super::unroll::Fence]) {
        let (of_a, of_b) = (self.event(a), self.event(b));
        let executed = [!self.executed(a), !self.executed(b)];
        let unless = |more: Lit| [executed[0], executed[1], more];
        let always = self.in_force(Rule::R5) && of_a.annotation.acquire != Acquire::None
            || self.in_force(Rule::R6) && of_b.annotation.release != Release::None
            || self.in_force(Rule::R7) && of_a.annotation.is_rcsc() && of_b.annotation.is_rcsc();
        if always {
            self.demand(&executed, a, b);
            return;
        }
        if self.in_force(Rule::R1) && of_b.kind.is_store() {
            for apart in self.common(a, b) {
                self.demand(&unless(apart), a, b);
            }
        }
        if self.in_force(Rule::R4) {
            let between = |fence: &&super::unroll::Fence| a < fence.before && fence.before <= b;
            for fence in fences.iter().filter(between) {
                if fence_orders(fence.pairs, of_a.kind, of_b.kind) {
                    self.demand(&unless(!self.fact(fence.executed)), a, b);
                }
            }
        }
        let mut facts: Vec<Fact> = Vec::new();
        if self.in_force(Rule::R8) {
            facts.push(fact_of(&of_b.paired, a));
        }
        if self.in_force(Rule::R9) {
            facts.push(fact_of(&of_b.address_dep, a));
        }
        if self.in_force(Rule::R10) {
            facts.push(fact_of(&of_b.data_dep, a));
        }
        if self.in_force(Rule::R11) && of_b.kind.is_store() {
            facts.push(fact_of(&of_b.control_dep, a));
        }
        for fact in facts.into_iter().filter(|fact| *fact != Fact::FALSE) {
            self.demand(&unless(!self.fact(fact)), a, b);
        }
        if self.in_force(Rule::R13) && of_b.kind.is_store() {
            for m in (a.0 + 1..b.0).map(EventId) {
                let between = self.event(m);
                let fact = fact_of(&between.address_dep, a);
                if between.first != of_b.first && fact != Fact::FALSE {
                    let [no_a, no_b] = executed;
                    let (no_m, independent) = (!self.executed(m), !self.fact(fact));
                    self.demand(&[no_a, no_b, no_m, independent], a, b);
                }
            }
        }
    }

    /// For each way in which two events may share bytes, a literal that denies it.
    fn common(&mut self, a: EventId, b: EventId) -> Vec<Lit> {
        let (bytes_a, bytes_b) = (self.event(a).bytes, self.event(b).bytes);
        let mut ways = Vec::new();
        for (at, is_at) in self.addresses[a.index()].clone() {
            for (there, is_there) in self.addresses[b.index()].clone() {
                if at < there + u64::from(bytes_b) && there < at + u64::from(bytes_a) {
                    ways.push(!self.sat.all(&[is_at, is_there]));
                }
            }
        }
        ways
    }

    /// What is demanded because of where loads got their values: rules 2, 3 and 12, and atomicity.
    pub(super) fn demanded_by_sources(&mut self) -> Result<(), Fault> {
        let unrolled = self.unrolled;
        for hart in &unrolled.harts {
            let (first, end) = hart.events;
            for b in (first..end).map(EventId) {
                self.sat.check()?;
                if self.reads[b.index()].is_empty() {
                    continue;
                }
                for a in (first..b.0).map(EventId) {
                    if self.may_be_in_order(a, b) {
                        self.rule_2(a, b);
                        self.rules_3_and_12(a, b);
                    }
                }
            }
            for sc in (first..end).map(EventId) {
                self.atomicity(sc);
            }
        }
        Ok(())
    }

    /// Rule 2: a and b are loads, x is a byte read by both, there is no store to x between them in program order,
    /// and they return values for x written by different memory operations.
    fn rule_2(&mut self, a: EventId, b: EventId) {
        if !self.in_force(Rule::R2) {
            return;
        }
        for of_a in 0..self.reads[a.index()].len() {
            let (cell, covered_a) = {
                let part = &self.reads[a.index()][of_a];
                (part.cell, part.covered)
            };
            let Some(of_b) = self.reads[b.index()].iter().position(|part| part.cell == cell) else {
                continue;
            };
            let covered_b = self.reads[b.index()][of_b].covered;
            let mut unless = vec![!self.executed(a), !self.executed(b), !covered_a, !covered_b];
            for m in (a.0 + 1..b.0).map(EventId) {
                if self.written(m, cell).is_some() {
                    let stores = self.stores_there(m, cell).map(|literal| !literal);
                    unless.push(self.sat.all(&stores));
                }
            }
            let sources = self.reads[a.index()][of_a].sources.clone();
            let of_b = self.reads[b.index()][of_b].sources.clone();
            for (source, literal) in sources {
                let same = of_b.iter().find(|(other, _)| *other == source);
                let same = same.map_or(self.sat.constant(false), |(_, literal)| *literal);
                let mut unless = unless.clone();
                unless.extend([!literal, same]);
                self.demand(&unless, a, b);
            }
        }
    }

    /// Rule 3: a is generated by an AMO or SC instruction, b is a load, and b returns a value written by a.
    /// Rule 12: b is a load, and there exists some store m between a and b in program order such that m has an
    /// address or data dependency on a, and b returns a value written by m.
    fn rules_3_and_12(&mut self, a: EventId, b: EventId) {
        let executed = [!self.executed(a), !self.executed(b)];
        let strong = matches!(self.event(a).kind, AccessKind::Amo | AccessKind::StoreConditional);
        for part in 0..self.reads[b.index()].len() {
            for (source, literal) in self.reads[b.index()][part].sources.clone() {
                let Source::Store(store) = source else { continue };
                if self.in_force(Rule::R3) && strong && store == a {
                    self.demand(&[executed[0], executed[1], !literal], a, b);
                }
                if self.in_force(Rule::R12) && self.po(a, store) && self.po(store, b) {
                    let of_store = self.event(store);
                    for set in [&of_store.address_dep, &of_store.data_dep] {
                        let fact = fact_of(set, a);
                        if fact != Fact::FALSE {
                            let dependent = self.fact(fact);
                            self.demand(&[executed[0], executed[1], !literal, !dependent], a, b);
                        }
                    }
                }
            }
        }
    }

    /// Atomicity: what the paired LR read precedes the SC, and no store of another hart to what the LR read comes
    /// between.
    fn atomicity(&mut self, sc: EventId) {
        if !self.in_force(Rule::Atomicity) {
            return;
        }
        for (lr, fact) in self.event(sc).paired.clone() {
            let paired = [!self.executed(sc), !self.fact(fact)];
            for part in 0..self.reads[lr.index()].len() {
                let cell = self.reads[lr.index()][part].cell;
                for (source, literal) in self.reads[lr.index()][part].sources.clone() {
                    let read = [paired[0], paired[1], !literal];
                    if let Source::Store(store) = source {
                        match store == sc {
                            true => self.sat.clause(&read),
                            false => self.demand(&read, store, sc),
                        }
                    }
                    for other in self.stores_to(cell) {
                        if self.event(other).hart == self.event(sc).hart
                            || Source::Store(other) == source
                        {
                            continue;
                        }
                        let mut unless = read.to_vec();
                        unless.extend(self.stores_there(other, cell));
                        if let Source::Store(store) = source {
                            unless.push(!self.before(store, other));
                        }
                        self.demand(&unless, sc, other);
                    }
                }
            }
        }
    }
}
