//! A place in the code with what orders memory there, or could.

use super::Parts;
use super::rewrite::{annotated, dependent, stronger};
use crate::arch::riscv::{Instr, Operation, Reg};
use crate::litmus::{HartCode, HartId, Span, Test};
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
        let parts = self.given.union(parts);
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
        let whole = self.given.union(parts);
        let whole = match self.kind {
            SiteKind::Fence | SiteKind::NewFence => whole.of_weakest_fence(),
            SiteKind::Annotation if !whole.is_empty() => {
                let own = self.code(test).cells[self.cell].instr.as_ref();
                match own.and_then(|instr| Some(instr.value.riscv()?.def.operation)) {
                    Some(Operation::Load(..)) => whole.union(Parts::ACQUIRE),
                    Some(Operation::Store(_)) => whole.union(Parts::RELEASE),
                    _ => whole,
                }
            }
            SiteKind::Amo { zalasr } if !whole.is_empty() => {
                let own = self.code(test).cells[self.cell].instr.as_ref();
                let loads = own.and_then(|own| own.value.riscv()).is_some_and(|it| accesses(it).0);
                let alone = if loads { Parts::ACQUIRE } else { Parts::RELEASE };
                if zalasr && whole == alone { whole } else { whole.union(Parts::AMO) }
            }
            _ => whole,
        };
        whole.without(self.given)
    }
}

/// Does it read memory, and does it write?
pub(super) fn accesses(instr: &Instr) -> (bool, bool) {
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
