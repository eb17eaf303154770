//! Literals of all values and facts, and what makes them true.

use batsat::Lit;

use super::Encoding;
use crate::axiomatic::decide::domains::{Asked, each_pair};
use crate::axiomatic::decide::terms::{Fact, FactNode, Node, Term, TermNode, Test};
use crate::program::Fault;

impl Encoding<'_> {
    /// Literals of all values and facts, and what makes them true.
    pub(super) fn nodes(&mut self) -> Result<(), Fault> {
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
}
