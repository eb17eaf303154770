//! What an output file held before is lost to results only, and never to a mistake.

use std::fs;
use std::path::Path;

use crate::support::binary::{Ran, folder, run};

const A: &str = "RISCV a\n{ 0:x6=x; }\n P0 ;\n li x5,1 ;\n sw x5,0(x6) ;\nexists (x=1)\n";
/// The beginning of an earlier report, which may be written over.
const OLD: &str = "{\"schema\":\"rvlitmus/result/2\",\"tests\":[\n";

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

/// Every command that writes a file, with the option that names it last.
const WRITERS: [&[&str]; 7] = [
    &["run", "t", "-o"],
    &["explain", "t", "-o"],
    &["explain", "t", "--svg"],
    &["explain", "t", "--dot"],
    &["rules", "t", "--model", "rvwmo", "-o"],
    &["report", "r.jsonl", "-o"],
    &["measure", "sb", "--most", "2", "--svg"],
];

#[test]
fn what_the_program_did_not_write_is_not_written_over() {
    let dir = files();
    let dir = dir.path();
    run(dir, &["run", "t", "-f", "jsonl", "-o", "r.jsonl"]);
    let notes = "status: complete\nMy notes of a year.\n";
    for writer in WRITERS {
        fs::write(dir.join("notes"), notes).expect("a file");
        let to = |output: &str| run(dir, &[writer, &[output]].concat());
        let ran = to("notes");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{writer:?}");
        let why = "rvlitmus: notes is there, and no output of rvlitmus: it is written over with --force only\n";
        assert_eq!((ran.err.as_str(), read(dir, "notes").as_str()), (why, notes), "{writer:?}");
        assert_eq!(run(dir, &[writer, &["notes", "--force"]].concat()).code, 0, "{writer:?}");
        assert_ne!(read(dir, "notes"), notes, "{writer:?}");
        // What it wrote itself it knows again, and an empty file nobody misses.
        let fresh = read(dir, "notes");
        assert_eq!(to("notes").code, 0, "{writer:?}");
        fs::write(dir.join("notes"), "").expect("a file");
        assert_eq!(
            (to("notes").code, read(dir, "notes").is_empty()),
            (0, fresh.is_empty()),
            "{writer:?}"
        );
        #[cfg(unix)]
        assert_eq!(to("/dev/null").code, 0, "{writer:?}");
    }
    let left: Vec<_> =
        fs::read_dir(dir).expect("a folder").map(|e| e.expect("one").file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".rvlitmus")), "{left:?}");
}

#[test]
fn every_format_is_recognised() {
    let dir = files();
    let dir = dir.path();
    fs::write(dir.join("wrong.litmus"), "RISCV w\n{ }\n P0 ;\n lwx ;\n").expect("a file");
    for tests in ["t", "wrong.litmus", "nodir"] {
        for format in ["table", "markdown", "herd", "json", "jsonl", "junit", "csv"] {
            for brief in [&[][..], &["--brief"], &["--color", "always"]] {
                let common = ["run", tests, "-f", format, "--model", "ztso", "-o", "out"];
                for round in 0..2 {
                    let ran = run(dir, &[&common[..], brief].concat());
                    assert!(
                        !ran.err.contains("--force"),
                        "{round} {tests} {format} {}",
                        read(dir, "out")
                    );
                }
            }
        }
    }
    for format in ["text", "json"] {
        for state in ["0:x5=1", "0:x5=7", "x=1"] {
            for _ in 0..2 {
                let ran = run(dir, &["explain", "t", "-s", state, "-f", format, "-o", "explained"]);
                assert!(!ran.err.contains("--force"), "{} {}", ran.err, read(dir, "explained"));
            }
        }
    }
    for format in ["text", "markdown", "json"] {
        for _ in 0..2 {
            assert_eq!(run(dir, &["rules", "t", "-f", format, "-o", "rules"]).code, 0);
        }
    }
}

#[test]
#[cfg(unix)]
fn one_file_by_any_name_is_one_file() {
    let dir = files();
    let dir = dir.path();
    run(dir, &["run", "t", "-f", "jsonl", "-o", "r.jsonl"]);
    fs::write(dir.join("vm.json"), "{ \"host\": { \"isa\": [\"rv64gc_ztso\"] } }").expect("a file");
    for (input, name) in [("r.jsonl", "hard"), ("t/a.litmus", "test"), ("vm.json", "vm")] {
        fs::hard_link(dir.join(input), dir.join(name)).expect("a link");
        std::os::unix::fs::symlink(input, dir.join(format!("{name}.soft"))).expect("a link");
    }
    let refused = |arguments: &[&str], said: &str| {
        let ran = run(dir, arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.contains(said), "{arguments:?} {}", ran.err);
    };
    for force in [&[][..], &["--force"]] {
        for output in ["r.jsonl", "./r.jsonl", "hard", "hard.soft"] {
            let said = format!("{output} is one of the inputs: it is the file r.jsonl, and is not");
            refused(&[&["report", "r.jsonl", "-o", output], force].concat(), &said);
        }
        for output in ["t/a.litmus", "t/../t/a.litmus", "test", "test.soft"] {
            let said =
                format!("{output} is one of the inputs: it is the file t/a.litmus, and is not");
            for command in ["run", "rules", "explain"] {
                refused(&[&[command, "t", "-o", output], force].concat(), &said);
            }
            for option in ["--svg", "--dot"] {
                refused(&[&["explain", "t", option, output], force].concat(), &said);
            }
        }
        for output in ["vm.json", "vm", "vm.soft"] {
            let said = "is one of the inputs: it is the file vm.json";
            refused(&[&["run", "t", "--vm", "vm.json", "-o", output], force].concat(), said);
            refused(&[&["explain", "t", "--vm", "vm.json", "--svg", output], force].concat(), said);
        }
        fs::write(dir.join("outer"), "@list\n").expect("a file");
        refused(&[&["run", "@outer", "-o", "list"], force].concat(), "it is the file list");
    }
    std::os::unix::fs::symlink("fresh", dir.join("to-fresh")).expect("a link");
    for (first, second) in [("a.svg", "./a.svg"), ("fresh", "to-fresh"), ("x", "t/../x")] {
        let said = format!("{first} and {second} are one file, and two outputs");
        refused(&["explain", "t", "--svg", first, "--dot", second], &said);
        refused(&["explain", "t", "-o", first, "--svg", second], &said);
    }
    // A link to nowhere is followed.
    assert_eq!(run(dir, &["run", "t", "-o", "to-fresh"]).code, 0);
    assert!(read(dir, "fresh").contains("rvwmo") && dir.join("to-fresh").is_symlink());
    // Another name of the file that is replaced keeps what it had.
    fs::hard_link(dir.join("fresh"), dir.join("kept")).expect("a link");
    let kept = read(dir, "kept");
    assert_eq!(run(dir, &["run", "t/a.litmus", "-f", "csv", "-o", "fresh"]).code, 0);
    assert!(read(dir, "fresh").starts_with("path,") && read(dir, "kept") == kept);
}

#[test]
#[cfg(unix)]
fn standard_output_may_be_a_file_too() {
    let dir = files();
    let dir = dir.path();
    let program = assert_cmd::cargo::cargo_bin("rvlitmus");
    let to = |name: &str, arguments: &[&str]| {
        let out =
            fs::File::options().append(true).create(true).open(dir.join(name)).expect("a file");
        let mut command = std::process::Command::new(&program);
        let ran = command.args(arguments).current_dir(dir).stdout(out).output().expect("it runs");
        (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    let (code, said) = to("t/a.litmus", &["run", "t"]);
    assert!(code == Some(2) && said.contains("standard output is one of the inputs"), "{said}");
    assert_eq!(read(dir, "t/a.litmus"), A);
    let (code, said) = to("out", &["explain", "t", "--svg", "out"]);
    assert!(code == Some(2) && said.contains("standard output and out are one file"), "{said}");
    assert_eq!(to("out", &["run", "t", "-o", "out"]).0, Some(0));
    assert!(read(dir, "out").contains("rvwmo"));
    assert_eq!(to("dev", &["run", "t", "-o", "/dev/stdout"]).0, Some(0));
    assert_eq!(read(dir, "dev"), read(dir, "out"));
}

#[test]
fn snapshots_caches_and_resumed_reports_keep_what_is_not_theirs() {
    let dir = files();
    let dir = dir.path();
    fs::create_dir(dir.join("snap")).expect("a folder");
    fs::write(dir.join("snap/(top).txt"), "my notes\n").expect("a file");
    let update = ["snapshot", "update", "t", "--snapshots", "snap"];
    let ran = run(dir, &update);
    assert!(ran.code == 2 && ran.err.contains("no output of rvlitmus"), "{}", ran.err);
    assert_eq!(read(dir, "snap/(top).txt"), "my notes\n");
    assert_eq!(run(dir, &[&update[..], &["--force"]].concat()).code, 0);
    assert_eq!(run(dir, &update).code, 0);

    let ran = run(dir, &["run", "t", "--cache", "empty"]);
    let why = "the cache empty cannot be used: notes.txt is in it, and no answer of rvlitmus";
    assert!(ran.code == 2 && ran.err.contains(why), "{}", ran.err);
    for _ in 0..2 {
        assert_eq!(run(dir, &["run", "t", "--cache", "cache"]).code, 0);
    }

    run(dir, &["run", "t", "-f", "jsonl", "-o", "r"]);
    fs::write(dir.join("r.resume"), "my notes\n").expect("a file");
    let ran = run(dir, &["run", "t", "--resume", "r"]);
    assert!(ran.code == 2 && ran.err.contains("r.resume is in the way"), "{}", ran.err);
    assert_eq!(read(dir, "r.resume"), "my notes\n");
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

#[test]
#[cfg(target_os = "linux")]
fn an_open_pipe_has_a_name_too() {
    let dir = files();
    let ran = run(dir.path(), &["run", "t/a.litmus", "-f", "csv", "-o", "/dev/stdout"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.starts_with("path,name,status"), "{}", ran.out);
}
