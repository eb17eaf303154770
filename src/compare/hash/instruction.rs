//! An instruction as herd7 prints it for its hash.

use std::collections::BTreeMap;

use crate::isa::{FenceSet, Format, Instr};

/// The text; `None` for what herd7 cannot read.
pub(super) fn dump(instr: &Instr, labels: &BTreeMap<&str, String>) -> Option<String> {
    let operands = &instr.operands;
    let (rd, rs1, rs2, imm) = (operands.rd, operands.rs1, operands.rs2, operands.imm);
    let name = mnemonic(instr);
    let label = || operands.target.as_deref().and_then(|target| labels.get(target));
    Some(match (instr.def.mnemonic, instr.def.format) {
        ("li", _) => format!("ori {rd},x0,{imm}"),
        ("nop" | "fence.i" | "fence.tso", _) => name,
        ("mv", _) => format!("addi {rd},{rs1},0"),
        ("fence", _) => {
            format!("fence {},{}", set(operands.pred)?, set(operands.succ)?)
        }
        ("j", _) => format!("j {}", label()?),
        // The blank is herd7's.
        ("xori", _) => format!(" xori {rd},{rs1},{imm}"),
        (_, Format::RdRs1Rs2) => format!("{name} {rd},{rs1},{rs2}"),
        (_, Format::RdRs1Imm12 | Format::RdRs1Shamt6 | Format::RdRs1Shamt5) => {
            format!("{name} {rd},{rs1},{imm}")
        }
        (_, Format::RdMem | Format::RdBase) => format!("{name} {rd},{imm}({rs1})"),
        (_, Format::Rs2Mem | Format::Rs2Base) => format!("{name} {rs2},{imm}({rs1})"),
        (sc, Format::RdRs2Base) if sc.starts_with("sc.") => {
            format!("{name} {rd},{rs2},0({rs1})")
        }
        (_, Format::RdRs2Base) => format!("{name} {rd},{rs2},({rs1})"),
        (_, Format::Rs1Rs2Label) => format!("{name} {rs1},{rs2},{}", label()?),
        _ => return None,
    })
}

/// The name with its annotation, both bits as `.aq.rl`.
fn mnemonic(instr: &Instr) -> String {
    let (aq, rl) = (instr.order.aq(), instr.order.rl());
    let mut name = instr.def.mnemonic.to_owned();
    name.push_str(if aq { ".aq" } else { "" });
    name.push_str(if rl { ".rl" } else { "" });
    name
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
