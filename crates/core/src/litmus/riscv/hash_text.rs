//! An instruction as herd7 prints it for a test's hash.

use crate::arch::riscv::{FenceSet, Format, Instr, Operands, Order, Reg};
use crate::litmus::herd_hash::Release;

/// Adds the text, with the target of a jump as `label` writes it; `None` for what herd7 cannot read.
/// `written` is what stands in the test.
pub(in crate::litmus) fn hash_text(
    instr: &Instr,
    written: &[u8],
    release: Release,
    label: impl Fn(&str, &mut Vec<u8>) -> Option<()>,
    out: &mut Vec<u8>,
) -> Option<()> {
    let operands = &instr.operands;
    if operands.relocation.is_some() {
        return None;
    }
    let (rd, rs1, rs2, imm) = (operands.rd, operands.rs1, operands.rs2, operands.imm);
    let target = |out: &mut Vec<u8>| label(operands.target.as_deref()?, out);
    let since_7_57 = release > Release::UpTo7_56;
    match (instr.def.format, instr.def.mnemonic) {
        (Format::RdMem | Format::RdBase, _) => {
            name(instr, since_7_57, out);
            registers(&[rd], out);
            address(imm, rs1, out);
        }
        (Format::Rs2Mem | Format::Rs2Base, _) => {
            name(instr, since_7_57, out);
            registers(&[rs2], out);
            address(imm, rs1, out);
        }
        (Format::RdRs1Rs2, _) => {
            name(instr, since_7_57, out);
            registers(&[rd, rs1], out);
            register(rs2, out);
        }
        // A fence without operands is one of memory there.
        (Format::Fence, _) if !written.contains(&b',') => out.extend_from_slice(b"fence rw,rw"),
        (Format::Fence, _) => {
            out.extend_from_slice(b"fence ");
            out.extend_from_slice(fence_set(operands.pred, since_7_57)?);
            out.push(b',');
            out.extend_from_slice(fence_set(operands.succ, since_7_57)?);
        }
        (Format::RdRs1, "mv") | (Format::RdRs1Imm12, "addi") if imm == 0 => {
            out.extend_from_slice(if since_7_57 { b"mv " } else { b"addi " });
            registers(&[rd], out);
            register(rs1, out);
            out.extend_from_slice(if since_7_57 { b"" } else { b",0" });
        }
        (Format::RdRs1Imm12 | Format::RdRs1Shamt6 | Format::RdRs1Shamt5, mnemonic) => {
            if mnemonic == "xori" {
                // herd7 writes this blank.
                out.push(b' ');
            }
            name(instr, since_7_57, out);
            registers(&[rd, rs1], out);
            decimal(imm, out);
        }
        (Format::RdRs2Base, mnemonic) => {
            name(instr, since_7_57, out);
            registers(&[rd, rs2], out);
            match mnemonic {
                "sc.w" | "sc.d" => address(0, rs1, out),
                _ => base(rs1, out),
            }
        }
        (Format::Rs1Rs2Label, _) => {
            name(instr, since_7_57, out);
            registers(&[rs1, rs2], out);
            target(out)?;
        }
        (Format::None, "nop" | "fence.i" | "fence.tso") => {
            out.extend_from_slice(instr.def.mnemonic.as_bytes());
        }
        (Format::None, "ret") if since_7_57 => out.extend_from_slice(b"ret"),
        (Format::RdImm64, "li") => {
            let today = release == Release::Today;
            out.extend_from_slice(if today { b"li " } else { b"ori " });
            registers(&[rd], out);
            out.extend_from_slice(if today { b"" } else { b"x0," });
            decimal(imm, out);
        }
        (Format::RdImm20, "lui" | "auipc") if since_7_57 => {
            name(instr, since_7_57, out);
            registers(&[rd], out);
            decimal(imm, out);
        }
        (Format::RdSymbol, "la") if since_7_57 => {
            out.extend_from_slice(b"la ");
            registers(&[rd], out);
            target(out)?;
        }
        (Format::RdRs1, "sext.w") if since_7_57 => {
            out.extend_from_slice(b"sext.w ");
            registers(&[rd], out);
            register(rs1, out);
        }
        (Format::Label, "j") => {
            out.extend_from_slice(b"j ");
            target(out)?;
        }
        _ => return None,
    }
    Some(())
}

/// Do not all releases print the instruction alike?
pub(in crate::litmus) fn was_printed_otherwise(instr: &Instr) -> bool {
    let Operands { imm, pred, succ, .. } = &instr.operands;
    let annotated = match instr.order {
        Order::None => false,
        Order::AqRl => true,
        Order::Aq => matches!(instr.def.mnemonic, "sc.w" | "sc.d"),
        Order::Rl => matches!(instr.def.mnemonic, "lr.w" | "lr.d"),
    };
    let sets = [pred, succ].iter().any(|set| set.i || set.o);
    annotated
        || sets
        || (matches!(instr.def.mnemonic, "addi") && *imm == 0)
        || matches!(instr.def.mnemonic, "li" | "mv")
}

/// The name with its annotation, and a blank. Since 7.57 an annotation that orders nothing is left out.
fn name(instr: &Instr, since_7_57: bool, out: &mut Vec<u8>) {
    let mnemonic = instr.def.mnemonic;
    out.extend_from_slice(mnemonic.as_bytes());
    out.extend_from_slice(match (instr.order, mnemonic) {
        (Order::None, _) => b"",
        (Order::AqRl, _) if since_7_57 => b".aqrl",
        (Order::AqRl, _) => b".aq.rl",
        (Order::Rl, "lr.w" | "lr.d") | (Order::Aq, "sc.w" | "sc.d") if since_7_57 => b"",
        (Order::Aq, _) => b".aq",
        (Order::Rl, _) => b".rl",
    });
    out.push(b' ');
}

/// `x5,x6,`: registers that another operand follows.
fn registers(registers: &[Reg], out: &mut Vec<u8>) {
    for reg in registers {
        register(*reg, out);
        out.push(b',');
    }
}

fn register(register: Reg, out: &mut Vec<u8>) {
    out.push(b'x');
    decimal(register.number() as i64, out);
}

/// `8(x5)`
fn address(offset: i64, register: Reg, out: &mut Vec<u8>) {
    decimal(offset, out);
    base(register, out);
}

/// `(x5)`
fn base(base: Reg, out: &mut Vec<u8>) {
    out.push(b'(');
    register(base, out);
    out.push(b')');
}

fn decimal(number: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// A fence set that herd7 knows.
fn fence_set(set: FenceSet, since_7_57: bool) -> Option<&'static [u8]> {
    match (set.i, set.o, set.r, set.w) {
        (false, false, true, true) => Some(b"rw"),
        (false, false, true, false) => Some(b"r"),
        (false, false, false, true) => Some(b"w"),
        (true, false, true, false) if since_7_57 => Some(b"ir"),
        (false, true, false, true) if since_7_57 => Some(b"ow"),
        (true, true, true, true) if since_7_57 => Some(b"iorw"),
        // The log of the hardware was written so.
        (true, true, true, true) => Some(b"rw"),
        _ => None,
    }
}
