//! `docs/reports.md`, `docs/ci.md`, `docs/onereg.md`, `README.md` and `--help` say what the program does.

use std::fs;
use std::path::Path;

use crate::support::binary::{folder, run, rvlitmus};
use rvlitmus_core::answer::Status;

const MP: &str = "RISCV MP\n{ 0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x8=x; }\n P0 | P1 ;\n \
    sw x5,0(x6) | lw x5,0(x6) ;\n sw x5,0(x7) | lw x7,0(x8) ;\nexists (1:x5=1 /\\ 1:x7=0)\n";

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).expect(name)
}

#[test]
fn every_status_is_explained_where_people_look() {
    let page = page("reports.md");
    let help = run(Path::new("."), &["run", "--help"]).out;
    for status in Status::ALL {
        assert!(page.contains(&format!("| `{status}` | ")), "{status} is not in docs/reports.md");
        assert!(help.contains(&format!("\n  {status} ")), "{status} is not in --help");
    }
}

#[test]
fn every_option_of_the_page_exists() {
    let mut helps = String::new();
    for command in ["run", "report", "compare", "snapshot check", "serve", "explain"] {
        let arguments: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        helps += &run(Path::new("."), &arguments).out;
    }
    for name in ["reports.md", "ci.md", "pages.md"] {
        let page = page(name);
        let options = page.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        for option in options
            .filter(|word| word.starts_with("--") && !word.starts_with("---") && word.len() > 2)
        {
            let cargo = ["--release", "--locked", "--manifest-path"].contains(&option);
            assert!(cargo || helps.contains(option), "{name}: {option}");
        }
    }
}

#[test]
fn the_commands_of_the_workflow_run() {
    let page = page("ci.md");
    let yaml = page.split("```yaml\n").nth(1).expect("a workflow").split("```").next().unwrap();
    let commands: Vec<&str> =
        yaml.lines().map(str::trim).filter(|line| line.starts_with("rvlitmus ")).collect();
    assert!(commands.len() >= 4, "{commands:?}");
    let dir = folder(&[("litmus/mp/MP.litmus", MP)]);
    let update = ["snapshot", "update", "litmus", "--snapshots", "snapshots"];
    assert_eq!(run(dir.path(), &update).code, 0);
    for command in &commands {
        let words = command.split(" >> ").next().unwrap().split(' ').skip(1);
        let ran = run(dir.path(), &words.collect::<Vec<_>>());
        assert_eq!(ran.code, 0, "{command}: {}", ran.err);
    }
    // What the page shows of a change is what is printed.
    let snapshot = dir.path().join("snapshots/mp.txt");
    let reviewed = fs::read_to_string(&snapshot).unwrap();
    let stricter = reviewed.replace("rvwmo NO   * 1:x5=1 1:x7=0", "rvwmo ztso * 1:x5=1 1:x7=0");
    assert_ne!(reviewed, stricter, "{reviewed}");
    fs::write(&snapshot, stricter).unwrap();
    let check = commands.iter().find(|command| command.contains("snapshot check")).unwrap();
    let ran = run(dir.path(), &check.split(' ').skip(1).collect::<Vec<_>>());
    assert_eq!(ran.code, 1);
    let file = "::error file=litmus/mp/MP.litmus,title=outcome no longer allowed::";
    assert!(ran.out.contains(file), "{}", ran.out);
    assert!(ran.out.contains("mp/MP.litmus: ztso no longer allows 1:x5=1 1:x7=0\n"), "{}", ran.out);
}

/// Below `    $ rvlitmus ...` stands what it prints, `...` for what is left out.
#[test]
fn what_pages_show_of_commands_is_what_they_print() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut commands = 0;
    for name in ["../README.md", "onereg.md", "ztso-and-your-guest.md", "transcripts.md"] {
        let page = page(name);
        let mut lines = page.lines().peekable();
        while let Some(line) = lines.next() {
            let Some(command) = line.strip_prefix("    $ rvlitmus ") else { continue };
            if command.contains('*') {
                continue;
            }
            commands += 1;
            let printed = run(root, &command.split(' ').collect::<Vec<_>>()).out;
            let shown = |line: &&str| {
                !line.starts_with("    $ ") && (line.starts_with("    ") || line.is_empty())
            };
            while let Some(line) = lines.next_if(shown) {
                let line = line.get(4..).unwrap_or_default();
                let there = line == "..." || printed.lines().any(|l| l.trim_end() == line);
                assert!(there || line.is_empty(), "{name}: `{command}` does not print: {line}");
            }
        }
    }
    assert!(commands >= 6, "{commands}");
}

#[test]
fn tables_of_the_pages_are_whole() {
    for name in ["reports.md", "ci.md"] {
        let page = page(name);
        let mut columns = None;
        for line in page.lines() {
            if line.starts_with('|') {
                let cells = line.matches('|').count();
                assert_eq!(*columns.get_or_insert(cells), cells, "{name}: {line}");
            } else {
                columns = None;
            }
        }
    }
    // The program is what the pages are about.
    assert!(rvlitmus().arg("--version").output().unwrap().status.success());
}
