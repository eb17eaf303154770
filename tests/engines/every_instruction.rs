//! Every row of every table goes through the parser, with each end of its immediates, and is refused
//! one step beyond them and with registers that its encoding cannot name.

use rvlitmus_core::arch::riscv::{self, Class, Def, Immediate, Reg, Suffix};
use rvlitmus_core::litmus::{Test, parse};

/// With the annotation that the encoding cannot do without.
fn spelling(def: &Def) -> String {
    let suffix = match def.suffix {
        Suffix::Never | Suffix::Optional => "",
        Suffix::Acquire => ".aq",
        Suffix::Release => ".rl",
    };
    format!("{}{suffix}", def.mnemonic)
}

/// A register that `class` allows, different for each of the three operands.
fn member(class: Class, operand: u8) -> Reg {
    match class {
        Class::Sp => Reg::SP,
        Class::Even => Reg::new(10 + 2 * operand),
        _ => Reg::new(9 + operand),
    }
}

/// A register that `class` does not allow.
fn stranger(class: Class) -> Option<Reg> {
    match class {
        Class::Any => None,
        Class::X8ToX15 => Some(Reg::new(16)),
        Class::NotZero => Some(Reg::ZERO),
        Class::NotSp => Some(Reg::SP),
        Class::Sp => Some(Reg::new(3)),
        Class::Even => Some(Reg::new(11)),
    }
}

/// The instruction as one writes it.
fn written(def: &Def, registers: [Reg; 3], immediate: i128) -> String {
    let [rd, rs1, rs2] = registers;
    let operands = def
        .format
        .operands()
        .replace("rd", &rd.to_string())
        .replace("rs1", &rs1.to_string())
        .replace("rs2", &rs2.to_string())
        .replace("imm", &immediate.to_string())
        .replace("shamt", &immediate.to_string())
        .replace("label", "LC00")
        .replace("symbol", "y")
        .replace("pred", "rw")
        .replace("succ", "w");
    format!("{} {operands}", spelling(def)).trim_end().to_string()
}

fn read(instr: &str) -> Result<Test, String> {
    let text = format!("RISCV one\n{{ x=1; }}\n P0 ;\n LC00: {instr} ;\nexists (x=1)\n");
    parse(&text).map_err(|diagnostics| diagnostics.to_string())
}

fn registers(def: &Def) -> [Reg; 3] {
    let limits = &def.limits;
    [member(limits.rd, 0), member(limits.rs1, 1), member(limits.rs2, 2)]
}

#[test]
fn every_instruction_is_read_with_the_ends_of_its_immediates() {
    for def in riscv::all() {
        let takes = def.immediate().unwrap_or(Immediate::ZERO);
        for value in takes.ranges.iter().flat_map(|(low, high)| [*low, *high]) {
            let text = written(def, registers(def), value);
            let test = read(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
            let instr = test.harts[0].cells[0].instr.as_ref().expect("an instruction");
            let instr = instr.value.riscv().expect("of RISC-V");
            assert!(std::ptr::eq(instr.def, def), "{text}");
            assert_eq!(i128::from(instr.operands.imm), i128::from(value as i64), "{text}");
            if def.immediate().is_none_or(|i| i.ranges != [(i64::MIN.into(), u64::MAX.into())]) {
                assert_eq!(instr.to_string(), text);
            }
            assert_eq!(def.check(&instr.operands), Ok(()), "{text}");
        }
    }
}

#[test]
fn no_instruction_is_read_beyond_its_immediates() {
    let mut refused = 0;
    for def in riscv::all().filter(|def| {
        def.format.operands().contains("imm") || def.format.operands().contains("shamt")
    }) {
        let Immediate { ranges, multiple_of } = def.immediate().expect("an immediate is written");
        let ends = ranges.iter().flat_map(|(low, high)| [low - multiple_of, high + multiple_of]);
        let between = (multiple_of > 1).then(|| ranges[0].0 + 1);
        for value in ends.chain(between) {
            let text = written(def, registers(def), value);
            let error = read(&text).expect_err(&text);
            assert!(error.contains(&value.to_string()), "{text}: {error}");
            refused += 1;
        }
    }
    assert!(refused > 100, "only {refused}");
}

#[test]
fn no_instruction_is_read_with_registers_that_it_cannot_name() {
    let mut refused = 0;
    for def in riscv::all() {
        let limits = &def.limits;
        let classes = [("rd", limits.rd), ("rs1", limits.rs1), ("rs2", limits.rs2)];
        let low = def.immediate().map_or(0, |i| i.ranges[0].0);
        for (operand, (name, class)) in classes.into_iter().enumerate() {
            let Some(wrong) = stranger(class).filter(|_| def.format.operands().contains(name))
            else {
                continue;
            };
            let mut chosen = registers(def);
            chosen[operand] = wrong;
            let text = written(def, chosen, low);
            let error = read(&text).expect_err(&text);
            assert!(
                error.contains(&wrong.to_string()) && error.contains("must be"),
                "{text}: {error}"
            );
            refused += 1;
        }
    }
    assert!(refused >= 40, "only {refused}");
}
