//! Where a test has means of ordering, or could have them, and the test with others.

use super::{MayAdd, Parts};
use crate::arch::Assembly;
use crate::arch::riscv::{Instr, Lookup, Operation, Suffix, lookup};
use crate::litmus::{CodeCell, HartCode, HartId, Span, Spanned, Test, numeric_label};
use crate::model::Rule;

/// A place in a hart's code with what orders memory there, or could.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Site {
    /// Whose code.
    pub hart: HartId,
    /// The instruction that this is, or that it would stand before.
    pub span: Span,
    /// What stands there.
    pub kind: SiteKind,
    /// The parts that it has in any case.
    pub given: Parts,
    /// The parts that it may have besides.
    pub parts: Parts,
    cell: usize,
}

/// What a site is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SiteKind {
    /// A fence.
    Fence,
    /// The `.aq` and `.rl` of an instruction.
    Annotation,
    /// An instruction whose result is always the same and that makes what follows depend on a register.
    ValueDependency,
    /// A branch that goes to the next instruction either way.
    ControlDependency,
    /// A fence that could stand before an instruction.
    NewFence,
}

impl Site {
    /// What stands there when it has these parts besides those given; `None` where nothing does.
    #[must_use]
    pub fn text(&self, test: &Test, parts: Parts) -> Option<String> {
        let parts = self.given.and(parts);
        match self.kind {
            SiteKind::Fence | SiteKind::NewFence => parts.fence().map(|fence| fence.to_string()),
            SiteKind::Annotation => {
                let own = self.code(test).cells[self.cell].instr.as_ref()?;
                annotated(own.value.riscv()?, parts).map(|instr| instr.to_string())
            }
            SiteKind::ValueDependency | SiteKind::ControlDependency => {
                let own = self.code(test).cells[self.cell].instr.as_ref()?;
                (!parts.is_empty()).then(|| own.value.to_string())
            }
        }
    }

    /// What stands there in the test; `None` for what could be added.
    #[must_use]
    pub fn stands(&self, test: &Test) -> Option<String> {
        let own = || self.code(test).cells[self.cell].instr.as_ref();
        (self.kind != SiteKind::NewFence).then(own).flatten().map(|own| own.value.to_string())
    }

    /// The rules by which it orders.
    pub(super) fn rules(&self) -> &'static [Rule] {
        match self.kind {
            SiteKind::Fence | SiteKind::NewFence => &[Rule::R4],
            SiteKind::Annotation => &[Rule::R5, Rule::R6, Rule::R7],
            SiteKind::ValueDependency | SiteKind::ControlDependency => {
                &[Rule::R9, Rule::R10, Rule::R11, Rule::R12, Rule::R13]
            }
        }
    }

    fn code<'t>(&self, test: &'t Test) -> &'t HartCode {
        &test.harts[self.hart.index()]
    }

    /// The parts, besides those given, that it really has where it is to have these: a fence orders more
    /// than was asked for, and there is no load with `.rl` alone and no store with `.aq` alone.
    #[must_use]
    pub fn closed(&self, test: &Test, parts: Parts) -> Parts {
        let whole = self.given.and(parts);
        let whole = match self.kind {
            SiteKind::Fence | SiteKind::NewFence => whole.of_weakest_fence(),
            SiteKind::Annotation if !whole.is_empty() => {
                let own = self.code(test).cells[self.cell].instr.as_ref();
                match own.and_then(|instr| Some(instr.value.riscv()?.def.operation)) {
                    Some(Operation::Load(..)) => whole.and(Parts::ACQUIRE),
                    Some(Operation::Store(_)) => whole.and(Parts::RELEASE),
                    _ => whole,
                }
            }
            _ => whole,
        };
        whole.without(self.given)
    }
}

/// The instruction with this annotation instead of its own; `None` where there is none such.
fn annotated(instr: &Instr, parts: Parts) -> Option<Instr> {
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
        // Is there a fence since the last access?
        let mut fenced = false;
        for (cell, span, instr) in instrs(code) {
            let site = |kind, given, parts| Site { hart, span, kind, given, parts, cell };
            let fence = Parts::of_fence(instr);
            if !fence.is_empty() {
                if may.fences {
                    let whole = fence.and(pairs_around(code, cell, loops));
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
            let given = Parts::of_order(instr.order);
            let parts = addable(instr, may).without(given);
            if !parts.is_empty() {
                sites.push(site(SiteKind::Annotation, given, parts));
            }
        }
    }
    sites.retain(|site| !site.parts.is_empty());
    sites
}

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
    // From the end, so that what is inserted moves nothing that is still to be changed.
    for (site, parts) in sites.iter().zip(choice).rev() {
        let parts = site.given.and(*parts);
        let cells = &mut changed.harts[site.hart.index()].cells;
        let own = &mut cells[site.cell];
        let spanned = |value: Assembly| Spanned { value, span: site.span };
        match site.kind {
            SiteKind::Fence => own.instr = parts.fence().map(|fence| spanned(fence.into())),
            SiteKind::Annotation => {
                if let Some(instr) = &mut own.instr
                    && let Some(annotated) =
                        instr.value.riscv().and_then(|instr| annotated(instr, parts))
                {
                    *instr = spanned(annotated.into());
                }
            }
            SiteKind::ValueDependency if parts.is_empty() => {
                let zero = own.instr.take().and_then(|instr| instr.value.riscv()?.zero());
                own.instr = zero.map(|zero| spanned(zero.into()));
            }
            SiteKind::ControlDependency if parts.is_empty() => own.instr = None,
            SiteKind::ValueDependency | SiteKind::ControlDependency => {}
            SiteKind::NewFence => {
                if let Some(fence) = parts.fence() {
                    let labels = std::mem::take(&mut own.labels);
                    let instr = Some(spanned(fence.into()));
                    cells.insert(site.cell, CodeCell { labels, instr });
                }
            }
        }
    }
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

/// Does it read memory, and does it write?
fn accesses(instr: &Instr) -> (bool, bool) {
    match instr.def.operation {
        Operation::Load(..) | Operation::LoadPair | Operation::LoadReserved(_) => (true, false),
        Operation::Store(_) | Operation::StorePair | Operation::StoreConditional(_) => {
            (false, true)
        }
        Operation::Amo(..) | Operation::CompareAndSwap(_) | Operation::CompareAndSwapPair(_) => {
            (true, true)
        }
        _ => (false, false),
    }
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
        .and(part(load_before && store_after, Parts::LOAD_STORE))
        .and(part(store_before && load_after, Parts::STORE_LOAD))
        .and(part(store_before && store_after, Parts::STORE_STORE))
}

/// The annotation that an instruction may have.
fn addable(instr: &Instr, may: MayAdd) -> Parts {
    match instr.def.operation {
        // `.rl` alone on an LR orders nothing, nor does `.aq` alone on an SC.
        Operation::LoadReserved(_) if may.annotations => Parts::ACQUIRE,
        Operation::StoreConditional(_) if may.annotations => Parts::RELEASE,
        _ if may.annotations && instr.def.suffix == Suffix::Optional => {
            Parts::ACQUIRE.and(Parts::RELEASE)
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
