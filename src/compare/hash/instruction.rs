//! An instruction as herd7 prints it for its hash.

use crate::isa::{FenceSet, Format, Instr};

use super::cell::Cell;

/// Writes the text into an empty cell, labels as `label` names them; `None` for what herd7 cannot read.
pub(super) fn dump(
    instr: &Instr,
    label: impl Fn(&str, &mut Cell) -> Option<()>,
    cell: &mut Cell,
) -> Option<()> {
    let operands = &instr.operands;
    for byte in form(instr)?.bytes() {
        match byte {
            b'M' => mnemonic(instr, cell),
            b'D' => cell.register(operands.rd),
            b'S' => cell.register(operands.rs1),
            b'T' => cell.register(operands.rs2),
            b'I' => cell.decimal(operands.imm),
            b'P' => cell.push_all(set(operands.pred)?),
            b'F' => cell.push_all(set(operands.succ)?),
            b'L' => label(operands.target.as_deref()?, cell)?,
            other => cell.push(other),
        }
    }
    Some(())
}

/// The text with a capital in the place of each part: the mnemonic with its annotation, destination,
/// sources, immediate, predecessors and followers of a fence, label.
fn form(instr: &Instr) -> Option<&'static str> {
    match instr.def.format {
        Format::RdMem | Format::RdBase => Some("M D,I(S)"),
        Format::Rs2Mem | Format::Rs2Base => Some("M T,I(S)"),
        Format::RdRs1Rs2 => Some("M D,S,T"),
        Format::Fence => Some("fence P,F"),
        Format::Rs1Rs2Label => Some("M S,T,L"),
        format => form_by_name(format, instr.def.mnemonic),
    }
}

/// The same where it depends on the name. Not inlined, or each instruction would be compared with all of
/// the names first.
#[inline(never)]
fn form_by_name(format: Format, mnemonic: &str) -> Option<&'static str> {
    let form = match (format, mnemonic) {
        // The blank is herd7's.
        (Format::RdRs1Imm12, "xori") => " xori D,S,I",
        (Format::RdRs1Imm12 | Format::RdRs1Shamt6 | Format::RdRs1Shamt5, _) => "M D,S,I",
        (Format::RdRs2Base, "sc.w" | "sc.d") => "M D,T,0(S)",
        (Format::RdRs2Base, _) => "M D,T,(S)",
        (Format::None, "nop" | "fence.i" | "fence.tso") => "M",
        (Format::RdImm64, "li") => "ori D,x0,I",
        (Format::RdRs1, "mv") => "addi D,S,0",
        (Format::Label, "j") => "j L",
        _ => return None,
    };
    Some(form)
}

/// The name with its annotation, both bits as `.aq.rl`.
fn mnemonic(instr: &Instr, cell: &mut Cell) {
    cell.push_all(instr.def.mnemonic.as_bytes());
    if instr.order.aq() {
        cell.push_all(b".aq");
    }
    if instr.order.rl() {
        cell.push_all(b".rl");
    }
}

/// herd7 knows no I/O in fences.
fn set(set: FenceSet) -> Option<&'static [u8]> {
    match (set.i || set.o, set.r, set.w) {
        (false, true, true) => Some(b"rw"),
        (false, true, false) => Some(b"r"),
        (false, false, true) => Some(b"w"),
        // A fence without operands.
        (true, true, true) => Some(b"rw"),
        _ => None,
    }
}
