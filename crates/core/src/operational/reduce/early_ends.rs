//! States whose end is known before everything in them is performed.

use crate::model::ScFailure;
use crate::operational::compile::Set;
use crate::operational::state::{Summary, View};
use crate::operational::step::effects::store;

/// Does a load wait for a store that cannot come?
pub(crate) fn sleeps_forever<S: Set>(
    view: View<'_, S>,
    state: &[u64],
    summary: &Summary<S>,
) -> bool {
    summary.sleepers
        && view.all(state).enumerate().any(|(h, hart_state)| {
            let by_others = summary.written_by_others(hart_state);
            let cells = |place| hart_state.cells_of(view.machine, h, place);
            hart_state.sleepers.members().any(|place| !cells(place).meets(by_others))
        })
}

/// Does a cell hold a store that has to be read, while nobody reads it before the next one?
pub(crate) fn stays_unread<S: Set>(view: View<'_, S>, state: &[u64], summary: &Summary<S>) -> bool {
    let awake = |h| view.at(state, h).reads_awake();
    let harts = 0..view.machine.harts.len();
    !summary.unread.is_empty()
        && !summary.unread.within(harts.fold(S::EMPTY, |all, h| all | awake(h)))
}

/// Is all that is left to do to store, and no cell that the final state shows to be stored to by two
/// harts? Then the youngest store of the one hart is the last, whatever comes when (rule 1), and
/// the final state is known.
pub(crate) fn only_plain_stores_left<S: Set>(view: View<'_, S>, summary: &Summary<S>) -> bool {
    summary.only_stores_left
        && view.machine.reductions.overwritten_stores
        && view.machine.options.sc_failure == ScFailure::Spurious
        && summary.unread.is_empty()
        && !summary.writes_twice.meets(view.machine.observed_cells)
}

/// Performs the stores that are left, as far as the final state shows them.
pub(crate) fn store_the_rest<S: Set>(view: View<'_, S>, state: &mut [u64]) {
    let machine = view.machine;
    for h in 0..machine.harts.len() {
        let at = view.at(state, h);
        for place in at.open().members() {
            if at.cells_of(place).meets(machine.observed_cells) {
                store(&at, state, place);
            }
        }
    }
}
