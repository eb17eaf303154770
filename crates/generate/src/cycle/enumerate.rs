//! All cycles of given edges.

use std::collections::BTreeSet;

use rvlitmus_core::litmus::{Diagnostics, Span, Spanned};

use super::edge::{Com, Edge, Ie, Relation};
use super::{Cycle, parse};

/// The cycles of at most `most` edges of a list, each once, shorter ones first: those of which no edge could be left
/// out, so that program order does not follow program order, nor a communication another one that does not need it.
///
/// `stopped` is asked whether to go on.
///
/// # Errors
/// Words of the list that are no edges.
pub fn cycles(
    list: &str,
    most: usize,
    stopped: &dyn Fn() -> bool,
) -> Result<Vec<Cycle>, Diagnostics> {
    let known = parse::edges(&list.replace(',', " "))?;
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut chosen: Vec<usize> = Vec::new();
    for length in 2..=most {
        extend(&known, length, &mut chosen, stopped, &mut |chosen| {
            // Of all rotations the least is enough.
            let is_least = (1..length).all(|by| {
                let rotated = (0..length).map(|at| chosen[(at + by) % length]);
                chosen.iter().copied().le(rotated)
            });
            if !is_least {
                return;
            }
            let nowhere = Span { start: 0, end: 0 };
            let edge = |index: &usize| Spanned { value: known[*index].value, span: nowhere };
            let neighbours =
                (0..length).map(|at| [at, (at + 1) % length].map(|at| &known[chosen[at]].value));
            if neighbours.into_iter().any(|[a, b]| is_shortcut(a, b)) {
                return;
            }
            let Ok(cycle) = Cycle::of(chosen.iter().map(edge).collect()) else { return };
            let makes_a_test = cycle.test(&super::Options::default()).is_ok();
            if makes_a_test && seen.insert(cycle.canonical()) {
                found.push(cycle);
            }
        });
    }
    Ok(found)
}

/// Would one edge do for two neighbours?
fn is_shortcut(a: &Edge, b: &Edge) -> bool {
    let external = |edge: &Edge| match edge.relation {
        Relation::Com(com, Ie::External) => Some(com),
        _ => None,
    };
    let is_program_order = |edge: &Edge| {
        matches!(edge.relation, Relation::Po(..) | Relation::Fence(..) | Relation::Dp(..))
    };
    match (external(a), external(b)) {
        (Some(first), Some(second)) => first == Com::Rf || second != Com::Rf,
        _ => is_program_order(a) && is_program_order(b),
    }
}

fn extend(
    known: &[Spanned<Edge>],
    length: usize,
    chosen: &mut Vec<usize>,
    stopped: &dyn Fn() -> bool,
    each: &mut dyn FnMut(&[usize]),
) {
    if chosen.len() == length {
        return each(chosen);
    }
    for next in chosen.first().copied().unwrap_or(0)..known.len() {
        let fits = |a: &Edge, b: &Edge| match (a.target(), b.source()) {
            (Some(x), Some(y)) => x == y,
            _ => true,
        };
        let last = chosen.last().map(|last| &known[*last].value);
        if stopped() || last.is_some_and(|last| !fits(last, &known[next].value)) {
            continue;
        }
        chosen.push(next);
        extend(known, length, chosen, stopped, each);
        chosen.pop();
    }
}
