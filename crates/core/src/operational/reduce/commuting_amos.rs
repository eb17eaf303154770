//! AMOs that come to the same in whatever order they come.
//!
//! Harts that count with `amoadd`, or gather bits with `amoor`, and do not look at what was there before, can do so in
//! any order: only whoever reads the word in the middle can tell. Two such AMOs commute, so that a stubborn set that
//! has one of them need not have the other.
//!
//! # When
//!
//! Both access the same bytes, at known addresses, by the same function, and that is one of those for which
//! *f*(*f*(*o*, *a*), *b*) = *f*(*f*(*o*, *b*), *a*): add, and, or, xor, the minima and the maxima. Nobody asks for the
//! value that either returns. Rule 1 is in force, or there are no stubborn sets.
//!
//! # Why
//!
//! Let both be able to be performed, in two harts. Memory is the same after both, in either order, and what they
//! returned is seen by nobody. What remains is that each hart sees the other's store before or after its own AMO is
//! performed. By then its older loads of these bytes are performed (rule 1), and its younger ones are not:
//! they would have to take the AMO's value, which is none before it is performed. So no load of
//! these bytes sleeps in either hart, and none that is performed becomes an old one too late for an older one that is
//! still to come, but for those whose address is not known yet, which are forbidden these bytes either way.
//! A reservation of these bytes breaks either way. A load that reads between the two is one that
//! does not commute with them, and is in the stubborn set with what it waits for: even if it sleeps, for it is
//! no longer true that whatever wakes it is in the set anyway.

use crate::arch::Function;
use crate::operational::compile::{CellSpan, Set};
use crate::operational::state::Cursor;

/// What two AMOs have in common that commute.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Accumulation {
    function: Function,
    span: CellSpan,
}

/// The operation at `place` as one that commutes with others.
pub(crate) fn accumulation<S: Set>(at: &Cursor<'_, S>, place: usize) -> Option<Accumulation> {
    if !at.machine.reductions.commuting_amos {
        return None;
    }
    let id = at.place(place).op as usize;
    let op = &at.hart.tree.ops[id];
    let function = op.amo?;
    let span = at.hart.spans[id]?;
    let counts = op.expected.is_none() && function.takes_any_order() && !at.is_asked_for(place);
    counts.then_some(Accumulation { function, span })
}

/// Of `places` of a path, those that do not commute with an AMO.
pub(crate) fn not_commuting<S: Set>(
    at: &Cursor<'_, S>,
    places: S,
    with: Option<Accumulation>,
) -> S {
    match with {
        Some(_) => places.filter(|place| accumulation(at, place) != with),
        None => places,
    }
}
