//! Harts that can be exchanged for one another.
//!
//! Two harts with the same code, the same registers to begin with and the same model, of which no
//! register is observed, can be exchanged in every state: what the one does, the other could do, and
//! memory and the outcome are the same.

use crate::arch::riscv::{Kind, Reg};
use crate::model::BaseModel;
use crate::program::{Hart, ObservedFrom, Program};

/// Finds the harts of a program that can be exchanged, in groups of two or more. `same_paths` says whether
/// two harts were unfolded alike: one of them may have been seen to split a misaligned access.
pub(crate) fn groups(
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
        if hart.code.is_empty() || uses_own_addresses(hart) || observed(h) {
            continue;
        }
        match groups.iter_mut().find(|group| group[0] == first) {
            Some(group) => group.push(h),
            None => groups.push(vec![first, h]),
        }
    }
    groups
}

/// Does the code compute with where it lies? That is not the same for any two harts.
fn uses_own_addresses(hart: &Hart) -> bool {
    hart.code.iter().any(|step| match step.instr.def.kind {
        Kind::Auipc(_) | Kind::Jalr => true,
        Kind::Jal => step.instr.operands.rd != Reg::new(0),
        _ => false,
    })
}

fn same_code(a: &Hart, b: &Hart) -> bool {
    a.code.len() == b.code.len()
        && (a.base, a.granule, a.registers) == (b.base, b.granule, b.registers)
        && a.code.iter().zip(&b.code).all(|(a, b)| {
            let la = matches!(a.instr.def.kind, Kind::LoadAddress);
            a.instr == b.instr && a.target == b.target && (!la || a.address == b.address)
        })
}
