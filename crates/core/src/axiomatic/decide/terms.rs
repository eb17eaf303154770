//! Values and facts of all executions at once, as graphs: what a register holds is a function of what loads
//! read, and whether an instruction is executed a fact about such values.
//!
//! Nodes are numbered in the order in which they are made, after those that they are made of, and equal ones
//! are one. So whatever is worked out of them is worked out in one pass, without recursion.

use std::cmp::Ordering;
use std::slice;

use rustc_hash::FxHashMap;

use crate::arch::{Condition, Extend, Function, Width};
use crate::litmus::CType;

/// A value: what a register holds, what is stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Term(pub(super) u32);

/// Something that is true of an execution or not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Fact(pub(super) u32);

impl Fact {
    /// What is true of every execution.
    pub(super) const TRUE: Fact = Fact(0);
    /// What is true of none.
    pub(super) const FALSE: Fact = Fact(1);
}

/// A memory operation that some execution may have, by its place among all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct EventId(pub(super) u32);

impl EventId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// How a value is made of one or two others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operation {
    /// By an instruction's function of two values.
    Function(Function),
    /// The sum.
    Sum,
    /// The sum, bit 0 cleared: where a computed jump goes.
    Target,
    /// The lowest bytes, extended.
    Extend(Extend, Width),
    /// What a place of that type shows.
    Normalize(CType),
    /// Without the lowest bytes, so many.
    Drop(u32),
    /// The second moved up by so many bytes, joined to the first.
    Join(u32),
}

impl Operation {
    /// Applies it. One that has one argument passes over the second.
    pub(super) fn apply(self, a: u64, b: u64) -> u64 {
        match self {
            Operation::Function(function) => function.apply(a, b),
            Operation::Sum => a.wrapping_add(b),
            Operation::Target => a.wrapping_add(b) & !1,
            Operation::Extend(extend, width) => extend.apply(width, a),
            Operation::Normalize(ctype) => ctype.normalize(a),
            Operation::Drop(bytes) => a >> (8 * bytes),
            Operation::Join(bytes) => a | b << (8 * bytes),
        }
    }

    fn key(self) -> (u8, usize, u32) {
        match self {
            Operation::Function(function) => (0, function.number(), 0),
            Operation::Sum => (1, 0, 0),
            Operation::Target => (2, 0, 0),
            Operation::Extend(Extend::Sign, width) => (3, width as usize, 0),
            Operation::Extend(Extend::Zero, width) => (4, width as usize, 0),
            Operation::Normalize(ctype) => (5, ctype as usize, 0),
            Operation::Drop(bytes) => (6, 0, bytes),
            Operation::Join(bytes) => (7, 0, bytes),
        }
    }
}

/// What is asked of two values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Test {
    /// What a branch asks.
    Condition(Condition),
    /// Are they the same?
    Equal,
    /// Can the event access the first, an address?
    Valid(EventId),
    /// May an SC to the second be paired with an LR of the first?
    Pair(EventId, EventId),
}

impl Test {
    fn key(self) -> (u8, usize, u32) {
        match self {
            Test::Condition(Condition(condition)) => (8, condition as usize, 0),
            Test::Equal => (9, 0, 0),
            Test::Valid(event) => (10, event.index(), 0),
            Test::Pair(lr, sc) => (11, lr.index(), sc.0),
        }
    }
}

/// How a value is made.
#[derive(Clone, Debug)]
pub(super) enum TermNode {
    Constant(u64),
    /// What the event reads, as many bytes as it covers.
    Read(EventId),
    Apply(Operation, Term, Term),
    /// The one whose fact is true; exactly one is wherever it matters.
    Choice(Vec<(Fact, Term)>),
    /// What an observed piece of memory holds at the end, by its place among what is observed.
    Final(usize),
}

/// What a fact says.
#[derive(Clone, Debug)]
pub(super) enum FactNode {
    Constant(bool),
    And(Vec<Fact>),
    Or(Vec<Fact>),
    Not(Fact),
    Holds(Test, Term, Term),
    /// It is as it is: no value decides it.
    Free,
}

/// A node, in the order in which they were made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node {
    Term(Term),
    Fact(Fact),
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Constant(u64),
    Read(EventId),
    Made((u8, usize, u32), Term, Term),
    Choice(Vec<(Fact, Term)>),
    And(Vec<Fact>),
    Or(Vec<Fact>),
    Not(Fact),
}

/// All values and facts.
pub(super) struct Terms {
    pub(super) terms: Vec<TermNode>,
    pub(super) facts: Vec<FactNode>,
    pub(super) order: Vec<Node>,
    known_terms: FxHashMap<Key, Term>,
    known_facts: FxHashMap<Key, Fact>,
}

impl Terms {
    pub(super) fn new() -> Terms {
        let facts = vec![FactNode::Constant(true), FactNode::Constant(false)];
        let order = vec![Node::Fact(Fact::TRUE), Node::Fact(Fact::FALSE)];
        Terms {
            terms: Vec::new(),
            facts,
            order,
            known_terms: FxHashMap::default(),
            known_facts: FxHashMap::default(),
        }
    }

    /// Nodes made so far.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    fn add_term(&mut self, node: TermNode) -> Term {
        let term = Term(self.terms.len() as u32);
        self.terms.push(node);
        self.order.push(Node::Term(term));
        term
    }

    fn term(&mut self, key: Key, node: impl FnOnce() -> TermNode) -> Term {
        if let Some(known) = self.known_terms.get(&key) {
            return *known;
        }
        let term = self.add_term(node());
        self.known_terms.insert(key, term);
        term
    }

    fn fact(&mut self, key: Key, node: FactNode) -> Fact {
        if let Some(known) = self.known_facts.get(&key) {
            return *known;
        }
        let fact = self.add_fact(node);
        self.known_facts.insert(key, fact);
        fact
    }

    fn add_fact(&mut self, node: FactNode) -> Fact {
        let fact = Fact(self.facts.len() as u32);
        self.facts.push(node);
        self.order.push(Node::Fact(fact));
        fact
    }

    pub(super) fn constant(&mut self, value: u64) -> Term {
        self.term(Key::Constant(value), || TermNode::Constant(value))
    }

    /// The value of a term that is the same in every execution.
    pub(super) fn value(&self, term: Term) -> Option<u64> {
        match self.terms[term.0 as usize] {
            TermNode::Constant(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn read(&mut self, event: EventId) -> Term {
        self.term(Key::Read(event), || TermNode::Read(event))
    }

    /// What an event reads, if anything was made of it.
    pub(super) fn known_read(&self, event: EventId) -> Option<Term> {
        self.known_terms.get(&Key::Read(event)).copied()
    }

    pub(super) fn last(&mut self, observed: usize) -> Term {
        self.add_term(TermNode::Final(observed))
    }

    pub(super) fn apply(&mut self, operation: Operation, a: Term, b: Term) -> Term {
        if let (Some(a), Some(b)) = (self.value(a), self.value(b)) {
            return self.constant(operation.apply(a, b));
        }
        self.term(Key::Made(operation.key(), a, b), || TermNode::Apply(operation, a, b))
    }

    /// An operation that has one argument.
    pub(super) fn apply_to(&mut self, operation: Operation, a: Term) -> Term {
        let zero = self.constant(0);
        self.apply(operation, a, zero)
    }

    /// The term whose fact is true.
    pub(super) fn choice(&mut self, among: &[(Fact, Term)]) -> Term {
        let mut choices: Vec<(Fact, Term)> = Vec::with_capacity(among.len());
        for (fact, term) in among.iter().filter(|(fact, _)| *fact != Fact::FALSE) {
            match choices.iter().position(|(_, known)| known == term) {
                Some(index) => choices[index].0 = self.or(&[choices[index].0, *fact]),
                None => choices.push((*fact, *term)),
            }
        }
        match choices.as_slice() {
            [] => self.constant(0),
            [(_, only)] => *only,
            _ => {
                choices.sort_unstable();
                self.term(Key::Choice(choices.clone()), || TermNode::Choice(choices))
            }
        }
    }

    /// A fact that no value decides.
    pub(super) fn free(&mut self) -> Fact {
        self.add_fact(FactNode::Free)
    }

    pub(super) fn not(&mut self, fact: Fact) -> Fact {
        match self.facts[fact.0 as usize] {
            FactNode::Constant(true) => Fact::FALSE,
            FactNode::Constant(false) => Fact::TRUE,
            FactNode::Not(inner) => inner,
            _ => self.fact(Key::Not(fact), FactNode::Not(fact)),
        }
    }

    pub(super) fn and(&mut self, facts: &[Fact]) -> Fact {
        let mut all = Vec::with_capacity(facts.len());
        for fact in facts {
            match &self.facts[fact.0 as usize] {
                FactNode::Constant(true) => {}
                FactNode::Constant(false) => return Fact::FALSE,
                FactNode::And(parts) => all.extend_from_slice(parts),
                _ => all.push(*fact),
            }
        }
        all.sort_unstable();
        all.dedup();
        if self.has_opposites(&all) {
            return Fact::FALSE;
        }
        match all.as_slice() {
            [] => Fact::TRUE,
            [only] => *only,
            _ => self.fact(Key::And(all.clone()), FactNode::And(all)),
        }
    }

    fn has_opposites(&self, sorted: &[Fact]) -> bool {
        sorted.iter().any(|fact| match self.facts[fact.0 as usize] {
            FactNode::Not(inner) => sorted.binary_search(&inner).is_ok(),
            _ => false,
        })
    }

    pub(super) fn or(&mut self, facts: &[Fact]) -> Fact {
        let mut any: Vec<Fact> = Vec::with_capacity(facts.len());
        for fact in facts {
            match &self.facts[fact.0 as usize] {
                FactNode::Constant(false) => {}
                FactNode::Constant(true) => return Fact::TRUE,
                FactNode::Or(parts) => any.extend_from_slice(parts),
                _ => any.push(*fact),
            }
        }
        any.sort_unstable();
        any.dedup();
        // The two arms of a branch make up what came before it.
        'again: loop {
            for second in 1..any.len() {
                for first in 0..second {
                    if let Some(joined) = self.joined(any[first], any[second]) {
                        any.remove(second);
                        any[first] = joined;
                        any.sort_unstable();
                        any.dedup();
                        continue 'again;
                    }
                }
            }
            break;
        }
        match any.as_slice() {
            [] => Fact::FALSE,
            [only] => *only,
            _ if any.contains(&Fact::TRUE) || self.has_opposites(&any) => Fact::TRUE,
            _ => self.fact(Key::Or(any.clone()), FactNode::Or(any)),
        }
    }

    /// What a fact is the conjunction of, sorted.
    fn parts<'t>(&'t self, fact: &'t Fact) -> &'t [Fact] {
        match &self.facts[fact.0 as usize] {
            FactNode::And(parts) => parts,
            FactNode::Constant(true) => &[],
            _ => slice::from_ref(fact),
        }
    }

    fn opposite(&self, a: Fact, b: Fact) -> bool {
        let is_not = |a: Fact, b: Fact| matches!(self.facts[a.0 as usize], FactNode::Not(inner) if inner == b);
        is_not(a, b) || is_not(b, a)
    }

    /// What two facts come to that differ in one part, which one has and the other denies; or of which one has all
    /// parts of the other.
    fn joined(&mut self, a: Fact, b: Fact) -> Option<Fact> {
        let (of_a, of_b) = (self.parts(&a), self.parts(&b));
        let (mut at_a, mut at_b) = (0, 0);
        // How many parts only one has, and the place of the last.
        let (mut only_a, mut only_b) = ((0, 0), (0, 0));
        loop {
            let order = match (of_a.get(at_a), of_b.get(at_b)) {
                (None, None) => break,
                (Some(a), Some(b)) => a.cmp(b),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
            };
            match order {
                Ordering::Less => only_a = (only_a.0 + 1, at_a),
                Ordering::Greater => only_b = (only_b.0 + 1, at_b),
                Ordering::Equal => {}
            }
            if only_a.0.min(only_b.0) > 0 && only_a.0 + only_b.0 > 2 {
                return None;
            }
            at_a += usize::from(order.is_le());
            at_b += usize::from(order.is_ge());
        }
        let ((1.., x), (1.., y)) = (only_a, only_b) else {
            return Some(if only_a.0 == 0 { a } else { b });
        };
        if !self.opposite(of_a[x], of_b[y]) {
            return None;
        }
        let common = [&of_a[..x], &of_a[x + 1..]].concat();
        Some(self.and(&common))
    }

    pub(super) fn holds(&mut self, test: Test, a: Term, b: Term) -> Fact {
        if let Test::Condition(Condition(condition)) = test
            && let (Some(a), Some(b)) = (self.value(a), self.value(b))
        {
            return if condition(a, b) { Fact::TRUE } else { Fact::FALSE };
        }
        if test == Test::Equal {
            if a == b {
                return Fact::TRUE;
            }
            if self.value(a).is_some() && self.value(b).is_some() {
                return Fact::FALSE;
            }
        }
        self.fact(Key::Made(test.key(), a, b), FactNode::Holds(test, a, b))
    }
}
