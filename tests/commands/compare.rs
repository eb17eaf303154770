//! Our results beside the public logs of herd7 and of hardware.

use crate::support::binary::{folder, run, rvlitmus};
use crate::support::corpus::shared;
use serde_json::Value;

fn compare(arguments: &[&str]) -> (i32, Value) {
    let mut command = rvlitmus();
    let output =
        command.args(["compare", "--format", "json"]).args(arguments).output().expect("it runs");
    let code = output.status.code().expect("no signal");
    (code, serde_json::from_slice(&output.stdout).expect("JSON"))
}

#[test]
fn the_public_logs_agree_with_our_own_runs() {
    let Some(shared) = shared() else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let report = dir.path().join("report.jsonl").to_string_lossy().into_owned();
    let corpus = shared.join("corpus/riscv");
    let mut run = rvlitmus();
    run.args(["run", "--format", "jsonl", "-o", &report]).arg(&corpus);
    // One test of the corpus names a label that it does not define.
    run.assert().code(2);
    let log = |name: &str| shared.join("corpus/logs").join(name).to_string_lossy().into_owned();

    for model in ["rvwmo", "ztso"] {
        let name = format!("herd7-{model}.log");
        let (code, found) = compare(&["--model", model, &report, &log(&name)]);
        assert_eq!((code, &found["equal"]), (0, &179.into()), "{name}: {}", found["different"]);
    }
    // Every test of a log, which are as many as name and hash tell apart, is in some count.
    let (_, found) = compare(&[&report, &log("herd7-rvwmo.log")]);
    let lines = std::fs::read_to_string(&report).expect("the report").lines().count();
    let count = |key: &str| found[key].as_array().expect("a list").len();
    let others = count("different");
    assert_eq!(found["tests"].as_u64().unwrap() as usize + others + count("only_b"), 235);
    assert_eq!(found["tests"].as_u64().unwrap() as usize + others + count("only_a") + 329, lines);
    assert_eq!(found["repeated_a"], 329);
    let (code, found) = compare(&["--model", "rvwmo", &report, &log("herd7-ztso.log")]);
    // RVWMO is not Ztso, and of one test that says so the hashes differ.
    assert_eq!((code, &found["hashes_differ"], &found["undecided"]), (2, &1.into(), &1.into()));

    for model in ["rvwmo", "ztso"] {
        let hardware = log("hardware-u540.log");
        let (code, found) = compare(&["--model", model, &hardware, &report]);
        let different = found["different"].as_array().expect("a list");
        assert_eq!(found["seen_and_forbidden"], 0);
        // Of 13 tests the log has another version: of all but one it shows what is allowed.
        let others: Vec<_> = different.iter().map(|test| (&test["name"], &test["why"])).collect();
        assert_eq!((code, &others[..]), (2, &[(&"PPOCA".into(), &"states".into())][..]), "{model}");
        assert_eq!((&found["hashes_differ"], &found["undecided"]), (&13.into(), &1.into()));
        let only_a = found["only_a"].as_array().unwrap().len();
        assert_eq!((&found["tests"], only_a), (&2811.into(), 507));
        let tests = found["equal"].as_u64().unwrap() + found["unseen_only"].as_u64().unwrap();
        assert_eq!(tests, 2810);
        assert!(found["unseen_states"].as_u64().unwrap() > 5000);
    }
}

#[test]
fn a_state_that_the_model_forbids_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_string_lossy().into_owned()
    };
    let board = write(
        "board.log",
        "Test MP Allow\nHistogram (2 states)\n7     :>1:a0=0x1; x=0;\n1     *>1:a0=2; x=0;\nOk\nWitnesses\n",
    );
    let model = write("herd.log", "Test MP Allowed\nStates 1\n1:x10=1; [x]=0;\nNo\nWitnesses\n");
    let mut command = rvlitmus();
    let output = command.args(["compare", &board, &model]).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains(&format!("seen and forbidden (once) in {board}: 1:x10=2; [x]=0;")),
        "{text}"
    );
}

/// A report of one test, and a log beside it.
fn beside(test: &str, log: &str) -> (crate::support::binary::Ran, crate::support::binary::Ran) {
    let dir = crate::support::binary::folder(&[("a.litmus", test), ("other.log", log)]);
    let run = |arguments: &[&str]| crate::support::binary::run(dir.path(), arguments);
    assert_eq!(run(&["run", "-f", "jsonl", "-o", "report.jsonl", "a.litmus"]).code, 0);
    (run(&["compare", "report.jsonl", "other.log"]), run(&["compare", "other.log", "report.jsonl"]))
}

#[test]
fn values_are_those_of_the_declared_type_in_any_base() {
    let test = "RISCV a\n{ int8_t b; uint32_t w; uint64_t d; 0:x6=b; 0:x7=w; 0:x8=d; 0:x9=i; }\n P0 ;\n \
        li x5,-1 ;\n sb x5,0(x6) ;\n sw x5,0(x7) ;\n sd x5,0(x8) ;\n sw x5,0(x9) ;\n\
        locations [b; w; d; i; 0:x5;]\nexists (true)\n";
    let log = |states: &str| format!("Test a Allowed\nStates 1\n{states}\nOk\nWitnesses\n");
    for states in [
        "0:t0=-1; b=-1; w=4294967295; d=18446744073709551615; i=-1;",
        "0:t0=0xffffffffffffffff; b=0xff; w=0xffffffff; d=0xffffffffffffffff; i=0xffffffff;",
        "0:x5=-1; [b]=255; [w]=-1; [d]=-1; [i]=4294967295;",
    ] {
        let (one, other) = beside(test, &log(states));
        assert_eq!((one.code, other.code), (0, 0), "{states}: {}", one.out);
        assert!(one.out.starts_with("1 test on both sides: 1 equal, 0 different\n"), "{}", one.out);
    }
    // Without a type a register is an `int`.
    let (one, other) = beside(test, &log("0:t0=0x1ffffffff; b=-1; w=-1; d=-1; i=-1;"));
    assert_eq!((one.code, other.code), (0, 0), "{}", one.out);
    let (one, other) = beside(test, &log("0:t0=1; b=-1; w=-1; d=-1; i=-1;"));
    assert_eq!((one.code, other.code), (1, 1));
    assert!(one.out.contains("only in other.log: 0:x5=1; "), "{}", one.out);
}

/// herd7 prints arrays as a whole, whatever the condition says of them, and so does our log.
#[test]
fn arrays_are_printed_and_read_as_herd_does() {
    let test = "RISCV a\n{ int a[2]={0,0}; 0:x6=a; 0:x5=1; 0:x7=2; }\n P0 ;\n sw x5,0(x6) ;\n sw x7,4(x6) ;\n\
        locations [a;]\nexists (a={1,2})\n";
    let log = "Test a Allowed\nStates 1\na={0x1,2};\nOk\nWitnesses\nPositive: 1 Negative: 0\n";
    let (one, other) = beside(test, log);
    let said = "1 test on both sides: 1 equal, 0 different\n";
    assert_eq!((one.code, one.out.as_str(), other.out.as_str()), (0, said, said));
    let (one, _) = beside(test, &log.replace('2', "3"));
    assert_eq!(one.code, 1, "{}", one.out);
    let dir = folder(&[("a.litmus", test)]);
    let ran = run(dir.path(), &["run", "-f", "herd", "--model", "rvwmo", "a.litmus"]);
    assert!(ran.out.starts_with("Test a Allowed\nStates 1\na={1,2};\nOk\n"), "{}", ran.out);
}

/// A name that both have is compared, whatever hash the log gives it; where the two then differ, it is said that
/// they may be two tests.
#[test]
fn the_name_decides_where_no_hash_is_known() {
    let test = "RISCV a\n{ 0:x6=x; 0:x5=1; }\n P0 ;\n li x5,2 ;\n sw x5,0(x6) ;\nexists (x=2)\n";
    let log = |value: u8, hash: &str| {
        format!("Test a Allowed\nStates 1\nx={value};\nOk\nWitnesses\nHash={hash}\n")
    };
    let unknown = "00000000000000000000000000000000";
    let (one, _) = beside(test, &log(2, unknown));
    assert_eq!(one.code, 0);
    assert!(one.out.contains("1 test compared by name, although the hashes differ"), "{}", one.out);
    let (one, _) = beside(test, &log(3, unknown));
    assert_eq!(one.code, 2);
    assert!(one.out.contains("(the hashes differ: perhaps another test)"), "{}", one.out);
    // Both that of today's herd7 and that of earlier ones are the test's own.
    let dir = folder(&[("a.litmus", test)]);
    let ran = run(dir.path(), &["run", "-f", "jsonl", "a.litmus"]);
    let report: Value = serde_json::from_str(&ran.out).expect("JSON");
    for hash in [&report["hash"], &report["other_hashes"][0]] {
        let (one, _) = beside(test, &log(3, hash.as_str().expect("a hash")));
        assert_eq!(
            (one.code, one.out.contains("hashes differ")),
            (1, false),
            "{hash}: {}",
            one.out
        );
    }
}

/// Both sides of a comparison are those of the place's type, an `int` without one.
#[test]
fn conditions_compare_by_type() {
    for (init, row, condition, printed) in [
        ("int x=-1; 0:x6=x;", "lw x5,0(x6)", "0:x5=0xffffffff", "-1"),
        ("int x; 0:x6=x; 0:x5=-1;", "sw x5,0(x6)", "x=0xffffffff", "-1"),
        ("uint64_t x=0x100000001; 0:x6=x;", "ld x5,0(x6)", "0:x5=1", "1"),
        (
            "uint64_t x=0x100000001; 0:x6=x; uint64_t 0:x5;",
            "ld x5,0(x6)",
            "0:x5=0x100000001",
            "4294967297",
        ),
        ("uint8_t x; 0:x6=x; 0:x5=-1;", "sb x5,0(x6)", "x=0x1ff", "255"),
    ] {
        let test = format!("RISCV a\n{{ {init} }}\n P0 ;\n {row} ;\nexists ({condition})\n");
        let dir = folder(&[("a.litmus", &test)]);
        let ran = run(dir.path(), &["run", "-f", "jsonl", "--engine", "both", "a.litmus"]);
        let report: Value = serde_json::from_str(&ran.out).expect("JSON");
        let machine = &report["machines"][0];
        let values = machine["states"][0]["values"].as_object().expect("values");
        assert_eq!(
            (&machine["observation"], values.values().next()),
            (&"Always".into(), Some(&printed.into())),
            "{test}"
        );
    }
}

#[test]
fn verdicts_of_isla_are_compared() {
    let test = "RISCV a\n{ 0:x6=x; }\n P0 ;\n li x5,1 ;\n sw x5,0(x6) ;\nexists (x=1)\n";
    let line =
        |verdict: &str| format!("a {verdict} 12ms ............. \u{1b}[93m\u{1b}[1m?\u{1b}[0m\n");
    let (one, other) = beside(test, &line("allowed (1 of 1)"));
    assert_eq!((one.code, other.code), (0, 0), "{}", one.out);
    let (one, other) = beside(test, &line("forbidden (0 of 1)"));
    assert_eq!((one.code, other.code), (1, 1));
    assert!(one.out.contains("a: the condition has a witness in the first only"), "{}", one.out);
    assert!(other.out.contains("a: the condition has a witness in the second only"));
    let (one, _) = beside(test, &line("error (0 of 1)"));
    assert_eq!(one.code, 2, "{}", one.out);
    // A `forall` is allowed when something violates it.
    let (one, _) = beside(&test.replace("exists", "forall"), &line("forbidden (0 of 1)"));
    assert_eq!(one.code, 0, "{}", one.out);
}

#[test]
fn every_form_of_a_comparison_says_the_same_and_fits_the_schema() {
    let dir = crate::support::binary::folder(&[
        (
            "a.log",
            "Test a|b Allowed\nStates 2\n0:x5=0;\n0:x5=1;\nOk\nWitnesses\n\nTest one Allowed\n",
        ),
        ("b.log", "Test a|b Allowed\nStates 1\n0:x5=0;\nNo\nWitnesses\n"),
    ]);
    let run = |format: &str| {
        let arguments = ["compare", "--format", format, "a.log", "b.log"];
        let ran = crate::support::binary::run(dir.path(), &arguments);
        assert_eq!(ran.code, 1);
        ran.out
    };
    assert_eq!(
        run("text"),
        "1 test on both sides: 0 equal, 1 different\n  1 test only in a.log\n  a|b\n    \
         only in a.log: 0:x5=1;\n"
    );
    assert_eq!(
        run("markdown"),
        "1 test on both sides: 0 equal, 1 different\n\n- 1 test only in `a.log`\n- `a|b`\n  - \
         only in `a.log`: `0:x5=1;`\n"
    );
    let json: Value = serde_json::from_str(&run("json")).expect("JSON");
    let validator = jsonschema::validator_for(&rvlitmus::report::comparison_schema()).unwrap();
    assert!(validator.is_valid(&json), "{:?}", validator.validate(&json).unwrap_err());
    assert_eq!((&json["tests"], &json["equal"]), (&1.into(), &0.into()));
    assert_eq!(json["different"][0]["only_a"], serde_json::json!([{"0:x5": "1"}]));
    assert_eq!(json["only_a"], serde_json::json!(["one"]));
}

/// Nothing equal, nothing different and exit code 0 would look like success.
#[test]
fn a_report_without_the_model_is_no_comparison() {
    let test = "RISCV a\n{ 0:x6=x; }\n P0 ;\n li x5,1 ;\n sw x5,0(x6) ;\nexists (x=1)\n";
    let dir = folder(&[("t/a.litmus", test), ("t/broken.litmus", "RISCV b\n")]);
    let dir = dir.path();
    run(dir, &["run", "--model", "ztso", "-f", "jsonl", "-o", "z.jsonl", "t"]);
    let ran = run(dir, &["compare", "z.jsonl", "z.jsonl"]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    let said = "z.jsonl has no result under rvwmo, but with --model ztso";
    assert!(ran.err.contains(said), "{}", ran.err);
    let ran = run(dir, &["compare", "--model", "ztso", "z.jsonl", "z.jsonl"]);
    // The test that cannot be read is finished on neither side.
    let said = "2 tests on both sides: 1 equal, 0 different, 1 not decided\n  b: not finished on both sides\n";
    assert_eq!((ran.code, ran.out.as_str()), (2, said));
}

/// Two runs that stopped at the same bound say nothing of what lies beyond it.
#[test]
fn a_bounded_side_is_never_equal() {
    let test = "RISCV a\n{ 0:x6=x; 1:x6=x; 1:x5=1; }\n P0 | P1 ;\n L: addi x7,x7,1 | sw x5,0(x6) ;\n \
        lw x5,0(x6) | ;\n beq x5,x0,L | ;\nexists (0:x5=1 /\\ 0:x7=1)\n";
    let dir =
        folder(&[("a.litmus", test), ("less.log", "Test a Allowed\nStates 0\nNo\nWitnesses\n")]);
    let dir = dir.path();
    run(dir, &["run", "-f", "jsonl", "-o", "a.jsonl", "a.litmus"]);
    let ran = run(dir, &["compare", "a.jsonl", "a.jsonl"]);
    let said = "1 test on both sides: 0 equal, 0 different, 1 not decided\n  \
        a: not decided, because loops were cut on both sides\n";
    assert_eq!((ran.code, ran.out.as_str()), (2, said));
    // The state that was found is there, whatever the bound.
    let ran = run(dir, &["compare", "a.jsonl", "less.log"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("only in a.jsonl: 0:x5=1;"), "{}", ran.out);
}
