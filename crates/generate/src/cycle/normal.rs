//! Where a cycle begins, and the family that it belongs to: by what each hart does first and last.

use std::cmp::Ordering;

use rvlitmus_core::litmus::{Diagnostic, Spanned};

use super::edge::{Com, Dir, Edge, Relation};
use super::parse::mistake;
use super::{Cycle, family_name};

/// What a hart does first and last, in diy7's order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Points {
    W,
    WW,
    RR,
    RW,
    WR,
    R,
}

impl Points {
    fn name(self) -> &'static str {
        match self {
            Points::W => "W",
            Points::WW => "WW",
            Points::RR => "RR",
            Points::RW => "RW",
            Points::WR => "WR",
            Points::R => "R",
        }
    }
}

/// The part of a cycle that one hart holds: its first edge, and what it does.
#[derive(Clone, Copy, Debug)]
struct Part {
    start: usize,
    points: Points,
}

impl Cycle {
    /// The index behind `at`, past what lies between a Leave and its Back.
    fn after(&self, at: usize) -> usize {
        let count = self.edges.len();
        if !matches!(self.edges[at].value.relation, Relation::Leave(_)) {
            return (at + 1) % count;
        }
        (self.back_of(at) + 1) % count
    }

    /// The Back that belongs to a Leave.
    pub(super) fn back_of(&self, leave: usize) -> usize {
        let count = self.edges.len();
        let mut depth = 0;
        for at in (1..count).map(|by| (leave + by) % count) {
            match self.edges[at].value.relation {
                Relation::Leave(_) => depth += 1,
                Relation::Back(_) if depth == 0 => return at,
                Relation::Back(_) => depth -= 1,
                _ => {}
            }
        }
        leave
    }

    /// An edge outside of all that lies between a Leave and its Back.
    fn outermost(&self) -> usize {
        let (mut depth, mut least, mut found) = (0, 0, 0);
        for (at, edge) in self.edges.iter().enumerate() {
            match edge.value.relation {
                Relation::Leave(_) => depth += 1,
                Relation::Back(_) => {
                    depth -= 1;
                    if depth < least {
                        (least, found) = (depth, (at + 1) % self.edges.len());
                    }
                }
                _ => {}
            }
        }
        found
    }

    fn ends_hart(&self, at: usize) -> bool {
        let edge = &self.edges[at].value;
        edge.is_external_com() || edge.relation == Relation::Hat
    }

    /// The harts in the order of the cycle; `None` if it never changes the hart.
    fn parts(&self) -> Option<Vec<Part>> {
        let count = self.edges.len();
        let out = self.outermost();
        let start = if self.ends_hart((out + count - 1) % count) {
            out
        } else {
            (self.next_end(out)? + 1) % count
        };
        let mut parts = Vec::new();
        let mut at = start;
        loop {
            let end = self.next_end(at)?;
            let dir = |at: usize| self.edges[at].value.source();
            let points = match (dir(at)?, dir(end)?) {
                (Dir::W, _) if at == end => Points::W,
                (Dir::R, _) if at == end => Points::R,
                (Dir::W, Dir::W) => Points::WW,
                (Dir::R, Dir::R) => Points::RR,
                (Dir::R, Dir::W) => Points::RW,
                (Dir::W, Dir::R) => Points::WR,
            };
            parts.push(Part { start: at, points });
            at = (end + 1) % count;
            if at == start || parts.len() > count {
                return Some(parts);
            }
        }
    }

    /// The next edge from here on, on the same hart, that leads to another one for good.
    fn next_end(&self, from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            if self.ends_hart(at) {
                return Some(at);
            }
            at = self.after(at);
            if at == from {
                return None;
            }
        }
    }

    /// The family's name: `MP`, `3.SB`, or what its harts do.
    pub(super) fn family(&self) -> String {
        let parts = self.parts().unwrap_or_default();
        let key: Vec<&str> = parts.iter().map(|part| part.points.name()).collect();
        family_name::of(&key, self.has_one_location())
    }

    /// Which of two parts diy7 lets a cycle begin with.
    fn compare(&self, parts: &[Part], a: usize, b: usize) -> Ordering {
        let count = self.edges.len();
        let points =
            |first: usize| (0..parts.len()).map(move |by| parts[(first + by) % parts.len()].points);
        let edges = |part: usize| {
            let start = parts[part].start;
            (0..count).map(move |by| &self.edges[(start + by) % count].value)
        };
        let internals = |part: usize| edges(part).take_while(|edge| edge.same_hart()).count();
        let rest = || {
            let mut pairs = edges(a).zip(edges(b)).map(|(x, y)| compare_edges(x, y));
            pairs.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        };
        points(a).cmp(points(b)).then(internals(a).cmp(&internals(b))).then_with(rest)
    }
}

/// Fences come before dependencies, and these before plain program order and reading from.
fn compare_edges(a: &Edge, b: &Edge) -> Ordering {
    let rank = |edge: &Edge| match edge.relation {
        Relation::Fence(..) => Some(0),
        Relation::Dp(..) => Some(1),
        Relation::Po(..) | Relation::Com(Com::Rf, _) => Some(2),
        _ => None,
    };
    match (rank(a), rank(b)) {
        (Some(x), Some(y)) if x != y => x.cmp(&y),
        _ => a.cmp(b),
    }
}

/// Lets a cycle begin with the first operation of the hart that its family begins with.
pub(super) fn begin_at_a_hart(cycle: Cycle) -> Result<Cycle, Diagnostic> {
    let Some(parts) = cycle.parts() else {
        let Spanned { span, .. } = cycle.edges[0];
        let message = "no edge leads to another hart".to_owned();
        let help = Some("an external communication does: Rfe, Fre or Wse".to_owned());
        return Err(mistake(span, message, help));
    };
    let mut first = 0;
    for other in 1..parts.len() {
        // Of equal ones diy7 takes the last.
        if cycle.compare(&parts, first, other).is_ge() {
            first = other;
        }
    }
    let start = parts[first].start;
    let mut edges = cycle.edges;
    edges.rotate_left(start);
    Ok(Cycle { edges })
}
