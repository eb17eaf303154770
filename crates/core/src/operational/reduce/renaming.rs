//! Similar harts (see [`crate::program::similar_harts`]): of states that differ only in who of them is where, each with
//! locations of its own, one is kept.
//!
//! To exchange such harts takes a state, with its values and memory renamed, to one from which the same final states are
//! reached. So of all states that a state is taken to by putting the harts of each group in some order, one
//! is gone on from: the one with the least key, among those orders in which what can be said of each hart
//! without naming another's locations ascends. A search that has met many states begins with that, and meets those
//! states anew: their keys were written another way.

use std::cmp::Ordering;

use super::key::watched_cells;
use crate::operational::compile::{Set, SimilarHarts, push, push_set};
use crate::operational::state::{Position, Stage, View};
use crate::operational::step::Stepper;

/// Orders of harts that are tried for one state.
const MOST_ORDERS: usize = 120;

/// Scratch.
#[derive(Debug, Default)]
pub(crate) struct Renaming {
    /// What can be said of each hart, by group and member.
    signatures: Vec<Vec<Vec<u8>>>,
    /// By group, who stands at each place.
    orders: Vec<Vec<usize>>,
    best: Vec<Vec<usize>>,
    placing: Placing,
    other: Vec<u8>,
    state: Vec<u64>,
}

/// Where everything comes from when harts change places.
#[derive(Debug, Default)]
struct Placing {
    /// By hart.
    harts: Vec<usize>,
    /// By cell.
    cells: Vec<usize>,
    /// By cell, where it goes.
    cells_to: Vec<usize>,
    /// By group and member, at whose place it stands.
    places: Vec<Vec<usize>>,
}

/// What becomes of an address in a location that is some hart's own: that is given by group, member, number of
/// the location and offset.
trait Renames {
    fn renamed(&self, group: usize, member: usize, location: usize, offset: u64) -> u64;
}

#[inline]
fn rename<S: Set>(similar: &SimilarHarts<S>, to: &impl Renames, value: u64) -> u64 {
    if !similar.may_rename(value) {
        return value;
    }
    for (number, group) in similar.groups.iter().enumerate() {
        if let Some((member, location, offset)) = group.owner(value) {
            return to.renamed(number, member, location, offset);
        }
    }
    value
}

/// Renames to the locations of those at whose places the harts stand.
struct Placed<'a, S>(&'a SimilarHarts<S>, &'a Placing);

impl<S> Renames for Placed<'_, S> {
    fn renamed(&self, group: usize, member: usize, location: usize, offset: u64) -> u64 {
        self.0.groups[group].own[self.1.places[group][member]][location].0 + offset
    }
}

/// Tells a hart's own locations from those of others, and no more.
struct Own(usize, usize);

impl Renames for Own {
    fn renamed(&self, group: usize, member: usize, location: usize, offset: u64) -> u64 {
        let own = u64::from((group, member) == (self.0, self.1));
        1 << 62 | own << 61 | (group as u64) << 48 | (location as u64) << 32 | offset
    }
}

/// Puts similar harts into their order, and the state's key into `key`; says whether anything was moved.
pub(crate) fn put_in_order<S: Set>(
    stepper: &mut Stepper<'_, S>,
    similar: &SimilarHarts<S>,
    state: &mut [u64],
    scratch: &mut Renaming,
    key: &mut Vec<u8>,
) -> bool {
    let view = stepper.view();
    let Renaming { signatures, orders, best, placing, other, .. } = scratch;
    let watched = watched_cells(view, state);
    signatures.resize_with(similar.groups.len(), Vec::new);
    orders.resize_with(similar.groups.len(), Vec::new);
    for (number, group) in similar.groups.iter().enumerate() {
        let signatures = &mut signatures[number];
        signatures.resize_with(group.harts.len(), Vec::new);
        for (member, signature) in signatures.iter_mut().enumerate() {
            write_signature(view, similar, state, (number, member), watched, signature);
        }
        let order = &mut orders[number];
        order.clear();
        order.extend(0..group.harts.len());
        order.sort_by(|a, b| signatures[*a].cmp(&signatures[*b]));
    }
    placing.set(view, similar, orders);
    write_key(view, similar, state, placing, key);
    best.clone_from(orders);
    for _ in 1..MOST_ORDERS {
        if !next_order(orders, signatures) {
            break;
        }
        placing.set(view, similar, orders);
        write_key(view, similar, state, placing, other);
        if other < key {
            std::mem::swap(key, other);
            best.clone_from(orders);
        }
    }
    if best.iter().all(|order| order.is_sorted()) {
        return false;
    }
    placing.set(view, similar, best);
    let mut moved = std::mem::take(&mut scratch.state);
    move_harts(stepper, similar, state, &scratch.placing, &mut moved);
    state.copy_from_slice(&moved);
    scratch.state = moved;
    true
}

/// The next order of those in which signatures ascend; `false` behind the last, where all is as at first.
fn next_order(orders: &mut [Vec<usize>], signatures: &[Vec<Vec<u8>>]) -> bool {
    for (order, signatures) in orders.iter_mut().zip(signatures) {
        let mut start = 0;
        while start < order.len() {
            let same = |member: &&usize| signatures[**member] == signatures[order[start]];
            let count = order[start..].iter().take_while(same).count();
            if next_permutation(&mut order[start..start + count]) {
                return true;
            }
            start += count;
        }
    }
    false
}

/// The next permutation in lexicographic order; `false` behind the last, where the first is put.
fn next_permutation(items: &mut [usize]) -> bool {
    let Some(pivot) = items.windows(2).rposition(|pair| pair[0] < pair[1]) else {
        items.reverse();
        return false;
    };
    let next = items.iter().rposition(|item| items[pivot].cmp(item) == Ordering::Less);
    items.swap(pivot, next.unwrap_or(pivot));
    items[pivot + 1..].reverse();
    true
}

impl Placing {
    fn set<S: Set>(&mut self, view: View<'_, S>, similar: &SimilarHarts<S>, orders: &[Vec<usize>]) {
        let Placing { harts, cells, cells_to, places } = self;
        harts.clear();
        harts.extend(0..view.machine.harts.len());
        cells.clear();
        cells.extend(0..view.machine.cells.list.len());
        cells_to.clone_from(cells);
        places.resize_with(orders.len(), Vec::new);
        for (number, order) in orders.iter().enumerate() {
            let (group, own) = (&similar.groups[number], &similar.own_cells[number]);
            places[number].clone_from(order);
            for (place, &member) in order.iter().enumerate() {
                places[number][member] = place;
                harts[group.harts[place]] = group.harts[member];
                for (to, from) in own[place].iter().zip(&own[member]) {
                    cells[*to] = *from;
                    cells_to[*from] = *to;
                }
            }
        }
    }

    fn moved<S: Set>(&self, cells: S) -> S {
        match cells == S::FULL {
            true => cells,
            false => cells.members().fold(S::EMPTY, |all, cell| all | S::only(self.cells_to[cell])),
        }
    }
}

/// What can be said of a hart without naming others.
fn write_signature<S: Set>(
    view: View<'_, S>,
    similar: &SimilarHarts<S>,
    state: &[u64],
    (group, member): (usize, usize),
    watched: S,
    key: &mut Vec<u8>,
) {
    key.clear();
    let own = Own(group, member);
    write_hart(view, similar, state, similar.groups[group].harts[member], &own, None, key);
    let memory = &state[view.machine.memory..];
    let unread = view.machine.unread(state);
    for &cell in &similar.own_cells[group][member] {
        let renamed = similar.renamed_cells.has(cell);
        let value = if watched.has(cell) { memory[cell] } else { 0 };
        push(key, if renamed { rename(similar, &own, value) } else { value });
        push(key, unread.has(cell).into());
    }
    for cell in (similar.shared_cells & watched).members() {
        let owner = similar.groups[group].owner(memory[cell]);
        if owner.is_some_and(|(owner, ..)| owner == member) {
            push(key, cell as u64);
        }
    }
}

/// The key of the state that is reached by a change of places.
fn write_key<S: Set>(
    view: View<'_, S>,
    similar: &SimilarHarts<S>,
    state: &[u64],
    placing: &Placing,
    key: &mut Vec<u8>,
) {
    key.clear();
    let machine = view.machine;
    let placed = Placed(similar, placing);
    for &from in &placing.harts {
        write_hart(view, similar, state, from, &placed, Some(placing), key);
    }
    push_set(key, placing.moved(machine.unread(state)));
    let watched = watched_cells(view, state);
    for &from in &placing.cells {
        let value = state[machine.memory + from];
        push(
            key,
            match (watched.has(from), similar.renamed_cells.has(from)) {
                (false, _) => 0,
                (true, false) => value,
                (true, true) => rename(similar, &placed, value),
            },
        );
    }
}

fn write_hart<S: Set>(
    view: View<'_, S>,
    similar: &SimilarHarts<S>,
    state: &[u64],
    h: usize,
    to: &impl Renames,
    placing: Option<&Placing>,
    key: &mut Vec<u8>,
) {
    let (machine, hart_state) = (view.machine, view.hart_state(state, h));
    let (hart, at) = (&machine.harts[h], view.at(state, h));
    let (loaded, position) = (hart.loaded(state), &hart_state.position);
    let dead_values = machine.reductions.dead_values;
    if hart_state.stage == Stage::Finished && dead_values && hart_state.failures_forced {
        push(key, 0);
        let observed = hart_state.leaf.map_or(&[][..], |leaf| hart.tree.observed(leaf));
        return observed.iter().for_each(|e| push(key, hart.tree.exprs.eval(*e, loaded)));
    }
    push(key, u64::from(position.node) + 1);
    for set in [position.performed, position.asleep, position.broken] {
        push_set(key, set);
    }
    for place in at.facts.computed.members() {
        let computed = &position.computed[place];
        push(key, rename(similar, to, computed.address));
        if let Some(placing) = placing {
            push_set(key, placing.moved(computed.forbidden));
        }
    }
    let live = if dead_values { hart_state.live } else { position.performed & at.facts.reads };
    for place in live.members() {
        let renamed = similar.reads[h][at.place(place).op as usize];
        push(key, if renamed { rename(similar, to, loaded[place]) } else { loaded[place] });
    }
}

/// Writes the state that is reached by a change of places to `moved`.
fn move_harts<S: Set>(
    stepper: &mut Stepper<'_, S>,
    similar: &SimilarHarts<S>,
    state: &[u64],
    placing: &Placing,
    moved: &mut Vec<u64>,
) {
    let machine = stepper.machine;
    let placed = Placed(similar, placing);
    moved.clear();
    moved.extend_from_slice(state);
    for (h, &from) in placing.harts.iter().enumerate() {
        let at = stepper.view().at(state, from);
        let hart = &machine.harts[from];
        for place in 0..hart.value_words {
            let renamed = place < at.node.len && similar.reads[from][at.place(place).op as usize];
            let value = state[hart.loaded_word(place)];
            moved[machine.harts[h].loaded_word(place)] =
                if renamed { rename(similar, &placed, value) } else { value };
        }
        let mut position: Position<S> = at.position.clone();
        position.hart = machine.representatives[h] as u16;
        for computed in &mut position.computed {
            computed.address = rename(similar, &placed, computed.address);
            computed.forbidden = placing.moved(computed.forbidden);
        }
        if position != *at.position {
            moved[h] = stepper.number(h, position).into();
            stepper.refresh(moved[h]);
        }
    }
    for (cell, &from) in placing.cells.iter().enumerate() {
        let value = state[machine.memory + from];
        let renamed = similar.renamed_cells.has(from);
        moved[machine.memory + cell] =
            if renamed { rename(similar, &placed, value) } else { value };
    }
    machine.set_unread(moved, placing.moved(machine.unread(state)));
}
