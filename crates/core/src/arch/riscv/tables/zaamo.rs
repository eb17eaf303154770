//! Zaamo: atomic memory operations (manual, chapter "A").

use crate::arch::Function;
use crate::arch::riscv::{Def, Extension, Format, Limits, Operation, Suffix, Width};

const fn row(mnemonic: &'static str, width: Width, f: Function) -> Def {
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
        row("amoswap.w", W, SWAP),
        row("amoswap.d", D, SWAP),
        row("amoadd.w", W, Function::ADD),
        row("amoadd.d", D, Function::ADD),
        row("amoxor.w", W, Function::XOR),
        row("amoxor.d", D, Function::XOR),
        row("amoand.w", W, Function::AND),
        row("amoand.d", D, Function::AND),
        row("amoor.w", W, Function::OR),
        row("amoor.d", D, Function::OR),
        row("amomin.w", W, Function::MIN),
        row("amomin.d", D, Function::MIN),
        row("amomax.w", W, Function::MAX),
        row("amomax.d", D, Function::MAX),
        row("amominu.w", W, Function::MIN_UNSIGNED),
        row("amominu.d", D, Function::MIN_UNSIGNED),
        row("amomaxu.w", W, Function::MAX_UNSIGNED),
        row("amomaxu.d", D, Function::MAX_UNSIGNED),
    ]
};

// Each gets the old value and rs2, both sign-extended from the width: sign extension keeps the
// order of signed and of unsigned numbers, so one function serves every width.

pub(super) const SWAP: Function = Function::new(|_, new| new);
