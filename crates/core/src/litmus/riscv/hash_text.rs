//! An instruction as herd7 prints it for a test's hash.

use crate::arch::riscv::{FenceSet, Format, Instr, Reg};

/// Adds the text, with the target of a jump as `label` writes it; `None` for what herd7 cannot read.
pub(in crate::litmus) fn hash_text(
    instr: &Instr,
    label: impl Fn(&str, &mut Vec<u8>) -> Option<()>,
    out: &mut Vec<u8>,
) -> Option<()> {
    let operands = &instr.operands;
    let (rd, rs1, rs2, imm) = (operands.rd, operands.rs1, operands.rs2, operands.imm);
    let target = |out: &mut Vec<u8>| label(operands.target.as_deref()?, out);
    match (instr.def.format, instr.def.mnemonic) {
        (Format::RdMem | Format::RdBase, _) => {
            name(instr, out);
            registers(&[rd], out);
            address(imm, rs1, out);
        }
        (Format::Rs2Mem | Format::Rs2Base, _) => {
            name(instr, out);
            registers(&[rs2], out);
            address(imm, rs1, out);
        }
        (Format::RdRs1Rs2, _) => {
            name(instr, out);
            registers(&[rd, rs1], out);
            register(rs2, out);
        }
        (Format::Fence, _) => {
            out.extend_from_slice(b"fence ");
            out.extend_from_slice(fence_set(operands.pred)?);
            out.push(b',');
            out.extend_from_slice(fence_set(operands.succ)?);
        }
        (Format::RdRs1Imm12 | Format::RdRs1Shamt6 | Format::RdRs1Shamt5, mnemonic) => {
            if mnemonic == "xori" {
                // herd7 writes this blank.
                out.push(b' ');
            }
            name(instr, out);
            registers(&[rd, rs1], out);
            decimal(imm, out);
        }
        (Format::RdRs2Base, mnemonic) => {
            name(instr, out);
            registers(&[rd, rs2], out);
            match mnemonic {
                "sc.w" | "sc.d" => address(0, rs1, out),
                _ => base(rs1, out),
            }
        }
        (Format::Rs1Rs2Label, _) => {
            name(instr, out);
            registers(&[rs1, rs2], out);
            target(out)?;
        }
        (Format::None, "nop" | "fence.i" | "fence.tso") => {
            out.extend_from_slice(instr.def.mnemonic.as_bytes());
        }
        (Format::RdImm64, "li") => {
            out.extend_from_slice(b"ori ");
            registers(&[rd, Reg::ZERO], out);
            decimal(imm, out);
        }
        (Format::RdRs1, "mv") => {
            out.extend_from_slice(b"addi ");
            registers(&[rd, rs1], out);
            out.push(b'0');
        }
        (Format::Label, "j") => {
            out.extend_from_slice(b"j ");
            target(out)?;
        }
        _ => return None,
    }
    Some(())
}

/// The name with its annotation, both bits as `.aq.rl`, and a blank.
fn name(instr: &Instr, out: &mut Vec<u8>) {
    out.extend_from_slice(instr.def.mnemonic.as_bytes());
    if instr.order.aq() {
        out.extend_from_slice(b".aq");
    }
    if instr.order.rl() {
        out.extend_from_slice(b".rl");
    }
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

/// A fence set without I/O, which herd7 does not know.
fn fence_set(set: FenceSet) -> Option<&'static [u8]> {
    match (set.i || set.o, set.r, set.w) {
        (false, true, true) => Some(b"rw"),
        (false, true, false) => Some(b"r"),
        (false, false, true) => Some(b"w"),
        // A fence without operands.
        (true, true, true) => Some(b"rw"),
        _ => None,
    }
}
