//! `run --decide` and `run --observed`: one question, without listing states.

use std::collections::BTreeMap;
use std::fs;
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
fn where_neither_way_leads_on_the_limit_is_told() {
    let dir = folder(&[("mixed.litmus", &out(&["family", "mixed", "8"]))]);
    let status = |limit: &[&str]| {
        let run_ = ["run", "--decide", "-f", "csv", "--model", "rvwmo", "mixed.litmus"];
        let ran = run(dir.path(), &[&run_[..], limit].concat());
        ran.out.lines().nth(1).and_then(|line| line.split(',').nth(2)).expect("a line").to_owned()
    };
    assert_eq!(status(&["--memory", "1"]), "memory-limit");
    assert_eq!(status(&["--memory", "64"]), "decided");
    fs::write(dir.path().join("mixed.litmus"), out(&["family", "mixed", "60"])).expect("written");
    if cfg!(target_os = "linux") {
        assert_eq!(status(&["--run-memory", "1"]), "memory-limit");
    }
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
fn the_verdict_of_a_large_ring_has_its_evidence() {
    for (family, [rvwmo, ztso]) in [
        ("sb", ["allowed, by this global memory order", "as under rvwmo"]),
        ("lb", ["forbidden; the one execution", "as under rvwmo"]),
        ("ws", ["allowed, by this global memory order", "forbidden, by the exploration;"]),
    ] {
        let test = out(&["family", family, "64"]);
        let told = rvlitmus().args(["explain", "--decide", "-"]).write_stdin(test).assert();
        let told = String::from_utf8(told.success().get_output().stdout.clone()).expect("UTF-8");
        for (model, verdict) in [("rvwmo", rvwmo), ("ztso", ztso)] {
            let verdict = format!("\n  {model}: {verdict}");
            assert!(told.contains(&verdict), "{family}: no{verdict} in\n{told}");
        }
    }
}

#[test]
fn every_machine_is_asked_of_each_state_that_is_explained() {
    // Each model may show another state of these.
    let either = MP.replace("exists (1:x6=1 /\\ 1:x7=0)", "exists (1:x7=0 \\/ 1:x6=1)");
    let dir = folder(&[("t.litmus", &either)]);
    let explain = ["explain", "--decide", "--model", "rvwmo,ztso,sc", "-f", "json", "t.litmus"];
    let ran = run(dir.path(), &explain);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let all = run(dir.path(), &["run", "--model", "rvwmo,ztso,sc", "-f", "jsonl", "t.litmus"]);
    let (told, all): (Value, Value) = (
        serde_json::from_str(&ran.out).expect("JSON"),
        serde_json::from_str(all.out.lines().next().expect("a test")).expect("JSON"),
    );
    let states = told["tests"][0]["states"].as_array().expect("states");
    assert!(!states.is_empty(), "{told}");
    for state in states {
        for explained in state["models"].as_array().expect("verdicts") {
            let machine = all["machines"].as_array().expect("machines").iter();
            let machine = machine.clone().find(|m| m["id"] == explained["model"]);
            let reached = machine.expect("the machine")["states"].as_array().expect("states");
            let reached = reached.iter().any(|reached| reached["values"] == state["values"]);
            assert_eq!(explained["verdict"] == "allowed", reached, "{state}");
        }
    }
}

#[test]
fn verdicts_alone_do_not_need_all_states() {
    let dir = folder(&[("sb.litmus", &out(&["family", "sb", "40"])), ("t.litmus", MP)]);
    let brief = run(dir.path(), &["run", "--brief", "sb.litmus", "t.litmus"]);
    assert_eq!((brief.code, brief.err.as_str()), (0, ""));
    assert!(
        brief.out.contains("holds         holds         -              sb.litmus"),
        "{}",
        brief.out
    );
    assert!(
        brief.out.contains("Sometimes     Never         4, not 1       t.litmus"),
        "{}",
        brief.out
    );
    let junit = run(dir.path(), &["run", "-f", "junit", "--strict", "sb.litmus"]);
    assert_eq!(junit.code, 0, "{}", junit.err);
    assert!(junit.out.contains("holds under ztso"), "{}", junit.out);
    let strict = run(dir.path(), &["run", "--strict", "sb.litmus"]);
    assert_eq!((strict.code, strict.err.as_str()), (0, ""));
    assert!(strict.out.contains("decided"), "{}", strict.out);
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
fn states_that_differ_above_32_bits_are_told_apart() {
    let test = "RISCV wide\n{ uint64_t x=0; 0:x5=x; 0:x7=2; }\n P0 ;\n sd x7,0(x5) ;\n\
                locations [x;]\nexists (x=0)\n";
    let log = |states: &[&str]| {
        let states: String = states.iter().map(|state| format!("9:>[x]={state};\n")).collect();
        let count = states.lines().count();
        format!(
            "Test wide Allowed\nHistogram ({count} states)\n{states}Ok\n\nWitnesses\n\
             Positive: 1, Negative: 0\nCondition exists (x=0) is NOT validated\n\
             Observation wide Sometimes 1 0\n\n"
        )
    };
    let above = log(&["2", "8589934594"]);
    let ones = log(&["2", "4294967295", "-1"]);
    let files = [("w.litmus", test), ("above.log", &above), ("ones.log", &ones)];
    let dir = folder(&[files[0], files[1], files[2], ("two.log", &log(&["2"]))]);
    for (seen, forbidden) in
        [("above.log", &["8589934594"][..]), ("ones.log", &["4294967295", "-1"])]
    {
        let args = ["run", "--observed", seen, "--model", "rvwmo", "w.litmus"];
        let ran = run(dir.path(), &args);
        assert_eq!(ran.code, 1, "{}", ran.out);
        for value in forbidden {
            assert!(ran.out.contains(&format!("[x]={value};")), "{value}: {}", ran.out);
        }
        assert!(!ran.out.contains("[x]=2;"), "{}", ran.out);
    }
    let ran = run(dir.path(), &["compare", "two.log", "above.log"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("[x]=8589934594;"), "{}", ran.out);
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

#[test]
fn a_log_that_ends_too_early_is_not_decided() {
    let killed = LOG.split_once("10    :>").expect("two states").0;
    let dir = folder(&[("t/MP.litmus", MP), ("killed.log", killed)]);
    let ran = run(dir.path(), &["run", "--observed", "killed.log", "--model", "ztso", "t"]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.out.contains("not finished"), "{}", ran.out);
}

#[test]
fn loops_that_end_a_little_further_on_are_decided() {
    // As the spin locks of `litmus/locks`: what plain runs find complete is decided.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let statuses = |options: &[&str]| {
        let tests = ["run", "-f", "csv", "--explain=never", "litmus/locks", "litmus/algorithms"];
        let ran = run(root, &[&tests[..], options].concat());
        ran.out.lines().map(|line| line.contains(",bounded,")).collect::<Vec<bool>>()
    };
    assert_eq!(statuses(&[]), statuses(&["--decide"]));
}

#[test]
fn few_outcomes_of_many_states_are_listed() {
    let step = |to: usize| {
        let row = |text: &dyn Fn(usize) -> String| {
            let rows: Vec<String> = (0..4).map(text).collect();
            format!(" {} ;\n", rows.join(" | "))
        };
        [
            row(&|h| format!("lw x5,0(x{})", 10 + (h + to) % 4)),
            row(&|_| "add x6,x6,x5".to_owned()),
            row(&|_| "addi x6,x6,1".to_owned()),
            row(&|_| "andi x6,x6,3".to_owned()),
            row(&|h| format!("sw x6,0(x{})", 10 + (h + to + 1) % 4)),
        ]
        .concat()
    };
    let init: Vec<String> =
        (0..4).flat_map(|h| (0..4).map(move |v| format!("{h}:x{}=v{v};", 10 + v))).collect();
    let code: String = (0..4).map(step).collect();
    let test = format!(
        "RISCV dense\n{{ {} }}\n P0 | P1 | P2 | P3 ;\n{code}exists (v0=3)\n",
        init.join(" ")
    );
    let dir = folder(&[("t.litmus", &test)]);
    let run =
        run(dir.path(), &["run", "-f", "csv", "--model", "rvwmo", "--timeout", "100", "t.litmus"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains(",complete,rvwmo,Sometimes,true,4,"), "{}", run.out);
}
