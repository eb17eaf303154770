//! Hints: Zawrs, Zihintntl, Zicbop (manual, chapters of these names).
//!
//! None has a place in the memory model. `wrs.nto` and `wrs.sto` may stop a hart until a reserved
//! location is stored to, but may also end at any time: they forbid no outcome and order nothing.
//! The `ntl` hints speak of caches; a prefetch is no memory operation, so its address register
//! gives no dependency.

use crate::arch::riscv::{Def, Extension, Format, Immediate, Limits, Operation, Suffix};

const fn row(extension: Extension, mnemonic: &'static str) -> Def {
    Def {
        mnemonic,
        extension,
        format: Format::None,
        suffix: Suffix::Never,
        operation: Operation::Hint,
        limits: Limits::NONE,
    }
}

/// The low five bits of a prefetch's offset are part of its opcode.
const fn prefetch(mnemonic: &'static str) -> Def {
    Def {
        format: Format::Mem,
        limits: Limits::immediate(Immediate::new(&[(-2048, 2016)], 32)),
        ..row(Extension::Zicbop, mnemonic)
    }
}

pub(super) static TABLE: &[Def] = &[
    row(Extension::Zawrs, "wrs.nto"),
    row(Extension::Zawrs, "wrs.sto"),
    row(Extension::Zihintntl, "ntl.p1"),
    row(Extension::Zihintntl, "ntl.pall"),
    row(Extension::Zihintntl, "ntl.s1"),
    row(Extension::Zihintntl, "ntl.all"),
    row(Extension::Zihintntl, "c.ntl.p1"),
    row(Extension::Zihintntl, "c.ntl.pall"),
    row(Extension::Zihintntl, "c.ntl.s1"),
    row(Extension::Zihintntl, "c.ntl.all"),
    prefetch("prefetch.i"),
    prefetch("prefetch.r"),
    prefetch("prefetch.w"),
];
