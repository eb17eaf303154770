//! The test with more ordering at its sites, or less.

use super::Parts;
use super::site::{Site, SiteKind};
use crate::arch::Assembly;
use crate::arch::riscv::{Extend, Instr, Lookup, Operands, Operation, Reg, Suffix, Width, lookup};
use crate::litmus::{CodeCell, Spanned, Test};

/// The test without the parts of one of the sites that it has, a `nop` where nothing is left: every
/// instruction keeps its place, as explanations of two forms of a test need it.
pub(super) fn without(test: &Test, sites: &[Site], site: usize) -> Test {
    let choice: Vec<Parts> = (0..)
        .zip(sites)
        .map(|(number, it)| if number == site { Parts::default() } else { it.parts })
        .collect();
    let mut changed = test.clone();
    rewrite(&mut changed, sites, &choice);
    let Site { hart, cell, span, .. } = sites[site];
    if let Lookup::Found(def, order) = lookup("nop") {
        let nop = Instr { def, order, operands: def.implied() };
        let own = &mut changed.harts[hart.index()].cells[cell].instr;
        own.get_or_insert(Spanned { value: nop.into(), span });
    }
    changed
}

/// The test with these parts at its sites, besides those given.
#[must_use]
pub fn with(test: &Test, sites: &[Site], choice: &[Parts]) -> Test {
    let mut changed = test.clone();
    rewrite(&mut changed, sites, choice);
    for code in &mut changed.harts {
        code.cells.retain(|cell| cell.instr.is_some() || !cell.labels.is_empty());
    }
    changed
}

/// Puts these parts at the sites; a cell may be left empty.
fn rewrite(changed: &mut Test, sites: &[Site], choice: &[Parts]) {
    let chosen: Vec<(&Site, Parts)> = sites.iter().zip(choice.iter().copied()).collect();
    // From the end, so that what is inserted moves nothing that is still to be changed.
    for here in chosen.chunk_by(|(a, _), (b, _)| (a.hart, a.cell) == (b.hart, b.cell)).rev() {
        let Some((Site { hart, cell, span, .. }, _)) = here.first() else { continue };
        let cells = &mut changed.harts[hart.index()].cells;
        let spanned = |value: Assembly| Spanned { value, span: *span };
        let mut before: Vec<Assembly> = Vec::new();
        for (site, parts) in here {
            let parts = site.given.union(*parts);
            let own = &mut cells[*cell].instr;
            let instr = own.as_ref().and_then(|own| own.value.riscv());
            let kept = instr.cloned();
            let new = match site.kind {
                SiteKind::Fence => parts.fence(),
                SiteKind::ControlDependency if parts.is_empty() => None,
                SiteKind::ValueDependency if parts.is_empty() => instr.and_then(Instr::zero),
                SiteKind::Annotation => instr.and_then(|it| annotated(it, parts)).or(kept),
                SiteKind::Amo { .. } => instr.and_then(|it| stronger(it, parts)).or(kept),
                SiteKind::NewFence => {
                    before.extend(parts.fence().map(Assembly::from));
                    continue;
                }
                SiteKind::NewDependency { on, scratch } if !parts.is_empty() => {
                    let made = instr.and_then(|instr| dependent(instr, on, scratch));
                    let Some([zero, address, access]) = made else { continue };
                    before.extend([zero.into(), address.into()]);
                    Some(access)
                }
                SiteKind::ValueDependency
                | SiteKind::ControlDependency
                | SiteKind::NewDependency { .. } => continue,
            };
            *own = new.map(|instr| spanned(instr.into()));
        }
        if !before.is_empty() {
            let mut labels = std::mem::take(&mut cells[*cell].labels);
            let new = before.into_iter().map(|instr| {
                let labels = std::mem::take(&mut labels);
                CodeCell { labels, instr: Some(spanned(instr)) }
            });
            cells.splice(*cell..*cell, new.collect::<Vec<_>>());
        }
    }
}

/// The instruction with this annotation instead of its own; `None` where there is none such.
pub(super) fn annotated(instr: &Instr, parts: Parts) -> Option<Instr> {
    let order = parts.order();
    if instr.def.suffix == Suffix::Optional {
        return Some(Instr { order, ..instr.clone() });
    }
    // A load-acquire or store-release is another instruction than the plain load or store.
    match lookup(format!("{}{}", instr.def.mnemonic, order.suffix())) {
        Lookup::Found(def, order) if instr.operands.imm == 0 => {
            Some(Instr { def, order, operands: instr.operands.clone() })
        }
        _ => None,
    }
}

/// A load or store with these parts: an AMO where it is to be one, which leaves the same in registers and
/// memory.
pub(super) fn stronger(instr: &Instr, parts: Parts) -> Option<Instr> {
    if !parts.has(Parts::AMO) {
        return if parts.is_empty() { Some(instr.clone()) } else { annotated(instr, parts) };
    }
    let Operands { rd, rs1, rs2, imm: 0, .. } = instr.operands else { return None };
    let (name, rd, rs2) = match instr.def.operation {
        Operation::Load(Width::W, Extend::Sign) => ("amoor.w", rd, Reg::ZERO),
        Operation::Load(Width::D, _) => ("amoor.d", rd, Reg::ZERO),
        Operation::Store(Width::W) => ("amoswap.w", Reg::ZERO, rs2),
        Operation::Store(Width::D) => ("amoswap.d", Reg::ZERO, rs2),
        _ => return None,
    };
    let instr = made(name, Operands { rd, rs1, rs2, ..instr.operands.clone() })?;
    Some(Instr { order: parts.order(), ..instr })
}

/// An access whose address depends on a register: what makes the dependency, and the access.
pub(super) fn dependent(instr: &Instr, on: Reg, scratch: Reg) -> Option<[Instr; 3]> {
    let operands = Operands { target: None, relocation: None, imm: 0, ..instr.operands.clone() };
    let of = |rd, rs1, rs2| Operands { rd, rs1, rs2, ..operands.clone() };
    let zero = made("xor", of(scratch, on, on))?;
    let address = made("add", of(scratch, instr.operands.rs1, scratch))?;
    let own = Operands { rs1: scratch, ..instr.operands.clone() };
    Some([zero, address, Instr { operands: own, ..instr.clone() }])
}

fn made(name: &str, operands: Operands) -> Option<Instr> {
    match lookup(name.as_bytes()) {
        Lookup::Found(def, order) => Some(Instr { def, order, operands }),
        _ => None,
    }
}
