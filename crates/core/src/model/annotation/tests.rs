//! Every row of the table of annotations, under both models, and what fences order.

use super::*;
use crate::arch::Action;
use crate::arch::riscv::{Lookup, lookup};
use crate::litmus::{LineIndex, parse};
use crate::model::RuleSet;
use crate::program::{full_hart, link};

use AccessKind::{Amo, Load, LoadReserved, Store, StoreConditional};

/// The bits of an instruction.
fn order(mnemonic: &str) -> Order {
    match lookup(mnemonic) {
        Lookup::Found(_, order) => order,
        other => panic!("{mnemonic}: {other:?}"),
    }
}

/// `-`, `acq-pc`, `acq-sc rel-sc`, ...: the annotation in words.
fn words(annotation: Annotation) -> String {
    let acquire = match annotation.acquire {
        Acquire::None => "",
        Acquire::RCpc => "acq-pc",
        Acquire::RCsc => "acq-sc",
    };
    let release = match annotation.release {
        Release::None => "",
        Release::RCpc => "rel-pc",
        Release::RCsc => "rel-sc",
    };
    match (acquire, release) {
        ("", "") => "-".to_string(),
        _ => format!("{acquire} {release}").trim().to_string(),
    }
}

fn both(order: Order, kind: AccessKind, options: &Options) -> [String; 2] {
    [BaseModel::Rvwmo, BaseModel::Ztso].map(|model| words(annotate(order, kind, model, options)))
}

#[test]
fn every_instruction_under_both_models() {
    let options = Options::default();
    for (mnemonic, kind, rvwmo, ztso) in [
        ("lw", Load, "-", "acq-pc"),
        ("lbu", Load, "-", "acq-pc"),
        ("c.ld", Load, "-", "acq-pc"),
        ("sw", Store, "-", "rel-pc"),
        ("c.sdsp", Store, "-", "rel-pc"),
        ("lr.w", LoadReserved, "-", "acq-pc"),
        ("lr.w.aq", LoadReserved, "acq-sc", "acq-sc"),
        ("lr.w.rl", LoadReserved, "-", "acq-pc"),
        ("lr.d.aqrl", LoadReserved, "acq-sc rel-sc", "acq-sc rel-sc"),
        ("sc.w", StoreConditional, "-", "rel-pc"),
        ("sc.w.aq", StoreConditional, "-", "rel-pc"),
        ("sc.w.rl", StoreConditional, "rel-sc", "rel-sc"),
        ("sc.d.aq.rl", StoreConditional, "acq-sc rel-sc", "acq-sc rel-sc"),
        ("amoswap.w", Amo, "-", "acq-sc rel-sc"),
        ("amoadd.d.aq", Amo, "acq-sc", "acq-sc rel-sc"),
        ("amomaxu.w.rl", Amo, "rel-sc", "acq-sc rel-sc"),
        ("amoor.b.aqrl", Amo, "acq-sc rel-sc", "acq-sc rel-sc"),
        ("lb.aq", Load, "acq-sc", "acq-sc"),
        ("ld.aqrl", Load, "acq-sc rel-sc", "acq-sc rel-sc"),
        ("sh.rl", Store, "rel-sc", "rel-sc"),
        ("sd.aqrl", Store, "acq-sc rel-sc", "acq-sc rel-sc"),
    ] {
        assert_eq!(both(order(mnemonic), kind, &options), [rvwmo, ztso], "{mnemonic}");
    }
}

/// The other reading concerns Zalasr alone.
#[test]
fn zalasr_read_as_rcpc() {
    let options = Options { zalasr: ZalasrReading::Rcpc, ..Options::default() };
    for (mnemonic, kind, rvwmo, ztso) in [
        ("lw.aq", Load, "acq-pc", "acq-pc"),
        ("lw.aqrl", Load, "acq-pc rel-pc", "acq-pc rel-pc"),
        ("sw.rl", Store, "rel-pc", "rel-pc"),
        ("sw.aqrl", Store, "acq-pc rel-pc", "acq-pc rel-pc"),
        ("lr.w.aq", LoadReserved, "acq-sc", "acq-sc"),
        ("sc.w.rl", StoreConditional, "rel-sc", "rel-sc"),
        ("amoswap.w.aqrl", Amo, "acq-sc rel-sc", "acq-sc rel-sc"),
    ] {
        assert_eq!(both(order(mnemonic), kind, &options), [rvwmo, ztso], "{mnemonic}");
    }
}

#[test]
fn a_failed_amocas_keeps_the_acquire_of_an_amo_but_not_its_release() {
    let reading = |failed_cas| Options { failed_cas, ..Options::default() };
    let (load, amo, amo_rl) =
        (reading(FailedCas::Load), reading(FailedCas::Amo), reading(FailedCas::AmoRl));
    for (order, stored, failed, failed_amo_rl) in [
        (Order::None, ["-", "acq-sc rel-sc"], ["-", "acq-pc"], ["-", "acq-sc rel-sc"]),
        (Order::Aq, ["acq-sc", "acq-sc rel-sc"], ["acq-sc", "acq-sc"], ["acq-sc", "acq-sc rel-sc"]),
        (Order::Rl, ["rel-sc", "acq-sc rel-sc"], ["-", "acq-pc"], ["-", "acq-sc rel-sc"]),
        (
            Order::AqRl,
            ["acq-sc rel-sc", "acq-sc rel-sc"],
            ["acq-sc", "acq-sc"],
            ["acq-sc", "acq-sc rel-sc"],
        ),
    ] {
        assert_eq!(both(order, Amo, &load), stored, "{order:?}");
        assert_eq!(both(order, AccessKind::FailedCas, &load), failed, "{order:?}");
        let failed_amo = [failed[0], "acq-sc"];
        assert_eq!(both(order, AccessKind::FailedAmo, &amo), failed_amo, "{order:?}");
        assert_eq!(both(order, AccessKind::FailedAmo, &amo_rl), failed_amo_rl, "{order:?}");
    }
}

/// Each of the three sentences of the Ztso chapter can be taken out alone; an AMO has its annotations
/// from the third.
#[test]
fn rules_of_ztso_one_by_one() {
    let ztso = |mnemonic: &str, kind, without| {
        let options = Options { rules: RuleSet::ALL.without(without), ..Options::default() };
        words(annotate(order(mnemonic), kind, BaseModel::Ztso, &options))
    };
    for (without, load, store, amo) in [
        (Rule::ZtsoLoadAcquire, "-", "rel-pc", "acq-sc rel-sc"),
        (Rule::ZtsoStoreRelease, "acq-pc", "-", "acq-sc rel-sc"),
        (Rule::ZtsoAmo, "acq-pc", "rel-pc", "-"),
        (Rule::R5, "acq-pc", "rel-pc", "acq-sc rel-sc"),
    ] {
        assert_eq!(ztso("lw", Load, without), load, "{without}");
        assert_eq!(ztso("lr.w", LoadReserved, without), load, "{without}");
        assert_eq!(ztso("sw", Store, without), store, "{without}");
        assert_eq!(ztso("sc.w", StoreConditional, without), store, "{without}");
        assert_eq!(ztso("amoadd.w", Amo, without), amo, "{without}");
    }
}

#[test]
fn rcsc_on_either_side_counts_for_rule_7() {
    let rcsc = |mnemonic, kind| {
        annotate(order(mnemonic), kind, BaseModel::Ztso, &Options::default()).is_rcsc()
    };
    assert!(!rcsc("lw", Load) && !rcsc("sw", Store));
    assert!(!rcsc("lr.w", LoadReserved) && !rcsc("sc.w", StoreConditional));
    assert!(rcsc("lr.w.aq", LoadReserved) && rcsc("sc.w.rl", StoreConditional));
    assert!(rcsc("amoadd.w", Amo) && rcsc("lw.aq", Load) && rcsc("sw.rl", Store));
}

/// An AMO is both; a failed `amocas` stores nothing, and may be a store to the rules.
#[test]
fn classes_of_operations() {
    for (kind, reads, writes, is_store) in [
        (Load, true, false, false),
        (LoadReserved, true, false, false),
        (AccessKind::FailedCas, true, false, false),
        (AccessKind::FailedAmo, true, false, true),
        (Store, false, true, true),
        (StoreConditional, false, true, true),
        (Amo, true, true, true),
    ] {
        let classes = (kind.reads(), kind.writes(), kind.is_store());
        assert_eq!(classes, (reads, writes, is_store), "{kind:?}");
    }
}

/// Rows a, columns b, each load, store, AMO: `x` where the fence orders a before b.
fn ordered(fence: &str) -> String {
    let text = format!("RISCV t\n{{ x=0; }}\n P0 ;\n {fence} ;\nexists (x=0)\n");
    let test = parse(&text).unwrap_or_else(|wrong| panic!("{fence}: {wrong}"));
    let program = link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo));
    let Action::Fence(pairs) = program.expect("links").harts[0].code[0].action else {
        panic!("{fence} is a fence")
    };
    let kinds = [Load, Store, Amo];
    let row = |a| kinds.map(|b| if fence_orders(pairs, a, b) { 'x' } else { '-' });
    kinds.map(|a| String::from_iter(row(a))).join(" ")
}

#[test]
fn fences_order_by_class() {
    for (fence, expected) in [
        ("fence", "xxx xxx xxx"),
        ("fence rw,rw", "xxx xxx xxx"),
        ("fence iorw,iorw", "xxx xxx xxx"),
        ("fence r,r", "x-x --- x-x"),
        ("fence r,w", "-xx --- -xx"),
        ("fence r,rw", "xxx --- xxx"),
        ("fence w,w", "--- -xx -xx"),
        ("fence w,r", "--- x-x x-x"),
        ("fence w,rw", "--- xxx xxx"),
        ("fence rw,w", "-xx -xx -xx"),
        ("fence rw,r", "x-x x-x x-x"),
        ("fence io,io", "--- --- ---"),
        ("fence i,rw", "--- --- ---"),
        ("fence rw,o", "--- --- ---"),
        ("fence ir,ow", "-xx --- -xx"),
        // All but a store before a load. An AMO in front is a load too; behind, a store too.
        ("fence.tso", "xxx -xx xxx"),
    ] {
        assert_eq!(ordered(fence), expected, "{fence}");
    }
}
