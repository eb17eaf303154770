//! Harts that do the same.
//!
//! Two harts with the same code, the same registers to begin with and the same model, of which no
//! register is observed, can be exchanged in every state: what the one does, the other could do, and
//! memory and the outcome are the same. So of the states that differ only in who of them is where, one
//! is kept: the one in which their parts of the state are in ascending order.
//!
//! *Twins* are two such harts at the same point of their paths, with the same values as far as these can
//! still matter. To exchange them leaves a state as it is, and takes what it comes to by a move of the one
//! to what it comes to by the same move of the other. So of moves that differ only in which of several
//! twins makes them, one is followed. And where a load may be performed now or wait, as may that of each
//! twin, what matters is how many are performed now: once one waits, so do those of its twins.

use super::harts::Harts;
use super::machine::Machine;
use super::perform::{Alive, Stop};
use super::set::Set;
use super::silent::Move;
use super::walker::{View, Walker};
use crate::arch::Action;
use crate::model::BaseModel;
use crate::program::{Hart, ObservedFrom, Program};

/// The harts of a program that can be exchanged, in groups of two or more. `same_paths` says whether
/// two harts were unfolded alike: one of them may have been seen to split a misaligned access.
pub(super) fn alike(
    program: &Program,
    models: &[BaseModel],
    same_paths: impl Fn(usize, usize) -> bool,
) -> Vec<Vec<usize>> {
    let observed = |hart: usize| {
        let mut items = program.observed.iter();
        items.any(|item| matches!(item.from, ObservedFrom::Register(h, _) if h.index() == hart))
    };
    let same = |a: usize, b: usize| {
        models[a] == models[b]
            && same_code(&program.harts[a], &program.harts[b])
            && same_paths(a, b)
    };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (h, hart) in program.harts.iter().enumerate() {
        let Some(first) = (0..h).find(|other| same(*other, h) && !observed(*other)) else {
            continue;
        };
        if hart.code.is_empty() || jumps_to_addresses(hart) || observed(h) {
            continue;
        }
        match groups.iter_mut().find(|group| group[0] == first) {
            Some(group) => group.push(h),
            None => groups.push(vec![first, h]),
        }
    }
    groups
}

/// Does the code jump to addresses? They are not the same for any two harts.
fn jumps_to_addresses(hart: &Hart) -> bool {
    hart.code.iter().any(|step| matches!(step.action, Action::JumpRegister { .. }))
}

/// Do the harts do the same, on the same values? Addresses of code are among the values.
fn same_code(a: &Hart, b: &Hart) -> bool {
    (a.granule, a.registers) == (b.granule, b.registers)
        && a.code.len() == b.code.len()
        && a.code.iter().zip(&b.code).all(|(a, b)| a.action == b.action)
}

impl<S: Set> Machine<'_, S> {
    /// The harts that can be exchanged with this one, itself among them; none if there are no others.
    pub(super) fn alike_with(&self, hart: usize) -> &[usize] {
        let first = self.shared[hart];
        self.alike.iter().find(|group| group[0] == first).map_or(&[], Vec::as_slice)
    }

    /// Sorts the parts of harts that are alike by their keys; says whether anything was moved.
    ///
    /// `keys` are the harts' parts of the state's key, by hart; they are sorted, too.
    pub(super) fn sort_alike(&self, state: &mut [u64], keys: &mut [Vec<u8>]) -> bool {
        let mut moved = false;
        for group in &self.alike {
            // Insertion sort: groups are small and nearly in order.
            for sorted in 1..group.len() {
                for at in (0..sorted).rev() {
                    let (a, b) = (group[at], group[at + 1]);
                    if keys[a] <= keys[b] {
                        break;
                    }
                    keys.swap(a, b);
                    self.exchange(state, a, b);
                    moved = true;
                }
            }
        }
        moved
    }

    fn exchange(&self, state: &mut [u64], a: usize, b: usize) {
        state.swap(a, b);
        let values = self.harts[a].values;
        let (first, second) = state.split_at_mut(self.harts[b].base);
        let start = self.harts[a].base;
        first[start..start + values].swap_with_slice(&mut second[..values]);
    }
}

impl<S: Set> View<'_, S> {
    /// Are the two harts alike, at the same point, with the same values that can still matter?
    pub(super) fn are_twins(self, state: &[u64], a: usize, b: usize) -> bool {
        // Harts that are not alike do not share points.
        if state[a] != state[b] {
            return false;
        }
        let harts = &self.machine.harts;
        let (hart, own, other) = (&harts[a], harts[a].loaded(state), harts[b].loaded(state));
        if !self.machine.reductions.forget {
            return own == other;
        }
        let same = |from: usize| {
            let mut live = self.local(state, a).live.members();
            live.all(|place| own[from + place] == other[from + place])
        };
        same(0) && (hart.values == hart.tree.depth || same(hart.tree.depth))
    }

    /// Leaves one of moves that are the same of twins.
    pub(super) fn leave_out_twins(self, state: &[u64], moves: &mut Vec<Move>) {
        let mut kept = 0;
        for index in 0..moves.len() {
            let new = moves[index];
            let is_twin = |old: &Move| {
                old.of(new.hart()) == new && self.are_twins(state, old.hart(), new.hart())
            };
            if !moves[..kept].iter().any(is_twin) {
                moves[kept] = new;
                kept += 1;
            }
        }
        moves.truncate(kept);
    }
}

impl<S: Set> Walker<'_, S> {
    /// A load waits, and that of every twin: if some are performed, then it was to be this one. Gives the
    /// harts that have to be looked at again, or `None` if there is no such execution.
    pub(super) fn sleep_with_twins(
        &mut self,
        state: &mut [u64],
        hart: usize,
        place: usize,
    ) -> Result<Option<Harts>, Stop> {
        let mut again = Harts::only(hart);
        for &twin in self.machine.alike_with(hart) {
            if twin != hart && self.view().are_twins(state, hart, twin) {
                if self.sleep(state, twin, place)? == Alive::No {
                    return Ok(None);
                }
                again = again.with(Harts::only(twin));
            }
        }
        Ok((self.sleep(state, hart, place)? == Alive::Yes).then_some(again))
    }
}
