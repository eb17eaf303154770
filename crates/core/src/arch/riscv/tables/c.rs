//! C: compressed instructions (manual, chapter "C"), each under its own name with the meaning of
//! what it expands to. Floating point is left out.
//!
//! Every one counts as an instruction of 4 bytes: a litmus test's code addresses are names, and no
//! test can see the difference but by arithmetic on a link register. Encodings that the manual
//! calls reserved, or that are another instruction, are refused; its HINTs run as what they are
//! spelled as, which changes nothing.

use crate::arch::Function;
use crate::arch::riscv::{
    Class, Def, Extend, Extension, Format, Immediate, Limits, Operation, Suffix, Width,
};

use super::rv64i::w;

use Class::{Any, NotSp, NotZero, Sp, X8ToX15};

const fn row(mnemonic: &'static str, format: Format, operation: Operation, limits: Limits) -> Def {
    Def { mnemonic, extension: Extension::Zca, format, suffix: Suffix::Never, operation, limits }
}

const fn limits(rd: Class, rs1: Class, rs2: Class, imm: Option<Immediate>) -> Limits {
    Limits { rd, rs1, rs2, imm }
}

const fn load(mnemonic: &'static str, width: Width, rd: Class, base: Class, max: i128) -> Def {
    let operation = Operation::Load(width, Extend::Sign);
    row(mnemonic, Format::RdMem, operation, limits(rd, base, Any, offset(width, max)))
}

const fn store(mnemonic: &'static str, width: Width, rs2: Class, base: Class, max: i128) -> Def {
    row(
        mnemonic,
        Format::Rs2Mem,
        Operation::Store(width),
        limits(Any, base, rs2, offset(width, max)),
    )
}

/// Offsets are unsigned and in units of the access; `max` is one of the four that exist.
const fn offset(width: Width, max: i128) -> Option<Immediate> {
    let ranges: &[(i128, i128)] = match max {
        124 => &[(0, 124)],
        248 => &[(0, 248)],
        252 => &[(0, 252)],
        _ => &[(0, 504)],
    };
    Some(Immediate::new(ranges, width.bytes() as i128))
}

/// `c.sub rd',rs2'`
const fn arithmetic(mnemonic: &'static str, f: Function) -> Def {
    let registers = limits(X8ToX15, X8ToX15, X8ToX15, None);
    row(mnemonic, Format::TiedRs2, Operation::AluReg(f), registers)
}

/// `c.addi rd,imm`
const fn immediate(mnemonic: &'static str, rd: Class, imm: Immediate, f: Function) -> Def {
    row(mnemonic, Format::TiedImm, Operation::AluImm(f), limits(rd, Any, Any, Some(imm)))
}

const SIX_BITS: Immediate = Immediate::new(&[(-32, 31)], 1);
const SHIFT: Immediate = Immediate::new(&[(0, 63)], 1);
const ADDI4SPN: Immediate = Immediate::new(&[(4, 1020)], 4);
const ADDI16SP: Immediate = Immediate::new(&[(-512, -16), (16, 496)], 16);
/// Six bits, sign-extended to the twenty that `lui` is written with.
const UPPER: Immediate = Immediate::new(&[(1, 31), (0xf_ffe0, 0xf_ffff)], 1);

pub(super) static TABLE: &[Def] = &[
    load("c.lw", Width::W, X8ToX15, X8ToX15, 124),
    load("c.ld", Width::D, X8ToX15, X8ToX15, 248),
    load("c.lwsp", Width::W, NotZero, Sp, 252),
    load("c.ldsp", Width::D, NotZero, Sp, 504),
    store("c.sw", Width::W, X8ToX15, X8ToX15, 124),
    store("c.sd", Width::D, X8ToX15, X8ToX15, 248),
    store("c.swsp", Width::W, Any, Sp, 252),
    store("c.sdsp", Width::D, Any, Sp, 504),
    row("c.nop", Format::None, Operation::Hint, Limits::NONE),
    row(
        "c.li",
        Format::RdImm64,
        Operation::Constant(|imm| imm as u64),
        Limits::immediate(SIX_BITS),
    ),
    row(
        "c.lui",
        Format::RdImm20,
        Operation::Constant(|imm| w((imm as u64) << 12)),
        limits(NotSp, Any, Any, Some(UPPER)),
    ),
    immediate("c.addi", Any, SIX_BITS, Function::ADD),
    immediate("c.addiw", NotZero, SIX_BITS, Function::new(|a, b| w(a.wrapping_add(b)))),
    immediate("c.addi16sp", Sp, ADDI16SP, Function::ADD),
    row(
        "c.addi4spn",
        Format::RdRs1Imm12,
        Operation::AluImm(Function::ADD),
        limits(X8ToX15, Sp, Any, Some(ADDI4SPN)),
    ),
    immediate("c.andi", X8ToX15, SIX_BITS, Function::AND),
    immediate("c.slli", Any, SHIFT, Function::new(|a, b| a << (b & 63))),
    immediate("c.srli", X8ToX15, SHIFT, Function::new(|a, b| a >> (b & 63))),
    immediate("c.srai", X8ToX15, SHIFT, Function::new(|a, b| (a as i64 >> (b & 63)) as u64)),
    arithmetic("c.sub", Function::new(|a, b| a.wrapping_sub(b))),
    arithmetic("c.xor", Function::XOR),
    arithmetic("c.or", Function::OR),
    arithmetic("c.and", Function::AND),
    arithmetic("c.subw", Function::new(|a, b| w(a.wrapping_sub(b)))),
    arithmetic("c.addw", Function::new(|a, b| w(a.wrapping_add(b)))),
    row("c.mv", Format::RdRs2, Operation::AluReg(Function::ADD), limits(Any, Any, NotZero, None)),
    row(
        "c.add",
        Format::TiedRs2,
        Operation::AluReg(Function::ADD),
        limits(Any, Any, NotZero, None),
    ),
    row("c.j", Format::Label, Operation::Jal, Limits::NONE),
    row("c.jr", Format::Rs1, Operation::Jalr, limits(Any, NotZero, Any, None)),
    row("c.jalr", Format::Rs1Link, Operation::Jalr, limits(Any, NotZero, Any, None)),
    row(
        "c.beqz",
        Format::Rs1Label,
        Operation::Branch(|a, b| a == b),
        limits(Any, X8ToX15, Any, None),
    ),
    row(
        "c.bnez",
        Format::Rs1Label,
        Operation::Branch(|a, b| a != b),
        limits(Any, X8ToX15, Any, None),
    ),
];
