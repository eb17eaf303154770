//! Which operations can be performed, as far as their own hart is concerned.

use super::unused_loads::is_unused;
use crate::model::AccessKind;
use crate::operational::compile::{CellSpan, Set, reservation_covers};
use crate::operational::state::{Cursor, Enabled};

/// Can an operation be performed?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ready {
    No,
    Yes,
    /// It could, but its address is a bad one: a fault if the path is taken for certain.
    Faulty,
}

/// What can be performed under the models that are followed now.
pub(crate) fn enabled<S: Set>(at: &Cursor<'_, S>, epoch: u32) -> Enabled<S> {
    let (facts, position) = (at.facts, at.position);
    let mut faulty = S::EMPTY;
    let mut sort = |place: usize, ready: Ready, all: &mut S| match ready {
        Ready::Yes => all.insert(place),
        Ready::Faulty => faulty.insert(place),
        Ready::No => {}
    };
    let mut loads = S::EMPTY;
    let awake = facts.reads & !facts.writes & !position.performed & !position.asleep;
    for place in awake.members() {
        sort(place, load_ready(at, place), &mut loads);
    }
    let mut stores = S::EMPTY;
    for place in (facts.writes & !position.performed).members() {
        sort(place, store_ready(at, place), &mut stores);
    }
    let computed = S::FULL.when(!facts.computed.is_empty());
    Enabled {
        loads,
        too_early: match position.asleep.is_empty() {
            true => S::EMPTY,
            false => loads.filter(|place| overtakes_sleeper(at, place)),
        },
        too_late: loads.filter(|place| overtaken(at, place)),
        unsettled: (loads & computed).filter(|place| at.waits_for_own_store(place)),
        unused: match at.machine.reductions.unused_loads {
            true => loads.filter(|place| is_unused(at, place)),
            false => S::EMPTY,
        },
        stores,
        store_cells: at.cells_of_all(stores),
        faulty,
        must_guess: must_guess(at),
        epoch,
    }
}

/// Can the load at `place` be performed? A failed `amocas` is one, too.
fn load_ready<S: Set>(at: &Cursor<'_, S>, place: usize) -> Ready {
    let known = |expr| at.hart.tree.exprs.sources(expr).within(at.position.performed);
    if !at.place(place).predecessors.within(at.position.performed) {
        return Ready::No;
    }
    let op = at.op(place);
    if !op.expected.is_none_or(known) || !op.high.is_none_or(|high| known(high.expected)) {
        return Ready::No;
    }
    match good_span(at, place) {
        Ok(span) if follows_older(at, place, span) && has_value(at, place, span) => Ready::Yes,
        Ok(_) => Ready::No,
        Err(ready) => ready,
    }
}

/// Rule 1 where addresses are computed, which masks do not know: is every older access to one of the bytes
/// performed, if the rule takes the operation for a store?
fn follows_older<S: Set>(at: &Cursor<'_, S>, place: usize, span: CellSpan) -> bool {
    let op = at.op(place);
    if at.facts.computed.is_empty() || !op.kind.is_store() {
        return true;
    }
    let older = S::below(place) & !at.position.performed & !op.siblings;
    !older.members().any(|a| at.cells_of(a).meets(span.set()))
}

/// The span of an operation whose address is known and a good one.
pub(crate) fn good_span<S: Set>(at: &Cursor<'_, S>, place: usize) -> Result<CellSpan, Ready> {
    let id = at.place(place).op as usize;
    if let Some(span) = at.hart.spans[id] {
        return Ok(span);
    }
    let Some(address) = at.address(place) else { return Err(Ready::No) };
    match at.span(place) {
        Some(span) if at.hart.tree.ops[id].fits(address) => Ok(span),
        _ => Err(Ready::Faulty),
    }
}

/// Is there a value for each cell of a load? If the youngest older store of its own hart is not
/// performed, then it has to be ready to be forwarded from: an AMO or SC never is (rule 3), and a
/// store is when everything that its address and data depend on is performed (rule 12).
fn has_value<S: Set>(at: &Cursor<'_, S>, place: usize, span: CellSpan) -> bool {
    let older = at.older_stores(place);
    older.is_empty()
        || span.indices().all(|cell| {
            at.youngest_writer(older, cell).is_none_or(|store| can_be_forwarded(at, store))
        })
}

fn can_be_forwarded<S: Set>(at: &Cursor<'_, S>, store: usize) -> bool {
    let done = at.position.performed;
    let op = at.op(store);
    let Some(data) = op.data else { return false };
    !matches!(op.kind, AccessKind::Amo | AccessKind::StoreConditional)
        && (op.address_deps | op.data_deps).within(done)
        && at.hart.tree.exprs.sources(data).within(done)
}

/// Rule 2 seen from the younger load: an older load that sleeps until another store comes cannot
/// then return the store that this one would return now.
fn overtakes_sleeper<S: Set>(at: &Cursor<'_, S>, b: usize) -> bool {
    let asleep = at.position.asleep & at.older_reads(b);
    !asleep.is_empty()
        && asleep.members().any(|a| {
            let older = at.cells_of(a);
            older.within(at.cells_of(b)) && at.written_between(a, b, older).is_empty()
        })
}

/// Rule 2 seen from the older load: a younger one has returned the store that is there now, so
/// waiting for another would come too late.
fn overtaken<S: Set>(at: &Cursor<'_, S>, a: usize) -> bool {
    let younger = at.facts.reads & at.position.performed & S::since(a + 1);
    let cells = at.cells_of(a);
    !younger.is_empty()
        && younger
            .members()
            .filter(|b| at.older_reads(*b).has(a))
            .any(|b| cells.within(at.cells_of(b)) && at.written_between(a, b, cells).is_empty())
}

/// Can the store, SC or AMO at `place` be performed?
fn store_ready<S: Set>(at: &Cursor<'_, S>, place: usize) -> Ready {
    let done = at.position.performed;
    if !at.place(place).predecessors.within(done) {
        return Ready::No;
    }
    let op = at.op(place);
    let known = |expr| at.hart.tree.exprs.sources(expr).within(done);
    let high = op.high.is_none_or(|high| known(high.data) && known(high.expected));
    if !op.data.is_none_or(known) || !op.expected.is_none_or(known) || !high {
        return Ready::No;
    }
    let span = match good_span(at, place) {
        Ok(span) => span,
        Err(ready) => return ready,
    };
    if !follows_older(at, place, span) {
        return Ready::No;
    }
    let Some(lr) = op.paired else { return Ready::Yes };
    match pair_ready(at, place, lr.into()) {
        true => Ready::Yes,
        false => Ready::No,
    }
}

/// May the SC at `sc` follow the LR that it is paired with?
fn pair_ready<S: Set>(at: &Cursor<'_, S>, sc: usize, lr: usize) -> bool {
    let addresses = at.address(lr).zip(at.address(sc));
    let paired = addresses.is_some_and(|(lr_address, address)| {
        let (lr_width, width) = (at.op(lr).width, at.op(sc).width);
        let reservation = at.machine.options.reservation;
        reservation_covers(reservation, lr_address, lr_width, address, width)
    });
    let source_is_performed =
        at.facts.computed.is_empty() || at.forwarded_cells(lr, at.cells_of(lr)).is_empty();
    at.position.performed.has(lr) && paired && source_is_performed
}

/// Must the fork at the end of the hart's node be decided now? Only if something below could be
/// performed before the fork decides itself.
fn must_guess<S: Set>(at: &Cursor<'_, S>) -> bool {
    let below = at.hart.below_ranges[at.position.node as usize].clone();
    at.hart.below_predecessors[below].iter().any(|before| before.within(at.position.performed))
}
