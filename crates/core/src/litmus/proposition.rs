//! Propositions over final states, as lists.
//!
//! The condition of a generated test may have hundreds of comparisons of a handful of places and
//! numbers, and is looked at by everything from the parser to the report. So terms are listed once, and
//! the nodes stand one after the other as they are read, each connective in front of what it joins:
//! nothing has an allocation of its own, and what is to be asked of every term is asked once.

use super::{Located, Place, Span, Value};

/// `=`/`==` or `!=`/`<>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Comparison {
    /// Equal.
    Equal,
    /// Different.
    NotEqual,
}

/// One side of a comparison.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Term {
    /// The value that a place holds at the end. On the left `x` and `[x]` mean the same.
    Place(Place),
    /// A constant. On the right a bare name is an address, `[x]` and `0:x5` are places.
    Value(Value),
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

/// `0:x5=1`, `x<>0:x7`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Compared {
    /// What stands on the left.
    pub left: TermId,
    /// What is claimed.
    pub comparison: Comparison,
    /// What stands on the right.
    pub right: TermId,
    /// Where it stands.
    pub span: Span,
}

/// What joins propositions to one.
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
    Compare(Compared),
    /// With the number of nodes from this one to the last that belongs to it.
    Join(Connective, u32),
}

impl Node {
    #[inline]
    fn size(self) -> usize {
        match self {
            Node::Join(_, size) => size as usize,
            Node::Constant(_) | Node::Compare(_) => 1,
        }
    }
}

/// A proposition over final states.
#[derive(Clone, Debug)]
pub struct Proposition {
    terms: Vec<Located<Term>>,
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
    pub fn compare(left: Located<Term>, comparison: Comparison, right: Located<Term>) -> Self {
        let span = Span { start: left.span.start, end: right.span.end };
        let compared = Compared { left: TermId(0), comparison, right: TermId(1), span };
        Proposition { terms: vec![left, right], nodes: vec![Node::Compare(compared)] }
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
                Node::Compare(compared) => Node::Compare(Compared {
                    left: moved(compared.left),
                    right: moved(compared.right),
                    ..compared
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
    pub fn terms(&self) -> &[Located<Term>] {
        &self.terms
    }

    /// One term.
    #[inline]
    #[must_use]
    pub fn term(&self, id: TermId) -> &Term {
        &self.terms[id.index()].value
    }

    /// All comparisons, as they are read.
    pub fn comparisons(&self) -> impl Iterator<Item = &Compared> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Compare(compared) => Some(compared),
            _ => None,
        })
    }

    /// The whole, to be taken apart.
    #[must_use]
    pub fn whole(&self) -> Part<'_> {
        Part(&self.nodes)
    }

    /// What is to be filled by the functions below.
    pub(super) fn empty() -> Proposition {
        Proposition { terms: Vec::with_capacity(8), nodes: Vec::with_capacity(16) }
    }

    /// Number of nodes, which is where the next one will stand.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn add_term(&mut self, term: Located<Term>) -> TermId {
        self.terms.push(term);
        TermId::new(self.terms.len() - 1)
    }

    pub(super) fn add_constant(&mut self, truth: bool) {
        self.nodes.push(Node::Constant(truth));
    }

    #[inline]
    pub(super) fn add_comparison(&mut self, compared: Compared) {
        self.nodes.push(Node::Compare(compared));
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
            (Node::Compare(a), Node::Compare(b)) => {
                a.comparison == b.comparison
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
#[derive(Clone, Copy, Debug)]
pub struct Part<'p>(&'p [Node]);

/// What a [`Part`] is.
#[derive(Clone, Debug)]
pub enum Shape<'p> {
    /// `true`, `false`
    Constant(bool),
    /// A comparison.
    Compare(&'p Compared),
    /// Others, joined.
    Join(Connective, Parts<'p>),
}

impl<'p> Part<'p> {
    /// Takes it apart.
    #[inline]
    #[must_use]
    pub fn shape(self) -> Shape<'p> {
        match &self.0[0] {
            Node::Constant(truth) => Shape::Constant(*truth),
            Node::Compare(compared) => Shape::Compare(compared),
            Node::Join(connective, _) => Shape::Join(*connective, Parts(&self.0[1..])),
        }
    }
}

/// What a connective joins, in order.
#[derive(Clone, Debug)]
pub struct Parts<'p>(&'p [Node]);

impl<'p> Iterator for Parts<'p> {
    type Item = Part<'p>;

    #[inline]
    fn next(&mut self) -> Option<Part<'p>> {
        let (part, rest) = self.0.split_at(self.0.first()?.size());
        self.0 = rest;
        Some(Part(part))
    }
}
