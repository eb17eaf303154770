//! Harts that can be exchanged for one another.
//!
//! Two harts with the same code, the same registers to begin with and the same model, of which no
//! register is observed, can be exchanged in every state: what the one does, the other could do, and
//! memory and the outcome are the same.

use crate::arch::Action;
use crate::model::BaseModel;
use crate::program::{Hart, ObservedFrom, Program};

/// Finds the harts of a program that can be exchanged, in groups of two or more. `same_paths` says whether
/// two harts were unfolded alike: one of them may have been seen to split a misaligned access.
pub(crate) fn groups(
    program: &Program,
    models: &[BaseModel],
    same_paths: impl Fn(usize, usize) -> bool,
) -> Vec<Vec<usize>> {
    let mut observed = vec![false; program.harts.len()];
    for item in &program.observed {
        if let ObservedFrom::Register(hart, _) = item.from
            && let Some(observed) = observed.get_mut(hart.index())
        {
            *observed = true;
        }
    }
    let same = |a: usize, b: usize| {
        models[a] == models[b]
            && same_code(&program.harts[a], &program.harts[b])
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

/// Do the harts do the same, on the same values? Addresses of code are among the values.
fn same_code(a: &Hart, b: &Hart) -> bool {
    (a.granule, a.registers) == (b.granule, b.registers)
        && a.code.len() == b.code.len()
        && a.code.iter().zip(&b.code).all(|(a, b)| a.action == b.action)
}
