//! The reason beside each state that Ztso forbids, however much there is to look at.

use std::path::Path;

use crate::support::corpus::{litmus_files, load};
use assert_cmd::Command;
use rvlitmus_core::axiomatic::explain::{
    Comparison, DifferenceSearch, Machine, ReasonSearch, WitnessSearch,
};
use rvlitmus_core::axiomatic::{check, outcomes};
use rvlitmus_core::model::{BaseModel, Options, Rule, ZalasrReading};
use rvlitmus_core::program::FinalState;
use rvlitmus_core::program::Limits;

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
    report["differences"][0]["states"].as_array().expect("a list").clone()
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
        assert!(state.get("because").is_none(), "{state}");
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
            [&weak, &strong].map(|models| outcomes(&program, models, &options, Limits::default()));
        let (Ok(allowed), Ok(kept)) = (allowed, kept) else { continue };
        let machine = |models| Machine { program: &program, models, options: &options };
        let machines = Comparison { weaker: machine(&weak), stronger: machine(&strong) };
        let by_rvwmo = WitnessSearch::new(machines.weaker, &never);
        let by_rvwmo = by_rvwmo.expect("it was small enough before");
        let by_ztso = ReasonSearch::new(machines);
        for state in allowed.states.iter() {
            let state: FinalState = state.to_owned();
            if kept.states.contains(&state) {
                continue;
            }
            let witness = by_rvwmo.witness(&state, &never).expect("RVWMO allows it");
            let found = by_ztso.of_execution(&witness, &never);
            let reason = found.reasons.first().expect("Ztso forbids it");
            assert!(reason.beyond_weaker, "{}", path.display());
            assert_eq!(check::refutation(&program, &options, &reason.example), Ok(()));
            refuted += 1;
        }
    }
    assert!(refuted >= 150, "{refuted} states that only Ztso forbids");
}

/// A program on a weaker and a stronger machine.
struct Pair {
    models: [BaseModel; 2],
    options: [Options; 2],
}

/// The arguments against all states of this project's tests that only the weaker machine reaches, each
/// with its test's name.
fn arguments(pair: &Pair) -> Vec<(String, String)> {
    let never = || false;
    let mut found = Vec::new();
    for path in litmus_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus")) {
        let Ok(program) = load(&path) else { continue };
        if program.harts.iter().any(|hart| !pair.models[0].is_of(hart.architecture)) {
            continue;
        }
        let harts = pair.models.map(|model| vec![model; program.harts.len()]);
        let [weaker, stronger] = [0, 1].map(|index| Machine {
            program: &program,
            models: &harts[index],
            options: &pair.options[index],
        });
        let reached =
            [weaker, stronger].map(|m| outcomes(&program, m.models, m.options, Limits::default()));
        let [Ok(weak), Ok(strong)] = reached else { continue };
        let machines = Comparison { weaker, stronger };
        let mut search = DifferenceSearch::new(machines, &never);
        let reasons = ReasonSearch::new(machines);
        for state in weak.states.iter().filter(|state| !strong.states.contains(state)) {
            let state: FinalState = state.to_owned();
            let name = format!("{} {state:?}", path.display());
            let argument = search.argument(&state).unwrap_or_else(|why| panic!("{name}: {why}"));
            let all = reasons.of_state(&state, 1_000, &never).expect("small");
            assert!(all.reasons[0].beyond_weaker, "{name}");
            for reason in &all.reasons {
                let checked = check::refutation(&program, stronger.options, &reason.example);
                assert_eq!(checked, Ok(()), "{name}");
                if reason.beyond_weaker && weaker.options.rules != stronger.options.rules {
                    let of_weaker = check::refutation(&program, weaker.options, &reason.example);
                    assert!(of_weaker.is_err(), "{name}: the weaker machine has it, too");
                }
            }
            found.push((name, argument.line));
        }
    }
    found
}

#[test]
fn a_model_without_a_rule_lacks_the_reasons_that_rest_on_it() {
    for (rule, least) in [(Rule::R1, 10), (Rule::R4, 10), (Rule::R9, 3)] {
        let all = Options::default();
        let without = Options { rules: all.rules.without(rule), ..all };
        let pair = Pair { models: [BaseModel::Rvwmo; 2], options: [without, all] };
        let arguments = arguments(&pair);
        for (name, argument) in &arguments {
            let steps: Vec<&str> = argument.split([' ', ';']).collect();
            assert!(steps.contains(&rule.name()), "{name}: {argument}");
        }
        assert!(arguments.len() >= least, "{rule}: {}", arguments.len());
    }
}

#[test]
fn what_only_sequential_consistency_forbids_rests_on_its_program_order() {
    let options = [Options::default(); 2];
    let arguments = arguments(&Pair { models: [BaseModel::Ztso, BaseModel::Sc], options });
    for (name, argument) in &arguments {
        assert!(argument.contains("sc-program-order"), "{name}: {argument}");
    }
    assert!(arguments.len() >= 50, "{}", arguments.len());
}

#[test]
fn another_reading_of_zalasr_lacks_rule_7() {
    let ratified = Options::default();
    let rcpc = Options { zalasr: ZalasrReading::Rcpc, ..ratified };
    let pair = Pair { models: [BaseModel::Rvwmo; 2], options: [rcpc, ratified] };
    let arguments = arguments(&pair);
    for (name, argument) in &arguments {
        assert!(argument.contains("r7 "), "{name}: {argument}");
    }
    assert!(!arguments.is_empty());
}
