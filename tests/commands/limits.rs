//! Limits hold from the first byte to the last: what lies between two looks at them is small.

use std::time::{Duration, Instant};

use super::hostile::{ends, gave_up, one_hart};
use crate::support::binary::{folder, run};

/// Stores of five harts and loads of them, which end in many states, with this behind the code.
fn many_states(behind: &str) -> String {
    let harts = |cell: &dyn Fn(usize) -> String| (0..5).map(cell).collect::<Vec<_>>().join(" | ");
    let init: String = (0..5).map(|h| format!("{h}:x6=x; {h}:x5={}; ", h + 1)).collect();
    let names = harts(&|h| format!("P{h}"));
    let (store, load) = (harts(&|_| "sw x5,0(x6)".into()), harts(&|_| "lw x8,0(x6)".into()));
    let again = harts(&|_| "lw x9,0(x6)".into());
    let shown: String = (0..5).map(|h| format!("{h}:x8; {h}:x9; ")).collect();
    format!(
        "RISCV t\n{{ {init}}}\n {names} ;\n {store} ;\n {load} ;\n {again} ;\nlocations [{shown}]\n{behind}\n"
    )
}

#[test]
fn a_long_condition_or_filter_ends_at_the_time_limit() {
    // Each state is compared with all of them.
    let all = (0..42_000).map(|n| format!("x={}", n + 100));
    let never = all.collect::<Vec<_>>().join("\\/");
    let (condition, filter) =
        (format!("exists ({never})"), format!("filter (not ({never}))\nexists (0:x8=1)"));
    let start = Instant::now();
    let tests = [("a", many_states(&condition)), ("b", many_states(&filter))];
    let found = ends(&tests, &[]);
    assert_eq!(found, ["timeout", "timeout"], "{:?}", start.elapsed());
}

#[test]
fn a_text_is_read_within_the_time_limit() {
    let many = |item: &dyn Fn(usize) -> String| (0..50_000).map(item).collect::<String>();
    let test = |init: &str, code: &str, shown: &str, proposition: &str| {
        format!(
            "RISCV t\n{{ 0:x5=x; {init}}}\n P0 ;\n sw x6,0(x5) ;\n{code}locations [x; {shown}]\n\
             exists (0:x6=0{proposition})\n"
        )
    };
    let tests = [
        ("a", test(&many(&|n| format!("v{n}={n}; ")), "", "", "")),
        ("b", test("", &many(&|_| " nop ;\n".into()), "", "")),
        ("c", test("", "", &many(&|n| format!("v{n};")), "")),
        ("d", test("", "", "", &many(&|n| format!(" \\/ 0:x6={n}")))),
    ];
    let dir = folder(&tests.each_ref().map(|(name, text)| (*name, text.as_str())));
    for (name, _) in &tests {
        let ran = run(dir.path(), &["run", name, "--timeout", "0.001"]);
        let told = "timeout: the test's time limit ran out while it was read";
        assert!(ran.code == 2 && ran.err.contains(told), "{name}: {}", ran.err);
    }
}

#[test]
fn what_lies_between_two_looks_at_the_limits_is_small() {
    // Four thousand pieces of memory, of which each state has all; sets of thousands of operations.
    let stores: String = (0..200)
        .map(|n| format!(" sd x1,{0}(x2) | sd x1,{0}(x2) | sd x1,{0}(x2) ;\n", 8 * n))
        .collect();
    let init: String = (0..3).map(|h| format!("{h}:x2=a; {h}:x1={}; ", h + 1)).collect();
    let wide =
        format!("RISCV t\n{{ int64_t a[4096]; {init}}}\n P0 | P1 | P2 ;\n{stores}locations [a;]\n");
    let amos =
        one_hart("Unroll=100000000\n", ["l: amoadd.w x6,x5,(x5)", "bnez x5,l"].map(str::to_owned));
    let dir = folder(&[("wide.litmus", &wide), ("amos.litmus", &amos)]);
    for name in ["wide.litmus", "amos.litmus"] {
        for jobs in ["1", "2"] {
            let path = dir.path().join(name);
            let arguments = ["run", &path.to_string_lossy(), "--memory", "128", "--jobs", jobs];
            let status = run(dir.path(), &arguments);
            assert!(status.err.contains("memory-limit"), "{name}: {}", status.err);
            #[cfg(target_os = "linux")]
            {
                // A tenth more, and what the program itself takes in the profile of the tests.
                let peak = super::batch::peak(&arguments);
                assert!(peak < 156 << 10, "{name}, {jobs} threads: {peak} KiB");
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_told_apart_by_fingerprints_and_said_to_be() {
    let made = run(folder(&[]).path(), &["family", "mixed", "8"]).out;
    let dir = folder(&[("mixed.litmus", &made)]);
    let answer = |options: &[&str]| {
        let arguments = ["run", "mixed.litmus", "--model", "rvwmo", "--jobs", "1"];
        run(dir.path(), &[&arguments, options].concat())
    };
    let machine = |memory| {
        let ran = answer(&["-f", "jsonl", "--memory", memory]);
        let mut test: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
        (test["machines"][0].take(), test["warnings"].take())
    };
    let (small, warnings) = machine("4");
    let (large, none) = machine("64");
    assert_eq!((&small["told_apart"], &large["told_apart"]), (&"fingerprints".into(), &().into()));
    assert_eq!((&small["status"], &small["states"]), (&"complete".into(), &large["states"]));
    assert_eq!((warnings.as_array().map(Vec::len), none), (Some(1), ().into()));
    let said = "under rvwmo states were told apart by 128-bit fingerprints, for want of memory";
    for format in ["table", "markdown", "junit", "csv", "herd"] {
        let ran = answer(&["-f", format, "--memory", "4"]);
        let told = ran.out + &ran.err;
        let words: Vec<&str> = told.split_whitespace().collect();
        assert!(words.join(" ").contains(said), "{format}: {told}");
    }
    // A report that is read says it again, and who wants no such answer refuses it.
    let ran = answer(&["--memory", "4", "-f", "jsonl", "-o", "report.jsonl", "--warnings", "deny"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    let ran = run(dir.path(), &["report", "report.jsonl", "-f", "jsonl"]);
    assert!(ran.out.contains(r#""told_apart":"fingerprints""#), "{}", ran.err);
    let ran = answer(&["--memory", "1"]);
    assert!((ran.out + &ran.err).contains("memory-limit"));
}

#[test]
fn threads_share_one_count_of_bytes() {
    let harts = |cell: &dyn Fn(usize) -> String| (0..6).map(cell).collect::<Vec<_>>().join(" | ");
    let init: String = (0..6)
        .map(|h| format!("{h}:x1={}; {h}:x2=x; {h}:x4=y; {h}:x5={}; ", h + 1, h + 10))
        .collect();
    let round = ["sw x1,0(x2)", "lw x3,0(x4)", "sw x5,0(x4)", "lw x6,0(x2)"];
    let round: String =
        round.iter().map(|line| format!(" {} ;\n", harts(&|_| line.to_string()))).collect();
    let text = format!(
        "RISCV t\n{{ {init}}}\n {} ;\n{}exists (0:x3=1)\n",
        harts(&|h| format!("P{h}")),
        round.repeat(4)
    );
    // Whether it fits is a matter of speed; a count that runs below nothing would be an internal error.
    let found = ends(&[("t", text)], &["--jobs", "2"]);
    assert!(gave_up(&found[0]) || found[0] == "complete", "{found:?}");
}

#[test]
fn models_are_as_many_as_can_be_compared() {
    let test = "RISCV t\n{ }\nP0;\nli x6,0;\nexists (0:x6=0)\n";
    let dir = folder(&[("t.litmus", test)]);
    let rules: Vec<u32> = (1..14).collect();
    let two = |a: &u32| {
        rules
            .iter()
            .filter(move |b| *b > a)
            .map(move |b| format!("rvwmo-r{a}-r{b}"))
            .collect::<Vec<String>>()
    };
    let models = rules.iter().flat_map(two).collect::<Vec<_>>().join(",");
    let ran = run(dir.path(), &["run", "t.litmus", "--model", &models]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("and every two are compared: 60 at most"), "{}", ran.err);
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_that_nobody_reads_is_left_at_the_first_signal() {
    use std::process::Command;
    let dir = folder(&[("t.litmus", "RISCV t\n{ }\nP0;\nli x6,0;\nexists (0:x6=0)\n")]);
    let pipe = dir.path().join("pipe");
    if !Command::new("mkfifo").arg(&pipe).status().is_ok_and(|made| made.success()) {
        eprintln!("skipped: there is no mkfifo");
        return;
    }
    let program = assert_cmd::cargo::cargo_bin("rvlitmus");
    let arguments = ["run", "t.litmus", "-o", "pipe"];
    let child = Command::new(program)
        .current_dir(dir.path())
        .args(arguments)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    std::thread::sleep(Duration::from_millis(500));
    let killed = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("pipe cannot be written: nobody came to read it"), "{said}");
}
