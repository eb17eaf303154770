//! Parts of a run on several machines, and the report of the whole run that they are merged to.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::binary::{Ran, folder, run};

const TEST: &str = "RISCV a\n{ 0:x6=x; }\n P0 ;\n li x5,1 ;\n sw x5,0(x6) ;\nexists (x=1)\n";

fn litmus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus")
}

/// A folder with so many small tests.
fn many(count: usize) -> tempfile::TempDir {
    let files: Vec<(String, String)> = (0..count)
        .map(|n| (format!("t/{n}.litmus"), TEST.replace(" a\n", &format!(" a{n}\n"))))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    folder(&files)
}

/// Runs `t` in `dir`, and writes to a file.
fn shard(dir: &Path, options: &[&str], report: &str) -> Ran {
    run(dir, &[&["run", "-f", "jsonl", "-o", report, "t"][..], options].concat())
}

fn paths(report: &str) -> Vec<String> {
    report
        .lines()
        .filter_map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            line["path"].as_str().map(str::to_owned)
        })
        .collect()
}

#[test]
fn all_shards_make_the_report_of_one_run() {
    let litmus = litmus();
    let dir = tempfile::tempdir().expect("a folder");
    let path = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
    let (cache, options) = (path("cache"), ["--explain=never", "--cache-from=0", "--cache"]);
    let run_all = |more: &[&str]| {
        let ran = run(&litmus, &[&["run"][..], &options, &[&cache], more, &["."]].concat());
        assert!(ran.code == 0 || ran.code == 2, "{}", ran.err);
        ran
    };
    let formats = ["jsonl", "json", "csv", "table", "junit"];
    let whole = formats.map(|format| run_all(&["-f", format]).out);
    for of in [1, 2, 3, 7, 64] {
        let division = if of == 3 { "count:" } else { "" };
        // The last comes first: the order of the arguments decides nothing.
        let reports: Vec<String> = (1..=of)
            .rev()
            .map(|part| {
                // Either format holds all that is needed.
                let format = if part == 2 { "json" } else { "jsonl" };
                let report = path(&format!("{of}-{part}.{format}"));
                run_all(&[
                    "--shard",
                    &format!("{division}{part}/{of}"),
                    "-f",
                    format,
                    "-o",
                    &report,
                ]);
                report
            })
            .collect();
        let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
        for (format, whole) in formats.iter().zip(&whole) {
            if of == 7 || *format == "jsonl" {
                let merged =
                    run(dir.path(), &[&["report", "--merge", "-f", format], &*reports].concat());
                assert_eq!(merged.code, 0, "{}", merged.err);
                assert!(merged.out == *whole, "{format} of {of} shards differs");
            }
        }
    }
}

#[test]
fn a_shard_that_is_missing_double_or_another_is_named() {
    let dir = many(20);
    let dir = dir.path();
    for part in 1..=4 {
        assert_eq!(
            shard(dir, &["--shard", &format!("{part}/4")], &format!("{part}.jsonl")).code,
            0
        );
    }
    assert_eq!(shard(dir, &["--shard", "count:4/4"], "count.jsonl").code, 0);
    assert_eq!(shard(dir, &["--shard", "4/4", "--unroll", "5"], "unroll.jsonl").code, 0);
    assert_eq!(shard(dir, &[], "whole.jsonl").code, 0);
    let torn = fs::read_to_string(dir.join("4.jsonl")).expect("the report");
    let torn = torn.lines().take(2).map(|line| format!("{line}\n")).collect::<String>();
    fs::write(dir.join("torn.jsonl"), torn).expect("a report");
    fs::write(dir.join("t/new.litmus"), TEST).expect("a test");
    assert_eq!(shard(dir, &["--shard", "4/4"], "new.jsonl").code, 0);
    for (reports, said) in [
        (&["1", "3"][..], "no report is of shards hash:2/4, hash:4/4\n"),
        (&["4", "1", "2"], "no report is of shard hash:3/4\n"),
        (&["1", "2", "3", "4", "2"], "2.jsonl and 2.jsonl are both of shard hash:2/4\n"),
        (
            &["1", "2", "3", "torn"],
            "torn.jsonl: shard hash:4/4 did not come to its end: go on with it by --resume\n",
        ),
        (
            &["1", "2", "3", "whole"],
            "whole.jsonl is not the report of a shard, as `run --shard` writes it in jsonl and json\n",
        ),
        (
            &["1", "2", "3", "count"],
            "1.jsonl and count.jsonl are parts of differently divided tests\n",
        ),
        (&["1", "2", "3", "unroll"], "1.jsonl and unroll.jsonl were run with different options\n"),
        (
            &["1", "2", "3", "new"],
            "1.jsonl and new.jsonl are parts of different runs: a test was added",
        ),
    ] {
        let reports: Vec<String> = reports.iter().map(|report| format!("{report}.jsonl")).collect();
        let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
        let arguments = [&["report", "--merge", "-f", "csv", "-o", "out.csv"], &*reports].concat();
        let merged = run(dir, &arguments);
        assert_eq!(merged.code, 2, "{reports:?}");
        assert!(merged.err.contains(said), "{reports:?}: {}", merged.err);
        assert!(!dir.join("out.csv").exists());
    }
    // One that came to its end is a report like any other, and stays a shard when it is converted.
    let converted = run(dir, &["report", "-f", "jsonl", "2.jsonl"]);
    assert_eq!(converted.out, fs::read_to_string(dir.join("2.jsonl")).expect("the report"));
    let torn = run(dir, &["report", "-f", "csv", "torn.jsonl"]);
    assert_eq!((torn.code, torn.out.lines().count()), (2, 4), "{}", torn.out);
    assert!(torn.err.contains("tests are missing"), "{}", torn.err);
}

#[test]
#[cfg(unix)]
fn more_shards_are_merged_than_files_may_be_open() {
    let dir = many(40);
    let dir = dir.path();
    for part in 1..=40 {
        let options = ["--shard", &format!("count:{part}/40")];
        assert_eq!(shard(dir, &options, &format!("{part}.jsonl")).code, 0);
    }
    assert_eq!(shard(dir, &[], "whole").code, 0);
    let merge = "ulimit -n 30 && exec \"$0\" report --merge -f jsonl -o merged *.jsonl";
    let program = assert_cmd::cargo::cargo_bin("rvlitmus");
    let mut shell = std::process::Command::new("sh");
    let merged = shell.arg("-c").arg(merge).arg(program).current_dir(dir).status();
    assert!(merged.expect("it runs").success());
    assert_eq!(fs::read(dir.join("merged")).expect("it"), fs::read(dir.join("whole")).expect("it"));
}

#[test]
fn what_is_wrong_inside_a_shard_ends_the_merge() {
    let dir = many(12);
    let dir = dir.path();
    for part in ["1", "2"] {
        let options = ["--shard", &format!("count:{part}/2")];
        assert_eq!(shard(dir, &options, &format!("{part}.jsonl")).code, 0);
    }
    let first = fs::read_to_string(dir.join("1.jsonl")).expect("the report");
    let first: Vec<&str> = first.lines().collect();
    let write = |name: &str, lines: &[&str]| {
        fs::write(dir.join(name), lines.join("\n") + "\n").expect("a report");
    };
    let merge = |reports: [&str; 2], more: &[&str]| {
        run(dir, &[&["report", "--merge", "-o", "out"], more, &reports].concat())
    };
    let with = |at: usize, line| {
        let mut lines = first.clone();
        lines[at] = line;
        lines
    };
    let mut swapped = first.clone();
    swapped.swap(2, 3);
    write("swapped.jsonl", &swapped);
    write("double.jsonl", &with(3, first[2]));
    write("broken.jsonl", &with(3, &first[3][..40]));
    write("twice.jsonl", &with(3, first[0]));
    let lacking: Vec<&str> =
        first.iter().enumerate().filter(|(at, _)| *at != 3).map(|(_, line)| *line).collect();
    write("lacking.jsonl", &lacking);
    let renamed = first[3].replacen("\"path\":\"", "\"path\":\"z", 1);
    write("renamed.jsonl", &with(3, &renamed));
    for (report, said) in [
        ("swapped.jsonl", "swapped.jsonl: tests do not say their places in the whole run"),
        ("double.jsonl", "double.jsonl: tests do not say their places in the whole run"),
        ("broken.jsonl", "broken.jsonl is no report: line 4, column 40: "),
        ("twice.jsonl", "twice.jsonl is no report: line 4: another report begins here"),
        ("lacking.jsonl", "lacking.jsonl: its tests are not those that the run wrote"),
        ("renamed.jsonl", "renamed.jsonl: its tests are not those that the run wrote"),
    ] {
        let merged = merge([report, "2.jsonl"], &["-f", "csv"]);
        assert!(merged.code == 2 && merged.err.contains(said), "{report}: {}", merged.err);
        assert!(!dir.join("out").exists());
    }
    // Shards of other harts, or without the reasons, are none of this run.
    for other in ["--hart=0:-zacas", "--explain=never"] {
        let options = ["--shard", "count:1/2", other];
        assert_eq!(shard(dir, &options, "other.jsonl").code, 0);
        let merged = merge(["other.jsonl", "2.jsonl"], &["-f", "csv"]);
        assert!(merged.code == 2 && merged.err.contains("are parts of different runs"));
    }
    // Of two models, the log of one.
    let herd = |more: &[&str]| merge(["2.jsonl", "1.jsonl"], &[&["-f", "herd"], more].concat());
    assert!(herd(&[]).err.contains("a herd log is for one model"));
    assert!(
        herd(&["--model", "sc"])
            .err
            .contains("no report has a result under sc, but under rvwmo, ztso")
    );
    assert!(!dir.join("out").exists());
    assert_eq!(herd(&["--model", "ztso"]).code, 0);
    let log = run(dir, &["run", "-f", "herd", "--model", "ztso", "t"]).out;
    assert_eq!(fs::read_to_string(dir.join("out")).expect("the log"), log);
}

#[test]
fn a_test_that_is_added_or_edited_moves_no_other() {
    let dir = many(40);
    let dir = dir.path();
    let parts = || -> Vec<Vec<String>> {
        let part = |part: usize| {
            assert_eq!(shard(dir, &["--shard", &format!("{part}/3")], "out.jsonl").code, 0);
            paths(&fs::read_to_string(dir.join("out.jsonl")).expect("the report"))
        };
        (1..=3).map(part).collect()
    };
    let before = parts();
    assert_eq!(before.iter().flatten().count(), 40);
    assert!(before.iter().all(|part| part.len() > 4), "{before:?}");
    fs::write(dir.join("t/0-new.litmus"), TEST).expect("a test");
    fs::write(dir.join("t/7.litmus"), TEST.replace("li x5,1", "li x5,2")).expect("a test");
    let mut after = parts();
    after.iter_mut().for_each(|part| part.retain(|path| path != "0-new.litmus"));
    assert_eq!(before, after);
}

#[test]
fn a_shard_may_be_empty_and_is_merged_all_the_same() {
    let dir = many(1);
    let dir = dir.path();
    assert_eq!(shard(dir, &[], "whole.jsonl").code, 0);
    let names = ["1.jsonl", "2.jsonl", "3.jsonl"];
    for (part, name) in (1..).zip(names) {
        let ran = shard(dir, &["--shard", &format!("count:{part}/3")], name);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    }
    let empty = fs::read_to_string(dir.join("2.jsonl")).expect("the report");
    assert_eq!(empty.lines().count(), 2, "{empty}");
    let merged = run(dir, &[&["report", "--merge", "-f", "jsonl"], &names[..]].concat());
    assert_eq!(merged.out, fs::read_to_string(dir.join("whole.jsonl")).expect("the report"));
    // Where there is no test at all, no shard says that it has none.
    fs::remove_file(dir.join("t/0.litmus")).expect("it is there");
    assert_eq!(shard(dir, &["--shard", "1/3"], "1.jsonl").code, 2);
    for (wrong, said) in [
        (&["--shard", "4/3"][..], "of 3 shards there is none with number 4"),
        (&["--shard", "balance:1/3"], "name a report with --balance"),
        (&["--shard", "count:1/3", "--balance", "whole.jsonl"], "--shard count:1/3 counts them"),
        (&["--balance", "whole.jsonl"], "--shard <K/N>"),
    ] {
        let ran = shard(dir, wrong, "out.jsonl");
        assert!(ran.code == 2 && ran.err.contains(said), "{wrong:?}: {}", ran.err);
    }
}

#[test]
fn a_report_is_gone_on_with_as_any_shard_and_as_the_whole() {
    let dir = many(12);
    let dir = dir.path();
    let resume = |options: &[&str]| {
        let ran = run(dir, &[&["run", "--resume", "r.jsonl", "t"][..], options].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        (fs::read_to_string(dir.join("r.jsonl")).expect("the report"), ran.err)
    };
    let part = |part: &str| {
        assert_eq!(shard(dir, &["--shard", part], "part.jsonl").code, 0);
        fs::read_to_string(dir.join("part.jsonl")).expect("the report")
    };
    let (first, second) = (part("1/2"), part("2/2"));
    // A shard that was killed.
    let lines: Vec<&str> = first.lines().collect();
    fs::write(dir.join("r.jsonl"), lines[..3].join("\n") + "\n").expect("a report");
    let (resumed, err) = resume(&["--shard", "1/2"]);
    assert_eq!(resumed, first);
    assert!(err.contains("2 results of the earlier report were used"), "{err}");
    // Another shard: what the report says of others is kept for them.
    let (resumed, err) = resume(&["--shard", "2/2"]);
    assert_eq!(resumed, second);
    assert!(err.contains("are kept in r.jsonl.resume"), "{err}");
    let (resumed, err) = resume(&[]);
    assert_eq!(shard(dir, &[], "whole.jsonl").code, 0);
    assert_eq!(resumed, fs::read_to_string(dir.join("whole.jsonl")).expect("the report"));
    assert!(err.contains("12 results of the earlier report were used"), "{err}");
    assert_eq!(resume(&["--shard", "1/2"]).0, first);
    // An answer of the cache has the place that it has in this run.
    let cached = |options: &[&str]| {
        assert_eq!(
            shard(dir, &[options, &["--cache-from=0", "--cache", "cache"]].concat(), "c.jsonl")
                .code,
            0
        );
        fs::read_to_string(dir.join("c.jsonl")).expect("the report")
    };
    assert_eq!(cached(&["--shard", "1/2"]), first);
    assert_eq!(cached(&[]), fs::read_to_string(dir.join("whole.jsonl")).expect("the report"));
    assert_eq!(cached(&["--shard", "2/2"]), second);
}

#[test]
fn shards_are_balanced_by_what_tests_cost() {
    let dir = many(30);
    let dir = dir.path();
    assert_eq!(shard(dir, &[], "whole.jsonl").code, 0);
    let whole = fs::read_to_string(dir.join("whole.jsonl")).expect("the report");
    // One test costs as much as ten others; one was never run.
    let cost = |path: &str| if path == "3.litmus" { 1000 } else { 100 };
    let earlier: String = whole
        .lines()
        .filter(|line| !line.contains("\"29.litmus\""))
        .map(|line| {
            let path = paths(line).remove(0);
            let (work, more) = line.split_once("\"work\":").expect("figures");
            let rest = more.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{work}\"work\":{}{rest}\n", cost(&path))
        })
        .collect();
    fs::write(dir.join("earlier.jsonl"), earlier).expect("a report");
    let names = ["1.jsonl", "2.jsonl", "3.jsonl"];
    let mut loads = Vec::new();
    for (part, name) in (1..).zip(names) {
        let ran =
            shard(dir, &["--shard", &format!("{part}/3"), "--balance", "earlier.jsonl"], name);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let report = fs::read_to_string(dir.join(name)).expect("the report");
        assert!(report.contains(&format!("\"shard\":\"balance:{part}/3\"")), "{report}");
        let known = paths(&report).into_iter().filter(|path| path != "29.litmus");
        loads.push(known.map(|path| cost(&path)).sum::<i32>());
    }
    assert_eq!(loads.iter().sum::<i32>(), 3800);
    assert!(loads.iter().max().unwrap() - loads.iter().min().unwrap() <= 100, "{loads:?}");
    let merged = run(dir, &[&["report", "--merge", "-f", "jsonl"], &names[..]].concat());
    assert_eq!(merged.out, whole, "{}", merged.err);
    // Another report divides otherwise.
    let options = ["--shard", "3/3", "--balance", "whole.jsonl"];
    assert_eq!(shard(dir, &options, "3.jsonl").code, 0);
    let merged = run(dir, &[&["report", "--merge", "-f", "jsonl"], &names[..]].concat());
    assert!(
        merged.code == 2 && merged.err.contains("balanced by different reports"),
        "{}",
        merged.err
    );
}

#[test]
fn generated_tests_are_divided_as_their_folder_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path();
    let generate = |more: &[&str]| {
        let what =
            ["generate", "--edges", "Rfe,Fre,Wse,PodRR,PodWW,PodWR,PodRW", "--max-edges", "4"];
        let ran = run(dir, &[&what[..], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out
    };
    let all = generate(&["-o", "t"]);
    let mut parts: Vec<String> = Vec::new();
    for part in ["1/2", "2/2"] {
        let made = generate(&["-o", "t", "--shard", part]);
        assert_eq!(shard(dir, &["--shard", part], "r.jsonl").code, 0);
        let report = fs::read_to_string(dir.join("r.jsonl")).expect("the report");
        let mut made: Vec<String> = made.lines().map(str::to_owned).collect();
        made.sort();
        let ran: Vec<String> = paths(&report).iter().map(|path| format!("t/{path}")).collect();
        assert_eq!(made, ran);
        assert!(!made.is_empty());
        parts.extend(made);
    }
    let mut all: Vec<&str> = all.lines().collect();
    all.sort_unstable();
    parts.sort();
    assert_eq!(parts, all);
}

/// The script of the job array, with stand-ins for Slurm: one task is ended before it has begun, and requeued.
#[test]
#[cfg(unix)]
fn the_job_array_goes_on_until_every_shard_is_whole() {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/slurm.sbatch");
    let checked = Command::new("bash").arg("-n").arg(&script).status();
    let Ok(checked) = checked else {
        return eprintln!("there is no bash: the script is not checked");
    };
    assert!(checked.success());
    let dir = many(9);
    let dir = dir.path();
    let program = assert_cmd::cargo::cargo_bin("rvlitmus");
    for (name, text) in [
        ("rvlitmus", format!("exec '{}' \"$@\"", program.display())),
        ("srun", "[ -e kill-$SLURM_ARRAY_TASK_ID ] && exit 143\nexec \"$@\"".to_owned()),
        ("scontrol", "echo \"$@\" >> requeued".to_owned()),
    ] {
        let path = dir.join("bin").join(name);
        fs::create_dir_all(dir.join("bin")).expect("a folder");
        fs::write(&path, format!("#!/bin/bash\n{text}\n")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it may be run");
    }
    let path =
        format!("{}:{}", dir.join("bin").display(), std::env::var("PATH").unwrap_or_default());
    let task = |number: u32, restarts: u32| {
        let mut command = Command::new("bash");
        command.arg(&script).args(["t", "reports"]).current_dir(dir).env("PATH", &path);
        command.env("SLURM_ARRAY_TASK_ID", number.to_string()).env("SLURM_ARRAY_TASK_MAX", "3");
        command.env("SLURM_CPUS_PER_TASK", "1").env("SLURM_ARRAY_JOB_ID", "42");
        command.env("SLURM_RESTART_COUNT", restarts.to_string());
        command.output().expect("it runs").status.code()
    };
    fs::write(dir.join("kill-2"), "").expect("a file");
    assert_eq!([1, 2, 3].map(|number| task(number, 0)), [Some(0), Some(143), Some(0)]);
    assert_eq!(task(2, 20), Some(143));
    assert_eq!(fs::read_to_string(dir.join("requeued")).expect("it was called"), "requeue 42_2\n");
    fs::remove_file(dir.join("kill-2")).expect("it is there");
    assert_eq!(task(2, 1), Some(0));
    assert_eq!(shard(dir, &[], "whole.jsonl").code, 0);
    let reports = [1, 2, 3].map(|number| format!("reports/shard-{number}.jsonl"));
    let reports = reports.each_ref().map(String::as_str);
    let merged = run(dir, &[&["report", "--merge", "-f", "jsonl"], &reports[..]].concat());
    assert_eq!(merged.out, fs::read_to_string(dir.join("whole.jsonl")).expect("the report"));
}
