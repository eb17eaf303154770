//! Propositions over final states.
//!
//! The condition of a generated test may have hundreds of comparisons of a handful of places and
//! numbers, and is looked at by everything from the parser to the report. So terms are listed once, and
//! the nodes stand one after the other as they are read, each connective in front of what it joins:
//! nothing has an allocation of its own, and what is to be asked of every term is asked once.

use super::{Place, Span, Spanned, Value};
use crate::arch::Name;

/// What a comparison claims of its terms: `=`/`==` or `!=`/`<>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Relation {
    /// Equal.
    Equal,
    /// Different.
    NotEqual,
}

/// One side of a comparison. For the names see [`Place`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Term<N = Name> {
    /// The value that a place holds at the end. On the left `x` and `[x]` mean the same.
    Place(Place<N>),
    /// A constant. On the right a bare name is an address, `[x]` and `0:x5` are places.
    Value(Value<N>),
}

impl<N> Term<N> {
    /// The same with another kind of name.
    pub(super) fn map<M>(self, name: &impl Fn(N) -> M) -> Term<M> {
        match self {
            Term::Place(place) => Term::Place(place.map(name)),
            Term::Value(value) => Term::Value(value.map(name)),
        }
    }
}

/// An index into [`Proposition::terms`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TermId(u32);

impl TermId {
    pub(super) const fn new(index: usize) -> TermId {
        TermId(index as u32)
    }

    /// As an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A comparison of two terms: `0:x5=1`, `x<>0:x7`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Comparison {
    /// The left term.
    pub left: TermId,
    /// What is claimed of them.
    pub relation: Relation,
    /// The right term.
    pub right: TermId,
    /// Where it stands.
    pub span: Span,
}

/// An operator that joins propositions to one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Connective {
    /// `~p`, `not p`: of one.
    Not,
    /// `p /\ q /\ ...`: of two or more.
    And,
    /// `p \/ q \/ ...`: of two or more.
    Or,
    /// `p => q`: of two; right-associative, binds weakest.
    Implies,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    /// `true`, `false`
    Constant(bool),
    Comparison(Comparison),
    /// With the number of nodes from this one to the last that belongs to it.
    Join(Connective, u32),
}

impl Node {
    #[inline]
    fn size(self) -> usize {
        match self {
            Node::Join(_, size) => size as usize,
            Node::Constant(_) | Node::Comparison(_) => 1,
        }
    }
}

/// A proposition over final states.
#[derive(Clone, Debug)]
pub struct Proposition {
    terms: Vec<Spanned<Term>>,
    nodes: Vec<Node>,
}

impl Proposition {
    /// `true` or `false`.
    #[must_use]
    pub fn constant(truth: bool) -> Proposition {
        Proposition { terms: Vec::new(), nodes: vec![Node::Constant(truth)] }
    }

    /// A comparison.
    #[must_use]
    pub fn compare(left: Spanned<Term>, relation: Relation, right: Spanned<Term>) -> Self {
        let span = Span { start: left.span.start, end: right.span.end };
        let comparison = Comparison { left: TermId(0), relation, right: TermId(1), span };
        Proposition { terms: vec![left, right], nodes: vec![Node::Comparison(comparison)] }
    }

    /// Joins as many as the connective takes.
    #[must_use]
    pub fn join(connective: Connective, parts: Vec<Proposition>) -> Proposition {
        let mut all = Proposition::empty();
        for part in parts {
            let before = all.terms.len() as u32;
            all.terms.extend(part.terms);
            let moved = |id: TermId| TermId(before + id.0);
            all.nodes.extend(part.nodes.into_iter().map(|node| match node {
                Node::Comparison(comparison) => Node::Comparison(Comparison {
                    left: moved(comparison.left),
                    right: moved(comparison.right),
                    ..comparison
                }),
                node => node,
            }));
        }
        all.join_from(0, connective);
        all
    }

    /// All terms, in the order in which they first appear. A term that is spelled in two ways is there
    /// twice.
    #[must_use]
    pub fn terms(&self) -> &[Spanned<Term>] {
        &self.terms
    }

    /// One term.
    #[inline]
    #[must_use]
    pub fn term(&self, id: TermId) -> &Term {
        &self.terms[id.index()].value
    }

    /// All comparisons, as they are read.
    pub fn comparisons(&self) -> impl Iterator<Item = &Comparison> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Comparison(comparison) => Some(comparison),
            _ => None,
        })
    }

    /// The whole proposition as one part.
    #[must_use]
    pub fn whole(&self) -> Part<'_> {
        Part::of(&self.nodes)
    }

    /// A proposition of no nodes yet, which the functions below add.
    pub(super) fn empty() -> Proposition {
        Proposition { terms: Vec::with_capacity(8), nodes: Vec::with_capacity(16) }
    }

    /// Number of nodes, which is where the next one will stand.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn add_term(&mut self, term: Spanned<Term>) -> TermId {
        self.terms.push(term);
        TermId::new(self.terms.len() - 1)
    }

    pub(super) fn add_constant(&mut self, truth: bool) {
        self.nodes.push(Node::Constant(truth));
    }

    #[inline]
    pub(super) fn add_comparison(&mut self, comparison: Comparison) {
        self.nodes.push(Node::Comparison(comparison));
    }

    /// Joins all nodes from `start` on.
    pub(super) fn join_from(&mut self, start: usize, connective: Connective) {
        let size = (self.nodes.len() - start + 1) as u32;
        self.nodes.insert(start, Node::Join(connective, size));
    }
}

/// The same claim about the same terms, wherever it stands.
impl PartialEq for Proposition {
    fn eq(&self, other: &Proposition) -> bool {
        let same = |(a, b): (&Node, &Node)| match (a, b) {
            (Node::Constant(a), Node::Constant(b)) => a == b,
            (Node::Comparison(a), Node::Comparison(b)) => {
                a.relation == b.relation
                    && self.term(a.left) == other.term(b.left)
                    && self.term(a.right) == other.term(b.right)
            }
            (Node::Join(a, size), Node::Join(b, other)) => (a, size) == (b, other),
            _ => false,
        };
        self.nodes.len() == other.nodes.len() && self.nodes.iter().zip(&other.nodes).all(same)
    }
}

impl Eq for Proposition {}

/// A proposition, or one that it is joined from. Its terms are those of the [`Proposition`].
#[derive(Clone, Debug)]
pub enum Part<'p> {
    /// `true`, `false`
    Constant(bool),
    /// A comparison.
    Comparison(&'p Comparison),
    /// Other parts, joined.
    Join(Connective, Parts<'p>),
}

impl<'p> Part<'p> {
    /// The part that these nodes are.
    #[inline]
    fn of(nodes: &'p [Node]) -> Part<'p> {
        match &nodes[0] {
            Node::Constant(truth) => Part::Constant(*truth),
            Node::Comparison(comparison) => Part::Comparison(comparison),
            Node::Join(connective, _) => Part::Join(*connective, Parts(&nodes[1..])),
        }
    }
}

/// The parts that a connective joins, in order.
#[derive(Clone, Debug)]
pub struct Parts<'p>(&'p [Node]);

impl<'p> Iterator for Parts<'p> {
    type Item = Part<'p>;

    #[inline]
    fn next(&mut self) -> Option<Part<'p>> {
        let (part, rest) = self.0.split_at(self.0.first()?.size());
        self.0 = rest;
        Some(Part::of(part))
    }
}
