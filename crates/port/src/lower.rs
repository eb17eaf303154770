//! A test of RISC-V made of one of x86, by a map.
//!
//! Memory accesses and fences become what the map says. What stands between them becomes the nearest instructions
//! of RISC-V; flags are not kept but read off where they are set, so a conditional jump stands directly below the
//! instruction that sets them.

use std::collections::BTreeMap;

use rvlitmus_core::arch::x86::{Address, Condition, Instr, Operand, Operation, Reg, Width};
use rvlitmus_core::litmus::{HartId, Span, Test};

use crate::map::{Construct, Map};
use crate::registers::{Registers, TEMPORARIES, instrs};
use crate::target;

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

/// What the flags say, at the instruction that sets them.
#[derive(Clone)]
enum Flags {
    /// Of a comparison of two registers.
    Compared(String, String),
    /// Of a result, carry and overflow aside.
    Result(String),
    /// Of a result of `and`, `or`, `xor` or `test`, which has neither.
    Logical(String),
    /// Not known here.
    Unknown,
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

    /// `xchg`
    fn exchange(&mut self, instr: &Instr) -> Done {
        let [a, b] = &instr.operands[..] else { return Err("its operands are others".into()) };
        let (to, from) = if b.is_memory() { (b, a) } else { (a, b) };
        let Operand::Register(from) = from else { return Err("its operands are others".into()) };
        match to {
            Operand::Memory(address) => {
                let dest = self.written(*from)?;
                self.read_modify_write(Construct::Xchg, instr, address, &dest, &dest.clone(), "")?;
                self.narrowed(*from, instr.width)
            }
            Operand::Register(to) => {
                let [a, b] = [self.written(*to)?, self.written(*from)?];
                self.emit(format!("mv {},{a}", TEMPORARIES[0]));
                self.emit(format!("mv {a},{b}"));
                self.emit(format!("mv {b},{}", TEMPORARIES[0]));
                if self.registers.is_wide(*to) != self.registers.is_wide(*from) {
                    return Err("one register is used with 64 bits, the other is not".into());
                }
                Ok(())
            }
            _ => Err("its operands are others".into()),
        }
    }

    fn exchange_and_add(&mut self, instr: &Instr, wanted: bool) -> Done<Flags> {
        let (Operand::Memory(address), Operand::Register(from)) =
            (&instr.operands[0], &instr.operands[1])
        else {
            return Err("its destination is no memory".into());
        };
        let dest = self.written(*from)?;
        if !instr.is_locked() {
            let old = TEMPORARIES[0];
            self.load(address, instr.width, old)?;
            self.emit(format!("add {},{old},{dest}", TEMPORARIES[1]));
            self.store(address, instr.width, TEMPORARIES[1])?;
            self.emit(format!("mv {dest},{old}"));
            self.narrowed(*from, instr.width)?;
            return if wanted { Err("its flags are not kept".into()) } else { Ok(Flags::Unknown) };
        }
        if wanted {
            self.emit(format!("mv {},{dest}", TEMPORARIES[0]));
        }
        self.read_modify_write(Construct::Xadd, instr, address, &dest, &dest.clone(), "")?;
        let mut flags = Flags::Unknown;
        if wanted {
            let add = if instr.width == Width::D { "add" } else { "addw" };
            let sum = TEMPORARIES[0];
            self.emit(format!("{add} {sum},{sum},{dest}"));
            flags = Flags::Result(sum.into());
        }
        self.narrowed(*from, instr.width)?;
        Ok(flags)
    }

    fn compare_and_exchange(&mut self, instr: &Instr, wanted: bool) -> Done<Flags> {
        let (Operand::Memory(address), Operand::Register(from)) =
            (&instr.operands[0], &instr.operands[1])
        else {
            return Err("its destination is no memory".into());
        };
        if !instr.is_locked() {
            return Err("without `lock` it is two operations, and rarely meant".into());
        }
        let name = if instr.width == Width::D { "rax" } else { "eax" };
        let rax = Reg::parse(name, instr.syntax).ok_or("there is no accumulator")?;
        let (accumulator, new) = (self.registers.general(rax), self.registers.general(*from));
        let narrow = instr.width != Width::D;
        let expected = TEMPORARIES[0];
        let template = self.map.template(Construct::Cmpxchg, letter(instr.width));
        let separate = template.is_some_and(|template| template.uses("dest"));
        if wanted || separate || narrow && self.registers.is_wide(rax) {
            let mv = if narrow && self.registers.is_wide(rax) { "sext.w" } else { "mv" };
            self.emit(format!("{mv} {expected},{accumulator}"));
        }
        if separate {
            let found = TEMPORARIES[1];
            self.read_modify_write(Construct::Cmpxchg, instr, address, found, &new, expected)?;
            self.emit(format!("mv {accumulator},{found}"));
        } else {
            let from = accumulator.clone();
            self.read_modify_write(Construct::Cmpxchg, instr, address, &from, &new, &accumulator)?;
        }
        let flags = match wanted {
            true => Flags::Compared(expected.into(), accumulator),
            false => Flags::Unknown,
        };
        if wanted && narrow && self.registers.is_wide(rax) {
            return Err("its accumulator is used with 64 bits elsewhere".into());
        }
        self.narrowed(rax, instr.width)?;
        Ok(flags)
    }

    /// An operation of a destination and a source, in registers or in memory.
    fn arithmetic(&mut self, instr: &Instr, wanted: bool) -> Done<Flags> {
        use Operation as O;
        let (operation, width) = (instr.operation, instr.width);
        let source = match (operation, instr.operands.get(1)) {
            (O::Inc, _) => "1".to_owned(),
            (O::Dec, _) => "-1".to_owned(),
            (O::Not, _) => "-1".to_owned(),
            (O::Neg, _) => String::new(),
            (O::Bts | O::Btc, Some(Operand::Immediate(bit))) => {
                format!("{}", 1_i64 << (bit & (8 * width.bytes() as i64 - 1)))
            }
            (O::Btr, Some(Operand::Immediate(bit))) => {
                format!("{}", !(1_i64 << (bit & (8 * width.bytes() as i64 - 1))))
            }
            (O::Bts | O::Btr | O::Btc, _) => return Err("the bit's number is no constant".into()),
            (O::Sub, Some(Operand::Immediate(value))) => value.wrapping_neg().to_string(),
            (_, Some(Operand::Immediate(value))) => value.to_string(),
            (_, Some(operand)) => self.value(operand, width, 1)?,
            (_, None) => return Err("its operands are others".into()),
        };
        let is_number = source.parse::<i64>().is_ok();
        let op = match operation {
            O::Add | O::Inc | O::Dec => "add",
            O::Sub if is_number => "add",
            O::Sub | O::Neg => "sub",
            O::And | O::Btr => "and",
            O::Or | O::Bts => "or",
            _ => "xor",
        };
        let flags = |register: &str| match operation {
            O::And | O::Or | O::Xor => Flags::Logical(register.into()),
            O::Not => Flags::Unknown,
            _ => Flags::Result(register.into()),
        };
        match &instr.operands[0] {
            Operand::Memory(address) if instr.is_locked() => {
                let mut addend = source;
                if operation == O::Neg {
                    return Err("there is no such read-modify-write".into());
                }
                if is_number {
                    self.emit(format!("li {},{addend}", TEMPORARIES[1]));
                    addend = TEMPORARIES[1].into();
                } else if operation == O::Sub {
                    self.emit(format!("sub {},x0,{addend}", TEMPORARIES[1]));
                    addend = TEMPORARIES[1].into();
                }
                let op = if op == "sub" { "add" } else { op };
                let dest = if wanted { TEMPORARIES[0] } else { "x0" };
                self.read_modify_write(Construct::LockOp, instr, address, dest, &addend, op)?;
                if wanted {
                    let op = if op == "add" && width != Width::D { "addw" } else { op };
                    self.emit(format!("{op} {dest},{dest},{addend}"));
                }
                Ok(if wanted { flags(dest) } else { Flags::Unknown })
            }
            Operand::Memory(address) => {
                let result = TEMPORARIES[0];
                self.load(address, width, result)?;
                self.compute(op, result, result, &source, width);
                self.store(address, width, result)?;
                Ok(if wanted { flags(result) } else { Flags::Unknown })
            }
            Operand::Register(to) => {
                let dest = self.written(*to)?;
                self.compute(op, &dest, &dest.clone(), &source, width);
                if wanted && width == Width::W && self.registers.is_wide(*to) {
                    return Err("its register is used with 64 bits elsewhere".into());
                }
                self.narrowed(*to, width)?;
                Ok(flags(&dest))
            }
            _ => Err("its operands are others".into()),
        }
    }

    /// `op dest,left,right`; a negation has no `right`.
    fn compute(&mut self, op: &str, dest: &str, left: &str, right: &str, width: Width) {
        let word = if width == Width::D || !matches!(op, "add" | "sub") { "" } else { "w" };
        match right.parse::<i64>() {
            Err(_) if right.is_empty() => self.emit(format!("{op}{word} {dest},x0,{left}")),
            Err(_) => self.emit(format!("{op}{word} {dest},{left},{right}")),
            Ok(number) if (-2048..2048).contains(&number) => {
                self.emit(format!("{op}i{word} {dest},{left},{number}"));
            }
            Ok(number) => {
                self.emit(format!("li {},{number}", TEMPORARIES[1]));
                self.emit(format!("{op}{word} {dest},{left},{}", TEMPORARIES[1]));
            }
        }
    }

    fn shift_or_multiply(&mut self, instr: &Instr) -> Done {
        let Operand::Register(to) = &instr.operands[0] else {
            return Err("its destination is in memory".into());
        };
        if instr.width.bytes() < 4 {
            return Err("it writes a part of a register".into());
        }
        let word = if instr.width == Width::W { "w" } else { "" };
        let dest = self.written(*to)?;
        let (op, last) = match instr.operation {
            Operation::Shl => ("sll", 1),
            Operation::Shr => ("srl", 1),
            Operation::Sar => ("sra", 1),
            _ => ("mul", instr.operands.len() - 1),
        };
        let left = match (op, instr.operands.len()) {
            ("mul", 3) => self.value(&instr.operands[1], instr.width, 0)?,
            _ => dest.clone(),
        };
        match instr.operands.get(last) {
            None => self.emit(format!("{op}i{word} {dest},{left},1")),
            Some(Operand::Immediate(count)) if op != "mul" => {
                let count = count & if word.is_empty() { 63 } else { 31 };
                self.emit(format!("{op}i{word} {dest},{left},{count}"));
            }
            Some(operand) => {
                let right = self.value(operand, instr.width, 1)?;
                self.emit(format!("{op}{word} {dest},{left},{right}"));
            }
        }
        self.narrowed(*to, instr.width)
    }

    fn load(&mut self, address: &Address, width: Width, dest: &str) -> Done {
        let address = self.addressed(Construct::Load, address, width)?;
        let operands = [("dest", dest.to_owned()), ("address", address)];
        self.construct(Construct::Load, letter(width), &operands)
    }

    fn store(&mut self, address: &Address, width: Width, source: &str) -> Done {
        let address = self.addressed(Construct::Store, address, width)?;
        let operands = [("source", source.to_owned()), ("address", address)];
        self.construct(Construct::Store, letter(width), &operands)
    }

    /// `extra` is what is expected, or the operation of a locked instruction.
    fn read_modify_write(
        &mut self,
        construct: Construct,
        instr: &Instr,
        address: &Address,
        dest: &str,
        source: &str,
        extra: &str,
    ) -> Done {
        let address = self.addressed(construct, address, instr.width)?;
        let operands = [
            ("dest", dest.to_owned()),
            ("source", source.to_owned()),
            ("address", address),
            ("expected", extra.to_owned()),
            ("op", extra.to_owned()),
            ("temp", TEMPORARIES[2].to_owned()),
        ];
        let template = self.map.template(construct, letter(instr.width));
        // What several instructions do may not write the source before it is read.
        let long =
            template.is_some_and(|template| template.lines.len() > 1 && template.uses("dest"));
        if long && dest == source {
            let mut operands = operands;
            operands[0].1 = TEMPORARIES[1].to_owned();
            self.construct(construct, letter(instr.width), &operands)?;
            self.emit(format!("mv {dest},{}", TEMPORARIES[1]));
            return Ok(());
        }
        self.construct(construct, letter(instr.width), &operands)
    }

    /// Emits the instructions of the map.
    fn construct(
        &mut self,
        construct: Construct,
        width: &'static str,
        operands: &[(&str, String)],
    ) -> Done {
        let map = self.map;
        let template = map.template(construct, width).ok_or("the map does not say it")?;
        *self.uses.entry((construct, width)).or_default() += 1;
        self.labels += 2;
        let labels = [("loop", self.labels), ("done", self.labels + 1)];
        for line in &template.lines {
            let mut text = line.replace("{width}", width);
            for (name, value) in operands {
                text = text.replace(&format!("{{{name}}}"), value);
            }
            for (name, number) in labels {
                text = text.replace(&format!("{{{name}}}"), &format!("LP{number}"));
            }
            text = text.replace("{temp}", TEMPORARIES[2]);
            let mut line = Line::default();
            while let Some((label, rest)) = text.split_once(':') {
                line.labels.push(label.trim().to_owned());
                text = rest.trim().to_owned();
            }
            line.instr = text;
            self.lines.push(line);
        }
        Ok(())
    }

    /// An address for the instructions of a construct: with its offset where they have room for one.
    fn addressed(&mut self, construct: Construct, address: &Address, width: Width) -> Done<String> {
        let template =
            self.map.template(construct, letter(width)).ok_or("the map does not say it")?;
        let takes_offset = template.takes_offset();
        let (base, offset) = self.address(address, !takes_offset)?;
        Ok(match (offset, takes_offset) {
            (0, false) => format!("({base})"),
            (offset, _) => format!("{offset}({base})"),
        })
    }

    /// A register and an offset; the offset is 0 where `whole` asks for it.
    fn address(&mut self, address: &Address, whole: bool) -> Done<(String, i64)> {
        let temporary = TEMPORARIES[3];
        let Address { symbol, base, index, displacement } = address;
        let mut sum: Option<String> = None;
        let mut add = |this: &mut Self, register: String| {
            sum = Some(match sum.take() {
                None => register,
                Some(before) => {
                    this.emit(format!("add {temporary},{before},{register}"));
                    temporary.to_owned()
                }
            });
        };
        if let Some((index, scale)) = index {
            let register = self.registers.general(*index);
            if *scale > 0 {
                self.emit(format!("slli {temporary},{register},{scale}"));
            }
            add(self, if *scale > 0 { temporary.to_owned() } else { register });
        }
        if let Some(base) = base {
            add(self, self.registers.general(*base));
        }
        if let Some(symbol) = symbol {
            add(self, self.registers.symbol(symbol));
        }
        let base = sum.unwrap_or_else(|| "x0".into());
        if !(-2048..2048).contains(displacement) {
            return Err("its displacement does not fit 12 bits".into());
        }
        if whole && *displacement != 0 {
            self.emit(format!("addi {temporary},{base},{displacement}"));
            return Ok((temporary.into(), 0));
        }
        Ok((base, *displacement))
    }

    /// The register that a number or a register is in, for who reads its lowest bytes.
    fn value(&mut self, operand: &Operand, width: Width, temporary: usize) -> Done<String> {
        match operand {
            Operand::Register(reg) if reg.to_string().to_lowercase().ends_with('h') => {
                Err(format!("`{reg}` is the middle of a register"))
            }
            Operand::Register(reg) => Ok(self.registers.general(*reg)),
            Operand::Immediate(0) => Ok("x0".into()),
            Operand::Immediate(value) => {
                self.emit(format!("li {},{value}", TEMPORARIES[temporary]));
                Ok(TEMPORARIES[temporary].into())
            }
            Operand::Offset(symbol) => Ok(self.registers.symbol(symbol)),
            Operand::Memory(address) => {
                self.load(address, width, TEMPORARIES[temporary])?;
                Ok(TEMPORARIES[temporary].into())
            }
            Operand::Label(_) => Err("its operands are others".into()),
        }
    }

    /// The same for who compares all of it: sign-extended.
    fn compared(&mut self, operand: &Operand, width: Width, temporary: usize) -> Done<String> {
        let register = TEMPORARIES[temporary];
        match operand {
            Operand::Register(reg) if width.bytes() < 4 => {
                let by = 64 - 8 * width.bytes();
                let whole = self.value(&Operand::Register(*reg), width, temporary)?;
                self.emit(format!("slli {register},{whole},{by}"));
                self.emit(format!("srai {register},{register},{by}"));
                Ok(register.into())
            }
            Operand::Register(reg) if width == Width::W && self.registers.is_wide(*reg) => {
                self.emit(format!("sext.w {register},{}", self.registers.general(*reg)));
                Ok(register.into())
            }
            Operand::Immediate(value) if *value != 0 => {
                let value = match width {
                    Width::B => i64::from(*value as i8),
                    Width::H => i64::from(*value as i16),
                    Width::W => i64::from(*value as i32),
                    _ => *value,
                };
                self.value(&Operand::Immediate(value), width, temporary)
            }
            operand => self.value(operand, width, temporary),
        }
    }

    /// The register for a whole one of x86 that is written.
    fn written(&self, reg: Reg) -> Done<String> {
        match reg.width() {
            Width::W | Width::D => Ok(self.registers.general(reg)),
            // What nothing more is ever used of is as good as whole.
            _ if self.registers.is_widest(reg) => Ok(self.registers.general(reg)),
            _ => Err(format!("it writes `{reg}`, a part of what is used elsewhere")),
        }
    }

    /// Clears the upper half of a register that is used with 64 bits, once 32 have been written.
    fn narrowed(&mut self, reg: Reg, width: Width) -> Done {
        if width == Width::W && self.registers.is_wide(reg) {
            let register = self.registers.general(reg);
            self.emit(format!("slli {register},{register},32"));
            self.emit(format!("srli {register},{register},32"));
        }
        Ok(())
    }
}

/// The branch of a condition on flags: `beq x5,x6`.
fn branch(condition: Condition, flags: &Flags) -> Done<String> {
    use Condition as C;
    match flags {
        Flags::Compared(left, right) => {
            let name = match condition {
                C::Equal => "beq",
                C::NotEqual => "bne",
                C::Less => "blt",
                C::GreaterEqual => "bge",
                C::Greater => "bgt",
                C::LessEqual => "ble",
                C::Below => "bltu",
                C::AboveEqual => "bgeu",
                C::Above => "bgtu",
                C::BelowEqual => "bleu",
                _ => return Err("a comparison keeps neither sign nor overflow nor parity".into()),
            };
            Ok(format!("{name} {left},{right}"))
        }
        Flags::Result(register) | Flags::Logical(register) => {
            let logical = matches!(flags, Flags::Logical(_));
            let name = match condition {
                C::Equal => "beqz",
                C::NotEqual => "bnez",
                C::Sign => "bltz",
                C::NotSign => "bgez",
                C::Less if logical => "bltz",
                C::GreaterEqual if logical => "bgez",
                C::LessEqual if logical => "blez",
                C::Greater if logical => "bgtz",
                _ => return Err("neither carry nor overflow is kept".into()),
            };
            Ok(format!("{name} {register}"))
        }
        Flags::Unknown => {
            Err("put it directly below a comparison or what else sets the flags".into())
        }
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
