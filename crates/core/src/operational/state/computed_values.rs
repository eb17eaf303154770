//! What of values read is still of interest.
//!
//! A hart that adds up what it reads, or takes one bit of it, has read one of many values, or many of them, of which
//! what is to come depends on far fewer: on the sum so far, on the bit. Instead of the values a key
//! has what was computed from them.
//!
//! # When
//!
//! The path goes on to no fork, and computes no address.
//!
//! # Why
//!
//! What may come depends on the values that performed operations returned only through expressions: the data of
//! operations that are not performed, what an `amocas` expects, conditions that are not known to hold, addresses of
//! failed SCs, and what the final state shows. Each is computed from parts, and a part that depends on
//! performed operations alone has its value by now. Two states that agree in the largest such parts agree in whatever
//! these expressions come to.

use crate::operational::compile::{End, ExprId, Set};
use crate::operational::state::Cursor;

/// Most parts that are looked for.
const MOST: usize = 16;

/// The largest parts of expressions that are still to be computed whose values are known, if they are fewer than
/// the values that they are computed from.
pub(crate) fn computed<S: Set>(at: &Cursor<'_, S>) -> Option<Box<[ExprId]>> {
    // What is computed from one value each is not fewer.
    if !at.hart.tree.exprs.join_values() {
        return None;
    }
    let live = at.live();
    let End::Leaf(leaf) = at.node.end else { return None };
    if live.len() < 2 || !at.machine.reductions.computed_values || at.hart.computes_addresses {
        return None;
    }
    let tree = &at.hart.tree;
    let mut found = Vec::new();
    let fits = {
        let mut look = |expr| add(at, expr, &mut found);
        let open = at.open().members().map(|place| at.op(place));
        let known = |expr| tree.exprs.sources(expr).within(at.position.performed);
        let mut open_guards = tree.guards(at.node).iter().filter(|guard| !known(guard.value));
        let high = |op: &crate::operational::compile::Op<S>| op.high.map(|h| [h.data, h.expected]);
        open.flat_map(|op| {
            [op.data, op.expected].into_iter().flatten().chain(high(op).into_iter().flatten())
        })
        .all(&mut look)
            && open_guards.all(|guard| look(guard.value))
            && tree.checks(at.node).iter().all(|check| look(check.address))
            && tree.observed(leaf).iter().all(|expr| look(*expr))
    };
    (fits && found.len() < live.len()).then(|| found.into())
}

/// Adds the largest parts of an expression whose values are known; says whether there is room for them.
fn add<S: Set>(at: &Cursor<'_, S>, expr: ExprId, found: &mut Vec<ExprId>) -> bool {
    let exprs = &at.hart.tree.exprs;
    let sources = exprs.sources(expr);
    if !sources.meets(at.position.performed) {
        return true;
    }
    if !sources.within(at.position.performed) {
        return !exprs.is_large(expr) && exprs.parts(expr).all(|part| add(at, part, found));
    }
    let same = |other: &ExprId| {
        *other == expr
            || exprs.as_loaded(expr).is_some_and(|load| exprs.as_loaded(*other) == Some(load))
    };
    if !found.iter().any(same) {
        found.push(expr);
    }
    found.len() <= MOST
}
