//! Harts that can be exchanged for one another.
//!
//! Two harts with the same code, the same registers to begin with and the same model, of which no
//! register is observed, can be exchanged in every state: what the one does, the other could do, and
//! memory and the outcome are the same.

use crate::arch::Action;
use crate::litmus::HartId;
use crate::model::BaseModel;
use crate::program::{Hart, Program};

/// Finds the harts of a program that can be exchanged, in groups of two or more. `same_paths` says whether
/// two harts were unfolded alike: one of them may have been seen to split a misaligned access.
pub(crate) fn groups(
    program: &Program,
    models: &[BaseModel],
    same_paths: impl Fn(usize, usize) -> bool,
) -> Vec<Vec<usize>> {
    let observed: Vec<bool> = (0..program.harts.len() as u16)
        .map(|hart| program.observed_registers(HartId(hart)).next().is_some())
        .collect();
    let same = |a: usize, b: usize| {
        let [one, other] = [a, b].map(|h| &program.harts[h]);
        models[a] == models[b]
            && one.registers == other.registers
            && one.has_code_of(other)
            && same_paths(a, b)
    };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (h, hart) in program.harts.iter().enumerate() {
        let Some(first) = (0..h).find(|other| !observed[*other] && same(*other, h)) else {
            continue;
        };
        if hart.code.is_empty() || jumps_to_addresses(hart) || observed[h] {
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
