//! Zicond: integer conditional operations (manual, chapter "Zicond").
//!
//! Branchless, yet `rd` depends on both sources whatever the condition says: the manual lists
//! `czero.*` with syntactic dependencies from `rs1` and `rs2`.

use crate::arch::Function;
use crate::arch::riscv::{Def, Extension, Format, Limits, Operation, Suffix};

const fn row(mnemonic: &'static str, f: fn(u64, u64) -> u64) -> Def {
    Def {
        mnemonic,
        extension: Extension::Zicond,
        format: Format::RdRs1Rs2,
        suffix: Suffix::Never,
        operation: Operation::AluReg(Function::new(f)),
        limits: Limits::NONE,
    }
}

pub(super) static TABLE: &[Def] = &[
    row("czero.eqz", |a, b| if b == 0 { 0 } else { a }),
    row("czero.nez", |a, b| if b == 0 { a } else { 0 }),
];
