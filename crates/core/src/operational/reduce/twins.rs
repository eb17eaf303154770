//! Equal harts (see [`equal_harts`](crate::operational::compile::equal_harts)): of states that differ only
//! in who of them is where, one is kept: the one in which their parts of the state are in ascending order.
//!
//! *Twins* are two equal harts at the same position, with the same values as far as these can
//! still matter. To exchange them leaves a state as it is, and takes what it comes to by a move of the one
//! to what it comes to by the same move of the other. So of moves that differ only in which of several
//! twins makes them, one is followed. And where a load may be performed now or wait, as may that of each
//! twin, what matters is how many are performed now: once one waits, so do those of its twins.

use super::moves::Move;
use crate::operational::compile::{CompiledMachine, Set};
use crate::operational::state::{HartSet, View};
use crate::operational::step::{Alive, Stepper, Stop};

/// Sorts the parts of equal harts by their keys; says whether anything was moved.
///
/// `keys` are the harts' parts of the state's key, by hart; they are sorted, too.
pub(crate) fn sort_equal_harts<S: Set>(
    machine: &CompiledMachine<'_, S>,
    state: &mut [u64],
    keys: &mut [Vec<u8>],
) -> bool {
    let mut moved = false;
    for group in &machine.equal_harts {
        // Insertion sort: groups are small and nearly in order.
        for sorted in 1..group.len() {
            for at in (0..sorted).rev() {
                let (a, b) = (group[at], group[at + 1]);
                if keys[a] <= keys[b] {
                    break;
                }
                keys.swap(a, b);
                exchange(machine, state, a, b);
                moved = true;
            }
        }
    }
    moved
}

fn exchange<S: Set>(machine: &CompiledMachine<'_, S>, state: &mut [u64], a: usize, b: usize) {
    state.swap(a, b);
    let values = machine.harts[a].value_words;
    let (first, second) = state.split_at_mut(machine.harts[b].first_value);
    let start = machine.harts[a].first_value;
    first[start..start + values].swap_with_slice(&mut second[..values]);
}

/// Are the two harts equal, at the same position, with the same values that can still matter?
pub(crate) fn are_twins<S: Set>(view: View<'_, S>, state: &[u64], a: usize, b: usize) -> bool {
    // Harts that are not equal do not share positions.
    if state[a] != state[b] {
        return false;
    }
    let harts = &view.machine.harts;
    let (hart, own, other) = (&harts[a], harts[a].loaded(state), harts[b].loaded(state));
    if !view.machine.reductions.dead_values {
        return own == other;
    }
    let same = |from: usize| {
        let mut live = view.hart_state(state, a).live.members();
        live.all(|place| own[from + place] == other[from + place])
    };
    same(0) && (hart.value_words == hart.tree.depth || same(hart.tree.depth))
}

/// Leaves one of moves that are the same of twins.
pub(crate) fn leave_out_twins<S: Set>(view: View<'_, S>, state: &[u64], moves: &mut Vec<Move>) {
    let mut kept = 0;
    for index in 0..moves.len() {
        let new = moves[index];
        let is_twin = |old: &Move| {
            old.of(new.hart()) == new && are_twins(view, state, old.hart(), new.hart())
        };
        if !moves[..kept].iter().any(is_twin) {
            moves[kept] = new;
            kept += 1;
        }
    }
    moves.truncate(kept);
}

/// A load waits, and that of every twin: if some are performed, then it was to be this one. Gives the
/// harts that have to be looked at again, or `None` if there is no such execution.
pub(crate) fn sleep_with_twins<S: Set>(
    stepper: &mut Stepper<'_, S>,
    state: &mut [u64],
    hart: usize,
    place: usize,
) -> Result<Option<HartSet>, Stop> {
    let mut again = HartSet::only(hart);
    for &twin in stepper.machine.equal_to(hart) {
        if twin != hart && are_twins(stepper.view(), state, hart, twin) {
            if stepper.sleep(state, twin, place)? == Alive::No {
                return Ok(None);
            }
            again = again.with(HartSet::only(twin));
        }
    }
    Ok((stepper.sleep(state, hart, place)? == Alive::Yes).then_some(again))
}
