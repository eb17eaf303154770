//! Where a test has means of ordering, or could have them, and the test with others.

use super::{MayAdd, Parts};
use crate::arch::riscv::{Extend, Instr, Lookup, Operands, Operation, Reg, Suffix, Width, lookup};
use crate::arch::{self, Assembly};
use crate::litmus::{CodeCell, HartCode, HartId, Place, Span, Spanned, Term, Test, numeric_label};
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
    /// Which cell of the hart's code it is, or stands before.
    pub cell: usize,
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
    /// A load or store that could be an AMO, or, if there is `zalasr`, have an annotation as it is.
    Amo {
        /// Are there load-acquire and store-release?
        zalasr: bool,
    },
    /// An access whose address could depend on what a register holds.
    NewDependency {
        /// The register.
        on: Reg,
        /// A register that nobody uses.
        scratch: Reg,
    },
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
            SiteKind::Amo { .. } => {
                let own = self.code(test).cells[self.cell].instr.as_ref()?;
                stronger(own.value.riscv()?, parts).map(|instr| instr.to_string())
            }
            SiteKind::NewDependency { on, scratch } if !parts.is_empty() => {
                let own = self.code(test).cells[self.cell].instr.as_ref()?;
                let [zero, address, access] = dependent(own.value.riscv()?, on, scratch)?;
                Some(format!("{zero}; {address}; {access}"))
            }
            SiteKind::NewDependency { .. } => self.stands(test),
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
            SiteKind::Annotation | SiteKind::Amo { .. } => &[Rule::R5, Rule::R6, Rule::R7],
            SiteKind::ValueDependency
            | SiteKind::ControlDependency
            | SiteKind::NewDependency { .. } => {
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
            SiteKind::Amo { zalasr } if !whole.is_empty() => {
                let own = self.code(test).cells[self.cell].instr.as_ref();
                let loads = own.and_then(|own| own.value.riscv()).is_some_and(|it| accesses(it).0);
                let alone = if loads { Parts::ACQUIRE } else { Parts::RELEASE };
                if zalasr && whole == alone { whole } else { whole.and(Parts::AMO) }
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

/// A load or store with these parts: an AMO where it is to be one, which leaves the same in registers and
/// memory.
fn stronger(instr: &Instr, parts: Parts) -> Option<Instr> {
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
fn dependent(instr: &Instr, on: Reg, scratch: Reg) -> Option<[Instr; 3]> {
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
            for (on, scratch) in loaded_before(code, cell, instr).into_iter().zip(&free) {
                let kind = SiteKind::NewDependency { on, scratch: *scratch };
                sites.push(site(kind, Parts::default(), Parts::DEPENDENCY));
            }
            let given = Parts::of_order(instr.order);
            let both = Parts::ACQUIRE.and(Parts::RELEASE).and(Parts::AMO);
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
            let parts = site.given.and(*parts);
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
