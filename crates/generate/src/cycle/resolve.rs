//! What the edges of a cycle say of the operations that they share.

use std::cmp::Ordering;

use rvlitmus_core::litmus::{Diagnostic, Spanned};

use super::Cycle;
use super::edge::{Atom, Dir, Edge, Kind, Relation};
use super::parse::mistake;
use crate::program::Order;

/// Fills in directions and annotations that only one of two neighbours has.
pub(super) fn resolve(mut edges: Vec<Spanned<Edge>>) -> Result<Cycle, Diagnostic> {
    balance(&edges)?;
    let count = edges.len();
    let mut dirs = Vec::with_capacity(count);
    for at in 0..count {
        let before = (at + count - 1) % count;
        let shared = annotation(&edges[before], &edges[at])?;
        edges[before].value.to = shared;
        edges[at].value.from = shared;
        dirs.push(direction(&edges[before], &edges[at])?);
    }
    for at in 0..count {
        let (from, to) = (dirs[at], dirs[(at + 1) % count]);
        edges[at].value = edges[at].value.directed(from, to);
        let edge = &edges[at];
        let is_amo = matches!(edges[at].value.relation, Relation::Rmw(_))
            || matches!(edges[(at + count - 1) % count].value.relation, Relation::Rmw(_));
        if let Some(atom) = edge.value.from {
            applies(atom, from, is_amo).map_err(|why| {
                let message = format!("`{}` cannot begin with `{atom}`: {why}", edge.value);
                mistake(edge.span, message, None)
            })?;
        }
    }
    Ok(Cycle { edges })
}

/// Every hart that is left is come back to.
fn balance(edges: &[Spanned<Edge>]) -> Result<(), Diagnostic> {
    let is_leave = |edge: &&Spanned<Edge>| matches!(edge.value.relation, Relation::Leave(_));
    let is_back = |edge: &&Spanned<Edge>| matches!(edge.value.relation, Relation::Back(_));
    let leaves: Vec<_> = edges.iter().filter(is_leave).collect();
    let backs: Vec<_> = edges.iter().filter(is_back).collect();
    let more = match leaves.len().cmp(&backs.len()) {
        Ordering::Equal => return Ok(()),
        Ordering::Greater => leaves.last(),
        Ordering::Less => backs.last(),
    };
    let Some(edge) = more else { return Ok(()) };
    let message = format!("`{}` has no partner: each Leave needs a Back", edge.value);
    Err(mistake(edge.span, message, None))
}

/// Two edges do not fit: names both, below the second.
fn misfit(a: &Spanned<Edge>, b: &Spanned<Edge>, why: &str, help: Option<String>) -> Diagnostic {
    mistake(b.span, format!("`{}` and `{}` do not fit: {why}", a.value, b.value), help)
}

fn annotation(a: &Spanned<Edge>, b: &Spanned<Edge>) -> Result<Option<Atom>, Diagnostic> {
    match (a.value.to, b.value.from) {
        (None, one) | (one, None) => Ok(one),
        (Some(x), Some(y)) if x == y => Ok(Some(x)),
        (Some(x), Some(y)) => {
            let why = format!("the operation that they share is `{x}` and `{y}`");
            Err(misfit(a, b, &why, None))
        }
    }
}

fn direction(a: &Spanned<Edge>, b: &Spanned<Edge>) -> Result<Dir, Diagnostic> {
    let word = |dir| if dir == Dir::W { "write" } else { "read" };
    match (a.value.target(), b.value.source()) {
        (Some(x), Some(y)) if x == y => Ok(x),
        (Some(x), Some(y)) => {
            let why =
                format!("the first ends with a {}, the second begins with a {}", word(x), word(y));
            Err(misfit(a, b, &why, None))
        }
        (Some(one), None) | (None, Some(one)) => Ok(one),
        (None, None) => {
            let why = "neither says whether the operation between them reads or writes";
            Err(misfit(a, b, why, Some("write R or W in place of one `*`".to_owned())))
        }
    }
}

/// Can an operation of this direction be so annotated?
fn applies(atom: Atom, dir: Dir, is_amo: bool) -> Result<(), &'static str> {
    match (atom.kind, dir) {
        (Kind::Ordered(Order::Acquire), Dir::W) => Err("no store is an acquire"),
        (Kind::Ordered(Order::Release), Dir::R) => Err("no load is a release"),
        (Kind::FailedCas(_), Dir::W) => Err("an amocas that fails writes nothing"),
        (Kind::Pair(..) | Kind::FailedCas(_), _) if is_amo => {
            Err("it is one half of an AMO already")
        }
        _ => Ok(()),
    }
}
