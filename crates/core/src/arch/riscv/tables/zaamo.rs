//! Zaamo: atomic memory operations (manual, chapter "A").

pub(super) use crate::arch::functions::{add, and, max, maxu, min, minu, or, xor};
use crate::arch::riscv::{Def, Extension, Format, Limits, Operation, Suffix, Width};

const fn row(mnemonic: &'static str, width: Width, f: fn(u64, u64) -> u64) -> Def {
    Def {
        mnemonic,
        extension: Extension::Zaamo,
        format: Format::RdRs2Base,
        suffix: Suffix::Optional,
        operation: Operation::Amo(width, f),
        limits: Limits::NONE,
    }
}

pub(super) static TABLE: &[Def] = &{
    use Width::{D, W};
    [
        row("amoswap.w", W, swap),
        row("amoswap.d", D, swap),
        row("amoadd.w", W, add),
        row("amoadd.d", D, add),
        row("amoxor.w", W, xor),
        row("amoxor.d", D, xor),
        row("amoand.w", W, and),
        row("amoand.d", D, and),
        row("amoor.w", W, or),
        row("amoor.d", D, or),
        row("amomin.w", W, min),
        row("amomin.d", D, min),
        row("amomax.w", W, max),
        row("amomax.d", D, max),
        row("amominu.w", W, minu),
        row("amominu.d", D, minu),
        row("amomaxu.w", W, maxu),
        row("amomaxu.d", D, maxu),
    ]
};

// Each gets the old value and rs2, both sign-extended from the width: sign extension keeps the
// order of signed and of unsigned numbers, so one function serves every width.

pub(super) const fn swap(_: u64, new: u64) -> u64 {
    new
}
