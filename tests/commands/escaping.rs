//! Names, paths and texts of others reach no terminal, CI log, spreadsheet or browser as something that it obeys.

use std::fs;
use std::path::Path;

use crate::support::binary::{Ran, folder, run};

/// Each with something that somebody obeys: a terminal, a CI log, a spreadsheet, Markdown, XML, or the program
/// itself.
const NAMES: [&str; 8] = [
    "::error file=x::a\u{1b}[2J\nb\u{9b}31m.litmus",
    "##[error]c\u{202e}.litmus",
    "=1+1,\"d.litmus",
    "@e\t.litmus",
    "f|``g<img src=x>&.litmus",
    "#h.litmus",
    " i .litmus",
    "\u{7f}\u{2066}j\\n.litmus",
];

const GOOD: &str = "RISCV NAME\n\"\u{1b}[31m\n::error::\"\nKey=\u{1b}::x\n{ 0:x6=x; 1:x6=x; }\n P0 | P1 ;\n \
    li x5,1 | lw x7,0(x6) ;\n sw x5,0(x6) | lw x8,0(x6) ;\nexists (1:x7=1 /\\ 1:x8=1)\n";
const BAD: &str = "RISCV NAME\n{ }\n P0 ;\n l\u{1b}[2J x5\u{202e} ;\n ::error::\u{9b} ;\n";

fn files() -> tempfile::TempDir {
    let dir =
        folder(&[("t/(top)/a.litmus", GOOD), ("t/a.txt/b/c.litmus", GOOD), ("t/a/d.litmus", GOOD)]);
    for (index, name) in NAMES.iter().enumerate() {
        let (_, called) = [("", "::error::x\u{202e}y\u{61c}\u{feff}"), ("", "=n|`m<b>")][index % 2];
        let good = GOOD.replace("NAME", called);
        fs::write(dir.path().join("t").join(name), good).expect("a file");
        let bad = BAD.replace("NAME", called);
        fs::write(dir.path().join("t").join(format!("{index}{name}")), bad).expect("a file");
    }
    dir
}

/// Nothing in a text is obeyed.
fn harmless(text: &str, of: &dyn std::fmt::Debug) {
    let obeyed = |c: char| {
        c != '\n' && c.is_control()
            || matches!(c, '\u{61c}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let found = text.chars().find(|c| obeyed(*c));
    assert_eq!(found, None, "{of:?} {}", text.escape_debug());
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::"), "{of:?} {line}");
        assert!(
            line.trim_start().starts_with(['{', '"']) || !line.contains("##["),
            "{of:?} {line}"
        );
    }
}

fn ran(dir: &Path, arguments: &[&str]) -> Ran {
    let ran = run(dir, arguments);
    harmless(&ran.out, &arguments);
    harmless(&ran.err, &arguments);
    ran
}

#[test]
fn no_output_holds_what_is_obeyed() {
    let dir = files();
    let dir = dir.path();
    for format in ["table", "markdown", "herd", "json", "jsonl", "junit", "csv", "html"] {
        for brief in [&[][..], &["--brief"]] {
            let common = ["run", "t", "-f", format, "--model", "ztso", "--stats"];
            let ran = ran(dir, &[&common[..], brief].concat());
            assert_eq!(ran.code, 2);
            match format {
                "csv" => no_formula(&ran.out),
                "junit" => well_formed(&ran.out),
                "herd" | "json" | "jsonl" | "html" => {}
                _ => assert!(ran.out.contains("\\x3a:error file=x"), "{}", ran.out),
            }
        }
    }
    let ran_table = ran(dir, &["run", "t"]);
    assert!(ran_table.err.contains("l\\x1b[2J x5\\u{202e}"), "{}", ran_table.err);
    for command in ["explain", "rules"] {
        ran(dir, &[command, "t"]);
        ran(dir, &[command, "t", "-f", "json"]);
    }
    ran(dir, &["rules", "t", "-f", "markdown"]);
    ran(
        dir,
        &["explain", "t", "--svg", "a.svg", "--dot", "a.dot", "--model", "ztso", "-o", "a.txt"],
    );
    for drawn in ["a.svg", "a.dot", "a.txt"] {
        harmless(&fs::read_to_string(dir.join(drawn)).expect("a picture"), &drawn);
    }
    well_formed(&fs::read_to_string(dir.join("a.svg")).expect("a picture"));
    ran(dir, &["migrate", "--from", "rv64gc_ztso", "--to", "rv64gc", "t"]);
    for missing in ["::error::\u{1b}", "a\n::error::b", "@::x\u{9b}", "c\u{202e}*"] {
        for command in ["run", "explain", "rules", "report"] {
            assert_eq!(ran(dir, &[command, missing]).code, 2, "{missing:?}");
        }
        ran(dir, &["compare", missing, missing]);
        ran(dir, &["onereg", "replay", missing]);
        ran(dir, &["run", "t", "--vm", missing]);
        ran(dir, &["run", "t", "-o", &format!("no/{missing}")]);
    }
}

#[test]
fn transcripts_and_vm_files_of_others_are_no_better() {
    let text = "\\u001b[2J\\n::error::\\u009b";
    let dir = folder(&[
        (
            "t",
            &format!(
                "{{\"kernel\":\"6.12.1\",\"isa_line\":\"rv64ima\",\"transcripts\":[{{\"name\":\"{text}\",\"steps\":[{{\"get\":\"0x8030000007000034\",\"answer\":\"{text}\"}}]}}]}}"
            ),
        ),
        ("k", &format!("{{\"kernel\":\"{text}\",\"isa_line\":\"{text}\",\"transcripts\":[]}}")),
        ("u", &format!("{{\"{text}\":1}}")),
        ("d", &format!("{{\"host\":{{\"device_tree\":[[\"i\",\"{text}\"]]}}}}")),
        (
            "r",
            &format!(
                "{{\"host\":{{\"isa\":[\"rv64gc\"]}},\"vcpus\":[[{{\"register\":\"{text}\",\"value\":1}}]]}}"
            ),
        ),
        ("a.litmus", GOOD),
    ]);
    for file in ["t", "k", "u", "d", "r"] {
        ran(dir.path(), &["onereg", "replay", file]);
        ran(dir.path(), &["onereg", "list", "--vm", file, "--all"]);
        ran(dir.path(), &["run", "a.litmus", "--vm", file]);
        ran(dir.path(), &["migrate", "--from", file, "--to", file, "a.litmus"]);
    }
}

/// The cells of every row, as spreadsheets take them.
fn no_formula(csv: &str) {
    let (mut cell, mut quoted) = (String::new(), false);
    for character in csv.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
                cell.clear();
            }
            _ => cell.push(character),
        }
    }
    assert!(csv.contains("'=1+1") && csv.contains("'@e"), "{csv}");
}

fn well_formed(xml: &str) {
    let mut reader = quick_xml::Reader::from_str(xml);
    while reader.read_event().expect("XML") != quick_xml::events::Event::Eof {}
    assert!(!xml.contains("<img") && !xml.contains("<b>"), "{xml}");
}

/// What a report holds that somebody else made.
#[test]
fn reports_and_logs_of_others_are_no_better() {
    let text = "\\n::error::\\u001b[31m\\u202e|`<b>&\\u009b ##[error]";
    let test = |satisfies: bool| {
        format!(
            "{{\"schema\":\"rvlitmus/result/2\",\"path\":\"{text}\",\"name\":\"={text}\",\"status\":\"complete\",\
             \"hash\":\"{text}\",\"condition\":{{\"quantifier\":\"exists\",\"proposition\":\"{text}\"}},\
             \"machines\":[{{\"id\":\"rvwmo\",\"status\":\"complete\",\"observation\":\"Always\",\
             \"holds\":{satisfies},\"states\":[{{\"values\":{{\"{text}\":\"{text}{satisfies}\"}},\
             \"satisfies\":{satisfies}}}],\"stats\":{{\"work\":1}}}}]}}\n"
        )
    };
    let other = test(true).replace("true\"", "other\"");
    let dir = folder(&[("a", &test(true)), ("b", &other)]);
    let dir = dir.path();
    fs::write(
        dir.join("log"),
        "Test \u{1b}[2J::x Allowed\nStates 1\n\u{9b}a=\u{202e};\nOk\n\nTest b Allowed\n\u{1b}\n",
    )
    .expect("a file");
    for format in ["table", "markdown", "herd", "json", "jsonl", "junit", "csv", "html"] {
        let ran = ran(dir, &["report", "a", "-f", format]);
        assert_eq!(ran.code, 0, "{format} {}", ran.err);
    }
    let merged = ran(dir, &["report", "a", "b"]);
    assert_eq!(merged.code, 1, "{}", merged.err);
    for (one, other) in [("a", "b"), ("a", "log"), ("log", "a")] {
        for format in ["text", "markdown", "json"] {
            ran(dir, &["compare", one, other, "-f", format]);
        }
    }
}

/// Folders and files of any name have a reviewed answer of their own, and are found again.
#[test]
fn snapshots_hold_every_folder_and_file() {
    let dir = files();
    let dir = dir.path();
    for (index, name) in NAMES.iter().enumerate() {
        fs::remove_file(dir.join("t").join(format!("{index}{name}"))).expect("a file");
    }
    let with = |command: &str, more: &[&str]| {
        run(dir, &[&["snapshot", command, "t", "--snapshots", "s"], more].concat())
    };
    assert_eq!(with("update", &[]).code, 0);
    let checked = with("check", &[]);
    assert_eq!((checked.code, checked.out.as_str()), (0, "11 tests: as reviewed\n"));
    assert!(dir.join("s/(top).txt").is_file() && dir.join("s/%28top).txt").is_file());
    assert!(dir.join("s/a.txt").is_file() && dir.join("s/a%2Etxt/b.txt").is_file());
    for name in ["(top).txt", "a.txt"] {
        harmless(&fs::read_to_string(dir.join("s").join(name)).expect("a snapshot"), &name);
    }
    fs::write(dir.join("s/(top).txt"), "# rvlitmus snapshot of (top): none\n").expect("a file");
    let checked = with("check", &["--github"]);
    assert_eq!(checked.code, 1);
    let (commands, lines): (Vec<&str>, Vec<&str>) =
        checked.out.lines().partition(|line| line.starts_with("::"));
    harmless(&lines.join("\n"), &"the lines for people");
    assert_eq!(commands.len(), NAMES.len());
    for command in commands {
        assert!(
            command.starts_with("::error file=t/") && command.contains(",title=new test::is new")
        );
        harmless(command.trim_start_matches("::"), &"a command");
    }
}

#[test]
fn the_name_of_a_machine_is_harmless_in_every_format() {
    let dir = folder(&[("a.litmus", GOOD)]);
    let report = ran(dir.path(), &["run", "-f", "jsonl", "a.litmus"]).out;
    for id in ["x\\n::error file=a::b\\u001b[31m<img src=x>", "::error::x", "##[error]x\\u202e"] {
        let text = report.replace("\"ztso\"", &format!("\"{id}\""));
        fs::write(dir.path().join("r.jsonl"), text).expect("a report");
        for format in ["table", "markdown", "csv", "junit", "herd"] {
            let shown = run(dir.path(), &["report", "r.jsonl", "-f", format]);
            harmless(&shown.out, &(id, format));
            harmless(&shown.err, &(id, format));
        }
    }
}

#[test]
fn arguments_that_are_not_understood_are_quoted_harmlessly() {
    let dir = folder(&[]);
    let evil = "\u{1b}]0;x\u{7}\u{1b}[2J\u{9b}31m\u{202e}";
    for arguments in [
        &[evil][..],
        &["run", &format!("--{evil}")],
        &["run", "x", "--model", evil],
        &["onereg", "get", evil, "--host", "rv64gc"],
        &["onereg", "vmm", evil, "--host", "rv64gc"],
        &["migrate", "--from", "rv64gc", "--to", "rv64gc", "--vcpus", evil],
    ] {
        let ran = run(dir.path(), arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        harmless(&ran.err, &arguments);
    }
}
