//! The reference of all instructions, written from the tables: `--help isa` and `docs/isa.md`.
//!
//! Sources and destinations are those of the [action](crate::arch::Action) that the instruction is lowered to,
//! so the reference cannot differ from what runs.

use std::fmt::Write;

use super::{
    Base, Class, Def, ExtensionSet, Format, Instr, Operands, Operation, Order, Reg, Resolved,
    Suffix, all,
};
use crate::arch::Register;

/// Column heads, and what stands below them.
const HEADS: [&str; 6] = ["mnemonic", "extension", "operands", "sources", "destinations", "order"];

const NOTES: &str = "\
rd', rs1', rs2' are x8 to x15. `.aq.rl` is another spelling of `.aqrl`. Where no
offset is shown in front of (rs1), a written 0 is accepted.
Dependencies run from the sources to the destinations through registers other
than x0. They start at memory operations: what LR, SC, AMOs and loads write to
rd depends on the operation itself, not on their sources. An AMO is load and
store in one operation.
On RV32 registers have 32 bits, shift amounts 5, and `amocas.d` takes register
pairs. So do `ld` and `sd` of Zilsd, which are two accesses of a word there.
";

/// One instruction in six columns, as [`HEADS`] names them.
fn row(def: &'static Def) -> [String; 6] {
    let action = sample(def).lower(Resolved::default());
    [
        spelling(def),
        extension(def),
        operands(def),
        names(action.sources()),
        names(action.destinations()),
        role(def),
    ]
}

/// The reference as aligned text of 80 columns, for a terminal: below each extension its instructions.
#[must_use]
pub fn reference_text() -> String {
    let heads = HEADS.map(str::to_string);
    let rows: Vec<[String; 6]> = in_order().map(row).collect();
    let cells = |[mnemonic, _, operands, sources, destinations, order]: &[String; 6]| {
        let tight = |registers: &String| registers.replace(", ", ",");
        let order = order.replace("; .aq .rl .aqrl", " *");
        [mnemonic.clone(), operands.clone(), tight(sources), tight(destinations), order]
    };
    let mut heads = cells(&heads);
    heads[3] = "dest.".to_string();
    let widths: [usize; 4] = std::array::from_fn(|column| {
        let used = rows.iter().map(|row| cells(row)[column].len());
        used.max().unwrap_or(0).max(heads[column].len())
    });
    let line = |cells: &[String; 5]| {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            let _ = write!(line, "{cell:width$} ");
        }
        format!("{}\n", (line + &cells[4]).trim_end())
    };
    let mut text = line(&heads);
    let mut sections: Vec<&str> = Vec::new();
    for [_, section, ..] in &rows {
        if sections.contains(&section.as_str()) {
            continue;
        }
        sections.push(section);
        let _ = writeln!(text, "{section}:");
        rows.iter().filter(|row| row[1] == *section).for_each(|row| text += &line(&cells(row)));
    }
    let _ = write!(text, "\n* may be followed by .aq, .rl or .aqrl\n{NOTES}");
    text
}

/// The reference as markdown, one table for each extension.
#[must_use]
pub fn reference_markdown() -> String {
    let mut text = format!("# Instructions\n\n{NOTES}");
    let mut section = None;
    for def in in_order() {
        if section != Some(def.extension) {
            section = Some(def.extension);
            let heads = HEADS.join(" | ");
            let _ = write!(text, "\n## {}\n\n| {heads} |\n|", def.extension);
            let _ = writeln!(text, "{}", "---|".repeat(HEADS.len()));
        }
        let cells = row(def).map(|cell| if cell.is_empty() { "-".into() } else { cell });
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

/// By extension, and within one as the tables have them.
fn in_order() -> impl Iterator<Item = &'static Def> {
    ExtensionSet::all().into_iter().flat_map(|e| all().filter(move |def| def.extension == e))
}

/// With the annotation that the encoding cannot do without.
fn spelling(def: &Def) -> String {
    let suffix = match def.suffix {
        Suffix::Never | Suffix::Optional => "",
        Suffix::Acquire => Order::Aq.suffix(),
        Suffix::Release => Order::Rl.suffix(),
    };
    format!("{}{suffix}", def.mnemonic)
}

/// With the base, where only one has it.
fn extension(def: &'static Def) -> String {
    let has = |base: Base| def.on(base).is_some();
    match [Base::Rv32, Base::Rv64].into_iter().filter(|base| has(*base)).collect::<Vec<_>>()[..] {
        [base] => format!("{} ({base})", def.extension),
        _ => def.extension.to_string(),
    }
}

/// Operands in the assembler's order; those limited to `x8` to `x15` with a prime.
fn operands(def: &Def) -> String {
    let mut text = def.format.operands().to_string();
    let classes = [("rd", def.limits.rd), ("rs1", def.limits.rs1), ("rs2", def.limits.rs2)];
    for (name, class) in classes {
        match class {
            Class::X8ToX15 => text = text.replace(name, &format!("{name}'")),
            Class::Sp => text = text.replace(name, "sp"),
            Class::Any | Class::NotZero | Class::NotSp | Class::Even => {}
        }
    }
    text
}

/// Registers of a [`sample`]: no two are the same, nor is one of them a pair's second.
const RD: Reg = Reg::new(20);
const RS1: Reg = Reg::new(22);
const RS2: Reg = Reg::new(24);

/// The instruction with an own register for every operand.
fn sample(def: &'static Def) -> Instr {
    let shown = def.format.operands();
    let mut operands = def.implied();
    let Operands { rd, rs1, rs2, .. } = &mut operands;
    let limits = &def.limits;
    let slots =
        [("rd", rd, RD, limits.rd), ("rs1", rs1, RS1, limits.rs1), ("rs2", rs2, RS2, limits.rs2)];
    for (name, slot, own, class) in slots {
        if shown.contains(name) {
            *slot = if class == Class::Sp { Reg::SP } else { own };
        }
    }
    if matches!(def.format, Format::TiedRs2 | Format::TiedImm) {
        operands.rs1 = operands.rd;
    }
    Instr { def, order: Order::None, operands }
}

fn names(registers: impl Iterator<Item = Register>) -> String {
    let names: Vec<String> = registers
        .map(|register| match Reg::new(register.number() as u8) {
            RD => "rd".to_string(),
            RS1 => "rs1".to_string(),
            RS2 => "rs2".to_string(),
            reg if reg == RD.pair() => "rd+1".to_string(),
            reg if reg == RS2.pair() => "rs2+1".to_string(),
            reg => reg.abi_name().to_string(),
        })
        .collect();
    names.join(", ")
}

/// What the instruction is to memory order.
fn role(def: &Def) -> String {
    let role = match def.operation {
        Operation::AluReg(_) | Operation::AluImm(_) => "passes dependencies on",
        Operation::Constant(_) | Operation::Auipc(_) | Operation::LoadAddress => {
            "cuts dependencies"
        }
        Operation::Branch(_) | Operation::Jalr => "control dependency",
        Operation::Jal | Operation::Hint => "none",
        Operation::Fence => "fence",
        Operation::FenceTso => "fence, not store-load",
        Operation::Load(..) => "load",
        Operation::Store(_) => "store",
        Operation::LoadPair => "two loads",
        Operation::StorePair => "two stores",
        Operation::LoadReserved(_) => "load, reserves",
        Operation::StoreConditional(_) => "store if it succeeds",
        Operation::Amo(..) => "load and store",
        Operation::CompareAndSwap(_) | Operation::CompareAndSwapPair(_) => "load, perhaps store",
    };
    let bits = match def.suffix {
        Suffix::Never => "",
        Suffix::Optional => "; .aq .rl .aqrl",
        Suffix::Acquire => ", acquire; .aqrl",
        Suffix::Release => ", release; .aqrl",
    };
    format!("{role}{bits}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn of(mnemonic: &str) -> [String; 6] {
        let def = all().find(|d| spelling(d) == mnemonic).unwrap_or_else(|| panic!("{mnemonic}"));
        row(def)
    }

    #[test]
    fn every_instruction_has_its_line() {
        let text = reference_text();
        let count = all().count();
        assert_eq!(in_order().count(), count, "an extension is missing in the order");
        let lines = text.lines().take_while(|line| !line.is_empty()).count();
        let bases = in_order().map(extension).collect::<BTreeSet<_>>().len();
        assert_eq!(lines, 1 + bases + count, "a line of heads, and one for each section");
        let rows = reference_markdown().lines().filter(|l| l.starts_with("| ")).count();
        let sections = reference_markdown().lines().filter(|l| l.starts_with("## ")).count();
        assert_eq!(rows, count + sections);
        for line in text.lines() {
            assert!(line.len() <= 80 && line.trim_end() == line, "{line:?}");
        }
    }

    #[test]
    fn rows_say_what_the_instruction_reads_and_writes() {
        assert_eq!(
            of("add"),
            ["add", "I", "rd,rs1,rs2", "rs1, rs2", "rd", "passes dependencies on"]
        );
        assert_eq!(of("sd")[3..5], ["rs1, rs2", ""]);
        assert_eq!(
            of("lw.aq"),
            ["lw.aq", "Zalasr", "rd,(rs1)", "rs1", "rd", "load, acquire; .aqrl"]
        );
        assert_eq!(of("c.add")[2..5], ["rd,rs2", "rd, rs2", "rd"]);
        assert_eq!(of("c.lw")[2], "rd',imm(rs1')");
        assert_eq!(of("c.sdsp")[2..5], ["rs2,imm(sp)", "sp, rs2", ""]);
        assert_eq!(of("c.addi16sp")[2..5], ["sp,imm", "sp", "sp"]);
        assert_eq!(of("ret")[2..5], ["", "ra", ""]);
        assert_eq!(of("c.jalr")[2..5], ["rs1", "rs1", "ra"]);
        assert_eq!(of("li")[3..], ["", "rd", "cuts dependencies"]);
        assert_eq!(of("clz")[3], "rs1");
        assert_eq!(of("prefetch.w")[3..], ["", "", "none"]);
        assert_eq!(of("fence")[2], "pred,succ");
    }
}
