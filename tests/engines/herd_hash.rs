//! The computed hash against those that herd7 and litmus7 wrote into the public logs.

use std::collections::BTreeMap;
use std::fs;

use crate::support::corpus::shared;
use rvlitmus::run::{Found, find};
use rvlitmus_core::litmus::herd_hash;
use rvlitmus_core::litmus::parse;

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
    for found in find(&[corpus]) {
        let Found::Test(source) = found else { continue };
        let text = source.text().expect("a test");
        let Ok(test) = parse(&text) else { continue };
        if let Some(hashes) = logged.get(&test.name) {
            let ours = test.metadata("Hash").map(str::to_owned).or_else(|| herd_hash(&test, &text));
            let same = ours.is_some_and(|ours| hashes.contains(&ours));
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
        let hash = herd_hash(&parse(&text).expect("a test"), &text).expect("a hash");
        assert!(logged[name].contains(&hash), "{name}: {hash} is not in the logs\n{text}");
    }
    let hash = herd_hash(&parse(PPOCA).expect("a test"), PPOCA).expect("a hash");
    assert_eq!(logged["PPOCA"], [hash]);
}
