//! The code of one hart as inline assembly of a C function.
//!
//! A body gets a *frame*, words that its registers begin with, runs the hart's instructions, and puts the registers
//! that are observed into words of another place. The registers are those of the test, so that instructions which
//! need particular ones have them; only those that the ABI keeps for the program ([`RESERVED`]) are replaced.

use std::fmt::Write as _;

use rvlitmus_core::arch::Name;
use rvlitmus_core::arch::riscv::{Instr, Operands, Operation, Reg, Relocation};
use rvlitmus_core::litmus::{HartCode, numeric_label};
use rvlitmus_core::program::Program;

use crate::encode::directive;
use crate::refusal::Refusal;

/// `sp`, `gp` and `tp` are the program's at any time.
const RESERVED: [u8; 3] = [2, 3, 4];
/// Registers that a test may use: all but `zero`, the reserved ones, and two for the places of frame and results.
const MOST: usize = 26;
/// Words that the offset of a load reaches.
const MOST_WORDS: usize = 255;

/// A word of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Word {
    /// The location whose address is added, by its number in the program.
    pub(crate) location: Option<usize>,
    /// The number.
    pub(crate) value: u64,
}

/// One hart's function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Body {
    /// Instructions, one a line.
    pub(crate) lines: Vec<String>,
    /// What the frame holds.
    pub(crate) frame: Vec<Word>,
    /// Registers that are put among the results, in their order.
    pub(crate) results: Vec<Reg>,
    /// Registers that the compiler must not use.
    pub(crate) clobbers: Vec<Reg>,
    /// Does an address in it have a lower part that is fixed when it is assembled, so that locations begin pages?
    pub(crate) pages: bool,
}

/// How a store of a perpetual run is changed: its value is the sum of its register and of a word of the frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Bias {
    /// The instruction, by its number among those of the hart.
    pub(crate) instruction: usize,
    /// The word of the frame.
    pub(crate) word: usize,
}

/// Writes the code of one hart. `biases` are empty but for perpetual runs; their words come before all others.
pub(crate) fn body(
    program: &Program,
    code: &HartCode,
    hart: usize,
    results: Vec<Reg>,
    biases: &[Bias],
) -> Result<Body, Refusal> {
    let mut used: Vec<Reg> =
        instrs(code).flat_map(registers).chain(results.iter().copied()).collect();
    used.sort_unstable();
    used.dedup();
    used.retain(|reg| !reg.is_zero());
    let free = (5..32).rev().chain([1]).map(Reg::new).filter(|reg| !used.contains(reg));
    let mut free: Vec<Reg> = free.collect();
    free.reverse();
    if used.len() + biases.len() > MOST {
        return Err(Refusal::Registers { hart, used: used.len(), most: MOST });
    }
    let reserved = used.iter().filter(|reg| RESERVED.contains(&(reg.number() as u8)));
    let renamed: Vec<(Reg, Reg)> =
        reserved.map(|reg| (*reg, free.pop().unwrap_or(Reg::ZERO))).collect();
    let own = |reg: Reg| renamed.iter().find(|(from, _)| *from == reg).map_or(reg, |(_, to)| *to);
    let mut writer = Writer {
        program,
        code,
        hart,
        renamed: &renamed,
        body: Body {
            lines: Vec::new(),
            frame: vec![Word { location: None, value: 0 }; biases.len()],
            clobbers: used.iter().map(|reg| own(*reg)).collect(),
            results: results.clone(),
            pages: false,
        },
    };
    for reg in &used {
        writer.begin(*reg)?;
    }
    let mut sums = Vec::new();
    for bias in biases {
        let sum = free.pop().unwrap_or(Reg::ZERO);
        writer.body.clobbers.push(sum);
        writer.line(format!("ld {sum},{}(%[frame])", 8 * bias.word));
        sums.push((bias.instruction, sum));
    }
    writer.code(&sums)?;
    for (place, reg) in results.iter().enumerate() {
        writer.line(format!("sd {},{}(%[results])", own(*reg), 8 * place));
    }
    if writer.body.frame.len() > MOST_WORDS {
        return Err(Refusal::Frame(hart));
    }
    writer.body.clobbers.sort_unstable();
    Ok(writer.body)
}

/// The instructions of a hart.
pub(crate) fn instrs(code: &HartCode) -> impl Iterator<Item = &Instr> {
    code.cells.iter().filter_map(|cell| cell.instr.as_ref()?.value.riscv())
}

/// Every register that an instruction names or implies.
fn registers(instr: &Instr) -> impl Iterator<Item = Reg> {
    let Operands { rd, rs1, rs2, .. } = instr.operands;
    let pair = matches!(instr.def.operation, Operation::CompareAndSwapPair(_));
    let halves = [rd.pair(), rs2.pair()].into_iter().filter(move |_| pair);
    [rd, rs1, rs2].into_iter().chain(halves)
}

struct Writer<'p> {
    program: &'p Program,
    code: &'p HartCode,
    hart: usize,
    renamed: &'p [(Reg, Reg)],
    body: Body,
}

impl Writer<'_> {
    fn own(&self, reg: Reg) -> Reg {
        self.renamed.iter().find(|(from, _)| *from == reg).map_or(reg, |(_, to)| *to)
    }

    fn line(&mut self, line: String) {
        self.body.lines.push(line);
    }

    /// The place in the frame of a word, which is added where it is missing.
    fn word(&mut self, word: Word) -> usize {
        let frame = &mut self.body.frame;
        let known = frame.iter().position(|other| *other == word && word.location.is_some());
        known.unwrap_or_else(|| {
            frame.push(word);
            frame.len() - 1
        })
    }

    /// Gives a register what it has at the beginning.
    fn begin(&mut self, reg: Reg) -> Result<(), Refusal> {
        let (own, value) = (self.own(reg), self.program.harts[self.hart].registers[reg.number()]);
        match self.program.location_index_at(value, 1) {
            Some(location) => {
                let value = value - self.program.locations[location].address;
                let word = self.word(Word { location: Some(location), value });
                self.line(format!("ld {own},{}(%[frame])", 8 * word));
            }
            None if is_code(self.program, value) => {
                let instr = format!("{}:{reg}", self.hart);
                return Err(Refusal::CodeAddress { hart: self.hart, instr });
            }
            None => self.line(format!("li {own},{}", value as i64)),
        }
        Ok(())
    }

    fn code(&mut self, sums: &[(usize, Reg)]) -> Result<(), Refusal> {
        let mut number = 0;
        for cell in &self.code.cells {
            for label in &cell.labels {
                let label = self.label(&label.value);
                self.line(format!("{label}:"));
            }
            let Some(instr) = cell.instr.as_ref().and_then(|instr| instr.value.riscv()) else {
                continue;
            };
            let sum = sums.iter().find(|(instruction, _)| *instruction == number);
            self.instruction(instr, sum.map(|(_, sum)| *sum))?;
            number += 1;
        }
        Ok(())
    }

    fn instruction(&mut self, instr: &Instr, sum: Option<Reg>) -> Result<(), Refusal> {
        let refused = || Refusal::CodeAddress { hart: self.hart, instr: instr.to_string() };
        match instr.def.operation {
            Operation::Jalr => return Err(refused()),
            Operation::Jal if !instr.operands.rd.is_zero() => return Err(refused()),
            Operation::Auipc(_) if instr.operands.relocation.is_none() => return Err(refused()),
            _ => {}
        }
        if let Some(word) = self.address(instr)? {
            let (own, word) = (self.own(instr.operands.rd), self.word(word));
            self.line(format!("ld {own},{}(%[frame])", 8 * word));
            return Ok(());
        }
        let compressed = instr.def.mnemonic.starts_with("c.");
        let tied = compressed || matches!(instr.def.operation, Operation::CompareAndSwapPair(_));
        if let (true, Some((from, _))) =
            (tied, self.renamed.iter().find(|(from, _)| registers(instr).any(|reg| reg == *from)))
        {
            let (hart, register) = (self.hart, from.to_string());
            return Err(Refusal::Register { hart, register, instr: instr.to_string() });
        }
        let mut own = instr.clone();
        let Operands { rd, rs1, rs2, .. } = &mut own.operands;
        (*rd, *rs1, *rs2) = (self.own(*rd), self.own(*rs1), self.own(*rs2));
        if let Some(sum) = sum {
            self.line(format!("add {sum},{sum},{}", own.operands.rs2));
            own.operands.rs2 = sum;
        }
        if let Some(low) = self.low(instr) {
            own.operands.imm = low;
            (own.operands.relocation, own.operands.target) = (None, None);
            self.body.pages = true;
        } else if let Some(label) = &own.operands.target {
            own.operands.target = Some(Name::from(&*self.label(label)));
        }
        if compressed {
            self.line(".option rvc".to_owned());
        }
        match directive(&own) {
            Some(directive) => self.line(format!("{directive} # {own}")),
            None => self.line(own.to_string()),
        }
        if compressed {
            self.line(".option norvc".to_owned());
        }
        Ok(())
    }

    /// What `la`, `lui %hi` and `auipc %pcrel_hi` put into their register, as a word of the frame.
    fn address(&mut self, instr: &Instr) -> Result<Option<Word>, Refusal> {
        let Operands { relocation, target, imm, .. } = &instr.operands;
        let whole = matches!(instr.def.operation, Operation::LoadAddress);
        let high = matches!(relocation, Some(Relocation::Hi | Relocation::PcrelHi));
        if !whole && !high {
            return Ok(None);
        }
        let named = |name: &Name| self.program.locations.iter().position(|it| it.name == *name);
        let Some(location) = target.as_ref().and_then(named) else {
            let instr = instr.to_string();
            return Err(Refusal::CodeAddress { hart: self.hart, instr });
        };
        self.body.pages |= high;
        let value = if high { imm.wrapping_add(0x800) as u64 & !0xfff } else { *imm as u64 };
        Ok(Some(Word { location: Some(location), value }))
    }

    /// The lower part of an address, for locations that begin pages.
    fn low(&self, instr: &Instr) -> Option<i64> {
        let Operands { relocation, target, imm, .. } = &instr.operands;
        let lower = |offset: i64| Relocation::Lo.of(offset as u64);
        match (*relocation)? {
            Relocation::Lo => Some(lower(*imm)),
            // Of what the `auipc` at the label has the upper part.
            Relocation::PcrelLo => {
                let at = |name: &Name| {
                    let named = |cell: &&rvlitmus_core::litmus::CodeCell| {
                        cell.labels.iter().any(|label| label.value == *name)
                    };
                    let from = self.code.cells.iter().skip_while(|cell| !named(cell));
                    from.filter_map(|cell| cell.instr.as_ref()?.value.riscv()).next()
                };
                Some(lower(at(target.as_ref()?)?.operands.imm))
            }
            Relocation::Hi | Relocation::PcrelHi => None,
        }
    }

    /// A label of the test as one of the function, of which there may be several copies.
    fn label(&self, name: &Name) -> String {
        let number = |name: &Name| {
            let labels = self.code.cells.iter().flat_map(|cell| &cell.labels);
            labels.map(|label| &label.value).position(|label| label == name)
        };
        let numeric = name.bytes().all(|byte| byte.is_ascii_digit());
        if numeric || numeric_label(name).is_some() {
            return name.to_string();
        }
        let mut label = String::from(".L");
        let letters = name.chars().filter(|c| c.is_ascii_alphanumeric());
        label.extend(letters.take(16));
        let _ = write!(label, "_{}_%=", number(name).unwrap_or_default());
        label
    }
}

/// Is it the address of an instruction, or of what follows the last?
pub(crate) fn is_code(program: &Program, value: u64) -> bool {
    program.harts.iter().any(|hart| (hart.address(0)..=hart.end).contains(&value))
}
