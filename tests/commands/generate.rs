//! `rvlitmus generate` from outside.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::binary::{out, refused, rvlitmus};

#[test]
fn a_test_of_a_cycle_goes_straight_into_run() {
    let test = out(&["generate", "--cycle", "Rfe Fence.r.rwdRR Fre Fence.rw.wdWW"]);
    assert_eq!(
        test.replace(env!("CARGO_PKG_VERSION"), "VERSION"),
        "RISCV MP+fence.rw.w+fence.r.rw
\"Fence.rw.wdWW Rfe Fence.r.rwdRR Fre\"
Cycle=Rfe Fence.r.rwdRR Fre Fence.rw.wdWW
Relax=
Safe=Rfe Fre Fence.r.rwdRR Fence.rw.wdWW
Generator=rvlitmus VERSION
Prefetch=0:x=F,0:y=W,1:y=F,1:x=T
Com=Rf Fr
Orig=Fence.rw.wdWW Rfe Fence.r.rwdRR Fre
{
0:x5=1; 0:x6=x; 0:x7=y;
1:x6=y; 1:x8=x;
}
 P0          | P1          ;
 sw x5,0(x6) | lw x5,0(x6) ;
 fence rw,w  | fence r,rw  ;
 sw x5,0(x7) | lw x7,0(x8) ;
exists (1:x5=1 /\\ 1:x7=0)
"
    );
    let ran = rvlitmus().args(["run", "--warnings", "deny", "-"]).write_stdin(test).assert();
    ran.success();
}

#[test]
fn several_tests_go_to_a_folder_whose_list_run_reads() {
    let dir = tempfile::tempdir().expect("a folder");
    let (list, folder) = (dir.path().join("cycles"), dir.path().join("made"));
    fs::write(&list, "# two\nRfe PodRR Fre PodWW\n\nCycle=Rfe PodRW Rfe PodRW\n").expect("written");
    let from = format!("@{}", list.display());
    let folder = folder.to_string_lossy().into_owned();
    let error = refused(&["generate", "--cycle", &from]);
    assert!(error.contains("2 tests do not fit standard output"), "{error}");
    assert_eq!(
        out(&["generate", "--cycle", &from, "--list"]),
        "MP  PodWW Rfe PodRR Fre\nLB  PodRW Rfe PodRW Rfe\n"
    );
    let paths = out(&["generate", "--cycle", &from, "-o", &folder, "--prefix", "p."]);
    assert!(paths.ends_with("p.LB.litmus\n"), "{paths}");
    let ran = rvlitmus().args(["run", "--brief", "@-"]).write_stdin(paths).assert().success();
    let said = String::from_utf8_lossy(&ran.get_output().stdout).into_owned();
    assert!(said.contains("2 tests: 2 complete"), "{said}");
    // What it wrote itself is written over; what somebody else wrote is not.
    out(&["generate", "--cycle", &from, "-o", &folder, "--prefix", "p."]);
    fs::write(Path::new(&folder).join("p.MP.litmus"), "RISCV mine\n").expect("written");
    let error = refused(&["generate", "--cycle", &from, "-o", &folder, "--prefix", "p."]);
    assert!(error.contains("written over with --force only"), "{error}");
}

#[test]
fn wrong_cycles_are_shown_with_their_place() {
    let error = refused(&["generate", "--cycle", "Rfe Fence.r.rwdRR Wse PodWW"]);
    assert_eq!(
        error,
        "error: `Fence.r.rwdRR` and `Wse` do not fit: the first ends with a read, the second begins with a write
 --> --cycle:1:19
  |
1 | Rfe Fence.r.rwdRR Wse PodWW
  |                   ^^^
"
    );
    let error = refused(&["generate", "--cycle", "Rfe Podrr Fre PodWW"]);
    assert!(error.contains("did you mean `PodRR`?"), "{error}");
    let error = refused(&["generate", "--differ", "ztso", "--ops", "3"]);
    assert!(error.contains("--mode minimal is about two models"), "{error}");
    let error = refused(&["generate", "--differ", "ztso,ztso", "--ops", "3"]);
    assert!(error.contains("ztso does not differ from itself"), "{error}");
}

/// The suites of `litmus/` are what `generate` makes with the options of their manifests.
#[test]
fn suites_are_what_their_manifests_say() {
    let litmus = Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus");
    for (folder, prefix) in [
        ("ztso-adds", "ztso-adds."),
        ("separating/rvwmo-r2", "rvwmo-r2."),
        ("separating/rvwmo-r9", "rvwmo-r9."),
        ("separating/sc-failure", "sc-failure."),
    ] {
        let folder = litmus.join(folder);
        let text = fs::read_to_string(folder.join("manifest.json")).expect("a manifest");
        let manifest: Value = serde_json::from_str(&text).expect("JSON");
        let models: Vec<&str> = manifest["models"]
            .as_array()
            .expect("models")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let made = tempfile::tempdir().expect("a folder");
        let to = made.path().to_string_lossy().into_owned();
        out(&[
            "generate",
            "--differ",
            &models.join(","),
            "--ops",
            &manifest["operations"].to_string(),
            "--alphabet",
            manifest["alphabet"].as_str().expect("an alphabet"),
            "--prefix",
            prefix,
            "-o",
            &to,
        ]);
        assert_eq!(files(made.path()), files(&folder), "{}", folder.display());
    }
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).expect("UTF-8");
            // Whatever version made it.
            let lines = text.lines().filter(|line| !line.contains("rvlitmus "));
            (entry.file_name().to_string_lossy().into_owned(), lines.collect())
        })
        .collect()
}

#[test]
fn tests_are_counted() {
    let counts = out(&[
        "generate",
        "--differ",
        "ztso",
        "--mode",
        "forbid",
        "--ops",
        "4",
        "--alphabet",
        "load,store,fence.rw.rw,amo",
        "--count",
    ]);
    assert_eq!(
        counts,
        "ops   1 hart  2 harts  3 harts    total
  2        1        0        0        1
  3        0        2        0        2
  4        0        6        1        7
all                                  10
"
    );
}

#[test]
fn a_suite_is_written_over_and_models_are_those_of_the_tests() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("suite").to_string_lossy().into_owned();
    let arguments = ["generate", "--differ", "ztso,rvwmo", "--ops", "4", "-o", &folder];
    let first = out(&arguments);
    assert_eq!(out(&arguments), first);
    let said = refused(&["generate", "--differ", "x86-tso,sc", "--ops", "4"]);
    assert!(said.contains("x86-tso is no model of RISC-V"), "{said}");
}

#[test]
fn what_is_read_is_not_written_over_and_lists_of_cycles_have_an_end() {
    let dir = tempfile::tempdir().expect("a folder");
    let list = dir.path().join("SB.litmus");
    fs::write(&list, "PodWR Fre PodWR Fre\n").expect("a list");
    let cycle = format!("@{}", list.display());
    let folder = dir.path().to_str().expect("a path");
    let err = refused(&["generate", "--cycle", &cycle, "-o", folder, "--force"]);
    assert!(err.contains("is one of the inputs"), "{err}");
    assert_eq!(fs::read_to_string(&list).expect("the list"), "PodWR Fre PodWR Fre\n");
    let err = refused(&["generate", "--cycle", "Hat Hat"]);
    assert!(err.contains("this cycle has no store"), "{err}");
    let err = refused(&["generate", "--edges", "Rfe,Fre", "--max-edges", "4", "--list"]);
    assert!(err.contains("there is no such test"), "{err}");
    #[cfg(target_os = "linux")]
    {
        let err = refused(&["generate", "--cycle", "@/dev/zero", "--list"]);
        assert!(err.contains("too long") || err.contains("more than"), "{err}");
    }
}
