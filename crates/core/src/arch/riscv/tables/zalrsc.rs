//! Zalrsc: load-reserved and store-conditional (manual, chapter "A").

use crate::arch::riscv::{Def, Extension, Format, Limits, Operation, Suffix, Width};

const fn row(mnemonic: &'static str, format: Format, operation: Operation) -> Def {
    Def {
        mnemonic,
        extension: Extension::Zalrsc,
        format,
        suffix: Suffix::Optional,
        operation,
        limits: Limits::NONE,
    }
}

pub(super) static TABLE: &[Def] = &[
    row("lr.w", Format::RdBase, Operation::LoadReserved(Width::W)),
    row("lr.d", Format::RdBase, Operation::LoadReserved(Width::D)),
    row("sc.w", Format::RdRs2Base, Operation::StoreConditional(Width::W)),
    row("sc.d", Format::RdRs2Base, Operation::StoreConditional(Width::D)),
];
