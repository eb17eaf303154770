//! What the instructions are on RV32 (manual, chapter "RV32I", and in each extension's chapter what it
//! says of XLEN=32).
//!
//! Most rows of the other tables serve RV32 as they stand, because registers hold sign-extended
//! 32-bit numbers there: see [`Base`]. Here is the rest: what has another meaning, and what RV32 does
//! not have.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::rv64i::w;
use super::{imm, m, reg, zb};
use crate::arch::riscv::{
    Base, Class, Def, Extension, Format, Immediate, Limits, Operation, Suffix, Width,
};

use Operation::Constant;

/// Rows that RV64 does not have: their encodings are other instructions there.
pub(super) static ONLY: &[Def] = &[Def {
    mnemonic: "c.jal",
    extension: Extension::Zca,
    format: Format::Label,
    suffix: Suffix::Never,
    operation: Operation::Jal,
    limits: Limits::NONE,
}];

/// The row that `def` is on a hart of that base; `None` if such a hart does not have it.
#[inline]
pub(super) fn on(def: &'static Def, base: Base) -> Option<&'static Def> {
    static RV32: LazyLock<FxHashMap<usize, Option<Def>>> = LazyLock::new(|| {
        let rows = super::all().map(|def| (std::ptr::from_ref(def).addr(), rv32(def)));
        rows.collect()
    });
    match base {
        Base::Rv64 if ONLY.iter().any(|only| only.mnemonic == def.mnemonic) => None,
        Base::Rv64 => Some(def),
        Base::Rv32 => RV32.get(&std::ptr::from_ref(def).addr())?.as_ref(),
    }
}

/// The row for RV32; `None` if it does not have the instruction.
fn rv32(def: &Def) -> Option<Def> {
    if only_rv64(def) {
        return None;
    }
    let operation = meaning(def.mnemonic).unwrap_or(def.operation);
    let extension = if is_pair(def) { Extension::Zilsd } else { def.extension };
    let limits = match (def.mnemonic, def.format) {
        ("ld", _) => Limits { rd: Class::Even, ..def.limits },
        ("sd", _) => Limits { rs2: Class::Even, ..def.limits },
        ("amocas.d", _) => Limits { rd: Class::Even, rs2: Class::Even, ..def.limits },
        ("li", _) => Limits::immediate(Immediate::new(&[(-(1 << 31), (1 << 32) - 1)], 1)),
        ("c.slli" | "c.srli" | "c.srai", _) | (_, Format::RdRs1Shamt6) => {
            Limits { imm: Some(Immediate::new(&[(0, 31)], 1)), ..def.limits }
        }
        _ => def.limits,
    };
    Some(Def { operation, extension, limits, ..*def })
}

/// Zilsd's: two words there, and one doubleword here. (Zalasr's `ld.aq` and `sd.rl` are RV64's.)
fn is_pair(def: &Def) -> bool {
    matches!(def.mnemonic, "ld" | "sd") && def.suffix == Suffix::Never
}

/// Operations on 64 bits, and those that RV64 has for 32 bits.
fn only_rv64(def: &Def) -> bool {
    let doubleword = matches!(
        def.operation,
        Operation::Load(Width::D, _)
            | Operation::Store(Width::D)
            | Operation::LoadReserved(Width::D)
            | Operation::StoreConditional(Width::D)
            | Operation::Amo(Width::D, _)
            | Operation::CompareAndSwapPair(Width::Q)
    );
    (doubleword && !is_pair(def))
        || matches!(
            def.mnemonic,
            "lwu"
                | "addw"
                | "subw"
                | "sllw"
                | "srlw"
                | "sraw"
                | "addiw"
                | "slliw"
                | "srliw"
                | "sraiw"
                | "mulw"
                | "divw"
                | "divuw"
                | "remw"
                | "remuw"
                | "add.uw"
                | "sh1add.uw"
                | "sh2add.uw"
                | "sh3add.uw"
                | "slli.uw"
                | "clzw"
                | "ctzw"
                | "cpopw"
                | "rolw"
                | "rorw"
                | "roriw"
                | "negw"
                | "sext.w"
                | "zext.w"
                | "c.addiw"
                | "c.addw"
                | "c.subw"
        )
}

/// The meaning on RV32 where it is not that of RV64.
fn meaning(mnemonic: &str) -> Option<Operation> {
    Some(match mnemonic {
        "add" | "c.add" | "c.mv" => reg(|a, b| w(a.wrapping_add(b))),
        "sub" | "neg" | "c.sub" => reg(|a, b| w(a.wrapping_sub(b))),
        "addi" | "c.addi" | "c.addi16sp" | "c.addi4spn" => imm(|a, b| w(a.wrapping_add(b))),
        "sll" => reg(|a, b| w(a << (b & 31))),
        "srl" => reg(|a, b| w(low(a) >> (b & 31))),
        "sra" => reg(|a, b| (a as i32 >> (b & 31)) as u64),
        "slli" | "c.slli" => imm(|a, b| w(a << (b & 31))),
        "srli" | "c.srli" => imm(|a, b| w(low(a) >> (b & 31))),
        "srai" | "c.srai" => imm(|a, b| (a as i32 >> (b & 31)) as u64),
        "li" => Constant(|imm| w(imm as u64)),
        "auipc" => Operation::Auipc(w),
        "mul" => reg(|a, b| w(a.wrapping_mul(b))),
        "mulh" => reg(|a, b| w(((a as i64).wrapping_mul(b as i64) >> 32) as u64)),
        "mulhsu" => reg(|a, b| w(((a as i64).wrapping_mul(low(b) as i64) >> 32) as u64)),
        "mulhu" => reg(|a, b| w(low(a).wrapping_mul(low(b)) >> 32)),
        "div" => reg(|a, b| w(m::div(a, b))),
        "divu" => reg(|a, b| w(m::divu(low(a), low(b)))),
        "rem" => reg(|a, b| w(m::rem(a, b))),
        "remu" => reg(|a, b| w(m::remu(low(a), low(b)))),
        "sh1add" => reg(|a, b| w((a << 1).wrapping_add(b))),
        "sh2add" => reg(|a, b| w((a << 2).wrapping_add(b))),
        "sh3add" => reg(|a, b| w((a << 3).wrapping_add(b))),
        "clz" => imm(|a, _| (a as u32).leading_zeros().into()),
        "ctz" => imm(|a, _| (a as u32).trailing_zeros().into()),
        "cpop" => imm(|a, _| (a as u32).count_ones().into()),
        "rol" => reg(|a, b| w((a as u32).rotate_left(b as u32 & 31).into())),
        "ror" => reg(|a, b| w((a as u32).rotate_right(b as u32 & 31).into())),
        "rori" => imm(|a, b| w((a as u32).rotate_right(b as u32 & 31).into())),
        "orc.b" => imm(|a, _| w(zb::or_combine(a))),
        "rev8" => imm(|a, _| w((a as u32).swap_bytes().into())),
        "bclr" => reg(|a, b| w(a & !bit(b))),
        "binv" => reg(|a, b| w(a ^ bit(b))),
        "bset" => reg(|a, b| w(a | bit(b))),
        "bext" => reg(|a, b| (a >> (b & 31)) & 1),
        "bclri" => imm(|a, b| w(a & !bit(b))),
        "binvi" => imm(|a, b| w(a ^ bit(b))),
        "bseti" => imm(|a, b| w(a | bit(b))),
        "bexti" => imm(|a, b| (a >> (b & 31)) & 1),
        "ld" => Operation::LoadPair,
        "sd" => Operation::StorePair,
        "amocas.d" => Operation::CompareAndSwapPair(Width::D),
        _ => return None,
    })
}

const fn low(value: u64) -> u64 {
    value as u32 as u64
}

const fn bit(index: u64) -> u64 {
    1 << (index & 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [u64; 12] = [
        0,
        1,
        2,
        31,
        32,
        0x7f,
        0x100,
        0x7fff_ffff,
        0xffff_ffff_8000_0000,
        u64::MAX,
        0x1234_5678,
        0xffff_ffff_89ab_cdef,
    ];

    /// The invariant that [`Base`] states.
    #[test]
    fn thirty_two_bits_stay_thirty_two_bits() {
        for def in super::super::all().filter_map(|def| on(def, Base::Rv32)) {
            for a in VALUES {
                for b in VALUES {
                    let result = match def.operation {
                        Operation::AluReg(f) => f.apply(a, b),
                        Operation::AluImm(f) if def.format == Format::RdRs1Shamt6 => {
                            f.apply(a, b & 31)
                        }
                        Operation::AluImm(f) => f.apply(a, b),
                        Constant(f) => f(b as i64),
                        _ => continue,
                    };
                    assert_eq!(w(result), result, "{} {a:#x} {b:#x}", def.mnemonic);
                }
            }
        }
    }

    #[test]
    fn each_base_has_what_the_other_lacks() {
        let has = |mnemonic: &str, base| {
            let def = super::super::all().find(|def| def.mnemonic == mnemonic);
            on(def.expect(mnemonic), base).is_some()
        };
        for both in ["lw", "add", "amoadd.w", "amocas.d", "c.lw", "rori", "ld", "sd"] {
            assert!(has(both, Base::Rv32) && has(both, Base::Rv64), "{both}");
        }
        for wide in ["lwu", "addw", "amoadd.d", "lr.d", "amocas.q", "c.ldsp", "slli.uw"] {
            assert!(!has(wide, Base::Rv32) && has(wide, Base::Rv64), "{wide}");
        }
        assert!(has("c.jal", Base::Rv32) && !has("c.jal", Base::Rv64));
    }
}
