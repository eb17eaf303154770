//! An instruction as herd7 prints it for its hash.

use crate::arch::riscv::{FenceSet, Format, Instr, Reg};

use super::cell::Cell;

/// Writes the text into an empty cell, labels as `label` names them; `None` for what herd7 cannot read.
///
/// Each format is written out: to read what to write from a text took three times as long.
pub(super) fn dump(
    instr: &Instr,
    label: impl Fn(&str, &mut Cell) -> Option<()>,
    cell: &mut Cell,
) -> Option<()> {
    let operands = &instr.operands;
    let target = |cell: &mut Cell| label(operands.target.as_deref()?, cell);
    match (instr.def.format, instr.def.mnemonic) {
        (Format::RdMem | Format::RdBase, _) => {
            name(instr, cell);
            first(operands.rd, cell);
            cell.decimal(operands.imm);
            base(operands.rs1, cell);
        }
        (Format::Rs2Mem | Format::Rs2Base, _) => {
            name(instr, cell);
            first(operands.rs2, cell);
            cell.decimal(operands.imm);
            base(operands.rs1, cell);
        }
        (Format::RdRs1Rs2, _) => {
            name(instr, cell);
            first(operands.rd, cell);
            first(operands.rs1, cell);
            cell.register(operands.rs2);
        }
        (Format::Fence, _) => {
            cell.push_all(b"fence ");
            cell.push_all(set(operands.pred)?);
            cell.push(b',');
            cell.push_all(set(operands.succ)?);
        }
        (Format::RdRs1Imm12 | Format::RdRs1Shamt6 | Format::RdRs1Shamt5, mnemonic) => {
            if mnemonic == "xori" {
                // herd7 writes this blank.
                cell.push(b' ');
            }
            name(instr, cell);
            first(operands.rd, cell);
            first(operands.rs1, cell);
            cell.decimal(operands.imm);
        }
        (Format::RdRs2Base, mnemonic) => {
            name(instr, cell);
            first(operands.rd, cell);
            first(operands.rs2, cell);
            if matches!(mnemonic, "sc.w" | "sc.d") {
                cell.push(b'0');
            }
            base(operands.rs1, cell);
        }
        (Format::Rs1Rs2Label, _) => {
            name(instr, cell);
            first(operands.rs1, cell);
            first(operands.rs2, cell);
            target(cell)?;
        }
        (Format::None, "nop" | "fence.i" | "fence.tso") => {
            cell.push_all(instr.def.mnemonic.as_bytes());
        }
        (Format::RdImm64, "li") => {
            cell.push_all(b"ori ");
            cell.register(operands.rd);
            cell.push_all(b",x0,");
            cell.decimal(operands.imm);
        }
        (Format::RdRs1, "mv") => {
            cell.push_all(b"addi ");
            first(operands.rd, cell);
            cell.register(operands.rs1);
            cell.push_all(b",0");
        }
        (Format::Label, "j") => {
            cell.push_all(b"j ");
            target(cell)?;
        }
        _ => return None,
    }
    Some(())
}

/// The name with its annotation, both bits as `.aq.rl`, and a blank.
#[inline]
fn name(instr: &Instr, cell: &mut Cell) {
    cell.push_all(instr.def.mnemonic.as_bytes());
    if instr.order.aq() {
        cell.push_all(b".aq");
    }
    if instr.order.rl() {
        cell.push_all(b".rl");
    }
    cell.push(b' ');
}

/// A register that another operand follows: `x5,`.
#[inline]
fn first(register: Reg, cell: &mut Cell) {
    cell.register(register);
    cell.push(b',');
}

/// The register with an address: `(x5)`.
#[inline]
fn base(register: Reg, cell: &mut Cell) {
    cell.push(b'(');
    cell.register(register);
    cell.push(b')');
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::riscv::{Operands, Order, all};

    /// A cell has room for the longest spelling of every instruction.
    #[test]
    fn every_instruction_fits_into_a_cell() {
        let label = |_: &str, cell: &mut Cell| {
            cell.push_all(b"L4294967295");
            Some(())
        };
        let (rd, rs1, rs2) = (Reg::new(31), Reg::new(31), Reg::new(31));
        let mut longest = 0;
        for def in all() {
            let imm = if def.format == Format::RdImm64 { i64::MIN } else { -2048 };
            let target = Some("L".into());
            let operands = Operands { rd, rs1, rs2, imm, target, ..Operands::default() };
            for order in [Order::None, Order::AqRl] {
                let mut cell = Cell::BLANK;
                let instr = Instr { def, order, operands: operands.clone() };
                if dump(&instr, label, &mut cell).is_some() {
                    longest = longest.max(cell.len());
                }
            }
        }
        assert!((20..Cell::ROOM).contains(&longest), "{longest}");
    }
}
