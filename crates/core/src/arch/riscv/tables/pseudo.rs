//! The assembler's pseudo-instructions (RISC-V assembly programmer's manual), each kept under its
//! own name and given the meaning of what it expands to.
//!
//! `sext.b`, `sext.h`, `zext.h` and `zext.w` are single instructions of Zbb and Zba where the hart
//! has them, and two shifts where it has not; value and dependencies are the same, so no hart
//! refuses them. `sgt` and `sgtu` swap the operands of `slt` and `sltu`.

use crate::arch::Function;
use crate::arch::riscv::{Def, Extension, Format, Limits, Operation, Suffix, Width};

use super::rv64i::w;
use super::{imm, reg};

const fn row(mnemonic: &'static str, format: Format, operation: Operation) -> Def {
    Def {
        mnemonic,
        extension: Extension::I,
        format,
        suffix: Suffix::Never,
        operation,
        limits: Limits::NONE,
    }
}

pub(super) static TABLE: &[Def] = &{
    use Format::{
        Label, RdImm64, RdRs1, RdRs1Rs2, RdRs2, RdSymbol, Rs1, Rs1Label, Rs2Label, Rs2Rs1Label,
    };
    use Operation::{AluImm, AluReg, Branch};
    [
        row("nop", Format::None, Operation::Hint),
        row("li", RdImm64, Operation::Constant(|imm| imm as u64)),
        row("la", RdSymbol, Operation::LoadAddress),
        row("lla", RdSymbol, Operation::LoadAddress),
        row("mv", RdRs1, imm(|a, _| a)),
        row("not", RdRs1, imm(|a, _| !a)),
        row("neg", RdRs2, reg(|a, b| a.wrapping_sub(b))),
        row("negw", RdRs2, reg(|a, b| w(a.wrapping_sub(b)))),
        row("sext.w", RdRs1, imm(|a, _| w(a))),
        row("sext.b", RdRs1, imm(|a, _| Width::B.sign_extend(a))),
        row("sext.h", RdRs1, imm(|a, _| Width::H.sign_extend(a))),
        row("zext.b", RdRs1, imm(|a, _| Width::B.zero_extend(a))),
        row("zext.h", RdRs1, imm(|a, _| Width::H.zero_extend(a))),
        row("zext.w", RdRs1, imm(|a, _| Width::W.zero_extend(a))),
        row("seqz", RdRs1, AluImm(Function::IS_ZERO)),
        row("snez", RdRs2, AluReg(Function::BELOW)),
        row("sltz", RdRs1, reg(|a, b| u64::from((a as i64) < b as i64))),
        row("sgtz", RdRs2, reg(|a, b| u64::from((a as i64) < b as i64))),
        row("sgt", RdRs1Rs2, reg(|a, b| u64::from(a as i64 > b as i64))),
        row("sgtu", RdRs1Rs2, reg(|a, b| u64::from(a > b))),
        row("beqz", Rs1Label, Branch(|a, b| a == b)),
        row("bnez", Rs1Label, Branch(|a, b| a != b)),
        row("bltz", Rs1Label, Branch(|a, b| (a as i64) < b as i64)),
        row("bgez", Rs1Label, Branch(|a, b| a as i64 >= b as i64)),
        row("blez", Rs2Label, Branch(|a, b| a as i64 >= b as i64)),
        row("bgtz", Rs2Label, Branch(|a, b| (a as i64) < b as i64)),
        row("bgt", Rs2Rs1Label, Branch(|a, b| (a as i64) < b as i64)),
        row("ble", Rs2Rs1Label, Branch(|a, b| a as i64 >= b as i64)),
        row("bgtu", Rs2Rs1Label, Branch(|a, b| a < b)),
        row("bleu", Rs2Rs1Label, Branch(|a, b| a >= b)),
        row("j", Label, Operation::Jal),
        row("jr", Rs1, Operation::Jalr),
        row("ret", Format::None, Operation::Jalr),
    ]
};
