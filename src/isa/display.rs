//! An instruction as text.

use std::fmt;

use super::{Format, Instr, Operands};

/// The assembler's spelling, canonical: `x` names, decimal immediates, `.aqrl`.
impl fmt::Display for Instr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operands { rd, rs1, rs2, imm, target, pred, succ } = &self.operands;
        let target = target.as_deref().unwrap_or("?");
        write!(f, "{}{}", self.def.mnemonic, self.order.suffix())?;
        match self.def.format {
            Format::None => Ok(()),
            Format::RdRs1Rs2 => write!(f, " {rd},{rs1},{rs2}"),
            Format::RdRs1Imm12 | Format::RdRs1Shamt6 | Format::RdRs1Shamt5 => {
                write!(f, " {rd},{rs1},{imm}")
            }
            Format::RdRs1 => write!(f, " {rd},{rs1}"),
            Format::RdRs2 | Format::TiedRs2 => write!(f, " {rd},{rs2}"),
            Format::RdImm20 | Format::RdImm64 | Format::TiedImm => write!(f, " {rd},{imm}"),
            Format::RdSymbol => write!(f, " {rd},{target}"),
            Format::RdMem => write!(f, " {rd},{imm}({rs1})"),
            Format::Rs2Mem => write!(f, " {rs2},{imm}({rs1})"),
            Format::RdBase => write!(f, " {rd},({rs1})"),
            Format::Rs2Base => write!(f, " {rs2},({rs1})"),
            Format::RdRs2Base => write!(f, " {rd},{rs2},({rs1})"),
            Format::Rs1Rs2Label => write!(f, " {rs1},{rs2},{target}"),
            Format::Rs2Rs1Label => write!(f, " {rs2},{rs1},{target}"),
            Format::Rs1Label => write!(f, " {rs1},{target}"),
            Format::Rs2Label => write!(f, " {rs2},{target}"),
            Format::Label => write!(f, " {target}"),
            Format::RdLabel => write!(f, " {rd},{target}"),
            Format::Jalr => write!(f, " {rd},{rs1},{imm}"),
            Format::Rs1 | Format::Rs1Link => write!(f, " {rs1}"),
            Format::Fence => write!(f, " {pred},{succ}"),
            Format::Mem => write!(f, " {imm}({rs1})"),
        }
    }
}

impl Format {
    /// The operands by name, as the assembler writes them.
    #[must_use]
    pub const fn operands(self) -> &'static str {
        match self {
            Format::None => "",
            Format::RdRs1Rs2 => "rd,rs1,rs2",
            Format::RdRs1Imm12 => "rd,rs1,imm",
            Format::RdRs1Shamt6 | Format::RdRs1Shamt5 => "rd,rs1,shamt",
            Format::RdRs1 => "rd,rs1",
            Format::RdRs2 | Format::TiedRs2 => "rd,rs2",
            Format::RdImm20 | Format::RdImm64 | Format::TiedImm => "rd,imm",
            Format::RdSymbol => "rd,symbol",
            Format::RdMem => "rd,imm(rs1)",
            Format::Rs2Mem => "rs2,imm(rs1)",
            Format::RdBase => "rd,(rs1)",
            Format::Rs2Base => "rs2,(rs1)",
            Format::RdRs2Base => "rd,rs2,(rs1)",
            Format::Rs1Rs2Label => "rs1,rs2,label",
            Format::Rs2Rs1Label => "rs2,rs1,label",
            Format::Rs1Label => "rs1,label",
            Format::Rs2Label => "rs2,label",
            Format::Label => "label",
            Format::RdLabel => "rd,label",
            Format::Jalr => "rd,rs1,imm",
            Format::Rs1 | Format::Rs1Link => "rs1",
            Format::Fence => "pred,succ",
            Format::Mem => "imm(rs1)",
        }
    }
}
