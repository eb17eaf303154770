//! Cycles of diy7, their hashes, and edges that it lacks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rvlitmus_core::litmus::{herd_hashes, parse};

use super::*;
use crate::program::Width;

fn hashes(text: &str) -> Vec<String> {
    let test = parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let hashes = herd_hashes(&test, text).unwrap_or_else(|| panic!("no hash:\n{text}"));
    std::iter::once(hashes.today).chain(hashes.earlier).collect()
}

/// The value of a metadata line.
fn line_of<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
}

/// How a test of the public corpus comes out of its `Cycle=`: it does not say the type of locations, nor that
/// annotated accesses are AMOs.
fn made_anew(text: &str) -> Option<&'static str> {
    let cycle = Cycle::parse(line_of(text, "Cycle")?).unwrap();
    let theirs = hashes(text);
    let same = |options: &Options| {
        let ours = cycle.test(options).unwrap();
        hashes(&ours).iter().any(|hash| theirs.contains(hash))
    };
    let plain = Options::default();
    Some(if same(&plain) {
        "by the cycle alone"
    } else if same(&Options { width: Width::Double, ..plain }) {
        "as uint64_t"
    } else if same(&Options { annotations: Annotations::Amo, ..plain }) {
        "with AMOs"
    } else {
        "another test"
    })
}

/// Every test of the public corpus with a line `Cycle=`, where the corpus is at hand.
#[test]
fn the_public_tests_are_made_anew_from_their_cycles() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/riscv"));
    if !corpus.exists() {
        println!("skipped: there is no {}", corpus.display());
        return;
    }
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut folders = vec![corpus.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "litmus") {
                let text = fs::read_to_string(&path).unwrap();
                if let Some(kind) = made_anew(&text) {
                    *kinds.entry(kind).or_default() += 1;
                    assert_ne!(kind, "another test", "{}", path.display());
                }
            }
        }
    }
    println!("{kinds:?}");
    let all: usize = kinds.values().sum();
    assert!(all < 6000 || kinds["by the cycle alone"] + kinds["as uint64_t"] >= all - all / 100);
}

/// Cycles with the name and the hash that diy7 and herd7 gave their tests: a sample of every kind of edge.
#[test]
fn a_sample_of_cycles_has_the_known_hashes() {
    let sample = include_str!("sample.txt");
    assert!(sample.lines().count() > 100);
    for line in sample.lines() {
        let [name, hash, cycle] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let made = Cycle::parse(cycle).unwrap();
        let test = made.test(&Options::default()).unwrap();
        assert_eq!(made.name(), name, "{cycle}");
        assert!(hashes(&test).iter().any(|h| h == hash), "{cycle}\n{test}");
        assert_eq!(line_of(&test, "Cycle"), Some(cycle));
    }
}

/// The code of a cycle's harts, one line each.
fn code(cycle: &str, options: &Options) -> Vec<String> {
    let text = Cycle::parse(cycle).unwrap().test(options).unwrap();
    hashes_or_reads(&text);
    let rows = text.lines().filter(|line| line.ends_with(" ;") && !line.contains("P0"));
    let cells = rows.map(|row| row.trim_end_matches(';').split('|').map(str::trim).collect());
    let rows: Vec<Vec<&str>> = cells.collect();
    (0..rows[0].len())
        .map(|hart| {
            let own = rows.iter().filter_map(|row| row.get(hart).copied());
            own.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join("; ")
        })
        .collect()
}

fn hashes_or_reads(text: &str) {
    parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
}

#[test]
fn edges_that_diy7_lacks() {
    let word = Options::default();
    assert_eq!(
        code("Amo.Cas PodWR Fre PodWW Rfe", &word),
        ["sw x5,0(x6); sw x5,0(x7)", "amocas.w x6,x7,(x5); lw x8,0(x9)"]
    );
    assert_eq!(
        code("Rfe PodRRPCfAq FreCfAqP PodWW", &word)[1],
        "lw x5,0(x6); amocas.w.aq x8,x0,(x7)"
    );
    for (edge, instruction) in [
        ("Amo.Add", "amoadd.w"),
        ("Amo.And", "amoand.w"),
        ("Amo.Or", "amoor.w"),
        ("Amo.Xor", "amoxor.w"),
        ("Amo.Max", "amomax.w"),
        ("Amo.Maxu", "amomaxu.w"),
        ("Amo.Min", "amomin.w"),
        ("Amo.Minu", "amominu.w"),
        ("Amo.Swap", "amoswap.w"),
    ] {
        let harts = code(&format!("{edge} PodWR Fre PodWW Rfe"), &word);
        assert!(harts[1].starts_with(instruction), "{harts:?}");
    }
    assert_eq!(
        code("PodWWh0P RfePh2 PodRRh2h0 Freh0h0", &word),
        ["sh x5,0(x6); sw x7,0(x8)", "lh x5,2(x6); lh x7,0(x8)"]
    );
    assert_eq!(
        code("PodWWPXw0q0 RfeXw0q0P PodRR Fre", &word)[0],
        "sw x5,0(x6); lr.w x9,0(x7); sc.d x10,x8,0(x7)"
    );
    let zalasr = Options { annotations: Annotations::Zalasr, ..word };
    assert_eq!(
        code("PodWWPAR RfeARAR PodRRARP Fre", &zalasr),
        ["sw x5,0(x6); sw.aqrl x5,0(x7)", "lw.aqrl x5,0(x6); lw x7,0(x8)"]
    );
    let amo = code("PodWWPAR RfeARAR PodRRARP Fre", &word);
    assert_eq!(amo[1], "amoor.w.aqrl x5,x0,(x6); lw x7,0(x8)");
}

#[test]
fn what_is_no_cycle_is_said() {
    let said = |text: &str| {
        let error = Cycle::parse(text).and_then(|cycle| cycle.test(&Options::default()));
        let mistake = error.unwrap_err().0.remove(0);
        (mistake.span.start, mistake.message, mistake.help.unwrap_or_default())
    };
    for (text, column, message) in [
        ("Rfe PodRR Fre PodWWX", 14, "`X` of `PodWWX` says nothing"),
        ("Rfe PodRR Wse", 10, "`PodRR` and `Wse` do not fit: the first ends with a read"),
        ("RfePAq PodRRRlP Fre PodWW", 7, "`RfePAq` and `PodRRRlP` do not fit"),
        ("Pod** Pod** Rfe", 6, "neither says whether"),
        ("Rfi PosRW", 0, "no edge leads to another hart"),
        ("Rfe PodRW PosWW Wse Wse", 4, "`PodRW` is the only edge that changes the location"),
        ("RfLeave PodRW Rfe PodRW", 0, "`RfLeave` has no partner"),
        ("PodWWPAq RfeAqP PodRR Fre", 9, "no store is an acquire"),
        ("", 0, "a cycle has edges"),
    ] {
        let (start, found, _) = said(text);
        assert!(found.contains(message), "{text}: {found}");
        assert_eq!(start, column, "{text}: {found}");
    }
    assert_eq!(said("Rfe Podrr").2, "did you mean `PodRR`?");
}

#[test]
fn all_cycles_of_some_edges() {
    let found = cycles("Rfe,Fre,Wse,PodRR,PodRW,PodWR,PodWW", 4, &|| false).unwrap();
    let mut names: Vec<String> = found.iter().map(Cycle::name).collect();
    names.sort_unstable();
    assert_eq!(names, ["2+2W", "LB", "MP", "R", "S", "SB"].map(str::to_owned));
    assert!(cycles("Rfe,Quux", 4, &|| false).is_err());
}
