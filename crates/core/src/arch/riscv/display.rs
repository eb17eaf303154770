//! An instruction as text.

use std::fmt;

use super::{Format, Instr, Operands};

/// The assembler's spelling, canonical: `x` names, decimal immediates, `.aqrl`.
impl fmt::Display for Instr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operands { rd, rs1, rs2, target, pred, succ, .. } = &self.operands;
        let imm = Immediate(&self.operands);
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

/// `8`, `%lo(x)`, `%hi(x+4)`
struct Immediate<'i>(&'i Operands);

impl fmt::Display for Immediate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operands { relocation, target, imm, .. } = self.0;
        let (Some(relocation), Some(target)) = (relocation, target) else {
            return write!(f, "{imm}");
        };
        write!(f, "%{}({target}", relocation.name())?;
        if *imm != 0 {
            write!(f, "{imm:+}")?;
        }
        f.write_str(")")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::riscv::{FenceSet, Lookup, Reg, all, lookup};

    /// `x5`, `x6`, `x7` and 8 in every operand, and both names.
    fn shown(mnemonic: &str) -> (Format, String) {
        let Lookup::Found(def, order) = lookup(mnemonic) else { panic!("{mnemonic}") };
        let operands = Operands {
            rd: Reg::new(5),
            rs1: Reg::new(6),
            rs2: Reg::new(7),
            imm: 8,
            target: Some("LC00".into()),
            relocation: None,
            pred: FenceSet { r: true, w: true, ..FenceSet::default() },
            succ: FenceSet { w: true, ..FenceSet::default() },
        };
        (def.format, Instr { def, order, operands }.to_string())
    }

    #[test]
    fn every_format_prints_its_own_operands() {
        let expected = [
            ("nop", "nop"),
            ("fence.tso", "fence.tso"),
            ("add", "add x5,x6,x7"),
            ("addi", "addi x5,x6,8"),
            ("slli", "slli x5,x6,8"),
            ("slliw", "slliw x5,x6,8"),
            ("mv", "mv x5,x6"),
            ("neg", "neg x5,x7"),
            ("lui", "lui x5,8"),
            ("li", "li x5,8"),
            ("la", "la x5,LC00"),
            ("lw", "lw x5,8(x6)"),
            ("sw", "sw x7,8(x6)"),
            ("lr.w.aq.rl", "lr.w.aqrl x5,(x6)"),
            ("ld.aq", "ld.aq x5,(x6)"),
            ("sb.rl", "sb.rl x7,(x6)"),
            ("sc.d.rl", "sc.d.rl x5,x7,(x6)"),
            ("amomaxu.b.aq", "amomaxu.b.aq x5,x7,(x6)"),
            ("beq", "beq x6,x7,LC00"),
            ("bgt", "bgt x7,x6,LC00"),
            ("beqz", "beqz x6,LC00"),
            ("blez", "blez x7,LC00"),
            ("j", "j LC00"),
            ("jal", "jal x5,LC00"),
            ("jalr", "jalr x5,x6,8"),
            ("jr", "jr x6"),
            ("fence", "fence rw,w"),
            ("prefetch.r", "prefetch.r 8(x6)"),
            ("c.add", "c.add x5,x7"),
            ("c.addi", "c.addi x5,8"),
            ("c.jalr", "c.jalr x6"),
        ];
        let mut formats = Vec::new();
        for (mnemonic, text) in expected {
            let (format, printed) = shown(mnemonic);
            assert_eq!(printed, text);
            formats.push(format);
        }
        let missing: Vec<_> = all().filter(|d| !formats.contains(&d.format)).collect();
        assert!(missing.is_empty(), "formats without a case: {missing:?}");
    }

    /// The printed operands are those that the format names, in its order.
    #[test]
    fn names_and_printing_agree() {
        for def in all() {
            let (format, printed) = shown(&match def.suffix {
                crate::arch::riscv::Suffix::Acquire => format!("{}.aq", def.mnemonic),
                crate::arch::riscv::Suffix::Release => format!("{}.rl", def.mnemonic),
                _ => def.mnemonic.to_string(),
            });
            let names = [
                ("rd", "x5"),
                ("rs1", "x6"),
                ("rs2", "x7"),
                ("imm", "8"),
                ("shamt", "8"),
                ("label", "LC00"),
                ("symbol", "LC00"),
                ("pred", "rw"),
                ("succ", "w"),
            ];
            let mut operands = format.operands().to_string();
            for (name, value) in names {
                operands = operands.replace(name, value);
            }
            let written = printed.split_once(' ').map_or("", |(_, operands)| operands);
            assert_eq!(written, operands, "{}", def.mnemonic);
        }
    }

    #[test]
    fn fence_sets_print_in_the_manuals_order() {
        let set = |i, o, r, w| FenceSet { i, o, r, w }.to_string();
        assert_eq!(FenceSet::IORW.to_string(), "iorw");
        assert_eq!(set(false, false, false, false), "0");
        assert_eq!(set(true, false, false, true), "iw");
        assert_eq!(set(false, true, true, false), "or");
    }

    #[test]
    fn immediates_keep_their_sign() {
        let Lookup::Found(def, order) = lookup("lw") else { panic!("lw") };
        let operands = Operands { imm: -2048, ..Operands::default() };
        assert_eq!(Instr { def, order, operands }.to_string(), "lw x0,-2048(x0)");
    }
}
