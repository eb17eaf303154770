//! What each value can be, and the pieces of memory that accesses tell apart.
//!
//! A load may return what any store may have written to its bytes; what is computed from it joins the values of
//! what it is stored to, until nothing new appears. In a consistent execution no store depends on itself, so
//! that a value comes about by a chain of different stores: more rounds than there are stores find nothing that
//! can be. Every set is as large as it need be or larger, never smaller.

use crate::axiomatic::footprint::{Footprint, initial_value};
use crate::model::Options;
use crate::program::misaligned;
use crate::program::{Fault, ObservedFrom, Program};

use super::terms::{Fact, FactNode, Node, Term, TermNode, Test};
use super::unroll::{Event, Unrolled, unsupported};
use super::work::Work;

/// Most values that one term is followed with, and most pairs of values that one computation is tabulated for.
const MOST_VALUES: usize = 600;
const MOST_PAIRS: usize = 1 << 17;

/// A piece of memory of which every access covers all or nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Cell {
    pub(super) address: u64,
    pub(super) bytes: u8,
}

impl Cell {
    /// The part of a value at `address` that lies in the cell.
    pub(super) fn of(self, address: u64, value: u64) -> u64 {
        let value = value >> (8 * (self.address - address));
        if self.bytes >= 8 { value } else { value & ((1 << (8 * self.bytes)) - 1) }
    }

    /// Its part of a value at `address`, where it belongs.
    pub(super) fn placed(self, address: u64, value: u64) -> u64 {
        value << (8 * (self.address - address))
    }
}

/// May a fact be true, may it be false?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Possible {
    pub(super) truth: bool,
    pub(super) falsity: bool,
}

impl Possible {
    fn of(truth: bool) -> Possible {
        Possible { truth, falsity: !truth }
    }
}

/// What values and facts can be.
pub(super) struct Domains {
    /// By term, ascending.
    pub(super) values: Vec<Vec<u64>>,
    pub(super) facts: Vec<Possible>,
    /// Ascending.
    pub(super) cells: Vec<Cell>,
    /// By cell, what it may hold, ascending.
    pub(super) held: Vec<Vec<u64>>,
}

impl Domains {
    pub(super) fn of(&self, term: Term) -> &[u64] {
        &self.values[term.0 as usize]
    }

    pub(super) fn fact(&self, fact: Fact) -> Possible {
        self.facts[fact.0 as usize]
    }

    /// The addresses that an event may access, ascending.
    pub(super) fn addresses(&self, program: &Program, event: &Event) -> Vec<u64> {
        let mapped = |address: &u64| program.location_at(*address, event.bytes.into()).is_some();
        self.of(event.address).iter().copied().filter(mapped).collect()
    }

    /// The cells that an access of so many bytes at an address covers.
    pub(super) fn covered(&self, address: u64, bytes: u8) -> std::ops::Range<usize> {
        let first = self.cells.partition_point(|cell| cell.address < address);
        let last = self.cells.partition_point(|cell| cell.address < address + u64::from(bytes));
        first..last
    }
}

/// Answers what facts ask of two values.
pub(super) struct Asked<'a> {
    pub(super) program: &'a Program,
    pub(super) options: &'a Options,
    pub(super) events: &'a [Event],
}

impl Asked<'_> {
    pub(super) fn holds(&self, test: Test, a: u64, b: u64) -> bool {
        match test {
            Test::Condition(condition) => (condition.0)(a, b),
            Test::Equal => a == b,
            Test::Valid(event) => {
                let event = &self.events[event.index()];
                self.program.location_at(a, event.bytes.into()).is_some()
                    && event.alignment.at(a) != misaligned::Access::Exception
            }
            Test::Pair(lr, sc) => {
                let bytes = [lr, sc].map(|event| self.events[event.index()].bytes);
                let lr = Footprint { address: a, width: bytes[0] };
                let sc = Footprint { address: b, width: bytes[1] };
                lr.reserves(sc, self.options.reservation)
            }
        }
    }
}

/// Works out what everything can be.
///
/// # Errors
/// [`Fault::TooLarge`] where that is too much.
pub(super) fn domains<'u>(
    program: &'u Program,
    options: &'u Options,
    unrolled: &'u Unrolled,
    work: &'u Work<'u>,
) -> Result<Domains, Fault> {
    let asked = Asked { program, options, events: &unrolled.events };
    let mut search = Search {
        unrolled,
        asked,
        work,
        domains: Domains {
            values: vec![Vec::new(); unrolled.terms.terms.len()],
            facts: vec![Possible { truth: false, falsity: false }; unrolled.terms.facts.len()],
            cells: Vec::new(),
            held: Vec::new(),
        },
        written: vec![None; unrolled.events.len()],
        reads: vec![Vec::new(); unrolled.events.len()],
        last: vec![Vec::new(); program.observed.len()],
    };
    let stores = unrolled.events.iter().filter(|event| event.written.is_some()).count();
    for _ in 0..stores + 2 {
        // What follows from the same stores follows at once, however many loads it takes.
        loop {
            search.evaluate()?;
            search.divide();
            if !search.read_again()? {
                break;
            }
        }
        if !search.store_again() {
            break;
        }
    }
    search.read_again()?;
    search.check()?;
    Ok(search.domains)
}

struct Search<'u> {
    unrolled: &'u Unrolled,
    asked: Asked<'u>,
    work: &'u Work<'u>,
    domains: Domains,
    /// What each event may write: where and what.
    written: Vec<Option<(Vec<u64>, Vec<u64>)>>,
    /// What each event may read.
    reads: Vec<Vec<u64>>,
    /// What each observed piece of memory may hold.
    last: Vec<Vec<u64>>,
}

impl Search<'_> {
    /// Everything, from what is read.
    fn evaluate(&mut self) -> Result<(), Fault> {
        let terms = &self.unrolled.terms;
        for node in &terms.order {
            match *node {
                Node::Term(term) => {
                    let values = self.values_of(&terms.terms[term.0 as usize])?;
                    self.work.add(values.len() + 1)?;
                    if values.len() > MOST_VALUES {
                        return Err(unsupported("values of too many kinds"));
                    }
                    self.domains.values[term.0 as usize] = values;
                }
                Node::Fact(fact) => {
                    self.domains.facts[fact.0 as usize] =
                        self.possible(&terms.facts[fact.0 as usize])?;
                }
            }
        }
        Ok(())
    }

    fn values_of(&self, node: &TermNode) -> Result<Vec<u64>, Fault> {
        let domains = &self.domains;
        let mut values: Vec<u64> = match node {
            TermNode::Constant(value) => vec![*value],
            TermNode::Read(event) => self.reads[event.index()].clone(),
            TermNode::Final(observed) => self.last[*observed].clone(),
            TermNode::Choice(choices) => choices
                .iter()
                .filter(|(fact, _)| domains.fact(*fact).truth)
                .flat_map(|(_, term)| domains.of(*term).iter().copied())
                .collect(),
            TermNode::Apply(operation, a, b) => {
                let mut values = Vec::new();
                self.work.add(domains.of(*a).len() * domains.of(*b).len())?;
                each_pair(domains, *a, *b, |a, b| values.push(operation.apply(a, b)))?;
                values
            }
        };
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }

    fn possible(&self, node: &FactNode) -> Result<Possible, Fault> {
        let domains = &self.domains;
        Ok(match node {
            FactNode::Constant(truth) => Possible::of(*truth),
            FactNode::Free => Possible { truth: true, falsity: true },
            FactNode::Not(fact) => {
                let Possible { truth, falsity } = domains.fact(*fact);
                Possible { truth: falsity, falsity: truth }
            }
            FactNode::And(parts) => Possible {
                truth: parts.iter().all(|part| domains.fact(*part).truth),
                falsity: parts.iter().any(|part| domains.fact(*part).falsity),
            },
            FactNode::Or(parts) => Possible {
                truth: parts.iter().any(|part| domains.fact(*part).truth),
                falsity: parts.iter().all(|part| domains.fact(*part).falsity),
            },
            FactNode::Holds(test, a, b) => {
                self.work.add(domains.of(*a).len() * domains.of(*b).len())?;
                let mut possible = Possible { truth: false, falsity: false };
                each_pair(domains, *a, *b, |a, b| match self.asked.holds(*test, a, b) {
                    true => possible.truth = true,
                    false => possible.falsity = true,
                })?;
                possible
            }
        })
    }

    /// Divides memory into cells.
    fn divide(&mut self) {
        let mut accesses: Vec<(u64, u64)> = Vec::new();
        for event in &self.unrolled.events {
            for address in self.addresses(event) {
                accesses.push((address, address + u64::from(event.bytes)));
            }
        }
        for observed in &self.asked.program.observed {
            if let ObservedFrom::Memory { address, bytes } = observed.from {
                accesses.push((address, address + bytes));
            }
        }
        accesses.sort_unstable();
        accesses.dedup();
        let mut bounds: Vec<u64> =
            accesses.iter().flat_map(|(start, end)| [*start, *end]).collect();
        bounds.sort_unstable();
        bounds.dedup();
        let mut cells = Vec::new();
        let mut end = 0;
        let mut next = accesses.iter().peekable();
        for pair in bounds.windows(2) {
            while let Some((_, to)) = next.next_if(|(from, _)| *from <= pair[0]) {
                end = end.max(*to);
            }
            if pair[0] < end {
                cells.push(Cell { address: pair[0], bytes: (pair[1] - pair[0]) as u8 });
            }
        }
        self.domains.cells = cells;
    }

    /// The addresses that an event may access.
    fn addresses(&self, event: &Event) -> Vec<u64> {
        self.domains.addresses(self.asked.program, event)
    }

    /// What stores may write now. Says whether that is more than before.
    fn store_again(&mut self) -> bool {
        let mut more = false;
        for (index, event) in self.unrolled.events.iter().enumerate() {
            let Some(written) = event.written else { continue };
            if self.domains.fact(event.executed).truth {
                let may = (self.addresses(event), self.domains.of(written).to_vec());
                more |= self.written[index].as_ref() != Some(&may);
                self.written[index] = Some(may);
            }
        }
        more
    }

    /// What loads may read now. Says whether that is more than before.
    fn read_again(&mut self) -> Result<bool, Fault> {
        let cells = self.domains.cells.len();
        let mut held: Vec<Vec<u64>> = vec![Vec::new(); cells];
        for (index, cell) in self.domains.cells.iter().enumerate() {
            let target = Footprint { address: cell.address, width: cell.bytes };
            held[index].push(initial_value(self.asked.program, target) as u64);
        }
        self.work.add(self.unrolled.events.len() * 4)?;
        for (event, written) in self.unrolled.events.iter().zip(&self.written) {
            let Some((addresses, values)) = written else { continue };
            for address in addresses {
                for cell in self.domains.covered(*address, event.bytes) {
                    let of = self.domains.cells[cell];
                    held[cell].extend(values.iter().map(|value| of.of(*address, *value)));
                }
            }
        }
        for held in &mut held {
            held.sort_unstable();
            held.dedup();
        }
        let mut more = false;
        for (index, event) in self.unrolled.events.iter().enumerate() {
            if !event.kind.reads() {
                continue;
            }
            let mut values = Vec::new();
            for address in self.addresses(event) {
                self.assembled(&held, address, event.bytes, &mut values)?;
            }
            more |= replaced(&mut self.reads[index], values);
        }
        for (index, observed) in self.asked.program.observed.iter().enumerate() {
            if let ObservedFrom::Memory { address, bytes } = observed.from {
                let mut values = Vec::new();
                self.assembled(&held, address, bytes as u8, &mut values)?;
                more |= replaced(&mut self.last[index], values);
            }
        }
        self.domains.held = held;
        Ok(more)
    }

    /// Every value that the cells of an access may make up.
    fn assembled(
        &self,
        held: &[Vec<u64>],
        address: u64,
        bytes: u8,
        into: &mut Vec<u64>,
    ) -> Result<(), Fault> {
        let mut values = vec![0];
        for cell in self.domains.covered(address, bytes) {
            let of = self.domains.cells[cell];
            if values.len() * held[cell].len() > MOST_VALUES {
                return Err(unsupported("values of too many kinds"));
            }
            let held = &held[cell];
            values = values
                .iter()
                .flat_map(|value| held.iter().map(move |part| value | of.placed(address, *part)))
                .collect();
        }
        into.extend(values);
        Ok(())
    }

    /// What the code was not unrolled for.
    fn check(&self) -> Result<(), Fault> {
        for event in &self.unrolled.events {
            let splits = |address: &u64| event.alignment.at(*address) == misaligned::Access::Bytes;
            if self.addresses(event).iter().any(splits) {
                return Err(unsupported("computed addresses that are misaligned"));
            }
        }
        Ok(())
    }
}

/// Replaces values by those found, sorted. Says whether they are others.
fn replaced(values: &mut Vec<u64>, mut found: Vec<u64>) -> bool {
    found.sort_unstable();
    found.dedup();
    let changed = *values != found;
    *values = found;
    changed
}

/// Every pair of values of two terms; of one term twice, each value beside itself.
pub(super) fn each_pair(
    domains: &Domains,
    a: Term,
    b: Term,
    mut found: impl FnMut(u64, u64),
) -> Result<(), Fault> {
    let (of_a, of_b) = (domains.of(a), domains.of(b));
    if a == b {
        of_a.iter().for_each(|value| found(*value, *value));
        return Ok(());
    }
    if of_a.len() * of_b.len() > MOST_PAIRS {
        return Err(unsupported("values of too many kinds"));
    }
    for a in of_a {
        for b in of_b {
            found(*a, *b);
        }
    }
    Ok(())
}
