//! `rvlitmus snapshot`: reviewed answers survive what goes wrong.

use std::fs;
use std::path::Path;

use crate::support::binary::{Ran, folder, run};

const MP: &str = "RISCV MP\n{ 0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x8=x; }\n P0 | P1 ;\n \
    sw x5,0(x6) | lw x5,0(x6) ;\n sw x5,0(x7) | lw x7,0(x8) ;\nexists (1:x5=1 /\\ 1:x7=0)\n";
const STORE: &str = "RISCV a\n{ 0:x6=x; }\n P0 ;\n li x5,1 ;\n sw x5,0(x6) ;\nexists (x=1)\n";

fn snapshot(dir: &Path, what: &str, tests: &str, options: &[&str]) -> Ran {
    run(dir, &[&["snapshot", what, tests, "--snapshots", "snap"], options].concat())
}

fn reviewed(dir: &Path, folder: &str) -> String {
    fs::read_to_string(dir.join(format!("snap/{folder}.txt"))).expect("a snapshot")
}

#[test]
fn an_update_that_finds_no_test_touches_nothing() {
    let dir = folder(&[("t/mp/MP.litmus", MP), ("empty/notes.txt", "")]);
    let dir = dir.path();
    assert_eq!(snapshot(dir, "update", "t", &[]).code, 0);
    let before = reviewed(dir, "mp");
    for tests in ["empty", "none"] {
        let ran = snapshot(dir, "update", tests, &[]);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert_eq!(reviewed(dir, "mp"), before);
    }
    let ran = snapshot(dir, "update", "empty", &[]);
    assert!(
        ran.err.ends_with("rvlitmus: snap is left as it is: no test was found\n"),
        "{}",
        ran.err
    );
}

#[test]
fn a_limit_is_no_answer_to_accept() {
    let big = rvlitmus_generate::family("sb").and_then(|sb| sb.test(12)).expect("the family");
    let dir = folder(&[("t/s/big.litmus", &big), ("t/s/a.litmus", STORE)]);
    let dir = dir.path();
    assert_eq!(snapshot(dir, "update", "t", &[]).code, 0);
    let before = reviewed(dir, "s");
    let limit = ["--memory", "1", "--timeout", "0.001"];
    let ran = snapshot(dir, "check", "t", &limit);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("s/big.litmus: was not finished: "), "{}", ran.out);
    assert!(ran.out.ends_with("raise --timeout or --memory\n"), "{}", ran.out);
    assert!(!ran.out.contains("snapshot update"), "{}", ran.out);
    let ran = snapshot(dir, "update", "t", &limit);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("1 reviewed answer of tests that were not finished: kept"),
        "{}",
        ran.err
    );
    assert_eq!(reviewed(dir, "s"), before);
    // What did change is still told and accepted.
    fs::write(dir.join("t/s/a.litmus"), STORE.replace("li x5,1", "li x5,2")).expect("a test");
    let ran = snapshot(dir, "check", "t", &limit);
    assert!(ran.out.contains("snapshot update"), "{}", ran.out);
    assert_eq!(snapshot(dir, "update", "t", &limit).code, 2);
    assert_eq!(snapshot(dir, "check", "t", &[]).code, 0);
}

#[test]
#[cfg(unix)]
fn a_reviewed_file_is_replaced_as_a_whole_or_not_at_all() {
    use std::os::unix::fs::PermissionsExt;
    let dir = folder(&[("t/mp/MP.litmus", MP), ("t/mp/a.litmus", STORE)]);
    let dir = dir.path();
    assert_eq!(snapshot(dir, "update", "t", &[]).code, 0);
    let (path, before) = (dir.join("snap/mp.txt"), reviewed(dir, "mp"));
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&path) & 0o600, 0o600);
    fs::write(dir.join("t/mp/a.litmus"), STORE.replace("li x5,1", "li x5,2")).expect("a test");
    // As on a full disk, no file can be written to.
    let mut full = assert_cmd::Command::new("sh");
    let program = assert_cmd::cargo::cargo_bin("rvlitmus");
    full.current_dir(dir).arg("-c").arg("trap '' XFSZ; ulimit -f 0; exec \"$@\"").arg("sh");
    full.arg(program).args(["snapshot", "update", "t", "--snapshots", "snap"]);
    let output = full.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("snap/mp.txt cannot be written"), "{said}");
    assert_eq!(reviewed(dir, "mp"), before);
    assert_eq!(fs::read_dir(dir.join("snap")).expect("a folder").count(), 1, "something is left");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("a mode");
    assert_eq!(snapshot(dir, "update", "t", &[]).code, 0);
    assert_ne!(reviewed(dir, "mp"), before);
    assert_eq!(mode(&path), 0o640);
}

#[test]
fn many_different_states_are_counted() {
    let dir = folder(&[("t/s/a.litmus", STORE)]);
    let dir = dir.path();
    assert_eq!(snapshot(dir, "update", "t", &[]).code, 0);
    let mut text = reviewed(dir, "s");
    for value in 0..5000 {
        text += &format!("      rvwmo ztso   [x]={value}00\n");
    }
    fs::write(dir.join("snap/s.txt"), text).expect("a snapshot");
    let ran = snapshot(dir, "check", "t", &[]);
    assert_eq!((ran.code, ran.out.lines().count()), (1, 23), "{}", ran.out);
    assert!(
        ran.out.contains("s/a.litmus: and 9980 more that a model no longer allows\n"),
        "{}",
        ran.out
    );
}

/// Whoever reads of it what he likes: the outcome is known before it is printed.
#[test]
fn the_exit_code_does_not_depend_on_the_reader() {
    let dir = folder(&[
        ("t/s/a.litmus", STORE),
        ("a.log", "Test a Allowed\nStates 1\n[x]=0;\nNo\nWitnesses\n"),
    ]);
    let dir = dir.path();
    assert_eq!(snapshot(dir, "update", "t", &[]).code, 0);
    assert_eq!(run(dir, &["run", "-f", "jsonl", "-o", "a.jsonl", "t/s/a.litmus"]).code, 0);
    let reviewed = reviewed(dir, "s").replace("[x]=1", "[x]=7");
    fs::write(dir.join("snap/s.txt"), reviewed).expect("a snapshot");
    for arguments in
        [&["snapshot", "check", "t", "--snapshots", "snap"][..], &["compare", "a.jsonl", "a.log"]]
    {
        assert_eq!(run(dir, arguments).code, 1);
        let program = assert_cmd::cargo::cargo_bin("rvlitmus");
        let mut command = std::process::Command::new(program);
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let status = command.current_dir(dir).args(arguments).stdout(writer).status();
        assert_eq!(status.expect("it runs").code(), Some(1), "{arguments:?}");
    }
}
