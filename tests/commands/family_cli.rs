//! `family`, `measure` and `run --stats` from outside.

use std::fs;

use rvlitmus_generate::FAMILIES;
use serde_json::Value;

use crate::support::binary::{out, refused, rvlitmus};

#[test]
fn every_family_is_listed_and_runs() {
    let list = out(&["family"]);
    for family in &FAMILIES {
        assert!(list.contains(family.title), "{list}");
        let test = out(&["family", family.name, "2"]);
        let ran = rvlitmus().args(["run", "--brief", "-"]).write_stdin(test).assert().success();
        let said = String::from_utf8_lossy(&ran.get_output().stdout).into_owned();
        assert!(said.contains("1 test: 1 "), "{said}");
    }
    assert!(list.lines().all(|line| line.len() <= 80), "{list}");
}

/// However many states there are, the path stands apart from their number.
#[test]
fn a_line_of_verdicts_has_its_columns() {
    let bare = out(&["family", "iriw", "8"]).replace("fence r,r", "nop");
    let run = ["run", "--brief", "-"];
    let ran = rvlitmus().args(run).write_stdin(bare).assert().success();
    let said = String::from_utf8_lossy(&ran.get_output().stdout).into_owned();
    assert!(said.contains("\nSometimes     Never         65536, not 30625 -\n"), "{said}");
}

#[test]
fn what_is_no_member_is_refused_with_a_reason() {
    assert!(refused(&["family", "tickets", "3"]).contains("did you mean `ticket`?"));
    assert!(refused(&["family", "nothing", "3"]).contains("`rvlitmus family` lists them"));
    assert!(refused(&["family", "sb", "1"]).contains("2 to 4000 harts, not 1"));
    assert!(refused(&["family", "sb"]).contains("needs a number of harts"));
    assert!(refused(&["measure", "sbb"]).contains("did you mean `sb`?"));
}

#[test]
fn growth_is_measured_in_every_form() {
    let text = out(&["measure", "sb", "lrsc", "--most", "3"]);
    assert_eq!(text.lines().count(), 1 + 2 + 3, "{text}");
    assert!(text.lines().all(|line| line.len() <= 80), "{text}");

    let page = out(&["measure", "sb", "--most", "3", "--format", "markdown"]);
    assert!(page.contains("| sb | 3 | complete |"), "{page}");

    let folder = tempfile::tempdir().expect("a folder");
    let plot = folder.path().join("plot.svg");
    let plot = plot.to_str().expect("UTF-8");
    let json = out(&["measure", "iriw", "--most", "8", "--format", "json", "--svg", plot]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let points = json[0]["points"].as_array().expect("points");
    assert_eq!(points.len(), 8);
    assert_eq!(points[7]["outcomes"], 34_911);
    assert!(points.iter().all(|p| p["end"] == "complete" && p["seconds"].as_f64() > Some(0.0)));
    assert!(fs::read_to_string(plot).expect("a plot").contains("iriw, up to 8"));
}

#[test]
fn figures_go_to_standard_error_and_change_nothing_else() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/litmus/mp");
    let plain = out(&["run", folder]);
    let assert = rvlitmus().args(["run", "--stats", folder]).assert().success();
    let output = assert.get_output();
    assert_eq!(String::from_utf8_lossy(&output.stdout), plain);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    for what in
        ["parse", "explore rvwmo", "explore ztso", "explain", "print", "states branched on "]
    {
        assert!(
            said.contains(&format!("\n  {what} ")) || said.contains(&format!("\n{what}")),
            "{said}"
        );
    }
    assert!(said.lines().all(|line| line.len() <= 80), "{said}");
}
