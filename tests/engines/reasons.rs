//! The reason beside each state that Ztso forbids, however much there is to look at.

use std::path::Path;

use crate::support::corpus::{litmus_files, load};
use assert_cmd::Command;
use rvlitmus_core::axiomatic::explain::{Explainer, Refuter};
use rvlitmus_core::axiomatic::{check, outcomes};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::program::FinalState;

/// A ticket lock around a counter for that many harts, without the fences that RVWMO needs.
fn bare_ticket_lock(harts: usize) -> String {
    let family = rvlitmus(&["family", "ticket", &harts.to_string()], "");
    assert!(family.contains("fence"), "there is something to take away");
    family
        .lines()
        .map(|line| line.split('|').map(bare).collect::<Vec<_>>().join("|") + "\n")
        .collect()
}

fn bare(cell: &str) -> String {
    if cell.contains("fence") && !cell.ends_with(';') {
        " nop ".to_owned()
    } else if cell.contains("fence") {
        " nop ;".to_owned()
    } else {
        cell.replace(".aq", "").replace(".rl", "")
    }
}

fn rvlitmus(arguments: &[&str], input: &str) -> String {
    let mut program = Command::cargo_bin("rvlitmus").expect("the binary is built");
    let output = program.args(arguments).write_stdin(input).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn forbidden(text: &str) -> Vec<serde_json::Value> {
    let line = rvlitmus(&["run", "--format", "jsonl", "-"], text);
    let report: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    report["forbidden_by_ztso"].as_array().expect("a list").clone()
}

#[test]
fn four_harts_at_a_lock_have_reasons_that_rvwmo_lacks() {
    let forbidden = forbidden(&bare_ticket_lock(4));
    assert_eq!(forbidden.len(), 3, "1, 2 or 3 of 4 increments are left");
    for state in &forbidden {
        let rules: Vec<&str> = (state["because"].as_array().expect("steps").iter())
            .map(|step| step["rule"].as_str().expect("a rule"))
            .collect();
        assert!(rules.iter().any(|rule| rule.starts_with("ztso-")), "{state}");
    }
}

#[test]
fn a_reason_that_is_not_found_is_said_to_be_unknown() {
    let test = bare_ticket_lock(6);
    let forbidden = forbidden(&test);
    assert_eq!(forbidden.len(), 5);
    for state in &forbidden {
        let argument = state["argument"].as_str().expect("a line");
        assert!(argument.starts_with("unknown: the search for it ended"), "{argument}");
        assert_eq!(state["because"], serde_json::json!([]));
    }
    let table = rvlitmus(&["run", "-"], &test);
    assert_eq!(table.matches("reason unknown: the search for it").count(), 5, "{table}");
}

/// What Ztso has against the one execution that RVWMO's search finds.
#[test]
fn an_execution_that_rvwmo_allows_is_refuted_with_what_ztso_adds() {
    let options = Options::default();
    let never = || false;
    let mut refuted = 0;
    for path in litmus_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus")) {
        let Ok(program) = load(&path) else { continue };
        let harts = |model| vec![model; program.harts.len()];
        let (weak, strong) = (harts(BaseModel::Rvwmo), harts(BaseModel::Ztso));
        let [allowed, kept] =
            [&weak, &strong].map(|models| outcomes(&program, models, &options, &never));
        let (Ok(allowed), Ok(kept)) = (allowed, kept) else { continue };
        let by_rvwmo = Explainer::new(&program, &weak, &options, &never);
        let by_rvwmo = by_rvwmo.expect("it was small enough before");
        let by_ztso = Refuter::new(&program, &strong, &options);
        for state in allowed.states.iter() {
            let state: FinalState = state.to_owned();
            if kept.states.contains(&state) {
                continue;
            }
            let witness = by_rvwmo.allow(&state, &never).expect("RVWMO allows it");
            let found = by_ztso.refute_execution(&witness, &never);
            let reason = found.reasons.first().expect("Ztso forbids it");
            assert!(reason.beyond_rvwmo, "{}", path.display());
            assert_eq!(check::refutation(&program, &options, &reason.example), Ok(()));
            refuted += 1;
        }
    }
    assert!(refuted >= 150, "{refuted} states that only Ztso forbids");
}
