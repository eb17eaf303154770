//! What encodings hold, number by number.

use super::*;
use crate::arch::riscv::{Lookup, all, lookup};

fn def(mnemonic: &str) -> &'static Def {
    let Lookup::Found(def, _) = lookup(mnemonic) else { panic!("{mnemonic}") };
    def
}

/// Least and greatest immediate, and the distance between two.
#[test]
fn encodings_hold_what_the_manual_says() {
    for (mnemonic, low, high, step) in [
        ("addi", -2048, 2047, 1),
        ("sltiu", -2048, 2047, 1),
        ("ld", -2048, 2047, 1),
        ("sb", -2048, 2047, 1),
        ("jalr", -2048, 2047, 1),
        ("slli", 0, 63, 1),
        ("sraiw", 0, 31, 1),
        ("rori", 0, 63, 1),
        ("roriw", 0, 31, 1),
        ("bexti", 0, 63, 1),
        ("slli.uw", 0, 63, 1),
        ("lui", 0, 0xf_ffff, 1),
        ("auipc", 0, 0xf_ffff, 1),
        ("li", i64::MIN.into(), u64::MAX.into(), 1),
        ("lr.w", 0, 0, 1),
        ("sc.d", 0, 0, 1),
        ("amoadd.b", 0, 0, 1),
        ("prefetch.w", -2048, 2016, 32),
        ("c.lw", 0, 124, 4),
        ("c.sw", 0, 124, 4),
        ("c.ld", 0, 248, 8),
        ("c.sd", 0, 248, 8),
        ("c.lwsp", 0, 252, 4),
        ("c.swsp", 0, 252, 4),
        ("c.ldsp", 0, 504, 8),
        ("c.sdsp", 0, 504, 8),
        ("c.li", -32, 31, 1),
        ("c.addi", -32, 31, 1),
        ("c.addiw", -32, 31, 1),
        ("c.andi", -32, 31, 1),
        ("c.slli", 0, 63, 1),
        ("c.srai", 0, 63, 1),
        ("c.addi4spn", 4, 1020, 4),
    ] {
        let takes = |value| def(mnemonic).check_immediate(value).is_ok();
        assert!(takes(low) && takes(high) && takes(low + step.min(high - low)), "{mnemonic}");
        assert!(!takes(low - step) && !takes(high + step), "{mnemonic}");
        assert_eq!(takes(low + 1), step == 1 && low < high, "{mnemonic}");
    }
}

#[test]
fn ranges_with_a_hole() {
    let takes = |mnemonic, value| def(mnemonic).check_immediate(value).is_ok();
    for value in [-512, -16, 16, 496] {
        assert!(takes("c.addi16sp", value), "{value}");
    }
    for value in [-528, 0, 8, 512] {
        assert!(!takes("c.addi16sp", value), "{value}");
    }
    for value in [1, 31, 0xf_ffe0, 0xf_ffff] {
        assert!(takes("c.lui", value), "{value}");
    }
    for value in [0, 32, -1, 0xf_ffdf, 0x10_0000] {
        assert!(!takes("c.lui", value), "{value}");
    }
}

#[test]
fn registers_that_the_field_cannot_name() {
    let with = |mnemonic, rd: u8, rs1: u8, rs2: u8| {
        let [rd, rs1, rs2] = [rd, rs1, rs2].map(Reg::new);
        def(mnemonic).check(&Operands { rd, rs1, rs2, ..Operands::default() })
    };
    assert_eq!(with("c.lw", 8, 15, 0), Ok(()));
    assert!(with("c.lw", 7, 15, 0).is_err());
    assert!(with("c.lw", 8, 16, 0).is_err());
    assert!(with("c.sd", 0, 8, 7).is_err());
    assert!(with("c.and", 9, 9, 16).is_err());
    assert_eq!(with("c.add", 5, 5, 6), Ok(()));
    assert!(with("c.add", 5, 5, 0).is_err(), "that is c.jalr");
    assert!(with("c.mv", 5, 0, 0).is_err(), "that is c.jr");
    assert!(with("c.jr", 0, 0, 0).is_err());
    assert!(with("c.jalr", 1, 0, 0).is_err(), "that is c.ebreak");
    assert!(with("c.lwsp", 0, 2, 0).is_err());
    assert!(with("c.lwsp", 5, 3, 0).is_err());
    assert_eq!(with("c.swsp", 0, 2, 0), Ok(()));
    assert!(with("c.addiw", 0, 0, 0).is_err());
    assert!(with("c.beqz", 0, 16, 0).is_err());
    let error = with("c.ld", 5, 8, 0).expect_err("x5 is too low");
    assert_eq!(error.to_string(), "x5 is not possible here: rd of `c.ld` must be one of x8 to x15");
}

#[test]
fn ranges_read_well() {
    let text = |mnemonic| def(mnemonic).immediate().map(|i| i.to_string());
    assert_eq!(text("addi").as_deref(), Some("-2048 to 2047"));
    assert_eq!(text("c.lw").as_deref(), Some("0 to 124 in steps of 4"));
    assert_eq!(text("c.lui").as_deref(), Some("1 to 31 or 1048544 to 1048575"));
    assert_eq!(text("lr.d").as_deref(), Some("0"));
    assert_eq!(text("add"), None);
}

/// An instruction shows an immediate if and only if it has more than a 0 to choose from.
#[test]
fn written_immediates_have_a_range() {
    for def in all() {
        let shown = ["imm", "shamt"].iter().any(|name| def.format.operands().contains(name));
        let chosen = def.immediate().is_some_and(|takes| takes != Immediate::ZERO);
        assert_eq!(shown, chosen, "{}", def.mnemonic);
    }
}
