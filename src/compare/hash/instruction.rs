//! An instruction as herd7 prints it for its hash.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::isa::{FenceSet, Format, Instr};

/// Adds the text to `out`; `None` for what herd7 cannot read.
pub(super) fn dump(instr: &Instr, labels: &BTreeMap<&str, String>, out: &mut String) -> Option<()> {
    let operands = &instr.operands;
    let (rd, rs1, rs2, imm) = (operands.rd, operands.rs1, operands.rs2, operands.imm);
    let label = || operands.target.as_deref().and_then(|target| labels.get(target));
    let written = match (instr.def.mnemonic, instr.def.format) {
        ("li", _) => write!(out, "ori {rd},x0,{imm}"),
        ("nop" | "fence.i" | "fence.tso", _) => {
            mnemonic(instr, out);
            Ok(())
        }
        ("mv", _) => write!(out, "addi {rd},{rs1},0"),
        ("fence", _) => {
            write!(out, "fence {},{}", set(operands.pred)?, set(operands.succ)?)
        }
        ("j", _) => write!(out, "j {}", label()?),
        // The blank is herd7's.
        ("xori", _) => write!(out, " xori {rd},{rs1},{imm}"),
        (name, format) => {
            mnemonic(instr, out);
            match format {
                Format::RdRs1Rs2 => write!(out, " {rd},{rs1},{rs2}"),
                Format::RdRs1Imm12 | Format::RdRs1Shamt6 | Format::RdRs1Shamt5 => {
                    write!(out, " {rd},{rs1},{imm}")
                }
                Format::RdMem | Format::RdBase => write!(out, " {rd},{imm}({rs1})"),
                Format::Rs2Mem | Format::Rs2Base => write!(out, " {rs2},{imm}({rs1})"),
                Format::RdRs2Base if name.starts_with("sc.") => {
                    write!(out, " {rd},{rs2},0({rs1})")
                }
                Format::RdRs2Base => write!(out, " {rd},{rs2},({rs1})"),
                Format::Rs1Rs2Label => write!(out, " {rs1},{rs2},{}", label()?),
                _ => return None,
            }
        }
    };
    // Writing to a string cannot fail.
    written.ok()
}

/// The name with its annotation, both bits as `.aq.rl`.
fn mnemonic(instr: &Instr, out: &mut String) {
    out.push_str(instr.def.mnemonic);
    out.push_str(if instr.order.aq() { ".aq" } else { "" });
    out.push_str(if instr.order.rl() { ".rl" } else { "" });
}

/// herd7 knows no I/O in fences.
fn set(set: FenceSet) -> Option<&'static str> {
    match (set.i || set.o, set.r, set.w) {
        (false, true, true) => Some("rw"),
        (false, true, false) => Some("r"),
        (false, false, true) => Some("w"),
        // A fence without operands.
        (true, true, true) => Some("rw"),
        _ => None,
    }
}
