//! Zabha: byte and halfword AMOs (manual, chapter "Zabha").

use crate::arch::riscv::{Def, Extension, Format, Limits, Operation, Suffix, Width};

use super::zaamo::{add, and, max, maxu, min, minu, or, swap, xor};

const fn row(mnemonic: &'static str, width: Width, f: fn(u64, u64) -> u64) -> Def {
    Def {
        mnemonic,
        extension: Extension::Zabha,
        format: Format::RdRs2Base,
        suffix: Suffix::Optional,
        operation: Operation::Amo(width, f),
        limits: Limits::NONE,
    }
}

pub(super) static TABLE: &[Def] = &{
    use Width::{B, H};
    [
        row("amoswap.b", B, swap),
        row("amoswap.h", H, swap),
        row("amoadd.b", B, add),
        row("amoadd.h", H, add),
        row("amoxor.b", B, xor),
        row("amoxor.h", H, xor),
        row("amoand.b", B, and),
        row("amoand.h", H, and),
        row("amoor.b", B, or),
        row("amoor.h", H, or),
        row("amomin.b", B, min),
        row("amomin.h", H, min),
        row("amomax.b", B, max),
        row("amomax.h", H, max),
        row("amominu.b", B, minu),
        row("amominu.h", H, minu),
        row("amomaxu.b", B, maxu),
        row("amomaxu.h", H, maxu),
    ]
};
