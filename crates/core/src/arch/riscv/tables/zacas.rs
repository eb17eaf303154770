//! Zacas: compare-and-swap (manual, chapter "Zacas"); `amocas.b` and `.h` need Zabha as well.
//!
//! `amocas.q` takes pairs, as `amocas.d` does on RV32: `rd` and `rs2` must be even, the register after
//! each holds the upper half, and the pair of `x0` reads as zero and is not written.

use crate::arch::riscv::{Class, Def, Extension, Format, Limits, Operation, Suffix, Width};

const fn row(mnemonic: &'static str, width: Width) -> Def {
    Def {
        mnemonic,
        extension: Extension::Zacas,
        format: Format::RdRs2Base,
        suffix: Suffix::Optional,
        operation: Operation::CompareAndSwap(width),
        limits: Limits::NONE,
    }
}

pub(super) static TABLE: &[Def] = &[
    row("amocas.b", Width::B),
    row("amocas.h", Width::H),
    row("amocas.w", Width::W),
    row("amocas.d", Width::D),
    Def {
        limits: Limits { rd: Class::Even, rs2: Class::Even, ..Limits::NONE },
        operation: Operation::CompareAndSwapPair(Width::Q),
        ..row("amocas.q", Width::Q)
    },
];
