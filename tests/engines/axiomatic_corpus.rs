//! The axiomatic engine against every expected state of the public corpus.

use std::collections::BTreeSet;

use crate::support::corpus::{expected, litmus_files, load, printed, shared};
use rayon::prelude::*;
use rvlitmus_core::axiomatic;
use rvlitmus_core::model::{BaseModel, Options, ZalasrReading};
use rvlitmus_core::program::Completeness;
use rvlitmus_core::program::Limits;

fn agrees(file: &str, model: BaseModel, zalasr: ZalasrReading) {
    let Some(shared) = shared() else { return };
    let corpus = shared.join("corpus/riscv");
    let options = Options { zalasr, ..Options::default() };
    let text = std::fs::read_to_string(corpus.join(file)).expect("expected outcomes");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() >= 6457, "{} tests", lines.len());
    let wrong: Vec<String> = lines
        .par_iter()
        .filter_map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let path = line["path"].as_str().expect("a path");
            let program = load(&corpus.join(path)).expect(path);
            let models = vec![model; program.harts.len()];
            let found = axiomatic::outcomes(&program, &models, &options, Limits::default())
                .expect("no fault");
            let states: BTreeSet<_> =
                found.states.iter().map(|state| printed(&program, &state)).collect();
            let finished =
                matches!(found.completeness, Completeness::Complete | Completeness::Bounded(_));
            let right = states == expected(&line) && finished;
            (!right).then(|| path.to_string())
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn rvwmo() {
    agrees("expected.rvwmo.jsonl", BaseModel::Rvwmo, ZalasrReading::Ratified);
}

#[test]
fn ztso() {
    agrees("expected.ztso.jsonl", BaseModel::Ztso, ZalasrReading::Ratified);
}

#[test]
fn rvwmo_with_rcpc_annotations() {
    agrees("expected.rvwmo.rcpc.jsonl", BaseModel::Rvwmo, ZalasrReading::Rcpc);
}

#[test]
fn ztso_with_rcpc_annotations() {
    agrees("expected.ztso.rcpc.jsonl", BaseModel::Ztso, ZalasrReading::Rcpc);
}

#[test]
fn every_test_without_expected_outcomes_is_finished() {
    let Some(shared) = shared() else { return };
    let mut finished = 0;
    for folder in ["riscv/ATOMICS/CO", "riscv-mixed-size", "riscv/SF_THESIS/HAND"] {
        for path in litmus_files(&shared.join("corpus").join(folder)) {
            let Ok(program) = load(&path) else { continue };
            for model in [BaseModel::Rvwmo, BaseModel::Ztso] {
                let models = vec![model; program.harts.len()];
                let options = Options::default();
                let found = axiomatic::outcomes(&program, &models, &options, Limits::default());
                let found = found.unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
                assert!(!found.states.is_empty(), "{}", path.display());
                assert_eq!(found.completeness, Completeness::Complete, "{}", path.display());
                finished += 1;
            }
        }
    }
    assert!(finished >= 2 * 130, "{finished}");
}
