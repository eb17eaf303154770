//! RV64I (manual, chapters "RV32I Base Integer Instruction Set" and "RV64I"), `fence.i` and `pause`.

use crate::arch::Function;
use crate::arch::riscv::{Def, Extend, Extension, Format, Limits, Operation, Suffix, Width};

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

/// Cuts to 32 bits and sign-extends: the result of every `w` form.
pub(super) const fn w(value: u64) -> u64 {
    value as i32 as u64
}

pub(super) static TABLE: &[Def] = &{
    use Format::{
        Fence, Jalr, None, RdImm20, RdLabel, RdMem, RdRs1Imm12, RdRs1Rs2, RdRs1Shamt5, RdRs1Shamt6,
        Rs1Rs2Label, Rs2Mem,
    };
    use Operation::{AluImm, AluReg, Branch, Constant, Hint, Load, Store};
    [
        row("add", RdRs1Rs2, AluReg(Function::ADD)),
        row("sub", RdRs1Rs2, reg(|a, b| a.wrapping_sub(b))),
        row("xor", RdRs1Rs2, AluReg(Function::XOR)),
        row("or", RdRs1Rs2, AluReg(Function::OR)),
        row("and", RdRs1Rs2, AluReg(Function::AND)),
        row("sll", RdRs1Rs2, reg(|a, b| a << (b & 63))),
        row("srl", RdRs1Rs2, reg(|a, b| a >> (b & 63))),
        row("sra", RdRs1Rs2, reg(|a, b| (a as i64 >> (b & 63)) as u64)),
        row("slt", RdRs1Rs2, reg(|a, b| u64::from((a as i64) < b as i64))),
        row("sltu", RdRs1Rs2, AluReg(Function::BELOW)),
        row("addw", RdRs1Rs2, reg(|a, b| w(a.wrapping_add(b)))),
        row("subw", RdRs1Rs2, reg(|a, b| w(a.wrapping_sub(b)))),
        row("sllw", RdRs1Rs2, reg(|a, b| w(a << (b & 31)))),
        row("srlw", RdRs1Rs2, reg(|a, b| w((a as u32 >> (b & 31)) as u64))),
        row("sraw", RdRs1Rs2, reg(|a, b| (a as i32 >> (b & 31)) as u64)),
        row("addi", RdRs1Imm12, AluImm(Function::ADD)),
        row("xori", RdRs1Imm12, AluImm(Function::XOR)),
        row("ori", RdRs1Imm12, AluImm(Function::OR)),
        row("andi", RdRs1Imm12, AluImm(Function::AND)),
        row("slti", RdRs1Imm12, imm(|a, b| u64::from((a as i64) < b as i64))),
        row("sltiu", RdRs1Imm12, AluImm(Function::BELOW)),
        row("addiw", RdRs1Imm12, imm(|a, b| w(a.wrapping_add(b)))),
        row("slli", RdRs1Shamt6, imm(|a, b| a << (b & 63))),
        row("srli", RdRs1Shamt6, imm(|a, b| a >> (b & 63))),
        row("srai", RdRs1Shamt6, imm(|a, b| (a as i64 >> (b & 63)) as u64)),
        row("slliw", RdRs1Shamt5, imm(|a, b| w(a << (b & 31)))),
        row("srliw", RdRs1Shamt5, imm(|a, b| w((a as u32 >> (b & 31)) as u64))),
        row("sraiw", RdRs1Shamt5, imm(|a, b| (a as i32 >> (b & 31)) as u64)),
        row("lui", RdImm20, Constant(|imm| w((imm as u64) << 12))),
        row("auipc", RdImm20, Operation::Auipc(|address| address)),
        row("lb", RdMem, Load(Width::B, Extend::Sign)),
        row("lh", RdMem, Load(Width::H, Extend::Sign)),
        row("lw", RdMem, Load(Width::W, Extend::Sign)),
        row("ld", RdMem, Load(Width::D, Extend::Sign)),
        row("lbu", RdMem, Load(Width::B, Extend::Zero)),
        row("lhu", RdMem, Load(Width::H, Extend::Zero)),
        row("lwu", RdMem, Load(Width::W, Extend::Zero)),
        row("sb", Rs2Mem, Store(Width::B)),
        row("sh", Rs2Mem, Store(Width::H)),
        row("sw", Rs2Mem, Store(Width::W)),
        row("sd", Rs2Mem, Store(Width::D)),
        row("beq", Rs1Rs2Label, Branch(|a, b| a == b)),
        row("bne", Rs1Rs2Label, Branch(|a, b| a != b)),
        row("blt", Rs1Rs2Label, Branch(|a, b| (a as i64) < b as i64)),
        row("bge", Rs1Rs2Label, Branch(|a, b| a as i64 >= b as i64)),
        row("bltu", Rs1Rs2Label, Branch(|a, b| a < b)),
        row("bgeu", Rs1Rs2Label, Branch(|a, b| a >= b)),
        row("jal", RdLabel, Operation::Jal),
        row("jalr", Jalr, Operation::Jalr),
        row("fence", Fence, Operation::Fence),
        row("fence.tso", None, Operation::FenceTso),
        Def { extension: Extension::Zifencei, ..row("fence.i", None, Hint) },
        Def { extension: Extension::Zihintpause, ..row("pause", None, Hint) },
    ]
};
