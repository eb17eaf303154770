//! The format `html`, as far as it can be looked at without a browser; see `browser` for the rest.

use std::fs;
use std::path::Path;

use crate::support::binary::{folder, run};

const MP: &str = "RISCV MP\n{ 0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x8=x; }\n P0 | P1 ;\n \
    sw x5,0(x6) | lw x5,0(x6) ;\n sw x5,0(x7) | lw x7,0(x8) ;\nexists (1:x5=1 /\\ 1:x7=0)\n";

/// Runs the tests below `dir`, and returns what is written.
fn written(dir: &Path, arguments: &[&str]) -> String {
    let ran = run(dir, &[arguments, &["-o", "out"]].concat());
    assert!(matches!(ran.code, 0 | 2), "{arguments:?} {}", ran.err);
    fs::read_to_string(dir.join("out")).expect("a file")
}

#[test]
fn it_is_the_same_from_a_run_and_from_its_json_and_on_one_thread() {
    let broken = MP.replace("lw x5", "lwx x5");
    let forall = MP.replace("exists", "forall");
    let dir = folder(&[("t/a.litmus", MP), ("t/b.litmus", &broken), ("t/c/d.litmus", &forall)]);
    let dir = dir.path();
    let html = written(dir, &["run", "t", "-f", "html"]);
    assert!(html == written(dir, &["run", "t", "-f", "html", "--jobs", "1", "--force"]));
    run(dir, &["run", "t", "-f", "json", "--details", "-o", "r.json"]);
    assert!(html == written(dir, &["report", "r.json", "-f", "html"]));
    // What is read back of a line is what was written.
    run(dir, &["run", "t", "-f", "jsonl", "--details", "-o", "r.jsonl"]);
    let lines = fs::read_to_string(dir.join("r.jsonl")).expect("a report");
    assert_eq!(written(dir, &["report", "r.jsonl", "-f", "jsonl"]), lines);
    assert!(lines.contains("\"executions\":["));
}

#[test]
fn details_are_for_formats_that_have_room_for_them() {
    let dir = folder(&[("t/a.litmus", MP)]);
    for format in ["table", "herd", "csv", "junit", "markdown"] {
        let ran = run(dir.path(), &["run", "t", "-f", format, "--model", "ztso", "--details"]);
        assert_eq!(ran.code, 2);
        assert!(
            ran.err.contains("--details is for the formats json, jsonl and html"),
            "{}",
            ran.err
        );
    }
    // Results that are used again have details if they are asked for, and none if not.
    for (cache, details, again) in [("c1", "--details", ""), ("c2", "", "--details")] {
        for wanted in [details, again] {
            let mut arguments = vec!["run", "t", "-f", "jsonl", "--cache-from=0", "--cache", cache];
            arguments.extend(Some(wanted).filter(|wanted| !wanted.is_empty()));
            let line = run(dir.path(), &arguments).out;
            assert_eq!(line.contains("\"details\":"), !wanted.is_empty());
        }
    }
}
