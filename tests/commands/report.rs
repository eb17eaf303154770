//! `rvlitmus report`: finished reports converted and merged.

use std::fs;
use std::path::Path;

use crate::support::binary::{folder, ran, run, rvlitmus};
use serde_json::Value;

const A: &str =
    "RISCV a\n{ 0:x6=x; uint8_t x; }\n P0 ;\n li x5,1 ;\n sb x5,0(x6) ;\nexists (x=1)\n";
const B: &str = "RISCV b\n{ 0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x8=x; }\n P0 | P1 ;\n \
    sw x5,0(x6) | lw x5,0(x6) ;\n sw x5,0(x7) | lw x7,0(x8) ;\nexists (1:x5=1 /\\ 1:x7=0)\n";

fn jsonl(dir: &Path, options: &[&str], report: &str) {
    let arguments = [&["run", "-f", "jsonl", "-o", report], options].concat();
    assert_eq!(run(dir, &arguments).code, 0);
}

#[test]
fn every_format_comes_out_as_from_the_run_itself() {
    let litmus = Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus");
    let dir = tempfile::tempdir().unwrap();
    let report = dir.path().join("report.jsonl").to_string_lossy().into_owned();
    // Reasons take long where there are many; those of one folder are enough to see them come through.
    for (tests, explain) in [(".", "--explain=never"), ("mp", "--explain=always")] {
        assert_eq!(run(&litmus, &["run", "-f", "jsonl", explain, "-o", &report, tests]).code, 0);
        for format in ["table", "jsonl", "markdown", "junit", "csv"] {
            let direct = run(&litmus, &["run", "-f", format, explain, tests]);
            let converted = run(dir.path(), &["report", "-f", format, &report]);
            assert_eq!(converted.code, 0, "{}", converted.err);
            assert!(converted.out == direct.out, "{format} differs");
        }
        for brief in ["table", "markdown"] {
            let direct = run(&litmus, &["run", "-b", "-f", brief, tests]);
            assert!(run(dir.path(), &["report", "-b", "-f", brief, &report]).out == direct.out);
        }
    }
    // A line of jsonl does not say the options of the run, json does and hands them on.
    let whole = dir.path().join("whole.json").to_string_lossy().into_owned();
    assert_eq!(run(&litmus, &["run", "-f", "json", "-o", &whole, "mp"]).code, 0);
    let json: Value =
        serde_json::from_str(&run(dir.path(), &["report", "-f", "json", &whole]).out).unwrap();
    assert_eq!(json, serde_json::from_str::<Value>(&fs::read_to_string(&whole).unwrap()).unwrap());
}

#[test]
fn shards_are_merged_and_a_test_in_both_counts_once() {
    let dir = folder(&[("a.litmus", A), ("b.litmus", B)]);
    let dir = dir.path();
    jsonl(dir, &["a.litmus", "b.litmus"], "all.jsonl");
    jsonl(dir, &["a.litmus"], "1.jsonl");
    jsonl(dir, &["b.litmus", "a.litmus"], "2.jsonl");
    let merged = run(dir, &["report", "-f", "jsonl", "1.jsonl", "2.jsonl"]);
    assert_eq!((merged.code, merged.err.as_str()), (0, ""));
    assert_eq!(merged.out, fs::read_to_string(dir.join("all.jsonl")).unwrap());
    // Times, reasons and the bound of loops of other runs do not make another answer.
    jsonl(dir, &["--times", "--explain", "--unroll", "5", "b.litmus"], "3.jsonl");
    let merged = run(dir, &["report", "-f", "jsonl", "all.jsonl", "3.jsonl"]);
    assert_eq!(merged.out.lines().count(), 2);
    assert!(merged.out.contains("\"argument\":"), "the answer with reasons is not the one kept");
    // The answer under more models is kept; of two that share none, neither says what the other does.
    for model in ["rvwmo", "ztso"] {
        jsonl(dir, &["--model", model, "b.litmus"], &format!("{model}.jsonl"));
        let merged = run(dir, &["report", "-f", "jsonl", &format!("{model}.jsonl"), "2.jsonl"]);
        assert_eq!(merged.out, fs::read_to_string(dir.join("2.jsonl")).unwrap(), "{}", merged.err);
    }
    let merged = run(dir, &["report", "-f", "jsonl", "rvwmo.jsonl", "ztso.jsonl"]);
    assert_eq!(merged.code, 1);
    assert!(
        merged.err.contains("rvwmo.jsonl: complete; rvwmo Sometimes, 4 states\n"),
        "{}",
        merged.err
    );
}

#[test]
fn two_answers_to_one_test_are_shown_both() {
    let dir = folder(&[("b.litmus", B)]);
    let dir = dir.path();
    jsonl(dir, &["--explain=never", "b.litmus"], "1.jsonl");
    let text = fs::read_to_string(dir.join("1.jsonl")).unwrap();
    let state = r#"{"values":{"1:x5":"1","1:x7":"0"},"satisfies":true},"#;
    assert!(text.contains(state));
    let other = text
        .replacen(state, "", 1)
        .replace(r#""states":[{"values":{"1:x5":"1","1:x7":"0"}}]"#, r#""states":[]"#);
    fs::write(dir.join("2.jsonl"), other).unwrap();
    let ran = run(dir, &["report", "-f", "csv", "1.jsonl", "2.jsonl", "-o", "out.csv"]);
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.err,
        "rvlitmus: b.litmus (b) has two answers:\n  \
         1.jsonl: complete; rvwmo Sometimes, 4 states; ztso Never, 3 states\n    \
         only here: rvwmo 1:x5=1; 1:x7=0;\n  \
         2.jsonl: complete; rvwmo Never, 3 states; ztso Never, 3 states\n"
    );
    assert!(!dir.join("out.csv").exists());
}

#[test]
fn an_answer_outweighs_a_timeout_and_other_tests_of_one_path_stay() {
    let dir = folder(&[("x/b.litmus", B), ("y/b.litmus", A)]);
    let dir = dir.path();
    jsonl(dir, &["x", "y"], "both.jsonl");
    let ran = run(dir, &["report", "-f", "jsonl", "both.jsonl", "both.jsonl"]);
    assert_eq!(ran.out, fs::read_to_string(dir.join("both.jsonl")).unwrap());
    let slow = "{\"schema\":\"rvlitmus/result/1\",\"path\":\"x/b.litmus\",\"name\":\"b\",\"status\":\"timeout\",\
        \"error\":{\"line\":1,\"column\":1,\"message\":\"the test's time limit ran out\"}}\n";
    fs::write(dir.join("slow.jsonl"), slow).unwrap();
    for order in [["slow.jsonl", "both.jsonl"], ["both.jsonl", "slow.jsonl"]] {
        let ran = run(dir, &[&["report", "-f", "csv"][..], &order].concat());
        assert_eq!((ran.code, ran.out.lines().count()), (0, 5), "{}", ran.out);
        assert!(!ran.out.contains("timeout"), "{}", ran.out);
    }
}

#[test]
fn torn_and_interrupted_reports_are_said_to_be() {
    let dir = folder(&[("a.litmus", A), ("b.litmus", B)]);
    let dir = dir.path();
    jsonl(dir, &["."], "all.jsonl");
    let text = fs::read_to_string(dir.join("all.jsonl")).unwrap();
    fs::write(dir.join("torn.jsonl"), &text[..text.len() - 40]).unwrap();
    let first = text.lines().next().unwrap();
    let end = "{\"schema\":\"rvlitmus/result/2\",\"interrupted\":true}\n";
    fs::write(dir.join("ended.jsonl"), format!("{first}\n{end}")).unwrap();
    for report in ["torn.jsonl", "ended.jsonl"] {
        let ran = run(dir, &["report", "-f", "jsonl", report]);
        assert_eq!((ran.code, ran.out.as_str()), (2, format!("{first}\n{end}").as_str()));
        assert!(ran.err.contains("tests are missing"), "{}", ran.err);
    }
    for (format, mark) in [
        ("table", "interrupted: tests are missing\n"),
        ("markdown", "- interrupted: tests are missing\n"),
        ("herd", "Interrupted: tests are missing\n"),
        ("json", "],\"interrupted\":true}\n"),
        ("csv", ",,interrupted,,,,,,,,,\n"),
        ("junit", "the run was interrupted: tests are missing"),
    ] {
        jsonl(dir, &["--model", "ztso", "a.litmus"], "one.jsonl");
        let one = fs::read_to_string(dir.join("one.jsonl")).unwrap();
        let mut command = rvlitmus();
        command.current_dir(dir).args(["report", "-f", format, "-"]);
        let ran = ran(command.write_stdin(format!("{one}{end}")));
        assert!(ran.out.contains(mark), "{format}: {}", ran.out);
    }
}

#[test]
fn what_is_no_report_is_said() {
    let dir = folder(&[
        ("text", "hello\n"),
        (
            "other",
            "{\"schema\":\"rvlitmus/result/9\",\"path\":\"\",\"name\":\"\",\"status\":\"timeout\"}\n",
        ),
    ]);
    for (name, message) in [
        ("none", "none cannot be read: "),
        ("text", "text is no report: line 1, column 1: expected value\n"),
        ("other", "other is no report: line 1: the schema is `rvlitmus/result/9`"),
    ] {
        let ran = run(dir.path(), &["report", name]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.starts_with(&format!("rvlitmus: {message}")), "{}", ran.err);
    }
}
