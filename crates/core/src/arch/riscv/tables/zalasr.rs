//! Zalasr: atomic load-acquire and store-release (manual, chapter "Zalasr").

use crate::arch::riscv::{Def, Extend, Extension, Format, Limits, Operation, Suffix, Width};

const fn load(mnemonic: &'static str, width: Width) -> Def {
    Def {
        mnemonic,
        extension: Extension::Zalasr,
        format: Format::RdBase,
        suffix: Suffix::Acquire,
        operation: Operation::Load(width, Extend::Sign),
        limits: Limits::NONE,
    }
}

const fn store(mnemonic: &'static str, width: Width) -> Def {
    Def {
        mnemonic,
        extension: Extension::Zalasr,
        format: Format::Rs2Base,
        suffix: Suffix::Release,
        operation: Operation::Store(width),
        limits: Limits::NONE,
    }
}

pub(super) static TABLE: &[Def] = &[
    load("lb", Width::B),
    load("lh", Width::H),
    load("lw", Width::W),
    load("ld", Width::D),
    store("sb", Width::B),
    store("sh", Width::H),
    store("sw", Width::W),
    store("sd", Width::D),
];
