//! General-purpose registers and their parts.

use std::fmt;

use super::{Syntax, Width};
use crate::arch::Register;

/// A general-purpose register or a part of one, in the spelling of a syntax: `EAX`, `rax`, `r8d`, `ah`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Reg {
    number: u8,
    part: Part,
    syntax: Syntax,
}

/// Which part of a register.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// Bits 0 to 7.
    Byte,
    /// Bits 8 to 15.
    HighByte,
    /// Bits 0 to 15.
    Word,
    /// Bits 0 to 31.
    Long,
    /// All 64 bits.
    Quad,
}

/// The names of the parts of the eight registers that 32-bit processors have, narrow to wide.
const OLD: [[&str; 5]; 8] = [
    ["al", "ah", "ax", "eax", "rax"],
    ["cl", "ch", "cx", "ecx", "rcx"],
    ["dl", "dh", "dx", "edx", "rdx"],
    ["bl", "bh", "bx", "ebx", "rbx"],
    ["spl", "", "sp", "esp", "rsp"],
    ["bpl", "", "bp", "ebp", "rbp"],
    ["sil", "", "si", "esi", "rsi"],
    ["dil", "", "di", "edi", "rdi"],
];

const PARTS: [Part; 5] = [Part::Byte, Part::HighByte, Part::Word, Part::Long, Part::Quad];

/// What follows the number of `r8` to `r15`, by part.
const SUFFIXES: [(&str, Part); 4] =
    [("b", Part::Byte), ("w", Part::Word), ("d", Part::Long), ("", Part::Quad)];

impl Reg {
    /// The part of register `number`, 0 to 15 in the order of encodings: ax, cx, dx, bx, sp, bp, si, di, r8...
    #[must_use]
    pub const fn new(number: u8, part: Part, syntax: Syntax) -> Reg {
        Reg { number, part, syntax }
    }

    /// Reads a name without a `%`, in small or capital letters.
    #[must_use]
    pub fn parse(name: &str, syntax: Syntax) -> Option<Reg> {
        // Most words are none, and no name is longer.
        if !(2..=4).contains(&name.len()) {
            return None;
        }
        let name = name.to_ascii_lowercase();
        let old = OLD.iter().enumerate().find_map(|(number, names)| {
            let part = names.iter().position(|known| *known == name)?;
            Some(Reg { number: number as u8, part: PARTS[part], syntax })
        });
        old.or_else(|| {
            let rest = name.strip_prefix('r')?;
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number: u8 = rest[..digits].parse().ok().filter(|n| (8..16).contains(n))?;
            let (_, part) = SUFFIXES.into_iter().find(|(suffix, _)| *suffix == &rest[digits..])?;
            (!rest.starts_with('0')).then_some(Reg { number, part, syntax })
        })
    }

    /// Its number in encodings.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.number
    }

    /// Which part of the register it is.
    #[must_use]
    pub const fn part(self) -> Part {
        self.part
    }

    /// In which way it is spelled.
    #[must_use]
    pub const fn syntax(self) -> Syntax {
        self.syntax
    }

    /// How wide it is.
    #[must_use]
    pub const fn width(self) -> Width {
        match self.part {
            Part::Byte | Part::HighByte => Width::B,
            Part::Word => Width::H,
            Part::Long => Width::W,
            Part::Quad => Width::D,
        }
    }

    /// The whole that it is a part of, among the registers of actions.
    #[must_use]
    pub const fn register(self) -> Register {
        Register::new(self.number + 1)
    }

    /// The whole register, once this part of it is given a value: 32 bits clear what is above them.
    #[must_use]
    pub const fn filled(self, whole: u64, value: u64) -> u64 {
        match self.part {
            Part::Byte => whole & !0xff | value & 0xff,
            Part::HighByte => whole & !0xff00 | (value & 0xff) << 8,
            Part::Word => whole & !0xffff | value & 0xffff,
            Part::Long => value & 0xffff_ffff,
            Part::Quad => value,
        }
    }

    /// Does a processor of 32 bits have it?
    #[must_use]
    pub const fn is_of_32_bits(self) -> bool {
        let byte_of_pointer = matches!(self.part, Part::Byte) && self.number >= 4;
        self.number < 8 && !matches!(self.part, Part::Quad) && !byte_of_pointer
    }

    /// The name by which reports know what a register of actions holds.
    #[must_use]
    pub fn of(register: Register, syntax: Syntax) -> Option<Reg> {
        let number = (register.number() as u8).checked_sub(1).filter(|number| *number < 16)?;
        let part = match syntax {
            Syntax::Intel => Part::Long,
            Syntax::Att => Part::Quad,
        };
        Some(Reg { number, part, syntax })
    }
}

/// Capital letters in Intel's syntax, small ones in that of AT&T.
impl fmt::Display for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match OLD.get(usize::from(self.number)) {
            Some(names) => names[self.part as usize].to_owned(),
            None => {
                let suffix = SUFFIXES.into_iter().find(|(_, part)| *part == self.part);
                format!("r{}{}", self.number, suffix.map_or("", |(suffix, _)| suffix))
            }
        };
        match self.syntax {
            Syntax::Intel => f.pad(&name.to_ascii_uppercase()),
            Syntax::Att => f.pad(&name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        let mut names = std::collections::BTreeSet::new();
        for number in 0..16 {
            for part in PARTS {
                if part == Part::HighByte && number >= 4 {
                    continue;
                }
                for syntax in [Syntax::Intel, Syntax::Att] {
                    let reg = Reg::new(number, part, syntax);
                    assert_eq!(Reg::parse(&reg.to_string(), syntax), Some(reg));
                    names.insert(reg.to_string());
                }
            }
        }
        assert_eq!(names.len(), 2 * (16 * 4 + 4));
        for wrong in ["r7", "r16", "r08", "eaxx", "xmm0", "", "rip", "r8l", "ax1"] {
            assert_eq!(Reg::parse(wrong, Syntax::Att), None, "{wrong}");
        }
    }
}
