//! The search for a mnemonic, and what holds for every row.

use super::*;
use crate::arch::riscv::{Class, Extension, Format, Operation, Width};

fn found(mnemonic: &str) -> (&'static Def, Order) {
    match lookup(mnemonic) {
        Lookup::Found(def, order) => (def, order),
        other => panic!("{mnemonic}: {other:?}"),
    }
}

#[test]
fn every_mnemonic_finds_its_own_row() {
    for def in all() {
        let spelled = match def.suffix {
            Suffix::Never | Suffix::Optional => def.mnemonic.to_string(),
            Suffix::Acquire => format!("{}.aq", def.mnemonic),
            Suffix::Release => format!("{}.rl", def.mnemonic),
        };
        assert!(std::ptr::eq(found(&spelled).0, def), "{spelled} is defined twice");
        assert!(nearest(&spelled).is_some_and(|near| near == spelled), "{spelled}");
    }
}

#[test]
fn annotations_in_both_spellings() {
    for def in all().filter(|d| d.suffix == Suffix::Optional) {
        let spellings = [
            ("", Order::None),
            (".aq", Order::Aq),
            (".rl", Order::Rl),
            (".aqrl", Order::AqRl),
            (".aq.rl", Order::AqRl),
        ];
        for (suffix, order) in spellings {
            let (row, bits) = found(&format!("{}{suffix}", def.mnemonic));
            assert!(std::ptr::eq(row, def) && bits == order, "{}{suffix}", def.mnemonic);
        }
        for wrong in [".rlaq", ".rl.aq", ".aq.aq", ".aqrl.aq", ".sc", "."] {
            let spelled = format!("{}{wrong}", def.mnemonic);
            assert!(!matches!(lookup(&spelled), Lookup::Found(..)), "{spelled}");
        }
    }
}

#[test]
fn zalasr_shares_names_with_plain_loads_and_stores() {
    for width in ["b", "h", "w", "d"] {
        for (letter, needed, reserved) in [("l", ".aq", ".rl"), ("s", ".rl", ".aq")] {
            let name = format!("{letter}{width}");
            assert_eq!(found(&name).0.extension, Extension::I);
            for suffix in [needed, ".aqrl", ".aq.rl"] {
                let (def, order) = found(&format!("{name}{suffix}"));
                assert_eq!(def.extension, Extension::Zalasr);
                assert_eq!(order.suffix(), suffix.replace(".aq.rl", ".aqrl"));
            }
            let alone = lookup(format!("{name}{reserved}"));
            assert!(matches!(alone, Lookup::BadOrder(why) if why.contains("reserved")));
        }
    }
}

#[test]
fn no_annotation_where_the_encoding_has_none() {
    for spelled in ["add.aq", "lbu.aq", "lwu.aqrl", "fence.rl", "c.lw.aq", "beq.aq.rl", "li.rl"] {
        let answer = lookup(spelled);
        assert!(matches!(answer, Lookup::BadOrder(why) if why.contains("no .aq")), "{spelled}");
    }
}

#[test]
fn what_is_not_run_is_not_called_unknown() {
    for spelled in [
        "vadd.vv",
        "vle32.v",
        "vsetvli",
        "csrrw",
        "csrr",
        "rdtime",
        "ecall",
        "sret",
        "sfence.vma",
        "fld",
        "fadd.d",
        "fcvt.w.s",
        "c.fld",
        "c.ebreak",
        "cbo.zero",
        "c.lbu",
        "c.mul",
        "lr.q",
        "clmul",
        "aes64es",
        "sha256sum0",
        "pack",
        "xperm8",
        "hlv.w",
        "cm.push",
        "mop.r.0",
        "lpad",
        "ssamoswap.w",
    ] {
        assert!(
            matches!(lookup(spelled), Lookup::Unsupported(_)),
            "{spelled}: {:?}",
            lookup(spelled)
        );
    }
    for spelled in
        ["", ".aq", ".", "lwx", "blorp", "amo", "amoadd", "amoadd.x", "amoadd.q", "sext", "v"]
    {
        assert!(matches!(lookup(spelled), Lookup::Unknown), "{spelled}: {:?}", lookup(spelled));
    }
}

#[test]
fn misspellings_are_answered_with_the_nearest() {
    for (wrong, right) in [
        ("lwx", "lw"),
        ("addd", "add"),
        ("amoaad.w.aq", "amoadd.w.aq"),
        ("amoswap.w.aq.rll", "amoswap.w.aqrl"),
        ("fence.tos", "fence.tso"),
        ("bltuu", "bltu"),
        ("sc.ww.rl", "sc.w.rl"),
        ("czero.eqx", "czero.eqz"),
        ("ld.rl", "sd.rl"),
        ("lw.qa", "lw.aq"),
        ("wrs", "wrs.nto"),
        ("fence.sc", "fence rw,rw"),
        ("call", "jal"),
        ("b", "j"),
    ] {
        assert_eq!(nearest(wrong).as_deref(), Some(right), "{wrong}");
    }
    for nothing in ["blorp", "", "xyzzy.w", "a_very_long_name_that_is_no_instruction"] {
        assert_eq!(nearest(nothing), None, "{nothing}");
    }
}

#[test]
fn rows_fit_their_kinds() {
    for def in all() {
        let Def { mnemonic, format, operation, suffix, .. } = def;
        let fits = match operation {
            Operation::AluReg(_) => {
                matches!(format, Format::RdRs1Rs2 | Format::RdRs2 | Format::RdRs1 | Format::TiedRs2)
            }
            Operation::AluImm(_) => matches!(
                format,
                Format::RdRs1Imm12
                    | Format::RdRs1Shamt6
                    | Format::RdRs1Shamt5
                    | Format::RdRs1
                    | Format::TiedImm
            ),
            Operation::Constant(_) => matches!(format, Format::RdImm20 | Format::RdImm64),
            Operation::Auipc(_) => *format == Format::RdImm20,
            Operation::LoadAddress => *format == Format::RdSymbol,
            Operation::Branch(_) => matches!(
                format,
                Format::Rs1Rs2Label | Format::Rs2Rs1Label | Format::Rs1Label | Format::Rs2Label
            ),
            // Those of RV32 alone.
            Operation::LoadPair | Operation::StorePair => false,
            Operation::Jal => matches!(format, Format::RdLabel | Format::Label),
            Operation::Jalr => {
                matches!(format, Format::Jalr | Format::Rs1 | Format::Rs1Link | Format::None)
            }
            Operation::Fence => *format == Format::Fence,
            Operation::FenceTso => *format == Format::None,
            Operation::Hint => matches!(format, Format::None | Format::Mem),
            Operation::Load(..) => matches!(format, Format::RdMem | Format::RdBase),
            Operation::Store(_) => matches!(format, Format::Rs2Mem | Format::Rs2Base),
            Operation::LoadReserved(_) => *format == Format::RdBase,
            Operation::StoreConditional(_)
            | Operation::Amo(..)
            | Operation::CompareAndSwap(_)
            | Operation::CompareAndSwapPair(_) => *format == Format::RdRs2Base,
        };
        assert!(fits, "{mnemonic}: {format:?} for {operation:?}");
        let atomic = matches!(
            operation,
            Operation::LoadReserved(_)
                | Operation::StoreConditional(_)
                | Operation::Amo(..)
                | Operation::CompareAndSwap(_)
                | Operation::CompareAndSwapPair(_)
        );
        assert_eq!(*suffix == Suffix::Optional, atomic, "{mnemonic}");
        assert_eq!(
            matches!(suffix, Suffix::Acquire | Suffix::Release),
            def.extension == Extension::Zalasr,
            "{mnemonic}"
        );
    }
}

/// The letter after the dot, or the last letter of a load or store, is the width.
#[test]
fn names_say_the_width() {
    for def in all() {
        let width = match def.operation {
            Operation::Load(width, _)
            | Operation::Store(width)
            | Operation::LoadReserved(width)
            | Operation::StoreConditional(width)
            | Operation::Amo(width, _)
            | Operation::CompareAndSwap(width) => width,
            _ => continue,
        };
        let letter = match width {
            Width::B => 'b',
            Width::H => 'h',
            Width::W => 'w',
            Width::D => 'd',
            Width::Q => 'q',
        };
        let name = def.mnemonic.trim_end_matches("sp").trim_end_matches('u');
        assert!(name.ends_with(letter), "{}", def.mnemonic);
    }
}

#[test]
fn a_full_hart_has_every_instruction() {
    let full = Extension::with_instructions();
    assert!(all().all(|def| full.contains(def.extension)));
    for extension in full.iter() {
        let on = |base| all().filter_map(move |def| def.on(base));
        let mut rows = on(Base::Rv64).chain(on(Base::Rv32));
        assert!(rows.any(|def| def.extension == extension), "{extension} brings no instruction");
    }
}

#[test]
fn compare_and_swap_by_width() {
    let quad = &zacas::TABLE[4];
    assert_eq!(
        (quad.mnemonic, quad.limits.rd, quad.limits.rs2),
        ("amocas.q", Class::Even, Class::Even)
    );
    let requires = |index: usize| zacas::TABLE[index].requires().collect::<Vec<_>>();
    assert_eq!(requires(0), [Extension::Zacas, Extension::Zabha]);
    assert_eq!(requires(1), [Extension::Zacas, Extension::Zabha]);
    assert_eq!(requires(2), [Extension::Zacas]);
    assert_eq!(requires(3), [Extension::Zacas]);
    assert!(zacas::TABLE[..4].iter().all(|def| def.limits == crate::arch::riscv::Limits::NONE));
}
