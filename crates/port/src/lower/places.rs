//! Operands as registers of the target, addresses, and the instructions that the map has for an access.

use rvlitmus_core::arch::x86::{Address, Instr, Operand, Reg, Width};

use super::{Column, Done, Line, letter};
use crate::map::Construct;
use crate::registers::TEMPORARIES;

impl Column<'_> {
    pub(super) fn load(&mut self, address: &Address, width: Width, dest: &str) -> Done {
        let address = self.addressed(Construct::Load, address, width)?;
        let operands = [("dest", dest.to_owned()), ("address", address)];
        self.construct(Construct::Load, letter(width), &operands)
    }

    pub(super) fn store(&mut self, address: &Address, width: Width, source: &str) -> Done {
        let address = self.addressed(Construct::Store, address, width)?;
        let operands = [("source", source.to_owned()), ("address", address)];
        self.construct(Construct::Store, letter(width), &operands)
    }

    /// `extra` is what is expected, or the operation of a locked instruction.
    pub(super) fn read_modify_write(
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
    pub(super) fn construct(
        &mut self,
        construct: Construct,
        width: &'static str,
        operands: &[(&str, String)],
    ) -> Done {
        let map = self.map;
        let template = map.template(construct, width).ok_or("the map does not say it")?;
        *self.uses.entry((construct, width)).or_default() += 1;
        self.labels += 2;
        let (again, done) = (format!("LP{}", self.labels), format!("LP{}", self.labels + 1));
        let value = |name: &str| match name {
            "width" => width,
            "loop" => &again,
            "done" => &done,
            name => operands.iter().find(|(n, _)| *n == name).map_or(TEMPORARIES[2], |(_, v)| v),
        };
        for line in &template.lines {
            let mut instr = filled(line, value);
            let mut labels = Vec::new();
            while let Some((label, rest)) = instr.split_once(':') {
                labels.push(label.trim().to_owned());
                instr = rest.trim().to_owned();
            }
            self.lines.push(Line { labels, instr, source: None });
        }
        Ok(())
    }

    /// An address for the instructions of a construct: with its offset where they have room for one.
    pub(super) fn addressed(
        &mut self,
        construct: Construct,
        address: &Address,
        width: Width,
    ) -> Done<String> {
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
    pub(super) fn address(&mut self, address: &Address, whole: bool) -> Done<(String, i64)> {
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
    pub(super) fn value(
        &mut self,
        operand: &Operand,
        width: Width,
        temporary: usize,
    ) -> Done<String> {
        match operand {
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
    pub(super) fn compared(
        &mut self,
        operand: &Operand,
        width: Width,
        temporary: usize,
    ) -> Done<String> {
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
    pub(super) fn written(&self, reg: Reg) -> Done<String> {
        match reg.width() {
            Width::W | Width::D => Ok(self.registers.general(reg)),
            // What nothing more is ever used of is as good as whole.
            _ if self.registers.is_widest(reg) => Ok(self.registers.general(reg)),
            _ => Err(format!("it writes `{reg}`, a part of what is used elsewhere")),
        }
    }

    /// Clears the upper half of a register that is used with 64 bits, once 32 have been written.
    pub(super) fn narrowed(&mut self, reg: Reg, width: Width) -> Done {
        if width == Width::W && self.registers.is_wide(reg) {
            let register = self.registers.general(reg);
            self.emit(format!("slli {register},{register},32"));
            self.emit(format!("srli {register},{register},32"));
        }
        Ok(())
    }
}

/// A line of a map with values in the places of its operands.
fn filled<'v>(line: &str, value: impl Fn(&str) -> &'v str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        out.push_str(value(name));
        rest = behind;
    }
    out + rest
}
