//! `run --decide` and `run --observed`: one question, without listing states.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::binary::{folder, out, run, rvlitmus};
use serde_json::Value;

const MP: &str = include_str!("../../litmus/mp/MP.litmus");

/// Whether the condition of each test holds on each machine.
fn held(report: &str) -> BTreeMap<(String, String), Option<bool>> {
    let tests = report.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    tests
        .flat_map(|test| {
            let path = test["path"].as_str().expect("a path").to_owned();
            let machines = test["machines"].as_array().cloned().unwrap_or_default();
            machines.into_iter().map(move |machine| {
                let id = machine["id"].as_str().expect("an id").to_owned();
                ((path.clone(), id), machine["holds"].as_bool())
            })
        })
        .collect()
}

#[test]
fn the_same_holds_as_by_enumeration() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let of = |options: &[&str]| {
        let ran =
            run(root, &[&["run", "-f", "jsonl", "--explain=never", "litmus"], options].concat());
        held(&ran.out)
    };
    let (all, decided) = (of(&[]), of(&["--decide"]));
    assert!(all.len() > 1500 && all.values().any(|holds| *holds == Some(false)));
    assert_eq!(all, decided);
}

#[test]
fn large_rings_are_decided() {
    for (family, n, [rvwmo, ztso]) in [
        ("sb", "192", [true, true]),
        ("lb", "192", [false, false]),
        ("ws", "192", [true, false]),
        ("iriw", "120", [false, false]),
    ] {
        let test = out(&["family", family, n]);
        let ran = rvlitmus()
            .args(["run", "--decide", "-f", "jsonl", "--timeout", "120", "-"])
            .write_stdin(test)
            .assert()
            .success();
        let report = String::from_utf8(ran.get_output().stdout.clone()).expect("UTF-8");
        let said: Vec<Option<bool>> = held(&report).into_values().collect();
        assert_eq!(said, [Some(rvwmo), Some(ztso)], "{family}");
    }
}

#[test]
fn one_state_shows_what_holds() {
    let shown = out(&["run", "--decide", "litmus/mp/MP.litmus"]);
    assert_eq!(
        shown,
        "MP: rvwmo holds, ztso does not hold                          litmus/mp/MP.litmus
    exists (1:x6=1 /\\ 1:x7=0)
    holds under rvwmo, not under ztso

       1:x6  1:x7   rvwmo   ztso
    *     1     0    yes     NO   not under ztso

1 test: 1 decided
  the condition holds in 1 of 1 test under rvwmo, 0 of 1 test under ztso
  rvwmo and ztso differ in the verdict of 1 test
"
    );
    let csv = out(&["run", "--decide", "-f", "csv", "litmus/mp/MP.litmus"]);
    assert!(csv.contains(",decided,rvwmo,,true,1,1,") && csv.contains(",decided,ztso,,false,0,0,"));
}

#[test]
fn what_the_other_machine_does_with_another_state_is_not_known() {
    let either = MP.replace("exists (1:x6=1 /\\ 1:x7=0)", "exists (1:x7=0 \\/ 1:x6=1)");
    assert_ne!(either, MP);
    let dir = folder(&[("t.litmus", &either)]);
    let ran = run(dir.path(), &["run", "--decide", "--model", "rvwmo,ztso,sc", "t.litmus"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.out.contains("NO"), "{}", ran.out);
}

#[test]
fn the_engine_that_is_asked_for_answers() {
    for engine in ["axiomatic", "both"] {
        let csv = out(&["run", "--decide", "--engine", engine, "-f", "csv", "litmus/mp/MP.litmus"]);
        assert!(csv.contains(",decided,rvwmo,,true,1,1,"), "{csv}");
        assert!(csv.contains(",decided,ztso,,false,0,0,"), "{csv}");
    }
}

#[test]
fn formats_that_list_states_are_refused() {
    let test = ["run", "--decide", "litmus/mp/MP.litmus", "--model", "ztso", "-f"];
    for format in ["herd", "html"] {
        let error = crate::support::binary::refused(&[&test[..], &[format]].concat());
        assert!(error.contains("--decide finds one state at most"), "{error}");
    }
}

const LOG: &str = "Test MP Allowed
Histogram (2 states)
90    :>1:x6=0; 1:x7=0;
10    :>1:x6=1; 1:x7=0;
Ok

Witnesses
Positive: 10, Negative: 90
Condition exists (1:x6=1 /\\ 1:x7=0) is validated
Observation MP Sometimes 10 90
";

#[test]
fn what_was_seen_is_allowed_or_forbidden() {
    let dir = folder(&[("t/MP.litmus", MP), ("board.log", LOG)]);
    let observed =
        |model: &str| run(dir.path(), &["run", "--observed", "board.log", "--model", model, "t"]);
    let ran = observed("rvwmo");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.starts_with("rvwmo: 1 test on both sides: 1 equal"), "{}", ran.out);
    let ran = observed("ztso");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("1:x6=1; 1:x7=0;") && ran.out.contains("MP"), "{}", ran.out);
}

#[test]
fn a_log_of_other_tests_or_places_is_said() {
    let other = LOG.replace("Test MP", "Test SB");
    let wrong = LOG.replace("1:x7=0", "1:x77=0");
    let dir = folder(&[("t/MP.litmus", MP), ("other.log", &other), ("wrong.log", &wrong)]);
    let observed = |log: &str| run(dir.path(), &["run", "--observed", log, "t"]);
    let ran = observed("other.log");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("none of the tests is in other.log"), "{}", ran.err);
    let ran = observed("wrong.log");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("unknown register `x77`"), "{}", ran.err);
    assert!(ran.err.contains("--observed:1:"), "{}", ran.err);
}
