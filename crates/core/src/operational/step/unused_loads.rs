//! Loads whose value nobody asks for, or that can return one value only, are performed as soon as they can be.
//!
//! Code that was made longer, or that loads for the sake of a false dependency, has loads whose value is seen by
//! nobody. Whether such a load comes before or after each store of another hart doubles the states: a load
//! that can be performed decides to be performed now, or to wait. Here it need not wait. (`dead_loads` in the layer
//! `reduce` leaves such loads out where nothing hangs on them; here other operations may well wait for them.)
//!
//! # When
//!
//! The load *d* is a plain one, not an LR nor a failed `amocas`. Nothing that is to come needs its value: no final
//! state shows it, no operation, condition or address of the path or below it is computed from it (what only
//! depends on it syntactically does not matter); or whatever any hart may store to its bytes is what they hold from
//! the start. Every older load that may read one of its bytes, without a store
//! of the hart between, is performed. No older store of the hart may still turn out to be the one that it reads from.
//!
//! # Why
//!
//! Take an execution on from a state in which *d* can be performed, and move *d* in the global memory order to the front
//! of all that is to come. What has to come before *d* has come. What has to come after *d* still does. Rule 2 with
//! an older load: that has been performed, and *d* returns a store that is no older. Rule 2 with a younger load *e* of the
//! same bytes: if *e* comes later, then it follows *d* in the order; if *e* has been performed, then *d*
//! returned the same store as *e* in the execution, so no store to these bytes came between *e* and *d*, and none
//! lies between *e* and the new place of *d*. Whatever *d* now returns is what the load value axiom says, and if
//! that is another value, then this is seen by nobody. The atomicity axiom speaks of LRs. This holds whichever rules are in force:
//! each asks only that something comes before something. An execution in which each such load comes as
//! early as it can is still one for the other reductions: a store that only such loads read is one that nobody
//! reads, and comes right before the last one to its bytes.

use crate::model::AccessKind;
use crate::operational::compile::Set;
use crate::operational::state::Cursor;

/// Is the load at `place`, which can be performed, one of those?
pub(super) fn is_unused<S: Set>(at: &Cursor<'_, S>, place: usize) -> bool {
    let op = at.op(place);
    op.kind == AccessKind::Load
        && op.expected.is_none()
        && (!at.is_asked_for(place) || at.cells_of(place).within(at.machine.unchanging))
        && at.older_reads(place).within(at.position.performed)
        && !at.waits_for_own_store(place)
}
