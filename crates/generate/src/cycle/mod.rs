//! Tests by the name of a cycle, with diy7's conventions.
//!
//! A cycle is a list of edges; where one ends the next begins. [`parse`] reads them, [`mod@resolve`] fills in what
//! neighbours say, [`normal`] chooses where it begins and what its family is called, [`events`] gives its
//! operations their locations and values, [`harts`] puts them on harts, and [`mod@test`] writes the test.

mod edge;
mod enumerate;
mod events;
pub(crate) mod family_name;
mod harts;
mod name;
mod normal;
mod parse;
mod resolve;
mod test;

#[cfg(test)]
mod tests;

use std::fmt;

use rvlitmus_core::litmus::{Diagnostics, Spanned};

pub(crate) use edge::Dir;
use edge::Edge;
pub use enumerate::cycles;
pub use test::{Annotations, Options};

/// A cycle of edges that fit together.
///
/// ```
/// use rvlitmus_generate::Cycle;
///
/// let cycle: Cycle = Cycle::parse("Rfe Fence.r.rwdRR Fre Fence.rw.wdWW")?;
/// assert_eq!(cycle.name(), "MP+fence.rw.w+fence.r.rw");
/// let test = cycle.test(&Default::default())?;
/// assert!(test.contains("0:x5=1; 0:x6=x; 0:x7=y;"));
/// # Ok::<(), rvlitmus_core::litmus::Diagnostics>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Cycle {
    edges: Vec<Spanned<Edge>>,
}

impl Cycle {
    /// Reads a cycle: edges that are separated by blanks.
    ///
    /// # Errors
    /// Words that are no edges, and neighbours that do not fit.
    pub fn parse(text: &str) -> Result<Cycle, Diagnostics> {
        Cycle::of(parse::edges(text)?)
    }

    /// The cycle of these edges.
    ///
    /// # Errors
    /// Neighbours that do not fit.
    pub(crate) fn of(edges: Vec<Spanned<Edge>>) -> Result<Cycle, Diagnostics> {
        let cycle = resolve::resolve(edges).and_then(normal::begin_at_a_hart);
        cycle.map_err(|mistake| Diagnostics(vec![mistake]))
    }

    /// What diy7 calls its test: the family, and how each hart orders its operations.
    #[must_use]
    pub fn name(&self) -> String {
        name::name(&self.family(), &self.edges)
    }

    /// How many operations its test has.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.edges.len()
    }

    /// How many harts its test has.
    #[must_use]
    pub fn harts(&self) -> usize {
        harts::split(self).map_or(0, |harts| harts.len())
    }

    /// The edges in the order in which diy7 prints a cycle, whatever its family.
    #[must_use]
    pub fn canonical(&self) -> String {
        let count = self.edges.len();
        let key = |start: usize| {
            (0..count)
                .map(|at| self.edges[(start + at) % count].value.print_key())
                .collect::<Vec<_>>()
        };
        let start = (0..count).min_by_key(|start| key(*start)).unwrap_or(0);
        let edges = (0..count).map(|at| self.edges[(start + at) % count].value.to_string());
        edges.collect::<Vec<_>>().join(" ")
    }
}

/// The edges, from the first operation of the first hart on.
impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edges = self.edges.iter().map(|edge| edge.value.to_string());
        f.write_str(&edges.collect::<Vec<_>>().join(" "))
    }
}
