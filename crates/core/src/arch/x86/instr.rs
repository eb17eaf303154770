//! An instruction: what it does, and its operands.

use super::{Condition, Name, Reg, Width};

/// The two ways in which x86 is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Syntax {
    /// The destination first, addresses in brackets: `MOV EAX,[x]`.
    Intel,
    /// The destination last, a letter for the width, `%` and `$`: `movq $1,(x)`.
    Att,
}

/// What an instruction does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Operation {
    Mov,
    /// `movzx`
    MoveZero,
    /// `movsx`
    MoveSign,
    Lea,
    Xchg,
    Xadd,
    Cmpxchg,
    /// `cmpxchg8b`, `cmpxchg16b`, by their width
    CmpxchgPair,
    Add,
    Adc,
    Sub,
    Sbb,
    And,
    Or,
    Xor,
    Cmp,
    Test,
    Inc,
    Dec,
    Neg,
    Not,
    Shl,
    Shr,
    Sar,
    Imul,
    Bt,
    Bts,
    Btr,
    Btc,
    Jump,
    JumpIf(Condition),
    SetIf(Condition),
    MoveIf(Condition),
    Mfence,
    /// `lfence`, `sfence`: between accesses to write-back memory they order nothing that is not ordered anyway
    WeakFence(&'static str),
    /// `nop`, `pause`, `endbr64`
    Nothing(&'static str),
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

    const fn is_register(&self) -> bool {
        matches!(self, Operand::Register(_))
    }

    const fn is_place(&self) -> bool {
        self.is_register() || self.is_memory()
    }

    const fn is_number(&self) -> bool {
        matches!(self, Operand::Immediate(_) | Operand::Offset(_))
    }
}

/// What an operand may be.
#[derive(Clone, Copy)]
enum Kind {
    Register,
    Memory,
    Place,
    Any,
    /// A register, `cl` for a shift, or a number of 8 bits.
    Count,
    /// A register or a number.
    Bit,
    Number,
    Label,
}

impl Kind {
    fn allows(self, operand: &Operand) -> bool {
        match self {
            Kind::Register => operand.is_register(),
            Kind::Memory => operand.is_memory(),
            Kind::Place => operand.is_place(),
            Kind::Any => operand.is_place() || operand.is_number(),
            Kind::Count => match operand {
                Operand::Register(reg) => (reg.number(), reg.width()) == (1, Width::B),
                Operand::Immediate(count) => (0..=255).contains(count),
                _ => false,
            },
            Kind::Bit => operand.is_register() || matches!(operand, Operand::Immediate(0..=255)),
            Kind::Number => operand.is_number(),
            Kind::Label => matches!(operand, Operand::Label(_)),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Kind::Register => "a register",
            Kind::Memory => "in memory",
            Kind::Place => "a register or in memory",
            Kind::Any => "a register, a number or in memory",
            Kind::Count => "`cl` or a number of 8 bits",
            Kind::Bit => "a register or a number of 8 bits",
            Kind::Number => "a number",
            Kind::Label => "a label",
        }
    }
}

impl Operation {
    /// What its operands may be, and how many are needed.
    const fn takes(self) -> (&'static [Kind], usize) {
        use Kind::{Any, Bit, Count, Label, Memory, Number, Place, Register};
        use Operation as O;
        let kinds: &[Kind] = match self {
            O::Mov | O::Add | O::Adc | O::Sub | O::Sbb | O::And | O::Or | O::Xor => &[Place, Any],
            O::Cmp | O::Test => &[Place, Any],
            O::MoveZero | O::MoveSign | O::MoveIf(_) => &[Register, Place],
            O::Lea => &[Register, Memory],
            O::Xchg => &[Place, Place],
            O::Xadd | O::Cmpxchg => &[Place, Register],
            O::CmpxchgPair => &[Memory],
            O::Inc | O::Dec | O::Neg | O::Not | O::SetIf(_) => &[Place],
            O::Shl | O::Shr | O::Sar => return (&[Place, Count], 1),
            O::Imul => return (&[Register, Place, Number], 2),
            O::Bt | O::Bts | O::Btr | O::Btc => &[Place, Bit],
            O::Jump | O::JumpIf(_) => &[Label],
            O::Mfence | O::WeakFence(_) | O::Nothing(_) => &[],
        };
        (kinds, kinds.len())
    }

    /// May `lock` stand before it?
    const fn can_lock(self) -> bool {
        use Operation as O;
        matches!(
            self,
            O::Xchg
                | O::Xadd
                | O::Cmpxchg
                | O::CmpxchgPair
                | O::Add
                | O::Adc
                | O::Sub
                | O::Sbb
                | O::And
                | O::Or
                | O::Xor
                | O::Inc
                | O::Dec
                | O::Neg
                | O::Not
                | O::Bts
                | O::Btr
                | O::Btc
        )
    }

    /// Has it operands whose width matters, and which a letter may say?
    #[must_use]
    pub const fn has_width(self) -> bool {
        use Operation as O;
        !matches!(
            self,
            O::CmpxchgPair
                | O::Jump
                | O::JumpIf(_)
                | O::SetIf(_)
                | O::Mfence
                | O::WeakFence(_)
                | O::Nothing(_)
        )
    }

    /// The usual mnemonic, without a letter for the width.
    #[must_use]
    pub const fn name(self) -> &'static str {
        use Operation as O;
        match self {
            O::Mov => "mov",
            O::MoveZero => "movzx",
            O::MoveSign => "movsx",
            O::Lea => "lea",
            O::Xchg => "xchg",
            O::Xadd => "xadd",
            O::Cmpxchg => "cmpxchg",
            O::CmpxchgPair => "cmpxchg16b",
            O::Add => "add",
            O::Adc => "adc",
            O::Sub => "sub",
            O::Sbb => "sbb",
            O::And => "and",
            O::Or => "or",
            O::Xor => "xor",
            O::Cmp => "cmp",
            O::Test => "test",
            O::Inc => "inc",
            O::Dec => "dec",
            O::Neg => "neg",
            O::Not => "not",
            O::Shl => "shl",
            O::Shr => "shr",
            O::Sar => "sar",
            O::Imul => "imul",
            O::Bt => "bt",
            O::Bts => "bts",
            O::Btr => "btr",
            O::Btc => "btc",
            O::Jump => "jmp",
            O::JumpIf(condition) => condition.jumps()[0],
            O::SetIf(condition) => condition.sets()[0],
            O::MoveIf(condition) => condition.moves()[0],
            O::Mfence => "mfence",
            O::WeakFence(name) | O::Nothing(name) => name,
        }
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
        if self.lock && !self.operation.can_lock() {
            return Err(OperandError::Lock(name));
        }
        if self.lock && self.memory().is_none() {
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
