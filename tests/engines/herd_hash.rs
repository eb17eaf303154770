//! The computed hash against those that herd7 and litmus7 wrote into the public logs, and those that today's
//! herd7 prints.

use std::collections::BTreeMap;
use std::fs;

use crate::support::corpus::shared;
use rvlitmus::run::{Found, find};
use rvlitmus_core::litmus::{herd_hashes, parse};

/// Tests of which the logs hold another version under the same name: one of words where the corpus has
/// one of doublewords.
const IN_WORDS: [&str; 9] = [
    "3.LB+addr+addr+ctrlfencei",
    "RWC+fence.rw.rws",
    "S+fence.rw.rw+addr",
    "S+fence.rw.rw+po",
    "WRC+addr+ctrlfencei",
    "WRR+2W+fence.rw.rws",
    "WWC+addr+ctrlfencei",
    "Z6.2+fence.rw.rw+ctrlfencei+fence.rw.rw",
    "Z6.2+fence.rw.rws",
];

/// The log has another test of this name than the corpus, which has two that differ in their fences: in
/// words, its constants made by `ori`, and with a branch that skips all that depends on it. That is why the
/// log has no state in which the first load returns 0 and the second 1.
const PPOCA: &str = "RISCV PPOCA
{
0:x6=x; 0:x8=y;
1:x6=y; 1:x8=z; 1:x12=x;
}
 P0          | P1              ;
 ori x5,x0,1 | lw x5,0(x6)     ;
 sw x5,0(x6) | beq x5,x0,LC00  ;
 fence w,w   | ori x7,x0,1     ;
 ori x7,x0,1 | sw x7,0(x8)     ;
 sw x7,0(x8) | lw x9,0(x8)     ;
             | andi x10,x9,128 ;
             | add x13,x12,x10 ;
             | lw x11,0(x13)   ;
             | LC00:           ;
exists (1:x5=1 /\\ 1:x9=1 /\\ 1:x11=0)
";

/// The same test in words, its types not declared.
fn in_words(text: &str) -> String {
    let words = text.replace(" sd ", " sw ").replace(" ld ", " lw ");
    let (before, after) = words.split_once("{\n").expect("an initial state");
    let (declared, rest) = after.split_once("\n\n").expect("declarations, and then a blank line");
    assert!(declared.split(';').all(|d| d.trim().is_empty() || d.trim().starts_with("uint64_t ")));
    format!("{before}{{\n{rest}")
}

#[test]
fn the_hash_is_herd7s_on_every_test_of_the_logs() {
    let Some(shared) = shared() else { return };
    let mut logged: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for log in ["hardware-u540.log", "herd7-rvwmo.log", "herd7-ztso.log"] {
        let text = fs::read_to_string(shared.join("corpus/logs").join(log)).expect("the log");
        let mut name = "";
        for line in text.lines() {
            if let Some(head) = line.strip_prefix("Test ") {
                name = head.split(' ').next().expect("a name");
            } else if let Some(hash) = line.strip_prefix("Hash=") {
                logged.entry(name.to_owned()).or_default().push(hash.to_owned());
            }
        }
    }
    let corpus = shared.join("corpus/riscv").to_string_lossy().into_owned();
    let mut found_in_log: BTreeMap<String, bool> = BTreeMap::new();
    let mut other_versions: BTreeMap<String, String> = BTreeMap::new();
    for found in find(&[corpus], &std::sync::Arc::default()) {
        let Found::Test(source) = found else { continue };
        let text = source.read(usize::MAX, || false).expect("a test");
        let text = String::from_utf8(text).expect("UTF-8");
        let Ok(test) = parse(&text) else { continue };
        if let Some(hashes) = logged.get(&test.name) {
            let same = hashes_of(&text).iter().any(|ours| hashes.contains(ours));
            if !same {
                other_versions.insert(test.name.clone(), text);
            }
            *found_in_log.entry(test.name).or_default() |= same;
        }
    }
    let other = found_in_log.iter().filter(|(_, same)| !**same).map(|(name, _)| name.as_str());
    let mut expected = [&IN_WORDS[..], &["PPOCA"]].concat();
    expected.sort_unstable();
    assert_eq!(other.collect::<Vec<_>>(), expected);
    assert!(found_in_log.len() >= 2875, "{} tests", found_in_log.len());
    for name in IN_WORDS {
        let text = in_words(&other_versions[name]);
        let same = hashes_of(&text).iter().any(|hash| logged[name].contains(hash));
        assert!(same, "{name}: its hash is not in the logs\n{text}");
    }
    assert_eq!(logged["PPOCA"], hashes_of(PPOCA)[..1]);
}

/// The hash of the header, or all that a release of herd7 computes.
fn hashes_of(text: &str) -> Vec<String> {
    let test = parse(text).expect("a test");
    match test.metadata("Hash") {
        Some(hash) => vec![hash.to_owned()],
        None => {
            let hashes = herd_hashes(&test, text).into_iter();
            hashes.flat_map(|all| std::iter::once(all.today).chain(all.earlier)).collect()
        }
    }
}

/// A test of these declarations, columns and condition.
fn text(init: &str, columns: [&str; 2], rest: &str) -> String {
    let columns = columns.map(|column| column.split(" ; ").collect::<Vec<_>>());
    let rows = columns[0].len().max(columns[1].len());
    let mut text = format!("RISCV t\n{{ {init} }}\nP0 | P1 ;\n");
    for row in 0..rows {
        let cell = |column: usize| columns[column].get(row).copied().unwrap_or_default();
        text += &format!("{} | {} ;\n", cell(0), cell(1));
    }
    text + rest
}

/// Layout, name, comments and the filter do not count; all else is as herd7 of August 2026 has it.
#[test]
fn the_hash_is_that_of_todays_herd7() {
    let both = "0:x10=x; 0:x11=y; 1:x10=x; 1:x11=y; 0:x5=1;";
    let cases = [
        (
            text(
                "0:x5=1; 0:x10=x; 1:x10=x",
                ["amoadd.w.aq x6,x5,(x10)", "amoadd.w.rl x6,x5,0(x10)"],
                "exists 1:x6=1",
            ),
            "f32a5daca3db7ec631383a267b6b8b7e",
        ),
        (
            text(
                "0:x5=1; 0:x10=x; 1:x10=x",
                ["amoswap.w.aq.rl x6,x5,(x10)", "lr.w.aq.rl x6,(x10)"],
                "exists 1:x6=1",
            ),
            "237d6ab8b732a92bf6dfa4b0a4350b8e",
        ),
        (
            text(
                "0:x5=0x10; x=0xff; 0:x10=x; 1:x10=x",
                ["sw x5,(x10)", "lw x5,(x10)"],
                "exists 1:x5=0x10",
            ),
            "f0ad63171f51013ae302d49b912a9481",
        ),
        (
            text(
                both,
                [
                    "sw x5,(x10) ; fence iorw,iorw ; sw x5,(x11)",
                    "lw x5,(x11) ; fence ; lw x6,(x10)",
                ],
                "exists (1:x5=1 /\\ 1:x6=0)",
            ),
            "b852933f541d9cd81c2a2a25d33cb093",
        ),
        (
            text(
                "0:x10=x; 1:x10=x; 1:x5=1",
                ["again: lw x5,(x10) ; beq x5,x0,again", "sw x5,(x10)"],
                "forall 0:x5=1",
            ),
            "8a41657ce3f4abb194f736d7c31ab2d1",
        ),
        (
            text(
                "1:x10=x; 0:x10=x",
                ["li x5,0x1 ; sw x5,(x10)", "lw x5,(x10) ; li x6,-1"],
                "exists 1:x5=1",
            ),
            "2cfbc0628cbd20f9a8dea3c17e36d498",
        ),
        (
            text(
                "0:x10=x; 0:x7=1; 1:x10=x",
                ["addi x5,x7,0 ; sw x5,(x10)", "lw x5,(x10) ; mv x6,x5"],
                "exists 1:x6=1",
            ),
            "22a7c3ccb6ad964d865cea34ccc69eea",
        ),
        (
            text(
                "0:x5=1; int * p = &x; 0:x10=p; 1:x10=x",
                ["ld x6,(x10) ; sw x5,(x6)", "lw x5,(x10)"],
                "exists 1:x5=1",
            ),
            "bddc8b31612205a4a59d16ac9fd3004e",
        ),
        (
            text(
                both,
                ["sw x5,(x10) ; fence.tso ; sw x5,(x11)", "lw x5,(x11) ; fence.tso ; lw x6,(x10)"],
                "locations [y; x]\nexists (1:x5=1 /\\ 1:x6=0)",
            ),
            "9ca3be64151cf420fcecf7fe48515e8e",
        ),
        (
            text(
                "uint8_t y; uint64_t x=3; uint64_t 0:x6; 0:x10=x; 1:x10=y; 1:x5=1",
                ["ld x6,(x10)", "sb x5,(x10)"],
                "exists (0:x6=3 /\\ y=1)",
            ),
            "1de9ba5b5041510537e59ba123e433e2",
        ),
    ];
    for (text, hash) in cases {
        let test = parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert_eq!(herd_hashes(&test, &text).expect("a hash").today, hash, "{text}");
    }
}

/// Logs of earlier releases stay comparable.
#[test]
fn earlier_releases_print_some_instructions_otherwise() {
    let count = |code: &str| {
        let text = format!("RISCV t\n{{ 0:x10=x; }}\nP0 ;\n{code} ;\nexists 0:x5=1");
        herd_hashes(&parse(&text).expect("a test"), &text).expect("a hash").earlier.len()
    };
    for (code, hashes) in [
        ("lw x5,0(x10)", 0),
        ("amoadd.w.aq x5,x6,(x10)", 0),
        ("amoadd.w.aqrl x5,x6,(x10)", 1),
        ("lr.w.rl x5,(x10)", 1),
        ("mv x5,x6", 1),
        ("fence iorw,iorw", 1),
        ("fence", 0),
        ("li x5,1", 1),
        ("li x5,1 ; mv x6,x5", 2),
        ("sext.w x5,x6", 0),
    ] {
        assert_eq!(count(code), hashes, "{code}");
    }
}

/// What the places of the test are called in the hash.
#[test]
fn arrays_pointers_and_code_addresses_have_a_hash() {
    let hash = |init: &str, condition: &str| {
        let text = format!("RISCV t\n{{ {init} }}\nP0 ;\nL: nop ;\nexists {condition}");
        herd_hashes(&parse(&text).expect("a test"), &text).map(|hashes| hashes.today)
    };
    assert_eq!(hash("int a[2]", "a={1,2}"), hash("int a[2]={1,2}", "a={0,0}"));
    assert_ne!(hash("int a[2]", "a[1]=2"), hash("int a[2]", "a[0]=2"));
    assert_ne!(hash("*p=x", "true"), hash("p=x", "true"));
    assert_eq!(hash("0:x5=P0:L", "true"), hash("P0:x5=P0:L", "true"));
    assert_eq!(hash("int a[3]={1,2}", "true"), None, "herd7 takes as many values as elements");
    assert_eq!(hash("int a[2]; a[1]=5", "true"), None, "nor an element for itself");
    assert_eq!(hash("unsigned long x", "true"), None, "nor a type of two words");
}
