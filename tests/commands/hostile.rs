//! Tests that ask for more than there is: each ends with a status of its own, soon and in little memory, and
//! the others of the run go on.

use std::fs;
use std::time::{Duration, Instant};

use crate::support::binary::{Ran, folder, ran, run, rvlitmus};

/// One hart that runs these lines; it has `x` and `y` in `x5` and `x7`.
pub(crate) fn one_hart(metadata: &str, lines: impl IntoIterator<Item = String>) -> String {
    let code: String = lines.into_iter().map(|line| format!(" {line} ;\n")).collect();
    format!("RISCV t\n{metadata}{{ x=1; 0:x5=x; 0:x7=y; }}\n P0 ;\n{code}exists (0:x6=0)\n")
}

fn repeated(line: &str, times: usize) -> Vec<String> {
    vec![line.to_owned(); times]
}

/// The status of each test in a csv report, by file.
fn statuses(ran: &Ran) -> Vec<(String, String)> {
    let mut rows = ran.out.lines();
    let head: Vec<&str> = rows.next().expect("a head").split(',').collect();
    let status = head.iter().position(|column| *column == "status").expect("a status");
    let row = |row: &str| {
        let cells: Vec<&str> = row.split(',').collect();
        (cells[0].to_owned(), cells[status].to_owned())
    };
    rows.map(row).collect()
}

/// Runs these tests, an ordinary one behind them, in little time and memory: their statuses.
pub(crate) fn ends(tests: &[(&str, String)], options: &[&str]) -> Vec<String> {
    let dir = folder(&[("zz.litmus", "RISCV zz\n{ }\n P0 ;\n li x6,0 ;\nexists (0:x6=0)\n")]);
    for (name, text) in tests {
        fs::write(dir.path().join(format!("{name}.litmus")), text).unwrap();
    }
    let start = Instant::now();
    let limits = ["run", "-f", "csv", ".", "--model", "rvwmo", "--timeout", "1", "--memory", "64"];
    let ran = run(dir.path(), &[&limits[..], options].concat());
    let most = Duration::from_secs(20 + 10 * tests.len() as u64);
    assert!(start.elapsed() < most, "{:?}", start.elapsed());
    let mut found = statuses(&ran);
    assert_eq!(found.pop(), Some(("zz.litmus".to_owned(), "complete".to_owned())), "{}", ran.err);
    assert_eq!(found.len(), tests.len());
    found.into_iter().map(|(_, status)| status).collect()
}

/// Is it a status of a test that was not answered for its size?
pub(crate) fn gave_up(status: &str) -> bool {
    ["timeout", "memory-limit", "too-large"].contains(&status)
}

#[test]
fn many_forks_on_one_path_end_with_a_status() {
    let branches = |count: usize| {
        one_hart(
            "",
            (0..count).flat_map(|n| {
                [
                    "lw x6,0(x5)".to_string(),
                    format!("beqz x6,L{n}"),
                    "sw x7,0(x5)".to_string(),
                    format!("L{n}:"),
                ]
            }),
        )
    };
    let loops = {
        let mut lines = vec!["A: amoadd.w x6,x7,(x5)".to_owned()];
        for _ in 0..4 {
            lines.extend(["addi x6,x6,-1".to_owned(), "bgtz x6,A".to_owned()]);
        }
        one_hart("", lines)
    };
    let swaps = |count| one_hart("", repeated("amocas.w x6,x8,(x5)", count));
    let tests = [
        ("branches16", branches(16)),
        ("branches64", branches(64)),
        ("loops", loops),
        ("swaps16", swaps(16)),
        ("swaps64", swaps(64)),
    ];
    let jobs: [&[&str]; 2] = [&["--jobs", "1"], &["--jobs", "2"]];
    for jobs in jobs {
        for (status, (name, _)) in ends(&tests, jobs).iter().zip(&tests) {
            assert!(
                gave_up(status) || ["bounded", "complete"].contains(&status.as_str()),
                "{name}: {status}"
            );
        }
    }
}

#[test]
fn long_code_and_endless_loops_end_with_a_status() {
    let tests = [
        (
            "endless",
            one_hart(
                "Unroll=4294967295\n",
                ["L: addi x9,x9,1", "sw x9,0(x5)", "j L"].map(str::to_owned),
            ),
        ),
        (
            "loads",
            one_hart(
                "",
                repeated("lw x6,0(x5)", 1100).into_iter().chain((0..11).flat_map(|n| {
                    [format!("beqz x6,L{n}"), "lw x6,0(x5)".to_string(), format!("L{n}:")]
                })),
            ),
        ),
    ];
    for status in ends(&tests, &[]) {
        assert!(gave_up(&status), "{status}");
    }
}

#[test]
fn sums_of_themselves_are_evaluated_once() {
    let mut lines = vec!["lw x6,0(x5)".to_owned()];
    lines.extend(repeated("add x6,x6,x6", 64));
    lines.push("sd x6,0(x7)".to_owned());
    assert_eq!(ends(&[("dag", one_hart("", lines))], &["--engine", "both"]), ["complete"]);
}

#[test]
fn the_axiomatic_engine_keeps_to_its_memory() {
    let column = |code: [&str; 2]| code.map(str::to_owned);
    let harts = [
        column(["sd x6,1(x5)", "sd x6,3(x5)"]),
        column(["sd x6,1(x5)", "sd x6,2(x5)"]),
        column(["sd x6,2(x5)", "sd x6,3(x5)"]),
        column(["ld x7,1(x5)", "ld x8,2(x5)"]),
    ];
    let rows = [0, 1].map(|row| harts.each_ref().map(|hart| hart[row].clone()).join(" | "));
    let init: String =
        (0..4).map(|hart| format!("{hart}:x5=a; {hart}:x6=0x{0}{0}{0}{0}; ", hart + 1)).collect();
    let text = format!(
        "RISCV bytes\n{{ int64_t a[2]; {init}}}\nP0|P1|P2|P3;\n{};\n{};\nexists (3:x7=1)\n",
        rows[0], rows[1]
    );
    let many: String = (0..4000).map(|hart| format!("{hart}:x5=x; ")).collect();
    let row = |cell: &str| vec![cell; 4000].join("|");
    let heads: Vec<String> = (0..4000).map(|hart| format!("P{hart}")).collect();
    let many = format!(
        "RISCV many\n{{ {many}}}\n{};\n{};\nexists (x=1)\n",
        heads.join("|"),
        row("lw x6,0(x5)")
    );
    for status in ends(&[("bytes", text), ("many", many)], &["--engine", "axiomatic"]) {
        assert!(gave_up(&status) || status == "complete", "{status}");
    }
}

#[test]
fn thousands_of_harts_keep_to_the_limits() {
    let dir = folder(&[]);
    for (family, harts) in [("writers", "3999"), ("sb", "4000")] {
        let name = format!("{family}.litmus");
        let made = run(dir.path(), &["family", family, harts]);
        assert_eq!(made.code, 0, "{}", made.err);
        fs::write(dir.path().join(name), made.out).unwrap();
    }
    let start = Instant::now();
    let ran = run(
        dir.path(),
        &["run", "-f", "csv", ".", "--model", "rvwmo", "--timeout", "1", "--memory", "500"],
    );
    for (name, status) in statuses(&ran) {
        assert!(gave_up(&status), "{name}: {status}");
    }
    assert!(start.elapsed() < Duration::from_secs(90), "{:?}", start.elapsed());
}

#[test]
fn nothing_is_quadratic_in_the_length_of_a_test() {
    const MANY: usize = 30_000;
    let numbers = || 0..MANY;
    let labels = format!(
        "RISCV labels\n{{ 0:x5=x; }}\nP0;\n{}lw x6,0(x5);\nexists (0:x6=0)\n",
        numbers().map(|n| format!("beq x0,x0,L{n};\nL{n}: ;\n")).collect::<String>()
    );
    let locations = format!(
        "RISCV locations\n{{ 0:x5=l7; {} }}\nP0;\nlw x6,0(x5);\nlocations [{}]\nexists (0:x6=7)\n",
        numbers().map(|n| format!("l{n}={n}; ")).collect::<String>(),
        numbers().map(|n| format!("0:x{}; l{n}; ", n % 32)).collect::<String>(),
    );
    let array = format!(
        "RISCV array\n{{ int a[{MANY}]; 0:x5=a; {} }}\nP0;\nlw x6,0(x5);\nexists (a[0]=0 /\\ 0:x6=0)\n",
        numbers().map(|n| format!("a[{n}]={n}; ")).collect::<String>()
    );
    let dir = folder(&[("a.litmus", &labels), ("b.litmus", &locations), ("c.litmus", &array)]);
    let start = Instant::now();
    let ran = run(dir.path(), &["run", "-f", "csv", ".", "--model", "rvwmo"]);
    let found = statuses(&ran);
    assert_eq!(found.len(), 3, "{}", ran.err);
    assert_eq!((found[0].1.as_str(), found[2].1.as_str()), ("complete", "complete"));
    assert!(gave_up(&found[1].1) || found[1].1 == "complete", "{found:?}");
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn a_limit_does_not_depend_on_what_ran_before() {
    let dir = folder(&[]);
    let made = run(dir.path(), &["family", "sb", "12"]);
    fs::write(dir.path().join("sb.litmus"), made.out).unwrap();
    let statuses_of = |models: &str| {
        let limits = ["--memory", "8", "--jobs", "1", "-f", "csv"];
        run(dir.path(), &[&["run", "sb.litmus", "--model", models], &limits[..]].concat()).out
    };
    let alone = ["rvwmo", "ztso"].map(|model| {
        statuses(&Ran { code: 0, out: statuses_of(model), err: String::new() }).remove(0).1
    });
    let both = statuses_of("rvwmo,ztso");
    let both = statuses(&Ran { code: 0, out: both, err: String::new() }).remove(0).1;
    assert!(alone.contains(&both), "{alone:?} {both}");
}

#[test]
fn propositions_of_any_depth_are_read_or_refused() {
    let deep = |open: &str, close: &str| {
        let (open, close) = (open.repeat(100_000), close.repeat(100_000));
        format!("RISCV deep\n{{ }}\nP0;\nli x6,0;\nexists {open}0:x6=0{close}\n")
    };
    let flat = format!(
        "RISCV flat\n{{ }}\nP0;\nli x6,0;\nexists (0:x6=0{})\n",
        " /\\ (0:x6=0 \\/ 0:x6=1)".repeat(20_000)
    );
    let dir = folder(&[
        ("a.litmus", &deep("(", ")")),
        ("b.litmus", &deep("not ", "")),
        ("c.litmus", &deep("true => ", "")),
        ("d.litmus", &flat),
    ]);
    let found = statuses(&run(dir.path(), &["run", "-f", "csv", "--model", "rvwmo", "."]));
    let found: Vec<&str> = found.iter().map(|(_, status)| status.as_str()).collect();
    assert_eq!(found, ["parse-error", "parse-error", "parse-error", "complete"]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_never_ends_is_left() {
    let dir = folder(&[]);
    let ran_ = run(dir.path(), &["run", "/dev/zero", "--memory", "64"]);
    assert_eq!(ran_.code, 2);
    let told = "/dev/zero: memory-limit: cannot be read: it has more than 524288 bytes, which would take \
                more than the memory limit\n";
    assert!(ran_.err.contains(told), "{}", ran_.err);
    let pipe = dir.path().join("pipe.litmus");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if made.is_ok_and(|made| made.success()) {
        let ran_ = ran(rvlitmus().current_dir(dir.path()).args([
            "run",
            "pipe.litmus",
            "--timeout",
            "0.2",
        ]));
        assert_eq!(ran_.code, 2);
        assert!(ran_.err.contains("its end did not come within the time limit"), "{}", ran_.err);
    }
}

#[cfg(unix)]
#[test]
fn links_in_circles_are_left() {
    use std::os::unix::fs::symlink;
    let text = "RISCV t\n{ }\nP0;\nli x6,0;\nexists (0:x6=0)\n";
    let dir = folder(&[("a/t.litmus", text)]);
    for link in ["a/b", "a/c", "a/d"] {
        symlink("../a", dir.path().join(link)).unwrap();
    }
    let ran = run(dir.path(), &["run", "-f", "csv", "--model", "rvwmo", "**/t*.litmus"]);
    assert_eq!(statuses(&ran), [("a/t.litmus".to_owned(), "complete".to_owned())], "{}", ran.err);
}

#[test]
fn a_run_has_a_memory_limit_of_its_own() {
    let dir = folder(&[]);
    let made = run(dir.path(), &["family", "sb", "14"]);
    fs::write(dir.path().join("sb.litmus"), made.out).unwrap();
    let ran = run(
        dir.path(),
        &["run", "sb.litmus", "-f", "csv", "--model", "rvwmo", "--run-memory", "1"],
    );
    if cfg!(target_os = "linux") {
        assert_eq!(statuses(&ran)[0].1, "memory-limit", "{}", ran.err);
    }
}

#[test]
fn a_long_word_is_shown_shortened() {
    let text = format!("RISCV t\n{{ }}\nP0;\n{} x6,x7;\n", "q".repeat(1 << 20));
    let dir = folder(&[("t.litmus", &text)]);
    let ran = run(dir.path(), &["run", "t.litmus"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.len() + ran.out.len() < 1 << 16, "{}", ran.err.len() + ran.out.len());
}

#[test]
fn a_granule_is_bounded_as_on_the_command_line() {
    let text = "RISCV t\nGranule=8192\n{ }\nP0;\nli x6,0;\nexists (0:x6=0)\n";
    let dir = folder(&[("t.litmus", text)]);
    let ran = run(dir.path(), &["run", "t.litmus"]);
    assert!(
        ran.err.contains("`Granule` is a power of two, at most 4096, not `8192`"),
        "{}",
        ran.err
    );
}
