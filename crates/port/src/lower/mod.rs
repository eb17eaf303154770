//! A test of RISC-V made of one of x86, by a map.
//!
//! Memory accesses and fences become what the map says. What stands between them becomes the nearest instructions
//! of RISC-V; flags are not kept but read off where they are set, so a conditional jump stands directly below the
//! instruction that sets them.

mod arithmetic;
mod exchange;
mod flags;
mod places;

use std::collections::BTreeMap;

use rvlitmus_core::arch::x86::{Instr, Operand, Operation, Part, Width};
use rvlitmus_core::litmus::{HartId, Span, Test};

use crate::map::{Construct, Map};
use crate::registers::{Registers, TEMPORARIES, instrs};
use crate::target;
use flags::{Flags, branch};

/// A test of RISC-V, and what it was made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lowered {
    /// Its text.
    pub text: String,
    /// The places of the source as the target calls them, where that is another name.
    pub places: BTreeMap<String, String>,
    /// How often each construct stands in it, by its width.
    pub uses: BTreeMap<(Construct, &'static str), usize>,
}

/// Why a test cannot be lowered.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct NotLowered {
    /// What is in the way.
    pub message: String,
    /// The instruction that it is about.
    pub span: Span,
}

/// One line of the target.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Line {
    /// Labels in front of it.
    pub(crate) labels: Vec<String>,
    /// An instruction; nothing where labels stand alone.
    pub(crate) instr: String,
    /// The instruction of x86 that begins here.
    pub(crate) source: Option<String>,
}

/// Makes a test of RISC-V of a test of x86. `hash` is that of the source, if it is known.
///
/// # Errors
/// An instruction that is not lowered, or one that the map has no template for.
pub fn lower(test: &Test, map: &Map, hash: Option<&str>) -> Result<Lowered, NotLowered> {
    if test.language.syntax().is_none() {
        let message = format!("this is a test of {}, not of x86", test.language.architecture());
        return Err(NotLowered { message, span: Span::default() });
    }
    let mut uses = BTreeMap::new();
    let (mut columns, mut registers) = (Vec::new(), Vec::new());
    for hart in (0..test.harts.len() as u16).map(HartId) {
        let own = Registers::of(test, hart).ok_or_else(|| NotLowered {
            message: format!("{hart} needs more registers than there are"),
            span: Span::default(),
        })?;
        let mut column =
            Column { map, registers: &own, lines: Vec::new(), labels: 0, uses: &mut uses };
        column.code(test, hart)?;
        columns.push(column.lines);
        registers.push(own);
    }
    let (text, places) = target::text(test, map, hash, &columns, &registers)?;
    Ok(Lowered { text, places, uses })
}

struct Column<'c> {
    map: &'c Map,
    registers: &'c Registers,
    lines: Vec<Line>,
    labels: usize,
    uses: &'c mut BTreeMap<(Construct, &'static str), usize>,
}

type Done<T = ()> = Result<T, String>;

impl Column<'_> {
    fn code(&mut self, test: &Test, hart: HartId) -> Result<(), NotLowered> {
        let column = &test.harts[hart.index()];
        // Labels of templates are no labels of the test.
        self.labels = 1000 * hart.index();
        let mut flags = Flags::Unknown;
        let mut rest = instrs(column);
        rest.next();
        for cell in &column.cells {
            let labels: Vec<String> =
                cell.labels.iter().map(|label| label.value.to_string()).collect();
            if !labels.is_empty() {
                flags = Flags::Unknown;
            }
            let first = self.lines.len();
            if let Some(located) = &cell.instr
                && let Some(instr) = located.value.x86()
            {
                let next = rest.next();
                let wanted = next.is_some_and(Instr::reads_flags);
                flags = self.instruction(instr, &flags, wanted).map_err(|message| NotLowered {
                    message: format!("`{instr}` is not lowered: {message}"),
                    span: located.span,
                })?;
                if self.lines.len() == first {
                    self.emit("nop");
                }
                self.lines[first].source = Some(instr.to_string());
            } else {
                self.lines.push(Line::default());
            }
            self.lines[first].labels.splice(0..0, labels);
        }
        Ok(())
    }

    fn emit(&mut self, instr: impl Into<String>) {
        self.lines.push(Line { instr: instr.into(), ..Line::default() });
    }

    fn instruction(&mut self, instr: &Instr, flags: &Flags, wanted: bool) -> Done<Flags> {
        use Operation as O;
        let operands = &instr.operands;
        let high = operands.iter().find_map(|operand| match operand {
            Operand::Register(reg) if reg.part() == Part::HighByte => Some(reg),
            _ => None,
        });
        if let Some(reg) = high {
            return Err(format!("`{reg}` is the middle of a register"));
        }
        match instr.operation {
            O::Mov => self.mov(instr, &operands[0], &operands[1])?,
            O::MoveZero | O::MoveSign => self.extend(instr)?,
            O::Lea => {
                let (Operand::Register(to), Operand::Memory(address)) =
                    (&operands[0], &operands[1])
                else {
                    return Err("its operands are others".into());
                };
                let (base, offset) = self.address(address, false)?;
                let (to, wide) = (self.written(*to)?, *to);
                self.emit(format!("addi {to},{base},{offset}"));
                self.narrowed(wide, Width::D)?;
            }
            O::Xchg => self.exchange(instr)?,
            O::Xadd => return self.exchange_and_add(instr, wanted),
            O::Cmpxchg => return self.compare_and_exchange(instr, wanted),
            O::Add | O::Sub | O::And | O::Or | O::Xor | O::Inc | O::Dec | O::Neg | O::Not => {
                return self.arithmetic(instr, wanted);
            }
            O::Bts | O::Btr | O::Btc if instr.is_locked() && !wanted => {
                return self.arithmetic(instr, wanted);
            }
            O::Shl | O::Shr | O::Sar | O::Imul if !wanted => self.shift_or_multiply(instr)?,
            O::Cmp => {
                let left = self.compared(&operands[0], instr.width, 0)?;
                let right = self.compared(&operands[1], instr.width, 1)?;
                return Ok(Flags::Compared(left, right));
            }
            O::Test => {
                let left = self.compared(&operands[0], instr.width, 0)?;
                if operands[0] == operands[1] {
                    return Ok(Flags::Logical(left));
                }
                let right = self.compared(&operands[1], instr.width, 1)?;
                self.emit(format!("and {},{left},{right}", TEMPORARIES[0]));
                return Ok(Flags::Logical(TEMPORARIES[0].into()));
            }
            O::Jump => {
                let label = instr.label().map(|label| label.to_string()).unwrap_or_default();
                self.emit(format!("j {label}"));
            }
            O::JumpIf(condition) => {
                let label = instr.label().map(|label| label.to_string()).unwrap_or_default();
                let branch = branch(condition, flags)?;
                self.emit(format!("{branch},{label}"));
                return Ok(flags.clone());
            }
            O::Mfence => {
                let operands = [("temp", TEMPORARIES[2].to_owned())];
                self.construct(Construct::Mfence, "d", &operands)?;
            }
            O::WeakFence(_) | O::Nothing(_) => {}
            _ => return Err("there are no flags to keep for it".into()),
        }
        Ok(Flags::Unknown)
    }

    fn mov(&mut self, instr: &Instr, to: &Operand, from: &Operand) -> Done {
        match (to, from) {
            (Operand::Register(to), Operand::Memory(address)) => {
                let dest = self.written(*to)?;
                self.load(address, instr.width, &dest)?;
                self.narrowed(*to, instr.width)
            }
            (Operand::Memory(address), from) => {
                let source = self.value(from, instr.width, 0)?;
                self.store(address, instr.width, &source)
            }
            (Operand::Register(to), Operand::Register(from)) => {
                let (dest, source) = (self.written(*to)?, self.registers.general(*from));
                let narrow = instr.width == Width::W && self.registers.is_wide(*from);
                let mv = if narrow { "sext.w" } else { "mv" };
                self.emit(format!("{mv} {dest},{source}"));
                self.narrowed(*to, instr.width)
            }
            (Operand::Register(to), Operand::Immediate(value)) => {
                let dest = self.written(*to)?;
                let value = match instr.width {
                    Width::W if self.registers.is_wide(*to) => i64::from(*value as u32),
                    Width::W => i64::from(*value as i32),
                    _ => *value,
                };
                self.emit(format!("li {dest},{value}"));
                Ok(())
            }
            (Operand::Register(to), Operand::Offset(symbol)) => {
                let dest = self.written(*to)?;
                self.emit(format!("mv {dest},{}", self.registers.symbol(symbol)));
                Ok(())
            }
            _ => Err("its operands are others".into()),
        }
    }

    /// `movzx`, `movsx`
    fn extend(&mut self, instr: &Instr) -> Done {
        let Operand::Register(to) = &instr.operands[0] else {
            return Err("its destination is no register".into());
        };
        let dest = self.written(*to)?;
        match &instr.operands[1] {
            Operand::Memory(address) => self.load(address, instr.from, &dest)?,
            Operand::Register(from) => {
                self.emit(format!("mv {dest},{}", self.registers.general(*from)));
            }
            _ => return Err("its operands are others".into()),
        }
        let signed = instr.operation == Operation::MoveSign;
        let by = 64 - 8 * instr.from.bytes();
        if signed && instr.operands[1].is_memory() {
        } else if !signed && instr.from == Width::B {
            self.emit(format!("andi {dest},{dest},255"));
        } else {
            self.emit(format!("slli {dest},{dest},{by}"));
            let shift = if signed { "srai" } else { "srli" };
            self.emit(format!("{shift} {dest},{dest},{by}"));
        }
        if signed { self.narrowed(*to, instr.width) } else { Ok(()) }
    }
}

fn letter(width: Width) -> &'static str {
    match width {
        Width::B => "b",
        Width::H => "h",
        Width::W => "w",
        Width::D | Width::Q => "d",
    }
}
