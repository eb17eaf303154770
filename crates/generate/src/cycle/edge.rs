//! Edges of cycles, with diy7's names.
//!
//! The order of the values is that by which diy7 chooses where a cycle begins.

use std::fmt;
use std::sync::LazyLock;

use crate::program::{AmoOp, Bytes, Dep, Fence, Order, Width};

/// Whether an operation writes or reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Dir {
    /// It writes.
    W,
    /// It reads.
    R,
}

impl fmt::Display for Dir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Dir::W => "W",
            Dir::R => "R",
        })
    }
}

/// Do the operations of an edge have the same location?
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Sd {
    /// They do.
    Same,
    /// They do not.
    Diff,
}

/// Are the operations of a communication on one hart?
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Ie {
    /// They are.
    Internal,
    /// They are not.
    External,
}

/// A communication.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Com {
    /// Reads from.
    Rf,
    /// From read to write.
    Fr,
    /// Write serialisation: coherence.
    Ws,
}

impl Com {
    pub(crate) const ALL: [Com; 3] = [Com::Rf, Com::Fr, Com::Ws];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Com::Rf => "Rf",
            Com::Fr => "Fr",
            Com::Ws => "Ws",
        }
    }

    fn source(self) -> Dir {
        if self == Com::Fr { Dir::R } else { Dir::W }
    }

    fn target(self) -> Dir {
        if self == Com::Rf { Dir::R } else { Dir::W }
    }
}

/// What relates the two operations of an edge. A direction that is left open is `None`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Relation {
    /// Some communication from a read to a read.
    Hat,
    /// The read and the write of an AMO.
    Rmw(AmoOp),
    /// Communication.
    Com(Com, Ie),
    /// Program order alone.
    Po(Sd, Option<Dir>, Option<Dir>),
    /// A fence in between.
    Fence(Fence, Sd, Option<Dir>, Option<Dir>),
    /// A dependency.
    Dp(Dep, Sd, Dir),
    /// A communication that leaves the hart.
    Leave(Com),
    /// One that comes back to the hart that was left last.
    Back(Com),
}

/// What kind of access an annotation asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Kind {
    /// Annotated: `Aq`, `Rl`, `AR`.
    Ordered(Order),
    /// LR and SC: `X`, `XAqRl`.
    Pair(Order, Order),
    /// An `amocas` that fails: `Cf`, `CfAq`.
    FailedCas(Order),
    /// A load or store as any other.
    Plain,
}

/// What is said of one operation of an edge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Atom {
    /// What it is.
    pub(crate) kind: Kind,
    /// Which bytes it accesses, if not all: `h2`.
    pub(crate) bytes: Option<Bytes>,
    /// Which bytes its SC stores to, if others: `Xw0h2`.
    pub(crate) sc_bytes: Option<Bytes>,
}

/// An edge: a relation between two operations, and what is said of each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Edge {
    /// The relation.
    pub(crate) relation: Relation,
    /// What is said of the first operation.
    pub(crate) from: Option<Atom>,
    /// What is said of the second.
    pub(crate) to: Option<Atom>,
}

impl Edge {
    /// An edge of which nothing more is said.
    pub(crate) fn plain(relation: Relation) -> Edge {
        Edge { relation, from: None, to: None }
    }

    /// The direction of the first operation, if it is known.
    pub(crate) fn source(&self) -> Option<Dir> {
        match self.relation {
            Relation::Po(_, from, _) | Relation::Fence(_, _, from, _) => from,
            Relation::Dp(..) | Relation::Hat | Relation::Rmw(_) => Some(Dir::R),
            Relation::Com(com, _) | Relation::Leave(com) | Relation::Back(com) => {
                Some(com.source())
            }
        }
    }

    /// The direction of the second.
    pub(crate) fn target(&self) -> Option<Dir> {
        match self.relation {
            Relation::Po(_, _, to) | Relation::Fence(_, _, _, to) => to,
            Relation::Dp(_, _, to) => Some(to),
            Relation::Hat => Some(Dir::R),
            Relation::Rmw(_) => Some(Dir::W),
            Relation::Com(com, _) | Relation::Leave(com) | Relation::Back(com) => {
                Some(com.target())
            }
        }
    }

    /// Fills in directions that were left open.
    pub(crate) fn directed(mut self, from: Dir, to: Dir) -> Edge {
        match &mut self.relation {
            Relation::Po(_, a, b) | Relation::Fence(_, _, a, b) => {
                (*a, *b) = (Some(from), Some(to));
            }
            _ => {}
        }
        self
    }

    /// Are both operations in one location?
    pub(crate) fn same_location(&self) -> bool {
        match self.relation {
            Relation::Po(sd, ..) | Relation::Fence(_, sd, ..) | Relation::Dp(_, sd, _) => {
                sd == Sd::Same
            }
            _ => true,
        }
    }

    /// Are they on one hart?
    pub(crate) fn same_hart(&self) -> bool {
        match self.relation {
            Relation::Com(_, ie) => ie == Ie::Internal,
            Relation::Leave(_) | Relation::Back(_) | Relation::Hat => false,
            _ => true,
        }
    }

    /// Is it a communication, of whatever kind?
    pub(crate) fn communicates(&self) -> bool {
        use Relation::{Back, Com, Hat, Leave};
        matches!(self.relation, Com(..) | Leave(_) | Back(_) | Hat)
    }

    /// Is it a communication from one hart to the next?
    pub(crate) fn is_external_com(&self) -> bool {
        matches!(self.relation, Relation::Com(_, Ie::External))
    }

    /// By which diy7 chooses the edge that a cycle is printed from.
    pub(crate) fn print_key(&self) -> impl Ord + use<> {
        (self.from, self.to, self.relation)
    }
}

fn dir(dir: Option<Dir>) -> String {
    dir.map_or_else(|| "*".to_owned(), |dir| dir.to_string())
}

fn sd(sd: Sd) -> &'static str {
    match sd {
        Sd::Same => "s",
        Sd::Diff => "d",
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Relation::Hat => f.write_str("Hat"),
            Relation::Rmw(AmoOp::Swap) => f.write_str("Rmw"),
            Relation::Rmw(op) => write!(f, "Amo.{}", op.name()),
            Relation::Com(com, Ie::Internal) => write!(f, "{}i", com.name()),
            Relation::Com(com, Ie::External) => write!(f, "{}e", com.name()),
            Relation::Po(same, a, b) => write!(f, "Po{}{}{}", sd(same), dir(a), dir(b)),
            Relation::Fence(fence, same, a, b) => {
                let name = fence.name().replacen('f', "F", 1);
                write!(f, "{name}{}{}{}", sd(same), dir(a), dir(b))
            }
            Relation::Dp(dep, same, to) => write!(f, "Dp{}{}{to}", dep.name(), sd(same)),
            Relation::Leave(com) => write!(f, "{}Leave", com.name()),
            Relation::Back(com) => write!(f, "{}Back", com.name()),
        }
    }
}

fn order(order: Order) -> &'static str {
    match order {
        Order::Plain => "P",
        Order::Acquire => "Aq",
        Order::Release => "Rl",
        Order::Both => "AR",
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Plain => {}
            Kind::Ordered(one) => f.write_str(order(one))?,
            Kind::Pair(Order::Plain, Order::Plain) => f.write_str("X")?,
            Kind::Pair(load, store) => write!(f, "X{}{}", order(load), order(store))?,
            Kind::FailedCas(Order::Plain) => f.write_str("Cf")?,
            Kind::FailedCas(one) => write!(f, "Cf{}", order(one))?,
        }
        for Bytes { width, offset } in self.bytes.iter().chain(&self.sc_bytes) {
            let letter = if *width == Width::Double { 'q' } else { width.letter() };
            write!(f, "{letter}{offset}")?;
        }
        Ok(())
    }
}

/// What is printed of an operation of an edge, of which something is said of the other at least.
pub(crate) fn atom_name(atom: Option<Atom>) -> String {
    atom.map_or_else(|| "P".to_owned(), |atom| atom.to_string())
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.relation)?;
        if self.from.is_some() || self.to.is_some() {
            write!(f, "{}{}", atom_name(self.from), atom_name(self.to))?;
        }
        Ok(())
    }
}

/// Every relation with its name, and other names that are understood.
pub(crate) static RELATIONS: LazyLock<Vec<(String, Relation)>> = LazyLock::new(|| {
    let dirs = [Some(Dir::R), Some(Dir::W), None];
    let ends = || dirs.into_iter().flat_map(move |a| dirs.map(|b| (a, b)));
    let mut all = vec![Relation::Hat];
    all.extend(AmoOp::ALL.map(Relation::Rmw));
    for com in Com::ALL {
        all.extend([Ie::Internal, Ie::External].map(|ie| Relation::Com(com, ie)));
        all.extend([Relation::Leave(com), Relation::Back(com)]);
    }
    for sd in [Sd::Same, Sd::Diff] {
        all.extend(ends().map(|(a, b)| Relation::Po(sd, a, b)));
        for fence in Fence::all() {
            all.extend(ends().map(|(a, b)| Relation::Fence(fence, sd, a, b)));
        }
        for dep in Dep::ALL {
            let targets = if dep == Dep::Data { &[Dir::W][..] } else { &[Dir::R, Dir::W] };
            all.extend(targets.iter().map(|to| Relation::Dp(dep, sd, *to)));
        }
    }
    let mut named: Vec<(String, Relation)> =
        all.into_iter().map(|relation| (relation.to_string(), relation)).collect();
    named.push(("Amo.Swap".to_owned(), Relation::Rmw(AmoOp::Swap)));
    let coherence = |(name, relation): &(String, Relation)| {
        Some((format!("Co{}", name.strip_prefix("Ws")?), *relation))
    };
    let others: Vec<(String, Relation)> = named.iter().filter_map(coherence).collect();
    named.extend(others);
    named
});
