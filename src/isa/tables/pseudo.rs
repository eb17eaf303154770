//! The assembler's pseudo-instructions (RISC-V assembly programmer's manual), each kept under its
//! own name and given the meaning of what it expands to.

use crate::isa::{Def, Extension, Format, Kind, Suffix};

use super::rv64i::w;

const fn row(mnemonic: &'static str, format: Format, kind: Kind) -> Def {
    Def { mnemonic, extension: Extension::I, format, suffix: Suffix::Never, kind }
}

pub(super) static TABLE: &[Def] = &{
    use Format::{Label, RdImm64, RdRs1, RdRs2, RdSymbol, Rs1, Rs1Label, Rs2Label, Rs2Rs1Label};
    use Kind::{AluImm, AluReg, Branch};
    [
        row("nop", Format::None, Kind::Hint),
        row("li", RdImm64, Kind::Constant(|imm| imm as u64)),
        row("la", RdSymbol, Kind::LoadAddress),
        row("mv", RdRs1, AluImm(|a, _| a)),
        row("not", RdRs1, AluImm(|a, _| !a)),
        row("neg", RdRs2, AluReg(|a, b| a.wrapping_sub(b))),
        row("negw", RdRs2, AluReg(|a, b| w(a.wrapping_sub(b)))),
        row("sext.w", RdRs1, AluImm(|a, _| w(a))),
        row("seqz", RdRs1, AluImm(|a, _| u64::from(a == 0))),
        row("snez", RdRs2, AluReg(|a, b| u64::from(a < b))),
        row("sltz", RdRs1, AluReg(|a, b| u64::from((a as i64) < b as i64))),
        row("sgtz", RdRs2, AluReg(|a, b| u64::from((a as i64) < b as i64))),
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
        row("j", Label, Kind::Jal),
        row("jr", Rs1, Kind::Jalr),
        row("ret", Format::None, Kind::Jalr),
    ]
};
