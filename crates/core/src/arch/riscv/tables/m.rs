//! M: multiplication and division (manual, chapter "M").
//!
//! Nothing here traps: a division by zero gives all ones, its remainder the dividend; the one
//! overflow, the most negative number by -1, gives the dividend and remainder 0.

use crate::arch::Function;
use crate::arch::riscv::{Def, Extension, Format, Limits, Operation, Suffix};

use super::rv64i::w;

const fn row(mnemonic: &'static str, f: fn(u64, u64) -> u64) -> Def {
    Def {
        mnemonic,
        extension: Extension::M,
        format: Format::RdRs1Rs2,
        suffix: Suffix::Never,
        operation: Operation::AluReg(Function::new(f)),
        limits: Limits::NONE,
    }
}

pub(super) static TABLE: &[Def] = &[
    row("mul", |a, b| a.wrapping_mul(b)),
    row("mulh", |a, b| high(a as i64 as i128, b as i64 as i128)),
    row("mulhsu", |a, b| high(a as i64 as i128, b as i128)),
    row("mulhu", |a, b| ((a as u128 * b as u128) >> 64) as u64),
    row("div", div),
    row("divu", divu),
    row("rem", rem),
    row("remu", remu),
    row("mulw", |a, b| w(a.wrapping_mul(b))),
    row("divw", |a, b| w(div(w(a), w(b)))),
    row("divuw", |a, b| w(divu(low(a), low(b)))),
    row("remw", |a, b| w(rem(w(a), w(b)))),
    row("remuw", |a, b| w(remu(low(a), low(b)))),
];

/// The upper half of a product of which at least one factor is signed.
const fn high(a: i128, b: i128) -> u64 {
    (a.wrapping_mul(b) >> 64) as u64
}

const fn low(value: u64) -> u64 {
    value as u32 as u64
}

pub(super) const fn div(a: u64, b: u64) -> u64 {
    if b == 0 { u64::MAX } else { (a as i64).wrapping_div(b as i64) as u64 }
}

pub(super) const fn rem(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { (a as i64).wrapping_rem(b as i64) as u64 }
}

pub(super) fn divu(a: u64, b: u64) -> u64 {
    a.checked_div(b).unwrap_or(u64::MAX)
}

pub(super) fn remu(a: u64, b: u64) -> u64 {
    a.checked_rem(b).unwrap_or(a)
}
