//! What an encoding can hold: ranges of immediates, classes of registers.
//!
//! A [`Format`] limits most instructions; the rows of compressed and a few other instructions
//! tighten that by their own [`Limits`]. [`Def::check`] applies both, so that nothing runs that no
//! assembler could encode.

use std::fmt;

use super::{Def, Format, Operands, Reg};

/// The immediates that an encoding can hold.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Immediate {
    /// Inclusive ranges, ascending.
    pub ranges: &'static [(i128, i128)],
    /// 1, or the alignment that the encoding leaves out.
    pub multiple_of: i128,
}

impl Immediate {
    /// Only 0, which stands for no immediate at all.
    pub const ZERO: Immediate = Immediate::new(&[(0, 0)], 1);

    /// The numbers in `ranges` that `multiple_of` divides.
    #[must_use]
    pub const fn new(ranges: &'static [(i128, i128)], multiple_of: i128) -> Immediate {
        Immediate { ranges, multiple_of }
    }

    /// Can the encoding hold `value`?
    #[must_use]
    pub fn contains(&self, value: i128) -> bool {
        value % self.multiple_of == 0
            && self.ranges.iter().any(|(min, max)| (*min..=*max).contains(&value))
    }
}

/// `-2048 to 2047`, `0 to 124 in steps of 4`, `1 to 31 or 1048544 to 1048575`, `0`.
impl fmt::Display for Immediate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (min, max)) in self.ranges.iter().enumerate() {
            if index > 0 {
                f.write_str(" or ")?;
            }
            if min == max {
                write!(f, "{min}")?;
            } else {
                write!(f, "{min} to {max}")?;
            }
        }
        if self.multiple_of != 1 {
            write!(f, " in steps of {}", self.multiple_of)?;
        }
        Ok(())
    }
}

/// The registers that an operand's field can name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Class {
    /// All 32.
    #[default]
    Any,
    /// The three-bit field of compressed instructions.
    X8ToX15,
    /// `x0` there means another instruction, or is reserved.
    NotZero,
    /// `x2` there means another instruction.
    NotSp,
    /// `x2`, which the encoding implies.
    Sp,
    /// The first register of a pair.
    Even,
}

impl Class {
    /// Is `reg` a member?
    #[must_use]
    pub const fn contains(self, reg: Reg) -> bool {
        let number = reg.number();
        match self {
            Class::Any => true,
            Class::X8ToX15 => number >= 8 && number <= 15,
            Class::NotZero => number != 0,
            Class::NotSp => number != 2,
            Class::Sp => number == 2,
            Class::Even => number.is_multiple_of(2),
        }
    }
}

/// Completes "... must be".
impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Class::Any => "an integer register",
            Class::X8ToX15 => "one of x8 to x15",
            Class::NotZero => "another register than x0",
            Class::NotSp => "another register than x2",
            Class::Sp => "x2 (sp)",
            Class::Even => "an even register, the first of a pair",
        })
    }
}

/// What one row's encoding asks for beyond its [`Format`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Limits {
    /// Destination.
    pub rd: Class,
    /// First source or address.
    pub rs1: Class,
    /// Second source.
    pub rs2: Class,
    /// Replaces [`Format::immediate`].
    pub imm: Option<Immediate>,
}

impl Limits {
    /// The format says it all.
    pub const NONE: Limits = Limits { rd: Class::Any, rs1: Class::Any, rs2: Class::Any, imm: None };

    /// Registers as the format says, and this immediate.
    #[must_use]
    pub const fn immediate(imm: Immediate) -> Limits {
        Limits { imm: Some(imm), ..Limits::NONE }
    }
}

/// An operand that the encoding cannot hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OperandError {
    /// A number out of range.
    #[error("immediate {value} is out of range: `{mnemonic}` takes {takes}")]
    Immediate {
        /// Whose operand.
        mnemonic: &'static str,
        /// As written.
        value: i128,
        /// What would do.
        takes: Immediate,
    },
    /// A register that the field cannot name.
    #[error("{register} is not possible here: {operand} of `{mnemonic}` must be {class}")]
    Register {
        /// Whose operand.
        mnemonic: &'static str,
        /// `rd`, `rs1` or `rs2`.
        operand: &'static str,
        /// As written.
        register: Reg,
        /// What would do.
        class: Class,
    },
}

impl Format {
    /// The immediates of this format; `None` when it has none. A format whose encoding has no
    /// offset, where assemblers accept a written 0, answers 0 alone.
    #[must_use]
    pub const fn immediate(self) -> Option<Immediate> {
        let ranges: &[(i128, i128)] = match self {
            Format::RdRs1Imm12
            | Format::RdMem
            | Format::Rs2Mem
            | Format::Jalr
            | Format::Mem
            | Format::TiedImm => &[(-2048, 2047)],
            Format::RdRs1Shamt6 => &[(0, 63)],
            Format::RdRs1Shamt5 => &[(0, 31)],
            Format::RdImm20 => &[(0, 0xf_ffff)],
            Format::RdImm64 => &[(i64::MIN as i128, u64::MAX as i128)],
            Format::RdBase | Format::Rs2Base | Format::RdRs2Base => &[(0, 0)],
            Format::None
            | Format::RdRs1Rs2
            | Format::RdRs1
            | Format::RdRs2
            | Format::RdSymbol
            | Format::Rs1Rs2Label
            | Format::Rs2Rs1Label
            | Format::Rs1Label
            | Format::Rs2Label
            | Format::Label
            | Format::RdLabel
            | Format::Rs1
            | Format::Fence
            | Format::TiedRs2
            | Format::Rs1Link => return None,
        };
        Some(Immediate::new(ranges, 1))
    }
}

impl Def {
    /// The immediates of this instruction; `None` when it has none.
    #[must_use]
    pub fn immediate(&self) -> Option<Immediate> {
        self.limits.imm.or(self.format.immediate())
    }

    /// Can `value`, as written, be this instruction's immediate?
    ///
    /// # Errors
    /// Names the range when it cannot. An instruction without an immediate takes 0 only.
    pub fn check_immediate(&self, value: i128) -> Result<(), OperandError> {
        let takes = self.immediate().unwrap_or(Immediate::ZERO);
        if takes.contains(value) {
            return Ok(());
        }
        Err(OperandError::Immediate { mnemonic: self.mnemonic, value, takes })
    }

    /// Can this instruction's encoding hold `operands`?
    ///
    /// # Errors
    /// The first operand, in the order rd, rs1, rs2, immediate, that it cannot hold.
    pub fn check(&self, operands: &Operands) -> Result<(), OperandError> {
        let registers = [
            ("rd", operands.rd, self.limits.rd),
            ("rs1", operands.rs1, self.limits.rs1),
            ("rs2", operands.rs2, self.limits.rs2),
        ];
        for (operand, register, class) in registers {
            if !class.contains(register) {
                let mnemonic = self.mnemonic;
                return Err(OperandError::Register { mnemonic, operand, register, class });
            }
        }
        self.check_immediate(operands.imm.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{Lookup, all, lookup};

    fn def(mnemonic: &str) -> &'static Def {
        let Lookup::Found(def, _) = lookup(mnemonic) else { panic!("{mnemonic}") };
        def
    }

    /// Least and greatest immediate, and the distance between two.
    #[test]
    fn encodings_hold_what_the_manual_says() {
        for (mnemonic, low, high, step) in [
            ("addi", -2048, 2047, 1),
            ("sltiu", -2048, 2047, 1),
            ("ld", -2048, 2047, 1),
            ("sb", -2048, 2047, 1),
            ("jalr", -2048, 2047, 1),
            ("slli", 0, 63, 1),
            ("sraiw", 0, 31, 1),
            ("rori", 0, 63, 1),
            ("roriw", 0, 31, 1),
            ("bexti", 0, 63, 1),
            ("slli.uw", 0, 63, 1),
            ("lui", 0, 0xf_ffff, 1),
            ("auipc", 0, 0xf_ffff, 1),
            ("li", i64::MIN.into(), u64::MAX.into(), 1),
            ("lr.w", 0, 0, 1),
            ("sc.d", 0, 0, 1),
            ("amoadd.b", 0, 0, 1),
            ("prefetch.w", -2048, 2016, 32),
            ("c.lw", 0, 124, 4),
            ("c.sw", 0, 124, 4),
            ("c.ld", 0, 248, 8),
            ("c.sd", 0, 248, 8),
            ("c.lwsp", 0, 252, 4),
            ("c.swsp", 0, 252, 4),
            ("c.ldsp", 0, 504, 8),
            ("c.sdsp", 0, 504, 8),
            ("c.li", -32, 31, 1),
            ("c.addi", -32, 31, 1),
            ("c.addiw", -32, 31, 1),
            ("c.andi", -32, 31, 1),
            ("c.slli", 0, 63, 1),
            ("c.srai", 0, 63, 1),
            ("c.addi4spn", 4, 1020, 4),
        ] {
            let takes = |value| def(mnemonic).check_immediate(value).is_ok();
            assert!(takes(low) && takes(high) && takes(low + step.min(high - low)), "{mnemonic}");
            assert!(!takes(low - step) && !takes(high + step), "{mnemonic}");
            assert_eq!(takes(low + 1), step == 1 && low < high, "{mnemonic}");
        }
    }

    #[test]
    fn ranges_with_a_hole() {
        let takes = |mnemonic, value| def(mnemonic).check_immediate(value).is_ok();
        for value in [-512, -16, 16, 496] {
            assert!(takes("c.addi16sp", value), "{value}");
        }
        for value in [-528, 0, 8, 512] {
            assert!(!takes("c.addi16sp", value), "{value}");
        }
        for value in [1, 31, 0xf_ffe0, 0xf_ffff] {
            assert!(takes("c.lui", value), "{value}");
        }
        for value in [0, 32, -1, 0xf_ffdf, 0x10_0000] {
            assert!(!takes("c.lui", value), "{value}");
        }
    }

    #[test]
    fn registers_that_the_field_cannot_name() {
        let with = |mnemonic, rd: u8, rs1: u8, rs2: u8| {
            let [rd, rs1, rs2] = [rd, rs1, rs2].map(Reg::new);
            def(mnemonic).check(&Operands { rd, rs1, rs2, ..Operands::default() })
        };
        assert_eq!(with("c.lw", 8, 15, 0), Ok(()));
        assert!(with("c.lw", 7, 15, 0).is_err());
        assert!(with("c.lw", 8, 16, 0).is_err());
        assert!(with("c.sd", 0, 8, 7).is_err());
        assert!(with("c.and", 9, 9, 16).is_err());
        assert_eq!(with("c.add", 5, 5, 6), Ok(()));
        assert!(with("c.add", 5, 5, 0).is_err(), "that is c.jalr");
        assert!(with("c.mv", 5, 0, 0).is_err(), "that is c.jr");
        assert!(with("c.jr", 0, 0, 0).is_err());
        assert!(with("c.jalr", 1, 0, 0).is_err(), "that is c.ebreak");
        assert!(with("c.lwsp", 0, 2, 0).is_err());
        assert!(with("c.lwsp", 5, 3, 0).is_err());
        assert_eq!(with("c.swsp", 0, 2, 0), Ok(()));
        assert!(with("c.addiw", 0, 0, 0).is_err());
        assert!(with("c.beqz", 0, 16, 0).is_err());
        let error = with("c.ld", 5, 8, 0).expect_err("x5 is too low");
        assert_eq!(
            error.to_string(),
            "x5 is not possible here: rd of `c.ld` must be one of x8 to x15"
        );
    }

    #[test]
    fn ranges_read_well() {
        let text = |mnemonic| def(mnemonic).immediate().map(|i| i.to_string());
        assert_eq!(text("addi").as_deref(), Some("-2048 to 2047"));
        assert_eq!(text("c.lw").as_deref(), Some("0 to 124 in steps of 4"));
        assert_eq!(text("c.lui").as_deref(), Some("1 to 31 or 1048544 to 1048575"));
        assert_eq!(text("lr.d").as_deref(), Some("0"));
        assert_eq!(text("add"), None);
    }

    /// An instruction shows an immediate if and only if it has more than a 0 to choose from.
    #[test]
    fn written_immediates_have_a_range() {
        for def in all() {
            let shown = ["imm", "shamt"].iter().any(|name| def.format.operands().contains(name));
            let chosen = def.immediate().is_some_and(|takes| takes != Immediate::ZERO);
            assert_eq!(shown, chosen, "{}", def.mnemonic);
        }
    }
}
