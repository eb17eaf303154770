//! Loads whose value nobody asks for.
//!
//! Code that polls, or a test that was made longer, loads into a register and then again: the first value
//! is seen by nobody, but whether it came before or after each store of another hart doubles the states.
//! Such a load is left out if every execution without it has room for it.
//!
//! # When
//!
//! All rules are in force, and the hart's path has no fork and no computed address. The load *b* is a plain
//! one of one cell, no older operation of its path writes to the cell, and
//!
//! 1. no final state shows its value, no operation needs it, and no store's address or data depends on it, not
//!    even syntactically (rule 12; whatever else depends on it has it in its mask);
//! 2. whatever comes after *b* (has it in its mask) comes after all older reads of the cell, too;
//! 3. whatever comes before *b* comes before all younger reads of the cell that rule 2 may order after it,
//!    too.
//!
//! # Why
//!
//! Leaving *b* out of an execution leaves one: masks are closed, so that no order is lost. The other way
//! round, take an execution without *b*, and call the number of stores to the cell before a place of the
//! global memory order its level. *b* may stand where it comes after everything in its mask, before
//! everything that has it in its mask, at no lower level than the older reads of the cell and at no higher
//! one than the younger reads with no store of the path between (rule 2; nothing is forwarded to *b*, so
//! its value is the memory's, and rules 3 and 12 say nothing of it). Put it where the first and the third
//! of these allow it first. What has it in its mask stands behind: behind its mask, because masks are
//! closed, and behind that level, by 2. The level is not too high: not for what is in the mask, by 3, and not
//! for older reads, because rule 2 orders them and the younger ones. Several loads are put back one by one.

use crate::model::AccessKind;
use crate::operational::compile::{CompiledHart, CompiledMachine, End, Set};

/// Finds the loads that are left out under the models that are followed now; says whether they are others
/// than before: then nothing that is known of the harts' positions holds any more.
pub(crate) fn leave_out<S: Set>(machine: &mut CompiledMachine<'_, S>) -> bool {
    let mut changed = false;
    if machine.reductions.dead_loads {
        machine.harts.iter_mut().for_each(|hart| changed |= leave_out_of(hart));
    }
    changed
}

/// Finds the loads that are left out under the model that is followed now; says whether they are others
/// than before.
fn leave_out_of<S: Set>(hart: &mut CompiledHart<S>) -> bool {
    let ([node], [facts]) = (&hart.tree.nodes[..], &mut hart.facts[..]) else { return false };
    let straight = matches!(node.end, End::Leaf(_)) && !hart.tree.has_checks();
    if hart.computes_addresses || !straight {
        return false;
    }
    let before = hart.left_out;
    facts.reads |= before;
    let reads = facts.reads;
    let asked = facts.needed_below | facts.writes;
    hart.left_out = S::EMPTY;
    for b in (reads & !asked).members() {
        if hart.places[b].value_users.is_empty() && has_room_for(hart, b, reads) {
            hart.left_out.insert(b);
        }
    }
    hart.facts[0].reads &= !hart.left_out;
    hart.left_out != before
}

/// Does every execution without the load at `b`, whose value nobody needs, have room for it?
fn has_room_for<S: Set>(hart: &CompiledHart<S>, b: usize, reads: S) -> bool {
    let load = &hart.places[b];
    let op = &hart.tree.ops[load.op as usize];
    if op.kind != AccessKind::Load || load.cells.len() != 1 || !load.older_writes.is_empty() {
        return false;
    }
    let older = load.older_reads;
    let all_wait = older.within(load.predecessors);
    (b + 1..hart.places.len()).all(|later| {
        let place = &hart.places[later];
        let op = &hart.tree.ops[place.op as usize];
        let waits = place.predecessors.has(b);
        let rival = reads.has(later) && place.older_reads.has(b);
        !(op.kind.writes() && (op.address_deps | op.data_deps).has(b))
            && (!waits || all_wait || older.within(place.predecessors))
            && (!rival || waits || load.predecessors.within(place.predecessors))
    })
}
