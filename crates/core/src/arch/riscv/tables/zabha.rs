//! Zabha: byte and halfword AMOs (manual, chapter "Zabha").

use crate::arch::Function;
use crate::arch::riscv::{Def, Extension, Format, Limits, Operation, Suffix, Width};

use super::zaamo::SWAP;

const fn row(mnemonic: &'static str, width: Width, f: Function) -> Def {
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
        row("amoswap.b", B, SWAP),
        row("amoswap.h", H, SWAP),
        row("amoadd.b", B, Function::ADD),
        row("amoadd.h", H, Function::ADD),
        row("amoxor.b", B, Function::XOR),
        row("amoxor.h", H, Function::XOR),
        row("amoand.b", B, Function::AND),
        row("amoand.h", H, Function::AND),
        row("amoor.b", B, Function::OR),
        row("amoor.h", H, Function::OR),
        row("amomin.b", B, Function::MIN),
        row("amomin.h", H, Function::MIN),
        row("amomax.b", B, Function::MAX),
        row("amomax.h", H, Function::MAX),
        row("amominu.b", B, Function::MIN_UNSIGNED),
        row("amominu.h", H, Function::MIN_UNSIGNED),
        row("amomaxu.b", B, Function::MAX_UNSIGNED),
        row("amomaxu.h", H, Function::MAX_UNSIGNED),
    ]
};
