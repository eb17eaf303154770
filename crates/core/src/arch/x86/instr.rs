//! An instruction: what it does, and its operands.

use super::{Name, Operation, Reg, Width};

/// The two ways in which x86 is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Syntax {
    /// The destination first, addresses in brackets: `MOV EAX,[x]`.
    Intel,
    /// The destination last, a letter for the width, `%` and `$`: `movq $1,(x)`.
    Att,
}

/// An address: all parts that are there, added.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Address {
    /// A location.
    pub symbol: Option<Name>,
    /// A register.
    pub base: Option<Reg>,
    /// A register, and the power of two that it is multiplied with.
    pub index: Option<(Reg, u8)>,
    /// Bytes.
    pub displacement: i64,
}

/// An operand.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Operand {
    /// A register.
    Register(Reg),
    /// A number.
    Immediate(i64),
    /// What is in memory there.
    Memory(Address),
    /// The address of a location, as a number.
    Offset(Name),
    /// A label of the hart's code.
    Label(Name),
}

/// An instruction of a test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Instr {
    /// What it does.
    pub operation: Operation,
    /// Does it stand behind `lock`?
    pub lock: bool,
    /// The width of its operands.
    pub width: Width,
    /// The width of what is extended; else the same.
    pub from: Width,
    /// The destination first, in either syntax.
    pub operands: Vec<Operand>,
    /// How it is written.
    pub syntax: Syntax,
}

/// Why operands do not fit an instruction.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OperandError {
    /// There are too many or too few.
    #[error("`{name}` has {takes}, not {given}")]
    Count {
        /// The instruction.
        name: &'static str,
        /// How many it takes.
        takes: &'static str,
        /// How many there are.
        given: usize,
    },
    /// One is of another kind.
    #[error("operand {nth} of `{name}` is {takes}")]
    Kind {
        /// The instruction.
        name: &'static str,
        /// Which one, from 1 as Intel counts: the destination first.
        nth: usize,
        /// What it takes.
        takes: &'static str,
    },
    /// Both are in memory.
    #[error("`{0}` has at most one operand in memory")]
    TwoInMemory(&'static str),
    /// A register is of another width.
    #[error("`{reg}` has {has} bits, not {needs}")]
    Width {
        /// The register.
        reg: Reg,
        /// How wide it is.
        has: u64,
        /// How wide the others are.
        needs: u64,
    },
    /// What is extended is not narrower.
    #[error("`{0}` extends to something wider; `mov` of 32 bits clears the upper half")]
    Extends(&'static str),
    /// A number does not fit.
    #[error("`{0}` is out of range")]
    Immediate(i64),
    /// Nothing says how wide the operands are.
    #[error("nothing says how wide the operands of `{0}` are")]
    NoWidth(&'static str),
    /// There is none for 8 bits.
    #[error("`{0}` has no form for 8 bits")]
    NoBytes(&'static str),
    /// `lock` before what cannot be locked.
    #[error("`lock` cannot stand before `{0}`")]
    Lock(&'static str),
    /// `lock` before what does not write memory.
    #[error("`lock {0}` needs a destination in memory")]
    LockedRegister(&'static str),
}

impl Operand {
    /// Is it in memory?
    #[must_use]
    pub const fn is_memory(&self) -> bool {
        matches!(self, Operand::Memory(_))
    }

    pub(super) const fn is_register(&self) -> bool {
        matches!(self, Operand::Register(_))
    }

    pub(super) const fn is_place(&self) -> bool {
        self.is_register() || self.is_memory()
    }

    pub(super) const fn is_number(&self) -> bool {
        matches!(self, Operand::Immediate(_) | Operand::Offset(_))
    }
}

impl Instr {
    /// Do the operands fit the instruction and one another?
    ///
    /// # Errors
    /// What does not fit.
    pub fn check(&self) -> Result<(), OperandError> {
        let name = self.name();
        let (kinds, least) = self.operation.takes();
        let given = self.operands.len();
        if !(least..=kinds.len()).contains(&given) {
            let takes = match (least, kinds.len()) {
                (_, 0) => "no operands",
                (1, 1) => "one operand",
                (1, 2) => "one or two operands",
                (2, 2) => "two operands",
                _ => "two or three operands",
            };
            return Err(OperandError::Count { name, takes, given });
        }
        for (index, (operand, kind)) in self.operands.iter().zip(kinds).enumerate() {
            if !kind.allows(operand) {
                return Err(OperandError::Kind { name, nth: index + 1, takes: kind.name() });
            }
            self.check_width(index, operand)?;
        }
        let extends = match self.operation {
            Operation::MoveZero => self.from < self.width.min(Width::W),
            Operation::MoveSign => self.from < self.width,
            _ => true,
        };
        if !extends {
            return Err(OperandError::Extends(name));
        }
        if self.operands.iter().filter(|operand| operand.is_memory()).count() > 1 {
            return Err(OperandError::TwoInMemory(name));
        }
        if self.width == Width::B && !self.operation.has_bytes() {
            return Err(OperandError::NoBytes(name));
        }
        if self.lock && !self.operation.can_lock() {
            return Err(OperandError::Lock(name));
        }
        let destination = match self.operation {
            Operation::Xchg => self.memory().is_some(),
            _ => self.operands.first().is_some_and(Operand::is_memory),
        };
        if self.lock && !destination {
            return Err(OperandError::LockedRegister(name));
        }
        Ok(())
    }

    fn check_width(&self, index: usize, operand: &Operand) -> Result<(), OperandError> {
        let is_count = matches!(self.operation, Operation::Shl | Operation::Shr | Operation::Sar);
        match operand {
            Operand::Register(reg) if !(is_count && index == 1) => {
                let extended = matches!(self.operation, Operation::MoveZero | Operation::MoveSign);
                let width = if extended && index == 1 { self.from } else { self.width };
                let (has, needs) = (8 * reg.width().bytes(), 8 * width.bytes());
                if has == needs {
                    Ok(())
                } else {
                    Err(OperandError::Width { reg: *reg, has, needs })
                }
            }
            Operand::Immediate(value) => {
                let bits = match (self.width, self.operation, &self.operands[0]) {
                    // A register can be given any number.
                    (Width::D, Operation::Mov, Operand::Register(_)) => return Ok(()),
                    (width, ..) => (8 * width.bytes()).min(32),
                };
                let signed = self.width == Width::D;
                let least = -1_i64 << (bits - 1);
                let greatest = if signed { !least } else { (1 << bits) - 1 };
                let fits = (least..=greatest).contains(value);
                if fits { Ok(()) } else { Err(OperandError::Immediate(*value)) }
            }
            _ => Ok(()),
        }
    }

    /// The operand in memory.
    #[must_use]
    pub fn memory(&self) -> Option<&Address> {
        self.operands.iter().find_map(|operand| match operand {
            Operand::Memory(address) => Some(address),
            _ => None,
        })
    }

    /// Does one of its registers say how wide its operands are? Those that a shift counts by, or that are
    /// extended, say it of others.
    #[must_use]
    pub fn width_is_of_register(&self) -> bool {
        let says = match self.operation {
            Operation::Shl | Operation::Shr | Operation::Sar => &self.operands[..1],
            _ => &self.operands,
        };
        says.iter().any(Operand::is_register)
    }

    /// Is it one read-modify-write? An `xchg` with memory always is.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.lock || self.operation == Operation::Xchg && self.memory().is_some()
    }

    /// The label that it jumps to.
    #[must_use]
    pub fn label(&self) -> Option<&Name> {
        match self.operands.first() {
            Some(Operand::Label(label)) => Some(label),
            _ => None,
        }
    }

    /// The location that it names.
    #[must_use]
    pub fn symbol(&self) -> Option<&Name> {
        self.operands.iter().find_map(|operand| match operand {
            Operand::Memory(address) => address.symbol.as_ref(),
            Operand::Offset(symbol) => Some(symbol),
            _ => None,
        })
    }

    /// The number among its operands.
    #[must_use]
    pub fn immediate(&self) -> Option<i64> {
        self.operands.iter().find_map(|operand| match operand {
            Operand::Immediate(value) => Some(*value),
            _ => None,
        })
    }

    /// Its mnemonic without a letter for the width.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match (self.operation, self.width) {
            (Operation::CmpxchgPair, Width::D) => "cmpxchg8b",
            (operation, _) => operation.name(),
        }
    }

    /// The mnemonic as explanations name it: `lock ` and `xadd`.
    #[must_use]
    pub fn mnemonic(&self) -> [&'static str; 2] {
        [if self.lock { "lock " } else { "" }, self.name()]
    }
}
