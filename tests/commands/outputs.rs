//! What an output file held before is lost to results only, and never to a mistake.

use std::fs;
use std::path::Path;

use crate::support::binary::{Ran, folder, run};

const A: &str = "RISCV a\n{ 0:x6=x; }\n P0 ;\n li x5,1 ;\n sw x5,0(x6) ;\nexists (x=1)\n";
const OLD: &str = "what was there before\n";

fn files() -> tempfile::TempDir {
    folder(&[
        ("t/a.litmus", A),
        ("t/b.litmus", &A.replace("RISCV a", "RISCV b")),
        ("t/c.litmus", &A.replace("RISCV a", "RISCV c")),
        ("empty/notes.txt", ""),
        ("list", "t/a.litmus\n"),
    ])
}

fn read(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join(name)).expect("a file")
}

#[test]
fn an_output_is_written_over_with_results_only() {
    let dir = files();
    let dir = dir.path();
    for format in ["table", "markdown", "herd", "json", "jsonl", "junit", "csv"] {
        fs::write(dir.join("old"), OLD).expect("a file");
        let run = |arguments: &[&str]| {
            let common = ["run", "-f", format, "--model", "ztso", "-o", "old"];
            run(dir, &[&common[..], arguments].concat())
        };
        for wrong in [&["nodir"][..], &["empty"], &["t", "--include", "nosuch"], &["no*"]] {
            let ran = run(wrong);
            assert_eq!((ran.code, read(dir, "old").as_str()), (2, OLD), "{format} {wrong:?}");
            assert!(ran.err.ends_with("rvlitmus: old is left as it is\n"), "{}", ran.err);
        }
        // What a path leads to nowhere is in the report of the others.
        assert_eq!(run(&["nodir", "t/a.litmus"]).code, 2);
        let text = read(dir, "old");
        assert!(text.contains("nodir") || format == "herd", "{format}: {text}");
        assert!(text != OLD && text.contains("a"), "{format}: {text}");
    }
    // A new file says what there is to say.
    assert_eq!(run(dir, &["run", "-f", "jsonl", "-o", "new", "nodir"]).code, 2);
    assert!(read(dir, "new").contains("parse-error"));
}

#[test]
fn a_minus_is_standard_output() {
    let dir = files();
    let dir = dir.path();
    run(dir, &["run", "t", "-f", "jsonl", "-o", "report"]);
    for arguments in [
        &["run", "t"][..],
        &["run", "t", "-f", "jsonl", "--color", "auto"],
        &["explain", "t/a.litmus"],
        &["rules", "t"],
        &["report", "report"],
    ] {
        let (without, with) = (run(dir, arguments), run(dir, &[arguments, &["-o", "-"]].concat()));
        assert!(!without.out.is_empty(), "{arguments:?}");
        assert_eq!((with.code, with.out), (without.code, without.out), "{arguments:?}");
        assert!(!dir.join("-").exists(), "{arguments:?}");
    }
    for arguments in [
        &["run", "t", "--resume", "-"][..],
        &["explain", "t", "--svg", "-"],
        &["explain", "t", "--dot", "-"],
        &["measure", "sb", "--most", "2", "--svg", "-"],
    ] {
        let ran = run(dir, arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.contains("name a file"), "{arguments:?} {}", ran.err);
    }
}

#[test]
fn an_output_that_is_an_input_is_refused() {
    let dir = files();
    let dir = dir.path();
    #[cfg(unix)]
    std::os::unix::fs::symlink("t/a.litmus", dir.join("link.litmus")).expect("a link");
    let refused = |arguments: &[&str], output: &str, before: &str| {
        let ran = run(dir, &[arguments, &["-o", output]].concat());
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(ran.err.contains(" is one of the inputs: "), "{arguments:?} {}", ran.err);
        assert_eq!(read(dir, output), before, "{arguments:?}");
    };
    for command in ["run", "explain", "rules"] {
        refused(&[command, "t/a.litmus"], "t/a.litmus", A);
        refused(&[command, "t/b.litmus", "t"], "./t/a.litmus", A);
        refused(&[command, "t/*.litmus"], "t/a.litmus", A);
        refused(&[command, "@list"], "t/a.litmus", A);
        refused(&[command, "@list"], "list", "t/a.litmus\n");
        #[cfg(unix)]
        refused(&[command, "link.litmus"], "t/a.litmus", A);
    }
    assert_eq!(run(dir, &["run", "t", "-o", "t/none.txt"]).code, 0);
    let ran = run(dir, &["run", "t", "-o", "none/none.txt"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("rvlitmus: none/none.txt cannot be created: "), "{}", ran.err);
}

#[test]
fn a_finished_report_survives_a_wrong_resume() {
    let dir = files();
    let dir = dir.path();
    let resume =
        |arguments: &[&str]| -> Ran { run(dir, &[&["run", "--resume", "r"], arguments].concat()) };
    assert_eq!(resume(&["t", "--format", "jsonl"]).code, 0);
    let whole = read(dir, "r");
    assert_eq!(whole.lines().count(), 3);
    for wrong in [&["nodir"][..], &["empty"], &["t", "--include", "nosuch"]] {
        let ran = resume(wrong);
        assert_eq!((ran.code, read(dir, "r") == whole), (2, true), "{wrong:?} {}", ran.err);
        assert!(!dir.join("r.resume").exists());
    }
    assert_eq!(resume(&["t", "--format", "csv"]).code, 2);
    // A narrower selection keeps what it leaves out, whatever comes after it.
    for narrow in ["a", "b"] {
        let ran = resume(&["t", "--include", narrow]);
        let kept = "warning: 2 results of tests that were not selected are kept in r.resume";
        assert!(ran.code == 0 && ran.err.contains(kept), "{}", ran.err);
        assert_eq!(read(dir, "r").lines().count(), 1);
        assert_eq!(read(dir, "r.resume").lines().count(), 3, "it grows");
    }
    let ran = resume(&["t"]);
    assert!(ran.err.contains("3 results of the earlier report were used"), "{}", ran.err);
    assert!(read(dir, "r") == whole && !dir.join("r.resume").exists());
}

#[test]
fn another_version_is_named_by_its_schema() {
    let other = "{\"schema\":\"rvlitmus/result/3\"}\n";
    let dir = folder(&[("other", other), ("nothing", ""), ("blank", "\n \n"), ("a.litmus", A)]);
    let dir = dir.path();
    let ran = run(dir, &["run", "--resume", "other", "a.litmus"]);
    assert_eq!((ran.code, read(dir, "other").as_str()), (2, other));
    let why = "the schema is `rvlitmus/result/3`, not `rvlitmus/result/2`";
    assert!(ran.err.contains(&why.replace("the", "its")), "{}", ran.err);
    let ran = run(dir, &["report", "other"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains(why), "{}", ran.err);
    for empty in ["nothing", "blank"] {
        let ran = run(dir, &["report", empty]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert_eq!(ran.err, format!("rvlitmus: {empty} is no report: it is empty\n"));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn help_and_version_that_cannot_be_written_are_an_error() {
    let program = assert_cmd::cargo::cargo_bin("rvlitmus");
    for arguments in [&["--help"][..], &["--version"], &["help", "run"], &["run", "--help"]] {
        let full = fs::File::options().write(true).open("/dev/full").expect("a device");
        let mut command = std::process::Command::new(&program);
        let output = command.args(arguments).stdout(full).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said.starts_with("rvlitmus: standard output cannot be written: "), "{said}");
    }
    let ran = run(Path::new("."), &["run", "--timeout", "1e30", "x"]);
    assert!(ran.code == 2 && ran.err.contains("above 0 and at most 1000000000"), "{}", ran.err);
}
