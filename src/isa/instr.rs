//! An instruction: its definition from a table and its operands.

use std::fmt;

use super::{Extension, Reg};

/// Access size in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Width {
    /// One byte.
    B = 1,
    /// Two bytes.
    H = 2,
    /// Four bytes.
    W = 4,
    /// Eight bytes.
    D = 8,
    /// Sixteen bytes (`amocas.q`).
    Q = 16,
}

impl Width {
    /// 1, 2, 4, 8 or 16.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self as u64
    }

    /// Cuts `value` to this width and sign-extends it, as sub-word loads, LR, SC and AMOs do.
    #[must_use]
    pub const fn sign_extend(self, value: u64) -> u64 {
        match self {
            Width::B => value as u8 as i8 as u64,
            Width::H => value as u16 as i16 as u64,
            Width::W => value as u32 as i32 as u64,
            Width::D | Width::Q => value,
        }
    }

    /// Cuts `value` to this width, high bits zero.
    #[must_use]
    pub const fn zero_extend(self, value: u64) -> u64 {
        match self {
            Width::B => value as u8 as u64,
            Width::H => value as u16 as u64,
            Width::W => value as u32 as u64,
            Width::D | Width::Q => value,
        }
    }
}

/// How a load narrower than a register fills it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Extend {
    /// `lb`, `lh`, `lw`, LR, AMOs.
    Sign,
    /// `lbu`, `lhu`, `lwu`.
    Zero,
}

impl Extend {
    /// The register's value for `raw`, of which the low `width` bytes count.
    #[must_use]
    pub const fn apply(self, width: Width, raw: u64) -> u64 {
        match self {
            Extend::Sign => width.sign_extend(raw),
            Extend::Zero => width.zero_extend(raw),
        }
    }
}

/// The `aq` and `rl` bits as written in the mnemonic.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Order {
    /// Neither bit.
    #[default]
    None,
    /// `.aq`
    Aq,
    /// `.rl`
    Rl,
    /// `.aqrl`, also written `.aq.rl`
    AqRl,
}

impl Order {
    /// Is the `aq` bit set?
    #[must_use]
    pub const fn aq(self) -> bool {
        matches!(self, Order::Aq | Order::AqRl)
    }

    /// Is the `rl` bit set?
    #[must_use]
    pub const fn rl(self) -> bool {
        matches!(self, Order::Rl | Order::AqRl)
    }

    /// `""`, `".aq"`, `".rl"` or `".aqrl"`.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Order::None => "",
            Order::Aq => ".aq",
            Order::Rl => ".rl",
            Order::AqRl => ".aqrl",
        }
    }
}

/// Which `.aq`/`.rl` suffixes a mnemonic takes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Suffix {
    /// None: `add`, `lw`.
    Never,
    /// Any or none: LR, SC, AMOs.
    Optional,
    /// `.aq` or `.aqrl`; the encoding without `aq` is reserved (Zalasr loads).
    Acquire,
    /// `.rl` or `.aqrl`; the encoding without `rl` is reserved (Zalasr stores).
    Release,
}

/// The operands of a mnemonic, in the assembler's order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    /// No operand: `nop`, `ret`, `fence.tso`.
    None,
    /// `add rd,rs1,rs2`
    RdRs1Rs2,
    /// `addi rd,rs1,imm`, 12 bits signed
    RdRs1Imm12,
    /// `slli rd,rs1,shamt`, 0 to 63
    RdRs1Shamt6,
    /// `slliw rd,rs1,shamt`, 0 to 31
    RdRs1Shamt5,
    /// `mv rd,rs1`
    RdRs1,
    /// `neg rd,rs2`: the assembler writes the operand as rs2 (rs1 is x0)
    RdRs2,
    /// `lui rd,imm`, 20 bits unsigned
    RdImm20,
    /// `li rd,imm`, 64 bits
    RdImm64,
    /// `la rd,symbol`
    RdSymbol,
    /// `lw rd,imm(rs1)`, 12 bits signed
    RdMem,
    /// `sw rs2,imm(rs1)`, 12 bits signed
    Rs2Mem,
    /// `lr.w rd,(rs1)`: no offset in the encoding, a written 0 is accepted
    RdBase,
    /// `sw.rl rs2,(rs1)`: no offset in the encoding, a written 0 is accepted
    Rs2Base,
    /// `sc.w rd,rs2,(rs1)`, `amoadd.w rd,rs2,(rs1)`: as above
    RdRs2Base,
    /// `beq rs1,rs2,label`
    Rs1Rs2Label,
    /// `bgt rs2,rs1,label`: operands swapped against the base instruction
    Rs2Rs1Label,
    /// `beqz rs1,label`
    Rs1Label,
    /// `blez rs2,label`: the operand is rs2 of the base instruction (rs1 is x0)
    Rs2Label,
    /// `j label`
    Label,
    /// `jal rd,label`, or `jal label` with `rd` = `ra`
    RdLabel,
    /// `jalr rd,rs1,imm`, also `jalr rd,imm(rs1)`, `jalr rd,rs1` and `jalr rs1`
    Jalr,
    /// `jr rs1`
    Rs1,
    /// `fence`, or `fence pred,succ`
    Fence,
    /// `prefetch.r imm(rs1)`, a multiple of 32
    Mem,
}

/// One half of a fence's operands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct FenceSet {
    /// Device input.
    pub i: bool,
    /// Device output.
    pub o: bool,
    /// Memory reads.
    pub r: bool,
    /// Memory writes.
    pub w: bool,
}

impl FenceSet {
    /// What `fence` alone means on both sides.
    pub const IORW: FenceSet = FenceSet { i: true, o: true, r: true, w: true };
}

impl fmt::Display for FenceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = [(self.i, 'i'), (self.o, 'o'), (self.r, 'r'), (self.w, 'w')];
        if letters.iter().all(|(on, _)| !on) {
            return f.write_str("0");
        }
        letters.iter().filter(|(on, _)| *on).try_for_each(|(_, c)| write!(f, "{c}"))
    }
}

/// What an instruction does, to registers and to memory.
///
/// Unless a variant says otherwise, an operand that the format lacks is `x0` or 0.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `rd = f(rs1, rs2)`
    AluReg(fn(u64, u64) -> u64),
    /// `rd = f(rs1, imm)`
    AluImm(fn(u64, u64) -> u64),
    /// `rd = f(imm)`: `li`, `lui`
    Constant(fn(i64) -> u64),
    /// `rd = pc + (imm << 12)`
    Auipc,
    /// `rd = address of the symbol`
    LoadAddress,
    /// Jumps to the label when `f(rs1, rs2)`.
    Branch(fn(u64, u64) -> bool),
    /// Jumps to the label, `rd = pc + 4`.
    Jal,
    /// Jumps to `rs1 + imm` with bit 0 cleared, `rd = pc + 4`.
    Jalr,
    /// Orders by [`Operands::pred`] and [`Operands::succ`].
    Fence,
    /// `fence.tso`: `rw,rw` but for stores before and loads after.
    FenceTso,
    /// No effect on this model: `nop`, `pause`, `fence.i`, hints.
    Hint,
    /// `rd = memory[rs1 + imm]`
    Load(Width, Extend),
    /// `memory[rs1 + imm] = rs2`
    Store(Width),
    /// Load-reserved.
    LoadReserved(Width),
    /// Store-conditional: `rd` is 0 when it stored, 1 when it failed.
    StoreConditional(Width),
    /// `rd = memory[rs1]; memory[rs1] = f(rd, rs2)` as one operation. `f` gets the old value and
    /// `rs2`, both sign-extended from the width, and only the low bytes of its result are stored.
    Amo(Width, fn(u64, u64) -> u64),
    /// `amocas`: when `memory[rs1]` equals `rd`, stores `rs2`; `rd` gets the old value.
    CompareAndSwap(Width),
}

/// One row of an extension's table.
#[derive(Debug)]
pub struct Def {
    /// Without `.aq`/`.rl`.
    pub mnemonic: &'static str,
    /// What a hart must have to execute it.
    pub extension: Extension,
    /// Operands in the assembler's order.
    pub format: Format,
    /// Which annotations may follow the mnemonic.
    pub suffix: Suffix,
    /// Meaning.
    pub kind: Kind,
}

impl Def {
    /// Is the result 0 whenever both register operands hold the same value? (The *syntactic*
    /// dependency on the register stays: that is what `xor x5,x6,x6` is for in litmus tests.)
    #[must_use]
    pub fn cancels(&self) -> bool {
        matches!(
            self.mnemonic,
            "xor" | "sub" | "subw" | "slt" | "sltu" | "c.xor" | "c.sub" | "c.subw"
        )
    }

    /// Is the result 0 whenever the immediate is 0?
    #[must_use]
    pub fn masks(&self) -> bool {
        matches!(self.mnemonic, "andi" | "c.andi")
    }
}

/// Where control or `la` points: a name of the test, resolved when the program is linked.
pub type Name = Box<str>;

/// Operands as written. Those that a format lacks keep their default (`x0`, 0, `None`).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Operands {
    /// Destination.
    pub rd: Reg,
    /// First source; the address register of memory instructions.
    pub rs1: Reg,
    /// Second source; the data register of stores and AMOs.
    pub rs2: Reg,
    /// Immediate or offset. `li` of an unsigned 64-bit number keeps its bits.
    pub imm: i64,
    /// Label of a branch or jump, symbol of `la`.
    pub target: Option<Name>,
    /// Predecessor set of `fence`.
    pub pred: FenceSet,
    /// Successor set of `fence`.
    pub succ: FenceSet,
}

/// An instruction of a test.
#[derive(Clone, Debug)]
pub struct Instr {
    /// Its row.
    pub def: &'static Def,
    /// Its `aq` and `rl` bits.
    pub order: Order,
    /// Its operands.
    pub operands: Operands,
}

impl PartialEq for Instr {
    fn eq(&self, other: &Instr) -> bool {
        std::ptr::eq(self.def, other.def)
            && self.order == other.order
            && self.operands == other.operands
    }
}

impl Eq for Instr {}

impl Instr {
    /// Registers that it reads, `x0` left out.
    pub fn sources(&self) -> impl Iterator<Item = Reg> {
        let o = &self.operands;
        let (a, b, c) = match self.def.kind {
            Kind::AluReg(_)
            | Kind::Branch(_)
            | Kind::Store(_)
            | Kind::StoreConditional(_)
            | Kind::Amo(..) => (o.rs1, o.rs2, Reg::ZERO),
            Kind::CompareAndSwap(_) => (o.rs1, o.rs2, o.rd),
            Kind::AluImm(_) | Kind::Jalr | Kind::Load(..) | Kind::LoadReserved(_) => {
                (o.rs1, Reg::ZERO, Reg::ZERO)
            }
            _ => (Reg::ZERO, Reg::ZERO, Reg::ZERO),
        };
        [a, b, c].into_iter().filter(|r| !r.is_zero())
    }

    /// Does it access memory?
    #[must_use]
    pub fn is_memory(&self) -> bool {
        matches!(
            self.def.kind,
            Kind::Load(..)
                | Kind::Store(_)
                | Kind::LoadReserved(_)
                | Kind::StoreConditional(_)
                | Kind::Amo(..)
                | Kind::CompareAndSwap(_)
        )
    }
}

/// The assembler's spelling, canonical: `x` names, decimal immediates, `.aqrl`.
impl fmt::Display for Instr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operands { rd, rs1, rs2, imm, target, pred, succ } = &self.operands;
        let target = target.as_deref().unwrap_or("?");
        write!(f, "{}{}", self.def.mnemonic, self.order.suffix())?;
        match self.def.format {
            Format::None => Ok(()),
            Format::RdRs1Rs2 => write!(f, " {rd},{rs1},{rs2}"),
            Format::RdRs1Imm12 | Format::RdRs1Shamt6 | Format::RdRs1Shamt5 => {
                write!(f, " {rd},{rs1},{imm}")
            }
            Format::RdRs1 => write!(f, " {rd},{rs1}"),
            Format::RdRs2 => write!(f, " {rd},{rs2}"),
            Format::RdImm20 | Format::RdImm64 => write!(f, " {rd},{imm}"),
            Format::RdSymbol => write!(f, " {rd},{target}"),
            Format::RdMem => write!(f, " {rd},{imm}({rs1})"),
            Format::Rs2Mem => write!(f, " {rs2},{imm}({rs1})"),
            Format::RdBase => write!(f, " {rd},({rs1})"),
            Format::Rs2Base => write!(f, " {rs2},({rs1})"),
            Format::RdRs2Base => write!(f, " {rd},{rs2},({rs1})"),
            Format::Rs1Rs2Label => write!(f, " {rs1},{rs2},{target}"),
            Format::Rs2Rs1Label => write!(f, " {rs2},{rs1},{target}"),
            Format::Rs1Label => write!(f, " {rs1},{target}"),
            Format::Rs2Label => write!(f, " {rs2},{target}"),
            Format::Label => write!(f, " {target}"),
            Format::RdLabel => write!(f, " {rd},{target}"),
            Format::Jalr => write!(f, " {rd},{rs1},{imm}"),
            Format::Rs1 => write!(f, " {rs1}"),
            Format::Fence => write!(f, " {pred},{succ}"),
            Format::Mem => write!(f, " {imm}({rs1})"),
        }
    }
}
