//! Many tests at once: which are chosen, what is kept, and what is said when something is wrong.

use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use crate::support::binary::{Ran, folder, out, ran, run, rvlitmus};
use assert_cmd::cargo::CommandCargoExt;

const MP: &str = "RISCV MP\n{ 0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x8=x; }\n P0 | P1 ;\n \
    sw x5,0(x6) | lw x5,0(x6) ;\n sw x5,0(x7) | lw x7,0(x8) ;\nexists (1:x5=1 /\\ 1:x7=0)\n";
const SWAP: &str =
    "RISCV swap\n{ 0:x5=1; 0:x6=x; }\n P0 ;\n amoswap.w x7,x5,(x6) ;\nexists (x=1)\n";

fn litmus() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/litmus"))
}

/// The names of the tests in a csv report.
fn names(ran: &Ran) -> Vec<String> {
    let rows = ran.out.lines().skip(1);
    rows.map(|row| row.split(',').next().expect("a path").to_owned()).collect()
}

#[test]
fn tests_are_chosen_by_name_and_by_what_they_use() {
    let dir = folder(&[("a/MP.litmus", MP), ("a/swap.litmus", SWAP), ("b.litmus", "RISCV b\n{")]);
    let chosen = |options: &[&str]| {
        let arguments = [&["run", "-f", "csv", "--model", "rvwmo", "."], options].concat();
        names(&run(dir.path(), &arguments))
    };
    assert_eq!(chosen(&[]), ["a/MP.litmus", "a/swap.litmus", "b.litmus"]);
    assert_eq!(chosen(&["--include", "MP"]), ["a/MP.litmus"]);
    assert_eq!(chosen(&["--include", "a/*", "--exclude", "uses:zaamo"]), ["a/MP.litmus"]);
    assert_eq!(chosen(&["--include", "MP", "--include", "sw*"]), ["a/MP.litmus", "a/swap.litmus"]);
    // That of a test with mistakes cannot be known, so its mistakes are reported.
    assert_eq!(chosen(&["--include", "harts>=2"]), ["a/MP.litmus", "b.litmus"]);
    assert_eq!(chosen(&["--include", "harts>=2", "--exclude", "b"]), ["a/MP.litmus"]);

    let none = run(dir.path(), &["run", "--include", "SB*", "."]);
    assert_eq!((none.code, none.err.as_str()), (2, "rvlitmus: no test was selected\n"));
    let wrong = run(dir.path(), &["run", "--include", "uses:zakas", "."]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("did you mean `zacas`?"), "{}", wrong.err);
}

#[test]
fn patterns_and_lists_name_tests() {
    let dir = folder(&[("a/MP.litmus", MP), ("a/swap.litmus", SWAP), ("notes.txt", "")]);
    fs::write(dir.path().join("utf16"), b"\xff\xfea\0/\0M\0P\0.\0l\0i\0t\0m\0u\0s\0").unwrap();
    let found = |argument: &str| {
        names(&run(dir.path(), &["run", "-f", "csv", "--model", "ztso", argument]))
    };
    assert_eq!(found("*/[Ms]*"), ["a/MP.litmus", "a/swap.litmus"]);
    assert_eq!(found("**/M*"), ["a/MP.litmus"]);
    assert_eq!(found("@utf16"), ["a/MP.litmus"]);
    let mut command = rvlitmus();
    command.current_dir(dir.path()).args(["run", "-f", "csv", "--model", "ztso", "@-"]);
    assert_eq!(
        names(&ran(command.write_stdin("# all\na/s*\na/MP.litmus\n"))),
        ["a/swap.litmus", "a/MP.litmus"]
    );
    for (argument, message) in [
        ("c*", "c*: there is no such file, and as a pattern it matches no test"),
        ("@none", "none: cannot be read: No such file or directory"),
        ("@notes.txt", "notes.txt: the list names no test"),
    ] {
        let ran = run(dir.path(), &["run", argument]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.starts_with(&format!("rvlitmus: {message}")), "{}", ran.err);
    }
}

#[test]
fn a_cache_changes_nothing_and_mends_itself() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let shown = cache.to_string_lossy().into_owned();
    let cached = |format: &str, options: &[&str]| {
        let model = if format == "herd" { "ztso" } else { "rvwmo,ztso" };
        let common = [&["run", "-f", format, "--model", model, "."], options].concat();
        let plain = run(litmus(), &common);
        let with = run(litmus(), &[&common[..], &["--cache", &shown, "--cache-from=0"]].concat());
        assert!(with.out == plain.out, "{format}: the cache changes the report");
        assert_eq!(with.code, plain.code);
        let (used, kept) = with.err.split_once(" answers read back, ").expect(&with.err);
        let number = |text: &str| text.split(' ').find_map(|w| w.parse::<usize>().ok());
        (number(used).expect("a number"), number(kept).expect("a number"))
    };
    let (none, all) = cached("csv", &[]);
    assert!(none == 0 && all > 400, "{all} answers were kept");
    assert_eq!(cached("jsonl", &["--explain=never"]), (all, 0), "neither wants reasons");
    let (used, explained) = cached("jsonl", &[]);
    assert!(explained > 100 && used + explained == all, "{explained} answers lacked reasons");
    for format in ["jsonl", "json", "csv", "junit", "table", "markdown"] {
        assert_eq!(cached(format, &[]), (all, 0), "{format}");
    }
    for options in [["--explain=never"], ["--timeout=77"], ["--memory=77"]] {
        assert_eq!(cached("jsonl", &options), (all, 0), "{options:?} changes no answer");
    }
    // Other models, other answers.
    assert_eq!(cached("herd", &[]).0, 0);
    assert_eq!(cached("herd", &[]).1, 0);

    let entries: Vec<_> = walkdir::WalkDir::new(&cache)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.is_file() && !path.ends_with("CACHEDIR.TAG"))
        .collect();
    let bytes: Vec<_> = entries.iter().map(|path| fs::read(path).unwrap()).collect();
    for (index, path) in entries.iter().enumerate() {
        let mut broken = bytes[index].clone();
        match index % 5 {
            0 => broken.truncate(broken.len() / 2),
            1 => {
                let middle = broken.len() * 3 / 4;
                broken[middle] ^= 1;
            }
            2 => broken.clear(),
            // The right form, another test's answer.
            3 => broken = bytes[(index + 1) % bytes.len()].clone(),
            _ => broken[20] = if broken[20] == b'0' { b'1' } else { b'0' },
        }
        fs::write(path, broken).unwrap();
    }
    assert_eq!(cached("jsonl", &[]), (0, all), "a broken entry was believed");
    assert_eq!(cached("jsonl", &[]), (all, 0));
}

#[test]
fn runs_share_a_cache() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let out = |index: usize| dir.path().join(format!("{index}.jsonl"));
    let running: Vec<_> = (0..4)
        .map(|index| {
            let mut command = Process::cargo_bin("rvlitmus").unwrap();
            command
                .args(["run", "-f", "jsonl", "--cache-from=0", "--cache"])
                .arg(&cache)
                .arg("-o")
                .arg(out(index));
            command.arg(litmus()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    let first = fs::read(out(0)).unwrap();
    assert!((1..4).all(|index| fs::read(out(index)).unwrap() == first));
    let cache = cache.to_string_lossy();
    let again = run(litmus(), &["run", "-f", "jsonl", "--cache-from=0", "--cache", &cache, "."]);
    assert!(again.err.contains(" answers read back, 0 kept"), "{}", again.err);
    assert!(again.out.as_bytes() == first);
}

#[test]
fn only_answers_that_took_a_while_are_cached() {
    let dir = folder(&[("MP.litmus", MP)]);
    let cached = |from: &str| {
        let ran = run(dir.path(), &["run", "--cache", "cache", "--cache-from", from, "MP.litmus"]);
        assert_eq!(ran.code, 0);
        ran.err
    };
    assert_eq!(cached("600000"), "rvlitmus: cache: 0 answers read back, 0 kept\n");
    assert_eq!(cached("0"), "rvlitmus: cache: 0 answers read back, 1 kept\n");
    // What is there is used, whatever it took.
    assert_eq!(cached("600000"), "rvlitmus: cache: 1 answers read back, 0 kept\n");
    // The time is that of all threads that worked on it.
    std::fs::write(dir.path().join("MP.litmus"), out(&["family", "lrsc", "60"])).unwrap();
    assert_eq!(cached("2"), "rvlitmus: cache: 0 answers read back, 1 kept\n");
}

#[test]
fn a_cache_that_cannot_be_is_said() {
    let dir = folder(&[("MP.litmus", MP), ("file", "")]);
    let ran = run(dir.path(), &["run", "--cache", "file/cache", "MP.litmus"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("rvlitmus: the cache file/cache cannot be used: "), "{}", ran.err);
}

#[test]
fn two_tests_of_one_name_are_told() {
    let other = MP.replace("sw x5,0(x7)", "sw x5,0(x6)");
    let dir = folder(&[("a.litmus", MP), ("b.litmus", MP), ("c.litmus", &other)]);
    let ran = run(dir.path(), &["run", "--brief", "--warnings", "hide", "."]);
    assert_eq!(ran.code, 0);
    let warning = "rvlitmus: warning: 1 test has the name of another, different test of this run: MP in c.litmus\n";
    assert_eq!(ran.err, warning);
}

#[test]
fn junk_is_told_briefly() {
    let lines = " foo bar ;\n".repeat(3000);
    let dir =
        folder(&[("many.litmus", &format!("RISCV many\n{{ }}\n P0 ;\n{lines}exists (0:x5=1)\n"))]);
    fs::write(dir.path().join("binary.litmus"), vec![0xb3; 100_000]).unwrap();
    let ran = run(dir.path(), &["run", "-f", "jsonl", "."]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.len() < 4000, "{}", ran.err.len());
    assert!(ran.err.contains("many.litmus: ... and 90 more mistakes"), "{}", ran.err);
    let many: serde_json::Value = serde_json::from_str(ran.out.lines().nth(1).unwrap()).unwrap();
    let also = many["error"]["also"].as_array().unwrap();
    assert_eq!(also.len(), 99, "no more are looked for");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_said_and_a_closed_pipe_is_not() {
    for sink in [&["-o", "/dev/full"][..], &[]] {
        let mut command = Process::cargo_bin("rvlitmus").unwrap();
        command.args(["run", "-f", "jsonl"]).args(sink).arg(litmus());
        if sink.is_empty() {
            let full = fs::File::options().write(true).open("/dev/full").unwrap();
            command.stdout(full);
        }
        let output = command.stderr(Stdio::piped()).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(error.contains("cannot be written: No space left on device"), "{error}");
    }
    let mut command = Process::cargo_bin("rvlitmus").unwrap();
    command.args(["run", "-f", "jsonl"]).arg(litmus());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn folders_of_several_arguments_tell_tests_apart() {
    let dir = folder(&[("x/MP.litmus", MP), ("y/MP.litmus", MP), ("list", "x\ny/MP.litmus\n")]);
    let found = |arguments: &[&str]| {
        names(&run(dir.path(), &[&["run", "-f", "csv", "--model", "ztso"], arguments].concat()))
    };
    let both = ["x/MP.litmus", "y/MP.litmus"];
    assert_eq!(found(&["x"]), ["MP.litmus"]);
    for arguments in [&["x", "y"][..], &["x", "./y/"], &["*"], &["@list"], &["@list", "y"]] {
        let found: Vec<String> =
            found(arguments).iter().map(|path| path.replace("./", "")).collect();
        assert_eq!(found[..2], both, "{arguments:?}");
    }
}

#[test]
#[cfg(unix)]
fn links_to_folders_are_followed() {
    let dir = folder(&[("x/MP.litmus", MP), ("y/swap.litmus", SWAP)]);
    std::os::unix::fs::symlink("../y", dir.path().join("x/more")).unwrap();
    std::os::unix::fs::symlink("../x", dir.path().join("y/back")).unwrap();
    let ran = run(dir.path(), &["run", "-f", "csv", "--model", "ztso", "x"]);
    assert_eq!((ran.code, names(&ran)), (0, vec!["MP.litmus".into(), "more/swap.litmus".into()]));
}

/// The largest resident memory of a run, in KiB, read from the system while it runs.
#[cfg(target_os = "linux")]
pub(crate) fn peak(arguments: &[&str]) -> u64 {
    let mut command = Process::cargo_bin("rvlitmus").unwrap();
    command.args(arguments).stderr(Stdio::null()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(number.unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    peak
}

#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_number_of_tests() {
    let dir = tempfile::tempdir().unwrap();
    // Directories in turn, then as many names of one file as take more memory than is allowed below.
    let list = |times: usize| {
        let path = dir.path().join(format!("{times}"));
        let missing = format!("{}/none.litmus\n", litmus().display());
        let mut text = format!("{}\n", litmus().display()).repeat(times);
        text += &missing.repeat(times * 1000);
        fs::write(&path, text).unwrap();
        format!("@{}", path.display())
    };
    // With several threads results wait for their turn, up to a limit that does not depend on the
    // number of tests either, but on how long the slowest takes.
    let out = dir.path().join("out").to_string_lossy().into_owned();
    for format in ["jsonl", "junit"] {
        let run = |list: &str| peak(&["run", "--jobs", "1", "-f", format, "-o", &out, list]);
        let (few, many) = (run(&list(5)), run(&list(50)));
        let written = fs::metadata(&out).unwrap().len() >> 10;
        assert!(few > 1000, "{few} KiB: the system does not say");
        assert!(written > 12_000, "{written} KiB were written");
        assert!(many < few + 5_000, "{format}: {few} KiB for 5 times the tests, {many} for 50");
    }
}
