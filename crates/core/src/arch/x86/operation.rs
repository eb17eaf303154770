//! What instructions do, and the operands that each takes.

use super::{Condition, Operand, Width};

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

impl Operation {
    /// What its operands may be, and how many are needed.
    pub(super) const fn takes(self) -> (&'static [Kind], usize) {
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
    pub(super) const fn can_lock(self) -> bool {
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

    /// Is there one for operands of 8 bits?
    pub(super) const fn has_bytes(self) -> bool {
        use Operation as O;
        !matches!(self, O::Lea | O::Imul | O::Bt | O::Bts | O::Btr | O::Btc | O::MoveIf(_))
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

/// What an operand may be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
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
    pub(super) fn allows(self, operand: &Operand) -> bool {
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

    pub(super) const fn name(self) -> &'static str {
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
