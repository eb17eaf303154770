//! `docs/explanations.md`, `docs/fences.md` and `docs/moving-x86-code.md` show what the program prints, `docs/rules.md` what removing rules
//! does.
//!
//! `RVLITMUS_UPDATE=1` writes both again, to be reviewed.

use std::fs;
use std::path::PathBuf;

use crate::support::corpus::shared;
use assert_cmd::Command;
use rvlitmus_core::model::Rule;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What the command prints in this folder.
fn printed(command: &str) -> String {
    let words: Vec<String> = words(command);
    let mut program = Command::cargo_bin("rvlitmus").expect("the binary is built");
    let output = program.current_dir(root()).args(&words[1..]).output().expect("it runs");
    // 2: of some tests it is not decided whether they depend on a rule.
    // 1: one of the maps is wrong.
    let codes: &[i32] = match &*words[1] {
        "rules" => &[0, 2],
        "port" => &[0, 1],
        _ => &[0],
    };
    let code = output.status.code().unwrap_or(-1);
    assert!(codes.contains(&code), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The words of a command, with single quotes.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('\'').enumerate();
    let quoted = parts.flat_map(|(index, part)| match index % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
        _ => vec![part.to_owned()],
    });
    quoted.collect()
}

/// The page with what each command `    $ rvlitmus ...` prints below it, in lines indented by four.
/// Gives the number of commands, too.
fn filled_in(page: &str) -> (String, usize) {
    let mut out = String::new();
    let mut commands = 0;
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let Some(command) = line.strip_prefix("    $ ") else { continue };
        commands += 1;
        while lines.next_if(|line| line.is_empty() || line.starts_with("    ")).is_some() {}
        for printed in printed(command).trim_end().lines() {
            let indented = format!("    {printed}");
            out.push_str(indented.trim_end());
            out.push('\n');
        }
        out.push('\n');
    }
    (format!("{}\n", out.trim_end()), commands)
}

fn check(name: &str, current: &str, filled: &str) {
    if std::env::var_os("RVLITMUS_UPDATE").is_some() {
        fs::write(root().join("docs").join(name), filled).expect("docs can be written");
    } else {
        let how = "run RVLITMUS_UPDATE=1 cargo test --test commands docs_explanations, then review";
        assert!(current == filled, "docs/{name} is not what the program prints: {how}");
    }
}

#[test]
fn explanations_are_what_the_program_prints() {
    let page = fs::read_to_string(root().join("docs/explanations.md")).expect("the page");
    let (filled, commands) = filled_in(&page);
    assert!(commands >= 10, "{commands} examples");
    check("explanations.md", &page, &filled);
}

#[test]
fn advice_is_what_the_program_prints() {
    let page = fs::read_to_string(root().join("docs/fences.md")).expect("the page");
    let (filled, commands) = filled_in(&page);
    assert!(commands >= 3, "{commands} examples");
    check("fences.md", &page, &filled);
}

#[test]
fn what_maps_are_worth_is_what_the_program_prints() {
    let page = fs::read_to_string(root().join("docs/moving-x86-code.md")).expect("the page");
    let (filled, commands) = filled_in(&page);
    assert!(commands >= 7, "{commands} examples");
    check("moving-x86-code.md", &page, &filled);
}

#[test]
fn the_table_of_rules_is_current_and_no_rule_is_without_a_test() {
    let table = printed("rvlitmus rules --model rvwmo,ztso,sc,x86-tso --format markdown litmus");
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let counts = row.split('|').skip(2).take(4);
        let total: usize = counts.map(|n| n.trim().parse::<usize>().expect("a count")).sum();
        assert!(total > 0, "no test of litmus/ depends on this rule: {row}");
    }
    let rows = table.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, Rule::ALL.len(), "a row for each rule");
    let page = fs::read_to_string(root().join("docs/rules.md")).expect("the page");
    let mut filled = with_table(&page, "litmus", &table);
    if let Some(shared) = shared() {
        let corpus = shared.join("corpus/riscv");
        let mut program = Command::cargo_bin("rvlitmus").expect("the binary is built");
        program.args(["rules", "--names", "0", "--format", "markdown"]).arg(corpus);
        // One of its tests is none: 2.
        let output = program.assert().code(2).get_output().stdout.clone();
        filled = with_table(&filled, "corpus", &String::from_utf8(output).expect("UTF-8"));
    }
    check("rules.md", &page, &filled);
}

/// The page with another table between the mark of that name and the end.
fn with_table(page: &str, mark: &str, table: &str) -> String {
    let start = format!("<!-- {mark} -->\n");
    let (before, rest) = page.split_once(&start).expect("the table's place");
    let end = rest.find("<!-- end -->").expect("the table's end");
    format!("{before}{start}{table}{}", &rest[end..])
}

#[test]
fn the_pictures_are_what_the_program_draws() {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, test) in [("MP", "mp/MP"), ("ISA2", "isa2/ISA2"), ("IRIW", "iriw/IRIW")] {
        let drawn = dir.path().join("drawn.svg");
        printed(&format!("rvlitmus explain litmus/{test}.litmus --svg {}", drawn.display()));
        let drawn = fs::read_to_string(drawn).expect("a picture");
        let path = format!("pictures/{name}.svg");
        let current = fs::read_to_string(root().join("docs").join(&path)).unwrap_or_default();
        check(&path, &current, &drawn);
    }
}
