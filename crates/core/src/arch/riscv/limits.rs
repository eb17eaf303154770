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
        (self.multiple_of == 1 || value % self.multiple_of == 0)
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

    /// Is there nothing beyond the format?
    #[inline]
    #[must_use]
    pub const fn are_none(&self) -> bool {
        matches!(self, Limits { rd: Class::Any, rs1: Class::Any, rs2: Class::Any, imm: None })
    }

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
        if value == 0 && self.limits.imm.is_none() {
            // Every format takes it.
            return Ok(());
        }
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
        let Limits { rd, rs1, rs2, .. } = self.limits;
        self.check_register("rd", operands.rd, rd)?;
        self.check_register("rs1", operands.rs1, rs1)?;
        self.check_register("rs2", operands.rs2, rs2)?;
        match operands.relocation {
            Some(_) => Ok(()),
            None => self.check_immediate(operands.imm.into()),
        }
    }

    #[inline]
    fn check_register(
        &self,
        operand: &'static str,
        register: Reg,
        class: Class,
    ) -> Result<(), OperandError> {
        if class.contains(register) {
            return Ok(());
        }
        Err(OperandError::Register { mnemonic: self.mnemonic, operand, register, class })
    }
}

#[cfg(test)]
mod tests;
