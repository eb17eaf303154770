//! Zba, Zbb and Zbs: bit manipulation (manual, chapter "B").
//!
//! `sext.b`, `sext.h`, `zext.h` and `zext.w` are not here but among the pseudo-instructions: the
//! assembler has an expansion of each for harts that lack Zba or Zbb.

use super::{imm, reg};
use crate::arch::riscv::{Def, Extension, Format, Limits, Operation, Suffix};

use super::rv64i::w;

use Extension::{Zba, Zbb, Zbs};

const fn row(
    extension: Extension,
    mnemonic: &'static str,
    format: Format,
    operation: Operation,
) -> Def {
    Def { mnemonic, extension, format, suffix: Suffix::Never, operation, limits: Limits::NONE }
}

const fn binary(extension: Extension, mnemonic: &'static str, f: fn(u64, u64) -> u64) -> Def {
    row(extension, mnemonic, Format::RdRs1Rs2, reg(f))
}

const fn unary(mnemonic: &'static str, f: fn(u64, u64) -> u64) -> Def {
    row(Zbb, mnemonic, Format::RdRs1, imm(f))
}

const fn shift(extension: Extension, mnemonic: &'static str, f: fn(u64, u64) -> u64) -> Def {
    row(extension, mnemonic, Format::RdRs1Shamt6, imm(f))
}

pub(super) static TABLE: &[Def] = &[
    binary(Zba, "add.uw", |a, b| low(a).wrapping_add(b)),
    binary(Zba, "sh1add", |a, b| (a << 1).wrapping_add(b)),
    binary(Zba, "sh2add", |a, b| (a << 2).wrapping_add(b)),
    binary(Zba, "sh3add", |a, b| (a << 3).wrapping_add(b)),
    binary(Zba, "sh1add.uw", |a, b| (low(a) << 1).wrapping_add(b)),
    binary(Zba, "sh2add.uw", |a, b| (low(a) << 2).wrapping_add(b)),
    binary(Zba, "sh3add.uw", |a, b| (low(a) << 3).wrapping_add(b)),
    shift(Zba, "slli.uw", |a, b| low(a) << (b & 63)),
    binary(Zbb, "andn", |a, b| a & !b),
    binary(Zbb, "orn", |a, b| a | !b),
    binary(Zbb, "xnor", |a, b| !(a ^ b)),
    unary("clz", |a, _| a.leading_zeros() as u64),
    unary("ctz", |a, _| a.trailing_zeros() as u64),
    unary("cpop", |a, _| a.count_ones() as u64),
    unary("clzw", |a, _| (a as u32).leading_zeros() as u64),
    unary("ctzw", |a, _| (a as u32).trailing_zeros() as u64),
    unary("cpopw", |a, _| (a as u32).count_ones() as u64),
    binary(Zbb, "min", |a, b| (a as i64).min(b as i64) as u64),
    binary(Zbb, "max", |a, b| (a as i64).max(b as i64) as u64),
    binary(Zbb, "minu", |a, b| a.min(b)),
    binary(Zbb, "maxu", |a, b| a.max(b)),
    binary(Zbb, "rol", |a, b| a.rotate_left(amount(b, 63))),
    binary(Zbb, "ror", |a, b| a.rotate_right(amount(b, 63))),
    shift(Zbb, "rori", |a, b| a.rotate_right(amount(b, 63))),
    binary(Zbb, "rolw", |a, b| w((a as u32).rotate_left(amount(b, 31)) as u64)),
    binary(Zbb, "rorw", |a, b| w((a as u32).rotate_right(amount(b, 31)) as u64)),
    row(
        Zbb,
        "roriw",
        Format::RdRs1Shamt5,
        imm(|a, b| w((a as u32).rotate_right(amount(b, 31)) as u64)),
    ),
    unary("orc.b", |a, _| or_combine(a)),
    unary("rev8", |a, _| a.swap_bytes()),
    binary(Zbs, "bclr", |a, b| a & !bit(b)),
    binary(Zbs, "bext", |a, b| (a >> (b & 63)) & 1),
    binary(Zbs, "binv", |a, b| a ^ bit(b)),
    binary(Zbs, "bset", |a, b| a | bit(b)),
    shift(Zbs, "bclri", |a, b| a & !bit(b)),
    shift(Zbs, "bexti", |a, b| (a >> (b & 63)) & 1),
    shift(Zbs, "binvi", |a, b| a ^ bit(b)),
    shift(Zbs, "bseti", |a, b| a | bit(b)),
];

const fn low(value: u64) -> u64 {
    value as u32 as u64
}

const fn bit(index: u64) -> u64 {
    1 << (index & 63)
}

const fn amount(value: u64, mask: u64) -> u32 {
    (value & mask) as u32
}

/// Every byte that is not zero becomes all ones.
pub(super) fn or_combine(value: u64) -> u64 {
    u64::from_le_bytes(value.to_le_bytes().map(|byte| if byte == 0 { 0 } else { 0xff }))
}
