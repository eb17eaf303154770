//! An instruction as herd7 prints it for its hash.

use crate::isa::{FenceSet, Format, Instr, Reg};

use super::decimal;

/// Adds the text to `out`, labels as `label` names them; `None` for what herd7 cannot read.
pub(super) fn dump(
    instr: &Instr,
    label: impl Fn(&str, &mut Vec<u8>) -> Option<()>,
    out: &mut Vec<u8>,
) -> Option<()> {
    let operands = &instr.operands;
    for byte in form(instr)?.bytes() {
        match byte {
            b'M' => mnemonic(instr, out),
            b'D' => register(operands.rd, out),
            b'S' => register(operands.rs1, out),
            b'T' => register(operands.rs2, out),
            b'I' => decimal(operands.imm, out),
            b'P' => out.extend_from_slice(set(operands.pred)?),
            b'F' => out.extend_from_slice(set(operands.succ)?),
            b'L' => label(operands.target.as_deref()?, out)?,
            other => out.push(other),
        }
    }
    Some(())
}

/// The text with a capital in the place of each part: the mnemonic with its annotation, destination,
/// sources, immediate, predecessors and followers of a fence, label.
fn form(instr: &Instr) -> Option<&'static str> {
    let form = match (instr.def.format, instr.def.mnemonic) {
        (Format::None, "nop" | "fence.i" | "fence.tso") => "M",
        (Format::Fence, _) => "fence P,F",
        (Format::RdImm64, "li") => "ori D,x0,I",
        (Format::RdRs1, "mv") => "addi D,S,0",
        (Format::Label, "j") => "j L",
        // The blank is herd7's.
        (Format::RdRs1Imm12, "xori") => " xori D,S,I",
        (Format::RdRs1Imm12 | Format::RdRs1Shamt6 | Format::RdRs1Shamt5, _) => "M D,S,I",
        (Format::RdRs1Rs2, _) => "M D,S,T",
        (Format::RdMem | Format::RdBase, _) => "M D,I(S)",
        (Format::Rs2Mem | Format::Rs2Base, _) => "M T,I(S)",
        (Format::RdRs2Base, "sc.w" | "sc.d") => "M D,T,0(S)",
        (Format::RdRs2Base, _) => "M D,T,(S)",
        (Format::Rs1Rs2Label, _) => "M S,T,L",
        _ => return None,
    };
    Some(form)
}

/// The name with its annotation, both bits as `.aq.rl`.
fn mnemonic(instr: &Instr, out: &mut Vec<u8>) {
    out.extend_from_slice(instr.def.mnemonic.as_bytes());
    if instr.order.aq() {
        out.extend_from_slice(b".aq");
    }
    if instr.order.rl() {
        out.extend_from_slice(b".rl");
    }
}

fn register(register: Reg, out: &mut Vec<u8>) {
    match register.number() as u8 {
        digit @ 0..10 => out.extend_from_slice(&[b'x', b'0' + digit]),
        two => out.extend_from_slice(&[b'x', b'0' + two / 10, b'0' + two % 10]),
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
