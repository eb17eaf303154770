//! Zalrsc: load-reserved and store-conditional (manual, chapter "A").

use crate::arch::riscv::{Def, Extension, Format, Kind, Limits, Suffix, Width};

const fn row(mnemonic: &'static str, format: Format, kind: Kind) -> Def {
    Def {
        mnemonic,
        extension: Extension::Zalrsc,
        format,
        suffix: Suffix::Optional,
        kind,
        limits: Limits::NONE,
    }
}

pub(super) static TABLE: &[Def] = &[
    row("lr.w", Format::RdBase, Kind::LoadReserved(Width::W)),
    row("lr.d", Format::RdBase, Kind::LoadReserved(Width::D)),
    row("sc.w", Format::RdRs2Base, Kind::StoreConditional(Width::W)),
    row("sc.d", Format::RdRs2Base, Kind::StoreConditional(Width::D)),
];
