//! An instruction: its definition from a table and its operands.

use super::{
    Extend, Extension, FenceSet, Limits, Lookup, Name, Order, Reg, Relocation, Suffix, Width,
    lookup,
};
use crate::arch::Function;

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
    /// `c.add rd,rs2`: `rs1` is `rd`
    TiedRs2,
    /// `c.addi rd,imm`: `rs1` is `rd`
    TiedImm,
    /// `c.jalr rs1`: `rd` is `ra`
    Rs1Link,
}

/// What an instruction does, to registers and to memory.
///
/// Unless a variant says otherwise, an operand that the format lacks is `x0` or 0.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    /// `rd = f(rs1, rs2)`
    AluReg(Function),
    /// `rd = f(rs1, imm)`
    AluImm(Function),
    /// `rd = f(imm)`: `li`, `lui`
    Constant(fn(i64) -> u64),
    /// `rd = f(pc + (imm << 12))`, where `f` cuts to the width of registers.
    Auipc(fn(u64) -> u64),
    /// `rd = address of the symbol`
    LoadAddress,
    /// Jumps to the label when `f(rs1, rs2)`.
    Branch(fn(u64, u64) -> bool),
    /// Jumps to the label, `rd` becomes the address of what follows.
    Jal,
    /// Jumps to `rs1 + imm` with bit 0 cleared, `rd` becomes the address of what follows.
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
    /// `ld` on RV32: the registers of the pair that `rd` begins get two words.
    LoadPair,
    /// `sd` on RV32: two words get the registers of the pair that `rs2` begins.
    StorePair,
    /// Load-reserved.
    LoadReserved(Width),
    /// Store-conditional: `rd` is 0 when it stored, 1 when it failed.
    StoreConditional(Width),
    /// `rd = memory[rs1]; memory[rs1] = f(rd, rs2)` as one operation. `f` gets the old value and
    /// `rs2`, both sign-extended from the width, and only the low bytes of its result are stored.
    Amo(Width, Function),
    /// `amocas`: when `memory[rs1]` equals `rd`, stores `rs2`; `rd` gets the old value.
    CompareAndSwap(Width),
    /// The same with register pairs, each register one half of the width: `amocas.q`, and `amocas.d`
    /// on RV32.
    CompareAndSwapPair(Width),
}

/// One row of an extension's table.
#[derive(Debug)]
pub struct Def {
    /// Without `.aq`/`.rl`.
    pub mnemonic: &'static str,
    /// Where the manual defines it; [`Def::requires`] is what a hart must have to execute it.
    pub extension: Extension,
    /// Operands in the assembler's order.
    pub format: Format,
    /// Which annotations may follow the mnemonic.
    pub suffix: Suffix,
    /// What the instruction does.
    pub operation: Operation,
    /// What the encoding asks of the operands beyond the format.
    pub limits: Limits,
}

impl Def {
    /// Every extension that a hart must have: `amocas.b` and `.h` are of Zacas and need Zabha too.
    pub fn requires(&self) -> impl Iterator<Item = Extension> {
        let narrow = matches!(self.operation, Operation::CompareAndSwap(Width::B | Width::H));
        [Some(self.extension), narrow.then_some(Extension::Zabha)].into_iter().flatten()
    }

    /// Is the result 0 whenever both register operands hold the same value? (The *syntactic*
    /// dependency on the register stays: that is what `xor x5,x6,x6` is for in litmus tests.)
    #[must_use]
    pub fn cancels(&self) -> bool {
        matches!(
            self.mnemonic,
            "xor"
                | "sub"
                | "subw"
                | "slt"
                | "sltu"
                | "sgt"
                | "sgtu"
                | "c.xor"
                | "c.sub"
                | "c.subw"
                | "rem"
                | "remu"
                | "remw"
                | "remuw"
                | "andn"
                | "czero.nez"
        )
    }

    /// Is the result 0 whenever the immediate is 0?
    #[must_use]
    pub fn masks(&self) -> bool {
        matches!(self.mnemonic, "andi" | "c.andi" | "sltiu")
    }

    /// Operands that the mnemonic implies, before any is read: `ret` jumps to `ra`, `c.jalr` links
    /// there. A tied format's `rs1` is whatever `rd` is read.
    #[must_use]
    pub fn implied(&self) -> Operands {
        let mut operands = Operands::default();
        match (self.format, self.operation) {
            (Format::None, Operation::Jalr) => operands.rs1 = Reg::RA,
            (Format::Rs1Link, _) => operands.rd = Reg::RA,
            (Format::Label, _) if self.mnemonic == "c.jal" => operands.rd = Reg::RA,
            _ => {}
        }
        operands
    }
}

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
    /// Label of a branch or jump, symbol of `la` and of a relocation: a name of the test, resolved when the
    /// program is linked.
    pub target: Option<Name>,
    /// The part of the target's address, with `imm` added to it, that the immediate is.
    pub relocation: Option<Relocation>,
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
    /// The label that it jumps to; `None` for other instructions.
    #[must_use]
    pub fn label(&self) -> Option<&Name> {
        let jumps = matches!(self.def.operation, Operation::Branch(_) | Operation::Jal);
        self.operands.target.as_ref().filter(|_| jumps)
    }

    /// The symbol whose address, or a part of it, it has; `None` for other instructions.
    #[must_use]
    pub fn symbol(&self) -> Option<&Name> {
        let has = match self.operands.relocation {
            None => matches!(self.def.operation, Operation::LoadAddress),
            Some(relocation) => relocation != Relocation::PcrelLo,
        };
        self.operands.target.as_ref().filter(|_| has)
    }
}

impl Instr {
    /// Is its result always 0, though what reads it depends on a register? `xor x5,x6,x6` is such a
    /// dependency.
    #[must_use]
    pub fn depends_for_nothing(&self) -> bool {
        let Operands { rd, rs1, rs2, imm, .. } = self.operands;
        let zero = match self.def.operation {
            Operation::AluReg(_) => self.def.cancels() && rs1 == rs2,
            Operation::AluImm(_) => self.def.masks() && imm == 0,
            _ => false,
        };
        zero && rd != Reg::ZERO && rs1 != Reg::ZERO
    }

    /// `li rd,0`: the same result without a dependency.
    #[must_use]
    pub fn zero(&self) -> Option<Instr> {
        match lookup("li") {
            Lookup::Found(def, order) => {
                let operands = Operands { rd: self.operands.rd, ..def.implied() };
                Some(Instr { def, order, operands })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::riscv::all;

    const VALUES: [u64; 9] =
        [0, 1, 2, 64, u64::MAX, 1 << 63, i64::MAX as u64, 0x8000_0000, 0x0123_4567_89ab_cdef];

    #[test]
    fn cancelling_and_masking_is_said_of_those_that_do() {
        for def in all() {
            let (cancels, masks) = match def.operation {
                Operation::AluReg(f)
                    if matches!(def.format, Format::RdRs1Rs2 | Format::TiedRs2) =>
                {
                    (VALUES.iter().all(|&a| f.apply(a, a) == 0), false)
                }
                Operation::AluImm(f) => (false, VALUES.iter().all(|&a| f.apply(a, 0) == 0)),
                _ => (false, false),
            };
            assert_eq!(def.cancels(), cancels, "{}", def.mnemonic);
            assert_eq!(def.masks(), masks, "{}", def.mnemonic);
        }
    }
}
