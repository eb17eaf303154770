//! A report that was killed or interrupted while it was written, and gone on with, is the report of one
//! run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::CommandCargoExt;

const TEST: &str = "RISCV a\n{ 0:x6=x; }\n P0 ;\n li x5,1 ;\n sw x5,0(x6) ;\nexists (x=1)\n";

/// Every test of `litmus/` several times over, so that a run takes long enough to be killed.
fn list(dir: &Path, copies: usize) -> String {
    let litmus = Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus");
    let mut names: Vec<String> = Vec::new();
    for copy in 0..copies {
        for entry in walkdir::WalkDir::new(&litmus).sort_by_file_name() {
            let path = entry.expect("litmus/ can be listed").into_path();
            if path.extension().is_some_and(|extension| extension == "litmus") {
                let name = format!("{copy}-{}.litmus", names.len());
                fs::copy(&path, dir.join(&name)).expect("a copy");
                names.push(name);
            }
        }
    }
    let list = dir.join("list");
    fs::write(&list, names.join("\n")).expect("a list");
    format!("@{}", list.display())
}

fn rvlitmus(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("rvlitmus").expect("the binary is built");
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn code(mut command: Command) -> i32 {
    command.status().expect("it runs").code().expect("no signal")
}

/// Shares of a whole run, without a pattern and the same each time: xorshift64.
struct Shares(u64);

impl Shares {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % 1000) as f64 / 1000.0
    }
}

#[test]
fn a_killed_run_is_gone_on_with_byte_for_byte() {
    let dir = tempfile::tempdir().expect("a folder");
    let list = list(dir.path(), 8);
    let (whole, report) = (dir.path().join("whole.jsonl"), dir.path().join("report.jsonl"));
    let begun = Instant::now();
    let path = |path: &PathBuf| path.to_string_lossy().into_owned();
    let expected = code(rvlitmus(&["run", "-f", "jsonl", "-o", &path(&whole), &list]));
    let took = begun.elapsed();
    let whole = fs::read(&whole).expect("the report");
    let resume = || rvlitmus(&["run", "--resume", &path(&report), &list]);
    let (mut shares, mut killed_inside, mut torn) = (Shares(0x9e37_79b9_7f4a_7c15), 0, 0);
    for round in 0..20 {
        // Later rounds kill a run that goes on with one that was killed.
        for _ in 0..=round % 3 {
            let mut child = resume().spawn().expect("it runs");
            std::thread::sleep(took.mul_f64(shares.next()));
            child.kill().expect("it can be killed");
            child.wait().expect("it ends");
            let so_far = fs::read(&report).unwrap_or_default();
            killed_inside += usize::from(!so_far.is_empty() && so_far.len() < whole.len());
            if round % 4 == 0 && so_far.len() > 40 {
                // As a disk may lose the end of what was written.
                fs::write(&report, &so_far[..so_far.len() - 17]).expect("a torn report");
                torn += 1;
            }
        }
        assert_eq!(code(resume()), expected);
        assert!(fs::read(&report).expect("the report") == whole, "round {round} differs");
        assert!(!dir.path().join("report.jsonl.resume").exists());
        fs::remove_file(&report).expect("it can be removed");
    }
    assert!(killed_inside >= 5, "{killed_inside} runs were killed in the middle");
    assert!(torn > 0, "no report was torn");
}

#[test]
fn what_changed_is_run_again_and_nothing_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let test = dir.path().join("a.litmus");
    fs::write(&test, TEST).expect("a test");
    let report = dir.path().join("report.jsonl");
    let run = |options: &[&str]| {
        let mut command = rvlitmus(&["run"]);
        command.args(options).arg("--resume").arg(&report).arg(&test);
        assert_eq!(code(command), 0);
        fs::read_to_string(&report).expect("the report")
    };
    let first = run(&[]);
    let marked =
        || fs::write(&report, first.replace("\"work\":", "\"work\":77")).expect("a report");
    // A line that is recognised is taken as it stands.
    marked();
    assert!(run(&[]).contains("\"work\":77"));
    for options in [&["--unroll", "3"][..], &["--model", "ztso"], &["--hart", "0:+ztso"]] {
        marked();
        assert!(!run(options).contains("\"work\":77"), "{options:?}");
    }
    marked();
    fs::write(&test, TEST.replace("li x5,1", "li x5,2")).expect("a test");
    let changed = run(&[]);
    assert!(changed.contains("\"[x]\":\"2\"") && !changed.contains("\"work\":77"), "{changed}");
}

#[test]
fn what_is_no_report_is_not_written_over() {
    let dir = tempfile::tempdir().expect("a folder");
    let test = dir.path().join("a.litmus");
    fs::write(&test, TEST).expect("a test");
    let other = dir.path().join("notes.md");
    for text in ["# Notes\n", "{\"schema\":\"rvlitmus/result/2\",\"options\":{}}\n"] {
        fs::write(&other, text).expect("a file");
        let mut command = rvlitmus(&["run", "--resume"]);
        command.arg(&other).arg(&test);
        assert_eq!(code(command), 2);
        assert_eq!(fs::read_to_string(&other).expect("the file"), text);
    }
}

/// Waits until a run has written something.
fn begun(report: &Path, child: &mut Child) {
    let start = Instant::now();
    while fs::metadata(report).map_or(0, |metadata| metadata.len()) == 0 {
        assert!(child.try_wait().expect("a child").is_none(), "it ended too early");
        assert!(start.elapsed() < Duration::from_secs(60), "nothing is written");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
#[cfg(unix)]
fn signals_and_the_deadline_end_a_run_in_good_order() {
    let dir = tempfile::tempdir().expect("a folder");
    let list = list(dir.path(), 30);
    let report = dir.path().join("report.jsonl");
    let shown = report.to_string_lossy().into_owned();
    for how in ["INT", "TERM", "deadline"] {
        let _ = fs::remove_file(&report);
        let mut arguments = vec!["run", "--jobs", "1", "-f", "jsonl", "-o", &shown];
        if how == "deadline" {
            arguments.extend(["--deadline", "0.1"]);
        }
        arguments.push(&list);
        let mut child = rvlitmus(&arguments).spawn().expect("it runs");
        if how != "deadline" {
            begun(&report, &mut child);
            let mut kill = Command::new("kill");
            let pid = child.id().to_string();
            assert!(kill.args(["-s", how, &pid]).status().expect("kill runs").success());
        }
        assert_eq!(child.wait().expect("it ends").code(), Some(2), "{how}");
        let text = fs::read_to_string(&report).expect("the report");
        let read = rvlitmus::report::read_report(&text).expect("a report");
        assert!(read.interrupted, "{how}");
        assert!(text.ends_with("{\"schema\":\"rvlitmus/result/2\",\"interrupted\":true}\n"));
        assert!(!read.tests.is_empty(), "{how}");
        let timeouts = text.matches("\"status\":\"timeout\"").count();
        assert_eq!(timeouts, 0, "{how}: a test that was stopped is reported");
    }
    // And such a report is gone on with.
    code(rvlitmus(&["run", "--resume", &shown, &list]));
    let text = fs::read_to_string(&report).expect("the report");
    assert!(!text.contains("interrupted"));
    let copies = dir.path().join("list");
    let names = fs::read_to_string(copies).expect("the list").lines().count();
    assert_eq!(text.lines().count(), names);
}

#[test]
fn what_a_limit_ended_is_run_again_under_another_limit() {
    let dir = tempfile::tempdir().expect("a folder");
    let big = rvlitmus_generate::family("sb").and_then(|sb| sb.test(16)).expect("the family");
    fs::write(dir.path().join("big.litmus"), big).expect("a file");
    fs::write(dir.path().join("a.litmus"), TEST).expect("a file");
    let report = dir.path().join("report.jsonl").to_string_lossy().into_owned();
    let tests = dir.path().to_string_lossy().into_owned();
    let run = |limit: &str| {
        let mut command = rvlitmus(&["run", limit, "--resume", &report, &tests]);
        let err = command.stderr(Stdio::piped()).output().expect("it runs").stderr;
        (String::from_utf8(err).expect("text"), fs::read_to_string(&report).expect("the report"))
    };
    let (_, first) = run("--memory=1");
    let with = |text: &str, status: &str| text.lines().filter(|l| l.contains(status)).count();
    assert_eq!(with(&first, "\"status\":\"memory-limit\""), 1);
    let (said, again) = run("--memory=1");
    assert!(said.contains("2 results of the earlier report were used") && again == first, "{said}");
    let (said, more) = run("--memory=777");
    assert!(said.contains("1 results of the earlier report were used"), "{said}");
    assert_eq!(with(&more, "\"status\":\"complete\""), 2);
    // What is complete stays so.
    assert_eq!(run("--memory=1").1, more);
}
