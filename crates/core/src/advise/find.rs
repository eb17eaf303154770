//! Where a test has means of ordering, and where it could have more.

use super::rewrite::{annotated, stronger};
use super::site::{Site, SiteKind, accesses};
use super::{MayAdd, Parts};
use crate::arch;
use crate::arch::riscv::{Instr, Operands, Operation, Reg, Suffix};
use crate::litmus::{CodeCell, HartCode, HartId, Place, Span, Term, Test, numeric_label};

/// The means of ordering that a test has, each of which may lose any of its parts.
#[must_use]
pub fn present(test: &Test) -> Vec<Site> {
    let mut sites = Vec::new();
    for (hart, code) in harts(test) {
        for (cell, span, instr) in instrs(code) {
            let (fence, order) = (Parts::of_fence(instr), Parts::of_order(instr.order));
            let (kind, parts) = if !fence.is_empty() {
                (SiteKind::Fence, fence)
            } else if !order.is_empty() {
                (SiteKind::Annotation, order)
            } else if instr.depends_for_nothing() {
                (SiteKind::ValueDependency, Parts::DEPENDENCY)
            } else if goes_on(code, cell, instr) {
                (SiteKind::ControlDependency, Parts::DEPENDENCY)
            } else {
                continue;
            };
            sites.push(Site { hart, span, kind, given: Parts::default(), parts, cell });
        }
    }
    sites
}

/// Where a test could have more, each with the parts that it lacks.
#[must_use]
pub fn possible(test: &Test, may: MayAdd) -> Vec<Site> {
    let mut sites = Vec::new();
    for (hart, code) in harts(test) {
        let loops = instrs(code).any(|(cell, _, instr)| jumps_back(code, cell, instr));
        let free = if may.dependencies { unused(test, hart) } else { Vec::new() };
        // Is there a fence since the last access?
        let mut fenced = false;
        for (cell, span, instr) in instrs(code) {
            let site = |kind, given, parts| Site { hart, span, kind, given, parts, cell };
            let fence = Parts::of_fence(instr);
            if !fence.is_empty() {
                if may.fences {
                    let whole = fence.union(pairs_around(code, cell, loops));
                    let parts = whole.of_weakest_fence().without(fence);
                    sites.push(site(SiteKind::Fence, fence, parts));
                }
                fenced = true;
                continue;
            }
            let (reads, writes) = accesses(instr);
            if !reads && !writes {
                continue;
            }
            let pairs = pairs_around(code, cell, loops);
            if may.fences && !fenced && !pairs.is_empty() {
                sites.push(site(SiteKind::NewFence, Parts::default(), pairs));
            }
            fenced = false;
            for (on, scratch) in loaded_before(code, cell, instr).into_iter().zip(&free) {
                let kind = SiteKind::NewDependency { on, scratch: *scratch };
                sites.push(site(kind, Parts::default(), Parts::DEPENDENCY));
            }
            let given = Parts::of_order(instr.order);
            let both = Parts::ACQUIRE.union(Parts::RELEASE).union(Parts::AMO);
            if may.amos && given.is_empty() && stronger(instr, both).is_some() {
                let zalasr = !addable(instr, may).is_empty();
                sites.push(site(SiteKind::Amo { zalasr }, given, both));
                continue;
            }
            let parts = addable(instr, may).without(given);
            if !parts.is_empty() {
                sites.push(site(SiteKind::Annotation, given, parts));
            }
        }
    }
    sites.retain(|site| !site.parts.is_empty());
    sites
}

/// The registers that a hart's code has loaded before a cell and that still hold it, but for the one that the
/// instruction there has its address from.
fn loaded_before(code: &HartCode, cell: usize, instr: &Instr) -> Vec<Reg> {
    let mut loaded = Vec::new();
    for (_, _, earlier) in instrs(code).take_while(|(at, ..)| *at < cell) {
        let rd = earlier.operands.rd;
        let pair =
            matches!(earlier.def.operation, Operation::LoadPair | Operation::CompareAndSwapPair(_));
        loaded.retain(|known| *known != rd && !(pair && *known == rd.pair()));
        if accesses(earlier).0 && !rd.is_zero() {
            loaded.push(rd);
        }
    }
    loaded.retain(|register| *register != instr.operands.rs1);
    loaded
}

/// The registers of a hart that its test names nowhere.
fn unused(test: &Test, hart: HartId) -> Vec<Reg> {
    let mut used = Vec::new();
    for (_, _, instr) in instrs(&test.harts[hart.index()]) {
        let Operands { rd, rs1, rs2, .. } = instr.operands;
        used.extend([rd, rs1, rs2].into_iter().flat_map(|register| [register, register.pair()]));
    }
    let condition = test.condition.as_ref().map(|condition| &condition.proposition);
    let terms = condition.into_iter().chain(&test.filter).flat_map(|it| it.terms());
    let terms = terms.filter_map(|term| match &term.value {
        Term::Place(place) => Some(place),
        _ => None,
    });
    let init = test.init.iter().map(|entry| &entry.value.place);
    let places = init.chain(test.locations.iter().map(|it| &it.value.place)).chain(terms);
    for place in places {
        if let Place::Register(own, arch::Reg::Riscv(register)) = place
            && *own == hart
        {
            used.push(*register);
        }
    }
    (5..32).rev().map(Reg::new).filter(|register| !used.contains(register)).collect()
}

fn harts(test: &Test) -> impl Iterator<Item = (HartId, &HartCode)> {
    (0..).map(HartId).zip(&test.harts)
}

fn instrs(code: &HartCode) -> impl Iterator<Item = (usize, Span, &Instr)> {
    let cells = code.cells.iter().enumerate();
    cells.filter_map(|(cell, it)| {
        let instr = it.instr.as_ref()?;
        Some((cell, instr.span, instr.value.riscv()?))
    })
}

/// The pairs that a fence before a cell could order; in code with loops whatever stands below may come
/// before.
fn pairs_around(code: &HartCode, cell: usize, loops: bool) -> Parts {
    let any = |of: fn((bool, bool)) -> bool, here: &dyn Fn(usize) -> bool| {
        instrs(code).any(|(at, _, instr)| (loops || here(at)) && of(accesses(instr)))
    };
    let (before, after) = (|at: usize| at < cell, |at: usize| at >= cell);
    let (reads, writes) = (|it: (bool, bool)| it.0, |it: (bool, bool)| it.1);
    let part = |there, part: Parts| if there { part } else { Parts::default() };
    let [load_before, store_before] = [any(reads, &before), any(writes, &before)];
    let [load_after, store_after] = [any(reads, &after), any(writes, &after)];
    part(load_before && load_after, Parts::LOAD_LOAD)
        .union(part(load_before && store_after, Parts::LOAD_STORE))
        .union(part(store_before && load_after, Parts::STORE_LOAD))
        .union(part(store_before && store_after, Parts::STORE_STORE))
}

/// The annotation that an instruction may have.
fn addable(instr: &Instr, may: MayAdd) -> Parts {
    match instr.def.operation {
        // `.rl` alone on an LR orders nothing, nor does `.aq` alone on an SC.
        Operation::LoadReserved(_) if may.annotations => Parts::ACQUIRE,
        Operation::StoreConditional(_) if may.annotations => Parts::RELEASE,
        _ if may.annotations && instr.def.suffix == Suffix::Optional => {
            Parts::ACQUIRE.union(Parts::RELEASE)
        }
        Operation::Load(..) if may.zalasr && annotated(instr, Parts::ACQUIRE).is_some() => {
            Parts::ACQUIRE
        }
        Operation::Store(_) if may.zalasr && annotated(instr, Parts::RELEASE).is_some() => {
            Parts::RELEASE
        }
        _ => Parts::default(),
    }
}

/// Does a branch go to the next instruction either way?
fn goes_on(code: &HartCode, cell: usize, instr: &Instr) -> bool {
    let Operation::Branch(_) = instr.def.operation else { return false };
    let Some(target) = instr.operands.target.as_deref() else { return false };
    let target = numeric_label(target).map_or(target, |(number, _)| number);
    for below in &code.cells[cell + 1..] {
        if below.labels.iter().any(|label| &*label.value == target) {
            return true;
        }
        if below.instr.is_some() {
            return false;
        }
    }
    false
}

/// May it jump back?
fn jumps_back(code: &HartCode, cell: usize, instr: &Instr) -> bool {
    match instr.def.operation {
        Operation::Jalr => true,
        Operation::Branch(_) | Operation::Jal => {
            let Some(target) = instr.operands.target.as_deref() else { return true };
            let named = |it: &CodeCell| it.labels.iter().any(|label| &*label.value == target);
            match numeric_label(target) {
                Some((_, below)) => !below,
                None => code.cells[..=cell].iter().any(named),
            }
        }
        _ => false,
    }
}
