//! Every recorded execution as a litmus test of one hart, through parser, linker and both engines.
//!
//! Each runs twice: with the operands in registers from the start, where an engine may compute ahead,
//! and with the operands loaded from memory, where it cannot.

use rvlitmus_core::arch::riscv::{self, Base, Def, Format, Lookup, Operation, Width};
use rvlitmus_core::axiomatic;
use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{Explorer, Limits, Reductions, Workspace};
use rvlitmus_core::program::{Completeness, HartConfig, Outcomes, Program, full_hart, link};

use super::vectors::{Vector, vectors};

/// Where the operands are when the hart starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operands {
    Registers,
    Memory,
}

/// A litmus test in the making.
#[derive(Default)]
struct Text {
    init: String,
    code: Vec<String>,
    filter: &'static str,
    /// Observed beside `0:x10`.
    places: &'static str,
}

impl Text {
    fn code(&mut self, line: impl Into<String>) {
        self.code.push(line.into());
    }

    /// Gives register `reg` the value before the instruction runs.
    fn operand(&mut self, place: Operands, reg: u8, value: u64) {
        match place {
            Operands::Registers => self.init += &format!("0:x{reg}={value:#x};"),
            Operands::Memory => {
                let pointer = 16 + reg;
                self.init += &format!("uint64_t in{reg}={value:#x};0:x{pointer}=in{reg};");
                self.code(format!("ld x{reg},0(x{pointer})"));
            }
        }
    }

    fn finish(&self) -> String {
        let code: String = self.code.iter().map(|line| format!(" {line} ;\n")).collect();
        let Text { init, filter, places, .. } = self;
        format!(
            "RISCV vector\n{{{init}}}\n P0 ;\n{code}locations [uint64_t 0:x10;{places}]\n{filter}\n"
        )
    }
}

/// The test that runs `v`; `None` if its operands cannot be where `place` says.
fn litmus(v: &Vector, def: &Def, place: Operands) -> Option<String> {
    let name = &v.mnemonic;
    let mut text = Text { places: "x;", ..Text::default() };
    let inputs = v.inputs.as_slice();
    let immediate = inputs.last().map_or(0, |imm| *imm as i64);
    let stack = def.limits.rs1 == riscv::Class::Sp;
    match def.operation {
        Operation::Jalr => {
            if place == Operands::Memory {
                return None;
            }
            text.operand(place, 11, inputs[0]);
            // The pads begin 12 bytes after L0.
            for line in ["jal x14,L0", "L0: add x11,x11,x14", "addi x11,x11,12"] {
                text.code(line);
            }
            text.code(format!("{name} x15,x11,{immediate}"));
            for line in ["j A", "j B", "j C", "A: li x10,0", "j E", "B: li x10,4", "j E"] {
                text.code(line);
            }
            text.code("C: li x10,8");
            text.code("E:");
        }
        Operation::Auipc(_) => {
            text.code("jal x14,L0");
            text.code(format!("L0: {name} x10,{immediate}"));
            text.code("sub x10,x10,x14");
        }
        Operation::Constant(_) => text.code(format!("{name} x10,{immediate}")),
        Operation::Branch(_) => {
            text.operand(place, 11, inputs[0]);
            text.code("li x10,1");
            match inputs {
                [_, second] => {
                    text.operand(place, 12, *second);
                    text.code(format!("{name} x11,x12,T"));
                }
                _ => text.code(format!("{name} x11,T")),
            }
            text.code("li x10,0");
            text.code("T:");
        }
        Operation::AluReg(_) | Operation::AluImm(_) => {
            let source = if stack { 2 } else { 11 };
            match def.format {
                Format::RdRs1 | Format::RdRs2 => {
                    text.operand(place, 11, inputs[0]);
                    text.code(format!("{name} x10,x11"));
                }
                Format::TiedRs2 => {
                    text.operand(place, 10, inputs[0]);
                    text.operand(place, 12, inputs[1]);
                    text.code(format!("{name} x10,x12"));
                }
                Format::TiedImm => {
                    let reg = if def.limits.rd == riscv::Class::Sp { 2 } else { 10 };
                    text.operand(place, reg, inputs[0]);
                    text.code(format!("{name} x{reg},{immediate}"));
                    if reg != 10 {
                        text.code(format!("mv x10,x{reg}"));
                    }
                }
                Format::RdRs1Rs2 => {
                    text.operand(place, 11, inputs[0]);
                    text.operand(place, 12, inputs[1]);
                    text.code(format!("{name} x10,x11,x12"));
                }
                _ => {
                    text.operand(place, source, inputs[0]);
                    text.code(format!("{name} x10,x{source},{immediate}"));
                }
            }
        }
        Operation::CompareAndSwapPair(Width::Q) => {
            let [m0, m1, rd0, rd1, new0, new1] = inputs else { return None };
            text.init += &format!("uint64_t x[2]={{{m0:#x},{m1:#x}}};0:x8=x;");
            for (reg, value) in [(10, rd0), (11, rd1), (12, new0), (13, new1)] {
                text.operand(place, reg, *value);
            }
            text.code(format!("{name} x10,x12,(x8)"));
            text.places = "uint64_t 0:x11;x[0];x[1];";
        }
        _ => {
            let base = if stack { 2 } else { 13 };
            text.init += &format!("uint64_t x={:#x};0:x{base}=x;", inputs[0]);
            let (before, data) = match inputs {
                [_, rd, rs2] => (*rd, *rs2),
                [_, rs2] => (0, *rs2),
                _ => (0, 0),
            };
            text.operand(place, 10, before);
            text.operand(place, 12, data);
            if let Operation::StoreConditional(width) = def.operation {
                let width = if width == Width::W { "w" } else { "d" };
                text.code(format!("lr.{width} x9,(x13)"));
                text.filter = "filter (0:x10=0)";
            }
            text.code(match def.format {
                Format::RdMem => format!("{name} x10,0(x{base})"),
                Format::Rs2Mem => format!("{name} x12,0(x{base})"),
                Format::RdBase => format!("{name} x10,(x13)"),
                Format::Rs2Base => format!("{name} x12,(x13)"),
                _ => format!("{name} x10,x12,(x13)"),
            });
        }
    }
    Some(text.finish())
}

/// What the vector says of registers and memory.
fn expected(v: &Vector, def: &Def) -> Vec<(&'static str, u64)> {
    match (def.operation, v.outputs.as_slice()) {
        (Operation::Store(_), [memory]) => vec![("[x]", *memory)],
        (_, [rd0, rd1, low, high]) => {
            vec![("0:x10", *rd0), ("0:x11", *rd1), ("x[0]", *low), ("x[1]", *high)]
        }
        (_, [rd, memory]) => vec![("0:x10", *rd), ("[x]", *memory)],
        (_, outputs) => vec![("0:x10", outputs[0])],
    }
}

fn program(text: &str, base: Base) -> Program {
    let test = parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let config = |_| HartConfig { base, ..full_hart(BaseModel::Rvwmo) };
    link(&test, &LineIndex::new(text), config).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// The one final state, by place.
fn only_state(program: &Program, outcomes: &Outcomes, text: &str) -> Vec<(String, u64)> {
    assert_eq!(outcomes.completeness, Completeness::Complete, "{text}");
    let states: Vec<_> = outcomes.states.iter().collect();
    let [state] = states.as_slice() else {
        panic!("{} states:\n{text}", outcomes.states.len());
    };
    program.observed.iter().map(|o| o.place.to_string()).zip(state.iter().copied()).collect()
}

#[test]
fn both_engines_compute_what_was_recorded() {
    run_all(Base::Rv64, 10_000);
}

#[test]
fn both_engines_compute_what_was_recorded_on_rv32() {
    run_all(Base::Rv32, 4_000);
}

fn run_all(base: Base, at_least: usize) {
    let options = Options::default();
    let models = [BaseModel::Rvwmo];
    let (mut run, mut wrong) = (0, Vec::new());
    for v in vectors(base) {
        let Lookup::Found(def, _) = riscv::lookup(&v.mnemonic) else { continue };
        for place in [Operands::Registers, Operands::Memory] {
            let Some(mut text) = litmus(&v, def, place) else { continue };
            if base == Base::Rv32 {
                text = text.replace("uint64_t", "uint32_t").replace("ld x", "lw x");
            }
            let program = program(&text, base);
            let explored =
                Explorer::new(&program, &options, Reductions::default(), Workspace::default())
                    .and_then(|mut e| e.outcomes(&models, Limits::default()));
            let checked = axiomatic::outcomes(&program, &models, &options, Limits::default());
            for (engine, outcomes) in [("machine", explored), ("axiomatic", checked)] {
                let outcomes = outcomes.unwrap_or_else(|e| panic!("{engine}: {e}\n{text}"));
                let state = only_state(&program, &outcomes, &text);
                for (place, value) in expected(&v, def) {
                    let found = state.iter().find(|(name, _)| name == place);
                    if found.map(|(_, found)| *found) != Some(value) {
                        wrong.push(format!(
                            "{}:{}: {engine}: {place} should be {value:#x}: {state:x?}\n{text}",
                            v.file, v.line
                        ));
                    }
                }
                run += 1;
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {run} differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(8)].join("\n")
    );
    assert!(run > at_least, "only {run} runs");
}

/// `amocas.d` of RV32 on pairs of 32-bit registers, against the words of the manual: no emulator of
/// Debian 12 has it.
#[test]
fn doubleword_compare_and_swap_with_pairs_on_rv32() {
    let words = [0u32, 1, 0x8000_0000, u32::MAX];
    let mut run = 0;
    let triples = (0..64).map(|n: usize| (words[n % 4], words[n / 4 % 4], words[n / 16]));
    for (low, high, other) in triples {
        for (expected_low, expected_high) in [(low, high), (other, high), (low, other)] {
            let text = format!(
                "RISCV pair\n{{ uint32_t x[2]={{{low:#x},{high:#x}}}; 0:x8=x; 0:x10={expected_low:#x}; 0:x11={expected_high:#x}; 0:x12=0x80000007; 0:x13=9; }}\n P0 ;\n amocas.d x10,x12,(x8) ;\nlocations [uint32_t 0:x10; uint32_t 0:x11; x;]\n"
            );
            let program = program(&text, Base::Rv32);
            let (models, options) = ([BaseModel::Rvwmo], Options::default());
            let explored =
                Explorer::new(&program, &options, Reductions::default(), Workspace::default())
                    .and_then(|mut e| e.outcomes(&models, Limits::default()))
                    .expect("runs");
            let checked =
                axiomatic::outcomes(&program, &models, &options, Limits::default()).expect("runs");
            let swaps = (low, high) == (expected_low, expected_high);
            let stored = if swaps { (0x8000_0007, 9) } else { (low, high) };
            let expected = [low, high, stored.0, stored.1].map(u64::from);
            for outcomes in [explored, checked] {
                let values: Vec<u64> =
                    only_state(&program, &outcomes, &text).into_iter().map(|(_, v)| v).collect();
                assert_eq!(values, expected, "{text}");
                run += 1;
            }
        }
    }
    assert_eq!(run, 2 * 3 * 64);
}
