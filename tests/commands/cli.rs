//! The command line from outside: exit codes, messages, and what every format says.

use std::fs;
use std::path::Path;

use crate::support::binary::{folder, run, rvlitmus};
use crate::support::corpus::shared;
use serde_json::Value;
use tempfile::TempDir;

const MP: &str = r#"RISCV MP
"PodWW Rfe PodRR Fre"
Com=Rf Fr
{
0:x5=1; 0:x6=x; 0:x7=y;
1:x6=y; 1:x8=x;
}
 P0          | P1          ;
 sw x5,0(x6) | lw x5,0(x6) ;
 sw x5,0(x7) | lw x7,0(x8) ;
exists (1:x5=1 /\ 1:x7=0)
"#;

const CLAIM: &str = "RISCV claim\n{ 0:x6=x; }\n P0 ;\n li x5,-1 ;\n sw x5,0(x6) ;\nforall (x=0)\n";

const LOOP: &str = "RISCV loop\n{ 0:x6=x; 1:x6=x; 1:x5=1; }\n P0 | P1 ;\n L: | ;\n lw x5,0(x6) | sw x5,0(x6) ;\n addi x7,x7,1 | ;\n sw x7,4(x6) | ;\n beq x5,x0,L | ;\nexists (0:x5=2)\n";

const POINTER: &str = "RISCV pointer\n{ 0:x6=x; 0:x7=y; uint64_t z=-1; 0:x8=z; }\n P0 ;\n sd x7,0(x6) ;\n ld x5,0(x8) ;\nlocations [x; z; 0:x5;]\nexists (x=y)\n";

const WRONG: &str =
    "RISCV wrong\n{ 0:x6=x; }\n P0 ;\n lwx x5,0(x6) ;\n bne x5,x0,Nowhere ;\nexists (0:x5=1)\n";

fn all() -> TempDir {
    folder(&[
        ("a/MP.litmus", MP),
        ("a/loop.litmus", LOOP),
        ("claim.litmus", CLAIM),
        ("pointer.litmus", POINTER),
        ("wrong.litmus", WRONG),
    ])
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn validator() -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/result.schema.json");
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(path).expect("the schema")).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema")
}

fn check(validator: &jsonschema::Validator, value: &Value) {
    let errors: Vec<String> = validator.iter_errors(value).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?} in {value}");
}

#[test]
fn the_published_schema_is_current() {
    let printed: Value = serde_json::from_str(&run(Path::new("."), &["schema"]).out).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/result.schema.json");
    let committed: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let how = "run `cargo run -- schema > schema/result.schema.json` and review the change";
    assert!(printed == committed, "{how}");
    assert_eq!(printed, rvlitmus::report::schema());
}

#[test]
fn json_says_what_the_contract_promises() {
    let dir = all();
    let validator = validator();
    let ran = run(dir.path(), &["run", "--format", "jsonl", "."]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    let tests = lines(&ran.out);
    tests.iter().for_each(|test| check(&validator, test));
    let paths: Vec<_> = tests.iter().map(|test| test["path"].as_str().unwrap()).collect();
    let expected =
        ["a/MP.litmus", "a/loop.litmus", "claim.litmus", "pointer.litmus", "wrong.litmus"];
    assert_eq!(paths, expected);

    let mp = &tests[0];
    assert_eq!(mp["status"], "complete");
    assert_eq!(mp["metadata"]["Com"], "Rf Fr");
    assert_eq!(
        (&mp["machines"][0]["id"], &mp["machines"][1]["id"]),
        (&"rvwmo".into(), &"ztso".into())
    );
    assert_eq!(mp["machines"][0]["observation"], "Sometimes");
    assert_eq!(mp["machines"][0]["holds"], true);
    assert_eq!(mp["machines"][0]["states"].as_array().unwrap().len(), 4);
    assert_eq!(mp["machines"][1]["observation"], "Never");
    assert_eq!(mp["machines"][1]["holds"], false);
    let difference = &mp["differences"][0];
    assert_eq!((&difference["weaker"], &difference["stronger"]), (&"rvwmo".into(), &"ztso".into()));
    assert_eq!(difference["states"].as_array().unwrap().len(), 1);
    let values = serde_json::json!({"1:x5": "1", "1:x7": "0"});
    assert_eq!(difference["states"][0]["values"], values);

    assert_eq!(tests[1]["status"], "bounded");
    let cut = serde_json::json!([{ "hart": 0, "line": 8, "column": 2, "label": "L" }]);
    assert_eq!(tests[1]["machines"][0]["cut"], cut);
    assert_eq!(tests[1]["machines"][0]["observation"], "bounded");
    assert_eq!(tests[1]["machines"][0]["holds"], Value::Null);
    assert_eq!(tests[2]["machines"][1]["holds"], false);
    assert_eq!(tests[2]["machines"][1]["states"][0]["values"]["[x]"], "-1");

    let pointer = &tests[3]["machines"][0]["states"];
    let values = serde_json::json!({"0:x5": "-1", "[x]": "y", "[z]": "18446744073709551615"});
    assert_eq!(pointer, &serde_json::json!([{"values": values, "satisfies": true}]));

    let wrong = &tests[4];
    assert_eq!((&wrong["status"], &wrong["error"]["line"]), (&"parse-error".into(), &4.into()));
    assert_eq!(wrong["name"], "wrong");
    assert!(wrong.get("machines").is_none());
    assert!(ran.err.contains("unknown instruction `lwx`"), "{}", ran.err);

    let ran = run(dir.path(), &["run", "--format", "json", "."]);
    let whole: Value = serde_json::from_str(&ran.out).unwrap();
    check(&validator, &whole);
    assert_eq!(whole["tests"], Value::Array(tests));
    assert_eq!(whole["options"]["models"], serde_json::json!(["rvwmo", "ztso"]));
    assert_eq!(whole["options"]["reservation"], "line=64");
}

#[test]
fn every_format_is_what_it_was() {
    let dir = all();
    for (name, arguments) in [
        ("table", vec!["--format", "table"]),
        ("brief", vec!["--brief"]),
        ("herd", vec!["--format", "herd", "--model", "ztso"]),
        ("markdown", vec!["--format", "markdown"]),
        ("csv", vec!["--format", "csv"]),
        ("junit", vec!["--format", "junit"]),
        ("color", vec!["--color", "always", "a/MP.litmus"]),
    ] {
        let mut arguments = [&["run"], arguments.as_slice()].concat();
        if name != "color" {
            arguments.push(".");
        }
        insta::assert_snapshot!(format!("format_{name}"), run(dir.path(), &arguments).out);
    }
}

#[test]
fn exit_codes_and_strictness() {
    let dir = all();
    let code = |arguments: &[&str]| run(dir.path(), arguments).code;
    assert_eq!(code(&["run", "a/MP.litmus"]), 0);
    assert_eq!(code(&["run", "claim.litmus"]), 0);
    assert_eq!(code(&["run", "--strict", "claim.litmus"]), 1);
    // One of them is bounded, and its condition not decided.
    assert_eq!((code(&["run", "a"]), code(&["run", "--strict", "a"])), (2, 2));
    assert_eq!(code(&["run", "--strict", "--exclude", "has:loop", "a"]), 0);
    assert_eq!(code(&["run", "--strict", "claim.litmus", "wrong.litmus"]), 2);
    assert_eq!(code(&["run", "none.litmus"]), 2);
    assert_eq!(code(&["run"]), 2);
    assert_eq!(code(&["run", "--format", "herd", "a"]), 2);
    assert_eq!(code(&["run", "--reservation", "line=3", "a"]), 2);
    assert_eq!(code(&["run", "-o", "no/such/folder/out", "a"]), 2);
}

#[test]
fn what_cannot_be_read_is_said_and_the_others_go_on() {
    let dir = folder(&[("a.litmus", MP)]);
    fs::write(dir.path().join("b.litmus"), b"RISCV b\n\xff\xfe").unwrap();
    fs::create_dir(dir.path().join("empty")).unwrap();
    let arguments = ["run", "-f", "jsonl", "none.litmus", "b.litmus", "empty", "a.litmus"];
    let ran = run(dir.path(), &arguments);
    assert_eq!(ran.code, 2);
    let tests = lines(&ran.out);
    let statuses: Vec<_> = tests.iter().map(|test| test["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["parse-error", "parse-error", "complete"]);
    let error = |test: &Value| test["error"]["message"].as_str().unwrap().to_owned();
    assert!(error(&tests[0]).contains("No such file"), "{}", error(&tests[0]));
    assert_eq!(error(&tests[1]), "byte 0xff is not UTF-8");
    assert_eq!(tests[1]["error"]["line"], 2);
    assert!(ran.err.contains("rvlitmus: empty: no *.litmus file in it"), "{}", ran.err);
}

#[test]
fn standard_input_is_a_test() {
    let output = rvlitmus().args(["run", "-f", "jsonl", "-"]).write_stdin(MP).output().unwrap();
    let test: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&test["path"], &test["name"]), (&"-".into(), &"MP".into()));
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let litmus = Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus");
    let out = |jobs: &str| run(&litmus, &["run", "-f", "json", "--jobs", jobs, "."]).out;
    let one = out("1");
    assert!(one.len() > 10_000, "{one}");
    assert!(one == out("7"), "the reports of 1 and 7 threads differ");
}

#[test]
fn both_engines_agree_on_the_classics() {
    let dir = folder(&[("MP.litmus", MP), ("claim.litmus", CLAIM), ("pointer.litmus", POINTER)]);
    let by = |engine: &str| {
        let ran = run(dir.path(), &["run", "-f", "csv", "--engine", engine, "."]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out
    };
    assert_eq!(by("machine"), by("axiomatic"));
    assert_eq!(by("machine"), by("both"));
}

#[test]
fn the_limits_end_a_test_and_not_the_run() {
    let harts = 18;
    let column =
        |text: &dyn Fn(usize) -> String| (0..harts).map(text).collect::<Vec<_>>().join("|");
    let init: String = (0..harts)
        .map(|h| format!("{h}:x6=a{h}; {h}:x7=a{}; {h}:x5=1; ", (h + 1) % harts))
        .collect();
    let observed: String = (0..harts).map(|h| format!("{h}:x8; ")).collect();
    let big = format!(
        "RISCV big\n{{ {init} }}\n{} ;\n{} ;\n{} ;\nlocations [{observed}]\nexists (0:x8=1)\n",
        column(&|h| format!(" P{h} ")),
        column(&|_| " sw x5,0(x6) ".to_owned()),
        column(&|_| " lw x8,0(x7) ".to_owned()),
    );
    let dir = folder(&[("big.litmus", &big), ("small.litmus", MP)]);
    // The second time limit ends it when all threads are at work.
    let limits = [
        ("--timeout", "0.000001", "timeout"),
        ("--timeout", "0.05", "timeout"),
        ("--memory", "1", "memory-limit"),
    ];
    for jobs in ["1", "2"] {
        for (limit, value, status) in limits {
            let options = ["-f", "jsonl", limit, value, "--model", "rvwmo", "--jobs", jobs];
            let ran = run(dir.path(), &[&["run", "."], &options[..]].concat());
            let tests = lines(&ran.out);
            assert_eq!(ran.code, 2);
            assert_eq!(tests[0]["status"], status, "{}", tests[0]["error"]);
            if limit == "--memory" {
                assert_eq!(tests[1]["status"], "complete");
            }
        }
    }
}

#[test]
fn snapshots_are_written_checked_and_told_apart() {
    let dir = folder(&[("a/MP.litmus", MP), ("claim.litmus", CLAIM), ("pointer.litmus", POINTER)]);
    let arguments = ["snapshot", "check", ".", "--snapshots", "snap"];
    let check = || run(dir.path(), &arguments);
    let update = || run(dir.path(), &["snapshot", "update", ".", "--snapshots", "snap"]);
    let ran = check();
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("a/MP.litmus: is new\n"), "{}", ran.out);
    assert!(ran.out.ends_with("\n  rvlitmus snapshot update . --snapshots snap\n"), "{}", ran.out);
    assert_eq!(update().code, 0);
    let ran = check();
    assert_eq!((ran.code, ran.out.as_str()), (0, "3 tests: as reviewed\n"));
    let text = fs::read_to_string(dir.path().join("snap/a.txt")).unwrap();
    assert!(text.contains("      rvwmo NO   * 1:x5=1 1:x7=0\n"), "{text}");

    fs::write(dir.path().join("a/MP.litmus"), MP.replace("sw x5,0(x7)", "sw x5,4(x7)")).unwrap();
    fs::rename(dir.path().join("claim.litmus"), dir.path().join("renamed.litmus")).unwrap();
    fs::write(dir.path().join("pointer.litmus"), "RISCV pointer\n").unwrap();
    let ran = run(dir.path(), &[&arguments[..], &["--github"]].concat());
    // What cannot be run outweighs what differs.
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("\n1 test not run, or not to the end\n"), "{}", ran.out);
    for expected in [
        "a/MP.litmus: rvwmo no longer allows 1:x5=1 1:x7=0\n",
        "::error file=./a/MP.litmus,title=outcome no longer allowed::ztso no longer allows 1:x5=1 1:x7=1\n",
        "claim.litmus: is no longer there\n",
        "renamed.litmus: is new\n",
        "pointer.litmus: has no answer any more: ",
    ] {
        assert!(ran.out.contains(expected), "{expected} not in {}", ran.out);
    }

    fs::write(dir.path().join("pointer.litmus"), LOOP).unwrap();
    let ran = check();
    let said = "1 test not decided: loops were cut (try --unroll 10)\n";
    assert!(ran.code == 2 && ran.out.contains(said), "{}", ran.out);
    fs::remove_file(dir.path().join("pointer.litmus")).unwrap();
    fs::remove_dir_all(dir.path().join("a")).unwrap();
    fs::write(dir.path().join("snap/notes.txt"), "mine\n").unwrap();
    assert_eq!(update().code, 0);
    assert!(!dir.path().join("snap/a.txt").exists(), "a stale snapshot was kept");
    assert!(dir.path().join("snap/notes.txt").exists(), "another file was removed");
    assert_eq!(check().code, 0);
}

#[test]
fn the_whole_public_corpus_fits_the_schema() {
    let Some(shared) = shared() else { return };
    let validator = validator();
    let tests = lines(&run(&shared.join("corpus"), &["run", "-f", "jsonl", "riscv"]).out);
    assert_eq!(tests.len(), 6475);
    tests.iter().for_each(|test| check(&validator, test));
}

#[test]
fn help_is_there_for_commands_and_instructions() {
    let out = |arguments: &[&str]| {
        let output = rvlitmus().args(arguments).output().expect("runs");
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let isa = out(&["help", "isa"]);
    assert_eq!(isa, rvlitmus_core::arch::riscv::reference_text());
    assert_eq!(out(&["--help", "isa"]), isa);
    for def in rvlitmus_core::arch::riscv::all() {
        let named = |line: &str| {
            line.split_whitespace().next().is_some_and(|m| m.starts_with(def.mnemonic))
        };
        assert!(isa.lines().any(named), "{}", def.mnemonic);
    }
    assert_eq!(out(&["help", "run"]), out(&["run", "--help"]));
    assert_eq!(out(&["help", "snapshot", "check"]), out(&["snapshot", "check", "--help"]));
    assert_eq!(out(&["help"]), out(&["--help"]));
    let output = rvlitmus().args(["help", "nothing"]).output().expect("runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`nothing`"));
}

#[test]
fn metadata_that_cannot_be_has_its_place_and_what_is_meant() {
    for (line, at, column, status, help) in [
        ("Unroll=abc", "abc", 8, "parse-error", "`Unroll=2` follows each jump backwards twice"),
        ("Granule=3", "3", 9, "parse-error", "did you mean `2` or `4`?"),
        ("Harts = 0:+ztzo", "ztzo", 12, "parse-error", "did you mean `ztso`?"),
        ("Harts=0:rv32i", "rv32i", 9, "parse-error", "`--base rv32`, or a line `Base=rv32`"),
        ("Variant=mixed,foo", "foo", 15, "unsupported", "only `mixed`"),
        ("Base=rv23", "rv23", 6, "parse-error", "did you mean `rv32`?"),
        ("Reservation=exakt", "exakt", 13, "parse-error", "did you mean `exact`?"),
        ("Reservation=line=12", "line=12", 13, "parse-error", "`line=8` or `line=16`"),
    ] {
        let text = CLAIM.replacen('\n', &format!("\n(* \u{e9} *)\n{line}\n"), 1);
        let dir = folder(&[("t.litmus", &text)]);
        let ran = run(dir.path(), &["run", "-f", "jsonl", "t.litmus"]);
        let test = &lines(&ran.out)[0];
        let error = &test["error"];
        assert_eq!((ran.code, &test["status"]), (2, &status.into()), "{line}");
        assert_eq!((&error["line"], &error["column"]), (&3.into(), &column.into()), "{line}");
        let said = error["help"].as_str().unwrap_or_default();
        assert!(said.contains(help), "{line}: {said}");
        let carets = format!("{}{}\n", " ".repeat(column - 1), "^".repeat(at.len()));
        let excerpt = format!("3 | {line}\n  | {carets}");
        assert!(ran.err.contains(&excerpt), "{line}: {}", ran.err);
    }
}

/// A `forall` is true of nothing, which people should not take for a proof.
#[test]
fn a_verdict_over_no_states_says_so() {
    let forever = "RISCV forever\n{ 0:x6=x; }\n P0 ;\n L: lw x5,0(x6) ;\n j L ;\nforall (0:x5=7)\n";
    let filtered = CLAIM.replace("forall", "filter x=5\nforall");
    let files =
        [("claim.litmus", CLAIM), ("filtered.litmus", &filtered), ("forever.litmus", forever)];
    let dir = folder(&files);
    let said = "under rvwmo and ztso no execution ends, or none passes the filter";
    for format in ["table", "markdown"] {
        for (file, _) in files {
            let ran = run(dir.path(), &["run", "-f", format, file]);
            assert_eq!(ran.out.contains(said), file != "claim.litmus", "{}", ran.out);
        }
    }
}

/// What no execution ends in is decided by no command.
#[test]
fn without_an_execution_nothing_is_decided() {
    let spin =
        "RISCV spin\n{ 0:a0=x; }\n P0 ;\n L: lw x5,0(a0) ;\n beqz x5,L ;\n~exists (0:x5=0)\n";
    let sieve =
        "RISCV sieve\n{ 0:a0=x; }\n P0 ;\n lw x5,0(a0) ;\nfilter (0:x5=3)\nforall (0:x5=0)\n";
    let dir = folder(&[("spin.litmus", spin), ("sieve.litmus", sieve), ("list", "@/dev/zero\n")]);
    for test in ["spin.litmus", "sieve.litmus"] {
        for arguments in [
            &["run"][..],
            &["run", "--strict"],
            &["explain"],
            &["rules"],
            &["migrate", "--from", "rv64gc", "--to", "rv64gc"],
        ] {
            let ran = run(dir.path(), &[arguments, &[test]].concat());
            let said = "no execution ends";
            assert!(ran.code == 2 && ran.out.contains(said), "{arguments:?}: {}", ran.out);
            assert!(!ran.out.contains("try --unroll"), "{}", ran.out);
        }
    }
    let csv = run(dir.path(), &["run", "-f", "csv", "spin.litmus"]).out;
    assert!(csv.contains("no-execution,rvwmo,,,0,0,"), "{csv}");
    // A list without end is none.
    let ran = run(dir.path(), &["run", "@list"]);
    assert!(ran.code == 2 && ran.err.contains("line 1 is too long for a path"), "{}", ran.err);
}
